"""Law 1 by another road: what each order has executed, by the reports that were handed over.

The venue knows what each of its reports of an execution does. A report counts once it is in the
journal: a trade by its quantity, a correction in its place once the trade that it leads to is
there, nothing once a bust of it is there. That is all there is to it, in any order of arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model.inputs import FixIn
from fix_oms.model.units import text_of
from fix_oms.orders.order import Order as Ours
from fix_oms.simulator.order import Order
from fix_oms.world.broker import Told

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws
    from fix_oms.world.world import World


class Executions:
    """``heard`` holds the ExecIDs, each order's beside it."""

    def __init__(self, laws: Laws, world: World) -> None:
        self.heard: Final[set[str]] = set()
        self._laws: Final = laws
        self._world: Final = world
        self._of: Final[dict[str, dict[str, Told]]] = {}
        self._touched: tuple[str, Order] | None = None
        self.newest: Told | None = None
        """The execution that the last message told, if it told one."""

    def begin(self) -> None:
        """Only what is in the journal has been heard."""
        self.heard.clear()
        self._of.clear()
        self._touched = None

    def hear(self, value: FixIn) -> None:
        """A message is in the journal."""
        self.newest = None
        start = value.text.find("\x0117=")
        if start < 0:
            return
        exec_id = value.text[start + 4 : value.text.index("\x01", start + 4)]
        told = self.newest = self._world.brokers[value.session].told.get(exec_id)
        if told is not None:
            self.heard.add(exec_id)
            self._of.setdefault(told.order.key, {})[exec_id] = told
            self._touched = (value.session, told.order)

    def look(self, state: State) -> None:
        """After a step: the order that was spoken of has executed just that."""
        if self._touched is None:
            return
        (session, order), self._touched = self._touched, None
        ours = ours_of(state, session, order)
        expected = self.expected(order)
        if ours is None:
            text = f"an execution of {order.key} of {session} was told and is of no order"
            self._laws.wrong("executions", text)
        elif ours.executions.qty != expected:
            text = (
                f"order {ours.reference} has executed {text_of(ours.executions.qty)}; "
                f"by the reports handed over it is {text_of(expected)}"
            )
            self._laws.wrong("executions", text)

    def expected(self, order: Order) -> int:
        """What the reports of it that have been heard come to."""
        held = self._of.get(order.key, {})
        newest: dict[str, tuple[int, int]] = {}
        busted = set()
        for exec_id, told in held.items():
            root, depth = _root(held, exec_id)
            if root is None:
                continue
            if told.kind == "H":
                busted.add(root)
            elif root not in newest or newest[root][0] < depth:
                newest[root] = (depth, told.quantity)
        return sum(qty for root, (_, qty) in newest.items() if root not in busted)


def _root(held: dict[str, Told], exec_id: str) -> tuple[str | None, int]:
    """The trade that a report leads to, and how far it is from it; None while it is not there."""
    depth = 0
    while exec_id in held:
        told = held[exec_id]
        if told.kind == "F":
            return exec_id, depth
        exec_id, depth = told.ref, depth + 1
    return None, depth


def ours_of(state: State, session: str, order: Order) -> Ours | None:
    """The engine's order for one of the venue's."""
    ours = state.book.by_cl_ord_id(order.ids[0])
    return ours if ours is not None else state.book.find(f"{session}/{order.key}")
