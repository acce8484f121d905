"""The life of orders at a venue: the published scenarios, told by the side that knows the truth."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    OrderCancelReject,
)
from fix_oms.model.units import SCALE
from fix_oms.simulator import acts
from tests.simulator.world import World, cancel, new, replace


def filled(world: World, order: str, quantity: int, price: int = 10) -> list[str]:
    return world.act(acts.Fill(order=order, quantity=quantity * SCALE, price=price * SCALE))


# -- new orders -----------------------------------------------------------------------------------


def test_an_order_is_acknowledged_and_rests() -> None:
    assert World().send(new("X", "buy 100 AAPL @ 10")) == ["X NEW/NEW 100 0 100"]


def test_an_order_that_meets_the_book_is_filled_at_the_books_prices() -> None:
    world = World(asks=["60 @ 10", "60 @ 11"])
    assert world.send(new("X", "buy 100 AAPL @ 11")) == [
        "X NEW/NEW 100 0 100",
        "X TRADE/PARTIALLY_FILLED 100 60 40 60@10",
        "X TRADE/FILLED 100 100 0 40@11",
    ]


def test_the_average_price_is_over_all_executions() -> None:
    world = World(asks=["60 @ 10", "60 @ 11"])
    world.send(new("X", "buy 100 AAPL @ 11"))
    assert world.last_report().avg_px == 1_040_000_000


def test_two_clients_trade_with_each_other_and_both_are_told() -> None:
    world = World()
    world.send(new("A", "sell 100 AAPL @ 10"), session="S")
    assert world.send(new("B", "buy 40 AAPL @ 10"), session="T") == [
        "B NEW/NEW 40 0 40",
        "B TRADE/FILLED 40 40 0 40@10",
        "A TRADE/PARTIALLY_FILLED 100 40 60 40@10",
    ]


@pytest.mark.parametrize(
    ("time_in_force", "ending"),
    [
        ("3", ["X TRADE/PARTIALLY_FILLED 100 60 40 60@10", "X CANCELED/CANCELED 100 60 0"]),
        ("4", ["X CANCELED/CANCELED 100 0 0"]),
    ],
    ids=["IOC", "FOK"],
)
def test_what_cannot_be_filled_at_once_ends_canceled(time_in_force: str, ending: list[str]) -> None:
    world = World(asks=["60 @ 10"])
    said = world.send(new("X", "buy 100 AAPL @ 10", time_in_force=time_in_force))
    assert said == ["X NEW/NEW 100 0 100", *ending]


def test_a_market_order_without_liquidity_is_canceled() -> None:
    assert World().send(new("X", "buy 100 AAPL")) == [
        "X NEW/NEW 100 0 100",
        "X CANCELED/CANCELED 100 0 0",
    ]


@pytest.mark.parametrize(
    ("version", "told"),
    [(FixVersion.FIX44, []), (FixVersion.FIX50SP2, ["S TRIGGERED/NEW 5 0 5"])],
)
def test_a_triggered_stop_is_reported_where_the_version_has_a_code(
    version: FixVersion, told: list[str]
) -> None:
    world = World(version=version, asks=["1 @ 11", "5 @ 12"])
    world.send(new("S", "buy 5 AAPL", ord_type="3", stop_px=11 * SCALE))
    assert world.send(new("X", "buy 1 AAPL @ 11"))[2:] == [*told, "S TRADE/FILLED 5 5 0 5@12"]


REJECTS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("an unknown symbol", "buy 1 NONE @ 10", {}, "UNKNOWN_SYMBOL"),
    ("a quantity off the lot", "buy 1.5 AAPL @ 10", {}, "INCORRECT_QUANTITY"),
    ("no quantity", "buy 0 AAPL @ 10", {}, "INCORRECT_QUANTITY"),
    ("a price off the tick", "buy 1 AAPL @ 10.001", {}, "OTHER"),
    ("a limit without a price", "buy 1 AAPL", {"ord_type": "2"}, "OTHER"),
    ("a stop without a stop price", "buy 1 AAPL", {"ord_type": "3"}, "OTHER"),
    ("an order type that is not taken", "buy 1 AAPL @ 10", {"ord_type": "P"}, "UNSUPPORTED"),
    ("a time in force that is not taken", "buy 1 AAPL @ 10", {"time_in_force": "2"}, "UNSUPPORTED"),
)


@pytest.mark.parametrize(
    ("order", "more", "reason"), [row[1:] for row in REJECTS], ids=[row[0] for row in REJECTS]
)
def test_a_bad_order_is_rejected_with_its_reason(
    order: str, more: dict[str, Any], reason: str
) -> None:
    said = World().send(new("X", order, **more))[0]
    assert said.startswith("X REJECTED/REJECTED")
    assert f" {reason}" in said


@pytest.mark.parametrize(("version", "reason"), [(FixVersion.FIX42, "0"), (FixVersion.FIX44, "13")])
def test_a_reason_that_the_version_does_not_know_becomes_the_brokers_own(
    version: FixVersion, reason: str
) -> None:
    world = World(version=version)
    world.send(new("X", "buy 0 AAPL @ 10"))
    assert world.last_report().ord_rej_reason == reason


# -- the same ClOrdID again (F.1.a, F.1.b) ---------------------------------------------------------


def test_a_repeated_id_is_rejected_with_the_live_orders_state() -> None:
    world = World(asks=["40 @ 10"])
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(new("X", "buy 150 AAPL @ 10")) == [
        "X REJECTED/PARTIALLY_FILLED 100 40 60 DUPLICATE_ORDER"
    ]


def test_a_repeated_id_flagged_as_a_resend_is_answered_with_the_status() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(new("X", "buy 100 AAPL @ 10", poss_resend=True)) == [
        "X ORDER_STATUS/NEW 100 0 100"
    ]


def test_an_unknown_id_flagged_as_a_resend_is_a_new_order() -> None:
    said = World().send(new("X", "buy 100 AAPL @ 10", poss_resend=True))
    assert said == ["X NEW/NEW 100 0 100"]


def test_an_id_spent_on_a_cancel_of_nothing_is_rejected_without_an_order() -> None:
    world = World()
    world.send(cancel("Y", "X"))
    assert world.send(new("Y", "buy 100 AAPL @ 10")) == [
        "Y REJECTED/REJECTED 0 0 0 DUPLICATE_ORDER"
    ]


def test_two_clients_may_use_the_same_id() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"), session="S")
    assert world.send(new("X", "buy 5 AAPL @ 9"), session="T") == ["X NEW/NEW 5 0 5"]


# -- cancels --------------------------------------------------------------------------------------


def test_a_cancel_carries_both_ids() -> None:
    world = World()
    assert world.send(new("X", "buy 100 AAPL @ 10"), cancel("Y", "X"))[1:] == [
        "Y<-X CANCELED/CANCELED 100 0 0"
    ]


def test_a_cancel_of_an_unknown_order_is_refused_and_leaves_the_id_free() -> None:
    world = World()
    assert world.send(cancel("Y", "X")) == ["Y<-X refused REJECTED UNKNOWN_ORDER"]
    assert world.send(new("X", "buy 100 AAPL @ 10")) == ["X NEW/NEW 100 0 100"]


def test_the_refusal_for_an_unknown_order_names_no_order() -> None:
    world = World()
    world.send(cancel("Y", "X"))
    reject = world.sent[-1]
    assert isinstance(reject, OrderCancelReject)
    assert (reject.order_id, reject.cxl_rej_response_to) == ("NONE", "1")


def test_a_cancel_that_comes_too_late_says_what_the_order_is() -> None:
    world = World(asks=["100 @ 10"])
    assert world.send(new("X", "buy 100 AAPL @ 10"), cancel("Y", "X"))[2:] == [
        "Y<-X refused FILLED TOO_LATE"
    ]


def test_a_request_with_an_id_used_before_is_refused() -> None:
    world = World()
    assert world.send(new("X", "buy 100 AAPL @ 10"), cancel("X", "X"))[1:] == [
        "X<-X refused NEW DUPLICATE_CL_ORD_ID"
    ]


def test_a_cancel_may_name_the_order_by_its_order_id_alone() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    request = cancel("Y", "?")
    named = type(request)(
        **{
            **{f: getattr(request, f) for f in request.__struct_fields__},
            "order_id": world.last_report().order_id,
        }
    )
    assert world.send(named) == ["Y<-X CANCELED/CANCELED 100 0 0"]


def test_a_client_cannot_cancel_anothers_order() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"), session="S")
    assert world.send(cancel("Y", "X"), session="T") == ["Y<-X refused REJECTED UNKNOWN_ORDER"]


def test_a_fill_may_cross_a_cancel_that_waits_to_be_looked_at() -> None:
    world = World(pending_reports=True)  # B.1.c
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.set(ack_delay_ms=50)
    assert world.send(cancel("Y", "X")) == ["Y<-X PENDING_CANCEL/PENDING_CANCEL 100 0 100"]
    assert filled(world, "X", 100) == ["X TRADE/PENDING_CANCEL 100 100 0 100@10"]
    assert world.wait(50) == ["Y<-X refused FILLED TOO_LATE"]


# -- replaces -------------------------------------------------------------------------------------


def test_a_replace_answers_with_the_new_terms_and_both_ids() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(replace("Y", "X", "buy 110 AAPL @ 10")) == ["Y<-X REPLACED/NEW 110 0 110"]


def test_fills_after_a_replace_carry_the_new_id() -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"), replace("Y", "X", "buy 110 AAPL @ 10"))
    assert filled(world, "Y", 10) == ["Y TRADE/PARTIALLY_FILLED 110 10 100 10@10"]


def test_a_replace_that_crosses_is_reported_before_its_fills() -> None:
    world = World(asks=["100 @ 11"])
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(replace("Y", "X", "buy 100 AAPL @ 11")) == [
        "Y<-X REPLACED/NEW 100 0 100",
        "Y TRADE/FILLED 100 100 0 100@11",
    ]


def test_a_replace_below_what_has_traded_ends_filled_at_that() -> None:
    world = World()  # C.3.c
    world.send(new("X", "buy 10000 AAPL @ 10"))
    filled(world, "X", 8000)
    assert world.send(replace("Y", "X", "buy 7000 AAPL @ 10")) == [
        "Y<-X REPLACED/FILLED 8000 8000 0"
    ]


def test_a_filled_order_may_be_replaced_upwards_and_works_again() -> None:
    world = World(pending_reports=True)  # G.1.c
    world.send(new("X", "buy 100 AAPL @ 10"))
    filled(world, "X", 100)
    assert world.send(replace("Y", "X", "buy 120 AAPL @ 10")) == [
        "Y<-X PENDING_REPLACE/PENDING_REPLACE 100 100 0",
        "Y<-X REPLACED/PARTIALLY_FILLED 120 100 20",
    ]


def test_a_replace_of_a_filled_order_that_asks_for_no_more_is_too_late() -> None:
    world = World()  # C.2.a
    world.send(new("X", "buy 100 AAPL @ 10"))
    filled(world, "X", 100)
    assert world.send(replace("Y", "X", "buy 100 AAPL @ 11")) == ["Y<-X refused FILLED TOO_LATE"]


def test_a_fill_while_a_replace_is_pending_carries_the_old_id_and_quantity() -> None:
    world = World(pending_reports=True)  # C.1.b
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.set(ack_delay_ms=50)
    assert world.send(replace("Y", "X", "buy 120 AAPL @ 10")) == [
        "Y<-X PENDING_REPLACE/PENDING_REPLACE 100 0 100"
    ]
    assert filled(world, "X", 10) == ["X TRADE/PENDING_REPLACE 100 10 90 10@10"]
    assert world.wait(50) == ["Y<-X REPLACED/PARTIALLY_FILLED 120 10 110"]


def test_requests_in_line_are_chained_to_the_last_accepted_id() -> None:
    world = World()  # D.2.c: the sender says Z follows Y, but Y is refused
    world.send(new("X", "buy 100 AAPL @ 10"))
    world.set(ack_delay_ms=50)
    world.send(replace("Y", "X", "sell 80 AAPL @ 10"), replace("Z", "Y", "buy 70 AAPL @ 10"))
    assert world.wait(50) == ["Y<-X refused NEW OTHER", "Z<-X REPLACED/NEW 70 0 70"]


@pytest.mark.parametrize(
    "terms", ["sell 100 AAPL @ 10", "buy 100 MSFT @ 10", "buy 1.5 AAPL @ 10", "buy 0 AAPL @ 10"]
)
def test_a_replace_to_bad_terms_is_refused_and_the_order_lives(terms: str) -> None:
    world = World()
    world.send(new("X", "buy 100 AAPL @ 10"))
    assert world.send(replace("Y", "X", terms)) == ["Y<-X refused NEW OTHER"]


def test_a_refusal_tells_a_replace_from_a_cancel() -> None:
    world = World()
    world.send(replace("Y", "X", "buy 100 AAPL @ 10"))
    reject = world.sent[-1]
    assert isinstance(reject, OrderCancelReject)
    assert reject.cxl_rej_response_to == "2"
