"""What is asked of a parent while its children work: to end, to be less, to have another price.

The order in which the children hear of it is the safe one: *shrink before grow*. A parent that is
to be less takes effect when its children can come to no more than that; one that gets another
price, when no child works at the old one; then, and not before, more of it is sent. Nothing is
forced: a child whose broker does not let it go counts until it is out.

A decrease that its children do not allow (they have filled meanwhile, or a broker refuses to cut
one down) takes effect as far as they do: the parent's OrderQty becomes what they could come to.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.entry import Entry, has_cancel
from fix_oms.engine.reserve import reserve
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.routing import DIRECT
from fix_oms.model.scope import matches
from fix_oms.model.units import Fixed, text_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import REPLACE
from fix_oms.routing.parents import ParentOrder

AGAIN_NS: Final = SECOND
"""How long until a child is asked again whose session could not carry the request."""


class Recalls:
    """Carries on with what was asked of parents."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry

    def go_on(self, now: int, parent: ParentOrder, working: list[Order], out: list[Output]) -> bool:
        """Carry on. Returns whether the parent waits for its children: nothing more is sent."""
        held = parent.held
        if held.closed and not parent.ending:
            parent.ending, parent.text = OrdStatus.CANCELED.value, held.closed
        if parent.ending:
            self.call_back(now, parent, working, out)
            if not working:
                status = parent.ending
                if held.executed >= held.order_qty:
                    status = OrdStatus.FILLED.value
                self.end(parent, status, parent.text, out)
            return True
        if parent.wanted is None:
            return False
        if self._policy_kind(parent) == DIRECT and len(working) <= 1:
            return self._passed_on(now, parent, working, out)
        qty, price = parent.wanted
        if price != parent.price:
            self.call_back(now, parent, working, out)
            waits = bool(working)
        else:
            waits = self._cut(now, parent, working, held.committed - qty, out)
        if not waits:
            self._settle(parent, qty, price, out)
        return waits

    def end(self, parent: ParentOrder, status: str, text: str, out: list[Output]) -> None:
        """It is at its end: no child may trade, and none will be sent."""
        held = parent.held
        parent.ended, parent.text = status, text or parent.text
        parent.ending, parent.waits, parent.suspended, parent.wanted = "", "", "", None
        parent.shuts.clear()
        parent.asked.clear()
        held.closed = held.closed or _ENDED.get(status, "ended")
        done = f"{text_of(held.executed)} of {text_of(held.order_qty)}"
        said = f"parent {held.ref} is {_ENDED.get(status, 'ended')}: {done} executed"
        said += f" ({parent.text})" if parent.text else ""
        out.append(Alert(severity="info", code="parent_ended", text=said, subject=held.ref))

    def call_back(
        self, now: int, parent: ParentOrder, working: list[Order], out: list[Output]
    ) -> None:
        """Ask these children out; those that were asked and have not answered are let be."""
        for order in working:
            self._cancel(now, parent, order, out)

    # -- parts --------------------------------------------------------------------------------

    def _policy_kind(self, parent: ParentOrder) -> str:
        policy = self._state.settings.policy(parent.policy)
        return policy.kind if policy is not None else ""

    def _cancel(self, now: int, parent: ParentOrder, order: Order, out: list[Output]) -> None:
        """Ask one child out, unless it is being asked."""
        if not order.may_trade or has_cancel(order):
            return
        if order.reference in self._state.withdrawn or self._is_asked_out(order):
            parent.wake_at(now + AGAIN_NS)
            return
        patience = self._state.links[order.session].settings.answer_timeout_s * SECOND
        asked = parent.asked.get(order.reference, 0)
        if asked and now - asked < patience:
            parent.wake_at(asked + patience)
            return
        answer = self._entry.send_cancel(now, order, out)
        if isinstance(answer, Refused):
            parent.wake_at(now + AGAIN_NS)
            return
        parent.asked[order.reference] = now
        parent.wake_at(now + patience)

    def _is_asked_out(self, order: Order) -> bool:
        """Whether a mass cancel that waits for its answer is for it too."""
        asked = self._state.mass_cancels.values()
        return any(m.session == order.session and matches(m.key, order.scope) for m in asked)

    def _cut(
        self,
        now: int,
        parent: ParentOrder,
        working: list[Order],
        need: Fixed,
        out: list[Output],
    ) -> bool:
        """Have the children come to ``need`` less, the youngest first. Returns whether answers are
        to come."""
        waits = False
        for order in working:
            coming = _coming(order)
            if coming:
                waits, need = True, need - coming
        for order in reversed(working):
            if need <= 0:
                return waits
            if _coming(order) or not order.may_trade:
                continue
            if not self._state.links[order.session].ready:
                parent.wake_at(now + AGAIN_NS)
                waits = True
            elif order.reference not in parent.asked:
                need -= self._less(now, parent, order, need, out)
                waits = True
        return waits

    def _less(
        self, now: int, parent: ParentOrder, order: Order, need: Fixed, out: list[Output]
    ) -> Fixed:
        """Ask one child to be less by ``need``, or all of it out. Returns what that would bring."""
        parent.asked[order.reference] = now
        instrument = self._state.settings.instruments.get(order.symbol)
        lot = instrument.lot if instrument is not None else 1
        cut = -(-need // lot) * lot
        if cut < order.leaves_qty:
            said: list[Output] = []
            command = inputs.ReplaceOrder(
                by="router", order=order.reference, order_qty=order.terms.order_qty - cut
            )
            self._entry.replace(now, command, said)
            if any(type(output) is Accepted for output in said):
                out += [o for o in said if type(o) is not Accepted]
                return cut
        answer = self._entry.send_cancel(now, order, out)
        return order.leaves_qty if isinstance(answer, Accepted) else 0

    def _passed_on(
        self, now: int, parent: ParentOrder, working: list[Order], out: list[Output]
    ) -> bool:
        """A direct parent's terms are its one child's, beside what those before it have executed:
        they are replaced there."""
        assert parent.wanted is not None
        held = parent.held
        qty, price = parent.wanted
        if not working:
            self._settle(parent, qty, price, out)
            return False
        order = working[0]
        before = held.committed - order.executions.qty - order.open_qty
        if any(r.kind == REPLACE for r in order.outstanding()):
            return True
        if order.reference in parent.asked:  # it was answered: the child's terms are the parent's
            self._as_child(parent, order, before, out)
            return False
        said: list[Output] = []
        asked = qty - before
        command = inputs.ReplaceOrder(
            by="router",
            order=order.reference,
            order_qty=asked if asked != order.terms.order_qty else None,
            price=price if price != order.terms.price else None,
        )
        reserve(self._state, parent, less=parent.largest)  # the child's more is the parent's
        held.order_qty = max(held.order_qty, qty)
        self._entry.replace(now, command, said)
        out += [o for o in said if type(o) not in (Accepted, Refused)]
        parent.asked[order.reference] = now
        if any(type(o) is Accepted for o in said):
            return True
        self._as_child(parent, order, before, out)
        return False

    def _as_child(
        self, parent: ParentOrder, order: Order, before: Fixed, out: list[Output]
    ) -> None:
        self._settle(parent, before + order.terms.order_qty, order.terms.price, out)

    def _settle(
        self, parent: ParentOrder, qty: Fixed, price: Fixed | None, out: list[Output]
    ) -> None:
        """The terms that were asked for hold, as far as the children allow it."""
        asked, qty = parent.wanted, max(qty, parent.held.committed)
        parent.wanted = None
        parent.asked.clear()
        parent.held.order_qty, parent.price = qty, price
        if asked is not None and asked != (qty, price):
            text = (
                f"parent {parent.held.ref} was to be {_terms(*asked)} and is {_terms(qty, price)}"
            )
            text += ": that is what its children allow"
            out.append(
                Alert(
                    severity="warning", code="parent_replaced", text=text, subject=parent.held.ref
                )
            )


_ENDED: Final[dict[str, str]] = {
    OrdStatus.FILLED.value: "filled",
    OrdStatus.CANCELED.value: "canceled",
    OrdStatus.EXPIRED.value: "expired",
    OrdStatus.REJECTED.value: "rejected",
}


def _coming(order: Order) -> Fixed:
    """By how much requests of ours without an answer would have the child come to less."""
    outstanding = [r for r in order.outstanding() if r.kind != "new"]
    if not outstanding:
        return 0
    least = min([0 if r.kind == "cancel" else r.terms.order_qty for r in outstanding])
    return max(0, order.open_qty - max(0, least - order.cum_qty))


def _terms(qty: Fixed, price: Fixed | None) -> str:
    return text_of(qty) if price is None else f"{text_of(qty)} @ {text_of(price)}"
