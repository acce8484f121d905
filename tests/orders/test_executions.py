"""Executions are a set: what they add up to does not depend on the order or number of arrivals."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.orders.execution import Execution, Split
from fix_oms.orders.executions import Executions

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


# -- conflicts -------------------------------------------------------------------------------------

SAME_ID = {
    "two sizes": ((F1, ("fill", "f1", "", 41, 10)), (81, 810, 1)),
    "two prices": ((F1, ("fill", "f1", "", 40, 11)), (80, 840, 1)),
    "three sizes": ((F1, ("fill", "f1", "", 41, 10), ("fill", "f1", "", 39, 10)), (120, 1200, 2)),
    "two sizes, one of them twice": ((F1, ("fill", "f1", "", 41, 10), F1), (81, 810, 1)),
    "two corrections": ((F1, F2, C1, ("fix", "c1", "f2", 50, 11)), (80, 850, 1)),
    "two busts": ((F1, F2, B1, ("bust", "b1", "f2", 0, 0)), (0, 0, 1)),
}


@pytest.mark.parametrize(("events", "expected"), SAME_ID.values(), ids=SAME_ID.keys())
def test_all_that_bears_one_exec_id_is_held_in_every_order(
    events: tuple[Event, ...], expected: tuple[int, int, int]
) -> None:
    all_held = [held(*order, *order) for order in permutations(events)]
    assert {(e.qty, e.notional, e.conflicts) for e in all_held} == {expected}


def test_what_a_conflict_is_held_under_is_no_exec_id_of_the_wire() -> None:
    executions = held(F1, ("fill", "f1", "", 41, 11))
    assert list(executions.trades) == ["f1", "f1\x0141\x0111\x01"]


def test_a_conflicting_trade_keeps_what_was_told_with_it() -> None:
    executions = held(F1)
    executions.trade(Execution("f1", 41, 10, 5, "", 6, 7, 8, "1"))
    kept = list(executions.trades.values())[1]
    assert kept.details() == (6, 5, 7, 8, "1", 0)


@pytest.mark.parametrize("first", [0, 1])
def test_a_fill_told_again_with_other_details_is_kept_as_the_greater(first: int) -> None:
    told = [Execution("f1", 40, 10, 5, "", 40), Execution("f1", 40, 10, 4, "", 60)]
    executions = Executions()
    assert [executions.trade(told[first]), executions.trade(told[1 - first])] == [True, False]
    assert executions.trades["f1"].details() == (60, 4, 0, 0, "", 0)


def test_a_correction_told_again_at_a_later_time_counts_from_then() -> None:
    executions = held(F1)
    executions.correct(Execution("c1", 30, 10, 5, "f1"))
    executions.correct(Execution("c2", 20, 10, 6, "f1"))
    executions.correct(Execution("c1", 30, 10, 7, "f1"))
    assert executions.qty == 30


TIED_TOO: tuple[Event, ...] = (("fix", "c3", "f2", 50, 11), ("fix", "c4", "f2", 47, 11))

# -- which correction counts -----------------------------------------------------------------------


def corrected(*corrections: tuple[str, str, int, int]) -> set[tuple[int, bool]]:
    """Quantity and tie in every order of f1 of 40 and corrections (ExecID, ref, quantity, time)."""
    found = set()
    for order in permutations(corrections):
        executions = held(F1)
        for exec_id, ref, qty, time in order:
            executions.correct(Execution(exec_id, qty, 10, time, ref))
        found.add((executions.qty, executions.tied))
    return found


@pytest.mark.parametrize(
    ("corrections", "expected"),
    [
        ([("c1", "f1", 30, 1), ("c2", "f1", 20, 2)], (20, False)),
        ([("c1", "f1", 30, 2), ("c2", "f1", 20, 1)], (30, False)),
        ([("c1", "f1", 30, 2), ("c2", "c1", 20, 1)], (30, False)),
        ([("c1", "f1", 30, 2), ("c2", "c1", 20, 2)], (20, False)),
        ([("c1", "f1", 30, 2), ("c2", "c1", 20, 0)], (20, False)),
        ([("c1", "f1", 30, 0), ("c2", "c1", 20, 0), ("c3", "c2", 25, 0)], (25, False)),
        ([("c1", "f1", 30, 0), ("c2", "f1", 20, 0)], (20, True)),
        ([("c1", "f1", 30, 0), ("c2", "f1", 30, 0)], (30, False)),
        ([("c1", "f1", 30, 3), ("c2", "f1", 20, 0)], (30, False)),
        ([("c1", "f1", 30, 3), ("c2", "f1", 20, 3), ("c3", "f1", 10, 2)], (20, True)),
        ([("c1", "f1", 30, 1), ("c2", "f1", 20, 1), ("c3", "f1", 10, 2)], (10, False)),
    ],
)
def test_the_newest_correction_counts_by_time_else_by_the_chain(
    corrections: list[tuple[str, str, int, int]], expected: tuple[int, bool]
) -> None:
    assert corrected(*corrections) == {expected}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((F1, C1), 0),
        ((F1, C1, ("fix", "c9", "f1", 20, 10)), 10),
        ((F1, C1, ("fix", "c9", "f1", 20, 10), ("fix", "c8", "f1", 25, 10)), 10),
        ((F1, C1, ("fix", "c9", "f1", 30, 11)), 0),
        ((F1, F2, C1, ("fix", "c9", "f1", 20, 10), ("fix", "c3", "f2", 50, 11)), 10),
        ((F1, F2, C1, ("fix", "c9", "f1", 20, 10), *TIED_TOO), 13),
    ],
)
def test_the_truth_may_be_larger_or_smaller_by_what_tied_corrections_are_apart(
    events: tuple[Event, ...], expected: int
) -> None:
    found = [held(*order) for order in permutations(events)]
    assert {executions.larger + executions.smaller for executions in found} == {expected}
    assert (Executions().larger, Executions().smaller) == (0, 0)


@pytest.mark.parametrize(
    ("places", "expected"), [((1, 2), (20, 10, 0)), ((2, 1), (30, 0, 10)), ((5, 5), (20, 10, 0))]
)
def test_of_tied_corrections_the_last_to_arrive_counts(
    places: tuple[int, int], expected: tuple[int, int, int]
) -> None:
    executions = held(F1)
    for exec_id, qty, place in (("c1", 30, places[0]), ("c2", 20, places[1])):
        executions.correct(Execution(exec_id, qty, 10, 0, "f1", arrival=place))
    assert (executions.qty, executions.larger, executions.smaller) == expected


def test_a_conflicting_correction_keeps_its_place() -> None:
    executions = held(F1, C1)
    executions.correct(Execution("c1", 35, 10, 0, "f1", arrival=7))
    assert (executions.qty, executions.tied) == (35, True)


def test_two_fills_can_each_have_a_tie_or_none() -> None:
    tied = ("fix", "c9", "f1", 20, 10)
    alone = ("fix", "c3", "f2", 50, 11)
    assert held(F1, F2, C1, tied, alone).tied
    assert held(F1, F2, alone, C1, tied).tied
    assert not held(F1, F2, C1, alone).tied


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((F1,), {"f1": "effective"}),
        ((F1, C1), {"f1": "corrected", "c1": "effective"}),
        ((F1, C1, C2), {"f1": "corrected", "c1": "corrected", "c2": "effective"}),
        ((F1, F2, C1, B1), {"f1": "busted", "f2": "effective", "c1": "busted"}),
        ((C1,), {"c1": "waiting"}),
    ],
)
def test_each_held_execution_has_a_state(
    events: tuple[Event, ...], expected: dict[str, str]
) -> None:
    assert {e.exec_id: state for e, state in held(*events).states()} == expected


def test_references_that_run_in_a_circle_lead_to_no_trade() -> None:
    executions = held(("fix", "a", "b", 1, 1), ("fix", "b", "a", 2, 2), F1)
    assert [executions.root(name) for name in ("a", "b", "f1")] == [None, None, "f1"]


def test_what_waits_is_named_in_one_order() -> None:
    waiting = (("bust", "z", "f9", 0, 0), ("fix", "a", "f9", 1, 1), ("bust", "k", "z", 0, 0))
    assert {tuple(held(*order).waiting()) for order in permutations(waiting)} == {("a", "k", "z")}


def test_a_chain_has_its_root_however_long_it_is() -> None:
    links = [("fix", f"c{n}", f"c{n - 1}", 30, 10) for n in range(2, 9)]
    executions = held(F1, C1, *links)
    assert [executions.root(name) for name in ("f1", "c1", "c8", "c9")] == ["f1", "f1", "f1", None]


# -- splits ----------------------------------------------------------------------------------------


def split(before: int = 100, after: int = 200, time: int = 5, told: int = 40) -> Split:
    return Split(before, after, time, told)


@pytest.mark.parametrize(
    ("order_qty", "time", "told", "expected"),
    [
        (100, 9, 90, True),
        (200, 1, 10, False),
        (150, 4, 90, True),
        (150, 6, 10, False),
        (0, 5, 40, True),
        (0, 5, 41, False),
        (0, 0, 40, True),
        (0, 0, 41, False),
    ],
)
def test_a_report_came_before_a_split_by_order_qty_time_or_cum_qty(
    order_qty: int, time: int, told: int, expected: bool
) -> None:
    assert split().follows(order_qty, time, told) is expected


def test_a_split_without_a_time_goes_by_cum_qty() -> None:
    assert [Split(100, 200, 0, 40).follows(0, 9, told) for told in (40, 41)] == [True, False]


def test_a_split_rescales_what_executed_before_it_and_no_notional() -> None:
    executions = Executions()
    executions.trade(Execution("f1", 40, 10, 1, "", 40, 100))
    executions.trade(Execution("f2", 10, 5, 9, "", 90, 200))
    executions.rescale((split(),))
    assert (executions.qty, executions.notional, executions.gross) == (90, 450, 90)
    assert [executions.told_scaled(trade) for trade in executions.trades.values()] == [80, 90]
    executions._check()


@pytest.mark.parametrize(
    ("order_qty", "time", "told", "expected"),
    [(200, 1, 10, 10), (100, 9, 90, 20), (0, 4, 90, 20), (0, 6, 10, 10), (0, 0, 40, 20)],
)
def test_which_fills_came_before_a_split_is_told_as_of_any_report(
    order_qty: int, time: int, told: int, expected: int
) -> None:
    executions = Executions()
    executions.trade(Execution("f1", 10, 10, time, "", told, order_qty))
    executions.rescale((split(),))
    assert executions.qty == expected


def test_what_a_split_makes_of_a_quantity_is_exact_however_large_it_is() -> None:
    executions = Executions()
    executions.trade(Execution("f1", 2**53 + 1, 10, 1, "", 40, 100))
    executions.rescale((split(),))
    assert executions.qty == 2**54 + 2


def test_nothing_is_tied_before_anything_is_held() -> None:
    assert Executions().tied is False


def test_an_execution_without_a_place_is_placed_first() -> None:
    assert Execution("f1", 40, 10, 0).arrival == 0


def test_a_reverse_split_makes_fewer_of_them() -> None:
    executions = Executions()
    executions.trade(Execution("f1", 40, 10, 1, "", 40, 100))
    executions.rescale((Split(100, 50, 5, 40),))
    assert (executions.qty, executions.notional) == (20, 400)


def test_a_split_after_a_split_rescales_again() -> None:
    executions = Executions()
    executions.trade(Execution("f1", 40, 10, 1, "", 40, 100))
    executions.rescale((split(), Split(200, 600, 7, 80)))
    assert executions.qty == 240


def test_a_fill_after_the_split_joins_what_was_rescaled() -> None:
    executions = Executions()
    executions.trade(Execution("f1", 40, 10, 1, "", 40, 100))
    executions.rescale((split(),))
    executions.trade(Execution("f0", 10, 10, 1, "", 10, 100))
    assert (executions.plain, executions.qty) == (False, 100)


def test_without_splits_busts_or_corrections_the_set_is_plain() -> None:
    assert [held(F1).plain, held(F1, B1).plain, held(F1, C1).plain] == [True, False, False]


# -- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [(19700105, 5, 19700105), (0, 5, 19700101), (0, 0, 0)],
)
def test_an_execution_is_of_its_trade_date_or_of_its_time(
    day: int, time: int, expected: int
) -> None:
    assert Execution("f1", 40, 10, time, day=day).trade_date() == expected


def test_the_check_sees_sums_that_are_not_those_of_the_set() -> None:
    executions = held(F1)
    executions.qty += 1
    with pytest.raises(AssertionError, match=r"^sums differ from the set$"):
        executions._check()


@pytest.mark.parametrize("exec_id", ["f1", "f2"])
def test_a_correction_may_bear_the_exec_id_of_a_fill(exec_id: str) -> None:
    executions = held(F1, F2, ("fix", exec_id, "f1", 30, 10))
    states = {state for e, state in executions.states() if e.ref}
    assert (executions.qty, states) == (90, {"effective"})
