"""The engine's state as this program has it: made of the stream's events, and of what was sent.

Pure but for the handlers that it wakes: events in, pages out. Every value that comes replaces the
one of its name, so an event applied twice changes nothing, and what a snapshot brings again as it
was is told to nobody. While a snapshot is coming the pages stay as they are; with its last page
they change to what it says in one piece, so that no half of it is ever seen. What it does not bring
again (orders that ended long ago) is no longer held.

An order that is being sent stands in ``orders`` from the moment of sending, before the engine knows
of it (:meth:`Local.sending`). The engine's own word replaces it as soon as there is one, which may
come by the stream before the reply does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Final, TypeVar

import msgspec

from fix_oms.client.books import Books
from fix_oms.client.handlers import Crew
from fix_oms.client.pages import Orders, Page, Positions, Trades
from fix_oms.client.schema import Balance, Order, Status
from fix_oms.client.translate import (
    balance_of,
    newest,
    order_of,
    parent_of,
    position_of,
    trade_of,
)
from fix_oms.model.stream import Delta, Pages, Snapshot
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.talk_routing import Book
from fix_oms.model.units import SCALE, Fixed
from fix_oms.model.views import BalanceView, FillView, OrderView, ParentView, PositionView

K = TypeVar("K")
V = TypeVar("V")

MOST_REFUSED: Final = 1_000
"""So many of the newest orders that were refused here are kept."""


class Local:
    """Pages of all that is shown. ``through`` is the last record of the
    journal that they account for."""

    def __init__(self, crew: Crew) -> None:
        self.orders: Final = Orders("orders", crew)
        self.trades: Final = Trades("trades", crew)
        self.positions: Final = Positions("positions", crew)
        self.balances: Final[Page[str, Balance]] = Page("balances", crew)
        self.books: Final = Books(crew)
        self.multipliers: dict[str, Fixed] = {}
        self.through = -1
        self.algos: Final[Page[str, AlgoView]] = Page("algos", crew)
        self._pages: Final = (
            self.orders,
            self.trades,
            self.positions,
            self.balances,
            self.algos,
        )
        self._views: dict[str, OrderView] = {}
        self._fills: dict[str, dict[str, FillView]] = {}
        self._sending: Final[dict[str, Order]] = {}
        self._refused: Final[deque[str]] = deque()
        self._coming: Told | None = None

    # -- the stream -----------------------------------------------------------------------------

    def down(self) -> None:
        """The connection is lost: what is shown is of before."""
        self._coming = None
        for page in self._pages:
            page.is_current = False
        self.books.down()

    def apply(self, event: Snapshot | Delta) -> None:
        """Take what the stream tells, and tell the handlers."""
        page = event if isinstance(event, Snapshot) else None
        if page is not None and page.first:
            self._coming = Told()
        told = self._coming or Told()
        told.take(event)
        if self._coming is not None:
            if page is None or not page.last:
                return
            self._coming = None
            self._void(told)
        self._put(told)
        self.through = event.through
        for shown in self._pages:
            shown.is_current = True
            shown.flush()
        self.books.flush()

    def _put(self, told: Told) -> None:
        self._views.update(told.orders)
        touched = dict.fromkeys(told.orders)
        for (reference, key), fill in told.fills.items():
            self._fills.setdefault(reference, {})[key] = fill
            touched[reference] = None
        for reference in touched:
            self._put_order(reference)
        for fill in told.fills.values():
            trade = trade_of(fill, self._name(fill.order))
            self.trades.put(trade.key, trade)
        for parent in told.parents.values():
            order = parent_of(parent)
            self._sending.pop(order.name, None)
            self.orders.put(order.name, order)
        for name, held in told.positions.items():
            multiplier = self.multipliers.get(held.symbol, SCALE)
            self.positions.put(name, position_of(held, self.positions.get(name), multiplier))
        for balance in told.balances.values():
            self.balances.put(balance.account, balance_of(balance))
        for algo in told.algos.values():
            self.algos.put(algo.ref, algo)
        self.books.put(told.books.values())

    def _put_order(self, reference: str) -> None:
        view = self._views.get(reference)
        if view is None:
            return
        order = order_of(view, newest(self._fills.get(reference, {}).values()))
        self._sending.pop(order.name, None)
        self.orders.put(order.name, order)

    def _name(self, reference: str) -> str:
        view = self._views.get(reference)
        return reference if view is None else view.client_ref or reference

    def _void(self, told: Told) -> None:
        """A snapshot is whole: what it does not bring is not held any more."""
        self._views, self._fills = {}, {}
        orders = {view.client_ref or view.reference for view in told.orders.values()}
        orders |= told.parents.keys() | self._sending.keys() | set(self._refused)
        trades = {f"{reference}/{key}" for reference, key in told.fills}
        _keep(self.orders, orders)
        _keep(self.trades, trades)
        _keep(self.positions, told.positions.keys())
        _keep(self.balances, told.balances.keys())
        _keep(self.algos, told.algos.keys())

    # -- what is being sent -----------------------------------------------------------------------

    @property
    def sending(self) -> tuple[Order, ...]:
        """What has been sent from here and the engine has not told of."""
        return tuple(self._sending.values())

    def sent(self, order: Order) -> None:
        """It is being sent, and PENDING."""
        self._sending[order.name] = order
        self.orders.put(order.name, order)
        self.orders.flush()

    def accepted(self, name: str, reference: str) -> Order:
        """The engine has taken it under this reference."""
        pending = self._sending.get(name)
        if pending is not None:
            # Still one that is being sent: the engine's own word has yet to come.
            known = msgspec.structs.replace(
                pending, reference=reference, cl_ord_id=reference, in_doubt=False
            )
            self._sending[name] = known
            self.orders.put(name, known)
            self.orders.flush()
        return self.orders[name]

    def doubted(self, name: str, text: str) -> None:
        """Its reply was lost: it may or may not have been taken."""
        self._change(name, in_doubt=True, text=text)

    def refused(self, name: str, text: str) -> Order:
        """It never left."""
        self._change(name, status=Status.REJECTED, refused=True, in_doubt=False, text=text)
        if self._sending.pop(name, None) is not None:
            self._refused.append(name)
            if len(self._refused) > MOST_REFUSED:
                self.orders.forget(self._refused.popleft())
        return self.orders[name]

    def _change(self, name: str, **changes: object) -> None:
        pending = self._sending.get(name)
        if pending is not None:
            self._sending[name] = changed = msgspec.structs.replace(pending, **changes)
            self.orders.put(name, changed)
            self.orders.flush()


class Told:
    """What events tell, the newest value of each name."""

    def __init__(self) -> None:
        self.orders: Final[dict[str, OrderView]] = {}
        self.fills: Final[dict[tuple[str, str], FillView]] = {}
        self.parents: Final[dict[str, ParentView]] = {}
        self.positions: Final[dict[tuple[str, str], PositionView]] = {}
        self.balances: Final[dict[str, BalanceView]] = {}
        self.algos: Final[dict[str, AlgoView]] = {}
        self.books: Final[dict[str, Book]] = {}

    def take(self, event: Pages) -> None:
        """These replace those of the same name."""
        self.orders.update({view.reference: view for view in event.orders})
        self.fills.update({(fill.order, fill.key): fill for fill in event.fills})
        self.parents.update({view.ref: view for view in event.parents})
        self.positions.update({(view.account, view.symbol): view for view in event.positions})
        self.balances.update({view.account: view for view in event.balances})
        self.algos.update({view.ref: view for view in event.algos})
        self.books.update({book.symbol: book for book in event.books})


def _keep(page: Page[K, V], names: Collection[K]) -> None:
    for name in [name for name in page if name not in names]:
        page.forget(name)
