"""The view of a routing decision: each venue that a parent may go to, as it stands at this moment.

A venue is shut to a parent, with the reason in words, where its session is not ready or backs off,
where it is closed or halted, where it has let an order wait, or where it has turned a child of this
parent away. An open one shows what its book has within the limit, if the book can be believed:
fresh, not crossed, without a gap. What our own orders on the way will have taken from it is left
out, until the venue has told its book anew: to send after the same shares twice is the oldest fault
of a router.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.state import State
from fix_oms.market.contracts import TradingTerms
from fix_oms.market.states import FRESH
from fix_oms.model.fix import TimeInForce
from fix_oms.model.routing import (
    DIRECT,
    REST_STOP,
    LevelSeen,
    Policy,
    VenueView,
    View,
)
from fix_oms.model.settings import Instrument, Venue
from fix_oms.model.units import Fixed
from fix_oms.routing.parents import ParentOrder

NOTHING: Final[tuple[LevelSeen, ...]] = ()


class Sight:
    """Makes views of one state."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def view(
        self, now: int, parent: ParentOrder, policy: Policy, qty: Fixed, *, posts: bool = True
    ) -> View:
        """What a decision about ``qty`` of the parent may look at; ``posts`` False: only what can
        be taken is asked about."""
        state, held = self._state, parent.held
        instrument = state.settings.instruments[held.symbol]
        names = self._names(parent, policy, instrument)
        at_once = parent.time_in_force == TimeInForce.IOC
        return View(
            now=now,
            buys=held.buys,
            qty=qty,
            limit=parent.price,
            posts=posts and not at_once and policy.rest != REST_STOP,
            multiplier=instrument.multiplier,
            venues=tuple(
                [self._venue(now, parent, instrument, name, policy.dark_unit) for name in names]
            ),
        )

    def _names(
        self, parent: ParentOrder, policy: Policy, instrument: Instrument
    ) -> tuple[str, ...]:
        if policy.kind == DIRECT:
            return (parent.venue or policy.venues[0],)
        if not policy.venues:
            return instrument.venues
        return tuple([name for name in instrument.venues if name in policy.venues])

    def _venue(
        self, now: int, parent: ParentOrder, instrument: Instrument, name: str, unit: Fixed
    ) -> VenueView:
        state, held = self._state, parent.held
        venue, symbol, buys = state.settings.venues[name], held.symbol, held.buys
        terms = state.contracts.get((symbol, name)) or TradingTerms(instrument, name, venue.fees)
        fees = terms.fees
        shut = self._shut(now, parent, venue)
        book = state.quotes.of(name, symbol)
        take = join = NOTHING
        age = -1
        if book is not None and not shut and not venue.dark:
            age = now - book.updated_ns
            if book.state(now, state.prices.max_age_ns) == FRESH:
                take = within(book.take(buys), parent.price, buys)
                join = book.join(buys)
                hit = state.routed.taken(name, symbol, buys, book.updated_ns)
                if hit:
                    take = without(take, hit)
        fill, post, reject, ack_ns, outflow = state.scores.score_of(name, symbol, now)
        return VenueView(
            venue=name,
            shut=shut,
            take=take,
            join=join,
            lot=terms.lot,
            tick=terms.tick,
            min_qty=terms.min_qty,
            max_qty=terms.max_qty,
            min_notional=terms.min_notional,
            taker=fees.taker,
            maker=fees.maker,
            taker_bps=fees.taker_bps,
            maker_bps=fees.maker_bps,
            age_ns=age,
            is_dark=venue.dark,
            fill_rate=fill,
            post_rate=post,
            reject_rate=reject,
            ack_ns=ack_ns,
            outflow=outflow,
            dark=state.scores.dark_of(name, symbol, buys, unit) if venue.dark else (),
        )

    def _shut(self, now: int, parent: ParentOrder, venue: Venue) -> str:
        """Why nothing of the parent may go there; empty where it may."""
        state = self._state
        link = state.links[venue.session]
        if not link.ready:
            return f"session {link.name} is {link.state}"
        if link.busy_until > now:
            return f"session {link.name} is busy"
        if venue.hours is not None and venue.name not in state.open_venues:
            return "it is closed"
        if state.halted and (venue.session, parent.held.symbol) in state.halted:
            return f"{parent.held.symbol} is halted there"
        until, why = parent.shuts.get(venue.name, (0, ""))
        if until > now:
            return why
        if state.routed.slow.get(venue.name, 0) > now:
            return "it lets orders wait"
        return ""


def within(levels: tuple[LevelSeen, ...], limit: Fixed | None, buys: bool) -> tuple[LevelSeen, ...]:
    """Those of the levels, best first, that are not beyond the limit."""
    if limit is None or not levels:
        return levels
    worst = levels[-1][0]
    if worst <= limit if buys else worst >= limit:
        return levels
    return tuple([one for one in levels if (one[0] <= limit if buys else one[0] >= limit)])


def without(levels: tuple[LevelSeen, ...], qty: Fixed) -> tuple[LevelSeen, ...]:
    """What is left of the levels when the best ``qty`` is gone."""
    left: list[LevelSeen] = []
    for price, size in levels:
        gone = min(size, qty)
        qty -= gone
        if size > gone:
            left.append((price, size - gone))
    return tuple(left)
