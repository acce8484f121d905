"""Where to wait, and at which price: what the queue ahead and past trading say of each venue.

*The price.* A limit parent waits at its limit: it is the price at which the desk has agreed to
trade, and of all prices within it the likeliest to fill. It does not take there, though: where the
limit reaches what an open venue shows on the far side (the policy only waits, or lots kept the
level from being taken), the order waits one tick short of the best of that, so that it locks and
crosses nobody. A market parent, which names no price, joins the near touch. Prices are rounded to
the venue's tick away from the market.

*The venue.* Of a waiting order for ``q`` with ``a`` ahead of it, ``min(q, max(0, x - a))`` would
have filled in an interval in which ``x`` traded; the mean of that over the venue's past intervals,
as a share of ``q``, is its chance. Without such history ``post_rate``, the share of our own posted
quantity that was filled, stands in. Either is lowered by the share of orders that the venue
rejects. What fills costs the maker fee, and what does not costs ``under_bps`` of the price, as in
:mod:`fix_oms.routing.splitting`; the venue of the least expected cost is chosen, what it cannot
hold counted as not filled. One venue: an order split over several queues is behind more in each,
and what to do about that is ``split``'s question.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.routing import MILLION, Leg, VenueView, View
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.routing.taking import WHOLE_BPS, is_open, least_qty


@final
class Touches:
    """The best prices of open venues: ``far`` of what could be traded with, ``near`` of what waits
    beside us. None: nothing is shown."""

    __slots__ = ("far", "near")

    def __init__(self, view: View, taken: list[Fixed] | None = None) -> None:
        """``taken`` of each venue's far side is on its way and does not count."""
        far, near = [], []
        for n, venue in enumerate(view.venues):
            if venue.shut:
                continue
            left = taken[n] if taken else 0
            for price, shown in venue.take:
                if shown > left:
                    far.append(price)
                    break
                left -= shown
            near += [price for price, _ in venue.join[:1]]
        best, worst = (min, max) if view.buys else (max, min)
        self.far: Final[Fixed | None] = best(far, default=None)
        self.near: Final[Fixed | None] = worst(near, default=None)


@final
class Place:
    """One venue to wait at: of ``qty`` wanted ``fits`` may be posted there, at ``price``.

    ``cost`` is the expected cost of all that was wanted, in 10^-42 of money, for comparison alone.
    """

    __slots__ = ("ahead", "chance", "cost", "fits", "price", "venue")

    def __init__(self, venue: VenueView, price: Fixed, fits: Fixed, ahead: Fixed) -> None:
        self.venue: Final = venue
        self.price: Final = price
        self.fits: Final = fits
        self.ahead: Final = ahead
        self.chance = chance(venue, ahead, fits)
        self.cost = 0

    def leg(self) -> Leg:
        """The order that waits there."""
        why = f"{text_of(self.ahead)} ahead, {self.chance * 100 // MILLION} % expected to fill"
        return Leg(venue=self.venue.venue, qty=self.fits, price=self.price, takes=False, why=why)


def price_at(view: View, venue: VenueView, touches: Touches, wanted: Fixed | None) -> Fixed | None:
    """Where to wait at the venue: ``wanted`` or the near touch, short of the far one, on tick.

    None: there is no such price.
    """
    far = touches.far
    if wanted is None:
        wanted = touches.near if touches.near is not None else far
        if wanted is None:
            return None
    price, tick = wanted, venue.tick or 1
    if view.buys:
        if far is not None and price >= far:
            price = far - 1
        price -= price % tick
    else:
        if far is not None and price <= far:
            price = far + 1
        price += -price % tick
    if price <= 0 < wanted:
        return None
    return price


def ahead_of(view: View, venue: VenueView, price: Fixed) -> Fixed:
    """What is shown to wait at the venue at our price or a better one."""
    if view.buys:
        return sum([shown for level, shown in venue.join if level >= price])
    return sum([shown for level, shown in venue.join if level <= price])


def fitting(view: View, venue: VenueView, qty: Fixed, price: Fixed) -> Fixed:
    """The most of ``qty`` that the venue takes as one order at the price; 0: none."""
    most = min(qty, venue.max_qty) if venue.max_qty > 0 else qty
    most -= most % (venue.lot or 1)
    least = least_qty(venue, price, view.multiplier)
    return most if least is not None and most >= least else 0


def chance(venue: VenueView, ahead: Fixed, qty: Fixed) -> int:
    """The expected share, in millionths, of ``qty`` that fills behind what is ``ahead``."""
    share = min(max(venue.post_rate, 0), MILLION)
    if venue.outflow and qty > 0:
        past = [x - ahead for x in venue.outflow if x > ahead]
        filled = sum([x if x < qty else qty for x in past])
        share = filled * MILLION // (qty * len(venue.outflow))
    return share * (MILLION - min(max(venue.reject_rate, 0), MILLION)) // MILLION


def places(
    view: View, qty: Fixed, under_bps: Fixed, touches: Touches, without: frozenset[str]
) -> list[Place]:
    """The venues that could hold some of ``qty``, those of the least expected cost first."""
    found: list[Place] = []
    for venue in view.venues:
        if venue.is_dark or not is_open(venue) or venue.venue in without:
            continue
        price = price_at(view, venue, touches, view.limit)
        if price is None:
            continue
        fits = fitting(view, venue, qty, price)
        if fits:
            place = Place(venue, price, fits, ahead_of(view, venue, price))
            place.cost = _expected(view, place, qty, under_bps, found[0].price if found else price)
            found.append(place)
    found.sort(key=_cost)
    return found


def _cost(place: Place) -> int:
    return place.cost


def _expected(view: View, place: Place, qty: Fixed, under_bps: Fixed, base: Fixed) -> int:
    """The expected cost of ``qty`` beside having all of it at ``base`` for nothing."""
    venue, m = place.venue, view.multiplier
    worse = place.price - base if view.buys else base - place.price
    filled = worse * m * WHOLE_BPS + abs(place.price) * m * venue.maker_bps
    filled += venue.maker * SCALE * WHOLE_BPS
    missed = abs(base) * m * under_bps
    here = place.chance * filled + (MILLION - place.chance) * missed
    return here * place.fits + (qty - place.fits) * MILLION * missed
