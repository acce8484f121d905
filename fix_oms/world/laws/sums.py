"""Laws 1 to 3: positions are the sums of effective executions, orders and parents add up.

Kept by differences of what a step has touched; begun anew from the whole book at each start.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model.units import text_of
from fix_oms.orders.order import Order

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws


class Sums:
    """What each order has executed, and what that comes to for each account and symbol."""

    def __init__(self, laws: Laws) -> None:
        self._laws: Final = laws
        self._of: dict[str, int] = {}
        self._sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._committed: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def begin(self, state: State) -> None:
        """Add up the whole book."""
        self._of, self._sums = {}, defaultdict(int)
        self._committed = defaultdict(dict)
        for order in state.book.orders:
            self._add(state, order)

    def _add(self, state: State, order: Order) -> None:
        executed = order.executions.qty if order.buys else -order.executions.qty
        key, reference = (order.scope.account, order.symbol), order.reference
        self._sums[key] += executed - self._of.get(reference, 0)
        self._of[reference] = executed
        parent = state.gate.parents.of(order)
        if parent is not None:
            children = self._committed[parent.ref]
            children[reference] = order.executions.qty + order.open_qty

    def look(self, state: State, orders: list[Order]) -> None:
        """These orders have changed."""
        for order in orders:
            self._add(state, order)
        for order in orders:
            self._look(state, order)

    def _look(self, state: State, order: Order) -> None:
        try:
            order._check()
        except AssertionError as error:
            self._laws.wrong("sums", f"order {order.reference}: {error or 'contradicts itself'}")
        key = (order.scope.account, order.symbol)
        position = state.ledger.position(*key)
        held, summed = position.quantity - position.opening, self._sums[key]
        if held != summed:
            come_to = text_of(summed)
            text = f"the position of {key} is {text_of(held)}, its executions come to {come_to}"
            self._laws.wrong("positions", text)
        self._parent(state, order)

    def _parent(self, state: State, order: Order) -> None:
        parent = state.gate.parents.of(order)
        if parent is None:
            return
        committed = sum(self._committed[parent.ref].values())
        said = text_of(committed)
        if committed != parent.committed:
            text = f"parent {parent.ref} reckons {text_of(parent.committed)}, its children {said}"
            self._laws.wrong("conservation", text)
        if committed > parent.order_qty and self._laws.is_calm:
            text = (
                f"the children of {parent.ref} could come to {said} of {text_of(parent.order_qty)}"
            )
            self._laws.wrong("conservation", text)
