"""Market data of a venue: who asked for which book (V), its snapshot (W), and its changes (X).

A subscription remembers the levels it has shown. After each act of the venue the levels are looked
at again, and what differs leaves as one X: so X can never disagree with the book, however the book
came to change. Levels are named by symbol, side and price; there is no MDEntryID(278).
Each change of a symbol has a number, RptSeq(83), one higher than the last that its session was
told; a snapshot's entries bear the last one.
What is hidden in a book is nowhere in it, and of a dark venue trades alone are told.
A subscription ends with its session (FIX 4.4 volume 3) and with a restart of the venue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from fix_oms.model.fix import MDEntryType, MDUpdateAction, SubscriptionRequestType
from fix_oms.model.messages import (
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataRequestReject,
    MarketDataSnapshot,
    MDEntry,
    Report,
)
from fix_oms.model.units import Fixed
from fix_oms.simulator.book import MatchingBook

UNKNOWN_SYMBOL: Final = "0"
DUPLICATE_ID: Final = "1"
UNSUPPORTED_REQUEST_TYPE: Final = "4"
"""MDReqRejReason(281)."""

_SIDES: Final = ((MDEntryType.BID, True), (MDEntryType.OFFER, False))
_LevelKey = tuple[str, Fixed]


class _Subscription:
    def __init__(self, request: MarketDataRequest) -> None:
        self.request: Final = request
        self.shown: dict[str, dict[_LevelKey, Fixed]] = {}
        self.version: dict[str, tuple[int, bool]] = {}


class Feed:
    """The market data side of a venue."""

    def __init__(
        self,
        books: Mapping[str, MatchingBook],
        tell: Callable[[str, Report], None],
        is_dark: Callable[[], bool],
    ) -> None:
        self._books: Final = books
        self._is_dark: Final = is_dark
        self._tell: Final = tell
        self._subscriptions: dict[tuple[str, str], _Subscription] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def request(self, session: str, request: MarketDataRequest) -> None:
        kind, key = request.subscription_request_type, (session, request.md_req_id)
        if kind == SubscriptionRequestType.UNSUBSCRIBE:
            self._subscriptions.pop(key, None)
            return
        unknown = [symbol for symbol in request.symbols if symbol not in self._books]
        if kind not in (SubscriptionRequestType.SNAPSHOT, SubscriptionRequestType.SUBSCRIBE):
            text = f"SubscriptionRequestType(263) {kind} is not taken"
            self._refuse(session, request, UNSUPPORTED_REQUEST_TYPE, text)
        elif unknown:
            text = f"unknown Symbol(55) {', '.join(unknown)}"
            self._refuse(session, request, UNKNOWN_SYMBOL, text)
        elif key in self._subscriptions:
            text = f"MDReqID(262) {request.md_req_id} is in use"
            self._refuse(session, request, DUPLICATE_ID, text)
        else:
            subscription = _Subscription(request)
            for symbol in request.symbols:
                self._snapshot(session, subscription, symbol)
            if kind == SubscriptionRequestType.SUBSCRIBE:
                self._subscriptions[key] = subscription

    def drop(self, session: str | None = None) -> None:
        """Forget the subscriptions of a session, or all."""
        for key in list(self._subscriptions):
            if session is None or key[0] == session:
                del self._subscriptions[key]

    def publish(self, prints: list[tuple[str, Fixed, Fixed]]) -> None:
        """Tell every subscriber what has changed since it was last told, trades included."""
        for (session, md_req_id), subscription in self._subscriptions.items():
            entries: list[MDEntry] = []
            for symbol in subscription.request.symbols:
                entries += [
                    _entry(MDUpdateAction.NEW, symbol, MDEntryType.TRADE, price, quantity)
                    for traded, price, quantity in prints
                    if traded == symbol
                ]
                entries += self._changes(subscription, symbol)
            if entries:
                numbered = tuple([self._numbered(session, entry) for entry in entries])
                update = MarketDataIncremental(entries=numbered, md_req_id=md_req_id)
                self._tell(session, update)
        prints.clear()

    def _numbered(self, session: str, entry: MDEntry) -> MDEntry:
        key = (session, entry.symbol or "")
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        return msgspec.structs.replace(entry, rpt_seq=number)

    def _levels(self, request: MarketDataRequest, symbol: str) -> dict[_LevelKey, Fixed]:
        book = self._books[symbol]
        if self._is_dark():
            return {}
        return {
            (kind, price): size
            for kind, buy in _SIDES
            for price, size in book.levels(buy, request.market_depth)
        }

    def _snapshot(self, session: str, subscription: _Subscription, symbol: str) -> None:
        book, request = self._books[symbol], subscription.request
        levels = subscription.shown[symbol] = self._levels(request, symbol)
        subscription.version[symbol] = (book.version, self._is_dark())
        shown = [(kind, price, size) for (kind, price), size in levels.items()]
        if book.last_px is not None:
            shown.append((MDEntryType.TRADE, book.last_px, book.last_qty))
        number = self._numbers.get((session, symbol), 0)
        entries = [
            MDEntry(entry_type=kind, price=price, size=size, rpt_seq=number)
            for kind, price, size in shown
        ]
        self._tell(
            session,
            MarketDataSnapshot(symbol=symbol, entries=tuple(entries), md_req_id=request.md_req_id),
        )

    def _changes(self, subscription: _Subscription, symbol: str) -> list[MDEntry]:
        """Levels that went, then those that are new or of another size."""
        version = (self._books[symbol].version, self._is_dark())
        if subscription.version[symbol] == version:
            return []
        subscription.version[symbol] = version
        before = subscription.shown[symbol]
        now = subscription.shown[symbol] = self._levels(subscription.request, symbol)
        gone = [
            _entry(MDUpdateAction.DELETE, symbol, kind, price, size)
            for (kind, price), size in before.items()
            if (kind, price) not in now
        ]
        moved = []
        for (kind, price), size in now.items():
            old = before.get((kind, price))
            if old != size:
                action = MDUpdateAction.NEW if old is None else MDUpdateAction.CHANGE
                moved.append(_entry(action, symbol, kind, price, size))
        return gone + moved

    def _refuse(self, session: str, request: MarketDataRequest, reason: str, text: str) -> None:
        reject = MarketDataRequestReject(
            md_req_id=request.md_req_id, md_req_rej_reason=reason, text=text
        )
        self._tell(session, reject)


def _entry(action: str, symbol: str, kind: str, price: Fixed, size: Fixed) -> MDEntry:
    return MDEntry(entry_type=kind, price=price, size=size, action=action, symbol=symbol)
