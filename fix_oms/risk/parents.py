"""Parents and what their children come to: a child never takes them past the parent.

A parent is a quantity that somebody wants bought or sold, and that is sent to market in pieces.
What its children have executed, what is open and what is in doubt are together never more than it.
This is the control that would have stopped Knight Capital within one order: a router kept sending
children for parents that were filled (SEC 34-70694).

What a parent has come to is the sum of its children's and nothing else: it is moved by the
difference of each child, in the step that changes the child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, final

from fix_oms.model.units import Fixed, Notional, text_of
from fix_oms.orders.order import Order


@final
class Parent:
    """One parent. ``committed`` is what its children have executed or still could, ``executed``
    and ``notional`` what they have; ``forgotten`` is what of that is of children that are not known
    any more. ``children`` are those that are, by reference, as they were sent; ``working`` those
    that have not been looked at since they could last trade."""

    __slots__ = (
        "account",
        "children",
        "closed",
        "committed",
        "executed",
        "forgotten",
        "notional",
        "order_qty",
        "ref",
        "side",
        "strategy",
        "symbol",
        "working",
    )

    def __init__(
        self, ref: str, account: str, strategy: str, symbol: str, side: str, order_qty: Fixed
    ) -> None:
        self.ref: Final = ref
        self.account: Final = account
        self.strategy: Final = strategy
        self.symbol: Final = symbol
        self.side: Final = side
        self.order_qty = order_qty
        self.committed: Fixed = 0
        self.executed: Fixed = 0
        self.notional: Notional = 0
        self.forgotten: Fixed = 0
        self.closed = ""
        self.children: dict[str, None] = {}
        self.working: dict[str, None] = {}

    @property
    def buys(self) -> bool:
        """Whether it buys."""
        return self.side == "1" or self.side == "3"

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        address = (self.ref, self.account, self.strategy, self.symbol, self.side)
        sums = (self.order_qty, self.committed, self.executed, self.notional, self.forgotten)
        return (*address, *sums, self.closed, tuple(self.children), tuple(sorted(self.working)))


class Parents:
    """All parents by reference, and the parent of each child."""

    __slots__ = ("_of", "parents")

    def __init__(self) -> None:
        self.parents: dict[str, Parent] = {}
        self._of: dict[str, Parent] = {}

    def adopt(self, order: Order, parent: Parent) -> None:
        """The order is a child; what it could come to is committed from this moment."""
        reference = order.reference
        self._of[reference] = parent
        parent.children[reference] = parent.working[reference] = None
        parent.committed += order.executions.qty + order.open_qty

    def restored(self, find: Callable[[str], Order | None]) -> None:
        """Work out what a state from before did not keep of parents' children."""
        for reference, parent in self._of.items():
            order = find(reference)
            if reference not in parent.children and order is not None:
                parent.children[reference] = parent.working[reference] = None
                parent.executed += order.executions.qty
                parent.notional += order.executions.notional

    def of(self, order: Order) -> Parent | None:
        """The parent of a child."""
        return self._of.get(order.reference)

    def forget(self, order: Order) -> None:
        """The order has closed and is not known any more; what it executed stays committed."""
        parent = self._of.pop(order.reference, None)
        if parent is not None:
            parent.forgotten += order.executions.qty
            parent.children.pop(order.reference, None)
            parent.working.pop(order.reference, None)

    def forget_old(self, refs: Iterable[str]) -> None:
        """These are not known any more."""
        for ref in refs:
            del self.parents[ref]

    def changed(self, order: Order, qty: Fixed, notional: Notional, opened: Fixed) -> str:
        """By how much a child has executed more, and could still. Returns the alert that its
        broker took the parent beyond its quantity, if this is what did it."""
        parent = self._of.get(order.reference)
        if parent is None:
            return ""
        parent.executed += qty
        parent.notional += notional
        if order.open_qty:  # a bust may open one again
            parent.working[order.reference] = None
        before = parent.committed
        parent.committed = before + qty + opened
        if parent.committed <= parent.order_qty or before > parent.order_qty:
            return ""
        return (
            f"the children of parent {parent.ref} could come to {text_of(parent.committed)}, more "
            f"than its OrderQty(38) {text_of(parent.order_qty)}: no more of them leave"
        )

    def exceeded(self, parent: Parent, change: Fixed) -> str:
        """In words, why a child may not add so much; empty when it may."""
        if change <= 0:
            return ""
        if parent.closed:
            return f"parent {parent.ref} is closed: {parent.closed}"
        could = parent.committed + change
        if could <= parent.order_qty:
            return ""
        return (
            f"the children of parent {parent.ref} would come to {text_of(could)}, more than its "
            f"OrderQty(38) {text_of(parent.order_qty)}"
        )
