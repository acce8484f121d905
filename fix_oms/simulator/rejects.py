"""What a venue refuses, with the reason code and the words: rules, and the messages that say so.

Each rule is a pure question with an :class:`Objection` for an answer. Reason codes are those of 4.4
and 5.0SP2; 4.2 has fewer, and :func:`ord_rej_reason` and :func:`cancel_reject` map them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fix_oms.model.fix import (
    BusinessRejectReason,
    CxlRejReason,
    CxlRejResponseTo,
    FixVersion,
    MsgType,
    OrdRejReason,
    OrdStatus,
    OrdType,
    TimeInForce,
)
from fix_oms.model.messages import (
    BusinessMessageReject,
    DontKnowTrade,
    ExecutionReport,
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataRequestReject,
    MarketDataSnapshot,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelReport,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    RequestForPositions,
    SecurityStatusRequest,
    SessionReject,
    Terms,
)
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed, fixed, text_of
from fix_oms.simulator.order import NONE, Order
from fix_oms.simulator.settings import Listing

Change = OrderCancelRequest | OrderCancelReplaceRequest

ANSWERS: Final = (SessionReject, BusinessMessageReject)
"""Never answered, or two sides would reject each other's rejects for ever."""

MSG_TYPES: Final[dict[type, MsgType]] = {
    NewOrderSingle: MsgType.NEW_ORDER_SINGLE,
    OrderCancelRequest: MsgType.ORDER_CANCEL_REQUEST,
    OrderCancelReplaceRequest: MsgType.ORDER_CANCEL_REPLACE_REQUEST,
    OrderStatusRequest: MsgType.ORDER_STATUS_REQUEST,
    OrderMassCancelRequest: MsgType.ORDER_MASS_CANCEL_REQUEST,
    OrderMassStatusRequest: MsgType.ORDER_MASS_STATUS_REQUEST,
    MarketDataRequest: MsgType.MARKET_DATA_REQUEST,
    DontKnowTrade: MsgType.DONT_KNOW_TRADE,
    RequestForPositions: MsgType.REQUEST_FOR_POSITIONS,
    SecurityStatusRequest: MsgType.SECURITY_STATUS_REQUEST,
    ExecutionReport: MsgType.EXECUTION_REPORT,
    OrderCancelReject: MsgType.ORDER_CANCEL_REJECT,
    OrderMassCancelReport: MsgType.ORDER_MASS_CANCEL_REPORT,
    MarketDataSnapshot: MsgType.MARKET_DATA_SNAPSHOT,
    MarketDataIncremental: MsgType.MARKET_DATA_INCREMENTAL,
    MarketDataRequestReject: MsgType.MARKET_DATA_REQUEST_REJECT,
}

_LAST_IN_42: Final = {"ord": "8", "cxl": "3"}
"""The highest OrdRejReason(103) and CxlRejReason(102) that FIX 4.2 knows."""
_TAKEN_TYPES: Final = frozenset({OrdType.MARKET, OrdType.LIMIT, OrdType.STOP, OrdType.STOP_LIMIT})
_TAKEN_TIMES: Final = frozenset(
    {TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK}
)
_PRICED: Final = (OrdType.LIMIT, OrdType.STOP_LIMIT)
_STOPPED: Final = (OrdType.STOP, OrdType.STOP_LIMIT)


class Objection(NamedTuple):
    """Why a request is refused: a code of OrdRejReason(103) or CxlRejReason(102), and words."""

    reason: str
    text: str


def to_terms(terms: Terms, listing: Listing | None, *, is_closed: bool) -> Objection | None:
    """What speaks against working an order on these terms."""
    if listing is None:
        return Objection(OrdRejReason.UNKNOWN_SYMBOL, f"unknown Symbol(55) {terms.symbol}")
    if is_closed:
        return Objection(OrdRejReason.EXCHANGE_CLOSED, "the market is closed")
    if terms.ord_type not in _TAKEN_TYPES:
        return _unsupported(f"OrdType(40) {terms.ord_type}")
    if terms.time_in_force not in _TAKEN_TIMES:
        return _unsupported(f"TimeInForce(59) {terms.time_in_force}")
    if terms.order_qty <= 0 or terms.order_qty % listing.lot:
        what = f"OrderQty(38) {text_of(terms.order_qty)}"
        text = f"{what} is no positive multiple of the lot {text_of(listing.lot)}"
        return Objection(OrdRejReason.INCORRECT_QUANTITY, text)
    for field, price, needed in (
        ("Price(44)", terms.price, terms.ord_type in _PRICED),
        ("StopPx(99)", terms.stop_px, terms.ord_type in _STOPPED),
    ):
        if not needed:
            continue
        if price is None:
            return Objection(OrdRejReason.OTHER, f"{field} is missing for this OrdType(40)")
        if price <= 0 or price % listing.tick:
            tick = text_of(listing.tick)
            text = f"{field} {text_of(price)} is no positive multiple of the tick {tick}"
            return Objection(OrdRejReason.OTHER, text)
    return None


def display_of(extra: Mapping[str, str]) -> Fixed | None:
    """How much of an order its owner wants shown at a time: DisplayQty(1138) of 5.0, or MaxFloor
    (111) before that. 0 is nothing, None all. Raises ValueError where it is no number."""
    text = extra.get("1138", extra.get("111"))
    return None if text is None else fixed(text)


def to_display(extra: Mapping[str, str], listing: Listing | None) -> Objection | None:
    """What speaks against showing so much of an order."""
    try:
        shown = display_of(extra) or 0
    except ValueError:
        shown = -1
    if listing is None or (shown >= 0 and shown % listing.lot == 0):
        return None
    tag = 1138 if "1138" in extra else 111
    what = f"{label(tag)} {extra[str(tag)][:32]}"
    text = f"{what} is neither 0 nor a multiple of the lot {text_of(listing.lot)}"
    return Objection(OrdRejReason.INCORRECT_QUANTITY, text)


def _unsupported(what: str) -> Objection:
    return Objection(OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC, f"{what} is not taken here")


def to_change(order: Order, message: Change, listing: Listing | None) -> Objection | None:
    """What speaks against canceling or replacing ``order``.

    A Filled order may be replaced to a larger quantity, and works again (G.1.c).
    """
    too_late = Objection(CxlRejReason.TOO_LATE, f"too late: the order is {order.status.name}")
    if order.ended is not None:
        return too_late
    if isinstance(message, OrderCancelRequest):
        return too_late if not order.leaves_qty else None
    terms = message.terms
    if not order.leaves_qty and terms.order_qty <= order.order_qty:
        return too_late
    if terms.symbol != order.terms.symbol:
        return Objection(CxlRejReason.OTHER, "Symbol(55) may not change")
    if terms.side != order.side:
        return Objection(CxlRejReason.OTHER, "Side(54) may not change")
    found = to_terms(terms, listing, is_closed=False) or to_display(message.extra, listing)
    return None if found is None else Objection(CxlRejReason.OTHER, found.text)


def ord_rej_reason(version: FixVersion, reason: str) -> str:
    """The OrdRejReason(103) that this version knows for it; 4.2's catch-all is 0."""
    return _known(version, reason, "ord", OrdRejReason.BROKER)


def _known(version: FixVersion, reason: str, kind: str, otherwise: str) -> str:
    if version is FixVersion.FIX42 and int(reason) > int(_LAST_IN_42[kind]):
        return otherwise
    return reason


def cancel_reject(
    version: FixVersion, message: Change, order: Order | None, objection: Objection, now_ns: int
) -> OrderCancelReject:
    """35=9, with the order's status as it is after the reject; for an unknown order Rejected and
    OrderID NONE (FIX 4.4 volume 4, Order Cancel Reject)."""
    replaces = isinstance(message, OrderCancelReplaceRequest)
    return OrderCancelReject(
        cl_ord_id=message.cl_ord_id,
        orig_cl_ord_id=message.orig_cl_ord_id if order is None else order.cl_ord_id,
        order_id=NONE if order is None else order.order_id,
        ord_status=OrdStatus.REJECTED if order is None else order.status,
        cxl_rej_response_to=CxlRejResponseTo.REPLACE if replaces else CxlRejResponseTo.CANCEL,
        cxl_rej_reason=_known(version, objection.reason, "cxl", CxlRejReason.BROKER),
        text=objection.text,
        transact_time=now_ns,
    )


def not_available(message: Message, seq: int | None, text: str) -> BusinessMessageReject:
    """35=j 380=4: the venue does not take requests now."""
    return _business(message, seq, BusinessRejectReason.APPLICATION_NOT_AVAILABLE, text)


def unsupported(message: Message, seq: int | None) -> BusinessMessageReject:
    """35=j 380=3: a message that a venue sends but does not take."""
    kind = MSG_TYPES.get(type(message), "?")
    text = f"MsgType(35) {kind} is not taken by a venue"
    return _business(message, seq, BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE, text)


def _business(message: Message, seq: int | None, reason: str, text: str) -> BusinessMessageReject:
    ref_id = None
    for name in ("cl_ord_id", "mass_status_req_id", "md_req_id"):
        ref_id = ref_id or getattr(message, name, None)
    return BusinessMessageReject(
        ref_msg_type=MSG_TYPES.get(type(message)),
        business_reject_reason=reason,
        ref_seq_num=seq,
        business_reject_ref_id=ref_id,
        text=text,
    )
