"""Fees: what an execution costs, and that its report says so in the words of each version."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.routing import Fees
from fix_oms.model.units import SCALE, fixed, text_of
from fix_oms.simulator import acts
from fix_oms.simulator.tariff import cost
from fix_oms.wire import Codec
from tests.simulator.world import World, new

TARIFF = Fees(taker=fixed("0.003"), maker=fixed("-0.002"))

COSTS = (
    (Fees(taker=fixed("0.003")), "100", "10", False, "0.3"),
    (Fees(maker=fixed("-0.002")), "100", "10", True, "-0.2"),
    (Fees(taker_bps=fixed("2.5")), "100", "10", False, "0.25"),
    (Fees(taker=fixed("0.001"), taker_bps=fixed("1")), "100", "10", False, "0.2"),
    (Fees(taker=fixed("0.003")), "100", "10", True, "0"),
)


@pytest.mark.parametrize(("fees", "quantity", "price", "is_maker", "money"), COSTS)
def test_an_execution_costs(
    fees: Fees, quantity: str, price: str, is_maker: bool, money: str
) -> None:
    assert text_of(cost(fees, fixed(quantity), fixed(price), is_maker=is_maker)) == money


@given(
    st.integers(-SCALE, SCALE),
    st.integers(-100 * SCALE, 100 * SCALE),
    st.integers(1, 10**6 * SCALE),
    st.integers(1, 10**4 * SCALE),
)
def test_a_cost_is_the_exact_one_rounded_once(
    unit: int, bps: int, quantity: int, price: int
) -> None:
    exact = Fraction(unit * quantity, SCALE) + Fraction(bps * quantity * price, SCALE**2 * 10_000)
    assert cost(Fees(taker=unit, taker_bps=bps), quantity, price, is_maker=False) == round(exact)


def fees_told(world: World) -> list[str]:
    """What the engine's codec reads as the fees of each execution, after the wire."""
    codec = Codec(world.venue.version)
    found = []
    for report in world.sent:
        if isinstance(report, ExecutionReport) and report.last_qty:
            read = codec.decode(f"{codec.encode(report)}34=1\x0152=20270101-00:00:00\x01")
            assert isinstance(read, ExecutionReport)
            found.append(text_of((read.commission or 0) + (read.misc_fees or 0)))
    return found


@pytest.mark.parametrize("version", list(FixVersion))
def test_each_side_of_a_trade_is_told_its_own_fee(version: FixVersion) -> None:
    world = World(version=version, fees=TARIFF)
    world.send(new("X", "sell 100 AAPL @ 10"), new("Y", "buy 100 AAPL @ 10"))
    assert fees_told(world) == ["0.3", "-0.2"]


def test_a_venue_without_a_tariff_tells_no_fee() -> None:
    world = World(asks=["100 @ 10"])
    world.send(new("X", "buy 100 AAPL @ 10"))
    report = world.last_report()
    assert (report.commission, report.misc_fees) == (None, None)


def test_a_correction_tells_the_fee_of_what_it_corrects_to() -> None:
    world = World(asks=["100 @ 10"], fees=TARIFF)
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.act(acts.Correct(exec_id=world.exec_ids()[-1], quantity=50 * SCALE, price=10 * SCALE))
    assert fees_told(world) == ["0.3", "0.15"]


def test_a_fill_by_hand_is_a_makers_where_the_order_rests() -> None:
    world = World(fees=TARIFF)
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.act(acts.Fill(order="X", quantity=100 * SCALE, price=10 * SCALE))
    assert fees_told(world) == ["-0.2"]


def test_a_fill_by_hand_is_a_takers_where_the_order_has_ended() -> None:
    world = World(fees=TARIFF)
    world.send(new("X", "buy 100 AAPL @ 10", time_in_force="3"))
    world.act(acts.Fill(order="X", quantity=100 * SCALE, price=10 * SCALE))
    assert fees_told(world) == ["0.3"]


def test_a_tariff_is_changed_while_the_venue_runs() -> None:
    world = World(asks=["100 @ 10"])
    world.set(**{"fees.taker": "0.01"})
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert fees_told(world) == ["1"]
