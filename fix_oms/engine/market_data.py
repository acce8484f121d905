"""Venues' books: what sessions and feeds tell of them, and what is asked for.

After each logon a session is asked for the books of its instruments (V), as deep as
``supports.market_depth`` says. Where changes are missing (a gap in RptSeq(83)), a new snapshot of
the symbol is asked for: by one request for all symbols that lack it, a second after the last one of
the session at the earliest, and for each symbol after 1 s, 2 s, 4 s … up to a minute. A venue that
refuses such a request is unsubscribed from and subscribed to instead. A feed can be asked nothing:
its book stays out until it sends a snapshot by itself.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND, MarketAsked
from fix_oms.market.states import NEVER, Gap
from fix_oms.market.volumes import prints_of
from fix_oms.model.fix import SubscriptionRequestType
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import (
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataRequestReject,
    MarketDataSnapshot,
)
from fix_oms.model.outputs import Alert, Output
from fix_oms.routing.links import Link

_LONGEST: Final = 60 * SECOND
_REFRESH: Final = "refresh"


class MarketData:
    """Takes it in, and asks for it."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    # -- what is told -------------------------------------------------------------------------

    def snapshot(
        self, now: int, link: Link, message: MarketDataSnapshot, out: list[Output]
    ) -> None:
        """35=W."""
        quotes = self._state.quotes
        quotes.snapshot(link.name, message, now)
        quotes.volumes.snapshot(quotes.places, link.name, message)
        self._state.scores.outflows.watched(link.name, message.symbol, now)
        self._state.mark(link.name, message.symbol)

    def incremental(
        self, now: int, link: Link, message: MarketDataIncremental, out: list[Output]
    ) -> None:
        """35=X."""
        quotes = self._state.quotes
        changed = quotes.incremental(link.name, message, now)
        if prints := prints_of(message):
            quotes.volumes.changed(quotes.places, link.name, prints)
            self._state.scores.outflows.changed(link.name, prints, now)
        for symbol in sorted(changed):
            self._state.mark(link.name, symbol)
        if quotes.begun:
            self._tell_gaps(now, out)
            self._refresh(now, link, out)

    def refused(
        self, now: int, link: Link, message: MarketDataRequestReject, out: list[Output]
    ) -> None:
        """35=Y."""
        text = f"{link.name} refuses market data: {message.text or message.md_req_rej_reason}"
        out.append(_alert("warning", "market_data", text, link.name))
        if message.md_req_id.startswith(_REFRESH):
            self._asked(link).resubscribes = True

    def update(self, now: int, value: BookUpdate, out: list[Output]) -> None:
        """What a feed tells."""
        quotes = self._state.quotes
        if quotes.update(value, now):
            quotes.volumes.fed(value)
            self._state.mark(quotes.places.sessions[value.venue], value.symbol)
            self._state.scores.outflows.fed(value, now)
        if quotes.begun:
            self._tell_gaps(now, out)

    def _tell_gaps(self, now: int, out: list[Output]) -> None:
        quotes = self._state.quotes
        for key in quotes.begun:
            session, _, venue = key
            link = self._state.links.get(session)
            if venue or link is None or not link.settings.supports.market_data:
                quotes.gaps[key].next_ns = NEVER
            at = "" if venue else session
            out.append(_alert("warning", "book_gap", gap_text(key), at, " ".join(key).rstrip()))
        quotes.begun.clear()

    # -- asking -------------------------------------------------------------------------------

    def is_due(self, now: int) -> bool:
        """Whether a snapshot is to be asked for."""
        gaps = self._state.quotes.gaps
        return bool(gaps) and any(gap.next_ns <= now for gap in gaps.values())

    def tick(self, now: int, out: list[Output]) -> None:
        """Time has passed."""
        if self.is_due(now):
            gaps = self._state.quotes.gaps.items()
            for name in sorted({key[0] for key, gap in gaps if gap.next_ns <= now}):
                self._refresh(now, self._state.links[name], out)

    def session_ready(self, link: Link, out: list[Output]) -> None:
        """Subscribe to what trades at the session's venues."""
        if link.settings.supports.market_data:
            self._state.market_asked.pop(link.name, None)
            self._subscribe(link, f"quotes-{link.epoch}-{link.next_out}", out)

    def _subscribe(self, link: Link, name: str, out: list[Output]) -> None:
        symbols = self._state.settings.symbols_of(link.name)
        subscribe = SubscriptionRequestType.SUBSCRIBE
        if symbols and self._request(link, name, subscribe, symbols, out):
            self._asked(link).subscribed = name

    def _refresh(self, now: int, link: Link, out: list[Output]) -> None:
        """Ask for a snapshot of what lacks one, where it is time and the session can be asked."""
        due = {
            key[1]: gap
            for key, gap in self._state.quotes.gaps.items()
            if key[0] == link.name and gap.next_ns <= now
        }
        asked = self._asked(link)
        wait_ns = asked.last_ns + SECOND - now if asked.last_ns else 0
        if wait_ns > 0 or not link.ready:
            for gap in due.values():
                gap.next_ns = now + max(wait_ns, SECOND // 4)
        elif due:
            for gap in due.values():
                _asked_once_more(gap, now)
            asked.count += 1
            asked.last_ns = now
            number = f"{link.epoch}-{link.next_out}-{asked.count}"
            if asked.resubscribes:
                symbols = self._state.settings.symbols_of(link.name)
                stop = SubscriptionRequestType.UNSUBSCRIBE
                self._request(link, asked.subscribed, stop, symbols, out)
                self._subscribe(link, f"quotes-{number}", out)
            else:
                once = SubscriptionRequestType.SNAPSHOT
                self._request(link, f"{_REFRESH}-{number}", once, tuple(due), out)

    def _request(
        self, link: Link, name: str, kind: str, symbols: tuple[str, ...], out: list[Output]
    ) -> bool:
        request = MarketDataRequest(
            md_req_id=name,
            subscription_request_type=kind,
            symbols=symbols,
            market_depth=link.settings.supports.market_depth,
        )
        return self._state.try_send(link.name, request, out)

    def _asked(self, link: Link) -> MarketAsked:
        return self._state.market_asked.setdefault(link.name, MarketAsked())


def gap_text(key: tuple[str, str, str]) -> str:
    """What is wrong with the book of a session or, where one is named, of a feed's venue."""
    session, symbol, venue = key
    return (
        f"changes of {venue or session}'s book of {symbol} are missing: it is not used until it "
        "is told anew"
    )


def _asked_once_more(gap: Gap, now: int) -> None:
    gap.next_ns = now + min(SECOND << min(gap.asked, 6), _LONGEST)
    gap.asked += 1


def _alert(severity: str, code: str, text: str, session: str, subject: str = "") -> Alert:
    return Alert(severity=severity, code=code, text=text, session=session, subject=subject)
