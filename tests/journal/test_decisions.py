"""Routing decisions in the journal: with their views, and carried out from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from fix_oms.engine import Engine
from fix_oms.journal.replay import replay
from fix_oms.journal.verify import broken_laws, verified
from fix_oms.model import inputs
from fix_oms.model.routing import Decision, VenueView
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk
from tests.engine.routed import RoutedDesk, swept
from tests.journal.made import opened


def journal(directory: Path, desk: RoutedDesk, change: Callable[[Decision], Decision]) -> None:
    """What the desk was given, but for its first decision."""
    first = True
    with opened(directory) as writer:
        for now, value in desk.log:
            if isinstance(value, inputs.Decided) and first:
                value, first = inputs.Decided(decision=change(value.decision)), False
            writer.append(now, inputs.encode(value))


def test_a_replay_decides_what_was_decided(tmp_path: Path) -> None:
    desk = swept()
    journal(tmp_path, desk, lambda decision: decision)
    engine = Engine()
    found = replay(tmp_path, engine)
    told = (found.mismatches, found.otherwise, engine.shown(0).hash())
    assert told == ((), 0, desk.engine.shown(0).hash())


def of_another_view(decision: Decision) -> Decision:
    first, *others = decision.view.venues
    seen: VenueView = msgspec.structs.replace(first, age_ns=first.age_ns + 1)
    view = msgspec.structs.replace(decision.view, venues=(seen, *others))
    return msgspec.structs.replace(decision, view=view)


def of_another_plan(decision: Decision) -> Decision:
    plan = msgspec.structs.replace(decision.plan, legs=decision.plan.legs[:1])
    return msgspec.structs.replace(decision, plan=plan)


def test_what_this_version_would_decide_otherwise_is_counted(tmp_path: Path) -> None:
    journal(tmp_path, swept(), of_another_view)
    found = replay(tmp_path, Engine())
    assert (found.mismatches, found.otherwise) == ((), 1)


def test_what_stands_in_the_journal_is_done_and_nothing_else(tmp_path: Path) -> None:
    desk = swept()
    dropped = desk.child(1).reference
    journal(tmp_path, desk, of_another_plan)
    engine = Engine()
    (mismatch,) = replay(tmp_path, engine).mismatches
    children = engine.shown(0).routing.parent("P1").children
    assert (len(children), f"|11={dropped}|" in mismatch) == (1, True)


def test_a_decision_that_was_lost_is_made_anew_after_a_start(tmp_path: Path) -> None:
    desk = swept()
    until = [type(value) for _, value in desk.log].index(inputs.Decided)
    engine = Engine()
    for now, value in desk.log[:until]:
        engine.step(now, value)
    before = engine.shown(0).routing.parent("P1").children
    again = Desk.__new__(RoutedDesk)
    again.__dict__.update(desk.__dict__, engine=engine, log=[], sent=[], decisions=[])
    again.start(2)
    for name in desk.settings["sessions"]:
        again.ready(name)
    sent = sum(child.order_qty for child in again.children())
    assert (before, sent) == ((), 200 * SCALE)


def test_verify_says_what_would_be_decided_otherwise(tmp_path: Path) -> None:
    journal(tmp_path, swept(), of_another_view)
    found = verified(tmp_path)
    assert (found.ok, "1 routing decisions would be made otherwise" in found.notes[0]) == (
        True,
        True,
    )


def test_a_parents_unrouted_rest_is_in_what_is_open() -> None:
    desk = swept()
    desk.route(500, "9.00", policy="direct", venue="GAMMA", ref="P2")
    desk.route(500, "9.00", ref="P3")
    desk.down("ALPHA")
    assert broken_laws(desk.engine.state) == []


def test_a_reserve_that_is_not_there_is_found() -> None:
    desk = RoutedDesk(ready=False)
    desk.route(500, "9.00")
    desk.engine.state.routed.parents["P1"].reserved -= 1
    assert any("open to buy" in law for law in broken_laws(desk.engine.state))
