"""What was typed, as a command: every value checked here, so that nothing bad ever leaves.

Errors are the model's own FieldErrors, which name the FIX field: ``OrderQty(38) '1,000': …``. A
thousands separator is refused and not guessed at: ``1,5`` is fifteen hundred to nobody, but one and
a half to many.
"""

from __future__ import annotations

import re
from typing import Final

from fix_oms.cli.words import code
from fix_oms.model.errors import BadValue, MissingField, UnknownCode
from fix_oms.model.fix import DKReason, OrdType, Side, TimeInForce
from fix_oms.model.inputs import NewOrder, NewParent
from fix_oms.model.messages import Terms
from fix_oms.model.tags import NUMBERS, label
from fix_oms.model.units import SCALE, Fixed, fixed

ORDER_QTY: Final = NUMBERS["OrderQty"]
CASH_ORDER_QTY: Final = 152
PRICE: Final = NUMBERS["Price"]
STOP_PX: Final = NUMBERS["StopPx"]
SIDE: Final = NUMBERS["Side"]
SYMBOL: Final = NUMBERS["Symbol"]
TIME_IN_FORCE: Final = NUMBERS["TimeInForce"]
ACCOUNT: Final = NUMBERS["Account"]
CURRENCY: Final = NUMBERS["Currency"]
TEXT: Final = NUMBERS["Text"]
CL_ORD_ID: Final = NUMBERS["ClOrdID"]
EXEC_ID: Final = NUMBERS["ExecID"]
DK_REASON: Final = NUMBERS["DKReason"]

TIFS: Final = ("day", "ioc", "fok", "gtc")
PARENT_TIFS: Final = ("day", "gtc", "ioc")
SIDES: Final = ("buy", "sell", "sell_short", "sell_short_exempt")
LONGEST_TEXT: Final = 256
LARGEST_SENT: Final = 10**10 * SCALE
"""What journal and socket can hold of one number, with room for sums (64 bits)."""
_GROUPED: Final = re.compile(
    r"[+-]?[0-9]{1,3}([ ,._'\u00a0\u202f][0-9]{3})+([.,][0-9]+)?", re.ASCII
)

_SPAN: Final = re.compile(r"([0-9]{1,6})([smh])", re.ASCII)
_SPAN_S: Final = {"s": 1, "m": 60, "h": 3600}
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9:.]+)Z", re.ASCII)


def positive(tag: int, text: str, name: str = "") -> Fixed:
    """The exact value of a quantity or price; ``name`` is for one that has no tag.

    Raises BadValue, which says what to write instead.
    """
    value = number(tag, text, name)
    if value <= 0:
        raise BadValue(tag, name or label(tag), text, "must be greater than 0")
    return value


def not_negative(tag: int, text: str, name: str = "") -> Fixed:
    """As :func:`positive`, 0 included."""
    value = number(tag, text, name)
    if value < 0:
        raise BadValue(tag, name or label(tag), text, "must not be negative")
    return value


def number(tag: int, text: str, name: str = "") -> Fixed:
    """As :func:`positive`, of either sign: a position may be short."""
    shown = name or label(tag)
    try:
        value = fixed(text)
    except ValueError as error:
        raise BadValue(tag, shown, text, _advice(text) or str(error)) from None
    if abs(value) > LARGEST_SENT:
        raise BadValue(tag, shown, text, "is larger than 10^10")
    return value


def _advice(text: str) -> str:
    """What is probably meant by a text that is no FIX number."""
    if _GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9.]", "", text)
        return f"has a thousands separator: write {digits}"
    if re.fullmatch(r"-?[0-9]+,[0-9]+", text, re.ASCII):
        return f"has a comma: write {text.replace(',', '.')} if it is a decimal point"
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text, re.ASCII):
        return "has an exponent: write all the digits"
    if re.fullmatch(r"[$€£][0-9.]+|[0-9.]+[A-Za-z%]+", text):
        return "is no plain number: write digits only, without unit or currency"
    return ""


def text_field(tag: int, text: str, name: str = "") -> str:
    """A text that can stand in a FIX field; ``name`` is for one that has no tag. Raises BadValue.

    A separator inside a value would be read as further fields: a way to change an order.
    """
    shown = name or label(tag)
    if not text.strip():
        raise BadValue(tag, shown, text, "is empty")
    if not text.isprintable() or not text.isascii():
        raise BadValue(tag, shown, text, "holds characters other than printable ASCII")
    if len(text) > LONGEST_TEXT:
        raise BadValue(tag, shown, text, f"is longer than {LONGEST_TEXT} characters")
    return text


def name_field(tag: int, text: str, name: str = "") -> str:
    """As :func:`text_field`, without blanks."""
    if " " in text_field(tag, text, name):
        raise BadValue(tag, name or label(tag), text, "holds a blank")
    return text


def symbol(text: str) -> str:
    return name_field(SYMBOL, text)


def account(text: str) -> str:
    return name_field(ACCOUNT, text)


def currency(text: str) -> str:
    return name_field(CURRENCY, text)


def strategy(text: str) -> str:
    return name_field(0, text, "strategy")


def venue(text: str) -> str:
    return name_field(0, text, "venue")


def session(text: str) -> str:
    return name_field(0, text, "session")


def side(text: str) -> str:
    found = code(Side, text)
    if found is None:
        raise UnknownCode(SIDE, label(SIDE), text, f"is none of {', '.join(SIDES)}")
    return found


def time_in_force(text: str, among: tuple[str, ...] = TIFS) -> str:
    found = code(TimeInForce, text) if text.lower() in among else None
    if found is None:
        reason = f"is none of {', '.join(among)}"
        raise UnknownCode(TIME_IN_FORCE, label(TIME_IN_FORCE), text, reason)
    return found


def policy(text: str) -> str:
    return name_field(0, text, "policy")


def parent_ref(text: str) -> str:
    return name_field(0, text, "REF")


def dk_reason(text: str) -> str:
    """A DKReason(127) by its letter or its name, in any case."""
    found = text.upper() if text.upper() in frozenset(DKReason) else code(DKReason, text)
    if found is None:
        reason = f"is none of {', '.join(f'{r.value} {r.name.lower()}' for r in DKReason)}"
        raise UnknownCode(DK_REASON, label(DK_REASON), text, reason)
    return found


def price_after_at(rest: tuple[str, ...]) -> str | None:
    """The price in what follows the symbol: nothing, ``@ PRICE`` or ``@PRICE``."""
    if not rest:
        return None
    if not rest[0].startswith("@"):
        raise BadValue(PRICE, label(PRICE), rest[0], "a price is written after @: @ 150.25")
    words = tuple(word for word in (rest[0][1:], *rest[1:]) if word)
    if not words:
        raise MissingField(PRICE, label(PRICE), None, "is missing after @")
    if len(words) > 1:
        raise BadValue(PRICE, label(PRICE), " ".join(words), "is more than one price")
    return words[0]


def seconds(text: str, name: str) -> int:
    """A span of time as people write it: ``30s``, ``5m``, ``1h``. Raises BadValue."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise BadValue(0, name, text, "is no span of time: write 30s, 5m or 1h")
    span = int(found[1]) * _SPAN_S[found[2]]
    if span <= 0:
        raise BadValue(0, name, text, "must be greater than 0")
    return span


def count(text: str, name: str) -> int:
    """A whole number from 0 on. Raises BadValue."""
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise BadValue(0, name, text, "is no whole number")
    return int(text)


def moment(text: str, name: str) -> int:
    """A time in ns UTC: ``2026-11-21T14:30:00.123Z``, or as FIX writes it. Raises BadValue."""
    from fix_oms.wire.times import parse_utc_timestamp  # brings all of wire/, for this alone

    found = _ISO.fullmatch(text)
    try:
        return parse_utc_timestamp(f"{''.join(found.group(1, 2, 3))}-{found[4]}" if found else text)
    except ValueError as error:
        reason = f"{error}; or write 2026-11-21T14:30:00.123Z"
        raise BadValue(0, name, text, reason) from None


def ord_type(price: Fixed | None, stop_px: Fixed | None) -> str:
    """Market, limit, stop or stop limit: as the prices say."""
    if price is None:
        return OrdType.MARKET if stop_px is None else OrdType.STOP
    return OrdType.LIMIT if stop_px is None else OrdType.STOP_LIMIT


def new_order(
    *,
    by: str,
    side: str,
    symbol_text: str,
    qty: str | None = None,
    cash: str | None = None,
    price: str | None = None,
    stop: str | None = None,
    tif: str | None = None,
    venue: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    parent: str | None = None,
    reduce_only: bool = False,
    ref: str | None = None,
    text: str | None = None,
) -> NewOrder:
    """The order that these words ask for. Raises FieldError naming the field that is wrong.

    One of ``qty`` and ``cash``, an amount of money, says how much.
    """
    if (qty is None) is (cash is None):
        how_much = f"or {label(CASH_ORDER_QTY)}: one of them says how much"
        raise MissingField(ORDER_QTY, label(ORDER_QTY), None, how_much)
    limit_px = None if price is None else positive(PRICE, price)
    stop_px = None if stop is None else positive(STOP_PX, stop)
    return NewOrder(
        by=by,
        terms=Terms(
            symbol=symbol(symbol_text),
            side=side,
            order_qty=0 if qty is None else positive(ORDER_QTY, qty),
            cash_order_qty=None if cash is None else positive(CASH_ORDER_QTY, cash),
            ord_type=str(ord_type(limit_px, stop_px)),
            price=limit_px,
            stop_px=stop_px,
            time_in_force=time_in_force(tif or "day"),
            account=None if account is None else name_field(ACCOUNT, account),
            text=None if text is None else text_field(TEXT, text),
        ),
        venue=None if venue is None else name_field(0, venue, "venue"),
        client_ref=None if ref is None else name_field(0, ref, "ref"),
        strategy=None if strategy is None else name_field(0, strategy, "strategy"),
        parent=None if parent is None else name_field(0, parent, "parent"),
        reduce_only=reduce_only,
    )


def new_parent(
    *,
    by: str,
    ref: str,
    side_text: str,
    qty: str,
    symbol_text: str,
    price: str | None = None,
    tif: str | None = None,
    policy_name: str | None = None,
    venue_name: str | None = None,
    account_name: str | None = None,
    strategy_name: str | None = None,
) -> NewParent:
    """The routed parent that these words ask for. Raises FieldError naming the field that is
    wrong."""
    return NewParent(
        by=by,
        ref=name_field(0, ref, "ref"),
        symbol=symbol(symbol_text),
        side=side(side_text),
        order_qty=positive(ORDER_QTY, qty),
        account=None if account_name is None else account(account_name),
        strategy=None if strategy_name is None else strategy(strategy_name),
        routed=True,
        policy="" if policy_name is None else policy(policy_name),
        price=None if price is None else positive(PRICE, price),
        time_in_force=time_in_force(tif or "day", PARENT_TIFS),
        venue=None if venue_name is None else venue(venue_name),
    )
