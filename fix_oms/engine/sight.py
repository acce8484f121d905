"""The view of a routing decision: each venue that a parent may go to, as it stands at this moment.

A venue is shut to a parent, with the reason in words, where its session is not ready or backs off,
where it is closed or halted, where it has let an order wait, or where it has turned a child of this
parent away. An open one shows what its book has within the limit, if the book can be believed:
fresh, not crossed, without a gap. What our own orders on the way will have taken from it is left
out, until the venue has told its book anew: to send after the same shares twice is the oldest fault
of a router.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fix_oms.engine.state import State
from fix_oms.market.contracts import TradingTerms
from fix_oms.market.states import FRESH, MISSING
from fix_oms.model.fix import TimeInForce
from fix_oms.model.routing import (
    DIRECT,
    POST,
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
        may_rest = policy.rest != REST_STOP or policy.kind == POST
        own = self._own(parent)
        return View(
            now=now,
            buys=held.buys,
            qty=qty,
            limit=parent.price,
            posts=posts and may_rest and not at_once,
            multiplier=instrument.multiplier,
            venues=tuple(
                [
                    self._venue(now, parent, instrument, name, policy.dark_unit, own.get(name, ()))
                    for name in names
                ]
            ),
        )

    def told_ns(self, venue: str, symbol: str) -> int | None:
        """When the book of the venue was last told that views show; None where they show none."""
        found = self._state.settings.venues.get(venue)
        book = None if found is None or found.dark else self._state.quotes.of(venue, symbol)
        return None if book is None else book.updated_ns

    def may_take(self, parent: ParentOrder, policy: Policy) -> bool:
        """Whether a view might show anything to take. Most changes of a book bring nothing within
        the limit of what is posted, and to see that takes a tenth of a view."""
        state, symbol, limit = self._state, parent.held.symbol, parent.price
        buys, venues = parent.held.buys, state.settings.venues
        instrument = state.settings.instruments.get(symbol)
        for name in () if instrument is None else self._names(parent, policy, instrument):
            if venues[name].dark:
                return True
            book = state.quotes.of(name, symbol)
            price = None if book is None else book.offer if buys else book.bid
            if price is None:
                continue
            if limit is None or (price <= limit if buys else price >= limit):
                return True
        return False

    def _names(
        self, parent: ParentOrder, policy: Policy, instrument: Instrument
    ) -> tuple[str, ...]:
        if policy.kind == DIRECT:
            return (parent.venue or policy.venues[0],)
        if not policy.venues:
            return instrument.venues
        return tuple([name for name in instrument.venues if name in policy.venues])

    def _own(self, parent: ParentOrder) -> dict[str, list[LevelSeen]]:
        """What of the parent rests at each venue: price and quantity."""
        found: dict[str, list[LevelSeen]] = {}
        for ref in parent.held.working:
            order = self._state.book.by_cl_ord_id(ref)
            if order is not None and order.terms.price is not None and order.leaves_qty:
                found.setdefault(order.venue, []).append((order.terms.price, order.leaves_qty))
        return found

    def _venue(
        self,
        now: int,
        parent: ParentOrder,
        instrument: Instrument,
        name: str,
        unit: Fixed,
        own: Iterable[LevelSeen],
    ) -> VenueView:
        state, held = self._state, parent.held
        venue, symbol, buys = state.settings.venues[name], held.symbol, held.buys
        terms = state.contracts.get((symbol, name)) or TradingTerms(instrument, name, venue.fees)
        fees = terms.fees
        shut = self._shut(now, parent, venue)
        age, wrong, take, join = -1, "", NOTHING, NOTHING
        if not venue.dark:
            age, wrong, take, join = self._book(now, parent, name, own)
        if shut:
            take = join = NOTHING
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
            book=wrong,
            fill_rate=fill,
            post_rate=post,
            reject_rate=reject,
            ack_ns=ack_ns,
            outflow=outflow,
            dark=state.scores.dark_of(name, symbol, buys, unit) if venue.dark else (),
        )

    def _book(
        self, now: int, parent: ParentOrder, name: str, own: Iterable[LevelSeen]
    ) -> tuple[int, str, tuple[LevelSeen, ...], tuple[LevelSeen, ...]]:
        """The age of a venue's book, what is wrong with it, and what it has for the parent."""
        state, symbol, buys = self._state, parent.held.symbol, parent.held.buys
        book = state.quotes.of(name, symbol)
        if book is None:
            return -1, MISSING, NOTHING, NOTHING
        told_ns = book.updated_ns
        wrong = book.state(now, state.prices.max_age_ns)
        if wrong != FRESH:
            return now - told_ns, wrong, NOTHING, NOTHING
        take = within(book.take(buys), parent.price, buys)
        join = apart(book.join(buys), own, state.routed.gone((name, symbol, buys), told_ns))
        hit = state.routed.taken((name, symbol, buys), told_ns)
        return now - told_ns, "", without(take, hit) if hit else take, join

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


def apart(
    levels: tuple[LevelSeen, ...], own: Iterable[LevelSeen], gone: Iterable[LevelSeen]
) -> tuple[LevelSeen, ...]:
    """The levels without what is our own there."""
    less: dict[Fixed, Fixed] = {}
    for price, qty in (*own, *gone):
        less[price] = less.get(price, 0) + qty
    if not less:
        return levels
    others = [(price, size - less.get(price, 0)) for price, size in levels]
    return tuple([one for one in others if one[1] > 0])


def without(levels: tuple[LevelSeen, ...], qty: Fixed) -> tuple[LevelSeen, ...]:
    """What is left of the levels when the best ``qty`` is gone."""
    left: list[LevelSeen] = []
    for price, size in levels:
        gone = min(size, qty)
        qty -= gone
        if size > gone:
            left.append((price, size - gone))
    return tuple(left)
