"""How much a queue at a venue is traded down: by past intervals of 30 seconds.

Fed by the trades that market data tells. An order that waits in a queue fills when the queue ahead
of it and its own quantity have been traded away, so what the next interval may trade decides where
waiting is worth it (Cont and Kukanov 2017). Intervals begin at whole multiples of their length, by
the inputs' time. One that was not watched from its beginning to its end is not counted: the first
one of a session, and the one in which it went down. One in which nothing traded counts as 0.

Trades are told without the side that took. In the long run each side takes as much as the other, so
a queue of one side can count on half of what trades: an interval counts as that.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.market.places import Places
from fix_oms.market.volumes import Print, venue_of
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.routing import OUTFLOW_S
from fix_oms.model.units import Fixed

INTERVAL_NS: Final = OUTFLOW_S * 1_000_000_000
KEPT: Final = 32
"""So many intervals are kept: 16 minutes."""


@final
class Outflow:
    """Of one symbol at one source, what each interval took from a side, oldest first."""

    __slots__ = ("_interval", "_past", "_qty", "_whole")

    def __init__(self) -> None:
        self._past: tuple[Fixed, ...] = ()
        self._interval = -1
        """Which one is running, by its number since 1970; -1: nothing is watched."""
        self._qty: Fixed = 0
        self._whole = False

    def watched(self, now: int) -> None:
        """The source speaks: intervals count from the next one on."""
        interval = now // INTERVAL_NS
        if interval == self._interval:
            return
        if self._interval < 0 or interval < self._interval:
            self._whole = False
        else:
            self._past = self._ended(interval)
            self._whole = True
        self._interval, self._qty = interval, 0

    def traded(self, qty: Fixed, now: int) -> None:
        """So much was traded."""
        self.watched(now)
        self._qty += qty

    def lost(self) -> None:
        """The source is gone: what trades from here on is not known."""
        self._interval, self._qty, self._whole = -1, 0, False

    def past(self, now: int) -> tuple[Fixed, ...]:
        """The intervals that have ended, oldest first, at most ``KEPT``."""
        interval = now // INTERVAL_NS
        return self._past if self._interval < 0 else self._ended(interval)

    def _ended(self, interval: int) -> tuple[Fixed, ...]:
        """What is past once ``interval`` is running."""
        gone = interval - self._interval
        if gone <= 0:
            return self._past
        last = (self._qty // 2,) if self._whole else ()
        return (*self._past, *last, *((0,) * min(gone - 1, KEPT)))[-KEPT:]

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return self._interval, self._qty, self._whole, self._past


class Outflows:
    """Those of every venue and symbol, fed by FIX sessions and by feeds.

    A trade that a session tells is of the venue that its prices are of (``places``); one that is of
    none of them, or that comes again in a snapshot, counts nowhere.
    """

    __slots__ = ("_flows", "_places", "counts")

    def __init__(self) -> None:
        self.counts = False
        self._places = Places()
        self._flows: dict[tuple[str, str], Outflow] = {}

    def configure(self, places: Places) -> None:
        """Take which venue a price belongs to."""
        self._places = places

    def started(self, counts: bool) -> None:
        """A process began: nobody knows what traded while there was none. ``counts``: whether
        anything is to be counted at all."""
        self.counts = counts
        if not counts:
            self._flows.clear()
        for flow in self._flows.values():
            flow.lost()

    def watched(self, session: str, symbol: str, now: int) -> None:
        """The session tells of the symbol from now on."""
        if self.counts and session not in self._places.fed:
            for venue in self._places.venues.get(session, ()):
                self._flow(venue, symbol).watched(now)

    def changed(self, session: str, prints: list[Print], now: int) -> None:
        """A session tells of new trades."""
        if not self.counts:
            return
        for symbol, entry in prints:
            venue = venue_of(self._places, session, entry.market or "")
            if venue is not None and entry.size:
                self._flow(venue, symbol).traded(entry.size, now)

    def fed(self, update: BookUpdate, now: int) -> None:
        """A feed tells of a venue."""
        if self.counts:
            flow = self._flow(update.venue, update.symbol)
            flow.watched(now)
            for _, qty in update.trades:
                flow.traded(qty, now)

    def lost(self, session: str) -> None:
        """The session is down; what feeds tell goes on."""
        if session not in self._places.fed:
            venues = self._places.venues.get(session, ())
            for (venue, _), flow in self._flows.items():
                if venue in venues:
                    flow.lost()

    def past(self, venue: str, symbol: str, now: int) -> tuple[Fixed, ...]:
        """The intervals of the venue that have ended, oldest first."""
        flow = self._flows.get((venue, symbol))
        return flow.past(now) if flow is not None else ()

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return tuple((*key, *self._flows[key].facts()) for key in sorted(self._flows))

    def _flow(self, venue: str, symbol: str) -> Outflow:
        found = self._flows.get((venue, symbol))
        if found is None:
            found = self._flows[venue, symbol] = Outflow()
        return found
