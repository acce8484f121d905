"""Never guess (D3): what is not known is asked about.

After a logon every order of ours that is open there is asked about, one by one or all at once,
unless it is heard of first. What the peer says that it never received is in doubt in that step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.outputs import Changed, Output, Send
from fix_oms.world.clock import SECOND

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws

PATIENCE_NS: Final = 5 * SECOND


class Asking:
    """Of each session that is ready: since when, and which orders nobody has asked about yet."""

    def __init__(self, laws: Laws) -> None:
        self._laws: Final = laws
        self._unasked: Final[dict[str, tuple[int, set[str]]]] = {}

    def begin(self) -> None:
        """A process starts: nothing is connected."""
        self._unasked.clear()

    def stepped(self, state: State, now: int, value: inputs.Input, out: list[Output]) -> None:
        """The engine has taken an input."""
        if isinstance(value, inputs.SessionReady):
            orders = state.book.open.values()
            mine = {o.reference for o in orders if o.session == value.session and not o.external}
            self._unasked[value.session] = (now, mine)
        elif isinstance(value, inputs.SessionDown | inputs.SessionUp):
            self._unasked.pop(value.session, None)
        elif isinstance(value, inputs.PeerResend):
            self._not_received(state, value)
        if self._unasked:
            for output in out:
                self._answers(output)

    def _answers(self, output: Output) -> None:
        if type(output) is Changed:
            for _, orders in self._unasked.values():
                orders.discard(output.order)
        elif type(output) is Send and output.session in self._unasked:
            orders = self._unasked[output.session][1]
            if output.text.startswith("35=AF\x01"):
                orders.clear()
            elif output.text.startswith("35=H\x01"):
                orders.discard(output.cl_ord_id)

    def _not_received(self, state: State, value: inputs.PeerResend) -> None:
        link = state.links[value.session]
        for waiting in state.waiting.values():
            request, order = waiting.request, waiting.order
            if order.session != link.name or request.epoch != link.epoch or waiting.is_settled:
                continue
            asked_again = value.begin <= request.seq and (request.seq <= value.end or not value.end)
            if asked_again and not request.doubt:
                text = f"{link.name} never received {request.cl_ord_id}, which is not in doubt"
                self._laws.wrong("asking", text)

    def look(self, state: State, now: int) -> None:
        """Has everything been asked that should have been by now?"""
        for name, (since, orders) in self._unasked.items():
            open_still = [reference for reference in orders if reference in state.book.open]
            if open_still and now - since > PATIENCE_NS:
                text = f"{name} is back, and nobody has asked about {', '.join(open_still[:3])}"
                self._laws.wrong("asking", text)
