"""What came of each leg of a decision: its child, or why there is none.

A decision names no children: they are made when its legs pass the gate, in their order and in the
same step. So a leg's child is the first one not yet spoken for that was made at the decision's time
for its venue, and that takes or rests as the leg said; terms that are the leg's own go first, for a
child may have been replaced since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fix_oms.model.fix import TimeInForce
from fix_oms.model.routing import Decision, Leg
from fix_oms.model.views import OrderView, ParentView

GATE = "the gate refused it"
GONE = "its child is in the journal alone"


class Outcome(NamedTuple):
    """One leg, the child that it became (None: it did not leave, ``why`` says why)."""

    leg: Leg
    child: OrderView | None
    why: str


def outcomes(
    parent: ParentView, children: Iterable[OrderView], decisions: Sequence[Decision]
) -> list[list[Outcome]]:
    """Of each decision, the outcome of each of its legs."""
    at: dict[int, list[OrderView]] = {}
    for child in children:
        at.setdefault(child.created_ns, []).append(child)
    known = {child.reference for made in at.values() for child in made}
    is_whole = known.issuperset(parent.children)
    found = []
    for n, decision in enumerate(decisions):
        later = decisions[n + 1] if n + 1 < len(decisions) else None
        free = at.get(decision.view.now, [])
        found.append(
            [_outcome(parent, leg, free, decision, later, is_whole) for leg in decision.plan.legs]
        )
    return found


def _outcome(
    parent: ParentView,
    leg: Leg,
    free: list[OrderView],
    decision: Decision,
    later: Decision | None,
    is_whole: bool,
) -> Outcome:
    fitting = [child for child in free if _fits(child, leg)]
    if fitting:
        fitting.sort(key=lambda child: (child.order_qty, child.price) != (leg.qty, leg.price))
        free.remove(fitting[0])
        return Outcome(leg, fitting[0], "")
    return Outcome(leg, None, _refusal(parent, leg, decision, later) if is_whole else GONE)


def _fits(child: OrderView, leg: Leg) -> bool:
    takes = child.time_in_force == TimeInForce.IOC
    return child.venue == leg.venue and (takes == leg.takes or leg.price is None)


def _refusal(parent: ParentView, leg: Leg, decision: Decision, later: Decision | None) -> str:
    """Why a leg did not leave, as far as what came next tells: the venue is left alone since, or
    the parent is suspended."""
    if later is None:
        return parent.held or parent.text or GATE
    if later.view.now == decision.view.now:
        for venue in later.view.venues:
            if venue.venue == leg.venue and venue.shut:
                return venue.shut
    return GATE
