"""A machine whose clock is set while the engine runs, or while it does not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fix_oms.engine.alerts import clock_jumped
from fix_oms.journal.follower import records
from fix_oms.journal.segments import listed
from fix_oms.model.errors import FixOmsError
from fix_oms.model.inputs import ClockJumped, Halt, Started, Tick
from fix_oms.server.config_file import load
from fix_oms.server.process import Server
from tests.server.lone import journaled, lone, started, until

SECOND = 1_000_000_000
DAY = 86_400 * SECOND


class Wall:
    """The machine's clock, set by ``set_ns`` against the true one."""

    def __init__(self) -> None:
        self.set_ns = 0

    def __call__(self) -> int:
        return time.time_ns() + self.set_ns


@pytest.mark.parametrize("set_ns", [-3600 * SECOND, 30 * SECOND, 2 * DAY])
def test_a_clock_that_is_set_is_journaled_with_both_times(tmp_path: Path, set_ns: int) -> None:
    wall = Wall()
    with started(lone(tmp_path, wall_ns=wall)):
        wall.set_ns = set_ns
        (told,) = until(lambda: journaled(tmp_path, ClockJumped))
    assert (abs(told.wall_ns - told.engine_ns - set_ns) < SECOND, told.followed) == (
        True,
        set_ns == 30 * SECOND,
    )


def test_after_a_step_back_time_goes_on(tmp_path: Path) -> None:
    wall = Wall()
    with started(lone(tmp_path, wall_ns=wall)) as server:
        wall.set_ns = -DAY
        until(lambda: journaled(tmp_path, ClockJumped))
        for _ in range(2):
            server.runner.submit(Tick())
    *_, first, second, _ = [record.time_ns for record in records(tmp_path / "journal")]
    assert second > first


def test_the_time_at_which_a_record_was_on_disk_is_the_engines_time(tmp_path: Path) -> None:
    wall = Wall()
    with started(lone(tmp_path, durability="power", wall_ns=wall)) as server:
        wall.set_ns = -DAY
        until(lambda: journaled(tmp_path, ClockJumped))
        index = server.runner.stand().records
        server.runner.submit(Halt(by="t", reason="so that something is synced"))
        durable_ns = server._writer.wait_durable(index)
    record = next(iter(records(tmp_path / "journal", index)))
    assert durable_ns >= record.time_ns


def test_a_clock_set_far_forward_begins_no_new_day(tmp_path: Path) -> None:
    wall = Wall()
    with started(lone(tmp_path, wall_ns=wall)) as server:
        wall.set_ns = 2 * DAY
        until(lambda: journaled(tmp_path, ClockJumped))
        wall.set_ns = 0
        until(lambda: len(journaled(tmp_path, ClockJumped)) == 2)
        assert server.failure is None
    assert len(listed(tmp_path / "journal")) == 1


def test_a_start_before_the_last_record_goes_on_from_there_and_tells_it(tmp_path: Path) -> None:
    wall = Wall()
    for set_ns in (0, -100 * SECOND):
        wall.set_ns = set_ns
        with started(lone(tmp_path, wall_ns=wall)):
            pass
    (told,) = journaled(tmp_path, ClockJumped)
    times = [record.time_ns for record in records(tmp_path / "journal")]
    assert (times, told.followed) == (sorted(times), False)


def test_a_start_too_far_before_the_last_record_is_refused_and_changes_nothing(
    tmp_path: Path,
) -> None:
    wall = Wall()
    with started(lone(tmp_path, wall_ns=wall)):
        pass
    held = [path.read_bytes() for _, _, path in listed(tmp_path / "journal")]
    wall.set_ns = -2 * DAY
    with pytest.raises(FixOmsError, match=r"in the future of this machine's clock"):
        lone(tmp_path, wall_ns=wall).start()
    assert [path.read_bytes() for _, _, path in listed(tmp_path / "journal")] == held


def test_who_must_start_at_any_time_starts(tmp_path: Path) -> None:
    wall = Wall()
    with started(lone(tmp_path, wall_ns=wall)):
        pass
    wall.set_ns = -2 * DAY
    config = load(tmp_path / "oms.toml")
    with started(Server(config, wall_ns=wall, at_any_time=True)):
        assert len(journaled(tmp_path, ClockJumped)) == 1


def test_as_far_as_it_is_allowed_to_it_starts(tmp_path: Path) -> None:
    wall = Wall()
    for set_ns in (0, -2 * DAY):
        wall.set_ns = set_ns
        with started(lone(tmp_path, engine="clock_tolerance_s = 200000", wall_ns=wall)):
            pass
    assert [s.run for s in journaled(tmp_path, Started)] == [1, 2]


NOW = 1_763_718_000 * SECOND
ALERTS = [
    (-3600, False, "severe", "3,600.0 s behind the engine's time 20251121-09:40:00.000"),
    (30, True, "warning", "set forward 30.0 s, 20251121-09:40:00.000 to 20251121-09:40:30.000"),
    (7200, False, "severe", "7,200.0 s ahead of the engine's time 20251121-09:40:00.000"),
    (0, True, "info", "agrees with the engine's time again (20251121-09:40:00.000)"),
]


@pytest.mark.parametrize(("seconds", "followed", "severity", "says"), ALERTS)
def test_what_people_are_told_of_it(seconds: int, followed: bool, severity: str, says: str) -> None:
    wall_ns = NOW + seconds * SECOND
    alert = clock_jumped(ClockJumped(wall_ns=wall_ns, engine_ns=NOW, followed=followed))
    assert (alert.severity, alert.code, says in alert.text) == (severity, "clock", True)
