"""What is unrouted is given to the policy, and what the policy decides is sent through the gate.

Two steps, with a record of the journal between them. *Deciding* looks and changes nothing: the view
and the plan leave the engine as an output, which comes back at once as an input. *Carrying out*
does what stands in that input. So a replay sends what was sent, whatever this version would decide,
and policies can change from one version to the next. A decision that was made and not journaled,
because the process died, was never carried out; the next start makes a new one.

Legs are new orders like any other. What the gate says to one decides what follows:

- a refusal that speaks of the venue, or a halt, shuts the venue to the parent for a while, and the
  rest is planned anew at once; one that speaks of pace does so for a second;
- any other suspends the parent: sending the same into a limit again and again helps nobody.

So does a parent that is routed again and again without any execution in between.

A decision is made where something is sent, or where there is something new about why nothing is;
of the latter that a market brings, one a second.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.engine.entry import Entry
from fix_oms.engine.recalls import Recalls
from fix_oms.engine.reserve import reserve
from fix_oms.engine.sight import Sight
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, OrdType, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Alert, Decided, Output, Refused
from fix_oms.model.routing import DIRECT, REST_STOP, Decision, Leg, Plan, Policy, View
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.orders.order import Order
from fix_oms.routing.parents import MARKET, MOST_AT_ONCE, ParentOrder
from fix_oms.routing.plan import plan

ROUTER: Final = "router"
"""Who sends the children, for the record."""
PACED_NS: Final = SECOND
"""How long a parent waits that was sent too fast."""
OF_THE_VENUE: Final = frozenset(
    {
        "session_up",
        "session_busy",
        "trading_hours",
        "trading_halt",
        "reconciling",
        "supports",
        "venue",
        "tick_size",
        "lot_size",
        "quantity_bounds",
        "min_notional",
        "market_data",
        "halt",
        "kill",
    }
)
"""Controls whose refusal speaks of the venue and not of the order; or it will pass, as a halt."""
BETTER: Final = "what rested was taken back: something can be taken"
"""The cause of a decision about what the router itself has taken back."""
PACE: Final = "message_rate"
"""The control whose refusal passes by itself, and soon."""


class Dispatch:
    """Sends what is unrouted, by each parent's policy."""

    def __init__(self, state: State, entry: Entry, sight: Sight, recalls: Recalls) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._sight: Final = sight
        self._recalls: Final = recalls

    def decide(
        self, now: int, parent: ParentOrder, qty: Fixed, cause: str, out: list[Output]
    ) -> None:
        """What is to be done about ``qty`` of it; nothing is done yet."""
        policy = policy_of(self._state, parent)
        cause = parent.because or cause
        if policy is GONE:
            suspend(parent, f"no routing policy {parent.policy!r} is configured", out)
            return
        gone = self._gone(parent, policy)
        if gone:
            suspend(parent, f"no {gone} is configured", out)
            return
        if parent.at_once >= MOST_AT_ONCE and parent.told[0] == now:
            text = f"{parent.at_once} decisions followed from one moment"
            self._defect(parent, text, out)
            suspend(parent, text, out)
            return
        view, decided, holds = self._planned(now, parent, policy, qty)
        if holds:
            self._defect(parent, holds, out)
        if decided.legs and parent.tries >= policy.max_reroutes:
            holds = f"routed {parent.tries} times running without any execution"
            decided = Plan(legs=(), left=qty, why=holds)
        if decided.legs or holds or self._is_news(now, parent, policy, cause, decided):
            out.append(Decided(decision=_decision(parent, policy, cause, view, decided, holds)))

    def _planned(
        self, now: int, parent: ParentOrder, policy: Policy, qty: Fixed
    ) -> tuple[View, Plan, str]:
        """What is seen, what is planned, and what a defect of ours holds the parent for."""
        try:
            view = self._sight.view(now, parent, policy, qty)
            return view, plan(policy, view), ""
        except Exception as error:  # noqa: BLE001 - a decision like any other: replayed, not met again
            holds = failure(parent, error)
            blind = View(
                now=now,
                buys=parent.held.buys,
                qty=qty,
                limit=parent.price,
                posts=False,
                multiplier=SCALE,
                venues=(),
            )
            return blind, Plan(legs=(), left=qty, why=holds), holds

    def _defect(self, parent: ParentOrder, text: str, out: list[Output]) -> None:
        out.append(Alert(severity="severe", code="fault", text=text, subject=parent.held.ref))

    def recall(
        self,
        parent: ParentOrder,
        view: View,
        resting: list[Order],
        why: str,
        out: list[Output],
    ) -> None:
        """What rests is to be taken back: something of ``view`` can be taken."""
        policy = policy_of(self._state, parent)
        nothing = Plan(legs=(), left=view.qty, why=why)
        made = _decision(parent, policy, MARKET, view, nothing, "")
        recall = tuple([order.reference for order in resting])
        out.append(Decided(decision=msgspec.structs.replace(made, recall=recall)))

    def _is_news(
        self, now: int, parent: ParentOrder, policy: Policy, cause: str, decided: Plan
    ) -> bool:
        """Whether a decision to send nothing is worth a record, or the parent ends by it."""
        parent.waits = decided.why
        told_ns, told = parent.told
        # A market may go to and fro between two reasons, with each change of a book.
        is_new = told != decided.why and (cause != MARKET or now - told_ns >= SECOND)
        return not parent.number or is_new or self._is_over(parent, policy)

    def _is_over(self, parent: ParentOrder, policy: Policy) -> bool:
        """Whether a parent of which nothing is sent has nothing left to wait for."""
        stops = parent.time_in_force == TimeInForce.IOC or policy.rest == REST_STOP
        return stops and not parent.held.working

    def carry_out(
        self, now: int, parent: ParentOrder, decision: Decision, out: list[Output]
    ) -> None:
        """Do what was decided."""
        policy, decided = policy_of(self._state, parent), decision.plan
        parent.keep(decision)
        parent.because, parent.waits = "", decided.why
        if decision.holds:
            suspend(parent, decision.holds, out)
        elif decision.recall:
            parent.reworked_ns, parent.because = now, decided.why
            book = self._state.book
            found = [book.by_cl_ord_id(ref) for ref in decision.recall]
            self._recalls.call_back(now, parent, [o for o in found if o is not None], out)
        elif decided.legs:
            parent.reworked_ns = now
            sent = [self._send(now, parent, policy, leg, out) for leg in decided.legs]
            # What was taken back for something better is no loop: it is paced by rework_s.
            parent.tries += any(sent) and decision.cause != BETTER
            if not all(sent):
                self._state.routed.due[parent.held.ref] = "the gate refused a part"
        elif self._is_over(parent, policy):
            text = decided.why or "nothing more can be had"
            self._recalls.end(parent, OrdStatus.CANCELED.value, text, out)

    def _gone(self, parent: ParentOrder, policy: Policy) -> str:
        """What the parent needs that a new configuration does not have; empty: nothing."""
        settings = self._state.settings
        if parent.held.symbol not in settings.instruments:
            return f"instrument {parent.held.symbol!r}"
        if policy.kind != DIRECT:
            return ""
        name = parent.venue or next(iter(policy.venues), "")
        return "" if name in settings.venues else f"venue {name!r}"

    def _send(
        self, now: int, parent: ParentOrder, policy: Policy, leg: Leg, out: list[Output]
    ) -> Fixed:
        """Send one leg through the gate. Returns what of it has left."""
        state, held = self._state, parent.held
        if parent.suspended:
            return 0
        command = inputs.NewOrder(
            by=ROUTER,
            terms=Terms(
                symbol=held.symbol,
                side=held.side,
                order_qty=leg.qty,
                ord_type=OrdType.MARKET if leg.price is None else OrdType.LIMIT,
                price=leg.price,
                time_in_force=TimeInForce.IOC if leg.takes else parent.time_in_force,
                account=held.account,
            ),
            venue=leg.venue,
            strategy=held.strategy or None,
            parent=held.ref,
        )
        reserve(state, parent, less=leg.qty)
        state.routed.sending = held.ref
        state.routed.rests = not leg.takes and policy.kind != DIRECT
        said: list[Output] = []
        self._entry.new(now, command, said)
        state.routed.sending, state.routed.rests = "", False
        refused = None
        for output in said:
            if type(output) is Refused:
                refused = output
            elif type(output) is not Accepted:
                out.append(output)
        if refused is not None:
            reserve(state, parent)
            self._refused(now, parent, policy, leg, refused, out)
            return 0
        told_ns = self._sight.told_ns(leg.venue, held.symbol)
        if leg.takes and told_ns is not None:
            state.routed.hit((leg.venue, held.symbol, held.buys), now, leg.qty, told_ns)
        return leg.qty

    def _refused(
        self,
        now: int,
        parent: ParentOrder,
        policy: Policy,
        leg: Leg,
        refused: Refused,
        out: list[Output],
    ) -> None:
        control, why = refused.control, f"{refused.control}: {refused.text}"
        if policy.kind == DIRECT:
            parent.ending, parent.text = OrdStatus.REJECTED.value, why
            self._state.routed.due[parent.held.ref] = "the gate refused it"
        elif control == PACE:
            parent.shuts[leg.venue] = (now + PACED_NS, why)
        elif control in OF_THE_VENUE or self._is_scoped(refused.limit_name):
            # A while at least: nothing else would have it looked at again.
            until = now + max(policy.skip_s * SECOND, PACED_NS)
            parent.shuts[leg.venue] = (until, why)
        else:
            suspend(parent, why, out)

    def _is_scoped(self, limit_name: str) -> bool:
        """Whether the limit is of one venue or session, so that another one may do."""
        limit = self._state.gate.limits.in_force().get(limit_name)
        if limit is None:
            return False
        dimensions = {*limit.scope, *limit.apart}
        return bool(dimensions & {"venue", "session"})


def _decision(
    parent: ParentOrder, policy: Policy, cause: str, view: View, decided: Plan, holds: str
) -> Decision:
    return Decision(
        parent=parent.held.ref,
        number=parent.number + 1,
        policy=policy.name,
        cause=cause,
        view=view,
        plan=msgspec.structs.replace(decided, cost=_money(decided.cost)),
        holds=holds,
    )


GONE: Final = Policy(name="gone", kind=DIRECT)
"""Stands for a policy that is not configured any more."""


def _money(cost: Notional) -> Fixed:
    """A cost as money in 10^-8: the journal's numbers have 64 bits, which a notional's may not fit.
    More than they hold is told as 0."""
    money = cost // SCALE
    return money if abs(money) < 1 << 63 else 0


def failure(parent: ParentOrder, error: Exception) -> str:
    """What is said of a defect of ours in routing."""
    return f"routing of {parent.held.ref} failed: {type(error).__name__}: {error}"


def policy_of(state: State, parent: ParentOrder) -> Policy:
    """The parent's routing policy, or GONE."""
    found = state.settings.policy(parent.policy)
    return found if found is not None else GONE


def shut(now: int, parent: ParentOrder, venue: str, policy: Policy, why: str) -> None:
    """The parent leaves the venue alone for a while."""
    parent.shuts[venue] = (now + policy.skip_s * SECOND, why)


def suspend(parent: ParentOrder, why: str, out: list[Output]) -> None:
    """Nothing more of it is sent until a person says so."""
    parent.suspended = why
    text = f"parent {parent.held.ref} is suspended: {why}"
    out.append(
        Alert(severity="warning", code="parent_suspended", text=text, subject=parent.held.ref)
    )
