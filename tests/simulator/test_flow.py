"""Other traders' flow: what it is made of, and that a seed decides all of it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import FixVersion
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator import acts
from fix_oms.simulator.chance import exponential, lots, normal
from fix_oms.simulator.efficient import EfficientPrice
from fix_oms.simulator.settings import Flow, Listing, VenueSettings
from fix_oms.simulator.venue import Venue
from tests.simulator.world import World, new, watch

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
NOON = 20_000 * DAY + DAY // 2
TICK = SCALE // 100
FLOW = Flow(
    limit_per_s=6.0,
    market_per_s=1.0,
    cancel_per_s=0.2,
    depth_ticks=2.0,
    volatility=0.7,
    hidden=0.1,
    iceberg=0.1,
)


def venue(
    name: str = "ALPHA", *, seed: int = 1, flow: Flow | None = FLOW, **behaviour: Any
) -> Venue:
    """A venue that was opened at noon."""
    made = Venue(name, FixVersion.FIX44)
    made.open(NOON, "1", settings(seed, flow))
    return made


def settings(seed: int, flow: Flow | None) -> VenueSettings:
    listing = Listing(reference=fixed("150"), flow=flow)
    return VenueSettings(
        version=FixVersion.FIX44,
        port=1,
        comp_id="ALPHA",
        clients=("C",),
        seed=seed,
        listings={"AAPL": listing},
    )


def life(of: Venue, seconds: int, start: int = NOON) -> Iterator[int]:
    """Let time pass, stopping at each thing that happens."""
    until = start + seconds * SECOND
    while (due := of.next_due()) is not None and due <= until:
        of.due(due)
        of._check()
        yield due


def story(of: Venue, seconds: int) -> list[object]:
    """The displayed book after each thing that happens."""
    book = of.floor.books["AAPL"]
    return [(at, book.levels(True), book.levels(False), book.last_px) for at in life(of, seconds)]


def middles(of: Venue, seconds: int) -> dict[int, float]:
    """The middle of the displayed book, in ticks, at each full tenth of a second."""
    book, found = of.floor.books["AAPL"], {}
    for at in life(of, seconds):
        bid, offer = book.best(True), book.best(False)
        if bid and offer:
            found[at // (SECOND // 10)] = (bid + offer) / 2 / TICK
    return found


# -- the flow -------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_market() -> None:
    assert story(venue(), 20) == story(venue(), 20)


def test_another_seed_gives_another_market() -> None:
    assert story(venue(), 5) != story(venue(seed=2), 5)


def test_two_venues_of_a_seed_are_two_markets() -> None:
    assert story(venue(), 5) != story(venue("BETA"), 5)


def test_the_book_is_full_when_the_venue_opens() -> None:
    book = venue().floor.books["AAPL"]
    assert len(book.levels(True)) > 1
    assert len(book.levels(False)) > 1


def test_other_traders_trade_with_each_other_and_it_is_published() -> None:
    world = World(reference="150", flow=FLOW)
    world.send(watch("M", "1", "AAPL"))
    assert any(" Nt" in text for text in world.wait(5_000))


def test_a_client_is_told_nothing_of_the_orders_of_others() -> None:
    world = World(reference="150", flow=FLOW)
    assert world.wait(5_000) == []


def test_a_client_trades_with_others() -> None:
    world = World(reference="150", flow=FLOW)
    assert "FILLED" in world.send(new("X", "buy 1 AAPL"))[-1]


def test_a_client_that_waits_is_filled_by_others() -> None:
    world = World(reference="150", flow=FLOW)
    world.send(new("X", "buy 1 AAPL @ 150"))
    assert any("TRADE/FILLED" in text for text in world.wait(30_000))


def test_quotes_follow_the_efficient_price() -> None:
    price = EfficientPrice(1, fixed("150"), TICK, 0.7)
    off = [
        middle - price.at(at * SECOND // 10) / TICK for at, middle in middles(venue(), 120).items()
    ]
    assert abs(statistics.mean(off)) < 0.5


def test_quotes_of_a_venue_that_lags_come_later() -> None:
    quick, slow = venue(), venue("BETA", flow=attrs.evolve(FLOW, lag_ms=5_000))
    fast, late = middles(quick, 240), middles(slow, 240)

    def apart(shift: int) -> float:
        pairs = [(fast[at - shift], late[at]) for at in late if at - shift in fast]
        return statistics.mean(abs(a - b) for a, b in pairs)

    assert apart(50) < apart(0)


def test_orders_come_at_the_rates_of_the_settings() -> None:
    of = venue()
    made = of.floor._made
    assert list(life(of, 300))
    assert abs(of.floor._made - made - 7 * 300) < 3 * (7 * 300) ** 0.5


def test_resting_orders_go_at_the_rate_of_the_settings() -> None:
    of = venue(flow=attrs.evolve(FLOW, market_per_s=0.0, volatility=0.0, hidden=0.0))
    resting = [len(of.floor._liquidity["AAPL"].others._rests) for _ in life(of, 300)]
    assert abs(statistics.mean(resting) - FLOW.limit_per_s / FLOW.cancel_per_s) < 3


@pytest.mark.parametrize("stopped", [{"flow_pace": 0.0}, {"closed": True}])
def test_nobody_comes_while(stopped: dict[str, Any]) -> None:
    world = World(reference="150", flow=FLOW)
    if stopped.pop("closed", False):
        world.act(acts.CloseMarket())
    else:
        world.set(**stopped)
    version = world.venue.floor.books["AAPL"].version
    world.wait(5_000)
    assert world.venue.floor.books["AAPL"].version == version


def test_others_come_again_when_the_pace_is_put_back() -> None:
    world = World(reference="150", flow=FLOW, flow_pace=0.0)
    version = world.venue.floor.books["AAPL"].version
    world.set(flow_pace=1.0)
    world.wait(5_000)
    assert world.venue.floor.books["AAPL"].version > version


def test_nobody_traded_while_the_venue_was_down() -> None:
    of = venue()
    book = of.floor.books["AAPL"]
    made = of.floor._made
    of.open(NOON + 3600 * SECOND, "2", settings(1, FLOW))
    assert of.floor._made == made
    assert list(life(of, 1, NOON + 3600 * SECOND))
    assert book.levels(True)


def test_a_venue_whose_file_names_no_flow_any_more_is_left_by_it() -> None:
    of = venue()
    of.open(NOON + SECOND, "2", settings(1, None))
    assert of.floor.books["AAPL"].levels(True) == []
    assert of.next_due() is None


# -- the efficient price --------------------------------------------------------------------------


def price(seed: int = 1, volatility: float = 1.0) -> EfficientPrice:
    return EfficientPrice(seed, fixed("150"), TICK, volatility)


@given(st.lists(st.integers(0, 3 * DAY - 1), min_size=1, max_size=8))
def test_the_efficient_price_does_not_depend_on_what_was_asked_before(moments: list[int]) -> None:
    asked = price()
    assert [asked.at(at) for at in moments] == [price().at(at) for at in moments]


@given(st.integers(0, 1000))
def test_a_day_begins_and_ends_at_the_reference(day: int) -> None:
    assert price().at(day * DAY) == fixed("150")
    assert abs(price().at((day + 1) * DAY - 1) - fixed("150")) < TICK // 100


def test_the_efficient_price_has_its_volatility() -> None:
    path = price()
    steps = [
        (path.at(NOON + (n + 1) * SECOND) - path.at(NOON + n * SECOND)) / TICK for n in range(4000)
    ]
    assert abs(statistics.stdev(steps) - 1.0) < 0.05


def test_without_volatility_the_price_is_the_reference() -> None:
    assert price(volatility=0.0).at(NOON) == fixed("150")


def test_another_price_seed_is_another_price() -> None:
    assert price(seed=1).at(NOON) != price(seed=2).at(NOON)


# -- chance ---------------------------------------------------------------------------------------


def test_exponential_numbers_have_mean_and_deviation_1() -> None:
    draw = Random(1)
    drawn = [exponential(draw) for _ in range(40_000)]
    assert abs(statistics.mean(drawn) - 1) < 0.02
    assert abs(statistics.stdev(drawn) - 1) < 0.02


def test_normal_numbers_have_mean_0_and_deviation_1() -> None:
    drawn = [normal(7, n) for n in range(40_000)]
    assert abs(statistics.mean(drawn)) < 0.02
    assert abs(statistics.stdev(drawn) - 1) < 0.02


@pytest.mark.parametrize("mean", [1, 2, 10])
def test_sizes_have_their_mean(mean: int) -> None:
    draw = Random(1)
    drawn = [lots(draw, mean) for _ in range(40_000)]
    assert abs(statistics.mean(drawn) - mean) < 0.1 * mean
    assert min(drawn) == 1
