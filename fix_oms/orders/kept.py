"""Every order that the book has had, in the order of their making, as objects or packed.

Who walks over them sees orders, whichever way each is kept: a packed one is made anew for the walk
and forgotten behind it, so a walk over a million takes seconds and no memory. Who wants to change
one has to have it unpacked first, by its name (the book does that).

A *place* is the number of an order among all: it never changes, and no other order ever gets it. No
order holds its own, which would weigh 40 bytes: it is found by the time of its making, of which one
in 64 is noted here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from fix_oms.orders.order import Order
from fix_oms.orders.packed import pack, unpack
from fix_oms.orders.shelf import Shelf

STEP: Final = 64


class Kept:
    """A sequence of all orders by place. ``packed`` is how many of them are."""

    __slots__ = ("_first", "_guess", "_held", "marks", "shelf")

    def __init__(self) -> None:
        self._held: list[Order | None] = []
        self._first = 0
        self._guess = 0
        """The place that is asked for next, most often: orders close much as they were made."""
        self.marks = array("q")
        """When each 64th was made, ns UTC."""
        self.shelf = Shelf()

    @property
    def packed(self) -> int:
        """How many are packed."""
        return self.shelf.count

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Order]:
        return self.since(0)

    def __getitem__(self, place: int) -> Order:
        order = self.at(range(len(self._held))[place])
        if order is None:
            raise IndexError(f"the order at place {place} was forgotten")
        return order

    @property
    def first(self) -> int:
        """No order is at a place before this one."""
        while self._first < len(self._held) and self._is_empty(self._first):
            self._first += 1
        return self._first

    def since(self, place: int) -> Iterator[Order]:
        """Those from that place on."""
        for n in range(max(place, self.first), len(self._held)):
            order = self.at(n)
            if order is not None:
                yield order

    def at(self, place: int) -> Order | None:
        """The order at that place; None where it was forgotten."""
        order = self._held[place]
        if order is None and self.shelf.has(place):
            return unpack(self.shelf.packed(place))[0]
        return order

    def place_of(self, order: Order) -> int:
        """The place of an order that is kept as this very object."""
        held, place = self._held, self._guess
        if place >= len(held) or held[place] is not order:
            place = self._block(order.created_ns)
            while held[place] is not order:
                place += 1
        self._guess = place + 1
        return place

    def made_before(self, time_ns: int) -> int:
        """How many were made before that time; they have the first places. Costs no more for many
        orders than for few."""
        place = self._block(time_ns)
        while place < len(self._held):
            order = self.at(place)
            if order is not None and order.created_ns >= time_ns:
                break
            place += 1
        return place

    def append(self, order: Order) -> None:
        """A new order, made no earlier than those before it."""
        if not len(self._held) % STEP:
            self.marks.append(order.created_ns)
        self._held.append(order)

    def pack(self, order: Order, ids: tuple[str, ...]) -> None:
        """Keep the order packed from now on. ``ids`` are the OrderIDs(37) that lead to it."""
        place = self.place_of(order)
        self.shelf.put(place, _names(order, ids), pack(order, ids))
        self._held[place] = None

    def unpack(self, name: str) -> list[tuple[Order, tuple[str, ...]]]:
        """Keep as objects from now on those that have this name; each with its OrderIDs(37)."""
        found = []
        for place in self.shelf.names.places(name):
            order, ids = unpack(self.shelf.packed(place))
            names = _names(order, ids)
            if name in names:  # else it is another name of the same hash
                self.shelf.take(place, names)
                self._held[place] = order
                found.append((order, ids))
        return found

    def _block(self, time_ns: int) -> int:
        """A place from which on the first order of that time is found within 64."""
        return max(0, bisect_left(self.marks, time_ns) - 1) * STEP

    def _is_empty(self, place: int) -> bool:
        return self._held[place] is None and not self.shelf.has(place)

    def forget(self, place: int) -> None:
        """The order at that place is not kept any more, in whichever form it is."""
        if self._held[place] is None:
            order, ids = unpack(self.shelf.packed(place))
            self.shelf.take(place, _names(order, ids))
        self._held[place] = None

    def release(self) -> None:
        """Give back the memory of what was forgotten."""
        self.shelf.release()


def _names(order: Order, ids: tuple[str, ...]) -> set[str]:
    """Every name by which the book finds it."""
    named = {request.cl_ord_id for request in order.requests}.union(ids)
    if order.client_ref:
        named.add(order.client_ref)
    return named
