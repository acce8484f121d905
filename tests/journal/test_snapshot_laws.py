"""Replay(snapshot + tail) is replay(all): the same state, hash for hash, by the same outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.journal.replay import replay
from fix_oms.journal.verify import broken_laws
from fix_oms.model.outputs import Output
from tests.engine.desk import Desk
from tests.journal.days import Log, a_day, a_week, journaled, recovered, saved
from tests.risk.test_screen import drawn_desk, live

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)

SEEDS = st.integers(0, 2**32 - 1)
FEWER = settings(max_examples=settings().max_examples // 3)
"""Each example is a day."""


def outputs(engine: Engine, log: Log) -> list[list[Output]]:
    return [engine.step(now, value) for now, value in log]


def a_day_with_every_control(seed: int) -> Desk:
    chance = Random(seed)
    desk = drawn_desk(chance)
    for _ in range(40):
        live(desk, chance)
    return desk


@pytest.mark.parametrize("day", [a_day, a_day_with_every_control, a_week])
@FEWER
@given(seed=SEEDS, at=st.floats(0, 1))
def test_an_engine_from_a_snapshot_goes_on_as_the_one_that_lived(
    seed: int, at: float, day: Callable[[int], Desk]
) -> None:
    desk = day(seed)
    cut = 1 + int(at * (len(desk.log) - 1))
    lived = Engine()
    outputs(lived, desk.log[:cut])
    with TemporaryDirectory() as name:
        journaled(Path(name), desk.log[:cut])
        saved(Path(name))
        recovery = recovered(Path(name))
        recovery.close()
    assert recovery.begun_at == cut
    engine, now = recovery.engine, desk.log[cut - 1][0]
    assert engine.shown(now).hash() == lived.shown(now).hash()
    assert outputs(engine, desk.log[cut:]) == outputs(lived, desk.log[cut:])
    one, other = engine.shown(desk.now), lived.shown(desk.now)
    assert one.hash() == other.hash()
    assert one.order_views(False, 1000, "") == other.order_views(False, 1000, "")
    assert one.position_views() == other.position_views()
    assert one.session_views() == other.session_views()
    assert one.limit_views() == other.limit_views()
    assert one.feed_views() == other.feed_views()


@FEWER
@given(seed=SEEDS, parts=st.lists(st.floats(0.05, 1), min_size=1, max_size=4))
def test_snapshots_upon_snapshots_and_a_tail_replay_as_the_whole(
    seed: int, parts: list[float]
) -> None:
    desk = a_day(seed)
    with TemporaryDirectory() as name:
        directory, begin = Path(name), 0
        for part in parts:
            end = begin + int(part * (len(desk.log) - begin))
            journaled(directory, desk.log[begin:end], segment_bytes=4096)
            if end:
                saved(directory)
            begin = end
        journaled(directory, desk.log[begin:], segment_bytes=4096)
        whole = Engine()
        expected = replay(directory, whole)
        recovery = recovered(directory)
        recovery.close()
    assert recovery.replayer.found == expected
    assert recovery.engine.shown(desk.now).hash() == whole.shown(desk.now).hash()
    assert broken_laws(recovery.engine.state) == []
