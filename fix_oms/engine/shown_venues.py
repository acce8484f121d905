"""The venues' scorecards as people and programs see them: faded to now, in money where it is money.

Improvement and fees are in the base currency. Fees are what the tariff in force makes of what has
filled: that of the instrument at the venue (``instruments.SYMBOL.at``), else the venue's own; what
took pays the taker's, what was posted the maker's. A symbol whose currency has no rate is left out
of both sums.
"""

from __future__ import annotations

from fix_oms.engine.state import State
from fix_oms.model.settings import Venue
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.model.views import VenueView
from fix_oms.routing.fading import faded
from fix_oms.routing.latencies import ONE, Latencies
from fix_oms.routing.score import Card, Dealt

_BASIS_POINTS = 10_000
_MEDIAN, _SLOW = 500, 990


def venue_views(state: State, now: int) -> list[VenueView]:
    """Every venue of the configuration, in its order."""
    return [_venue_view(state, venue, now) for venue in state.settings.venues.values()]


def _venue_view(state: State, venue: Venue, now: int) -> VenueView:
    (score, cards), age = state.scores.of_venue(venue.name), state.scores.age_at(now)
    orders = rejected = 0
    acks = fills = waits = Latencies()
    if score is not None:
        orders = _count(score.orders, age - score.age)
        rejected = _count(score.rejected, age - score.age)
        acks, fills, waits = score.acks, score.fills, score.waits
    both = [(card, age - card.age) for card in cards]
    return VenueView(
        venue=venue.name,
        session=venue.session,
        shut=shut(state, venue, now),
        orders=orders,
        rejected=rejected,
        take_sent=sum(faded(card.take.sent, n) for card, n in both),
        took=sum(faded(card.take.filled, n) for card, n in both),
        post_sent=sum(faded(card.post.sent, n) for card, n in both),
        posted=sum(faded(card.post.filled, n) for card, n in both),
        ack_p50_ns=acks.quantile(_MEDIAN),
        ack_p99_ns=acks.quantile(_SLOW),
        fill_p50_ns=fills.quantile(_MEDIAN),
        fill_p99_ns=fills.quantile(_SLOW),
        wait_p50_ns=waits.quantile(_MEDIAN),
        wait_p99_ns=waits.quantile(_SLOW),
        improvement=sum(_improvement(state, card, n) for card, n in both),
        fees=sum(_fees(state, venue, card, n) for card, n in both),
        currency=state.settings.engine.base_currency,
    )


def shut(state: State, venue: Venue, now: int) -> str:
    """Why no order may go to the venue now; empty: it may."""
    link = state.links[venue.session]
    if not link.ready:
        return f"session {link.name} is {link.state}: {link.reason}"
    if venue.hours is not None and venue.name not in state.open_venues:
        return "outside its trading hours"
    if link.busy_until > now:
        return f"{link.name} is busy: we back off"
    return ""


def _count(counted: int, steps: int) -> int:
    """So many orders, to the nearest."""
    return (faded(counted, steps) + ONE // 2) // ONE


def _improvement(state: State, card: Card, steps: int) -> Fixed:
    return _in_base(state, card.symbol, _money(state, card.symbol, faded(card.improvement, steps)))


def _fees(state: State, venue: Venue, card: Card, steps: int) -> Fixed:
    symbol = card.symbol
    terms = state.contracts.get((symbol, venue.name))
    fees = terms.fees if terms is not None else venue.fees
    taken = _fee(state, symbol, card.take, fees.taker, fees.taker_bps, steps)
    return _in_base(
        state, symbol, taken + _fee(state, symbol, card.post, fees.maker, fees.maker_bps, steps)
    )


def _fee(state: State, symbol: str, dealt: Dealt, per_unit: Fixed, bps: Fixed, steps: int) -> Fixed:
    by_unit = faded(dealt.filled, steps) * per_unit // SCALE
    value = _money(state, symbol, faded(dealt.notional, steps))
    return by_unit + value * bps // (SCALE * _BASIS_POINTS)


def _money(state: State, symbol: str, notional: Notional) -> Fixed:
    """What a notional is in the instrument's currency."""
    return notional * state.prices.multiplier(symbol) // (SCALE * SCALE)


def _in_base(state: State, symbol: str, money: Fixed) -> Fixed:
    return money * state.prices.rate(state.prices.currency(symbol)) // SCALE
