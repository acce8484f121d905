"""An engine that follows a journal, and what each record of it changes of what is shown.

**What a record changes** is told by the step's own outputs: every order that evidence moved
(Changed), that a command concerned (Accepted), or that a message leaves for (Send; a request of
ours is in the order from the moment when its message is asked for). From there it is a short way:
the order's executions, its position, its parent. So a record costs what it touches, and not what
there is. Two records may touch anything: Started, which brings another configuration, and one at
which the step failed; there every open order is told anew.

**What moves with the market**, with time, or with many orders at once (unrealised profit, balances,
sessions, what is wrong, books) is *swept*: looked at whole, compared with what was told, and the
difference told. Who sweeps decides how often; nothing is lost by doing it late, for what is told is
how things stand.

This is the state of one mirror, and no I/O: records go in, deltas come out (``model.stream``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, NamedTuple

import msgspec

from fix_oms.engine import Engine
from fix_oms.engine.shown import Shown
from fix_oms.followers.told import Fills, Table
from fix_oms.journal.scan import Record
from fix_oms.model import stream
from fix_oms.model.inputs import Acted, BookUpdate, Decided, FixIn, Input, SessionDown, Started
from fix_oms.model.outputs import Accepted, Alert, Changed, Output, Send
from fix_oms.model.outputs import Acted as Acts
from fix_oms.model.outputs import Decided as Decision
from fix_oms.model.stream import Delta
from fix_oms.model.talk import rows_of
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.talk_routing import Book
from fix_oms.model.views import BalanceView, ParentView, PositionView, SessionView
from fix_oms.orders.order import Order

_ALL: Final = 1 << 62
_STATUS_REQUEST: Final = "35=H"
_MARKET_DATA: Final = ("\x0135=W\x01", "\x0135=X\x01")
_LISTS: Final[dict[str, tuple[str, Callable[[Shown], tuple[Any, ...]]]]] = {
    stream.ALERTS: ("conditions", lambda shown: tuple(shown.open_alerts())),
    stream.HALTS: ("halts", lambda shown: tuple(shown.halt_views())),
    stream.FEEDS: ("feeds", lambda shown: tuple(shown.feed_views())),
    stream.EXPOSURES: ("exposure_rows", lambda shown: rows_of(shown.exposure_views())),
}
"""Topics that are told as whole lists: the field, and how it is made."""


class Wants(NamedTuple):
    """What a sweep is for: topics, and books as (symbol, depth)."""

    topics: frozenset[str]
    books: frozenset[tuple[str, int]] = frozenset()


class Swept(NamedTuple):
    """What a sweep found: a delta without books, and the books that changed."""

    delta: Delta
    books: dict[tuple[str, int], Book]


class Tracked:
    """The engine at the record ``through``, whose time is ``time_ns``, and what was told of it."""

    def __init__(self, engine: Engine, through: int, time_ns: int, head: str) -> None:
        self.engine: Final = engine
        self.through = through
        self.time_ns = time_ns
        self.head = head
        self.positions: Final = Table[PositionView](lambda view: (view.account, view.symbol))
        self.balances: Final = Table[BalanceView](lambda view: view.account)
        self.sessions: Final = Table[SessionView](lambda view: view.name)
        self.parents: Final = Table[ParentView](lambda view: view.ref)
        self.algos: Final = Table[AlgoView](lambda view: view.ref)
        self.lists: Final[dict[str, tuple[Any, ...]]] = {}
        """By field, as last told."""
        self.books: Final[dict[tuple[str, int], Book]] = {}
        self._fills: Final = Fills()
        self._stirred: set[str] = set()
        self._all_stirred = True
        if engine.run:
            shown = engine.shown(time_ns)
            for order in engine.state.book.open.values():
                self._fills.known(order, shown)
            self.sweep(time_ns, Wants(frozenset()), thorough=True)

    # -- record by record -----------------------------------------------------------------------

    def took(self, record: Record, value: Input, outputs: list[Output]) -> Delta | None:
        """A record has been taken. What it has changed; None where nothing that is told at once.

        The delta's ``after`` is to be set by who knows what was told before.
        """
        self.through, self.time_ns = record.index, record.time_ns
        self.head = head_of(record.digest)
        self._stir(value)
        names = {name for output in outputs if (name := _touched(output))}
        alerts = tuple(output for output in outputs if type(output) is Alert)
        if type(value) is Started or any(alert.code == "fault" for alert in alerts):
            names.update(self.engine.state.book.open)
        if isinstance(value, Decided):
            names.add(value.decision.parent)
        elif isinstance(value, Acted):
            names.add(value.acts.algo)
        if not names:
            return self._delta(alerts=alerts) if alerts else None
        orders, parents, algos = self._named(names)
        shown = self.shown(self.time_ns)
        return self._delta(
            orders=tuple([shown.view_of(order) for order in orders]),
            fills=tuple([fill for order in orders for fill in self._fills.changes(order, shown)]),
            position_rows=rows_of(self._moved(orders, shown)),
            parents=tuple(self.parents.changes(_there(shown.routing.parent_view, parents))),
            algos=tuple(self.algos.changes(_there(shown.algos.algo_view, algos))),
            alerts=alerts,
        )

    def _named(self, names: Iterable[str]) -> tuple[list[Order], list[str], list[str]]:
        """The orders, parents and algos that these references stand for; parents of orders too."""
        state = self.engine.state
        orders: list[Order] = []
        parents: dict[str, None] = {}
        algos: list[str] = []
        for name in sorted(names):
            order = self.order(name)
            if order is not None:
                orders.append(order)
                parent = state.gate.parents.of(order)
                name = parent.ref if parent is not None else ""
            if name in state.gate.parents.parents:
                parents[name] = None
            if name in state.algos.algos:
                algos.append(name)
        return orders, list(parents), algos

    def _moved(self, orders: Iterable[Order], shown: Shown) -> list[PositionView]:
        """The positions of these orders that are not as they were told."""
        places = sorted({(order.account, order.symbol) for order in orders})
        views = []
        for place in places:
            view, told = shown.position_view(*place), self.positions.held.get(place)
            if view is not None:
                breaks = told.breaks if told is not None else 0  # swept: a drop copy counts them
                views.append(msgspec.structs.replace(view, breaks=breaks))
        return self.positions.changes(views)

    def _stir(self, value: Input) -> None:
        """Note whose books the record may have changed."""
        if isinstance(value, FixIn):
            start = value.text[:40]
            self._all_stirred |= any(mark in start for mark in _MARKET_DATA)
        elif isinstance(value, BookUpdate):
            self._stirred.add(value.symbol)
        elif isinstance(value, SessionDown | Started):
            self._all_stirred = True

    # -- all at once ----------------------------------------------------------------------------

    def sweep(self, now: int, wants: Wants, *, thorough: bool) -> Swept:
        """What is otherwise than it was told, at the time ``now``, beside what records tell.

        ``thorough`` looks also at what costs more: lists, and every live parent and algo.
        """
        if not self.engine.run:
            return Swept(self._delta(), {})
        shown = self.shown(now)
        found: dict[str, Any] = {
            "position_rows": rows_of(self._positions(shown)),
            "balance_rows": rows_of(self.balances.changes(shown.balance_views())),
            "sessions": tuple(self.sessions.changes(shown.session_views())),
        }
        if thorough:
            found["parents"] = tuple(self._parents(shown))
            found["algos"] = tuple(self._algos(shown))
            for topic in wants.topics & _LISTS.keys():
                field, made = _LISTS[topic]
                listed = made(shown)
                if self.lists.get(field) != listed:
                    found[field] = self.lists[field] = listed
        return Swept(self._delta(**found), self._books(shown, wants.books, thorough))

    def _positions(self, shown: Shown) -> list[PositionView]:
        views = shown.position_views()
        there = {(view.account, view.symbol) for view in views}
        flat = [place for place in self.positions.held if place not in there]
        views += _there(lambda place: shown.position_view(*place), flat)
        return self.positions.changes(views)

    def _parents(self, shown: Shown) -> list[ParentView]:
        views = shown.routing.parents(True, _ALL, "")
        return self.parents.living(views, lambda ref: shown.routing.parent_view(str(ref)))

    def _algos(self, shown: Shown) -> list[AlgoView]:
        views = shown.algos.algos(True, _ALL, "")
        return self.algos.living(views, lambda ref: shown.algos.algo_view(str(ref)))

    def _books(
        self, shown: Shown, wanted: frozenset[tuple[str, int]], thorough: bool
    ) -> dict[tuple[str, int], Book]:
        """The books asked for that are not as they were told. With a thorough sweep all are looked
        at: a book goes stale by time alone."""
        for place in self.books.keys() - wanted:
            del self.books[place]
        every, stirred = thorough or self._all_stirred, self._stirred
        self._all_stirred, self._stirred = False, set()
        found = {}
        for place in wanted:
            told = self.books.get(place)
            if told is None or every or place[0] in stirred:
                book = shown.routing.book(*place)
                if told is None or _essence(book) != _essence(told):
                    found[place] = self.books[place] = book
        return found

    # -- for whoever looks ----------------------------------------------------------------------

    def shown(self, now: int) -> Shown:
        """Views of the engine, not before the last record's time."""
        return self.engine.shown(max(now, self.time_ns))

    def order(self, reference: str) -> Order | None:
        """The order of exactly this reference: other orders may bear it as another name."""
        book = self.engine.state.book
        order = book.by_cl_ord_id(reference)
        if order is not None and order.reference == reference:
            return order
        return next((o for o in book.candidates(reference) if o.reference == reference), None)

    def stamp(self) -> dict[str, Any]:
        """The fields of a page that say after which record it is so."""
        return {"through": self.through, "time_ns": self.time_ns, "head": self.head}

    def _delta(self, **fields: Any) -> Delta:
        return Delta(after=self.through, **self.stamp(), **fields)


def head_of(digest: bytes) -> str:
    """A digest of the journal's chain as the stream tells it."""
    return digest[:8].hex()


def _touched(output: Output) -> str:
    """The reference of what the output says is otherwise now, or empty."""
    if isinstance(output, Changed | Accepted):
        return output.order
    if isinstance(output, Decision):
        return output.decision.parent
    if isinstance(output, Acts):
        return output.acts.algo
    if isinstance(output, Send) and not output.text.startswith(_STATUS_REQUEST):
        return output.chain
    return ""


def _there(look: Callable[[Any], Any], keys: Iterable[Hashable]) -> list[Any]:
    return [view for key in keys if (view := look(key)) is not None]


def _essence(book: Book) -> tuple[object, ...]:
    """A book without its age, which grows while nothing happens."""
    states = tuple((source.venue, source.state) for source in book.sources)
    return (book.rows, states, book.bid, book.offer, book.middle)
