"""An engine that runs past the end of its day goes on in a segment of the new one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.replay import replay
from fix_oms.journal.segments import listed
from fix_oms.model.inputs import TradingDay, decode
from tests.server.lone import journaled, lone, started, until

SECOND = 1_000_000_000


def clock_at(text: str) -> Callable[[], int]:
    """A wall clock that says this now, and goes on."""
    then = datetime.fromisoformat(text).replace(tzinfo=UTC)
    set_ns = int(then.timestamp()) * SECOND - time.time_ns()
    return lambda: time.time_ns() + set_ns


def run_past_midnight(directory: Path) -> None:
    engine = 'timezone = "America/New_York"\n'
    server = lone(directory, engine=engine, wall_ns=clock_at("2024-01-09T04:59:59"))
    with started(server):
        until(lambda: [d for d in journaled(directory, TradingDay) if d.day == "2024-01-09"])


def days(directory: Path) -> list[str]:
    return [segment.day for segment in listed(directory / "journal")]


def test_the_new_day_has_its_own_segment(tmp_path: Path) -> None:
    run_past_midnight(tmp_path)
    assert days(tmp_path) == ["2024-01-08", "2024-01-09"]


def test_the_day_is_the_first_record_of_its_segment(tmp_path: Path) -> None:
    run_past_midnight(tmp_path)
    first = listed(tmp_path / "journal")[1].first_index
    record = next(records(tmp_path / "journal", first))
    assert isinstance(decode(record.payload), TradingDay)


def test_a_restart_on_the_same_day_goes_on_in_its_segment(tmp_path: Path) -> None:
    run_past_midnight(tmp_path)
    engine = 'timezone = "America/New_York"\n'
    with started(lone(tmp_path, engine=engine, wall_ns=clock_at("2024-01-09T15:00:00"))):
        pass
    assert days(tmp_path) == ["2024-01-08", "2024-01-09"]


def test_a_start_days_later_begins_that_days_segment(tmp_path: Path) -> None:
    run_past_midnight(tmp_path)
    with started(lone(tmp_path, wall_ns=clock_at("2024-01-12T15:00:00"))):
        pass
    engine = Engine()
    replay(tmp_path / "journal", engine)
    assert (days(tmp_path)[2:], engine.state.days[""]) == (["2024-01-12"], "2024-01-12")
