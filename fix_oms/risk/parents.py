"""Parents and what their children may come to: a child never takes them past the parent.

A parent is a quantity that somebody wants bought or sold, and that is sent to market in pieces.
What its children have executed, what is open and what is in doubt are together never more than it.
This is the control that would have stopped Knight Capital within one order: a router kept sending
children for parents that were filled (SEC 34-70694).
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import Fixed, text_of
from fix_oms.orders.order import Order


@final
class Parent:
    """One parent. ``committed`` is what its children have executed or still could, ``forgotten``
    what of that is of children that are not known any more."""

    __slots__ = (
        "account",
        "closed",
        "committed",
        "forgotten",
        "order_qty",
        "ref",
        "side",
        "strategy",
        "symbol",
    )

    def __init__(
        self, ref: str, account: str, strategy: str, symbol: str, side: str, order_qty: Fixed
    ) -> None:
        self.ref: Final = ref
        self.account: Final = account
        self.strategy: Final = strategy
        self.symbol: Final = symbol
        self.side: Final = side
        self.order_qty: Final = order_qty
        self.committed: Fixed = 0
        self.forgotten: Fixed = 0
        self.closed = ""

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        address = (self.ref, self.account, self.strategy, self.symbol, self.side)
        return (*address, self.order_qty, self.committed, self.forgotten, self.closed)


class Parents:
    """All parents by reference, and the parent of each child."""

    __slots__ = ("_of", "parents")

    def __init__(self) -> None:
        self.parents: dict[str, Parent] = {}
        self._of: dict[str, Parent] = {}

    def adopt(self, order: Order, parent: Parent) -> None:
        """The order is a child; what it could come to is committed from this moment."""
        self._of[order.reference] = parent
        parent.committed += order.executions.qty + order.open_qty

    def of(self, order: Order) -> Parent | None:
        """The parent of a child."""
        return self._of.get(order.reference)

    def forget(self, order: Order) -> None:
        """The order has closed and is not known any more; what it executed stays committed."""
        parent = self._of.pop(order.reference, None)
        if parent is not None:
            parent.forgotten += order.executions.qty

    def changed(self, order: Order, change: Fixed) -> str:
        """What a child has executed and could still is other than before. Returns the alert that
        its broker took the parent beyond its quantity, if this is what did it."""
        parent = self._of.get(order.reference)
        if parent is None or not change:
            return ""
        before = parent.committed
        parent.committed = before + change
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
