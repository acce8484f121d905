"""From a policy and what a decision sees to what is sent.

Every policy is a pure function, :func:`plan`; all that it may look at stands in the view. What they
have in common:

- The legs' quantities and ``left`` come to ``view.qty``, always. Each leg keeps its venue's lot,
  ``min_qty``, ``max_qty``, ``min_notional`` and tick, and the parent's limit; a venue that is shut
  gets none. A venue gets at most one leg that takes and one that waits. Only ``direct`` does none
  of this: the parent's own terms go to the named venue as they are.
- *Take first.* A leg that takes is sent at the price of the worst level that it needs. What no
  displayed quantity within the limit can fill is posted in the same plan
  (:mod:`fix_oms.routing.resting`); conservation holds, since both kinds count as committed.
- Of equals the venue that comes first in the view is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.model.routing import (
    BEST,
    DARK,
    DIRECT,
    POST,
    PRO_RATA,
    SPLIT,
    SWEEP,
    Leg,
    Plan,
    Policy,
    View,
)
from fix_oms.model.units import SCALE, Fixed
from fix_oms.routing.pools import dark
from fix_oms.routing.resting import rest_of, taken_plan
from fix_oms.routing.sharing import pro_rata
from fix_oms.routing.splitting import split
from fix_oms.routing.taking import Taking, is_open, rates, take, take_at


def plan(policy: Policy, view: View) -> Plan:
    """What the policy sends for the view. Never raises for any view whose lots are above 0."""
    if view.qty <= 0:
        return Plan(legs=(), left=view.qty, why="there is nothing to place")
    return _KINDS[policy.kind](policy, view)


def direct(policy: Policy, view: View) -> Plan:
    """The whole of it to the first venue, on the parent's own terms: nothing is rounded."""
    why = "there is no venue to send to"
    for venue in view.venues:
        if venue.shut:
            why = f"{venue.venue} is left out: {venue.shut}"
            continue
        leg = Leg(venue=venue.venue, qty=view.qty, price=view.limit, takes=False, why="as named")
        return Plan(legs=(leg,), left=0)
    return Plan(legs=(), left=view.qty, why=why)


def best(policy: Policy, view: View) -> Plan:
    """What is shown at the one venue where the whole comes cheapest, then the next decision's.

    What a venue does not show is counted at the limit (a market parent's: at the worst price that
    any venue shows), so that a small but cheap quantity does not win by its smallness. Nothing
    waits while something is taken.
    """
    chosen: Taking | None = None
    cheapest = 0
    priced, dearest = rates(view), _dearest(view)
    for n, venue in enumerate(view.venues):
        if not venue.take or not is_open(venue):
            continue
        taking = take_at(n, view, view.qty, priced)
        if not taking.total:
            continue
        missing = (view.qty - taking.total) * dearest * view.multiplier // SCALE
        cost = taking.notional() + (missing if view.buys else -missing)
        if chosen is None or cost < cheapest:
            chosen, cheapest = taking, cost
    if chosen is None:
        return rest_of(policy, view, Taking(len(view.venues)))
    return taken_plan(view, chosen, "no venue is cheaper for the whole")


def _dearest(view: View) -> Fixed:
    """The price at which what a venue does not show is counted."""
    if view.limit is not None:
        return view.limit
    prices = [price for venue in view.venues if not venue.shut for price, _ in venue.take]
    return max(prices, default=0) if view.buys else min(prices, default=0)


def sweep(policy: Policy, view: View) -> Plan:
    """All that is shown within the limit, at the least cost, at once; then the rest."""
    return rest_of(policy, view, take(view, view.qty))


def post(policy: Policy, view: View) -> Plan:
    """All of it waits, at one venue (:mod:`fix_oms.routing.posting`)."""
    return rest_of(policy, view, Taking(len(view.venues)), only_waits=True)


_KINDS: Final[dict[str, Callable[[Policy, View], Plan]]] = {
    DIRECT: direct,
    BEST: best,
    SWEEP: sweep,
    POST: post,
    SPLIT: split,
    DARK: dark,
    PRO_RATA: pro_rata,
}
