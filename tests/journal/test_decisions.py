"""Routing decisions in the journal: there with their views, and compared when it is replayed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fix_oms.engine import Engine
from fix_oms.journal.replay import replay
from fix_oms.journal.verify import broken_laws
from fix_oms.model import inputs
from fix_oms.model.routing import Decision, VenueView
from tests.engine.routed import RoutedDesk, swept
from tests.journal.made import opened


def journal(directory: Path, desk: RoutedDesk, decisions: list[Decision]) -> None:
    """What the desk was given, with these decisions behind the input that they came of."""
    left = list(decisions)
    with opened(directory) as writer:
        for now, value in desk.log:
            writer.append(now, inputs.encode(value))
            while isinstance(value, inputs.NewParent) and left:
                writer.append(now, inputs.encode(inputs.Decided(decision=left.pop(0))))


def test_a_replay_decides_what_was_decided(tmp_path: Path) -> None:
    desk = swept()
    journal(tmp_path, desk, desk.decisions)
    engine = Engine()
    found = replay(tmp_path, engine)
    assert (found.mismatches, engine.shown(0).hash()) == ((), desk.engine.shown(0).hash())


def of_another_view(decision: Decision) -> Decision:
    first, *others = decision.view.venues
    seen: VenueView = msgspec.structs.replace(first, age_ns=first.age_ns + 1)
    view = msgspec.structs.replace(decision.view, venues=(seen, *others))
    return msgspec.structs.replace(decision, view=view)


def of_another_plan(decision: Decision) -> Decision:
    plan = msgspec.structs.replace(decision.plan, legs=decision.plan.legs[1:])
    return msgspec.structs.replace(decision, plan=plan)


def of_another_parent(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, parent="P2")


@pytest.mark.parametrize("changed", [of_another_view, of_another_plan, of_another_parent])
def test_a_decision_that_is_not_the_engines_is_a_mismatch(tmp_path: Path, changed: object) -> None:
    desk = swept()
    assert callable(changed)
    journal(tmp_path, desk, [changed(desk.decisions[0])])
    (mismatch,) = replay(tmp_path, Engine()).mismatches
    assert "did not make decision 1" in mismatch


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
