"""The counting behind the scorecards: notes of what happened to orders, taken one by one.

What each of them counts stands in ``scorecard``. A note is a tuple: its kind, the order's reference
and what else there is to know, by value, so that it may be counted whenever there is time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, final

from fix_oms.market.ladder import Level
from fix_oms.model.messages import Terms
from fix_oms.model.routing import BUILT_IN, DARK
from fix_oms.model.settings import Settings
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.requests import Request
from fix_oms.routing.fading import Clock
from fix_oms.routing.latencies import ONE
from fix_oms.routing.score import (
    NEITHER,
    NOTHING_SEEN,
    POSTS,
    TAKES,
    Card,
    Trip,
    VenueScore,
    walked,
    way_of,
)

ADDED: Final = 0
SENT: Final = 1
ANSWERED: Final = 2
MOVED: Final = 3
Note = tuple[Any, ...]
Worth = tuple[Fixed, Notional, Fixed, Fixed, Fixed, Fixed]
"""What an order comes to (``engine.measure``): executed quantity, notional and fees; open quantity
and two prices of it."""
Address = tuple[str, str, str, str, str]
"""An order's scope: account, strategy, symbol, venue, session."""
RESTED_NS: Final = 30_000_000_000
"""What was posted, has waited for less and has not filled, counts for as much of it as it waited:
left out, it would make all that is taken back early look as if it filled."""
REFUSED: Final = 1
UNSENT: Final = 2
_NEVER: Final = 1
_SECOND: Final = 1_000_000_000
_BUYS: Final = frozenset({"1", "3"})


@final
class Tally:
    """All that is counted, by venue and by venue and symbol.

    ``due`` are the orders without an answer, by reference: their session, and when they left (0:
    not yet, as far as is told; 1: nobody will ever know). ``early`` are those that were answered
    before their leaving was told. ``trips`` are those that take, while they are open.
    """

    __slots__ = (
        "_by_scope",
        "_dark",
        "_due",
        "_early",
        "_trips",
        "_units",
        "cards",
        "clock",
        "venues",
    )

    def __init__(self) -> None:
        self.clock: Final = Clock()
        self._dark: frozenset[str] = frozenset()
        self._units: tuple[Fixed, ...] = ()
        self.cards: Final[dict[tuple[str, str], Card]] = {}
        self.venues: Final[dict[str, VenueScore]] = {}
        self._by_scope: Final[dict[Address, Card]] = {}
        self._due: Final[dict[str, tuple[str, int]]] = {}
        self._early: Final[dict[str, tuple[int, Card]]] = {}
        self._trips: Final[dict[str, Trip]] = {}

    def configure(self, settings: Settings, now: int) -> None:
        """Take the configuration of a start: how what is counted fades, which venues are dark, and
        in which units their policies count."""
        self.clock.set(settings.engine.score_half_life_s * _SECOND, now)
        self._dark = frozenset(v.name for v in settings.venues.values() if v.dark)
        policies = [*BUILT_IN.values(), *settings.policies.values()]
        self._units = tuple(sorted({p.dark_unit for p in policies if p.kind == DARK}))
        for card in self.cards.values():
            card.until_ns = 0

    def clear(self) -> None:
        """Nothing was ever counted."""
        self.cards.clear()
        self.venues.clear()
        self._by_scope.clear()
        self._due.clear()
        self._early.clear()
        self._trips.clear()

    def untimed(self, session: str | None) -> None:
        """What is under way there (None: anywhere) is timed no more."""
        if session is None:
            self._early.clear()
        for reference, (at, _) in self._due.items():
            if session in (None, at):
                self._due[reference] = at, _NEVER
        for reference, trip in [*self._trips.items()]:
            if session in (None, trip.session):
                trip.sent_ns = _NEVER
                if trip.over:
                    del self._trips[reference]

    def take(self, notes: Iterable[Note]) -> None:
        """Count them."""
        for note in notes:
            kind = note[0]
            if kind == MOVED:
                self._moved(*note[1:])
            elif kind == ANSWERED:
                self._answered(*note[1:])
            elif kind == SENT:
                self._sent(*note[1:])
            else:
                self._added(*note[1:])

    # -- the way to the venue and back --------------------------------------------------------

    def _added(
        self,
        reference: str,
        scope: Address,
        terms: Terms,
        shown: tuple[Level, ...],
        made_ns: int,
    ) -> None:
        self._due[reference] = scope[4], 0
        way = way_of(terms)
        if way != NEITHER:
            seen = _within(shown, terms) if shown else NOTHING_SEEN
            if seen or way == TAKES:
                self._trips[reference] = Trip(scope[4], seen)

    def _sent(self, reference: str, sent_ns: int, now: int) -> None:
        due = self._due.get(reference)
        if due is not None:
            if not due[1]:
                self._due[reference] = due[0], sent_ns
        elif reference in self._early:
            heard_ns, card = self._early.pop(reference)
            self._acknowledged(card, heard_ns - sent_ns, now)
        trip = self._trips.get(reference)
        if trip is not None and not trip.sent_ns:
            trip.sent_ns = sent_ns
            if trip.card is not None:
                self._present(trip.card, now).venue.fills.add(trip.filled_ns - sent_ns)
            if trip.over:
                del self._trips[reference]

    def _answered(self, reference: str, scope: Address, told: bool, now: int) -> None:
        due = self._due.pop(reference, None)
        if due is None:
            return
        if not told:  # it never left, or a person has said what became of it
            self._trips.pop(reference, None)
            return
        card, sent_ns = self._card(scope), due[1]
        if sent_ns > _NEVER:
            self._acknowledged(card, now - sent_ns, now)
        elif not sent_ns:
            self._early[reference] = now, card
        self._present(card, now)
        card.rates = None
        card.orders += ONE
        card.venue.orders += ONE

    def _acknowledged(self, card: Card, ns: int, now: int) -> None:
        venue = self._present(card, now).venue
        venue.ack_median.added(venue.acks, venue.acks.add(ns))

    # -- what comes of it ---------------------------------------------------------------------

    def _moved(
        self,
        reference: str,
        scope: Address,
        first: Request,
        before: Worth,
        after: Worth,
        fate: int,
        now: int,
    ) -> None:
        trip, is_open = self._trips.get(reference), before[3] and after[3]
        card = self._by_scope.get(scope)
        if card is None or (is_open and trip is None):
            return  # not ours, from before anything was counted, or not over yet
        self._present(card, now)
        way = TAKES if trip is not None else way_of(first.terms)
        if trip is not None:
            self._taken(reference, trip, card, first.terms, before, after, now)
        if not is_open:
            self._count(card, first, way, before, after, fate, now)

    def _taken(
        self,
        reference: str,
        trip: Trip,
        card: Card,
        terms: Terms,
        before: Worth,
        after: Worth,
        now: int,
    ) -> None:
        """Of an order that takes: how well it filled, and how soon."""
        done, notional = after[0], after[1] - before[1]
        if trip.seen and notional:
            better = walked(trip.seen, done) - walked(trip.seen, before[0]) - notional
            card.improvement += better if terms.side in _BUYS else -better
        if done and not trip.filled_ns:
            trip.filled_ns = now
            if trip.sent_ns > _NEVER:
                card.venue.fills.add(now - trip.sent_ns)
            elif not trip.sent_ns:
                trip.card = card
        if not after[3]:
            trip.over = True
            if trip.sent_ns:
                del self._trips[reference]

    def _count(
        self,
        card: Card,
        first: Request,
        way: int,
        before: Worth,
        after: Worth,
        fate: int,
        now: int,
    ) -> None:
        """An order is over, or not any more, or has executed otherwise after it was."""
        was_open, qty = before[3], after[0] - before[0]
        card.rates = None
        if was_open and not after[0] and fate:
            if fate == REFUSED:
                card.rejected += ONE
                card.venue.rejected += ONE
            return
        if way == NEITHER:
            return
        dealt = card.take if way == TAKES else card.post
        if was_open:
            left = max(0, was_open - qty)
            asked = after[0] + left
            if way != TAKES:
                left = left * min(now - first.created_ns, RESTED_NS) // RESTED_NS
            sent = after[0] + left
            if not sent:
                return
            dealt.orders += ONE * sent // asked
            dealt.sent += sent
            dealt.filled += after[0]
            dealt.notional += after[1]
            if way == POSTS and qty > 0:
                card.venue.waits.add(now - first.created_ns)
            elif way == TAKES and card.venue.name in self._dark:
                buys = first.terms.side in _BUYS
                for unit in self._units:
                    card.observed(buys, unit, sent, after[0])
        elif after[3]:
            dealt.orders -= ONE
            dealt.sent -= before[0]
            dealt.filled -= before[0]
            dealt.notional -= before[1]
        else:
            dealt.filled += qty
            dealt.notional += after[1] - before[1]

    # -- cards --------------------------------------------------------------------------------

    def _card(self, scope: Address) -> Card:
        card = self._by_scope.get(scope)
        if card is None:
            _, _, symbol, venue, _ = scope
            card = self.cards.get((venue, symbol))
            if card is None:
                score = self.venues.get(venue)
                if score is None:
                    score = self.venues[venue] = VenueScore(venue, self.clock.age)
                # As old as the venue, so that whatever brings a card up to date brings both.
                card = self.cards[venue, symbol] = Card(score, symbol, score.age)
            self._by_scope[scope] = card
        return card

    def _present(self, card: Card, now: int) -> Card:
        """The card, brought up to date."""
        if now >= card.until_ns:
            self.clock.advance(now)
            card.fade(self.clock.age, self.clock.until_ns)
        return card

    def under_way(self) -> list[str]:
        """The orders of which something is still to be timed, or that take and are open."""
        return sorted({*self._due, *self._early, *self._trips})

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        early = sorted(self._early.items(), key=lambda one: one[0])
        return (
            self.clock.facts(),
            tuple(self.cards[key].facts() for key in sorted(self.cards)),
            tuple(self.venues[name].facts() for name in sorted(self.venues)),
            tuple(sorted(self._due.items())),
            tuple((name, at, card.venue.name) for name, (at, card) in early),
            tuple((name, *self._trips[name].facts()) for name in sorted(self._trips)),
        )


def _within(shown: tuple[Level, ...], terms: Terms) -> tuple[Level, ...]:
    """The levels that the order could trade with."""
    limit = terms.price
    if limit is None:
        return shown
    if terms.side in _BUYS:
        return tuple([level for level in shown if level[0] <= limit])
    return tuple([level for level in shown if level[0] >= limit])
