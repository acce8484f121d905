"""What the side that places orders says: D, F, G, H, q, AF and Q, from fields and to fields.

Readers and writers are of the same form as those of :mod:`fix_oms.wire.reports`. Writing is strict,
for what leaves here is money: a price that the order type needs, and none that it does not.

An order says how much with OrderQty(38), or, a cash order, with CashOrderQty(152) instead: its
``order_qty`` is then 0 when read, and does not leave.
"""

from __future__ import annotations

from typing import Final, TypeVar

from fix_oms.model.errors import BadValue, MissingField, UnknownCode
from fix_oms.model.fix import (
    MassCancelRequestType,
    MassStatusReqType,
    OrdType,
    Side,
    TimeInForce,
)
from fix_oms.model.messages import (
    DontKnowTrade,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    Terms,
)
from fix_oms.model.tags import label
from fix_oms.wire.reports import Body, Pairs
from fix_oms.wire.times import utc_timestamp
from fix_oms.wire.values import (
    FLAGS,
    fixed_text,
    known_order,
    leftover,
    moment,
    price,
    quantity,
)
from fix_oms.wire.versions import Version

_T = TypeVar("_T")
_SIDES: Final = frozenset(code.value for code in Side)
_ORD_TYPES: Final = frozenset(code.value for code in OrdType)
_TIMES_IN_FORCE: Final = frozenset(code.value for code in TimeInForce)
_PRICED: Final = frozenset({OrdType.LIMIT.value, OrdType.STOP_LIMIT.value})
_STOPPED: Final = frozenset({OrdType.STOP.value, OrdType.STOP_LIMIT.value})
_GTD: Final = TimeInForce.GTD.value
_DK_REASONS: Final = frozenset("ABCDEFGZ")


def given(value: _T | None) -> _T:
    """The value of a field that has to be there."""
    if value is None:
        raise ValueError("is missing")
    return value


def _read_terms(body: Body) -> Terms:
    pop = body.pop
    amount, cash = pop("38", None), pop("152", None)
    if amount is None and cash is None:
        raise MissingField(38, label(38), None, "is needed, or CashOrderQty(152)")
    terms = Terms(
        symbol=pop("55"),
        side=pop("54"),
        order_qty=quantity(amount) or 0,
        cash_order_qty=quantity(cash),
        ord_type=pop("40"),
        price=price(pop("44", None)),
        stop_px=price(pop("99", None)),
        time_in_force=pop("59", TimeInForce.DAY.value),
        account=pop("1", None),
        ex_destination=pop("100", None),
        expire_time=moment(pop("126", None)),
        text=pop("58", None),
    )
    if terms.price is None and terms.ord_type in _PRICED:
        raise MissingField(44, label(44), None, f"is needed for OrdType(40)={terms.ord_type}")
    if terms.stop_px is None and terms.ord_type in _STOPPED:
        raise MissingField(99, label(99), None, f"is needed for OrdType(40)={terms.ord_type}")
    if terms.time_in_force == _GTD and terms.expire_time is None:
        _need_expiry(body.get("432"))
    return terms


def _need_expiry(expire_date: str | None) -> None:
    """ExpireDate(432), which is kept among the foreign fields, is an expiry too."""
    if expire_date is None:
        raise MissingField(126, label(126), None, "is needed for TimeInForce(59)=6")


def check_terms(terms: Terms) -> None:
    """Refuse terms that no counterparty could take. Raises a FieldError naming the field."""
    if (
        terms.side not in _SIDES
        or terms.ord_type not in _ORD_TYPES
        or terms.time_in_force not in _TIMES_IN_FORCE
    ):
        _refuse_code(terms)
    _check_quantity(terms)
    if (
        (terms.price is None) is (terms.ord_type in _PRICED)
        or (terms.stop_px is None) is (terms.ord_type in _STOPPED)
        or (terms.expire_time is None) is (terms.time_in_force == _GTD)
    ):
        _refuse_price(terms)


def _refuse_code(terms: Terms) -> None:
    for tag, code, known in (
        (54, terms.side, _SIDES),
        (40, terms.ord_type, _ORD_TYPES),
        (59, terms.time_in_force, _TIMES_IN_FORCE),
    ):
        if code not in known:
            raise UnknownCode(tag, label(tag), str(code), "is no code that fix_oms sends")


def _check_quantity(terms: Terms) -> None:
    tag, amount = 38, terms.order_qty
    if terms.cash_order_qty is not None:
        tag, amount = 152, terms.cash_order_qty
    if type(amount) is not int or amount <= 0:
        raise BadValue(tag, label(tag), str(amount), "is not greater than 0")


def _order_qty(terms: Terms) -> str | None:
    """The text of OrderQty(38), which a cash order does not state."""
    return fixed_text(terms.order_qty) if terms.cash_order_qty is None else None


def _refuse_price(terms: Terms) -> None:
    """A price that is missing, or one that the order type has no use for."""
    kind = OrdType(terms.ord_type).name
    for tag, value, needed, why in (
        (44, terms.price, terms.ord_type in _PRICED, kind),
        (99, terms.stop_px, terms.ord_type in _STOPPED, kind),
        (126, terms.expire_time, terms.time_in_force == TimeInForce.GTD, "GTD"),
    ):
        if needed and value is None:
            raise MissingField(tag, label(tag), None, f"is needed for a {why} order")
        if not needed and value is not None:
            other = kind if tag != 126 else TimeInForce(terms.time_in_force).name
            raise BadValue(tag, label(tag), str(value), f"has no meaning for a {other} order")


def _terms_pairs(terms: Terms, version: Version) -> Pairs:
    check_terms(terms)
    until = terms.expire_time
    return [
        ("1", terms.account),
        ("100", terms.ex_destination),
        ("55", terms.symbol),
        ("54", terms.side),
        ("38", _order_qty(terms)),
        ("152", fixed_text(terms.cash_order_qty)),
        ("40", terms.ord_type),
        ("44", fixed_text(terms.price)),
        ("99", fixed_text(terms.stop_px)),
        ("59", terms.time_in_force),
        ("126", None if until is None else utc_timestamp(until, version.places)),
        ("58", terms.text),
    ]


def read_new_order(body: Body, version: Version) -> NewOrderSingle:
    """35=D."""
    pop = body.pop
    return NewOrderSingle(
        cl_ord_id=pop("11"),
        terms=_read_terms(body),
        transact_time=given(moment(pop("60"))),
        poss_resend=FLAGS[pop("97", None)],
        extra=leftover(body),
    )


def write_new_order(order: NewOrderSingle, version: Version) -> Pairs:
    """35=D."""
    return [
        ("97", "Y" if order.poss_resend else None),
        ("11", order.cl_ord_id),
        *_terms_pairs(order.terms, version),
        ("60", utc_timestamp(order.transact_time, version.places)),
    ]


def read_cancel(body: Body, version: Version) -> OrderCancelRequest:
    """35=F. The message states no OrdType(40): it reads as the empty text; nor need it, in 4.2,
    OrderQty(38): 0."""
    pop = body.pop
    return OrderCancelRequest(
        cl_ord_id=pop("11"),
        orig_cl_ord_id=pop("41"),
        order_id=known_order(pop("37", None)),
        terms=Terms(
            symbol=pop("55"),
            side=pop("54"),
            order_qty=quantity(pop("38", None)) or 0,
            cash_order_qty=quantity(pop("152", None)),
            ord_type=pop("40", ""),
            account=pop("1", None),
            text=pop("58", None),
        ),
        transact_time=given(moment(pop("60"))),
        extra=leftover(body),
    )


def write_cancel(request: OrderCancelRequest, version: Version) -> Pairs:
    """35=F. Of the terms it carries those that identify the order."""
    terms = request.terms
    if terms.side not in _SIDES:
        raise UnknownCode(54, label(54), str(terms.side), "is no code that fix_oms sends")
    _check_quantity(terms)
    return [
        ("11", request.cl_ord_id),
        ("41", request.orig_cl_ord_id),
        ("37", request.order_id),
        ("1", terms.account),
        ("55", terms.symbol),
        ("54", terms.side),
        ("38", _order_qty(terms)),
        ("152", fixed_text(terms.cash_order_qty)),
        ("58", terms.text),
        ("60", utc_timestamp(request.transact_time, version.places)),
    ]


def read_replace(body: Body, version: Version) -> OrderCancelReplaceRequest:
    """35=G."""
    pop = body.pop
    return OrderCancelReplaceRequest(
        cl_ord_id=pop("11"),
        orig_cl_ord_id=pop("41"),
        order_id=known_order(pop("37", None)),
        terms=_read_terms(body),
        transact_time=given(moment(pop("60"))),
        extra=leftover(body),
    )


def write_replace(request: OrderCancelReplaceRequest, version: Version) -> Pairs:
    """35=G."""
    return [
        ("11", request.cl_ord_id),
        ("41", request.orig_cl_ord_id),
        ("37", request.order_id),
        *_terms_pairs(request.terms, version),
        ("60", utc_timestamp(request.transact_time, version.places)),
    ]


def read_status(body: Body, version: Version) -> OrderStatusRequest:
    """35=H."""
    pop = body.pop
    return OrderStatusRequest(
        cl_ord_id=pop("11"),
        order_id=known_order(pop("37", None)),
        symbol=pop("55"),
        side=pop("54"),
        ord_status_req_id=pop("790", None),
        account=pop("1", None),
        extra=leftover(body),
    )


def write_status(request: OrderStatusRequest, version: Version) -> Pairs:
    """35=H. OrdStatusReqID(790) leaves only where the version has it."""
    return [
        ("790", request.ord_status_req_id),
        ("37", request.order_id),
        ("11", request.cl_ord_id),
        ("1", request.account),
        ("55", request.symbol),
        ("54", request.side),
    ]


def _scope(body: Body, tag: str, everything: str, security: str) -> str | None:
    """The Symbol(55) that a mass request is about, or None for all orders."""
    scope = body.pop(tag)
    if scope == everything:
        return None
    if scope != security:
        number = int(tag)
        raise UnknownCode(number, label(number), scope, "is no scope that fix_oms takes (1 or 7)")
    symbol = body.pop("55", None)
    if symbol is None:
        raise MissingField(55, label(55), None, f"is needed with {label(int(tag))}={security}")
    return symbol


def read_mass_cancel(body: Body, version: Version) -> OrderMassCancelRequest:
    """35=q."""
    pop = body.pop
    all_orders, security = MassCancelRequestType.ALL, MassCancelRequestType.SECURITY
    return OrderMassCancelRequest(
        cl_ord_id=pop("11"),
        transact_time=given(moment(pop("60"))),
        symbol=_scope(body, "530", all_orders, security),
        extra=leftover(body),
    )


def write_mass_cancel(request: OrderMassCancelRequest, version: Version) -> Pairs:
    """35=q."""
    every = request.symbol is None
    return [
        ("11", request.cl_ord_id),
        ("530", MassCancelRequestType.ALL if every else MassCancelRequestType.SECURITY),
        ("55", request.symbol),
        ("60", utc_timestamp(request.transact_time, version.places)),
    ]


def read_mass_status(body: Body, version: Version) -> OrderMassStatusRequest:
    """35=AF."""
    pop = body.pop
    all_orders, security = MassStatusReqType.ALL, MassStatusReqType.SECURITY
    return OrderMassStatusRequest(
        mass_status_req_id=pop("584"),
        symbol=_scope(body, "585", all_orders, security),
        extra=leftover(body),
    )


def write_mass_status(request: OrderMassStatusRequest, version: Version) -> Pairs:
    """35=AF."""
    every = request.symbol is None
    return [
        ("584", request.mass_status_req_id),
        ("585", MassStatusReqType.ALL if every else MassStatusReqType.SECURITY),
        ("55", request.symbol),
    ]


def read_dont_know_trade(body: Body, version: Version) -> DontKnowTrade:
    """35=Q."""
    pop = body.pop
    return DontKnowTrade(
        order_id=pop("37"),
        exec_id=pop("17"),
        dk_reason=pop("127"),
        symbol=pop("55"),
        side=pop("54"),
        order_qty=quantity(pop("38", None)),
        cash_order_qty=quantity(pop("152", None)),
        last_qty=quantity(pop("32", None)),
        last_px=price(pop("31", None)),
        text=pop("58", None),
        extra=leftover(body),
    )


def write_dont_know_trade(refusal: DontKnowTrade, version: Version) -> Pairs:
    """35=Q."""
    if refusal.dk_reason not in _DK_REASONS:
        raise UnknownCode(127, label(127), str(refusal.dk_reason), "is no DKReason")
    return [
        ("37", refusal.order_id),
        ("17", refusal.exec_id),
        ("127", refusal.dk_reason),
        ("55", refusal.symbol),
        ("54", refusal.side),
        ("38", fixed_text(refusal.order_qty)),
        ("152", fixed_text(refusal.cash_order_qty)),
        ("32", fixed_text(refusal.last_qty)),
        ("31", fixed_text(refusal.last_px)),
        ("58", refusal.text),
    ]
