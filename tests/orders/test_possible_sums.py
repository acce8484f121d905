"""Whether executions can have come to a CumQty(14) that was told."""

from __future__ import annotations

import pytest

from fix_oms.orders.execution import Execution, Split
from fix_oms.orders.executions import MOST_STEPS, MOST_SUMS, Executions


def with_told(*fills: tuple[str, int, int]) -> Executions:
    """Fills of (ExecID, LastQty, CumQty told)."""
    executions = Executions()
    for exec_id, qty, told in fills:
        executions.trade(Execution(exec_id, qty, 10, 0, "", told))
    return executions


@pytest.mark.parametrize(
    ("fills", "expected"),
    [
        ([("f1", 40, 40)], True),
        ([("f1", 40, 39)], False),
        ([("f1", 40, 60)], True),
        ([("f1", 20, 60), ("f2", 40, 40)], True),
        ([("f1", 21, 60), ("f2", 40, 40)], False),
        ([("f1", 40, 40), ("f2", 20, 60)], True),
        ([("f1", 40, 40), ("f2", 21, 60)], False),
        ([("f1", 40, 40), ("f2", 20, 90), ("f3", 31, 90)], True),
        ([("f1", 40, 40), ("f2", 50, -1)], True),
        ([("f1", 40, 90), ("f2", 50, 20), ("f3", 10, 20)], True),
        ([("f1", 10, 10), ("f2", 10, 20), ("f3", 15, 30)], True),
        ([("f1", 40, 0)], False),
    ],
)
def test_between_two_fills_there_is_room_for_the_later(
    fills: list[tuple[str, int, int]], expected: bool
) -> None:
    executions = with_told(*fills)
    assert executions.fits(executions.trades["f1"]) is expected


@pytest.mark.parametrize(
    ("told", "expected"), [(40, True), (80, True), (100, True), (60, False), (39, False)]
)
def test_with_a_bust_a_cum_qty_is_a_sum_with_this_fill_in_it(told: int, expected: bool) -> None:
    executions = with_told(("f1", 40, told), ("f2", 40, 1), ("f3", 60, 1))
    executions.bust(Execution("b1", 0, 0, 0, "f3"))
    assert executions.fits(executions.trades["f1"]) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [(0, 0), (40, 0), (30, 0), (60, 0), (90, 0), (100, 0), (101, 0), (39, 9), (99, 9), (20, 20)],
)
def test_a_cum_qty_that_is_no_sum_is_beyond_the_next_lower_sum(told: int, expected: int) -> None:
    executions = with_told(("f1", 40, -1), ("f2", 60, -1))
    executions.correct(Execution("c1", 30, 10, 0, "f1"))
    assert executions.unreachable(told) == expected


def test_with_a_split_nothing_is_judged() -> None:
    executions = with_told(("f1", 40, 7))
    executions.rescale((Split(100, 200, 5, 40),))
    assert (executions.fits(executions.trades["f1"]), executions.unreachable(7)) == (True, 0)


def test_with_too_many_possible_sums_nothing_is_judged() -> None:
    executions = with_told(*((f"f{n}", 2 * 2**n, -1) for n in range(13)), ("f", 2, 7_001))
    executions.bust(Execution("b1", 0, 0, 0, "f1"))
    assert executions.unreachable(3) == 0
    assert executions.fits(executions.trades["f"])


@pytest.mark.parametrize(("more", "expected"), [(0, 1), (1, 0)])
def test_what_takes_20_000_steps_is_judged_and_one_more_is_not(more: int, expected: int) -> None:
    # 101 or 102 steps of one sum; then 198 of 2, 3, 4 … sums, which are 19,899.
    executions = with_told(*((f"z{n}", 0, -1) for n in range(101 + more)))
    for n in range(198):
        executions.trade(Execution(f"f{n}", 2, 10, 0))
    executions.bust(Execution("b1", 0, 0, 0, "f1"))
    assert [executions.unreachable(3), MOST_STEPS] == [expected, 20_000]


def test_4096_possible_sums_are_judged() -> None:
    executions = with_told(*((f"f{n}", 2 * 2**n, -1) for n in range(12)))
    executions.bust(Execution("b1", 0, 0, 0, "f1"))
    assert [executions.unreachable(3), MOST_SUMS] == [1, 4096]


def test_what_ties_leave_open_adds_up() -> None:
    executions = with_told(("f1", 40, -1), ("f2", 60, -1))
    for exec_id, ref, qty, place in (
        ("c1", "f1", 30, 2),
        ("c9", "f1", 20, 1),
        ("c3", "f2", 50, 2),
        ("c4", "f2", 47, 1),
    ):
        executions.correct(Execution(exec_id, qty, 10, 0, ref, arrival=place))
    assert (executions.smaller, executions.larger) == (13, 0)


def test_a_conflicting_correction_is_placed_where_it_came() -> None:
    executions = with_told(("f1", 40, -1))
    for exec_id, qty, place in (("c1", 30, 1), ("c1", 35, 7), ("c2", 20, 5)):
        executions.correct(Execution(exec_id, qty, 10, 0, "f1", arrival=place))
    assert executions.qty == 35
