"""A close is given once, when its grace is over, at whatever moment the process was away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.replay import replay
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.model.counterparty import SilentExpiry
from fix_oms.model.messages import Terms
from fix_oms.model.settings_text import from_plain
from fix_oms.model.units import SCALE
from fix_oms.server.closes import Closes, last_close
from fix_oms.server.runner import Runner
from fix_oms.sessions.schedule import SECOND_NS
from tests.engine.desk import plain_settings

POLICY: dict[str, Any] = {
    "by": "ann",
    "close": "16:00",
    "timezone": "America/New_York",
    "grace_s": 900,
}
ORDER = inputs.NewOrder(
    by="tom",
    venue="ALPHA",
    terms=Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=SCALE),
)


def ns(text: str) -> int:
    """UTC. New York is five hours behind in winter: its close is at 21:00."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


def settings(policy: dict[str, Any] | None) -> dict[str, Any]:
    plain = plain_settings()
    if policy is not None:
        plain["sessions"]["ALPHA"] |= {"supports": {"expired": False}, "silent_expiry": policy}
    return plain


class World:
    """One process on the journal of a directory, in virtual time."""

    def __init__(self, writer: JournalWriter, directory: Path, policy: dict[str, Any] | None):
        self.directory = directory
        self.now = 0
        engine = Engine()
        found = replay(directory, engine)
        self.runner = Runner(
            engine,
            writer,
            clock_ns=lambda: self.now,
            last_ns=found.last_ns,
            alert=lambda _: None,
            failed=lambda error: pytest.fail(str(error)),
        )
        plain = settings(policy)
        self.started = inputs.Started(run=engine.run + 1, version="test", settings=plain)
        sessions = from_plain(plain, "oms.toml").sessions.values()
        self.closes = Closes(sessions, self.runner, clock_ns=lambda: self.now)

    def at(self, text: str, *values: inputs.Input) -> None:
        """Time moves on, something may happen, and the timer looks."""
        self.now = ns(text)
        for value in values:
            self.runner.submit(value)
        self.closes.tick()

    def ready_at(self, text: str) -> None:
        up = inputs.SessionUp(session="ALPHA"), inputs.SessionReady(session="ALPHA")
        self.at(text, *up)

    def state_of(self, order: str) -> str:
        view = self.runner.read(lambda shown: shown.order_view(order))
        assert view is not None
        return str(view.ord_status)

    def given(self) -> list[str]:
        """The closes in the journal, as UTC."""
        found = (inputs.decode(r.payload) for r in records(self.directory))
        closes = [v.closed_ns for v in found if isinstance(v, inputs.DayClosed)]
        return [datetime.fromtimestamp(c // SECOND_NS, UTC).strftime("%a %H:%M") for c in closes]


@contextmanager
def process(directory: Path, start: str, policy: dict[str, Any] | None = POLICY) -> Iterator[World]:
    with JournalWriter.open(
        directory, durability="process", now_ns=ns(start), day=start[:10]
    ) as writer:
        world = World(writer, directory, policy)
        world.at(start, world.started)
        yield world


MONDAY, TUESDAY = "2024-01-08T", "2024-01-09T"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Ready since Monday 09:00 in New York, the close of Friday given, with an order in doubt."""
    with process(tmp_path, MONDAY + "13:59:00") as made:
        made.ready_at(MONDAY + "14:00:00")
        made.at(MONDAY + "14:15:00", ORDER)
        assert made.given() == ["Fri 21:00"]
        yield made


def test_a_close_is_given_when_its_grace_is_over(world: World) -> None:
    world.at(MONDAY + "21:14:59")
    before = world.given()
    world.at(MONDAY + "21:15:00")
    assert (before, world.given()) == (["Fri 21:00"], ["Fri 21:00", "Mon 21:00"])


def test_a_close_ends_the_orders_of_its_day(world: World) -> None:
    world.at(MONDAY + "21:14:59")
    before = world.state_of("1-1")
    world.at(MONDAY + "21:15:00")
    assert (before, world.state_of("1-1")) == ("A", "C")


def test_a_close_says_who_set_the_policy_and_when_its_grace_ended(world: World) -> None:
    world.at(MONDAY + "21:30:00")
    last = inputs.decode(list(records(world.directory))[-1].payload)
    assert last == inputs.DayClosed(
        session="ALPHA",
        closed_ns=ns(MONDAY + "21:00:00"),
        ended_ns=ns(MONDAY + "21:15:00"),
        by="ann",
    )


def test_a_close_is_given_once(world: World) -> None:
    for minute in range(15, 60):
        world.at(f"{MONDAY}21:{minute}:00")
    assert world.given() == ["Fri 21:00", "Mon 21:00"]


def test_each_trading_day_has_its_close(world: World) -> None:
    for day in range(8, 16):
        world.at(f"2024-01-{day:02d}T22:00:00")
    expected = ["Fri 21:00", "Mon 21:00", "Tue 21:00", "Wed 21:00", "Thu 21:00", "Fri 21:00"]
    assert world.given() == [*expected, "Mon 21:00"]


def test_a_session_that_is_away_over_the_close_has_its_grace_when_it_is_back(
    world: World,
) -> None:
    world.at(MONDAY + "20:59:00", inputs.SessionDown(session="ALPHA", reason="cut"))
    world.at(MONDAY + "23:00:00")
    world.ready_at(TUESDAY + "13:00:00")
    world.at(TUESDAY + "13:14:59")
    before = world.given()
    world.at(TUESDAY + "13:15:00")
    assert (before, world.given()) == (["Fri 21:00"], ["Fri 21:00", "Mon 21:00"])


def test_a_restart_repeats_no_close(tmp_path: Path) -> None:
    with process(tmp_path, MONDAY + "14:00:00") as first:
        first.ready_at(MONDAY + "14:00:00")
        first.at(MONDAY + "21:15:00")
        assert first.given() == ["Mon 21:00"]
    with process(tmp_path, MONDAY + "21:16:00") as second:
        second.ready_at(MONDAY + "21:17:00")
        second.at(MONDAY + "23:00:00")
        assert second.given() == ["Mon 21:00"]


def test_a_close_while_the_process_was_down_is_given_after_the_start(tmp_path: Path) -> None:
    with process(tmp_path, MONDAY + "14:00:00") as first:
        first.ready_at(MONDAY + "14:00:00")
        first.at(MONDAY + "14:01:00", ORDER)
    with process(tmp_path, TUESDAY + "12:00:00") as second:
        second.ready_at(TUESDAY + "13:00:00")
        second.at(TUESDAY + "13:14:59")
        before = second.state_of("1-1")
        second.at(TUESDAY + "13:15:00")
        assert (before, second.state_of("1-1"), second.given()) == ("A", "C", ["Mon 21:00"])


def test_of_several_closes_while_the_process_was_down_the_last_is_given(tmp_path: Path) -> None:
    with process(tmp_path, MONDAY + "14:00:00") as first:
        first.ready_at(MONDAY + "14:00:00")
        first.at(MONDAY + "14:01:00", ORDER)
    with process(tmp_path, "2024-01-11T12:00:00") as second:
        second.ready_at("2024-01-11T13:00:00")
        second.at("2024-01-11T13:30:00")
        assert (second.state_of("1-1"), second.given()) == ("C", ["Wed 21:00"])


def test_without_the_policy_no_close_is_given_and_doubt_stays_doubt(tmp_path: Path) -> None:
    with process(tmp_path, MONDAY + "14:00:00", None) as world:
        world.ready_at(MONDAY + "14:00:00")
        world.at(MONDAY + "14:01:00", ORDER)
        for day in range(8, 20):
            world.at(f"2024-01-{day:02d}T22:00:00")
            world.runner.tick(inputs.Tick())
        view = world.runner.read(lambda shown: shown.order_view("1-1"))
        assert view is not None
        assert (world.given(), view.ord_status, view.in_doubt) == ([], "A", True)


def test_the_replay_of_closes_is_the_live_state(world: World) -> None:
    world.at(MONDAY + "21:15:00")
    again = Engine()
    replay(world.directory, again)
    live = world.runner.read(lambda shown: shown.hash())
    assert again.shown(world.now).hash() == live


# -- which close is the last -----------------------------------------------------------------------

LONDON = {"timezone": "Europe/London", "close": "16:30", "weekdays": (0, 1, 2, 3, 4)}
HOLIDAYS = ("2024-12-25", "2024-12-26")


@pytest.mark.parametrize(
    ("policy", "now_utc", "expected"),
    [
        ({}, "2024-01-08T21:00:00", "01-08T21:00"),
        ({}, "2024-01-08T20:59:59", "01-05T21:00"),  # Monday before the close: Friday's
        ({}, "2024-01-07T12:00:00", "01-05T21:00"),  # Sunday
        ({}, "2024-01-06T03:00:00", "01-05T21:00"),  # Saturday in UTC, Friday in New York
        ({}, "2024-07-08T20:00:00", "07-08T20:00"),  # summer time: an hour earlier in UTC
        ({"weekdays": (6,)}, "2024-01-08T21:00:00", "01-07T21:00"),
        ({"close": "16:00:30"}, "2024-01-08T21:00:29", "01-05T21:00"),
        (LONDON | {"holidays": HOLIDAYS}, "2024-12-26T20:00:00", "12-24T16:30"),
        (LONDON, "2024-12-26T20:00:00", "12-26T16:30"),
        ({"timezone": "Asia/Tokyo", "close": "15:30"}, "2024-01-09T00:00:00", "01-08T06:30"),
        ({"close": "02:30", "weekdays": (6,)}, "2024-03-10T12:00:00", "03-10T07:30"),  # skipped
        ({"close": "01:30", "weekdays": (6,)}, "2024-11-03T12:00:00", "11-03T05:30"),  # twice
    ],
)
def test_the_last_close_is_read_on_the_counterpartys_own_clock(
    policy: dict[str, Any], now_utc: str, expected: str
) -> None:
    made = SilentExpiry(**(POLICY | policy))
    found = last_close(made, ZoneInfo(made.timezone), ns(now_utc))
    assert found is not None
    assert datetime.fromtimestamp(found // SECOND_NS, UTC).strftime("%m-%dT%H:%M") == expected


def test_where_every_day_of_a_year_is_a_holiday_there_was_no_close() -> None:
    days = (datetime.fromtimestamp(n * 86_400, UTC).date().isoformat() for n in range(800))
    policy = SilentExpiry(**(POLICY | {"holidays": tuple(days)}))
    assert last_close(policy, ZoneInfo(policy.timezone), 500 * 86_400 * SECOND_NS) is None
