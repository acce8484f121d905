"""What a client may ask for, by its configuration, before any limit is looked at.

Nothing of an order is dropped in silence: a field that would change what the order means, and that
we do not pass on, refuses it by name. What only describes (a rule 80A code, parties, free text) is
left aside.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from fix_oms.engine.client_state import Peer
from fix_oms.engine.client_truth import Truth
from fix_oms.model.fix import OrdRejReason, OrdType, Side
from fix_oms.model.messages import (
    Message,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    Terms,
)
from fix_oms.model.outputs import Refused
from fix_oms.model.tags import label

Change: TypeAlias = OrderCancelRequest | OrderCancelReplaceRequest

LONGEST_ID: Final = 64
"""Characters of a client's ClOrdID(11): it is repeated in every report."""
_NEEDS: Final[dict[type, tuple[str, str]]] = {
    NewOrderSingle: ("new", "NewOrderSingle(35=D)"),
    OrderCancelRequest: ("cancel", "OrderCancelRequest(35=F)"),
    OrderCancelReplaceRequest: ("replace", "OrderCancelReplaceRequest(35=G)"),
    OrderMassCancelRequest: ("mass_cancel", "OrderMassCancelRequest(35=q)"),
    OrderStatusRequest: ("status", "OrderStatusRequest(35=H)"),
    OrderMassStatusRequest: ("status", "OrderMassStatusRequest(35=AF)"),
}
"""The permission that a message needs, and its name."""
_ALWAYS: Final = (OrderCancelRequest, OrderMassCancelRequest)
"""Messages that take risk out pass the throttle (and are counted)."""
_SHORT: Final = frozenset({Side.SELL_SHORT.value, Side.SELL_SHORT_EXEMPT.value})
_STOPS: Final = frozenset({OrdType.STOP.value, OrdType.STOP_LIMIT.value})
ALTERS: Final[dict[str, str]] = {
    "18": "ExecInst",
    "110": "MinQty",
    "111": "MaxFloor",
    "168": "EffectiveTime",
    "210": "MaxShow",
    "211": "PegDifference",
    "388": "DiscretionInst",
    "389": "DiscretionOffset",
    "423": "PriceType",
    "432": "ExpireDate",
    "847": "TargetStrategy",
    "854": "QtyType",
    "1083": "DisplayWhen",
    "1084": "DisplayMethod",
    "1091": "PreTradeAnonymity",
    "1100": "TriggerType",
    "1138": "DisplayQty",
}
"""Fields that would change what an order means, and are not passed on."""
_MANUAL: Final = "3"
"""HandlInst(21): manual order, best execution."""


def wrong_message(now: int, peer: Peer, message: Message) -> Refused | None:
    """Whether the client may send a message of this kind, and so many."""
    settings = peer.settings
    within = peer.takes(now)
    permission, name = _NEEDS[type(message)]
    if len(getattr(message, "cl_ord_id", "")) > LONGEST_ID:
        text = f"ClOrdID(11) is longer than {LONGEST_ID} characters"
        return _refused("terms", text, "ClOrdID(11)", limit=str(LONGEST_ID))
    if not getattr(settings.may, permission):
        return _refused("permission", f"{settings.name} may not send {name}", "MsgType(35)")
    if not (within or isinstance(message, _ALWAYS)):
        most = f"{settings.messages_per_s} messages a second after {settings.burst}"
        text = f"{settings.name} sends too fast: the limit is {most}"
        return _refused("client_rate", text, limit=str(settings.messages_per_s))
    return None


def wrong_order(peer: Peer, message: NewOrderSingle) -> Refused | Terms:
    """The terms as our gate takes them, or what the client may not."""
    settings, asked = peer.settings, message.terms
    refused = _wrong_terms(peer, message)
    if refused is not None:
        return refused
    if len(peer.open) >= settings.max_open_orders:
        return _refused(
            "client_open_orders",
            f"{settings.name} has {len(peer.open)} orders open, its limit",
            limit=str(settings.max_open_orders),
            value=str(len(peer.open) + 1),
            code=OrdRejReason.ORDER_EXCEEDS_LIMIT,
        )
    account = asked.account or settings.accounts[0]
    return msgspec.structs.replace(asked, account=account, ex_destination=None, text=None)


def wrong_change(peer: Peer, message: Change, truth: Truth | None, venue: str) -> Refused | None:
    """What a cancel or replace says that does not fit the order, or is not the client's to ask."""
    terms = message.terms
    if truth is None:
        return _refused("order", "the order is not known any more")
    if terms.symbol != truth.symbol:
        return _refused("terms", "Symbol(55) is not that of the order", "Symbol(55)")
    if terms.side != truth.side:
        return _refused("terms", "Side(54) is not that of the order", "Side(54)")
    if isinstance(message, OrderCancelRequest):
        return None
    if terms.ord_type != truth.ord_type:
        return _refused("terms", "OrdType(40) cannot be replaced", "OrdType(40)")
    if terms.cash_order_qty is not None:
        text = "CashOrderQty(152) cannot be replaced: state OrderQty(38)"
        return _refused("terms", text, "CashOrderQty(152)")
    if terms.ex_destination not in (None, venue):
        text = "ExDestination(100) cannot be replaced"
        return _refused("terms", text, "ExDestination(100)")
    return _wrong_terms(peer, message)


def _wrong_terms(peer: Peer, message: NewOrderSingle | OrderCancelReplaceRequest) -> Refused | None:
    settings, may, terms = peer.settings, peer.settings.may, message.terms
    for field, name in ALTERS.items():
        if field in message.extra:
            text = f"{name}({field}) is not taken: it would change the order and is not passed on"
            return _unsupported(text, f"{name}({field})")
    if message.extra.get("21") == _MANUAL:
        return _unsupported("HandlInst(21) 3: no orders are handled by hand", "HandlInst(21)")
    if terms.ord_type == OrdType.MARKET and not may.market_orders:
        return _unsupported(f"{settings.name} may not send market orders", "OrdType(40)")
    if terms.ord_type in _STOPS and not may.stop_orders:
        return _unsupported(f"{settings.name} may not send stop orders", "OrdType(40)")
    if terms.side in _SHORT and not may.short_sales:
        return _unsupported(f"{settings.name} may not sell short", "Side(54)")
    for tag, value, known, none_is_any in (
        (1, terms.account, settings.accounts, False),
        (55, terms.symbol, settings.symbols, True),
        (100, terms.ex_destination, settings.venues, True),
    ):
        if value is not None and value not in known and (known or not none_is_any):
            text = f"{label(tag)} {value[:64]!r} is none that {settings.name} may use"
            return _refused("permission", text, label(tag), value=value[:64])
    return None


def _refused(
    control: str,
    text: str,
    field: str = "",
    *,
    limit: str = "",
    value: str = "",
    code: OrdRejReason = OrdRejReason.OTHER,
) -> Refused:
    return Refused(
        control=control, text=text, field=field, limit=limit, value=value, ord_rej_reason=code
    )


def _unsupported(text: str, field: str) -> Refused:
    code = OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC
    return _refused("permission", text, field, code=code)
