"""What to take from which venue: the most that can be had, and of that the cheapest, fees counted.

The problem. Each venue shows levels, best price first; an IOC order there takes them in that order
down to its price, for a fee on each unit and on the notional. What a venue is sent is nothing, or a
multiple of its lot from its ``min_qty`` to its ``max_qty`` whose notional at the order's price is
at least ``min_notional``. Wanted is, first, the largest total of at most ``qty``, and second, the
least cost of it (for a sale: the most fetched, its cost being negative).

Greedy. Sort every level of every venue by what a unit costs there, fee included, and take from the
top until ``qty`` is reached or all is taken. *Claim*: where every venue's share keeps that venue's
rules, the result is optimal. *Proof*: forget the rules, but for two: at most ``qty``, which no sum
of multiples of the lots can pass beyond ``qty`` rounded down to the lots' greatest common divisor,
and at most what is shown. Whatever keeps all rules keeps these, so nothing better than the best of
this looser problem exists. Its largest total is plainly the smaller of the two bounds, and greedy
reaches it. Its cost is least by exchange: another choice of the same total leaves out some quantity
of a level that greedy takes, and has as much of one that greedy leaves, at no lower a unit cost;
swapping them costs nothing, and repeating this ends at greedy's choice. The order within a venue
holds by itself, as long as a worse price is never cheaper: the unit cost is ``price + |price| x
bps`` and a constant, whose slope has the price's sign wherever the fee stays within the notional,
rebates included. A venue whose fee or rebate is all of the notional (10,000 bps) is refused: no
venue has one, and taking there to be paid for it would be taking a typing error at its word.

So greedy is its own test, and where lots agree and minima do not bind, which is nearly always, it
passes. Where it does not, :mod:`fix_oms.routing.exact` searches.

All costs are integers. Their unit is that of a notional (10^-16) divided by ``Taking.scale``, fine
enough for fees in basis points.
"""

from __future__ import annotations

from math import gcd
from operator import itemgetter
from typing import Final, final

from fix_oms.model.routing import VenueView, View
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.routing.exact import Level, Source, solve

WHOLE_BPS: Final = 10_000 * SCALE
"""All of the notional, in hundredths of a percent."""
Rates = tuple[int, list[tuple[int, int, int]]]
NODES: Final = 500
"""The search may look at so many nodes, some 0.1 ms each; the engine waits meanwhile."""


@final
class Taking:
    """What to take: of the view's n-th venue ``qtys[n]``, none of it worse than ``prices[n]``.

    ``total`` is the sum of ``qtys``, ``cost`` is in 1/``scale`` of a notional's unit. ``exact``: it
    is the optimum; otherwise the search ended early with the best that it had found. ``capped``: a
    venue's ``max_qty`` alone keeps the rest from being taken, so that a second order there could.
    """

    __slots__ = ("capped", "cost", "exact", "prices", "qtys", "scale", "total")

    def __init__(self, count: int) -> None:
        self.qtys: Final[list[Fixed]] = [0] * count
        self.prices: Final[list[Fixed]] = [0] * count
        self.total: Fixed = 0
        self.cost = 0
        self.scale = 1
        self.exact = True
        self.capped = False

    def notional(self) -> Notional:
        """The cost as a notional, rounded up: never told as less than it is."""
        return -(-self.cost // self.scale)


def take(view: View, qty: Fixed, nodes: int = NODES) -> Taking:
    """The optimum for ``qty`` of the view, by greedy or search."""
    priced, every = rates(view), range(len(view.venues))
    return _greedy(view, qty, every, priced) or _searched(view, qty, every, priced, nodes)


def take_at(n: int, view: View, qty: Fixed, priced: Rates) -> Taking:
    """The same at the view's n-th venue alone; ``priced`` are the view's :func:`rates`."""
    only = range(n, n + 1)
    return _greedy(view, qty, only, priced) or _searched(view, qty, only, priced, NODES)


def reach(venue: VenueView, view: View) -> Fixed | None:
    """The worst price that an order may bear at the venue: the limit on its tick. None: any."""
    if view.limit is None:
        return None
    tick = venue.tick or 1
    return view.limit - view.limit % tick if view.buys else view.limit + -view.limit % tick


def on_tick(price: Fixed, venue: VenueView, buys: bool) -> Fixed:
    """The order's price that reaches a level at ``price``: the same, or the next worse on tick."""
    off = price % venue.tick if venue.tick else 0
    if not off:
        return price
    return price - off + venue.tick if buys else price - off


def least_qty(venue: VenueView, price: Fixed, multiplier: Fixed) -> Fixed | None:
    """The least that may be ordered there at a price, in whole lots. None: nothing may."""
    least = max(1, venue.min_qty)
    if venue.min_notional > 0:
        unit = abs(price) * multiplier
        if not unit:
            return None
        least = max(least, -(-venue.min_notional * SCALE * SCALE // unit))
    lot = venue.lot or 1
    return -(-least // lot) * lot


def rates(view: View) -> Rates:
    """The scale of costs, and per venue: what a unit costs is ``price x first + |price| x second +
    third``."""
    fine = WHOLE_BPS if any(v.taker_bps for v in view.venues) else 1
    m = view.multiplier
    if fine == 1 and m == SCALE:  # shares at a fee each: the numbers stay small, and so fast
        sign = 1 if view.buys else -1
        return 1, [(sign, 0, v.taker) for v in view.venues]
    per_price = m * fine if view.buys else -m * fine
    if fine == 1:
        return SCALE, [(per_price, 0, v.taker * SCALE) for v in view.venues]
    each = SCALE * fine
    return each, [(per_price, m * v.taker_bps, v.taker * each) for v in view.venues]


def is_open(venue: VenueView) -> bool:
    """Whether anything may be taken there."""
    return not venue.shut and -WHOLE_BPS < venue.taker_bps < WHOLE_BPS


_unit: Final = itemgetter(0)


def _greedy(view: View, qty: Fixed, among: range, priced: Rates) -> Taking | None:
    """The greedy choice among these venues, or None where it breaks a venue's rule."""
    venues, buys = view.venues, view.buys
    taking = Taking(len(venues))
    taking.scale, costs = priced
    offers: list[tuple[int, int, Fixed, Fixed]] = []
    common = 0
    for n in among:
        venue = venues[n]
        levels = venue.take
        if not levels or not is_open(venue):
            continue
        a, b, c = costs[n]
        lot = venue.lot
        if lot != common:
            common = gcd(common, lot)
        if b:
            offers += [(p * a + abs(p) * b + c, n, q, p) for p, q in levels if q > 0]
        else:
            offers += [(p * a + c, n, q, p) for p, q in levels if q > 0]
    offers.sort(key=_unit)
    left = qty - qty % common if common else 0
    qtys, prices, cost, full = taking.qtys, taking.prices, 0, left
    for unit, n, shown, price in offers:
        if shown >= left:
            if left > 0:
                qtys[n] += left
                prices[n] = price
                cost += unit * left
                left = 0
            break
        qtys[n] += shown
        prices[n] = price
        cost += unit * shown
        left -= shown
    taking.total, taking.cost = full - left, cost
    for n in among:
        sent = qtys[n]
        if sent and not _keeps_rules(view, venues[n], sent, prices, n, buys):
            return None
    return taking


def _keeps_rules(
    view: View, venue: VenueView, sent: Fixed, prices: list[Fixed], n: int, buys: bool
) -> bool:
    """Whether the venue takes an order for ``sent``; puts the order's price on its tick."""
    price = prices[n]
    tick, limit = venue.tick, view.limit
    if tick > 1 and price % tick:
        price = prices[n] = on_tick(price, venue, buys)
    if limit is not None and (price > limit if buys else price < limit):
        return False
    if (venue.lot > 1 and sent % venue.lot) or sent < venue.min_qty:
        return False
    if 0 < venue.max_qty < sent:
        return False
    wanted = venue.min_notional
    return not wanted or abs(price) * sent * view.multiplier >= wanted * SCALE * SCALE


def _searched(view: View, qty: Fixed, among: range, priced: Rates, nodes: int) -> Taking:
    """The optimum by search, and what it leaves out because of a ``max_qty``."""
    taking = Taking(len(view.venues))
    taking.scale, costs = priced
    sources = []
    capped = False
    for n in among:
        venue = view.venues[n]
        if venue.take and is_open(venue):
            levels = _levels(view, venue, costs[n])
            source = Source(n, venue.lot or 1, levels, _allowed(view, venue, levels))
            sources.append(source)
            shown = sum(level[1] for level in levels)
            capped = capped or 0 < venue.max_qty < shown
    found = solve(sources, qty, nodes)
    taking.exact = found.exact
    for source, sent in zip(sources, found.qtys, strict=True):
        if sent:
            taking.qtys[source.n] = sent
            taking.prices[source.n] = source.price_of(sent)
            taking.total += sent
            taking.cost += source.cost_of(sent)
    taking.capped = capped and taking.total < qty
    return taking


def _levels(view: View, venue: VenueView, cost: tuple[int, int, int]) -> list[Level]:
    """The venue's levels that an order within the limit reaches: unit cost, quantity, the order's
    price; best first."""
    a, b, c = cost
    worst = reach(venue, view)
    found = []
    for price, shown in venue.take:
        within = worst is None or (price <= worst if view.buys else price >= worst)
        if shown > 0 and within:
            unit = price * a + abs(price) * b + c
            found.append((unit, shown, on_tick(price, venue, view.buys)))
    found.sort(key=lambda level: level[2] if view.buys else -level[2])
    return found


def _allowed(view: View, venue: VenueView, levels: list[Level]) -> list[tuple[Fixed, Fixed]]:
    """The quantities that may be sent, as ranges of multiples of the lot, ascending, apart.

    There may be several: for a sale a larger order has a lower price, and may fall below
    ``min_notional`` again.
    """
    lot = venue.lot or 1
    most = venue.max_qty if venue.max_qty > 0 else qty_shown(levels)
    ranges: list[tuple[Fixed, Fixed]] = []
    above = 0
    for _, shown, price in levels:
        least = least_qty(venue, price, view.multiplier)
        below, above = above, above + shown
        if least is None:
            continue
        first = max(least, (below // lot + 1) * lot)
        last = min(above, most) // lot * lot
        if first > last:
            continue
        if ranges and ranges[-1][1] + lot == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def qty_shown(levels: list[Level]) -> Fixed:
    """All of the levels' quantity."""
    return sum(level[1] for level in levels)
