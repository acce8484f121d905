"""What a subscriber holds: pages and deltas applied in the order in which they come, and nothing
else known. And the same out of an engine, to compare with."""

from __future__ import annotations

from typing import Any

import msgspec

from fix_oms.engine.shown import Shown
from fix_oms.model.outputs import Alert
from fix_oms.model.stream import Delta, Pages, Snapshot
from fix_oms.model.views import FillView, PositionView

Facts = dict[str, dict[Any, Any]]
_FLAT = ("bought", "sold", "open_buy", "open_sell", "opening")
_ENDED = frozenset("248C")


class Held:
    """``states`` are the OrdStatus and CumQty that each order went through, as far as it was told;
    ``begun`` says where each snapshot began."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.through = -1
        self.head = ""
        self.complete = False
        self.orders: dict[str, Any] = {}
        self.fills: dict[tuple[str, str], Any] = {}
        self.positions: dict[tuple[str, str], Any] = {}
        self.balances: dict[str, Any] = {}
        self.parents: dict[str, Any] = {}
        self.sessions: dict[str, Any] = {}
        self.algos: dict[str, Any] = {}
        self.books: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.alerts: list[Alert] = []
        self.fills_told: list[FillView] = []
        self.states: dict[str, list[tuple[str, int]]] = {}

    def take(self, pages: Pages) -> None:
        if isinstance(pages, Delta):
            assert pages.after == self.through
        elif isinstance(pages, Snapshot) and pages.first:
            states, begun = self.states, self.begun
            Held.__init__(self)
            self.states, self.begun = states, [*begun, pages.through]
        elif isinstance(pages, Snapshot):
            assert pages.through == self.through
        self.through, self.head = pages.through, pages.head
        for order in pages.orders:
            told = self.states.setdefault(order.reference, [])
            if not told or told[-1] != (order.ord_status, order.cum_qty):
                told.append((order.ord_status, order.cum_qty))
        self.alerts += pages.alerts
        self.orders |= {view.reference: view for view in pages.orders}
        self.fills_told += pages.fills
        self.fills |= {(view.order, view.key): view for view in pages.fills}
        self.positions |= {(view.account, view.symbol): view for view in pages.positions}
        self.balances |= {view.account: view for view in pages.balances}
        self.parents |= {view.ref: view for view in pages.parents}
        self.sessions |= {view.name: view for view in pages.sessions}
        self.algos |= {view.ref: view for view in pages.algos}
        self.books |= {book.symbol: _ageless(book) for book in pages.books}
        for name in ("conditions", "halts", "feeds", "exposures"):
            if (listed := getattr(pages, name)) is not None:
                self.lists[name] = listed
        if isinstance(pages, Snapshot) and pages.last:
            self.complete = True

    def by_record(self) -> Facts:
        """What every record tells at once."""
        return {"orders": self.orders, "fills": self.fills}

    def facts(self) -> Facts:
        """All of it; flat positions are none."""
        positions = {place: view for place, view in self.positions.items() if not _is_flat(view)}
        return {
            **self.by_record(),
            "positions": positions,
            "balances": self.balances,
            "parents": self.parents,
            "sessions": self.sessions,
            "algos": self.algos,
            "books": self.books,
            "lists": self.lists,
        }


def shown_by_record(shown: Shown) -> Facts:
    """As :meth:`Held.by_record`, of an engine."""
    orders = shown.order_views(False, 1 << 60, "")
    fills = shown.fill_views(None, 1 << 60, 0)
    return {
        "orders": {view.reference: view for view in orders},
        "fills": {(view.order, view.key): view for view in fills},
    }


def shown_facts(shown: Shown, books: tuple[str, ...] = ()) -> Facts:
    """As :meth:`Held.facts`, of an engine."""
    return {
        **shown_by_record(shown),
        "positions": {(view.account, view.symbol): view for view in shown.position_views()},
        "balances": {view.account: view for view in shown.balance_views()},
        "parents": {view.ref: view for view in shown.routing.parents(False, 1 << 60, "")},
        "sessions": {view.name: view for view in shown.session_views()},
        "algos": {view.ref: view for view in shown.algos.algos(False, 1 << 60, "")},
        "books": {symbol: _ageless(shown.routing.book(symbol, 0)) for symbol in books},
        "lists": {
            "conditions": tuple(shown.open_alerts()),
            "halts": tuple(shown.halt_views()),
            "feeds": tuple(shown.feed_views()),
            "exposures": tuple(shown.exposure_views()),
        },
    }


def _is_flat(view: PositionView) -> bool:
    return not any(getattr(view, name) for name in _FLAT)


def _ageless(book: Any) -> Any:
    sources = tuple(msgspec.structs.replace(source, age_ns=0) for source in book.sources)
    return msgspec.structs.replace(book, sources=sources)
