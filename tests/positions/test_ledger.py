"""Positions are sums: the order of executions, and of what undoes them, does not matter."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.units import SCALE
from fix_oms.positions.ledger import Ledger, Position

Fill = tuple[bool, int, int]
FILLS = st.lists(st.tuples(st.booleans(), st.integers(1, 1000), st.integers(1, 500)), max_size=12)


def booked(fills: list[Fill]) -> Position:
    ledger = Ledger()
    for buys, qty, px in fills:
        ledger.learned("DESK", "AAPL", buys, qty * SCALE, qty * SCALE * px * SCALE)
    return ledger.position("DESK", "AAPL")


def facts(position: Position) -> tuple[int, int, int]:
    return position.quantity, position.average_px, position.realised


def test_a_round_trip_earns_the_difference() -> None:
    position = booked([(True, 100, 10), (False, 100, 12)])
    assert facts(position) == (0, 0, 200 * SCALE * SCALE)


def test_what_is_open_stands_at_the_average_price_of_its_side() -> None:
    position = booked([(True, 100, 10), (True, 100, 12), (False, 50, 20)])
    assert facts(position) == (150 * SCALE, 11 * SCALE, 450 * SCALE * SCALE)


def test_a_short_position_stands_at_its_selling_price() -> None:
    assert facts(booked([(False, 10, 7)])) == (-10 * SCALE, 7 * SCALE, 0)


@given(FILLS, st.randoms(use_true_random=False))
def test_any_order_of_executions_gives_the_same_position(fills: list[Fill], random: Random) -> None:
    shuffled = list(fills)
    random.shuffle(shuffled)
    assert facts(booked(fills)) == facts(booked(shuffled))


@given(FILLS, st.tuples(st.booleans(), st.integers(1, 1000), st.integers(1, 500)))
def test_a_bust_leaves_the_position_as_if_the_fill_had_never_been(
    fills: list[Fill], busted: Fill
) -> None:
    buys, qty, px = busted
    assert facts(booked([busted, *fills, (buys, -qty, px)])) == facts(booked(fills))
