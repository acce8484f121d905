"""Executions are a set: what they add up to does not depend on the order or number of arrivals."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.orders.executions import Execution, Executions

Event = tuple[str, str, str, int, int]
"""Kind (fill, fix, bust), ExecID, ExecRefID, quantity, price."""


def held(*events: Event) -> Executions:
    executions = Executions()
    for kind, exec_id, ref, qty, px in events:
        if kind == "fill":
            executions.trade(Execution(exec_id, qty, px, 0))
        elif kind == "fix":
            executions.correct(Execution(exec_id, qty, px, 0, ref))
        else:
            executions.bust(Execution(exec_id, qty, px, 0, ref))
        executions._check()
    return executions


F1: Event = ("fill", "f1", "", 40, 10)
F2: Event = ("fill", "f2", "", 60, 11)
C1: Event = ("fix", "c1", "f1", 30, 10)
C2: Event = ("fix", "c2", "c1", 35, 9)
B1: Event = ("bust", "b1", "f1", 0, 0)
B2: Event = ("bust", "b2", "c2", 0, 0)
SAME_ID_BUST: Event = ("bust", "f2", "f2", 0, 0)

CASES = {
    "two fills add up": ((F1, F2), (100, 1060, 100)),
    "a correction states the corrected size": ((F1, C1), (30, 300, 40)),
    "the last link of a chain of corrections counts": ((F1, C1, C2), (35, 315, 40)),
    "a bust ends the fill": ((F1, F2, B1), (60, 660, 100)),
    "a bust of a correction ends its chain": ((F1, C1, C2, B2, F2), (60, 660, 100)),
    "a bust may bear the ExecID of its fill": ((F1, F2, SAME_ID_BUST), (40, 400, 100)),
    "a bust without its fill counts nothing": ((B1,), (0, 0, 0)),
}


@pytest.mark.parametrize(("events", "expected"), CASES.values(), ids=CASES.keys())
def test_the_sums_are_those_of_the_set_in_every_order(
    events: tuple[Event, ...], expected: tuple[int, int, int]
) -> None:
    found = {(e.qty, e.notional, e.gross) for e in (held(*order) for order in permutations(events))}
    assert found == {expected}


def test_a_repeated_fill_changes_nothing() -> None:
    executions = held(F1)
    assert not executions.trade(Execution("f1", 40, 10, 5))
    assert executions.qty == 40


def test_one_exec_id_with_another_size_counts_both_and_is_a_conflict() -> None:
    executions = held(F1, ("fill", "f1", "", 41, 10))
    assert (executions.qty, executions.conflicts) == (81, 1)


def test_a_correction_that_waits_for_its_fill_is_named() -> None:
    assert held(C1).waiting() == ["c1"]


def test_corrections_that_refer_to_each_other_wait_for_ever() -> None:
    executions = held(("fix", "a", "b", 1, 1), ("fix", "b", "a", 2, 2), F1)
    assert (executions.qty, executions.waiting()) == (40, ["a", "b"])


IDS = st.sampled_from(["f1", "f2", "f3", "c1", "c2"])
FILLS = st.tuples(
    st.just("fill"), st.sampled_from(["f1", "f2", "f3"]), st.just(""), st.just(10), st.just(7)
)
FIXES = st.tuples(
    st.just("fix"), st.sampled_from(["c1", "c2"]), IDS, st.integers(1, 20), st.just(7)
)
BUSTS = st.tuples(st.just("bust"), st.sampled_from(["b1", "b2"]), IDS, st.just(0), st.just(0))


def consistent(events: list[Event]) -> list[Event]:
    """One member per identity: a broker that contradicts itself is another test's subject."""
    return list({(e[0], e[1]): e for e in events}.values())


@given(
    st.lists(FILLS | FIXES | BUSTS, max_size=9).map(consistent), st.randoms(use_true_random=False)
)
def test_any_order_with_any_repetition_gives_the_same_sums(
    events: list[Event], random: Random
) -> None:
    shuffled = events + events[:4]
    random.shuffle(shuffled)
    first, second = held(*events), held(*shuffled)
    assert (first.qty, first.notional, first.gross) == (second.qty, second.notional, second.gross)
