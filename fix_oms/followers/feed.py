"""From one tracked engine to any number of subscribers: who is told what, and in which order.

All that changes goes through here once (``tell``): it is kept for who comes back, and encoded once
for all who asked for the same. No I/O: frames are queued, the ``mirror`` sends them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from fix_oms.followers import whole
from fix_oms.followers.recent import Recent
from fix_oms.followers.subscriber import Subscriber
from fix_oms.followers.tracked import Tracked, Wants
from fix_oms.journal.scan import Record
from fix_oms.model import protocol, stream
from fix_oms.model.inputs import Input
from fix_oms.model.outputs import Output
from fix_oms.model.stream import FIELDS, Delta, Lagging, Pages, Snapshot, Subscribe, WatchBooks
from fix_oms.model.talk_routing import Book

PIECE: Final = 1_000
"""Values of one field in one frame, which stays far below the largest one that is allowed."""
PAGE_ROOM: Final = 256 << 10
"""The next page is made when no more than this waits for the subscriber."""
_EMPTY: Final[dict[str, Any]] = {
    field: None if field in ("conditions", "halts", "feeds", "exposure_rows") else ()
    for fields in FIELDS.values()
    for field in fields
}
Books = Mapping[tuple[str, int], Book]


class Feed:
    """``subscribers`` are all who are connected; ``now_s`` is the caller's clock, set by it."""

    def __init__(self, tracked: Tracked, recent: Recent) -> None:
        self.tracked: Final = tracked
        self.recent: Final = recent
        self.subscribers: Final[list[Subscriber]] = []
        self.now_s = 0.0

    # -- what happens ---------------------------------------------------------------------------

    def took(self, record: Record, value: Input, outputs: list[Output]) -> None:
        """The engine has taken a record of the journal."""
        delta = self.tracked.took(record, value, outputs)
        self.recent.took(record.index, self.tracked.head)
        if delta is not None:
            self.tell(delta)

    def sweep(self, now: int, *, thorough: bool) -> None:
        """Tell what moves with the market, as it is by now."""
        swept = self.tracked.sweep(now, self._wants(), thorough=thorough)
        if swept.books or _has_pages(swept.delta):
            self.tell(swept.delta, swept.books)

    def settle(self) -> None:
        """Everybody learns how far the journal has been read, also of what concerns nobody."""
        for subscriber in self.subscribers:
            if subscriber.follows and subscriber.through < self.tracked.through:
                self._bring_up(subscriber)

    def tell(self, delta: Delta, books: Books | None = None) -> None:
        """This has changed."""
        if _has_pages(delta):
            self.recent.add(delta)
        framed: dict[Any, list[bytes]] = {}
        for subscriber in self.subscribers:
            if subscriber.lagging:
                subscriber.note(delta)
            elif subscriber.follows:
                self._give_delta(subscriber, delta, books or {}, framed)

    # -- who listens ----------------------------------------------------------------------------

    def subscribe(self, subscriber: Subscriber, asked: Subscribe) -> str:
        """Begin, or begin anew. Why not, in words; else empty."""
        wrong = _wrong(asked.topics, asked.books, asked.depth) or _wrong_snapshot(asked)
        if wrong:
            return wrong
        again, subscriber.follows = subscriber.follows, False
        subscriber.asked, subscriber.subscribed = asked, True
        subscriber.fields = frozenset(f for topic in asked.topics for f in FIELDS[topic])
        if subscriber.lagging:
            return ""  # it is given a snapshot when it has read what is on its way
        self.sweep(self.tracked.time_ns, thorough=True)
        if asked.after is None:
            self._begin(subscriber, asked, "replaced" if again else "")
            return ""
        missed = self.recent.since(asked.after, asked.head)
        if isinstance(missed, str):
            self._begin(subscriber, asked, missed)
            return ""
        subscriber.through, subscriber.head = asked.after, asked.head
        subscriber.follows, subscriber.pages = True, None
        for delta in (*missed, *self._refreshed(subscriber)):
            self._give_delta(subscriber, delta, {}, {})
        self._bring_up(subscriber)
        return ""

    def watch(self, subscriber: Subscriber, asked: WatchBooks) -> str:
        """Other books from now on. Why not, in words; else empty."""
        wrong = _wrong((), asked.books, asked.depth)
        if wrong:
            return wrong
        before = subscriber.asked
        known = set(before.books) if asked.depth == before.depth else set()
        subscriber.asked = msgspec.structs.replace(before, books=asked.books, depth=asked.depth)
        self.sweep(self.tracked.time_ns, thorough=False)
        new = [symbol for symbol in asked.books if symbol not in known]
        if subscriber.follows and new:
            self._bring_up(subscriber)
            books = whole.books(self.tracked, new, asked.depth)
            self._give(subscriber, Delta(after=subscriber.through, **self._stamp(books=books)))
        return ""

    def tend(self) -> None:
        """Go on with snapshots, begin those of who has caught up, show the silent that we live."""
        for subscriber in self.subscribers:
            if subscriber.lagging and not subscriber.queued:
                dropped, asked = subscriber.caught_up()
                self._give(subscriber, Lagging(dropped=dropped))
                self._begin(subscriber, asked, "lagging")
            if subscriber.pages is not None and subscriber.queued < PAGE_ROOM:
                self._next_page(subscriber)
            quiet_s = self.now_s - subscriber.silent_since_s
            if subscriber.follows and quiet_s >= stream.ALIVE_S:
                self._bring_up(subscriber)

    # -- inside ---------------------------------------------------------------------------------

    def _wants(self) -> Wants:
        """What somebody wants."""
        topics: set[str] = set()
        books: set[tuple[str, int]] = set()
        for subscriber in self.subscribers:
            topics.update(subscriber.asked.topics)
            books.update((symbol, subscriber.asked.depth) for symbol in subscriber.asked.books)
        return Wants(frozenset(topics), frozenset(books))

    def _begin(self, subscriber: Subscriber, asked: Subscribe, reason: str) -> None:
        """The first page of a snapshot; the others follow as it reads."""
        subscriber.pages = whole.pages(self.tracked, asked, reason)
        subscriber.through, subscriber.head = self.tracked.through, self.tracked.head
        subscriber.follows = True
        self._next_page(subscriber)

    def _next_page(self, subscriber: Subscriber) -> None:
        assert subscriber.pages is not None
        page = next(subscriber.pages, None)
        if page is None:
            subscriber.has_all()
            return
        if subscriber.through < page.through:
            self._bring_up(subscriber)
        if _has_pages(page) or page.first or page.last:
            self._give(subscriber, page)

    def _refreshed(self, subscriber: Subscriber) -> Iterator[Delta]:
        """All that is swept, for who has missed some of it."""
        tracked, fields = self.tracked, set(subscriber.fields)
        books = whole.books(tracked, subscriber.asked.books, subscriber.asked.depth)
        after = tracked.through
        yield Delta(after=after, **self._stamp(books=books, **whole.lists(tracked, fields)))
        for field, rows in whole.tables(tracked, fields):
            yield Delta(after=after, **self._stamp(**{field: rows}))
        if "parents" in fields:
            yield Delta(after=after, **self._stamp(parents=tuple(tracked.parents.held.values())))

    def _stamp(self, **fields: Any) -> dict[str, Any]:
        return {**self.tracked.stamp(), **fields}

    def _bring_up(self, subscriber: Subscriber) -> None:
        """Nothing that it asked for has changed up to here."""
        self._give(subscriber, Delta(after=subscriber.through, **self.tracked.stamp()))

    def _give_delta(
        self, subscriber: Subscriber, delta: Delta, books: Books, framed: dict[Any, list[bytes]]
    ) -> None:
        """What of it concerns the subscriber. ``framed`` holds what was encoded for others."""
        asked = subscriber.asked
        mine = tuple(book for s in asked.books if (book := books.get((s, asked.depth))) is not None)
        key = (subscriber.fields, asked.books, asked.depth, subscriber.through)
        frames = framed.get(key)
        if frames is None:
            left_out = {f: empty for f, empty in _EMPTY.items() if f not in subscriber.fields}
            if mine:
                left_out["books"] = mine
            own = msgspec.structs.replace(delta, after=subscriber.through, **left_out)
            framed[key] = frames = (
                [protocol.frame(piece) for piece in _pieces(own, subscriber.head)]
                if _has_pages(own)
                else []
            )
        for frame in frames:
            subscriber.give(frame, self.now_s)
        if frames:
            self._told(subscriber, delta)

    def _give(self, subscriber: Subscriber, event: Snapshot | Delta | Lagging) -> None:
        paced = not isinstance(event, Delta)
        subscriber.give(protocol.frame(event), self.now_s, paced=paced)
        if isinstance(event, Pages):
            self._told(subscriber, event)

    def _told(self, subscriber: Subscriber, pages: Pages) -> None:
        if subscriber.lagging:
            subscriber.note(pages)
        subscriber.through, subscriber.head = pages.through, pages.head


def _has_pages(pages: Pages) -> bool:
    """Whether it holds any value, but for where it stands."""
    return bool(pages.books) or any(getattr(pages, f) != empty for f, empty in _EMPTY.items())


def _pieces(delta: Delta, head: str) -> Iterator[Delta]:
    """The delta in frames of bearable size. Those before the last one end where it begins, at the
    record whose head is given: who is cut off between two of them is told all of it again."""
    fields = {f: value for f in _EMPTY if (value := getattr(delta, f))}
    longest = max(map(len, fields.values()), default=0)
    for begin in range(0, longest - PIECE, PIECE):
        some = {f: value[begin : begin + PIECE] for f, value in fields.items() if f not in _LISTS}
        yield msgspec.structs.replace(
            delta, through=delta.after, head=head, books=(), **{**_EMPTY, **some}
        )
    if longest > PIECE:
        begin = (longest - 1) // PIECE * PIECE
        rest = {f: v if f in _LISTS else v[begin:] for f, v in fields.items()}
        delta = msgspec.structs.replace(delta, **rest)
    yield delta


_LISTS: Final = frozenset(field for field, empty in _EMPTY.items() if empty is None)


def _wrong(topics: tuple[str, ...], books: tuple[str, ...], depth: int) -> str:
    unknown = sorted(set(topics) - FIELDS.keys())
    if unknown:
        return f"topics: {unknown[0]!r} is none of {', '.join(FIELDS)}"
    if len(books) > stream.MOST_SYMBOLS:
        return f"books: {len(books)} symbols are more than {stream.MOST_SYMBOLS}"
    return f"depth: {depth} is below 0" if depth < 0 else ""


def _wrong_snapshot(asked: Subscribe) -> str:
    if asked.history < -1:
        return f"history: {asked.history} is below -1"
    if asked.after is not None and asked.after < -1:
        return f"after: {asked.after} is below -1"
    for field in ("orders", "parents"):
        if len(getattr(asked, field)) > stream.MOST_NAMES:
            return f"{field}: more than {stream.MOST_NAMES} names"
    return ""
