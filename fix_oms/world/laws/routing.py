"""What the router sends, looked at in the step that sends it.

Each child stands as a leg in a decision of its parent that was told just before it. It keeps the
parent's limit, goes where its venue can take it now, and does not go back at once to a venue that
has turned a sibling away. With all that its siblings were sent for and may still fill it is no more
than the parent. A parent that has ended, is about to, or is held for a person sends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.engine.dispatch import BETTER
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.inputs import Decided, Input
from fix_oms.model.outputs import Accepted, Alert, Output, Send
from fix_oms.model.routing import Decision, Leg
from fix_oms.model.units import text_of
from fix_oms.orders.order import Order
from fix_oms.routing.parents import ParentOrder
from fix_oms.world.clock import SECOND
from fix_oms.world.laws.family import Families, Stand
from fix_oms.world.laws.parents import ParentLaws

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws

_NEW: Final = "35=D\x01"
_AT_ONCE: Final = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})


class RoutingLaws:
    """What sessions are ready and which venues open is known from the inputs alone."""

    def __init__(self, laws: Laws, families: Families, parents: ParentLaws) -> None:
        self._laws: Final = laws
        self._families: Final = families
        self._parents: Final = parents
        self._ready: Final[set[str]] = set()
        self._open: Final[set[str]] = set()
        self._turned_away: Final[dict[tuple[str, str], int]] = {}
        self._statuses: Final[dict[str, str]] = {}
        self._held: Final[set[str]] = set()
        """The parents of which a person was told that they wait for one."""
        self._running: Final[dict[str, tuple[int, int]]] = {}
        """The most that each has executed, and how often it was routed since that changed."""
        self._sent_again: set[str] = set()
        """The parents that the last step has sent children of."""

    def begin(self, state: State) -> None:
        """A process starts."""
        self._turned_away.clear()
        self._statuses.clear()
        self._running.clear()
        self._held.clear()
        self._held.update(ref for ref, parent in state.routed.live.items() if parent.suspended)
        for name in self._families.session:
            order = state.book.by_cl_ord_id(name)
            if order is not None:
                self._statuses[name] = order.ord_status

    def told(self, value: Input) -> None:
        """What an input says of sessions and venues."""
        match value:
            case inputs.SessionReady():
                self._ready.add(value.session)
            case inputs.SessionUp() | inputs.SessionDown():
                self._ready.discard(value.session)
            case inputs.VenueHours():
                (self._open.add if value.is_open else self._open.discard)(value.venue)
            case inputs.Started() | inputs.Stopped():
                self._ready.clear()
                self._open.clear()
            case inputs.Resume() | inputs.Rearm() | inputs.SetLimits():
                self._turned_away.clear()  # what turned them away may not do so any more

    # -- children that left ---------------------------------------------------------------------

    def stepped(self, state: State, now: int, value: Input, out: list[Output]) -> None:
        """Each child that this step has sent, in the order in which it was decided."""
        if type(value) is inputs.ResumeParent and any(type(o) is Accepted for o in out):
            self._resumed(value.ref)
        legs: dict[str, list[Leg]] = {}
        sent: dict[str, None] = {}
        if type(value) is Decided:
            self._decided(value.decision, legs)
        for output in out:
            if type(output) is Alert and output.code == "parent_suspended":
                self._held.add(output.subject)
            elif type(output) is Send and output.text.startswith(_NEW):
                order = state.book.by_cl_ord_id(output.chain)
                of = state.gate.parents.of(order) if order is not None else None
                parent = state.routed.parents.get(of.ref) if of is not None else None
                if order is not None and parent is not None:
                    self._families.note(parent.held.ref, order)
                    self._sent(state, now, order, parent, legs.get(parent.held.ref, []))
                    sent[parent.held.ref] = None
        self._sent_again = {*sent}
        paced = type(value) is Decided and value.decision.cause == BETTER
        for ref in sent:
            parent = state.routed.parents[ref]
            self._conserved(ref, parent)
            if not paced:
                self._again_and_again(state, ref, parent)

    def _resumed(self, ref: str) -> None:
        self._held.discard(ref)
        self._running.pop(ref, None)
        for key in [key for key in self._turned_away if key[0] == ref]:
            del self._turned_away[key]

    def _decided(self, decision: Decision, legs: dict[str, list[Leg]]) -> None:
        legs[decision.parent] = [*decision.plan.legs]
        if len({leg.venue for leg in decision.plan.legs if leg.takes}) > 1:
            self._laws.count("routing: a sweep over two venues or more")

    def _again_and_again(self, state: State, ref: str, parent: ParentOrder) -> None:
        """So often running, without any execution, a parent may be routed and no more."""
        executed = sum([child.executed for child in self._families.of(ref).values()])
        most, times = self._running.get(ref, (0, 0))
        times = 1 if executed > most else times + 1
        self._running[ref] = (max(most, executed), times)
        policy = state.settings.policy(parent.policy)
        if policy is not None and times > policy.max_reroutes:
            text = f"parent {ref} was routed {times} times running without any execution"
            self._laws.wrong("routing", text)

    def _sent(
        self,
        state: State,
        now: int,
        order: Order,
        parent: ParentOrder,
        legs: list[Leg],
    ) -> None:
        self._by_decision(order, parent, legs)
        self._may_send(parent, order, self._parents.stands[parent.held.ref])
        self._within_limit(order, parent)
        self._where(state, now, order, parent)

    def _wrong(self, order: Order, parent: ParentOrder, text: str) -> None:
        self._laws.wrong("routing", f"child {order.reference} of {parent.held.ref} {text}")

    def _by_decision(self, order: Order, parent: ParentOrder, legs: list[Leg]) -> None:
        """It stands as a leg in the decision before it."""
        terms = order.first.terms
        takes = terms.time_in_force in _AT_ONCE
        for leg in legs:
            same = (leg.venue, leg.qty, leg.price) == (order.venue, terms.order_qty, terms.price)
            if same and (takes if leg.takes else terms.time_in_force == parent.time_in_force):
                legs.remove(leg)
                return
        self._wrong(order, parent, "stands in no decision")

    def _may_send(self, parent: ParentOrder, order: Order, before: Stand) -> None:
        """``before`` is how the parent stood before this step."""
        if before.ended:
            self._wrong(order, parent, f"is sent, and the parent had ended ({before.ended})")
        if before.ending or parent.ending:
            self._wrong(order, parent, "is sent, and the parent is to end")
        if parent.held.ref in self._held:
            self._wrong(order, parent, "is sent, and the parent is held for a person")
        if parent.wanted is not None:
            self._wrong(order, parent, "is sent while other terms wait for the children")

    def _within_limit(self, order: Order, parent: ParentOrder) -> None:
        limit, price = parent.price, order.first.terms.price
        if limit is None:
            return
        if price is None or (price > limit if parent.held.buys else price < limit):
            at = "any price" if price is None else text_of(price)
            self._wrong(order, parent, f"is sent at {at}, beyond the limit {text_of(limit)}")

    def _where(self, state: State, now: int, order: Order, parent: ParentOrder) -> None:
        """Its venue trades the symbol, and takes orders at this moment."""
        settings = state.settings
        venue, symbol = settings.venues[order.venue], order.symbol
        policy = settings.policy(parent.policy)
        if order.venue not in settings.instruments[symbol].venues:
            self._wrong(order, parent, f"goes to {order.venue}, where {symbol} does not trade")
        if venue.session not in self._ready:
            self._wrong(order, parent, f"goes to {order.venue}, whose session is not ready")
        if venue.hours is not None and order.venue not in self._open:
            self._wrong(order, parent, f"goes to {order.venue}, which is closed")
        if (venue.session, symbol) in state.halted:
            self._wrong(order, parent, f"goes to {order.venue}, where {symbol} is halted")
        since = self._turned_away.get((parent.held.ref, order.venue))
        if since is not None and policy is not None and now < since + policy.skip_s * SECOND:
            ago = (now - since) // 1_000_000
            text = f"goes to {order.venue}, which rejected one of it {ago} ms ago"
            self._wrong(order, parent, text)

    def _conserved(self, ref: str, parent: ParentOrder) -> None:
        """What was sent for, and could still fill, is with what has executed no more than it."""
        most = parent.held.order_qty
        sent_for = sum([child.sent_for for child in self._families.of(ref).values()])
        if sent_for > most:
            text = f"children of {ref} were sent for {text_of(sent_for)} that may fill"
            self._laws.wrong("re-routed", f"{text}; it is {text_of(most)}")
        _, could = self._families.truth(ref)
        if could > most and self._families.is_straight(ref):
            text = f"children of {ref} could by the venues come to {text_of(could)}"
            self._laws.wrong("re-routed", f"{text}; it is {text_of(most)}")

    # -- children that changed ------------------------------------------------------------------

    def changed(self, now: int, orders: list[tuple[Order, ParentOrder]]) -> None:
        """Children have changed: were they turned away, have they left something to be routed?"""
        for order, parent in orders:
            status, name, ref = order.ord_status, order.reference, parent.held.ref
            if self._statuses.get(name) != status:
                self._statuses[name] = status
                if status == OrdStatus.REJECTED:
                    self._turned_away[ref, order.venue] = now
                if ref in self._sent_again and not order.leaves_qty:
                    self._laws.count(f"routing: again after one that {_end_of(order)}")


def _end_of(order: Order) -> str:
    status = order.ord_status
    if status == OrdStatus.REJECTED:
        return "was rejected"
    if order.terms.time_in_force in _AT_ONCE:
        return "took a part" if order.executions.qty else "took nothing"
    return "expired" if status == OrdStatus.EXPIRED else "was canceled"
