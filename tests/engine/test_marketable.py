"""Market orders at a counterparty that takes none: what is sent instead, and when nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import OrdType, TimeInForce
from fix_oms.model.messages import MarketDataSnapshot, MDEntry
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.settings_past import present
from fix_oms.model.units import SCALE, fixed, text_of
from tests.engine.desk import Desk, plain_settings

MINUTE = 60


def without(bps: str | None = None, **more: Any) -> Desk:
    """A desk whose ALPHA takes no market orders and tells its book: 99.98 to 100.02."""
    settings = plain_settings()
    alpha = settings["sessions"]["ALPHA"]
    alpha["supports"] = {"market_orders": False, "market_data": True}
    if bps is not None:
        alpha["market_order_bps"] = bps
    settings.update(more)
    desk = Desk(settings)
    tell(desk, "99.98", "100.02")
    return desk


def tell(desk: Desk, bid: str, offer: str) -> None:
    sides = [("0", bid), ("1", offer)]
    entries = tuple(
        MDEntry(entry_type=kind, price=fixed(px), size=500 * SCALE) for kind, px in sides if px
    )
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries))


def sent(desk: Desk, answer: Accepted | Refused) -> tuple[str, str, str]:
    """OrdType, TimeInForce and Price of the order as it left."""
    assert isinstance(answer, Accepted), answer
    order = desk.order(answer.order)
    assert order.price is not None
    return order.ord_type, order.time_in_force, text_of(order.price)


BOUNDS = [
    # side, bps, tif; the limit, and its tif
    ("1", None, "0", "100.22", "3"),  # 20 bps of 100.02 are 0.20004
    ("2", None, "0", "99.79", "3"),  # 99.78004, rounded up: never beyond the bound
    ("1", "1", "0", "100.03", "3"),
    ("1", "0.1", "0", "100.02", "3"),  # less than a tick: the touch itself
    ("2", "100", "4", "98.99", "4"),  # fill or kill stays what it is
    ("1", "100", "1", "101.02", "3"),
]


@pytest.mark.parametrize(("side", "bps", "tif", "limit", "as_tif"), BOUNDS)
def test_it_is_a_limit_within_the_bound_that_takes_at_once(
    side: str, bps: str | None, tif: str, limit: str, as_tif: str
) -> None:
    desk = without(bps)
    answer = desk.ask_new(side, 100, None, time_in_force=tif)
    assert sent(desk, answer) == (OrdType.LIMIT, as_tif, limit)


REFUSED = [
    ("99.98", "", 0, "it has no offer"),
    ("100.05", "100.01", 0, "its book is crossed"),
    ("99.98", "100.02", 2 * MINUTE, "its book is stale"),
]


@pytest.mark.parametrize(("bid", "offer", "later_s", "why"), REFUSED)
def test_without_a_price_to_make_a_limit_of_it_is_refused(
    bid: str, offer: str, later_s: int, why: str
) -> None:
    desk = without()
    tell(desk, bid, offer)
    desk.passes(later_s * 1_000_000_000)
    answer = desk.ask_new("1", 100, None)
    assert isinstance(answer, Refused)
    assert (answer.control, answer.text.endswith(why), desk.sent[1:]) == ("supports", True, [])


def test_a_bound_of_0_has_it_refused() -> None:
    answer = without("0").ask_new("1", 100, None)
    assert isinstance(answer, Refused)
    assert answer.text.endswith("(supports.market_orders is false)")


def test_the_limit_is_what_the_gate_judges() -> None:
    desk = without(limits=[{"control": "max_order_value", "limit": "10022"}])
    answers = [desk.ask_new("1", qty, None) for qty in (100, 101)]
    assert [type(answer) for answer in answers] == [Accepted, Refused]


def test_a_counterparty_that_takes_market_orders_gets_one() -> None:
    desk = Desk()
    tell(desk, "99.98", "100.02")
    name = desk.buy(100, None)
    order = desk.order(name)
    assert (order.ord_type, order.price, order.time_in_force) == (OrdType.MARKET, None, "0")


def test_it_replays_to_the_same_state() -> None:
    desk = without()
    desk.buy(100, None)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()


def test_a_past_journal_had_it_refused() -> None:
    supports = {"replace": True, "market_orders": False}
    told = present({"sessions": {"ALPHA": {"supports": supports}}})
    assert told["sessions"]["ALPHA"]["market_order_bps"] == "0"


def test_the_routers_market_order_becomes_one_too() -> None:
    desk = without()
    command = inputs.NewParent(
        by="ann",
        ref="P1",
        symbol="AAPL",
        side="1",
        order_qty=100 * SCALE,
        routed=True,
        policy="direct",
        venue="ALPHA",
        time_in_force=TimeInForce.IOC.value,
    )
    desk.answer(command)
    [child] = desk.shown.routing.parent("P1").children
    assert (child.ord_type, child.price) == (OrdType.LIMIT, fixed("100.22"))
