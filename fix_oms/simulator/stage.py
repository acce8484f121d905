"""What the sessions of a venue play: one script at a time on each, and the plays of before.

While a script is played, what its session asks about the play's symbol is for the play; everything
else stays the venue's ordinary business. The orders of plays are in no book. After a play they
stand as its last row left them: questions about them are answered from it, changes are refused.

The venue's moods (silence, delays, being busy) do not touch a play: a script is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.model.messages import (
    BusinessMessageReject,
    Message,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    SessionReject,
)
from fix_oms.simulator import acts
from fix_oms.simulator.control import PlayView
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.play import Play, PlayedOrder, Request

_MS: Final = 1_000_000


class Stage:
    """``moves`` counts what was done, so that whoever waits knows when to look again."""

    def __init__(self, version: str, new_order_id: Callable[[], str]) -> None:
        self.moves = 0
        self._version: Final = version
        self._new_order_id: Final = new_order_id
        self._plays: Final[dict[str, list[Play]]] = {}
        """The plays of each session, the latest last."""
        self._limits: Final[dict[str, tuple[int, int]]] = {}
        """Of each session that plays: by when the next request must come, and how long that is."""

    def begin(self, now_ns: int, act: acts.Play) -> list[str]:
        """Play a script from now on; what it says at once. Ends what the session played before.

        Raises ActRefused for a script of another version.
        """
        script = act.script
        if script.version != self._version:
            raise ActRefused(
                f"{script.name} is written for {script.version}, and this venue speaks "
                f"{self._version}"
            )
        if act.session in self._plays:
            self._plays[act.session][-1].fail(f"the play of {script.name} began instead")
        play = Play(script, act.symbol, now_ns, self._new_order_id)
        self._plays.setdefault(act.session, []).append(play)
        self._limits[act.session] = (now_ns, act.timeout_ms * _MS)
        said = list(play.go_on())
        self._settle(now_ns, act.session)
        return said

    def take(self, now_ns: int, session: str, message: Message) -> list[str] | None:
        """What answers a message that is for a play; None where it is the venue's business.

        Raises Misfit when it is not what the script awaits.
        """
        play = self._playing(session)
        match message:
            case OrderStatusRequest():
                return self._status(now_ns, session, message)
            case NewOrderSingle() | OrderCancelRequest() | OrderCancelReplaceRequest():
                if play is not None and play.concerns(message.terms.symbol):
                    return self._take(now_ns, session, play, message)
                if not isinstance(message, NewOrderSingle):
                    return self._refused(session, message)
            case SessionReject() | BusinessMessageReject() if play is not None:
                play.fail(f"the client rejected a report: {message.text or 'no Text(58)'}")
                self._settle(now_ns, session)
        return None

    def _take(self, now_ns: int, session: str, play: Play, message: Request) -> list[str]:
        try:
            return list(play.take(message))
        finally:
            self._settle(now_ns, session)

    def _playing(self, session: str) -> Play | None:
        plays = self._plays.get(session)
        return plays[-1] if plays and not plays[-1].is_over else None

    def _status(self, now_ns: int, session: str, message: OrderStatusRequest) -> list[str] | None:
        found = self._found(session, message.cl_ord_id, message.order_id)
        if found is None:
            return None
        play, order = found
        if play.awaits_status_of(order):
            return self._take(now_ns, session, play, message)
        asked = message.ord_status_req_id
        return [play.status(order, {} if asked is None else {"790": asked})]

    def _refused(
        self, session: str, message: OrderCancelRequest | OrderCancelReplaceRequest
    ) -> list[str] | None:
        found = self._found(session, message.orig_cl_ord_id, message.order_id)
        return None if found is None else [found[0].refusal(found[1], message)]

    def _found(
        self, session: str, cl_ord_id: str, order_id: str | None
    ) -> tuple[Play, PlayedOrder] | None:
        for play in reversed(self._plays.get(session, [])):
            order = play.order_of(cl_ord_id, order_id)
            if order is not None:
                return play, order
        return None

    def standing(self, session: str, message: OrderMassStatusRequest, others: int) -> list[str]:
        """Status reports of the orders told of here: the end of the answer to a mass status
        request, of which ``others`` reports stand before."""
        said = []
        orders = [
            (play, order)
            for play in self._plays.get(session, [])
            for order in play.orders.values()
            if order.row and message.symbol in (None, order.row.get("55"))
        ]
        for n, (play, order) in enumerate(orders, 1):
            more = {
                "584": message.mass_status_req_id,
                "911": str(others + len(orders)),
                "912": "Y" if n == len(orders) else "N",
            }
            said.append(play.status(order, more))
        return said

    # -- time ------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        """When a play ends unless its next request has come; None for never."""
        return min((by for by, _ in self._limits.values()), default=None)

    def pass_time(self, now_ns: int) -> None:
        """End the plays whose next request did not come in time."""
        for session, (by_ns, limit_ns) in list(self._limits.items()):
            if by_ns <= now_ns:
                play = self._plays[session][-1]
                play.fail(f"{play.awaited} did not come within {limit_ns / 10**9:g} s")
                self._settle(now_ns, session)

    def _settle(self, now_ns: int, session: str) -> None:
        """Something was done: the next request has a time limit of its own."""
        self.moves += 1
        _, limit_ns = self._limits[session]
        if self._plays[session][-1].is_over:
            del self._limits[session]
        else:
            self._limits[session] = (now_ns + limit_ns, limit_ns)

    # -- looking ---------------------------------------------------------------------------------

    def view(self, session: str) -> PlayView:
        """The latest play of a session. Raises ActRefused where there was none."""
        if session not in self._plays:
            raise ActRefused(f"nothing was played to {session} yet")
        play = self._plays[session][-1]
        return PlayView(
            name=play.script.name,
            at=play.at,
            of=len(play.script.lines),
            awaited="" if play.awaited is None else f"t {play.awaited.t}: {play.awaited}",
            error=play.error,
            order_ids={name: order.order_id for name, order in play.orders.items()},
            requests=dict(play.requests),
        )
