"""What subscribers have been told, so that only what is otherwise by now is told again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

import msgspec

from fix_oms.engine.shown import Shown
from fix_oms.model.views import FillView
from fix_oms.orders.order import Order

V = TypeVar("V", bound=msgspec.Struct)
MOST_ORDERS: Final = 20_000
"""The fills of so many orders, those that changed last, are compared with what was told of them. Of
one that comes back after it fell out all are told again, which changes nothing for who holds them.
"""


class Table(Generic[V]):
    """Views by key, each as it was last told."""

    def __init__(self, key: Callable[[V], Hashable]) -> None:
        self._key: Final = key
        self.held: Final[dict[Hashable, V]] = {}

    def changes(self, views: Iterable[V]) -> list[V]:
        """Those of these that are not as they were told; from now on they are."""
        found = []
        for view in views:
            key = self._key(view)
            if self.held.get(key) != view:
                self.held[key] = view
                found.append(view)
        return found

    def living(self, views: Iterable[V], again: Callable[[Hashable], V | None]) -> list[V]:
        """As :meth:`changes`, where ``views`` are all that is alive: each that was and is no more
        is looked at ``again`` for the last time, and then forgotten."""
        alive = list(views)
        over = self.held.keys() - {self._key(view) for view in alive}
        last = [view for key in over if (view := again(key)) is not None]
        found = self.changes(alive) + self.changes(last)
        for key in over:
            del self.held[key]
        return found


class Fills:
    """The executions told of each order."""

    def __init__(self) -> None:
        self._told: Final[OrderedDict[str, dict[str, FillView]]] = OrderedDict()

    def known(self, order: Order, shown: Shown) -> None:
        """Take all that the order has as told."""
        self.changes(order, shown)

    def changes(self, order: Order, shown: Shown) -> list[FillView]:
        """Executions that are new, or whose state has changed."""
        done = order.executions
        count = len(done.trades) + len(done.corrections)
        if not count:
            return []
        told = self._told.get(order.reference)
        if told is None:
            told = self._told[order.reference] = {}
            if len(self._told) > MOST_ORDERS:
                self._told.popitem(last=False)
        else:
            self._told.move_to_end(order.reference)
        # An order with thousands of fills must not cost thousands at each of them.
        views = shown.fills_of(order, len(told) if count > len(told) else 0)
        changed = [view for view in views if told.get(view.key) != view]
        told.update((view.key, view) for view in changed)
        return changed
