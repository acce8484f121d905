"""The stream's language: how whatever a program shows of a running engine stays current.

A *mirror* is a process beside the engine that reads its journal and never speaks to it
(``followers.mirror``). Its socket has the control socket's frames (``protocol``): four bytes of
length and msgpack, Hello and Welcome (or Failed) first. Then the client sends one
:class:`Subscribe`, and from there on only the mirror speaks, but for :class:`WatchBooks`.

*The sequence number is the journal's record index.* It means the same over restarts of the engine,
of the mirror and of the program. ``through`` of an event: all it has told so far is the state after
this record, and -1 is before the first. Each :class:`Delta` begins where the event before it ended
(``after`` is that one's ``through``); where it does not, something is missing, and the connection
is to be made anew.

*What comes.* Where the mirror still holds all that was missed since ``Subscribe.after``, deltas go
on from there. Else a :class:`Snapshot`: one or more pages, ``first`` .. ``last``, each of them true
at its own ``through``, with deltas between them as the engine goes on. Each page and each delta
holds whole values that replace those of the same name, so applying what comes in the order in which
it comes always ends in the right state, which is complete once the page with ``last`` has been
applied. On ``first`` everything that was held before is void: what the snapshot does not bring
again is no longer vouched for (``reason`` says why it had to come).

*What replaces what.* An order by ``reference``, a fill by ``order`` and ``key``, a position by
account and symbol, a balance by account, a parent and an algo by ``ref`` (an algo comes without its
``schedule`` and ``orders``), a session by name, a book by symbol; ``conditions``, ``halts``,
``exposures`` and ``feeds`` are whole lists (None: unchanged). ``alerts`` are events and replace
nothing.

What the engine itself forgets in time (orders closed for ``engine.keep_days``) nobody is told to
forget: it is in no later snapshot.

*How fine.* A record that changes orders or brings executions has a delta of its own, so that each
OrdStatus and each execution is seen. Each of these comes with the positions that it moved. Books,
and what only moves with the market (unrealised profit), come when things are still, and at least
every :data:`SWEPT_S` seconds under load. While nothing happens an empty delta (``after`` equals
``through``) comes every :data:`ALIVE_S` seconds: so one that is silent for longer is stuck.

A subscriber that does not read is not waited for. Once more than :data:`MOST_QUEUED` bytes wait for
it they are dropped; when it reads again it is told :class:`Lagging`, and a snapshot follows.

To add a topic: its name and fields in :data:`FIELDS`, and these fields, with defaults, in
:class:`Pages`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.model.outputs import Alert
from fix_oms.model.talk import Failed, Hello, Row, Tagged, Welcome, views_of
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.talk_routing import Book
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    OrderView,
    ParentView,
    PositionView,
    SessionView,
)

ORDERS: Final = "orders"
FILLS: Final = "fills"
POSITIONS: Final = "positions"
BALANCES: Final = "balances"
PARENTS: Final = "parents"
SESSIONS: Final = "sessions"
ALERTS: Final = "alerts"
"""Alerts as they happen, and ``conditions``: what is wrong now."""
HALTS: Final = "halts"
ALGOS: Final = "algos"
EXPOSURES: Final = "exposures"
FEEDS: Final = "feeds"
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    ORDERS: ("orders",),
    FILLS: ("fills",),
    POSITIONS: ("position_rows",),
    BALANCES: ("balance_rows",),
    PARENTS: ("parents",),
    SESSIONS: ("sessions",),
    ALGOS: ("algos",),
    ALERTS: ("alerts", "conditions"),
    HALTS: ("halts",),
    EXPOSURES: ("exposure_rows",),
    FEEDS: ("feeds",),
}
"""Which fields of Snapshot and Delta a topic has."""
TOPICS: Final = tuple(FIELDS)
"""What can be subscribed to; books are asked for by symbol. One that the mirror does not know is
refused by a Failed(code="request")."""

HISTORY: Final = 1_000
"""So many of the newest orders come in a snapshot, closed ones too, unless otherwise asked."""
SWEPT_S: Final = 0.1
ALIVE_S: Final = 1.0
MOST_QUEUED: Final = 8 << 20
MOST_NAMES: Final = 50_000
"""Orders that one Subscribe may name, and parents."""
MOST_SYMBOLS: Final = 1_000
"""Books that one subscriber may watch."""


# -- the control socket's part ---------------------------------------------------------------------


class GetStream(Tagged, frozen=True, kw_only=True, tag="stream"):
    """Where is the mirror? The engine starts one if none runs. Answered by :class:`StreamAt`, or
    by Failed(code="stream") where none can be started just now."""


class GetHead(Tagged, frozen=True, kw_only=True, tag="head"):
    """How far is the journal? Answered by :class:`Head`."""


class Head(Tagged, frozen=True, kw_only=True, tag="head"):
    """The index of the last record: a stream that has come through it has seen all there is."""

    index: int


class StreamAt(Tagged, frozen=True, kw_only=True, tag="stream"):
    """The mirror's socket and process. It listens as soon as it has read the journal, so that a
    connection may be refused for a while yet."""

    path: str
    pid: int


# -- what a subscriber says ------------------------------------------------------------------------


class Subscribe(Tagged, frozen=True, kw_only=True, tag="subscribe"):
    """From now on tell me of these ``topics``, and of the books of these symbols (``depth`` levels
    of each venue and side, 0: all).

    ``after``: all up to this record I have already (None: nothing); ``head`` is then the ``head``
    of the event that ended there, by which a journal that was cut, or is another one, is found
    out. A snapshot holds all open orders, the ``history`` newest ones whatever their state
    (-1: all), and those named in ``orders``, which is for those that I hold as open; their
    executions with them. ``parents`` is the same for parents. Where there are more pages than one
    they are paced by how fast I read.
    """

    topics: tuple[str, ...] = TOPICS
    books: tuple[str, ...] = ()
    depth: int = 0
    after: int | None = None
    head: str = ""
    history: int = HISTORY
    orders: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


class WatchBooks(Tagged, frozen=True, kw_only=True, tag="watch"):
    """From now on the books of these symbols and no others. New ones come with the next delta."""

    books: tuple[str, ...]
    depth: int = 0


# -- what the mirror says --------------------------------------------------------------------------


class Pages(Tagged, frozen=True, kw_only=True, omit_defaults=True):
    """What snapshots and deltas have in common: whole values, and the record after which they are
    so. ``time_ns`` is that record's time. Only what changed is there, and only of topics asked for.

    Positions, balances and exposures cross the wire as text; the properties give the views.
    """

    through: int
    time_ns: int
    head: str = ""
    """Of the journal's chain after that record, shortened: for ``Subscribe.head``."""
    orders: tuple[OrderView, ...] = ()
    fills: tuple[FillView, ...] = ()
    parents: tuple[ParentView, ...] = ()
    sessions: tuple[SessionView, ...] = ()
    algos: tuple[AlgoView, ...] = ()
    books: tuple[Book, ...] = ()
    alerts: tuple[Alert, ...] = ()
    conditions: tuple[AlertView, ...] | None = None
    halts: tuple[HaltView, ...] | None = None
    feeds: tuple[FeedView, ...] | None = None
    position_rows: tuple[Row, ...] = ()
    balance_rows: tuple[Row, ...] = ()
    exposure_rows: tuple[Row, ...] | None = None

    @property
    def positions(self) -> tuple[PositionView, ...]:
        return views_of(self.position_rows, PositionView)

    @property
    def balances(self) -> tuple[BalanceView, ...]:
        return views_of(self.balance_rows, BalanceView)

    @property
    def exposures(self) -> tuple[ExposureView, ...] | None:
        return None if self.exposure_rows is None else views_of(self.exposure_rows, ExposureView)


class Snapshot(Pages, frozen=True, kw_only=True, omit_defaults=True, tag="snapshot"):
    """A page of the whole. On ``first`` forget what you hold; with ``last`` it is complete.

    ``reason`` says why it is no delta: empty for who asked for one, else ``lagging``, ``old`` (more
    was missed than the mirror holds), ``journal`` (the record in ``after`` is not in this journal:
    it was cut, or is another one) or ``replaced`` (another Subscribe on this connection).
    """

    first: bool = False
    last: bool = False
    reason: str = ""


class Delta(Pages, frozen=True, kw_only=True, omit_defaults=True, tag="delta"):
    """What the records behind ``after``, up to and with ``through``, have changed.

    One that holds no pages only says that those records changed nothing of what was asked for.
    """

    after: int


class Lagging(Tagged, frozen=True, kw_only=True, tag="lagging"):
    """You read too slowly: ``dropped`` bytes that waited for you are dropped. A snapshot follows.

    Order states and executions in between are not told one by one; the snapshot has what came of
    them.
    """

    dropped: int


StreamRequest = Hello | Subscribe | WatchBooks
StreamEvent = Welcome | Failed | Snapshot | Delta | Lagging

_requests: Final = msgspec.msgpack.Decoder(StreamRequest)
_events: Final = msgspec.msgpack.Decoder(StreamEvent)


def stream_request(body: bytes) -> StreamRequest:
    """The request in a frame's body. Raises msgspec.DecodeError for one that holds none."""
    decoded: StreamRequest = _requests.decode(body)
    return decoded


def stream_event(body: bytes) -> StreamEvent:
    """The event in a frame's body. Raises msgspec.DecodeError for one that holds none."""
    decoded: StreamEvent = _events.decode(body)
    return decoded
