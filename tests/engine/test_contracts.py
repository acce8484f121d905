"""The gate holds an order to what its venue asks."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk, plain_settings

OWN = {"tick": "0.05", "lot": "10", "min_qty": "20", "max_qty": "100", "min_notional": "500"}

REFUSED = {
    "a tick": ({"qty": 50, "price": "20.01"}, "Price(44)", "tick_size"),
    "a lot": ({"qty": 55, "price": "20.05"}, "OrderQty(38)", "lot_size"),
    "a least quantity": ({"qty": 10, "price": "20.05"}, "OrderQty(38)", "quantity_bounds"),
    "a largest quantity": ({"qty": 110, "price": "20.05"}, "OrderQty(38)", "quantity_bounds"),
    "a least value": ({"qty": 20, "price": "20.05"}, "OrderQty(38)", "min_notional"),
}


def desk_with() -> Desk:
    plain = plain_settings()
    plain["instruments"]["AAPL"]["at"] = {"BETA": OWN}
    return Desk(plain)


@pytest.mark.parametrize(("asked", "field", "control"), REFUSED.values(), ids=REFUSED.keys())
def test_an_order_is_held_to_its_venues_contract(
    asked: dict[str, Any], field: str, control: str
) -> None:
    desk = desk_with()
    answer = desk.ask_new("1", **asked, venue="BETA")
    assert isinstance(answer, Refused)
    assert (answer.field, answer.control) == (field, control)
    assert isinstance(desk.ask_new("1", **asked, venue="ALPHA"), Accepted)


def test_an_order_that_names_no_venue_is_held_to_the_one_that_it_gets() -> None:
    desk = desk_with()
    desk.down("ALPHA")
    answer = desk.ask_new("1", 50, "20.01", venue=None)
    assert isinstance(answer, Refused)
    assert answer.control == "tick_size"


def test_a_replace_is_held_to_its_venues_contract() -> None:
    desk = desk_with()
    order = desk.buy(50, "20.05", venue="BETA")
    desk.report(order, "0", "0", leaves=50)
    answer = desk.replace(order, order_qty=55 * SCALE)
    assert isinstance(answer, Refused)
    assert answer.control == "lot_size"
