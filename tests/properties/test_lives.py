"""Random legal lives end in the broker's own truth, whatever the network does to its reports."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.engine.desk import Desk
from tests.properties import model_broker, timed_broker
from tests.properties.judging import breaches, differences, facts, sound
from tests.properties.lives import (
    COPIES,
    DELAYS,
    STARTS,
    Copy,
    Life,
    Start,
    Step,
    acts_of,
    hear,
    lived,
    steps,
    told_again,
)
from tests.properties.model_broker import ALWAYS, ModelBroker
from tests.properties.timed_broker import TIMED, TimedBroker

Make = Callable[[], ModelBroker]


def untimed() -> ModelBroker:
    """Says no TransactTime(60) at all, and does nothing that only a time could tell."""
    return ModelBroker(timed=False)


MANY = settings(max_examples=3 * settings().max_examples)
"""For the laws that a rare life breaks; a life costs a few milliseconds."""
BOTH = pytest.mark.parametrize("make", [untimed, TimedBroker], ids=["without 60", "with 60"])


def unwatched(_desk: Desk, _name: str) -> None:
    """Nobody looks between two inputs."""


def some_life(data: st.DataObject, make: Make) -> Life:
    broker = make()
    acts = data.draw(steps(acts_of(broker).values()), label="acts")
    life = lived(data.draw(STARTS, label="start"), acts, broker, unwatched)
    event(f"{len(broker.said) // 5 * 5}+ reports")
    return life


def some_delivery(data: st.DataObject) -> tuple[list[int], list[Copy]]:
    return data.draw(DELAYS, label="delays"), data.draw(COPIES, label="copies")


@BOTH
@MANY
@given(data=st.data())
def test_whatever_the_order_of_arrival_the_end_is_the_brokers_truth(
    data: st.DataObject, make: Make
) -> None:
    life = some_life(data, make)
    desk, as_drawn = told_again(life, *some_delivery(data), unwatched)
    event("delivered as drawn" if as_drawn else "delivered when all was asked")
    assert differences(desk, life.reference, life.broker) == []


@BOTH
@given(data=st.data())
def test_the_published_rules_judge_the_broker_and_our_view_of_it(
    data: st.DataObject, make: Make
) -> None:
    life = some_life(data, make)
    desk, _ = told_again(life, *some_delivery(data), unwatched)
    assert breaches(desk, life.reference, life.broker) == []


@BOTH
@MANY
@given(data=st.data())
def test_every_order_of_arrival_ends_in_the_same_facts(data: st.DataObject, make: Make) -> None:
    life = some_life(data, make)
    first, _ = told_again(life, [], [], unwatched)
    second, _ = told_again(life, *some_delivery(data), unwatched)
    assert facts(second, life.reference) == facts(first, life.reference)


@BOTH
@given(data=st.data())
def test_sums_hold_after_every_report(data: st.DataObject, make: Make) -> None:
    life = some_life(data, make)
    told_again(life, *some_delivery(data), sound)


@BOTH
@given(data=st.data())
def test_hearing_everything_twice_changes_nothing(data: st.DataObject, make: Make) -> None:
    life = some_life(data, make)
    desk, _ = told_again(life, *some_delivery(data), unwatched)
    before = facts(desk, life.reference)
    again = data.draw(st.permutations(range(len(life.broker.said))), label="again")
    for n in again:
        hear(desk, life.broker.said[n])
    assert facts(desk, life.reference) == before


@BOTH
@MANY
@given(data=st.data())
def test_what_we_hold_possible_covers_what_the_broker_may_still_do(
    data: st.DataObject, make: Make
) -> None:
    """Exposure is worst case (D4): executed and open together reach whatever may yet execute."""
    broker = make()

    def covered(desk: Desk, name: str) -> None:
        view = desk.order(name)
        held = desk.engine.state.ledger.position(view.account, view.symbol)
        reach = abs(held.quantity) + held.open_buy + held.open_sell
        # Without times nobody can tell a bust before the order's end from one after it.
        untold = broker.end and broker.amended and not broker.timed
        if not (broker.beyond_terms or untold):
            assert reach >= broker.cum_qty + broker.leaves_qty

    acts: Sequence[Step] = data.draw(steps(acts_of(broker).values()), label="acts")
    start: Start = data.draw(STARTS, label="start")
    lived(start, acts, broker, covered)


@BOTH
@given(data=st.data())
def test_a_legal_life_that_comes_in_its_own_order_alarms_nobody(
    data: st.DataObject, make: Make
) -> None:
    life = some_life(data, make)
    desk, as_told = told_again(life, [], [], unwatched)
    alarms = [a.text for a in desk.alerts if a.severity != "info"]
    assert alarms == [] or not as_told


@pytest.mark.parametrize("module", [model_broker, timed_broker])
def test_the_model_broker_shares_nothing_with_what_it_judges(module: object) -> None:
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text())
    named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    plain = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    ours = {name for name in (*named, *plain) if name.startswith("fix_oms")}
    assert ours <= {"fix_oms.model.messages", "fix_oms.model.units", "fix_oms.wire"}


def test_the_acts_are_all_that_a_broker_does() -> None:
    assert len(set(TIMED)) == len(TIMED) == len(ALWAYS) + 9
