"""Which cells of the legality table were met: counted, so that what was never tried is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model.fix import FixVersion, OrdStatus
from fix_oms.model.inputs import FixIn
from fix_oms.orders.legality import CANCEL_REJECT, CONTRADICTION, UNKNOWN
from fix_oms.orders.legality_table import WHEN
from fix_oms.sessions.text import field

if TYPE_CHECKING:
    from fix_oms.world.world import World

_KINDS: Final = {
    (exec_type, status): kind
    for exec_types, statuses, kind in WHEN
    for exec_type in exec_types.split()
    for status in statuses.split()
}
_IN_42: Final = {"1": "H", "2": "G", "3": "I"}


class Cells:
    """The state in which each order was last seen, and what it met there."""

    def __init__(self, world: World) -> None:
        self._world: Final = world
        self._state: dict[str, str] = {}

    def begin(self, state: State) -> None:
        """A process has started."""
        self._state = {order.reference: order.ord_status for order in state.book.orders}

    def met(self, value: FixIn, touched: list[str]) -> None:
        """A message has been taken in, and has changed these orders."""
        book = self._world.engine.state.book
        kind = self._kind(value)
        for reference in touched:
            order = book.by_cl_ord_id(reference) or book.find(reference)
            if order is None:
                continue
            if kind and reference == touched[0]:
                never_told = UNKNOWN if order.external else OrdStatus.PENDING_NEW.value
                before = self._state.get(reference, never_told)
                self._world.counts[f"cell: {before} {kind}"] += 1
            self._state[reference] = order.ord_status

    def _kind(self, value: FixIn) -> str:
        text = value.text
        if "\x0135=9\x01" in text:
            return CANCEL_REJECT
        if "\x0135=8\x01" not in text:
            return ""
        exec_type, status = field(text, 150) or "", field(text, 39) or ""
        if self._world.brokers[value.session].version is FixVersion.FIX42:
            exec_type = _IN_42.get(field(text, 20) or "", exec_type)
            exec_type = "F" if exec_type in ("1", "2") else exec_type
        return _KINDS.get((exec_type, status), CONTRADICTION)
