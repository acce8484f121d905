"""Parents and their children as the laws of routing see them: from the orders' own evidence.

What a child comes to is worked out here anew from its executions and requests, and from its venue's
own book, where it stands under the child's ClOrdID(11). Nothing is asked of the router's own sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fix_oms.engine.state import State
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL
from fix_oms.routing.parents import ParentOrder, Wanted
from fix_oms.simulator.order import Order as Theirs
from fix_oms.world.broker import CLIENT

if TYPE_CHECKING:
    from fix_oms.world.world import World


class Child(NamedTuple):
    """One child by its evidence: what it has executed, at what worth, what it could come to by what
    is open, and by what it was sent for; and whether anything of it may still fill."""

    executed: int
    notional: int
    could: int
    sent_for: int
    is_out: bool


class Stand(NamedTuple):
    """How a parent stood after a step."""

    ended: str
    ending: str
    suspended: str
    wanted: Wanted | None
    order_qty: int
    price: int | None


def stand_of(parent: ParentOrder) -> Stand:
    """How it stands."""
    held = parent.held
    return Stand(
        parent.ended, parent.ending, parent.suspended, parent.wanted, held.order_qty, parent.price
    )


def child_of(order: Order) -> Child:
    """What an order comes to as a child."""
    done = order.executions.qty
    could = done + order.open_qty
    is_out = not (order.open_qty or order.leaves_qty)
    asked = 0 if is_out else _asked(order)
    return Child(done, order.executions.notional, could, max(could, asked), is_out)


def _asked(order: Order) -> int:
    """The largest OrderQty(38) of ours that may hold: its newest accepted, and what was asked for
    since."""
    current = order.cl_ord_id
    newest = [n for n, r in enumerate(order.requests) if r.cl_ord_id == current]
    since = [r for r in order.requests[newest[0] if newest else 0 :] if r.kind != CANCEL]
    return max([r.terms.order_qty for r in since if r.may_hold or r.cl_ord_id == current])


class Families:
    """Each routed parent's children as they were when they last changed."""

    def __init__(self, world: World) -> None:
        self._world: Final = world
        self.children: Final[dict[str, dict[str, Child]]] = {}
        self.session: Final[dict[str, str]] = {}

    def begin(self, state: State) -> None:
        """A process has started: look at all of them."""
        self.children.clear()
        self.session.clear()
        for parent in state.routed.parents.values():
            for name in parent.held.children:
                order = state.book.by_cl_ord_id(name)
                if order is not None:
                    self.note(parent.held.ref, order)

    def note(self, ref: str, order: Order) -> None:
        """A child has changed."""
        self.children.setdefault(ref, {})[order.reference] = child_of(order)
        self.session[order.reference] = order.session

    def of(self, ref: str) -> dict[str, Child]:
        """The children of a parent."""
        return self.children.get(ref, {})

    def theirs(self, name: str) -> Theirs | None:
        """The child by its venue's book; None where it has not arrived."""
        venue = self._world.brokers[self.session[name]].station.venue
        return venue.ids.get((CLIENT, name))

    def is_straight(self, ref: str) -> bool:
        """Whether no venue has gone beyond the terms of a child, or said what is not true."""
        for name in self.of(ref):
            theirs = self.theirs(name)
            broker = self._world.brokers[self.session[name]]
            if theirs is not None and theirs.key in broker.bent | broker.lied:
                return False
        return True

    def truth(self, ref: str) -> tuple[int, int]:
        """What the venues have executed of the parent, and what it could come to: by their books,
        and of what has not arrived by the child's own evidence."""
        done = could = 0
        for name, child in self.of(ref).items():
            theirs = self.theirs(name)
            if theirs is None:
                could += child.could
                continue
            left = 0 if theirs.ended is not None else theirs.leaves_qty
            done += theirs.cum_qty
            could += theirs.cum_qty + left
        return done, could
