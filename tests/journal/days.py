"""Journals of real days, for what begins in the middle of one."""

from __future__ import annotations

from pathlib import Path
from random import Random

from fix_oms.journal.recovery import Recovery
from fix_oms.model import inputs
from tests.engine.desk import Desk
from tests.engine.test_days import after_days, filled, with_days
from tests.journal.made import opened
from tests.properties.floor import Floor

Log = list[tuple[int, inputs.Input]]


def a_day(seed: int, acts: int = 80) -> Desk:
    """The desk after a day of orders, brokers beyond their terms, restarts and cuts."""
    floor = Floor(seed)
    for _ in range(acts):
        floor.acts(beyond=True)
    return floor.desk


def a_week(seed: int) -> Desk:
    """The desk after days at whose ends what has closed is forgotten, soon or a day later."""
    chance = Random(seed)
    desk = with_days(chance.randint(1, 2))
    for n in range(12):
        for order in range(chance.randrange(4)):
            name = filled(desk, f"ref{n}.{order}") if chance.random() < 0.7 else desk.buy(100)
            if chance.random() < 0.2:
                desk.report(name, "H", "1", exec_id=f"bust{n}", exec_ref_id="E1")
        if chance.random() < 0.6:
            after_days(desk, 1)
    return desk


def journaled(directory: Path, log: Log, *, segment_bytes: int = 1 << 20) -> None:
    """Append these inputs to the journal."""
    with opened(directory, segment_bytes=segment_bytes) as writer:
        for now, value in log:
            writer.append(now, inputs.encode(value))


def saved(directory: Path) -> Path:
    """Write a snapshot of the journal's end; fails the test where an older one is unusable."""
    recovery = recovered(directory)
    try:
        path = recovery.save(directory)
    finally:
        recovery.close()
    assert path is not None
    return path


def recovered(directory: Path) -> Recovery:
    """An engine at the journal's end; fails the test where a snapshot is unusable."""
    (directory / "snapshots").mkdir(exist_ok=True)
    warnings: list[str] = []
    recovery = Recovery.of(directory, warnings.append)
    recovery.catch_up()
    assert warnings == []
    return recovery
