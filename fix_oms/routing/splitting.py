"""Part now, part waiting: optimal placement after Cont and Kukanov (2017).

*The model* ("Optimal order placement in limit order markets", Quantitative Finance 17 (1)). Of S to
be had by the end of an interval, M is taken at once and L_k waits at venue k behind Q_k. If x_k
trades there, min(L_k, max(0, x_k - Q_k)) of it fills. Against the middle of the market a unit taken
costs h + f (half the spread and the taker's fee), one that fills while waiting h + r_k less than
nothing (r_k the maker's rebate), one that is not had by the end lambda_u, and one too many
lambda_o. M and L are to make the expected cost least.

*What conservation makes of it.* The paper lets M and the L_k come to more than S and pays lambda_o
for what is bought beyond. Here they never may: nothing is sent beyond what the parent has left. So
A, what is had, is at most S; the shortfall S - A is linear in what is taken and filled; lambda_o
falls out (a policy's ``over_bps`` therefore changes nothing); and the problem separates. With G_k
the chance that x_k > Q_k + L_k, one more unit is worth

- ``lambda_u - h - f`` if it is taken (less and less, as the book's levels get dearer), and
- ``(lambda_u + h + r_k) G_k`` if it joins queue k (less and less, as G_k falls),

so the best is to place the S units one after the other where the next is worth most, and *that is
exact*: of concave separable gains under one sum, greedy takes the S largest. For one venue it is
the paper's closed form: units wait until G falls to ``(lambda_u - h - f) /
(lambda_u + h + r)``, that is L = F^-1((2h + f + r) / (lambda_u + h + r)) - Q within 0 and S, and
the rest is taken. For many it needs none of the paper's stochastic approximation.

The chances are those of the venue's past intervals; a venue without them fills with ``post_rate``,
whatever the quantity. Both are lowered by its rejects. G_k changes only at the samples and the
book's costs only at its levels, so whole pieces are placed at a time. Waiting orders join the near
touch, or stand at the parent's limit where that is lower. Lots and minima round what comes out: the
taken part is taken as ``sweep`` would, and what rounding leaves goes to the venues that hold it.
"""

from __future__ import annotations

from math import lcm
from typing import Final, final

from fix_oms.model.routing import MILLION, Leg, Plan, Policy, View
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.routing.posting import Place, Touches, ahead_of, fitting, places, price_at
from fix_oms.routing.resting import planned, rest_of, unposted, untaken
from fix_oms.routing.taking import WHOLE_BPS, Taking, is_open, reach, take

WHY: Final = "taken now, as waiting for it would cost more"
TAKEN: Final = -1
"""The owner of a piece that is taken; others are a queue's place in the list."""
Piece = tuple[int, int, Fixed]
"""What a unit is worth, negated; whose it is; how much there is of it."""


@final
class Queue:
    """One venue to wait at: ``ahead`` is Q_k, ``samples`` are past x_k, ``gain`` is lambda_u + h +
    r_k, less by the chance of a reject. Without samples each unit fills with ``rate``."""

    __slots__ = ("ahead", "gain", "rate", "samples")

    def __init__(
        self, ahead: Fixed, samples: tuple[Fixed, ...], gain: int, rate: int = MILLION
    ) -> None:
        self.ahead: Final = ahead
        self.samples: Final = samples
        self.gain: Final = gain
        self.rate: Final = rate


def placed(
    qty: Fixed, now: list[tuple[int, Fixed]], queues: list[Queue]
) -> tuple[Fixed, list[Fixed]]:
    """The optimal M and L_k for ``qty``.

    ``now`` are what a unit is worth that is taken, and how much of it there is. Units that are
    worth nothing anywhere are not placed. Of equals what is taken goes first, then the queues in
    their order.
    """
    each = lcm(*[len(queue.samples) or MILLION for queue in queues]) if queues else 1
    pieces: list[Piece] = [(-worth * each, TAKEN, shown) for worth, shown in now]
    for n, queue in enumerate(queues):
        if not queue.samples:
            pieces.append((-queue.gain * queue.rate * (each // MILLION), n, qty))
            continue
        step = queue.gain * (each // len(queue.samples))
        at, left = queue.ahead, len(queue.samples)
        for sample in sorted(queue.samples):
            if sample > at:
                pieces.append((-step * left, n, sample - at))
                at = sample
            left -= 1
    pieces.sort()
    market, waiting = 0, [0] * len(queues)
    for worth, owner, shown in pieces:
        if worth >= 0 or not qty:
            break
        sent = min(shown, qty)
        qty -= sent
        if owner == TAKEN:
            market += sent
        else:
            waiting[owner] += sent
    return market, waiting


def split(policy: Policy, view: View) -> Plan:
    """IOC legs for M and waiting legs for the L_k."""
    if not view.posts:
        return rest_of(policy, view, take(view, view.qty))
    touches = Touches(view)
    waits = _places(view, touches)
    if not waits:
        return rest_of(policy, view, take(view, view.qty))
    middle = _twice_the_middle(touches, waits)
    under = abs(middle) * view.multiplier * policy.under_bps
    now = _worth_now(view, middle, under)
    queues = [_queue(view, place, middle, under) for place in waits]
    market, waiting = placed(view.qty, now, queues)
    taking = take(view, market) if market else Taking(len(view.venues))
    rest = view.qty - taking.total
    legs, left = _waiting_legs(view, waits, waiting, rest)
    if left:
        others = frozenset([leg.venue for leg in legs])
        for place in places(view, left, policy.under_bps, Touches(view, taking.qtys), others)[:1]:
            legs.append(place.leg())
            left -= place.fits
    why = ""
    if left:
        why = f"{untaken(view, left)}; {unposted(view, left, touches)}"
        if legs or taking.total:
            why = f"{text_of(left)} fits no venue's lots and bounds beside what is sent"
    return planned(view, taking, tuple(legs), why, WHY)


def _places(view: View, touches: Touches) -> list[Place]:
    """The venues that could hold something, at the near touch or the limit where it is lower."""
    wanted = view.limit
    if wanted is not None and touches.near is not None:
        wanted = min(wanted, touches.near) if view.buys else max(wanted, touches.near)
    found = []
    for venue in view.venues:
        if venue.is_dark or not is_open(venue):
            continue
        price = price_at(view, venue, touches, wanted)
        if price is None:
            continue
        fits = fitting(view, venue, view.qty, price)
        if fits:
            found.append(Place(venue, price, fits, ahead_of(view, venue, price)))
    return found


def _twice_the_middle(touches: Touches, waits: list[Place]) -> int:
    """The sum of both touches; one of them twice, or a waiting price, where others are missing."""
    far, near = touches.far, touches.near
    if far is None or near is None:
        one = far if far is not None else near
        return 2 * (one if one is not None else waits[0].price)
    return far + near


def _worth_now(view: View, middle: int, under: int) -> list[tuple[int, Fixed]]:
    """What a unit is worth that is taken, for each level within the limit: lambda_u - h - f."""
    found = []
    for venue in view.venues:
        if not is_open(venue):
            continue
        worst = reach(venue, view)
        for price, shown in venue.take:
            if shown > 0 and (worst is None or (price <= worst if view.buys else price >= worst)):
                fees = abs(price) * view.multiplier * venue.taker_bps
                fees += venue.taker * SCALE * WHOLE_BPS
                found.append((under - _beside(view, price, middle) - 2 * fees, shown))
    return found


def _beside(view: View, price: Fixed, middle: int) -> int:
    """Twice what a price costs more than the middle, in the unit of fees."""
    worse = 2 * price - middle if view.buys else middle - 2 * price
    return worse * view.multiplier * WHOLE_BPS


def _queue(view: View, place: Place, middle: int, under: int) -> Queue:
    """The venue as the model sees it; its gain is lambda_u + h + r_k."""
    venue = place.venue
    fees = abs(place.price) * view.multiplier * venue.maker_bps + venue.maker * SCALE * WHOLE_BPS
    gain = under - _beside(view, place.price, middle) - 2 * fees
    gain = gain * (MILLION - _share(venue.reject_rate)) // MILLION
    return Queue(place.ahead, venue.outflow, gain, _share(venue.post_rate))


def _share(millionths: int) -> int:
    return min(max(millionths, 0), MILLION)


def _waiting_legs(
    view: View, waits: list[Place], waiting: list[Fixed], rest: Fixed
) -> tuple[list[Leg], Fixed]:
    """Legs for what waits, in whole lots, and what of ``rest`` is left.

    Coarse lots come first, so that what rounding leaves can go where lots are fine. All that has no
    queue of its own (it is worth nothing anywhere, or could not be taken after all) goes along.
    """
    carried = rest - sum(waiting)
    legs: list[Leg] = []
    order = sorted([n for n, want in enumerate(waiting) if want], key=lambda n: -waits[n].venue.lot)
    for n in order:
        place = waits[n]
        want = waiting[n] + carried
        fits = fitting(view, place.venue, want, place.price)
        carried = want - fits
        if fits:
            place = Place(place.venue, place.price, fits, place.ahead)
            legs.append(place.leg())
    return legs, carried
