"""What of a client's messages is refused: by which message, with which reason."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    SessionReject,
)
from fix_oms.model.units import fixed
from tests.engine.client import VERSIONS, ClientDesk, Upstream, client_settings, rejected, working

BROKERS = ("ALPHA", "BETA")
"""One speaks FIX 4.4, the other 4.2."""


@pytest.fixture(params=[(v, b) for v in VERSIONS for b in BROKERS], ids=lambda p: f"{p[0]}-{p[1]}")
def trading(request: pytest.FixtureRequest) -> tuple[ClientDesk, Upstream, str]:
    version, broker = request.param
    desk = ClientDesk(client_settings(version))
    return desk, Upstream(desk), broker


Trading = tuple[ClientDesk, Upstream, str]


REFUSALS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({}, {"symbol": "NONE"}, "1", "no instrument 'NONE'"),
    ({}, {"account": "OTHER"}, "99", "Account(1) 'OTHER' is none that UP may use"),
    ({"symbols": ["MSFT"]}, {}, "99", "Symbol(55) 'AAPL' is none that UP may use"),
    ({"venues": ["BETA"]}, {}, "99", "ExDestination(100) 'ALPHA' is none that UP may use"),
    ({}, {"venue": "NOWHERE"}, "99", "'NOWHERE'"),
    ({}, {"side": "5"}, "11", "may not sell short"),
    ({"may": {"market_orders": False}}, {"price": None}, "11", "may not send market orders"),
    (
        {"may": {"stop_orders": False}},
        {"price": None, "ord_type": "3", "stop_px": fixed("9")},
        "11",
        "may not send stop orders",
    ),
    ({"may": {"new": False}}, {}, "99", "may not send NewOrderSingle(35=D)"),
    ({}, {"extra": {"110": "5"}}, "11", "MinQty(110) is not taken"),
    ({}, {"extra": {"111": "5"}}, "11", "MaxFloor(111) is not taken"),
    ({}, {"cl_ord_id": "c" * 65}, "99", "longer than 64 characters"),
    ({}, {"price": "10.001"}, "13", "no multiple of the tick 0.01"),
    ({}, {"qty": 2000}, "13", "max_order_qty: "),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("changes", "order", "reason", "text"), REFUSALS)
def test_an_order_is_refused_with_its_reason(
    version: str, changes: dict[str, Any], order: dict[str, Any], reason: str, text: str
) -> None:
    settings = client_settings(version, **changes)
    settings["limits"] = [{"control": "max_order_qty", "limit": "1000"}]
    up = Upstream(ClientDesk(settings))
    refused = rejected(up.order(**order))
    assert isinstance(refused, ExecutionReport)
    if version == "FIX.4.2" and reason in ("11", "13", "99"):
        reason = "0"  # it has no more
    told = (refused.exec_type, refused.ord_status, refused.ord_rej_reason, refused.leaves_qty)
    assert told == ("8", "8", reason, 0)
    assert text in (refused.text or "")


def test_nothing_of_a_refused_order_leaves() -> None:
    desk = ClientDesk()
    Upstream(desk).order(symbol="NONE")
    assert not [m for m in desk.sent if m.session != "UP"]


def test_a_first_account_is_the_default() -> None:
    desk = ClientDesk(client_settings(accounts=["HEDGE", "DESK"]))
    up = Upstream(desk)
    up.order()
    assert desk.order(up.ours()).account == "HEDGE"


def test_orders_carry_the_clients_strategy() -> None:
    desk = ClientDesk(client_settings(strategy="UP"))
    up = Upstream(desk)
    up.order()
    lanes = desk.engine.state.book.find(up.ours())
    assert lanes is not None
    assert lanes.strategy == "UP"


def test_more_open_orders_than_allowed_are_refused() -> None:
    up = Upstream(ClientDesk(client_settings(max_open_orders=1)))
    up.order("c1")
    refused = rejected(up.order("c2"))
    assert isinstance(refused, ExecutionReport)
    assert (refused.ord_rej_reason, (refused.text or "")[:18]) == ("3", "client_open_orders")


def test_what_is_sent_too_fast_is_refused_and_cancels_pass() -> None:
    desk = ClientDesk(client_settings(messages_per_s=2, burst=2))
    up = Upstream(desk)
    up.order("c1")
    up.order("c2")
    refused = rejected(up.order("c3"))
    answers = up.cancel("c4", "c1")
    assert "client_rate" in (refused.text or "")
    assert (answers, up.request_of("c4") != "") == ([], True)


def test_a_throttle_forgets() -> None:
    desk = ClientDesk(client_settings(messages_per_s=2, burst=2))
    up = Upstream(desk)
    for name in ("c1", "c2", "c3"):
        up.order(name)
    desk.passes(10**9)
    assert [type(m) for m in up.order("c5")] == [ExecutionReport]
    assert up.ours("c5")


def test_a_second_order_of_one_id_is_refused_as_a_duplicate(trading: Trading) -> None:
    desk, up, broker = trading
    up.order(venue=broker)
    refused = rejected(up.order(venue=broker))
    assert isinstance(refused, ExecutionReport)
    assert (refused.exec_type, refused.ord_rej_reason) == ("8", "6")
    assert len([m for m in desk.sent if m.text.startswith("35=D")]) == 1


def test_an_order_that_is_delivered_twice_is_taken_once(trading: Trading) -> None:
    desk, up, broker = trading
    up.order(venue=broker)
    assert up.order(venue=broker, header={"_43": "Y"}) == []
    assert len([m for m in desk.sent if m.text.startswith("35=D")]) == 1


def test_a_possible_resend_is_answered_with_the_present_state(trading: Trading) -> None:
    desk, up, broker = trading
    working(desk, up, broker)
    told = up.order(venue=broker, header={"_97": "Y"})[0]
    assert isinstance(told, ExecutionReport)
    assert (told.exec_type, told.ord_status, told.cl_ord_id) == ("I", "0", "c1")
    assert len([m for m in desk.sent if m.text.startswith("35=D")]) == 1


def test_a_possible_resend_that_is_new_is_taken() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    up.order(header={"_97": "Y"})
    assert up.ours()


def test_two_clients_may_use_one_id() -> None:
    settings = client_settings()
    settings["clients"]["TWO"] = settings["clients"]["UP"] | {"target_comp_id": "TWO"}
    desk = ClientDesk(settings)
    one, two = Upstream(desk), Upstream(desk, "TWO")
    one.order()
    two.order()
    assert one.ours() != two.ours()


CHANGES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("F", {"orig": "x"}, "1", "8", "no order of yours is known"),
    ("F", {"symbol": "MSFT"}, "99", "0", "Symbol(55) is not that of the order"),
    ("F", {"side": "2"}, "99", "0", "Side(54) is not that of the order"),
    ("G", {"ord_type": "1", "price": None}, "99", "0", "OrdType(40) cannot be replaced"),
    ("G", {"ex_destination": "BETA"}, "99", "0", "ExDestination(100) cannot be replaced"),
    ("G", {"account": "OTHER"}, "99", "0", "Account(1) 'OTHER'"),
    ("G", {}, "2", "0", "changes nothing"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("kind", "asked", "reason", "status", "text"), CHANGES)
def test_a_change_is_refused_with_its_reason(
    version: str, kind: str, asked: dict[str, Any], reason: str, status: str, text: str
) -> None:
    desk = ClientDesk(client_settings(version))
    up = Upstream(desk)
    working(desk, up)
    orig = asked.get("orig", "c1")
    more = {k: v for k, v in asked.items() if k != "orig"}
    told = up.cancel("c2", orig, **more) if kind == "F" else up.replace("c2", orig, **more)
    refused = rejected(told)
    assert isinstance(refused, OrderCancelReject)
    if version == "FIX.4.2" and reason == "99":
        reason = "2"
    assert (refused.cxl_rej_reason, refused.ord_status, refused.cl_ord_id) == (reason, status, "c2")
    assert refused.cxl_rej_response_to == ("1" if kind == "F" else "2")
    assert text in (refused.text or "")


def test_a_second_cancel_is_refused_as_pending() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    working(desk, up)
    up.cancel("c2", "c1")
    refused = rejected(up.cancel("c3", "c1"))
    assert isinstance(refused, OrderCancelReject)
    assert refused.cxl_rej_reason == "3"


def test_a_cancel_while_the_desk_cancels_is_answered_by_the_same_report() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    ref = working(desk, up)
    cancel = desk.takes_out(ref)
    up.cancel("c2", "c1")
    desk.report(cancel, "4", "4")
    assert up.reports() == [("4", "4", "c2", 0, 0)]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_cannot_be_read_is_refused_by_tag(version: str) -> None:
    up = Upstream(ClientDesk(client_settings(version)))
    told = up.say_text(
        "35=D\x0111=c1\x0155=AAPL\x0154=1\x0138=x\x0140=1\x0160=20260101-00:00:00\x01"
    )
    assert [(type(m), getattr(m, "ref_tag_id", None)) for m in told] == [(SessionReject, 38)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_limit_order_without_a_price_is_refused_by_tag(version: str) -> None:
    up = Upstream(ClientDesk(client_settings(version)))
    told = up.say_text(
        "35=D\x0111=c1\x0155=AAPL\x0154=1\x0138=1\x0140=2\x0160=20260101-00:00:00\x01"
    )
    assert isinstance(told[0], BusinessMessageReject)
    assert (told[0].business_reject_reason, "Price(44)" in (told[0].text or "")) == ("5", True)


UNTAKEN: list[tuple[str, str]] = [
    ("FIX.4.2", "35=q\x0111=q\x01530=7\x0160=20260101-00:00:00\x01"),
    ("FIX.4.4", "35=R\x01131=a\x0155=AAPL\x01"),
    ("FIX.4.4", "35=8\x0137=a\x0117=b\x01150=0\x0139=0\x0154=1\x01151=0\x0114=0\x016=0\x01"),
]


@pytest.mark.parametrize(("version", "text"), UNTAKEN)
def test_a_message_that_is_not_taken_is_refused_by_type(version: str, text: str) -> None:
    up = Upstream(ClientDesk(client_settings(version)))
    told = up.say_text(text)
    assert isinstance(told[0], BusinessMessageReject)
    assert told[0].business_reject_reason == "3"


def test_no_garbage_ends_the_step() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    for text in ("", "35=", "35=D\x01", "\x00\xff=\x01", "35=D\x0111=\x01", "35=8\x01" * 9):
        up.say_text(text)
    assert not [a for a in desk.alerts if a.code == "fault"]


def test_a_rejected_message_of_ours_is_told_to_people() -> None:
    desk = ClientDesk()
    up = Upstream(desk)
    up.say(SessionReject(ref_seq_num=5, text="no"))
    assert [a.text for a in desk.alerts if a.code == "client_trouble"] == [
        "client UP rejects our message 5: no"
    ]
