"""Pro rata: each venue gets the share of the quantity that it has of what all show in the limit.

Shares are whole lots. What rounding down leaves goes, a lot at a time, to the venues with the
largest remainders (Hamilton's method), each at most once, the first in the view where remainders
are equal. A venue whose share comes below its least order drops out, smallest share first, and the
others share anew. Prices and fees are not looked at: it is what other policies are compared with.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.routing import LevelSeen, Plan, Policy, VenueView, View
from fix_oms.model.units import Fixed
from fix_oms.routing.resting import rest_of
from fix_oms.routing.taking import Taking, is_open, least_qty, on_tick, rates, reach

WHY: Final = "its share of what is shown"


@final
class Sharer:
    """One venue that shows something within the limit: its place, levels and the most it takes."""

    __slots__ = ("levels", "lot", "most", "n", "shown", "venue")

    def __init__(self, n: int, venue: VenueView, levels: list[LevelSeen]) -> None:
        self.n: Final = n
        self.venue: Final = venue
        self.levels: Final = levels
        self.lot: Final = venue.lot or 1
        self.shown: Final = sum([shown for _, shown in levels])
        most = min(self.shown, venue.max_qty) if venue.max_qty > 0 else self.shown
        self.most: Final = most - most % self.lot


def pro_rata(policy: Policy, view: View) -> Plan:
    """IOC legs by displayed size, and the policy's rest."""
    sharers = [
        Sharer(n, venue, levels)
        for n, venue in enumerate(view.venues)
        if is_open(venue) and (levels := _within(view, venue))
    ]
    shares = _shares(view, sharers)
    taking = Taking(len(view.venues))
    taking.scale, costs = rates(view)
    for sharer, share in zip(sharers, shares, strict=True):
        if share:
            a, b, c = costs[sharer.n]
            left = share
            for price, shown in sharer.levels:
                sent = min(left, shown)
                taking.cost += sent * (price * a + abs(price) * b + c)
                left -= sent
                if not left:
                    break
            taking.qtys[sharer.n] = share
            taking.prices[sharer.n] = _price(view, sharer, share)
            taking.total += share
    taking.capped = taking.total < min(view.qty, sum([sharer.shown for sharer in sharers]))
    return rest_of(policy, view, taking)


def _within(view: View, venue: VenueView) -> list[LevelSeen]:
    """What the venue shows that an order within the limit reaches, best first."""
    worst = reach(venue, view)
    found = [
        (price, shown)
        for price, shown in venue.take
        if shown > 0 and (worst is None or (price <= worst if view.buys else price >= worst))
    ]
    found.sort(reverse=not view.buys)
    return found


def _price(view: View, sharer: Sharer, share: Fixed) -> Fixed:
    """The price of an order for the share: that of the worst level that it needs."""
    level = 0
    while share > sharer.levels[level][1]:
        share -= sharer.levels[level][1]
        level += 1
    return on_tick(sharer.levels[level][0], sharer.venue, view.buys)


def _shares(view: View, sharers: list[Sharer]) -> list[Fixed]:
    """What each gets. Those below their least order drop out, the smallest share first."""
    inside = set(range(len(sharers)))
    while True:
        shares = _apportioned(view.qty, sharers, inside)
        smallest = -1
        for k in sorted(inside):
            if shares[k] and (smallest < 0 or shares[k] < shares[smallest]):
                price = _price(view, sharers[k], shares[k])
                least = least_qty(sharers[k].venue, price, view.multiplier)
                if least is None or shares[k] < least:
                    smallest = k
        if smallest < 0:
            return shares
        inside.remove(smallest)


def _apportioned(qty: Fixed, sharers: list[Sharer], inside: set[int]) -> list[Fixed]:
    """Shares in whole lots by the largest remainders."""
    shares = [0] * len(sharers)
    total = sum([sharers[k].shown for k in inside])
    wanted = min(qty, total)
    remainders: list[tuple[Fixed, int]] = []
    for k in sorted(inside):
        sharer = sharers[k]
        fair, rest = divmod(wanted * sharer.shown, total)
        share = min(fair - fair % sharer.lot, sharer.most)
        shares[k] = share
        remainders.append(((share - fair) * total - rest, k))  # largest first, when sorted
    left = wanted - sum(shares)
    for _, k in sorted(remainders):
        lot = sharers[k].lot
        if lot <= left and shares[k] + lot <= sharers[k].most:
            shares[k] += lot
            left -= lot
    return shares
