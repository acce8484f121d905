"""What a venue asks of orders, and that rounding to it never makes them worse than was said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.client import TradingTerms, contracts
from fix_oms.market.contracts import places
from fix_oms.model.errors import SettingsError
from fix_oms.model.routing import NO_FEES
from fix_oms.model.settings import Instrument
from fix_oms.model.settings_text import from_plain
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import plain_settings

steps = st.sampled_from(["0.00000001", "0.0001", "0.01", "0.05", "0.25", "1", "10", "100"])
prices = st.integers(1, 10**6 * SCALE)
quantities = st.integers(0, 10**7 * SCALE)


def at(**more: str) -> TradingTerms:
    told: dict[str, Any] = {key: fixed(value) for key, value in more.items()}
    return TradingTerms(Instrument(symbol="A", venues=("V",), **told), "V", NO_FEES)


@st.composite
def venues(draw: st.DrawFn) -> TradingTerms:
    bounds = st.none() | st.integers(1, 10**4).map(str)
    told = {name: draw(bounds) for name in ("min_qty", "max_qty", "min_notional")}
    more = {"tick": draw(steps), "lot": draw(steps), "multiplier": draw(steps)}
    return at(**more, **{name: text for name, text in told.items() if text is not None})


# -- rounding --------------------------------------------------------------------------------------


@given(venues(), st.integers(-(10**6) * SCALE, 10**6 * SCALE), st.booleans())
def test_a_rounded_price_is_the_nearest_of_the_tick_that_is_no_worse(
    terms: TradingTerms, price: int, buys: bool
) -> None:
    rounded = terms.price(price, buys)
    assert rounded % terms.tick == 0
    assert 0 <= (price - rounded if buys else rounded - price) < terms.tick


@given(venues(), quantities)
def test_a_rounded_quantity_is_the_most_whole_lots_within(terms: TradingTerms, qty: int) -> None:
    rounded = terms.quantity(qty)
    assert rounded % terms.lot == 0
    assert rounded <= qty < rounded + terms.lot


@given(venues(), quantities, prices)
def test_what_money_buys_costs_no_more_and_one_lot_more_would(
    terms: TradingTerms, money: int, price: int
) -> None:
    qty = terms.quantity_for(money, price)
    budget = money * SCALE * SCALE
    assert qty % terms.lot == 0
    assert qty * price * terms.multiplier <= budget
    assert (qty + terms.lot) * price * terms.multiplier > budget


def takes(terms: TradingTerms, qty: int, price: int) -> bool:
    """Whether the venue takes such an order, by its own words."""
    return (
        qty > 0
        and qty % terms.lot == 0
        and qty >= terms.min_qty
        and (not terms.max_qty or qty <= terms.max_qty)
        and qty * price * terms.multiplier >= terms.min_notional * SCALE * SCALE
    )


@given(venues(), prices)
def test_the_least_is_the_smallest_that_satisfies_lot_quantity_and_value(
    terms: TradingTerms, price: int
) -> None:
    without_most = at(**{name: text for name, text in _told(terms).items() if name != "max_qty"})
    least = without_most.least(price)
    assert takes(without_most, least, price)
    assert not takes(without_most, least - terms.lot, price)


@given(venues(), quantities, prices)
def test_what_is_allowed_is_the_most_within_that_the_venue_takes(
    terms: TradingTerms, qty: int, price: int
) -> None:
    allowed = terms.allowed(qty, price)
    assert allowed <= qty
    assert allowed == 0 or takes(terms, allowed, price)
    assert not (allowed + terms.lot <= qty and takes(terms, allowed + terms.lot, price))


def _told(terms: TradingTerms) -> dict[str, str]:
    names = ("tick", "lot", "multiplier", "min_qty", "max_qty", "min_notional")
    found = {name: getattr(terms, name) for name in names}
    return {name: f"{value // SCALE}.{value % SCALE:08d}" for name, value in found.items() if value}


def test_nothing_is_worth_the_least_value_at_no_price() -> None:
    assert at(min_notional="5").least(0) == 0


@pytest.mark.parametrize(
    ("step", "count"),
    [("0.01", 2), ("0.25", 2), ("0.5", 1), ("1", 0), ("100", 0), ("0.00000001", 8)],
)
def test_places_are_those_of_the_multiples(step: str, count: int) -> None:
    assert places(fixed(step)) == count


# -- what holds where ------------------------------------------------------------------------------


def test_a_venue_asks_what_it_says_and_else_what_the_instrument_says() -> None:
    plain = plain_settings()
    plain["venues"]["BETA"]["fees"] = {"taker": "0.003"}
    plain["instruments"]["AAPL"] |= {
        "min_qty": "5",
        "at": {"BETA": {"tick": "0.05", "lot": "100", "min_notional": "1000"}},
    }
    found = contracts(from_plain(plain, "test"))
    alpha, beta = found["AAPL", "ALPHA"], found["AAPL", "BETA"]
    assert (alpha.tick, alpha.lot, alpha.min_notional, alpha.fees) == (
        fixed("0.01"),
        fixed("1"),
        0,
        NO_FEES,
    )
    assert (beta.tick, beta.lot, beta.min_qty, beta.min_notional, beta.fees.taker) == (
        fixed("0.05"),
        fixed("100"),
        fixed("5"),
        fixed("1000"),
        fixed("0.003"),
    )


def test_a_contracts_own_fees_take_the_place_of_the_venues() -> None:
    plain = plain_settings()
    plain["venues"]["BETA"]["fees"] = {"taker": "0.003", "maker": "-0.002"}
    plain["instruments"]["AAPL"]["at"] = {"BETA": {"fees": {"taker": "0.001"}}}
    fees = contracts(from_plain(plain, "test"))["AAPL", "BETA"].fees
    assert (fees.taker, fees.maker) == (fixed("0.001"), 0)


def test_a_venue_that_asks_for_more_than_it_takes_is_named() -> None:
    settings = plain_settings()
    settings["instruments"]["AAPL"] |= {"max_qty": 100, "at": {"BETA": {"min_qty": 200}}}
    with pytest.raises(SettingsError) as found:
        from_plain(settings, "oms.toml")
    assert (found.value.key, found.value.reason) == (
        "instruments.AAPL.at.BETA.min_qty",
        "200 is above max_qty, 100",
    )
