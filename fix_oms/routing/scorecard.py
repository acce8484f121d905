"""What each venue has done with our orders: the scorecard, by which the router chooses.

Counted at each venue are orders, rejects and times; at each venue and symbol also what was sent,
what of it filled, and at what price. Everybody's orders count, people's as well as children. All of
it is worked out from what an order comes to before and after a report, so that a report that comes
twice, or in another place, counts what it changes and no more; and all of it fades (``fading``).

**Taking and posting.** An order takes if it cannot rest (immediate or cancel, fill or kill, market)
or if its limit reached the other side's best price when it was sent; else it is posted. It is what
it was sent as, all its life. Of a stop, and of an order by money, only answers and times count.

**Rates.** An order counts when it is over: when it has filled, or is open no more; what executes,
or is busted, after that is added or taken off. One that was rejected, or never left, is no part of
the quantities; nor is what had not filled of one that was posted for less than ``RESTED_NS``: it
was taken back too soon to tell. A rate is that of the quantities, blended with what is believed of
a venue that nobody knows, as if ``PRIOR_ORDERS`` orders had shown that: all of what is sent to take
fills, half of what is posted, none is rejected. Rejects in one symbol are blended in the same way
with the venue's in all of them.

**Times.** To the acknowledgement: from the order's leaving (``Sent.sent_ns``) to the first message
that answers it. To the fill: of an order that takes, from its leaving to its first execution. To
the wait: of one that was posted and filled, from its making to its last execution. The record of
what left may stand behind that of its answer. An order that was under way when its session or the
process went down says nothing of the first two.

**Price improvement** is how much better an order that takes has filled than the venue's book showed
when it was sent: money, less than nothing where it filled worse. What it fills beyond what was
shown within its limit is measured by the last price that was. Where nothing was seen, nothing is
counted.

**Dark venues.** Of an order that took at a venue that shows nothing, what was sent and what filled
teaches what may be there (``dark``), for each unit that a policy counts in; it is halved with each
half-life.

**Later, and all the same.** What happens to orders is noted as it happens, in an order's own step,
and counted when there is time for it (``Engine.pack``), when somebody asks, or when ``MOST_NOTED``
notes wait. When that is makes no difference to what is counted: a note holds all that it needs, and
the time.

A snapshot from before there were scorecards has none, and the orders of its past would count in a
replay of the whole journal only. So nothing counts before the first start that states a half-life.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.market.ladder import Level
from fix_oms.market.outflow import Outflows
from fix_oms.market.places import Places
from fix_oms.market.references import References
from fix_oms.market.states import FRESH
from fix_oms.model.settings import Settings
from fix_oms.model.units import Fixed
from fix_oms.orders.order import Order
from fix_oms.routing.score import (
    NOTHING_SEEN,
    PRIOR_FILL,
    PRIOR_POST,
    UNKNOWN_TAIL,
    Card,
    VenueScore,
    blended_share,
)
from fix_oms.routing.tally import ADDED, ANSWERED, MOVED, SENT, Note, Tally, Worth

MOST_NOTED: Final = 256
"""So many notes wait at most: some 200 us of counting."""


@final
class Scorecards:
    """All of them. ``counts``: whether there are any (see the module's docstring)."""

    __slots__ = ("_notes", "_tally", "counts", "outflows")

    def __init__(self) -> None:
        self.counts = False
        self.outflows: Final = Outflows()
        self._tally: Final = Tally()
        self._notes: list[Note] = []

    def configure(self, settings: Settings, places: Places, now: int) -> None:
        """Take the configuration of a start."""
        self.settle()
        self._tally.configure(settings, now)
        self.outflows.configure(places)

    def started(self, counts: bool, now: int) -> None:
        """A process began: what is under way is timed no more."""
        self.settle()
        if not counts:
            self._tally.clear()
        elif not self.counts:
            self._tally.clock.begin(now)
        self.counts = counts
        self.outflows.started(counts)
        self._tally.untimed(None)

    def session_down(self, session: str) -> None:
        """What is under way on the session is timed no more, and its trades are not seen."""
        self.settle()
        self.outflows.lost(session)
        self._tally.untimed(session)

    # -- what happens -------------------------------------------------------------------------

    def added(self, order: Order, prices: References, *, rests: bool = False) -> None:
        """An order of ours is on its way, made just now; ``rests``: it is to take nothing, whatever
        its venue shows, since others of ours are on their way for that."""
        if self.counts:
            looks = prices.quotes.quotes and not rests
            seen = _shown(order, prices) if looks else NOTHING_SEEN
            made = order.first.created_ns
            notes, terms = self._notes, order.first.terms
            notes.append((ADDED, order.reference, order.scope, terms, seen, made))
            if len(notes) >= MOST_NOTED:
                self.settle()

    def sent(self, reference: str, sent_ns: int, now: int) -> None:
        """The order has left."""
        if self.counts:
            self._notes.append((SENT, reference, sent_ns, now))

    def answered(self, order: Order, now: int) -> None:
        """An order has its answer, or none is waited for any more."""
        if self.counts:
            told = order.reported or order.first.refused
            self._notes.append((ANSWERED, order.reference, order.scope, told, now))

    def moved(self, order: Order, before: Worth, after: Worth, now: int) -> None:
        """An order has executed, or is open otherwise."""
        if self.counts:
            first, notes = order.first, self._notes
            fate = 0 if after[3] else 1 if first.refused else 2 if first.unsent else 0
            notes.append((MOVED, order.reference, order.scope, first, before, after, fate, now))
            if len(notes) >= MOST_NOTED:
                self.settle()

    def settle(self) -> None:
        """Count what has been noted."""
        if self._notes:
            notes, self._notes = self._notes, []
            self._tally.take(notes)

    # -- asking -------------------------------------------------------------------------------

    def score_of(
        self, venue: str, symbol: str, now: int
    ) -> tuple[int, int, int, int, tuple[Fixed, ...]]:
        """``fill_rate``, ``post_rate``, ``reject_rate``, ``ack_ns`` and ``outflow`` as a decision's
        ``VenueView`` has them."""
        self.settle()
        tally, past = self._tally, self.outflows.past(venue, symbol, now)
        score, card = tally.venues.get(venue), tally.cards.get((venue, symbol))
        if score is None:
            return PRIOR_FILL, PRIOR_POST, 0, 0, past
        age = tally.clock.age_at(now)
        if card is None:
            rejects = blended_share(score.rejected, score.orders, 0, age - score.age)
            return PRIOR_FILL, PRIOR_POST, rejects, score.ack_median.ns, past
        rates = card.rated(age)
        return rates.fill, rates.post, rates.reject, score.ack_median.ns, past

    def dark_of(self, venue: str, symbol: str, buys: bool, unit: Fixed) -> tuple[int, ...]:
        """The chances, in millionths, that 1, 2, 3 … units fill at a dark venue (``dark``)."""
        self.settle()
        card = self._tally.cards.get((venue, symbol))
        return card.tail(buys, unit) if card is not None else UNKNOWN_TAIL

    def of_venue(self, venue: str) -> tuple[VenueScore | None, list[Card]]:
        """The venue's own score, and those of its symbols."""
        self.settle()
        cards = [card for (name, _), card in self._tally.cards.items() if name == venue]
        return self._tally.venues.get(venue), cards

    def age_at(self, now: int) -> int:
        """By how much more than a card's age that is, it is to fade until ``now``."""
        return self._tally.clock.age_at(now)

    def under_way(self) -> list[str]:
        """The orders of which something is still to be timed, or that take and are open."""
        self.settle()
        return self._tally.under_way()

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        if not self.counts:
            return (False,)
        self.settle()
        return True, self._tally.facts(), self.outflows.facts()


def _shown(order: Order, prices: References) -> tuple[Level, ...]:
    """What the venue shows on the other side, as far as somebody tells; else the best price of all
    that is told on its session, which is no less seen."""
    quotes, most, now = prices.quotes, prices.max_age_ns, order.first.created_ns
    book = quotes.of(order.venue, order.symbol)
    if book is None:
        touch = quotes.near(order.session, order.symbol, order.buys, now, most)
    elif book.state(now, most) == FRESH:
        levels = book.take(order.buys)
        if levels:
            return levels
        touch = book.offer if order.buys else book.bid
    else:
        return NOTHING_SEEN
    return NOTHING_SEEN if touch is None else ((touch, 0),)
