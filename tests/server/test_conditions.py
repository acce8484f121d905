"""What is looked for around the engine: each condition opens with its cause and ends without it."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from fix_oms.model import session_reasons
from fix_oms.model.counterparty import Schedule, Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.outputs import Alert, Send
from fix_oms.model.views import SessionView
from fix_oms.server.conditions import (
    CONNECT_S,
    QUIET_LOOKS,
    SLOW_LOOKS,
    BacklogWatch,
    Conditions,
    DiskWatch,
    JournalWatch,
    SegmentWatch,
    SessionWatch,
)
from tests.server.world import World

SECOND = 1_000_000_000
NOON = 1_763_726_400 * SECOND
"""2025-11-21 12:00:00 UTC, a Friday."""
ALPHA = Session(
    name="ALPHA",
    version=FixVersion.FIX44,
    sender_comp_id="US",
    target_comp_id="ALPHA",
    port=20001,
    reconnect_s=5,
    schedule=Schedule(logon="08:00", logout="18:00"),
)
ATTEMPT_S = ALPHA.reconnect_s + CONNECT_S
Found = list[tuple[str, str]]


class Sessions:
    """ALPHA beside its schedule."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now
        self.stood = ("", "", 0)
        self.watch = SessionWatch([ALPHA], lambda: self.now)

    def look(self, state: str, reason: str = "", after_s: int = 1) -> Found:
        """Severity and code after so many seconds more in which it was so."""
        if (state, reason) != self.stood[:2]:
            self.stood = (state, reason, self.now)
        self.now += after_s * SECOND
        view = SessionView(
            name="ALPHA",
            version="FIX.4.4",
            state=state,
            reason=reason,
            since_ns=self.stood[2],
            epoch=1,
            next_in=1,
            next_out=1,
            backing_off=False,
        )
        return [(a.severity, a.code) for a in self.watch.look([view])]


MISSED = [("severe", "session")]
OFF = [("warning", "session_off")]


def test_a_session_that_was_lost_is_missed_at_once() -> None:
    sessions = Sessions()
    sessions.look("ready")
    assert sessions.look("down", "the connection was lost") == MISSED


def test_it_is_missed_until_it_is_ready_and_not_only_logged_on() -> None:
    sessions = Sessions()
    sessions.look("ready")
    assert [sessions.look("down", "cut"), sessions.look("up"), sessions.look("ready")] == [
        MISSED,
        MISSED,
        [],
    ]


def test_at_the_start_it_has_the_time_of_one_attempt() -> None:
    sessions = Sessions()
    sessions.look("down", "not connected yet")
    nobody = "no connection to 127.0.0.1:1"
    looks = [sessions.look("down", nobody, ATTEMPT_S - 1), sessions.look("down", nobody, 2)]
    assert looks == [[], MISSED]


def test_one_that_is_refused_or_lost_before_it_was_ever_seen_ready_is_missed_at_once() -> None:
    assert Sessions().look("down", "Logon refused") == MISSED


@pytest.mark.parametrize("hour", [7, 18])
def test_outside_its_hours_it_is_not_missed(hour: int) -> None:
    sessions = Sessions(NOON + (hour - 12) * 3600 * SECOND)
    assert sessions.look("down", "cut", 600) == []


def test_at_its_opening_it_has_the_time_of_one_attempt() -> None:
    sessions = Sessions(NOON - 4 * 3600 * SECOND - 2 * SECOND)
    closed = sessions.look("down", session_reasons.OUTSIDE_HOURS)
    opening = sessions.look("down", session_reasons.OUTSIDE_HOURS, 2)
    later = sessions.look("down", session_reasons.OUTSIDE_HOURS, ATTEMPT_S + 1)
    assert (closed, opening, later) == ([], [], MISSED)


def test_one_that_was_ready_yesterday_has_it_too() -> None:
    sessions = Sessions(NOON + 6 * 3600 * SECOND - 10 * SECOND)
    sessions.look("ready")
    sessions.look("down", session_reasons.OUTSIDE_HOURS, 3600)
    assert sessions.look("down", "no connection to 127.0.0.1:1", 13 * 3600) == []


def test_while_it_resets_its_numbers_it_is_missed_only_when_that_takes_too_long() -> None:
    sessions = Sessions()
    sessions.look("ready")
    reason = session_reasons.FOR_RESET
    assert [sessions.look("down", reason, s) for s in (ATTEMPT_S, 1)] == [[], MISSED]


@pytest.mark.parametrize(
    ("state", "reason"),
    [("disabled", session_reasons.DISABLED), ("down", session_reasons.LOGGED_OUT)],
)
def test_one_that_an_operator_has_taken_out_is_told_apart(state: str, reason: str) -> None:
    sessions = Sessions()
    sessions.look("ready")
    assert sessions.look(state, reason) == OFF


def test_one_that_is_configured_no_more_is_not_missed() -> None:
    sessions = Sessions()
    sessions.watch = SessionWatch([attrs.evolve(ALPHA, name="OTHER")], lambda: sessions.now)
    assert sessions.look("down", "cut", 600) == []


# -- what is held ----------------------------------------------------------------------------------


def test_what_is_held_holds_once_until_it_has_ended() -> None:
    conditions = Conditions()
    conditions.holds("disk", "/j", "10 MB are free")
    conditions.holds("disk", "/j", "9 MB are free", severity="warning")
    held = [(a.severity, a.text) for a in conditions.now()]
    conditions.ended("disk", "/j")
    conditions.ended("disk", "/j")
    assert (held, conditions.now()) == ([("warning", "9 MB are free")], [])


def test_a_code_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(KeyError):
        Conditions().holds("nonsense", "", "")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([("severe", "clock")], ["clock"]),
        ([("severe", "clock"), ("info", "clock")], []),
        ([("severe", "clock"), ("warning", "clock")], []),
        ([("warning", "anchor")], ["anchor"]),
        ([("warning", "anchor"), ("info", "anchor")], []),
        ([("severe", "anchor")], []),
        ([("severe", "fault")], []),
    ],
)
def test_what_only_alerts_tell_begins_and_ends_with_them(
    told: list[tuple[str, str]], expected: list[str]
) -> None:
    conditions = Conditions()
    for severity, code in told:
        conditions.follow(Alert(severity=severity, code=code, text="x", subject="it"))
    assert [alert.code for alert in conditions.now()] == expected


# -- messages that wait ----------------------------------------------------------------------------


def test_a_message_that_has_waited_for_too_long_makes_a_backlog(world: World) -> None:
    world.peer.may_go.clear()
    sent = Send(session="ALPHA", text="35=D\x01")
    for _ in range(3):
        world.outbox.put(sent, 0, world.clock_ns, world.clock_ns)
    watch = BacklogWatch({"ALPHA": world.outbox}, 5, lambda: world.clock_ns)
    at_once = list(watch.look())
    world.clock_ns += 6 * SECOND
    (late,) = watch.look()
    assert (at_once, late.code, late.text) == (
        [],
        "backlog",
        "3 messages to ALPHA wait to leave, the first for 6 s",
    )


# -- the journal's pace ----------------------------------------------------------------------------


def journal(*looks: tuple[int, int]) -> list[bool]:
    """Whether it is slow at each look, given the longest append and sync in ms."""
    left = iter(looks)

    def slowest() -> tuple[int, int]:
        append, sync = next(left)
        return append * 1_000_000, sync * 1_000_000

    watch = JournalWatch(slowest, 100)
    return [bool(list(watch.look())) for _ in looks]


SLOW, QUICK = (0, 101), (100, 100)


def test_one_slow_sync_is_no_slow_journal() -> None:
    assert journal(*[SLOW, QUICK] * 5) == [False] * 10


def test_it_is_slow_when_it_was_so_several_times_running() -> None:
    assert journal(*[SLOW] * SLOW_LOOKS) == [False] * (SLOW_LOOKS - 1) + [True]


def test_it_is_quick_again_after_a_while() -> None:
    slow = [SLOW] * SLOW_LOOKS
    found = journal(*slow, *[QUICK] * QUIET_LOOKS)
    assert found[SLOW_LOOKS:] == [True] * (QUIET_LOOKS - 1) + [False]


def test_an_append_that_takes_long_counts_as_well() -> None:
    assert journal(*[(101, 0)] * SLOW_LOOKS)[-1]


def test_the_slowest_sync_is_told_once(world: World) -> None:
    world.writer.slowest_sync_ns()
    world.writer.append(world.clock_ns, b"x")
    world.writer.sync()
    assert (world.writer.slowest_sync_ns() > 0, world.writer.slowest_sync_ns()) == (True, 0)


def test_the_slowest_append_is_told_once(world: World) -> None:
    assert (world.runner.slowest_append_ns() > 0, world.runner.slowest_append_ns()) == (True, 0)


# -- the disk --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least_mb", "expected"),
    [(0, []), (1, []), (1 << 50, ["severe"])],
)
def test_a_disk_with_too_little_room_is_told(
    tmp_path: Path, least_mb: int, expected: list[str]
) -> None:
    assert [a.severity for a in DiskWatch(tmp_path, least_mb).look()] == expected


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    (found,) = DiskWatch(tmp_path / "gone", 1).look()
    assert (found.severity, found.text) == ("severe", f"{tmp_path}/gone: No such file or directory")


def test_an_earlier_segment_that_is_removed_is_told_until_it_is_back(tmp_path: Path) -> None:
    names = [f"{index:020d}-2025-11-21.seg" for index in (0, 7, 9)]
    for name in names:
        (tmp_path / name).touch()
    watch = SegmentWatch(tmp_path)
    assert list(watch.look()) == []
    (tmp_path / names[1]).rename(tmp_path / "aside")
    for _ in range(2):
        (found,) = watch.look()
        assert (found.severity, found.code, found.subject) == ("severe", "journal", names[1])
    (tmp_path / "aside").rename(tmp_path / names[1])
    assert list(watch.look()) == []


def test_a_segment_that_begins_is_no_news(tmp_path: Path) -> None:
    watch = SegmentWatch(tmp_path)
    (tmp_path / f"{0:020d}-2025-11-21.seg").touch()
    assert [list(watch.look()) for _ in range(2)] == [[], []]


def test_a_journal_that_is_gone_as_a_whole_is_the_writers_affair(tmp_path: Path) -> None:
    assert list(SegmentWatch(tmp_path / "gone").look()) == []
