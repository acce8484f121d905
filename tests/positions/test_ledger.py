"""Positions are sums: the order of executions, and of what undoes them, does not matter; and every
wider sum is exactly what adding up its lines would give."""

from __future__ import annotations

from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.scope import FIRM, Scope, key_of
from fix_oms.model.units import SCALE
from fix_oms.positions.ledger import Ledger
from fix_oms.positions.position import WORTH_OF_NOTIONAL, Position

Fill = tuple[bool, int, int]
FILLS = st.lists(st.tuples(st.booleans(), st.integers(1, 1000), st.integers(1, 500)), max_size=12)
DESK: Final = Scope("DESK", "", "AAPL", "ALPHA", "ALPHA")
SQUARE: Final = SCALE * SCALE
FLAT: Final = (0, 0)


def booked(fills: list[Fill], ledger: Ledger | None = None) -> Position:
    line = (ledger or Ledger()).line(DESK)
    for buys, qty, px in fills:
        line.learned(buys, qty * SCALE, qty * SCALE * px * SCALE, 0, *FLAT, *FLAT)
    return line.position


def facts(position: Position) -> tuple[int, int, int]:
    return position.quantity, position.average_px, position.realised


def test_a_round_trip_earns_the_difference() -> None:
    position = booked([(True, 100, 10), (False, 100, 12)])
    assert facts(position) == (0, 0, 200 * SQUARE)


def test_what_is_open_stands_at_the_average_price_of_its_side() -> None:
    position = booked([(True, 100, 10), (True, 100, 12), (False, 50, 20)])
    assert facts(position) == (150 * SCALE, 11 * SCALE, 450 * SQUARE)


def test_a_short_position_stands_at_its_selling_price() -> None:
    assert facts(booked([(False, 10, 7)])) == (-10 * SCALE, 7 * SCALE, 0)


def test_a_contracts_multiplier_multiplies_what_it_earns() -> None:
    ledger = Ledger()
    ledger.valuation("AAPL").set(50 * SCALE, 100 * SCALE, "USD", SCALE)
    assert booked([(True, 2, 10), (False, 2, 11)], ledger).realised == 100 * SQUARE


def test_an_opening_position_counts_at_its_cost() -> None:
    ledger = Ledger()
    ledger.opened("DESK", "AAPL", 100 * SCALE, 1000 * SQUARE, "clearer")
    assert facts(booked([(False, 50, 12)], ledger)) == (50 * SCALE, 10 * SCALE, 100 * SQUARE)


def test_an_opening_position_said_again_takes_the_place_of_the_first() -> None:
    ledger = Ledger()
    ledger.opened("DESK", "AAPL", 100 * SCALE, 1000 * SQUARE, "clearer")
    ledger.opened("DESK", "AAPL", -30 * SCALE, -270 * SQUARE, "corrected")
    assert facts(booked([], ledger)) == (-30 * SCALE, 9 * SCALE, 0)


def test_what_is_open_gains_with_the_mark() -> None:
    ledger = Ledger()
    ledger.valuation("AAPL").marked(13 * SCALE)
    assert booked([(True, 10, 10)], ledger).unrealised == 30 * SQUARE


def test_a_portfolio_is_told_in_the_base_currency() -> None:
    ledger = Ledger()
    ledger.valuation("AAPL").set(SCALE, 100 * SCALE, "GBP", SCALE * 5 // 4)
    firm = ledger.portfolio(FIRM)
    booked([(True, 10, 10)], ledger)
    assert firm.gross == 125 * SQUARE * WORTH_OF_NOTIONAL


def test_a_currency_without_a_rate_is_counted_and_worth_nothing() -> None:
    ledger = Ledger()
    ledger.valuation("AAPL").set(SCALE, 100 * SCALE, "XXX", 0)
    firm = ledger.portfolio(FIRM)
    booked([(True, 10, 10)], ledger)
    assert (firm.gross, firm.unrated) == (0, 1)


def test_an_opening_position_in_a_symbol_never_traded_is_in_the_firms_portfolio() -> None:
    ledger = Ledger()
    firm = ledger.portfolio(FIRM)
    ledger.opened("DESK", "MSFT", 10 * SCALE, 1000 * SQUARE, "clearer")
    assert firm.gross == 1000 * SQUARE * WORTH_OF_NOTIONAL


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
    undone = [busted, *fills]
    ledger = Ledger()
    booked(undone, ledger)
    ledger.line(DESK).learned(buys, -qty * SCALE, -qty * px * SQUARE, 0, *FLAT, *FLAT)
    assert facts(ledger.position("DESK", "AAPL")) == facts(booked(fills))


SCOPES = st.builds(
    Scope,
    st.sampled_from(["A", "B"]),
    st.sampled_from(["", "s"]),
    st.sampled_from(["X", "Y"]),
    st.sampled_from(["V", "W"]),
    st.just("S"),
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), SCOPES, st.booleans(), st.integers(1, 9), st.integers(1, 9)),
        st.tuples(st.just("fill"), SCOPES, st.booleans(), st.integers(1, 9), st.integers(1, 9)),
        st.tuples(st.just("mark"), SCOPES, st.booleans(), st.integers(1, 9), st.integers(1, 9)),
        st.tuples(st.just("rate"), SCOPES, st.booleans(), st.integers(0, 3), st.integers(1, 9)),
        st.tuples(st.just("open"), SCOPES, st.booleans(), st.integers(0, 9), st.integers(1, 9)),
        st.tuples(st.just("sum"), SCOPES, st.booleans(), st.integers(0, 31), st.just(1)),
        st.tuples(st.just("portfolio"), SCOPES, st.booleans(), st.integers(0, 31), st.just(1)),
    ),
    max_size=25,
)


@given(ACTS)
def test_every_sum_asked_for_at_any_time_is_the_sum_of_its_lines(
    acts: list[tuple[str, Scope, bool, int, int]],
) -> None:
    ledger = Ledger()
    for act, scope, buys, n, px in acts:
        if act == "reserve":
            ledger.line(scope).reserved(buys, 0, 0, n * SCALE, px * SCALE)
        elif act == "fill":
            ledger.line(scope).learned(buys, n * SCALE, n * px * SQUARE, n, *FLAT, *FLAT)
        elif act == "mark":
            ledger.valuation(scope.symbol).marked(px * SCALE)
        elif act == "rate":
            ledger.valuation(scope.symbol).set(px * SCALE, 50 * SCALE, "C", n * SCALE)
        elif act == "open":
            signed = n if buys else -n
            ledger.opened(scope.account, scope.symbol, signed * SCALE, signed * px * SQUARE, "said")
        elif act == "sum":
            kept = [v if n & (1 << place) else None for place, v in enumerate(scope)]
            key = key_of(account=kept[0], strategy=kept[1], symbol=scope.symbol, venue=kept[3])
            ledger.sum(key, scope.symbol)
        else:
            kept = [v if n & (1 << place) else None for place, v in enumerate(scope)]
            ledger.portfolio((kept[0], kept[1], kept[2], kept[3], kept[4]))
        ledger._check()


ORDERS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    min_size=1,
    max_size=8,
)


@given(ORDERS, st.integers(1, 9), st.data())
def test_no_fill_takes_gross_notional_up_wherever_the_mark_has_been(
    orders: list[tuple[bool, int, int, int]], mark: int, data: st.DataObject
) -> None:
    ledger = Ledger()
    line, known = ledger.line(DESK), ledger.valuation("AAPL")
    portfolio = ledger.portfolio(FIRM)
    for buys, qty, px, mark_then in orders:
        known.marked(mark_then * SCALE)
        line.reserved(buys, 0, 0, qty * SCALE, px * SCALE)
    known.marked(mark * SCALE)
    for buys, qty, px, _ in data.draw(st.permutations(orders)):
        before = portfolio.gross
        was, at = (qty * SCALE, px * SCALE), data.draw(st.integers(1, 9))
        line.learned(buys, qty * SCALE, qty * at * SQUARE, 0, *was, *FLAT)
        assert portfolio.gross <= before
    ledger._check()
