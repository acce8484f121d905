"""From a policy and what a decision sees to what is sent.

Every policy is a pure function, :func:`plan`; all that it may look at stands in the view. What they
have in common:

- The legs' quantities and ``left`` come to ``view.qty``, always. Each leg keeps its venue's lot,
  ``min_qty``, ``max_qty``, ``min_notional`` and tick, and the parent's limit; a venue that is shut
  gets none. A venue gets at most one leg that takes and one that waits. Only ``direct`` does none
  of this: the parent's own terms go to the named venue as they are.
- *Take first.* A leg that takes is sent at the price of the worst level that it needs. What no
  displayed quantity within the limit can fill is posted in the same plan: nothing that comes back
  could take it, and each moment out of the queue is lost. Conservation holds either way, since
  both kinds count as committed. Only where a ``max_qty`` alone keeps a level from being taken does
  the rest stay, for the next plan to take it.
- Of equals the venue that comes first in the view is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.model.routing import (
    BEST,
    DIRECT,
    REST_STOP,
    SWEEP,
    Leg,
    Plan,
    Policy,
    VenueView,
    View,
)
from fix_oms.model.units import Fixed, text_of
from fix_oms.routing.taking import Taking, is_open, reach, take

TAKEN: Final = "shown within the limit"
STOPS: Final = "the policy posts nothing"


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
    for n, venue in enumerate(view.venues):
        if not venue.take or not is_open(venue):
            continue
        taking = take(view, view.qty, n)
        if not taking.total:
            continue
        missing = (view.qty - taking.total) * _dearest(view) * view.multiplier
        cost = taking.notional() * view.multiplier + (missing if view.buys else -missing)
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
    return max(prices) if view.buys else min(prices)


def sweep(policy: Policy, view: View) -> Plan:
    """All that is shown within the limit, at the least cost, at once; then the rest."""
    return rest_of(policy, view, take(view, view.qty))


def taken_plan(view: View, taking: Taking, why: str = TAKEN) -> Plan:
    """The taking alone; what it does not cover is left."""
    left = view.qty - taking.total
    return Plan(
        legs=taking_legs(view, taking, why),
        left=left,
        why=f"{text_of(left)} waits for what is taken first" if left else "",
        cost=taking.notional(),
        exact=taking.exact,
    )


def taking_legs(view: View, taking: Taking, why: str = TAKEN) -> tuple[Leg, ...]:
    """An IOC leg for each venue of which something is taken."""
    prices = taking.prices
    return tuple(
        [
            Leg(venue=view.venues[n].venue, qty=qty, price=prices[n], takes=True, why=why)
            for n, qty in enumerate(taking.qtys)
            if qty
        ]
    )


def rest_of(policy: Policy, view: View, taking: Taking) -> Plan:
    """The taking's legs, and the policy's rest for what no venue shows."""
    left = view.qty - taking.total
    if not left:
        return Plan(
            legs=taking_legs(view, taking), left=0, cost=taking.notional(), exact=taking.exact
        )
    if taking.capped or not taking.exact:
        return taken_plan(view, taking)
    if policy.rest == REST_STOP or not view.posts:
        why = STOPS if policy.rest == REST_STOP else "the parent may not wait"
        why = f"{untaken(view, left)}; {why}"
        return Plan(
            legs=taking_legs(view, taking),
            left=left,
            why=why,
            cost=taking.notional(),
            exact=taking.exact,
        )
    return Plan(
        legs=taking_legs(view, taking),
        left=left,
        why=untaken(view, left),
        cost=taking.notional(),
        exact=taking.exact,
    )


def untaken(view: View, left: Fixed) -> str:
    """Why ``left`` cannot be taken."""
    if not view.venues:
        return "there is no venue to send to"
    unshut = [venue for venue in view.venues if not venue.shut]
    if not unshut:
        told = ", ".join(f"{venue.venue}: {venue.shut}" for venue in view.venues)
        return f"every venue is left out ({told})"
    shown = [venue for venue in unshut if _within(view, venue)]
    if not shown:
        return "nothing within the limit is shown" if view.limit else "nothing is shown"
    lot = min(venue.lot for venue in shown)
    if left < lot:
        return f"{text_of(left)} is less than a lot of {text_of(lot)}"
    return f"no venue shows {text_of(left)} more within the limit that it would take"


def _within(view: View, venue: VenueView) -> bool:
    """Whether the venue shows anything that the limit allows."""
    worst = reach(venue, view)
    if worst is None:
        return bool(venue.take)
    return any(price <= worst if view.buys else price >= worst for price, _ in venue.take)


_KINDS: Final[dict[str, Callable[[Policy, View], Plan]]] = {
    DIRECT: direct,
    BEST: best,
    SWEEP: sweep,
}
