"""The venue of a script: it sends what the script says, and knows what the script need not say.

It keeps its own book of the requests it received and the executions it made, so that a report which
says only what matters is a whole FIX message all the same.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Final

import attrs

from fix_oms.model.fix import ExecTransType, ExecType, FixVersion, OrdStatus

SOH: Final = "\x01"
DONE: Final = frozenset(
    {
        OrdStatus.FILLED,
        OrdStatus.DONE_FOR_DAY,
        OrdStatus.CANCELED,
        OrdStatus.REJECTED,
        OrdStatus.EXPIRED,
    }
)
TRANS_TYPES: Final[dict[str, ExecTransType]] = {
    ExecType.TRADE: ExecTransType.NEW,
    ExecType.TRADE_CANCEL: ExecTransType.CANCEL,
    ExecType.TRADE_CORRECT: ExecTransType.CORRECT,
    ExecType.ORDER_STATUS: ExecTransType.STATUS,
}
"""The ExecTypes that 4.2 has no character for, and how it says them (20)."""
IDENTITY: Final = (37, 17, 11, 41, 20, 150, 39)
"""What a report says first; the rest follows by tag."""


@attrs.define
class Booked:
    """An order at the venue."""

    order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    untold: list[tuple[Decimal, Decimal]] = attrs.Factory(list)
    """Executions (quantity, price) that no report has told yet."""


@attrs.define
class Asked:
    """A request as it was received."""

    msg_type: str
    order: Booked
    quantity: Decimal
    price: Decimal


class ScriptedVenue:
    """The book of one script's venue."""

    def __init__(self, version: FixVersion) -> None:
        self._version: Final = version
        self._asked: Final[dict[str, Asked]] = {}
        self._ids: Final = itertools.count(1)

    def received(self, fields: dict[int, str]) -> None:
        """Take in a request of ours (D, F, G; others say nothing that the book needs)."""
        msg_type = fields[35]
        if msg_type not in ("D", "F", "G"):
            return
        if msg_type == "D":
            order = Booked(
                order_id=f"V{next(self._ids)}-{fields[11]}",
                symbol=fields[55],
                side=fields[54],
                quantity=Decimal(fields[38]),
                price=Decimal(fields.get(44, "0")),
            )
        else:
            known = self._asked.get(fields[41])
            if known is None:
                return
            order = known.order
        quantity, price = Decimal(fields.get(38, "0")), Decimal(fields.get(44, "0"))
        self._asked[fields[11]] = Asked(msg_type, order, quantity, price)

    def fill(self, cl_ord_id: str, quantity: Decimal, price: Decimal) -> None:
        """Execute; a later Trade report tells it."""
        self._asked[cl_ord_id].order.untold.append((quantity, price))

    def compose(self, msg_type: str, stated: dict[int, str | None], now: str) -> str:
        """A message with what is ``stated`` (None: left out) and the book's word for the rest."""
        asked = self._asked.get(stated.get(11) or "")
        known: dict[int, str] = {}
        if msg_type == "8":
            known = self._report(asked, stated) | {60: now}
        elif msg_type == "9":
            known = self._cancel_reject(asked)
        fields = {tag: value for tag, value in {**known, **stated}.items() if value is not None}
        if msg_type == "8" and self._version is FixVersion.FIX42:
            fields |= _in_4_2(fields)
        order = sorted(fields, key=lambda tag: (tag not in IDENTITY, tag))
        return f"35={msg_type}{SOH}" + "".join(f"{tag}={fields[tag]}{SOH}" for tag in order)

    def _cancel_reject(self, asked: Asked | None) -> dict[int, str]:
        if asked is None:
            return {37: "NONE", 434: "1"}
        return {37: asked.order.order_id, 434: "2" if asked.msg_type == "G" else "1"}

    def _report(self, asked: Asked | None, stated: dict[int, str | None]) -> dict[int, str]:
        exec_id = {17: "0" if stated[150] == ExecType.ORDER_STATUS else f"E{next(self._ids)}"}
        if asked is None:
            return {37: "NONE", 14: "0", 151: "0", 6: "0", **exec_id}
        order = asked.order
        if stated[150] == ExecType.REPLACED:
            order.quantity, order.price = asked.quantity, asked.price
        if stated.get(38):
            order.quantity = Decimal(stated[38] or "0")
        last = self._told(order, stated) if stated[150] == ExecType.TRADE else {}
        if stated[150] in (ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT):
            order.filled = Decimal(stated.get(14) or order.filled)
            order.paid = order.filled * Decimal(stated.get(6) or 0)
        done = stated[39] in DONE
        leaves = Decimal(0) if done else max(Decimal(0), order.quantity - order.filled)
        average = order.paid / order.filled if order.filled else Decimal(0)
        return {
            **exec_id,
            **last,
            37: order.order_id,
            55: order.symbol,
            54: order.side,
            38: _text(order.quantity),
            14: _text(order.filled),
            151: _text(leaves),
            6: _text(round(average, 8)),
        }

    def _told(self, order: Booked, stated: dict[int, str | None]) -> dict[int, str]:
        """The execution that a Trade report tells: the oldest untold one, or what is stated."""
        if order.untold:
            quantity, price = order.untold.pop(0)
        else:
            quantity = Decimal(stated.get(32) or 0)
            if not quantity:
                quantity = Decimal(stated.get(14) or order.quantity) - order.filled
            price = Decimal(stated.get(31) or order.price)
        order.filled += quantity
        order.paid += quantity * price
        return {32: _text(quantity), 31: _text(price)}


def _in_4_2(fields: dict[int, str]) -> dict[int, str]:
    """ExecTransType(20), and the ExecType(150) that 4.2 has for what later versions say in one."""
    kind = fields.get(150, "")
    changed = {20: fields.get(20, TRANS_TYPES.get(kind, ExecTransType.NEW))}
    if kind == ExecType.ORDER_STATUS:
        changed[150] = fields[39]
    elif kind in TRANS_TYPES:
        left = Decimal(fields.get(151, "0"))
        changed[150] = "1" if left or fields.get(39) == OrdStatus.PARTIALLY_FILLED else "2"
    return changed


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"
