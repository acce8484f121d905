"""A journal that dies: what is synced stays, and a fuse burns where it was set."""

from __future__ import annotations

import pytest

from fix_oms.model.inputs import Tick, encode
from fix_oms.world.disk import POINTS, Disk, Fuse, Killed, kind_of

RECORD = encode(Tick())


def test_a_power_failure_takes_only_what_was_not_synced() -> None:
    disk = Disk(Fuse(), power=True)
    for now in range(4):
        disk.append(now, RECORD)
        if now == 1:
            disk.sync()
    lost = disk.lose(0.5)
    assert (lost, len(disk.records)) == (1, 3)


def test_waiting_for_a_record_syncs_it() -> None:
    disk = Disk(Fuse(), power=True)
    index = disk.append(7, RECORD)
    assert (disk.wait_durable(index), disk.lose(0.0)) == (7, 0)


@pytest.mark.parametrize(("point", "kept"), [("before append", 0), ("after append", 1)])
def test_a_fuse_burns_around_a_write(point: str, kept: int) -> None:
    fuse = Fuse()
    disk = Disk(fuse, power=False)
    fuse.set(point, 1, power=False)
    with pytest.raises(Killed):
        disk.append(1, RECORD)
    assert len(disk.records) == kept


def test_a_fuse_burns_at_the_pass_that_it_was_set_for() -> None:
    fuse = Fuse()
    fuse.set(POINTS[0], 2, power=False)
    fuse.passes(POINTS[0], "tick")
    with pytest.raises(Killed):
        fuse.passes(POINTS[0], "tick")


def test_a_death_is_counted_by_what_was_being_written() -> None:
    assert kind_of(RECORD) == "tick"
