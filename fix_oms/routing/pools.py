"""Dark venues: what is sent to venues that show nothing, by what they have filled before.

Each dark venue has learned chances that 1, 2, 3 … units of ``dark_unit`` fill there
(:mod:`fix_oms.routing.dark`, where the learning is). The quantity goes unit by unit to the venue
where the next unit is likeliest to fill. A venue's chances fall, and each unit's chance is what it
adds to the expected fill, so the largest chances of all make the best allocation (Ganchev, Kearns,
Nevmyvaka and Wortman Vaughan 2010).

The legs are IOC at the parent's limit, or at the middle of what open venues show where that is
better, as dark venues cross there; a market parent's always at the middle. What does not go to dark
venues waits for what comes back from them. Once no open dark venue has a chance left (the caller
says so by shutting it, or by leaving its chances out), the rest goes by the policy: swept and then
posted, posted, or not sent.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.routing import REST_SWEEP, Leg, Plan, Policy, VenueView, View
from fix_oms.model.units import Fixed, text_of
from fix_oms.routing.posting import Touches, fitting
from fix_oms.routing.resting import rest_of
from fix_oms.routing.taking import Taking, is_open, take

WHY: Final = "by what it has filled before"


def dark(policy: Policy, view: View) -> Plan:
    """IOC legs to dark venues; without any, the policy's rest."""
    price = _price(view)
    legs = () if price is None else _legs(policy, view, price)
    if legs:
        left = view.qty - sum([leg.qty for leg in legs])
        why = f"{text_of(left)} waits for what dark venues fill" if left else ""
        return Plan(legs=legs, left=left, why=why)
    if policy.rest == REST_SWEEP:
        return rest_of(policy, view, take(view, view.qty))
    return rest_of(policy, view, Taking(len(view.venues)))


def allocated(qty: Fixed, unit: Fixed, tails: list[tuple[int, ...]]) -> list[Fixed]:
    """How much of ``qty`` goes to each venue, given the chances that its 1st, 2nd … unit fills.

    The last unit may be a part of one. Of equal chances the venue with fewer units so far comes
    first, then the first in the list. What has no chance anywhere goes nowhere.
    """
    units: list[tuple[int, int, int]] = []
    for n, tail in enumerate(tails):
        lowest = tail[0] if tail else 0
        for k, chance in enumerate(tail):
            lowest = min(lowest, chance)
            if lowest <= 0:
                break
            units.append((-lowest, k, n))
    units.sort()
    sent = [0] * len(tails)
    for _, _, n in units:
        if not qty:
            break
        part = min(unit, qty)
        sent[n] += part
        qty -= part
    return sent


def _legs(policy: Policy, view: View, price: Fixed) -> tuple[Leg, ...]:
    venues = [v for v in view.venues if v.is_dark and is_open(v) and v.dark]
    sent = allocated(view.qty, policy.dark_unit, [venue.dark for venue in venues])
    legs = []
    for venue, qty in zip(venues, sent, strict=True):
        at = _inside(venue, price, view.buys)
        fits = fitting(view, venue, qty, at)
        if fits and (at > 0 or price <= 0):
            legs.append(Leg(venue=venue.venue, qty=fits, price=at, takes=True, why=WHY))
    return tuple(legs)


def _price(view: View) -> Fixed | None:
    """The limit, or the middle where it is better or there is no limit. None: neither is known."""
    touches = Touches(view)
    if touches.far is None or touches.near is None:
        return view.limit
    both = touches.far + touches.near
    middle = both // 2 if view.buys else -(-both // 2)
    if view.limit is None:
        return middle
    return min(middle, view.limit) if view.buys else max(middle, view.limit)


def _inside(venue: VenueView, price: Fixed, buys: bool) -> Fixed:
    """The price on the venue's tick, rounded so that it is no worse for us."""
    tick = venue.tick or 1
    return price - price % tick if buys else price + -price % tick
