"""From what is taken to a whole plan: what becomes of the rest, and why anything is left.

The rest is posted in the same plan as the legs that take, because no displayed quantity within the
limit can fill it: nothing that comes back could take it, and each moment out of the queue is lost.
Where a second order to a venue could take more of it (a ``max_qty``, or a search cut short) it
stays instead, for the next plan to take.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.routing import REST_STOP, Leg, Plan, Policy, VenueView, View
from fix_oms.model.units import Fixed, text_of
from fix_oms.routing.posting import Touches, places
from fix_oms.routing.taking import Taking, reach

TAKEN: Final = "shown within the limit"


def taken_plan(view: View, taking: Taking, why: str = TAKEN) -> Plan:
    """The taking alone; what it does not cover is left."""
    left = view.qty - taking.total
    told = f"{text_of(left)} waits for what is taken first" if left else ""
    return planned(view, taking, (), told, why)


def rest_of(policy: Policy, view: View, taking: Taking, only_waits: bool = False) -> Plan:
    """The taking's legs, and the rest where no venue shows it: posted, or left with the reason.

    ``only_waits``: nothing was to be taken, whatever is shown.
    """
    left = view.qty - taking.total
    if not left or (taking.total and (taking.capped or not taking.exact)):
        return taken_plan(view, taking)
    reason = "" if only_waits else untaken(view, left) + "; "
    if not view.posts:
        return planned(view, taking, (), f"{reason}the parent may not wait")
    if policy.rest == REST_STOP and not only_waits:
        return planned(view, taking, (), f"{reason}the policy posts nothing")
    touches = Touches(view, taking.qtys)
    found = places(view, left, policy.under_bps, touches, frozenset())
    if not found:
        return planned(view, taking, (), reason + unposted(view, left, touches))
    leg = found[0].leg()
    left -= leg.qty
    why = f"{leg.venue} holds no more: {text_of(left)} is left" if left else ""
    return planned(view, taking, (leg,), why)


def planned(
    view: View, taking: Taking, waiting: tuple[Leg, ...], why: str, taken_why: str = TAKEN
) -> Plan:
    """The plan of what is taken and what waits; ``why`` the rest is left."""
    prices, venues = taking.prices, view.venues
    legs = [
        Leg(venue=venues[n].venue, qty=qty, price=prices[n], takes=True, why=taken_why)
        for n, qty in enumerate(taking.qtys)
        if qty
    ]
    left = view.qty - taking.total - sum([leg.qty for leg in waiting])
    return Plan(
        legs=(*legs, *waiting), left=left, why=why, cost=taking.notional(), exact=taking.exact
    )


def unposted(view: View, left: Fixed, touches: Touches) -> str:
    """Why ``left`` cannot be posted."""
    lit = [venue for venue in view.venues if not venue.shut and not venue.is_dark]
    if not lit:
        return "there is no venue to wait at"
    if view.limit is None and touches.near is None and touches.far is None:
        return "without a limit or a book there is no price to wait at"
    least = min(max(venue.lot, venue.min_qty) for venue in lit)
    if left < least:
        return f"{text_of(left)} is less than any venue lets wait"
    return f"no venue lets {text_of(left)} wait within the limit"


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
        return "nothing within the limit is shown" if view.limit is not None else "nothing is shown"
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
