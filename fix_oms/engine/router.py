"""Where a parent's unrouted quantity goes: looked at whenever something has changed, in that step.

A parent is *due* when one of its children has changed, when the market moved and it waits for that,
when a session, a halt or time may let it go on, or when a person asked something of it. Before a
step ends every parent that is due has been looked at: children that are out are taken leave of,
what was asked for is carried on with, and what is unrouted is given to the policy, which sees a
view of the venues (``sight``) and returns a plan (``dispatch``). A decision ends the looking: it is
carried out by the next step, which goes on with the others, so that each sees what the one before
it has sent. A venue that rejects a child, lets one wait, or ends its day, is left alone for a
while.

No parent may be left that nothing will ever have looked at again: one that has something unrouted
watches its market (``watching``) and wakes when a venue that is left alone may be used again
(``wake_ns``); what else may let one go on has all of them looked at (:data:`LETS_GO_ON`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fix_oms.engine.dispatch import BETTER, GONE, Dispatch, failure, policy_of, shut, suspend
from fix_oms.engine.entry import Entry, has_cancel
from fix_oms.engine.recalls import Recalls
from fix_oms.engine.reserve import reserve
from fix_oms.engine.sight import Sight
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.outputs import Alert, Decided, Output
from fix_oms.model.routing import DIRECT, Policy
from fix_oms.model.units import text_of
from fix_oms.orders.order import MILLISECOND, Order
from fix_oms.routing.parents import ITS_TIME, MARKET, ParentOrder
from fix_oms.routing.plan import plan

LETS_GO_ON: Final[dict[type, str]] = {
    inputs.SessionReady: "a session is ready",
    inputs.VenueHours: "a venue's hours",
    inputs.Resume: "a halt was lifted",
    inputs.Rearm: "a limit was re-armed",
    inputs.SetLimits: "limits were changed",
    inputs.SetReference: "a reference was stated",
    inputs.Kill: "a kill",
    inputs.Started: "the engine started",
}
"""Inputs by which a parent that waits may go on, or has to end."""
BEGINS_ANEW: Final = frozenset({inputs.Resume, inputs.Rearm, inputs.SetLimits, inputs.Started})
"""Those after which what turned a child away may not do so any more."""
_AT_ONCE: Final = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})


class Router:
    """Looks after all routed parents of one state."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._sight: Final = Sight(state)
        self._recalls: Final = Recalls(state, entry)
        self._dispatch: Final = Dispatch(state, entry, self._sight, self._recalls)

    def run(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """See to all that are due after this input."""
        routed = self._state.routed
        cause = LETS_GO_ON.get(type(value))
        if cause is not None and routed.live:
            routed.all_due(cause, anew=type(value) in BEGINS_ANEW)
        while routed.due:
            ref = next(iter(routed.due))
            cause = routed.due.pop(ref)
            self._state.clients.look_at(ref)
            parent = routed.parents.get(ref)
            if parent is None:
                continue
            try:
                self._look(now, parent, cause, out)
            except Exception as error:  # noqa: BLE001 - the others go on, and their step
                self._failed(parent, error, out)
            if out and type(out[-1]) is Decided:
                return  # it is carried out before anybody else is looked at

    def decided(self, now: int, value: inputs.Decided, out: list[Output]) -> None:
        """Carry out a decision: from the record, not from what would be decided now."""
        parent = self._state.routed.parents.get(value.decision.parent)
        if parent is None:
            return
        self._state.clients.look_at(value.decision.parent)
        try:
            self._dispatch.carry_out(now, parent, value.decision, out)
            self._set_by(now, parent)
            reserve(self._state, parent)
        except Exception as error:  # noqa: BLE001 - what has been sent leaves
            self._failed(parent, error, out)

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tick` would do anything, or a step that failed has left any due."""
        routed = self._state.routed
        return bool(routed.due) or 0 < routed.wake_ns <= now

    def tick(self, now: int) -> None:
        """Time has passed."""
        if self.is_due(now):
            self._state.routed.time_has_come(now)

    # -- one parent ---------------------------------------------------------------------------

    def _look(self, now: int, parent: ParentOrder, cause: str, out: list[Output]) -> None:
        state, held = self._state, parent.held
        if cause == MARKET and 0 < parent.wake_ns <= now:
            cause = ITS_TIME
        if cause != MARKET:
            parent.wake_ns = 0
            parent.updated_ns = now
            self._take_leave(now, parent, out)
        working = self.working(parent)
        unrouted = 0
        if parent.ended:
            self._after_end(parent, out)
        elif not self._recalls.go_on(now, parent, working, out):
            working = self.working(parent)
            unrouted = parent.unrouted(working)
            if held.executed >= held.order_qty and not working:
                self._recalls.end(parent, OrdStatus.FILLED.value, "", out)
            elif held.executed >= held.order_qty:  # a broker has filled more than it was sent
                self._recalls.call_back(now, parent, working, out)
            elif unrouted and not parent.suspended:
                self._dispatch.decide(now, parent, unrouted, cause, out)
            elif cause == MARKET and not unrouted:
                self._rework(now, parent, working, out)
        self._set_by(now, parent)
        reserve(state, parent)

    def _failed(self, parent: ParentOrder, error: Exception, out: list[Output]) -> None:
        """A defect of ours. What has been sent leaves; a person looks before anything else does."""
        self._state.routed.sending, self._state.routed.rests = "", False
        self._state.routed.looked_at(parent, watches=False)
        reserve(self._state, parent)
        text = failure(parent, error)
        out.append(Alert(severity="severe", code="fault", text=text, subject=parent.held.ref))
        suspend(parent, text, out)

    def working(self, parent: ParentOrder) -> list[Order]:
        """Its children that may trade, the oldest first."""
        book = self._state.book
        found = [book.by_cl_ord_id(ref) for ref in parent.held.working]
        return [order for order in found if order is not None]

    def _take_leave(self, now: int, parent: ParentOrder, out: list[Output]) -> None:
        """Children that are out, for certain: what their end says of the venue."""
        held = parent.held
        if held.executed > parent.tried_at:
            parent.tried_at, parent.tries = held.executed, 0
        for order in self.working(parent):
            if order.open_qty or order.leaves_qty:
                self._is_slow(now, parent, order)
                continue
            self._was_shown(now, order)
            del held.working[order.reference]
            asked = parent.asked.pop(order.reference, 0)
            self._learn(now, parent, order, was_asked=bool(asked))

    def _was_shown(self, now: int, order: Order) -> None:
        """What it had left when it ended may stand in its venue's book until that is told anew."""
        left, price = order.terms.order_qty - order.cum_qty, order.terms.price
        told_ns = self._sight.told_ns(order.venue, order.symbol)
        if told_ns is not None and left > 0 and price is not None and not _goes(order):
            place = (order.venue, order.symbol, order.buys)
            self._state.routed.left(place, now, price, left, told_ns)

    def _learn(self, now: int, parent: ParentOrder, order: Order, *, was_asked: bool) -> None:
        status, policy = order.ord_status, policy_of(self._state, parent)
        at_once = order.terms.time_in_force in _AT_ONCE
        if policy.kind == DIRECT and policy is not GONE:
            by_us = was_asked and status == OrdStatus.CANCELED
            if status != OrdStatus.FILLED and not (parent.ending or by_us):
                parent.ending = status if status in _ENDS else OrdStatus.CANCELED.value
                parent.text = order.text
        elif status == OrdStatus.REJECTED:
            shut(now, parent, order.venue, policy, f"rejected: {order.text}".rstrip(": "))
        elif at_once and order.cum_qty < order.terms.order_qty and self._is_dark(order.venue):
            shut(now, parent, order.venue, policy, "it had no more")
        elif status == OrdStatus.EXPIRED and not at_once:
            ends = max(self._state.day_ends_ns, now + 1)
            parent.shuts[order.venue] = (ends, "its order expired there: the day is over")
        elif status == OrdStatus.CANCELED and not (at_once or was_asked or has_cancelled(order)):
            shut(now, parent, order.venue, policy, "the venue canceled an order of it")

    def _is_dark(self, name: str) -> bool:
        """Whether the venue shows no book: what it had can only be learned from what it filled."""
        venue = self._state.settings.venues.get(name)
        return venue is not None and venue.dark

    def _is_slow(self, now: int, parent: ParentOrder, order: Order) -> None:
        """A venue that lets it wait is left alone by all parents."""
        venue = self._state.settings.venues.get(order.venue)
        if venue is None or order.reported:
            return
        if now >= order.created_ns + venue.slow_ms * MILLISECOND:
            until = now + policy_of(self._state, parent).skip_s * SECOND
            self._state.routed.slow[order.venue] = until

    def _after_end(self, parent: ParentOrder, out: list[Output]) -> None:
        """A bust has opened a gap in a parent that was filled: a person decides about it."""
        held = parent.held
        if parent.ended != OrdStatus.FILLED or held.executed >= held.order_qty:
            return
        parent.ended, held.closed = "", ""
        self._state.routed.live[held.ref] = parent
        gone = text_of(held.order_qty - held.executed)
        suspend(parent, f"{gone} was taken back after it had filled", out)

    # -- what is posted -----------------------------------------------------------------------

    def _rework(
        self, now: int, parent: ParentOrder, working: list[Order], out: list[Output]
    ) -> None:
        """Something can be had now: what is posted is taken back, and routed when it is out."""
        policy = policy_of(self._state, parent)
        if not (self._reworks(now, parent, policy) and self._sight.may_take(parent, policy)):
            return
        resting = [o for o in working if o.may_trade and not (has_cancel(o) or _goes(o))]
        qty = sum([order.leaves_qty for order in resting])
        if not qty:
            return
        view = self._sight.view(now, parent, policy, qty, posts=False)
        if plan(policy, view).legs:
            self._dispatch.recall(parent, view, resting, BETTER, out)

    def _reworks(self, now: int, parent: ParentOrder, policy: Policy) -> bool:
        if not policy.rework_s or policy.kind == DIRECT or parent.suspended:
            return False
        return now - parent.reworked_ns >= policy.rework_s * SECOND

    def _set_by(self, now: int, parent: ParentOrder) -> None:
        """What the parent waits for from here on."""
        live = not (parent.ended or parent.ending or parent.suspended)
        working = self.working(parent)
        unrouted = live and parent.unrouted(working) > 0
        for until in self._answers(now, working):
            parent.wake_at(until)
        if unrouted:
            for until in self._opens(now, parent):
                parent.wake_at(until)
        reworks = live and policy_of(self._state, parent).rework_s > 0 and bool(parent.held.working)
        self._state.routed.looked_at(parent, watches=unrouted or reworks)
        self._state.algos.changed(parent.held.ref)

    def _answers(self, now: int, working: list[Order]) -> Iterator[int]:
        """When those that are not acknowledged by then will have been let wait."""
        venues = self._state.settings.venues
        for order in working:
            if not order.reported and order.venue in venues:
                until = order.created_ns + venues[order.venue].slow_ms * MILLISECOND
                if until > now:
                    yield until

    def _opens(self, now: int, parent: ParentOrder) -> Iterator[int]:
        """When venues that are left alone may be used again."""
        yield from (until for until, _ in parent.shuts.values() if until > now)
        yield from (until for until in self._state.routed.slow.values() if until > now)
        links = self._state.links.values()
        yield from (link.busy_until for link in links if link.busy_until > now)


_ENDS: Final = frozenset(
    {OrdStatus.CANCELED.value, OrdStatus.REJECTED.value, OrdStatus.EXPIRED.value}
)


def has_cancelled(order: Order) -> bool:
    """Whether a cancel of ours was accepted: then its end is our own doing."""
    return any(r.kind == "cancel" and not r.refused for r in order.later)


def _goes(order: Order) -> bool:
    """Whether it goes by itself, at once."""
    return order.terms.time_in_force in _AT_ONCE
