"""The venue's own truth: the orders that it has taken and what it executed of them.

However hostile the venue is on the wire, in here it is honest: the engine's orders and positions
are compared with this book after each case.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

import attrs

from acceptance.hostile.message import utc

Report = list[tuple[str, str]]
PX: Final = "10"


@attrs.define
class Order:
    """One order at the venue."""

    cl_ord_id: str
    order_id: str
    side: str
    symbol: str
    qty: int
    cum: int = 0
    canceled: bool = False

    @property
    def status(self) -> str:
        """OrdStatus(39)."""
        if self.canceled:
            return "4"
        return "2" if self.cum >= self.qty else "1" if self.cum else "0"

    @property
    def leaves(self) -> int:
        return 0 if self.canceled else self.qty - self.cum


class Book:
    """All orders of one session by ClOrdID(11). ``old`` is FIX 4.2's way of reporting."""

    def __init__(self, name: str, *, old: bool) -> None:
        self._name: Final = name
        self._old: Final = old
        self._ids: Final = itertools.count(1)
        self.orders: Final[dict[str, Order]] = {}
        self.seen: Final[set[str]] = set()
        """Every ClOrdID that ever came."""
        self._settled = 0

    @property
    def position(self) -> int:
        """Of the one instrument: what was executed, bought less sold."""
        return self._settled + sum(_signed(o) for o in self.orders.values())

    def forget(self) -> None:
        """Drop the orders, all of which are over, and keep what they came to."""
        self._settled = self.position
        self.orders.clear()

    def take(self, fields: Mapping[int, str]) -> Report:
        """A NewOrderSingle(D) came: its acknowledgement."""
        name = fields[11]
        order = Order(name, f"V{next(self._ids)}", fields[54], fields[55], int(float(fields[38])))
        self.orders[name] = order
        self.seen.add(name)
        return self.report(order, "0")

    def cancel(self, name: str) -> Report:
        """The order is out: the report of it."""
        order = self.orders[name]
        order.canceled = True
        return self.report(order, "4")

    def fill(self, name: str, qty: int) -> Report:
        """So much of it is executed: the report of it."""
        order = self.orders[name]
        order.cum += qty
        return self.report(order, order.status if self._old else "F", qty)

    def status(self, name: str) -> Report:
        """The answer to an OrderStatusRequest(H)."""
        order = self.orders.get(name)
        if order is None:
            order = Order(name, "NONE", "1", "NONE", 0)
            return [("39", "8") if t == "39" else (t, v) for t, v in self._asked(order)]
        return self._asked(order)

    def _asked(self, order: Order) -> Report:
        if not self._old:
            return self.report(order, "I")
        return [(t, "3" if t == "20" else v) for t, v in self.report(order, order.status)]

    def report(self, order: Order, exec_type: str, last: int = 0) -> Report:
        """An ExecutionReport(8) from OrderID(37) on."""
        return [
            ("37", order.order_id),
            ("11", order.cl_ord_id),
            ("17", f"{self._name}-{next(self._ids)}"),
            *([("20", "0")] if self._old else []),
            ("150", exec_type),
            ("39", order.status),
            ("55", order.symbol),
            ("54", order.side),
            ("38", str(order.qty)),
            *([("32", str(last)), ("31", PX)] if last else []),
            ("151", str(order.leaves)),
            ("14", str(order.cum)),
            ("6", PX if order.cum else "0"),
            ("60", utc()),
        ]


def _signed(order: Order) -> int:
    return order.cum if order.side == "1" else -order.cum
