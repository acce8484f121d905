"""How much of each symbol has traded at each venue since we have been told: sums that only grow.

Each trade counts once. A change (35=X) whose action is New tells one. A snapshot (35=W) repeats the
last trade, so one in it counts only where it bears an MDEntryID(278) that is another than that of
the last trade told by the session. A feed's trades are each told once. A trade that is of none of
the session's venues counts nowhere, and one that is taken back stays counted: as
:mod:`fix_oms.market.outflow` has it, whose trades are found here too.

What traded while nobody listened is not known, and not in the sums. Whoever wants to know what has
traded since a moment remembers the sum of that moment.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias, final

from fix_oms.market.places import Places
from fix_oms.model.fix import MDEntryType, MDUpdateAction
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.units import Fixed, Notional

_TRADE: Final = MDEntryType.TRADE.value
_NEW: Final = MDUpdateAction.NEW.value


class Traded(NamedTuple):
    """A quantity, and what it was worth: price times quantity, summed."""

    qty: Fixed
    notional: Notional


NOTHING_TRADED: Final = Traded(0, 0)
Print: TypeAlias = tuple[str, MDEntry]
"""A trade that was told: the symbol, and the entry. Its size is above 0."""


def prints_of(changes: MarketDataIncremental) -> list[Print]:
    """The new trades among changes. An entry without a symbol speaks of the one before it."""
    found: list[Print] = []
    symbol: str | None = None
    for entry in changes.entries:
        symbol = entry.symbol or symbol
        if entry.entry_type == _TRADE and entry.action == _NEW and symbol and entry.size:
            found.append((symbol, entry))
    return found


def venue_of(places: Places, session: str, market: str) -> str | None:
    """The venue of a trade: the session's only one, else that of the market it names."""
    if session in places.fed:
        return None
    markets = places.markets.get(session)
    if markets is not None:
        return markets.get(market)
    names = places.venues.get(session, ())
    return names[0] if names else None


@final
class Volumes:
    """By venue and symbol. ``newest`` is by session and symbol the id of the last trade told."""

    __slots__ = ("_newest", "_sums")

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], Traded] = {}
        self._newest: dict[tuple[str, str], str] = {}

    def changed(self, places: Places, session: str, prints: list[Print]) -> None:
        """A session tells of new trades."""
        for symbol, entry in prints:
            if self._is_new(session, symbol, entry.entry_id):
                self._take(places, session, symbol, entry.market or "", entry)

    def snapshot(self, places: Places, session: str, message: MarketDataSnapshot) -> None:
        """A session tells its whole book, and perhaps the last trade."""
        for entry in message.entries:
            if entry.entry_type != _TRADE or not entry.entry_id:
                continue
            was_known = (session, message.symbol) in self._newest
            if self._is_new(session, message.symbol, entry.entry_id) and was_known:
                market = entry.market or message.market or ""
                self._take(places, session, message.symbol, market, entry)

    def fed(self, update: BookUpdate) -> None:
        """A feed tells of its venue."""
        for price, qty in update.trades:
            self._add(update.venue, update.symbol, qty, price)

    def of(self, venue: str, symbol: str) -> Traded:
        """What has traded there."""
        return self._sums.get((venue, symbol), NOTHING_TRADED)

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return (
            sorted((*key, *traded) for key, traded in self._sums.items()),
            sorted((*key, newest) for key, newest in self._newest.items()),
        )

    def _is_new(self, session: str, symbol: str, entry_id: str | None) -> bool:
        if not entry_id:
            return True
        if self._newest.get((session, symbol)) == entry_id:
            return False
        self._newest[session, symbol] = entry_id
        return True

    def _take(self, places: Places, session: str, symbol: str, market: str, entry: MDEntry) -> None:
        venue = venue_of(places, session, market)
        if venue is not None and entry.size is not None and entry.price is not None:
            self._add(venue, symbol, entry.size, entry.price)

    def _add(self, venue: str, symbol: str, qty: Fixed, price: Fixed) -> None:
        if qty > 0:
            before = self.of(venue, symbol)
            self._sums[venue, symbol] = Traded(before.qty + qty, before.notional + qty * price)
