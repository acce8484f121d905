"""The closed orders that have left the book, and those that are about to.

A firm's memory must not grow with its years, so what has been closed and silent for
``engine.keep_days`` of the firm's days is forgotten, a few orders with each Tick after the day has
begun. What they executed is added up here, so that positions can still be proven from orders.
"""

from __future__ import annotations

from collections import deque

from fix_oms.model.units import Fixed
from fix_oms.orders.kept import Kept
from fix_oms.orders.order import Order


class Forgotten:
    """What is to be forgotten: orders at places before ``end`` and silent since ``before_ns``, from
    ``place`` on. ``executed`` is what the forgotten came to, by account, symbol and whether
    bought."""

    __slots__ = ("before_ns", "days", "end", "executed", "place")

    def __init__(self) -> None:
        self.days: deque[int] = deque()
        self.before_ns = 0
        self.place = 0
        self.end = 0
        self.executed: dict[tuple[str, str, bool], Fixed] = {}

    @property
    def is_due(self) -> bool:
        """Whether there is anything to look at."""
        return self.place < self.end

    def day_begun(self, now: int, keep_days: int, orders: Kept) -> None:
        """A day has begun; what is older than the last ``keep_days`` is to be forgotten."""
        self.days.append(now)
        while len(self.days) > keep_days:
            self.before_ns = self.days.popleft()
            self.place, self.end = orders.first, orders.made_before(self.before_ns)

    def add(self, order: Order) -> None:
        """The order is forgotten."""
        key = order.account, order.symbol, order.buys
        self.executed[key] = self.executed.get(key, 0) + order.executions.qty

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        executed = tuple(sorted((*k, qty) for k, qty in self.executed.items()))
        return (tuple(self.days), self.before_ns, self.place, self.end, executed)
