"""Positions beside a broker's: a difference that executions explain is no break of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import SCALE, Fixed
from fix_oms.reconcile.matching import compare
from fix_oms.reconcile.positions import Holding, Place, compare_positions, position_breaks
from fix_oms.reconcile.trades import Row, Trade, folded
from tests.reconcile.days import DAY, Injected, spoiled
from tests.reconcile.test_matching import TERMS


def positions_of(trades: list[Trade]) -> dict[Place, Fixed]:
    held: dict[Place, Fixed] = {}
    for one in trades:
        if not one.gone:
            place = one.account, one.symbol
            held[place] = held.get(place, 0) + one.signed
    return held


def holdings(held: dict[Place, Fixed]) -> list[Holding]:
    return [Holding(account=a, symbol=s, qty=qty) for (a, s), qty in held.items()]


@given(spoiled())
def test_breaks_of_executions_explain_the_positions_that_they_make(
    case: tuple[list[Trade], list[Row], dict[Injected, int]],
) -> None:
    day, rows, _ = case
    theirs = folded(rows)
    found = compare(day, theirs, TERMS)
    lines = compare_positions(
        positions_of(day), holdings(positions_of(theirs)), found.breaks, found.pending
    )
    assert position_breaks(lines, DAY) == []


@given(spoiled(), st.integers(1, 1000))
def test_what_no_execution_explains_is_a_break_of_that_size(
    case: tuple[list[Trade], list[Row], dict[Injected, int]], more: int
) -> None:
    day, rows, _ = case
    theirs = folded(rows)
    found = compare(day, theirs, TERMS)
    told = positions_of(theirs)
    told["DESK", "AAPL"] = told.get(("DESK", "AAPL"), 0) + more * SCALE
    lines = compare_positions(positions_of(day), holdings(told), found.breaks, found.pending)
    assert [(b.account, b.symbol, b.qty) for b in position_breaks(lines, DAY)] == [
        ("DESK", "AAPL", more * SCALE)
    ]


def test_a_position_that_a_whole_file_does_not_state_is_flat() -> None:
    ours = {("DESK", "AAPL"): 100 * SCALE}
    assert [line.theirs for line in compare_positions(ours, [], [])] == [0]


def test_a_position_that_a_part_of_a_file_does_not_state_is_not_compared() -> None:
    assert compare_positions({("DESK", "AAPL"): 100 * SCALE}, [], [], is_whole=False) == []


def test_rows_of_one_position_are_summed() -> None:
    ours = {("DESK", "AAPL"): 100 * SCALE}
    lots = [Holding(account="DESK", symbol="AAPL", qty=50 * SCALE) for _ in range(2)]
    assert compare_positions(ours, lots, []) == []
