"""Whether the terms of an order make sense, before any limit is asked: fields, ticks and lots."""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.model.fix import OrdRejReason, OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.settings import Instrument, Settings, Venue
from fix_oms.model.tags import NUMBERS, label
from fix_oms.model.units import SCALE, Fixed, Notional, notional_text, text_of

_PRICED: Final = frozenset({OrdType.LIMIT, OrdType.STOP_LIMIT})
_STOPS: Final = frozenset({OrdType.STOP, OrdType.STOP_LIMIT})
_SIDES: Final = frozenset(Side)
_ORD_TYPES: Final = frozenset(OrdType)
_TIMES: Final = frozenset(TimeInForce)


def default_terms(terms: Terms, settings: Settings, venue: Venue) -> Terms:
    """The terms with account and ExDestination(100) filled in."""
    account = terms.account or settings.engine.default_account
    destination = terms.ex_destination or venue.ex_destination
    if account == terms.account and destination == terms.ex_destination:
        return terms
    return msgspec.structs.replace(terms, account=account, ex_destination=destination)


def check_terms(terms: Terms, instrument: Instrument | None, settings: Settings) -> Refused | None:
    """The first field that makes no sense, named; None when all do."""
    if instrument is None:
        known = ", ".join(sorted(settings.instruments)) or "none"
        return blame(
            "Symbol",
            f"no instrument {terms.symbol!r} is configured (there are: {known})",
            code=OrdRejReason.UNKNOWN_SYMBOL,
        )
    if terms.account is not None and terms.account not in settings.accounts:
        return blame("Account", f"no account {terms.account!r} is configured")
    return (
        _check_codes(terms)
        or _check_quantity(terms, instrument)
        or _check_price("Price", terms.price, terms.ord_type in _PRICED, instrument)
        or _check_price("StopPx", terms.stop_px, terms.ord_type in _STOPS, instrument)
    )


def _check_codes(terms: Terms) -> Refused | None:
    if terms.side not in _SIDES:
        return blame("Side", f"{terms.side!r} is no side that we send")
    if terms.ord_type not in _ORD_TYPES:
        return blame("OrdType", f"{terms.ord_type!r} is no order type that we send")
    if terms.time_in_force not in _TIMES:
        return blame("TimeInForce", f"{terms.time_in_force!r} is no time in force that we send")
    if (terms.time_in_force == TimeInForce.GTD) != (terms.expire_time is not None):
        return blame("ExpireTime", "goes with TimeInForce(59)=6 (good till date), and only there")
    return None


def _check_quantity(terms: Terms, instrument: Instrument) -> Refused | None:
    cash, qty = terms.cash_order_qty, terms.order_qty
    if cash is None:
        least, most = instrument.min_qty, instrument.max_qty
        if least is not None and 0 < qty < least:
            return _bounds(qty, f"is below the least of {text_of(least)}", least)
        if most is not None and qty > most:
            return _bounds(qty, f"is above the most of {text_of(most)}", most)
        return _check_step("OrderQty", qty, instrument.lot, "lot")
    if qty:
        return blame("OrderQty", "does not go with CashOrderQty(152): one of them says how much")
    if cash <= 0:
        reason = f"{text_of(cash)} is not above 0"
        return blame("CashOrderQty", reason, code=OrdRejReason.INCORRECT_QUANTITY)
    return None


def _bounds(qty: Fixed, reason: str, bound: Fixed) -> Refused:
    return blame(
        "OrderQty",
        f"{text_of(qty)} {reason}",
        "quantity_bounds",
        OrdRejReason.INCORRECT_QUANTITY,
        limit=text_of(bound),
        value=text_of(qty),
    )


def check_estimate(estimate: Fixed, instrument: Instrument) -> Refused | None:
    """Whether what a cash order may come to is within the instrument's bounds."""
    most = instrument.max_qty
    if most is None or estimate <= most:
        return None
    reason = f"{text_of(estimate)} is what the money could buy, above the most of {text_of(most)}"
    return blame(
        "CashOrderQty",
        reason,
        "quantity_bounds",
        OrdRejReason.INCORRECT_QUANTITY,
        limit=text_of(most),
        value=text_of(estimate),
    )


def cash_estimate(
    terms: Terms, instrument: Instrument, settings: Settings, reference: Fixed | None
) -> Fixed | Refused:
    """The most that an amount of cash may buy or sell: at a price better by the market buffer.

    A buy's limit is the most that it pays, and the market may be lower: without a reference nobody
    knows how much (``Candidate.unbounded``). A sell's is the least.
    """
    price = reference if terms.price is None else terms.price
    if terms.side == "1" and price is not None and reference is not None:
        price = min(price, reference)
    if price is None or price <= 0:
        return blame("CashOrderQty", "cannot be judged without a reference price or Price(44)")
    buffer = price * settings.engine.market_buffer_pct // (100 * SCALE)
    least = max(1, price - buffer) * instrument.multiplier
    return -(-(terms.cash_order_qty or 0) * SCALE * SCALE // least)


def _check_price(
    name: str, price: Fixed | None, wanted: bool, instrument: Instrument
) -> Refused | None:
    if price is None:
        return blame(name, "is required for this OrdType(40)") if wanted else None
    if not wanted:
        return blame(name, f"{text_of(price)} does not belong to this OrdType(40)")
    return _check_step(name, price, instrument.tick, "tick")


def _check_step(name: str, value: Fixed, step: Fixed, what: str) -> Refused | None:
    if value <= 0:
        reason = f"{text_of(value)} is not above 0"
        return blame(name, reason, code=OrdRejReason.INCORRECT_QUANTITY)
    if value % step:
        return blame(
            name,
            f"{text_of(value)} is no multiple of the {what} {text_of(step)}",
            f"{what}_size",
            OrdRejReason.INCORRECT_QUANTITY,
            limit=text_of(step),
            value=text_of(value),
        )
    return None


def blame(
    name: str,
    reason: str,
    control: str = "terms",
    code: OrdRejReason = OrdRejReason.OTHER,
    *,
    limit: str = "",
    value: str = "",
) -> Refused:
    """The refusal of one field, named ``Name(Tag)``."""
    field = label(NUMBERS[name])
    return Refused(
        control=control,
        text=f"{field} {reason}",
        field=field,
        limit=limit,
        value=value,
        ord_rej_reason=code,
    )


def order_value(qty: Fixed, price: Fixed, instrument: Instrument) -> Notional:
    """Price x quantity x multiplier, of the price's absolute value."""
    return qty * abs(price) * instrument.multiplier // SCALE


def least_value(terms: Terms, instrument: Instrument, reference: Fixed | None) -> Refused | None:
    """Refuse what is worth less than the venue takes."""
    if instrument.min_notional is None:
        return None
    price = terms.price or terms.stop_px or reference
    if terms.cash_order_qty is not None:
        value: Notional = terms.cash_order_qty * SCALE
    elif price is None:
        text = "cannot be judged without a reference price"
        return blame("OrderQty", text, "min_notional", limit=text_of(instrument.min_notional))
    else:
        value = order_value(terms.order_qty, price, instrument)
    if value >= instrument.min_notional * SCALE:
        return None
    least = text_of(instrument.min_notional)
    text = f"is worth {notional_text(value)} {instrument.currency}, less than the least of {least}"
    found = notional_text(value).replace(",", "")
    return blame("OrderQty", text, "min_notional", limit=least, value=found)
