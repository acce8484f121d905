"""The truth: when everything has been heard and asked, what we know is what the venues know."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model.units import text_of
from fix_oms.orders.book import EXTERNAL
from fix_oms.orders.order import Order as Ours
from fix_oms.orders.requests import Request
from fix_oms.simulator.order import Order

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws
    from fix_oms.world.world import World

_BROKER_ACCOUNTS: Final = {"H-77": "HEDGE"}


def account_of(order: Order) -> str:
    """Whose order it is, by the venue's book."""
    if order.ids[0].startswith("PHONE"):
        return EXTERNAL
    told = order.terms.account or ""
    return _BROKER_ACCOUNTS.get(told, told)


class Truth:
    """The venues' books."""

    def __init__(self, laws: Laws, world: World) -> None:
        self._laws: Final = laws
        self._world: Final = world

    def position(self, account: str, symbol: str) -> int:
        """What has executed for an account, all venues together."""
        return self._positions()[account, symbol]

    def _positions(self) -> defaultdict[tuple[str, str], int]:
        held: defaultdict[tuple[str, str], int] = defaultdict(int)
        for broker in self._world.brokers.values():
            for order in broker.orders():
                done = order.cum_qty if order.is_buy else -order.cum_qty
                held[account_of(order), order.terms.symbol] += done
        return held

    def look(self, state: State) -> None:
        """Everything has come to rest."""
        from fix_oms.world.laws.executions import ours_of

        for name, broker in self._world.brokers.items():
            for order in broker.orders():
                ours = ours_of(state, name, order)
                if ours is None:
                    self._laws.wrong("truth", f"{name} has {order.ids[0]}, and we know nothing")
                    continue
                self._compare(ours, order, states=order.key not in broker.lied)
        for key, held in self._positions().items():
            position = state.ledger.position(*key)
            if position.quantity - position.opening != held:
                mine = text_of(position.quantity)
                text = f"the venues have executed {text_of(held)} for {key}, we {mine}"
                self._laws.wrong("truth", text)
        self._laws.count("laws: truths compared")

    def _compare(self, ours: Ours, order: Order, *, states: bool) -> None:
        done = text_of(order.cum_qty)
        if ours.executions.qty != order.cum_qty:
            text = f"{ours.reference}: {done} executed, we have {text_of(ours.executions.qty)}"
            self._laws.wrong("truth", text)
        left = 0 if order.ended is not None else order.leaves_qty
        if not states:
            return
        if ours.cum_qty != order.cum_qty:
            text = f"{ours.reference}: CumQty(14) is {done}, ours {text_of(ours.cum_qty)}"
            self._laws.wrong("truth", text)
        if ours.leaves_qty != left:
            mine = text_of(ours.leaves_qty)
            text = f"{ours.reference}: LeavesQty(151) is {text_of(left)}, ours {mine}"
            self._laws.wrong("truth", text)

    def unanswered(self, order: Ours, request: Request) -> None:
        """A request has arrived, everybody has been asked, and it is in doubt."""
        broker = self._world.brokers[order.session]
        theirs = broker.station.venue.ids.get(("US", order.reference))
        if theirs is not None and theirs.key in broker.lied:
            return
        text = f"{request.kind} {request.cl_ord_id} has arrived at {broker.name} and is in doubt"
        self._laws.wrong("liveness", text)
