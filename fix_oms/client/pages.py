"""Pages: what a program sees of the engine, always current, with handlers on each.

A page is read like a dictionary that is not written to, from the event loop or from a handler's
thread. It changes on the event loop only, between two awaits of yours never: what is read without
awaiting in between belongs together.

One event of the stream changes all pages before any handler of it is called; those of one page are
told its changes in the order in which the engine made them. Handlers of different pages are not
ordered among each other: one that is told of a trade finds the order's page as new as the trade,
or newer.
"""

from __future__ import annotations

from collections.abc import (
    Awaitable,
    Callable,
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from fix_oms.client.handlers import Crew, Delta, Handler
from fix_oms.client.schema import Order, Position, Trade

K = TypeVar("K")
V = TypeVar("V")
OnDelta = Callable[[Delta[V]], Awaitable[object] | object]
OnUpdate = Callable[[Mapping[K, V]], Awaitable[object] | object]
F = TypeVar("F", bound=Callable[[Any], Any])


class Page(Mapping[K, V], Generic[K, V]):
    """Values by name. ``is_current`` says whether they are the engine's of this moment, or those
    of before a connection was lost, which is being made again."""

    def __init__(self, name: str, crew: Crew) -> None:
        self.name: Final = name
        self.is_current = False
        self._crew: Final = crew
        self._held: dict[K, V] = {}
        self._handlers: Final[list[Handler]] = []
        self._changes: list[Delta[Any]] = []
        self._whole: Mapping[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self._held)

    def keys(self) -> KeysView[K]:
        return self.whole().keys()

    def values(self) -> ValuesView[V]:
        return self.whole().values()

    def items(self) -> ItemsView[K, V]:
        return self.whole().items()

    def whole(self) -> Mapping[K, V]:
        """All of it as it is now; this never changes. Made once for all who ask between changes."""
        whole = self._whole
        if whole is None:
            whole = self._whole = MappingProxyType(self._held.copy())
        return whole

    # -- handlers -------------------------------------------------------------------------------

    def on_delta(self, function: F) -> F:
        """Call it with each change (:class:`~fix_oms.client.handlers.Delta`) from now on."""
        self._handlers.append(Handler(function, f"{self.name}.on_delta", self._crew, None))
        return function

    def on_update(self, function: F) -> F:
        """Call it with the whole page after changes, from now on: the newest one each time."""
        self._handlers.append(Handler(function, f"{self.name}.on_update", self._crew, self))
        return function

    def off(self, function: Callable[[Any], Any]) -> None:
        """Tell this function nothing more."""
        for handler in [h for h in self._handlers if h.function == function]:
            self._handlers.remove(handler)
            handler.stop()

    # -- what changes -----------------------------------------------------------------------------

    def put(self, key: K, value: V) -> None:
        """It is this now. Nothing is told until :meth:`flush`."""
        before = self._held.get(key)
        if before != value:
            self._held[key] = value
            self._whole = None
            self._changes.append(Delta(before, value))

    def drop(self, key: K) -> None:
        """It is no longer there."""
        if key in self._held:
            self._changes.append(Delta(self._held.pop(key), None))
            self._whole = None

    def forget(self, key: K) -> None:
        """It is no longer held, which says nothing of what became of it: nobody is told."""
        if self._held.pop(key, None) is not None:
            self._whole = None

    def flush(self) -> None:
        """Tell what has changed since the last time."""
        changes, self._changes = self._changes, []
        for handler in self._handlers if changes else ():
            handler.put(changes)


class Orders(Page[str, Order]):
    """Orders, parents among them, by ``name``; found by any other id too."""

    def find(self, ref: str) -> Order | None:
        """The order with this name, ClOrdID or OrderID; None where there is none, or several."""
        named = self._held.get(ref)
        if named is not None:
            return named
        found = [o for o in self.values() if ref in (o.reference, o.cl_ord_id, o.order_id)]
        return found[0] if len(found) == 1 else None

    def open(self, symbol: str | None = None) -> list[Order]:
        """Those that may still trade."""
        return [o for o in self.values() if o.is_open and symbol in (None, o.symbol)]


class Trades(Page[str, Trade]):
    """Executions, by ``key``, oldest first."""

    def of(self, order: str) -> list[Trade]:
        """Those of the order with this name, oldest first."""
        return [t for t in self.values() if t.order == order]


class Positions(Page[tuple[str, str], Position]):
    """Positions, by account and symbol."""
