"""Every order that the book has had, in the order of their making, as objects or packed.

Who walks over them sees orders, whichever way each is kept: a packed one is made anew for the walk
and forgotten behind it, so a walk over a million takes seconds and no memory. Who wants to change
one has to have it unpacked first, by its name (the book does that).

A *place* is the number of an order among all: it never changes, and no other order ever gets it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import overload

from fix_oms.orders.order import Order
from fix_oms.orders.packed import pack, unpack
from fix_oms.orders.shelf import Shelf


class Kept:
    """A sequence of all orders. ``packed`` is how many of them are."""

    __slots__ = ("_held", "created", "shelf")

    def __init__(self) -> None:
        self._held: list[Order | None] = []
        self.created = array("q")
        """When each was made, ns UTC."""
        self.shelf = Shelf()

    @property
    def packed(self) -> int:
        """How many are packed."""
        return self.shelf.count

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Order]:
        return self.since(0)

    @overload
    def __getitem__(self, place: int) -> Order: ...
    @overload
    def __getitem__(self, place: slice) -> list[Order]: ...
    def __getitem__(self, place: int | slice) -> Order | list[Order]:
        if isinstance(place, slice):
            return [self._at(n) for n in range(*place.indices(len(self._held)))]
        return self._at(range(len(self._held))[place])

    def since(self, place: int) -> Iterator[Order]:
        """Those from that place on."""
        return (self._at(n) for n in range(place, len(self._held)))

    def first_made_at(self, time_ns: int) -> int:
        """The place of the first order that was made at that time or later: all before are older.
        One bisection, however many there are."""
        return bisect_left(self.created, time_ns)

    def append(self, order: Order) -> None:
        """A new order; it gets its place."""
        order.place = len(self._held)
        self._held.append(order)
        self.created.append(order.created_ns)
        self.shelf.grow()

    def has(self, order: Order) -> bool:
        """Whether it is kept as this very object."""
        return self._held[order.place] is order

    def pack(self, order: Order, ids: tuple[str, ...]) -> None:
        """Keep the order packed from now on. ``ids`` are the OrderIDs(37) that lead to it."""
        self.shelf.put(order.place, _names(order, ids), pack(order, ids))
        self._held[order.place] = None

    def unpack(self, name: str) -> list[tuple[Order, tuple[str, ...]]]:
        """Keep as objects from now on those that have this name; each with its OrderIDs(37)."""
        found = []
        for place in self.shelf.names.places(name):
            order, ids = unpack(self.shelf.packed(place))
            names = _names(order, ids)
            if name in names:  # else it is another name of the same hash
                self.shelf.take(place, names)
                order.place = place
                self._held[place] = order
                found.append((order, ids))
        return found

    def _at(self, place: int) -> Order:
        order = self._held[place]
        if order is None:
            order, _ = unpack(self.shelf.packed(place))
            order.place = place
        return order


def _names(order: Order, ids: tuple[str, ...]) -> set[str]:
    """Every name by which the book finds it."""
    named = {request.cl_ord_id for request in order.requests}.union(ids)
    if order.client_ref:
        named.add(order.client_ref)
    return named
