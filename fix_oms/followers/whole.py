"""The whole of what is shown, page by page, while the engine goes on.

A page is made when it is asked for, and is true at the record that the engine has come to by then.
The deltas between two pages go to the subscriber too, so an order that changes after its page was
sent is told again, and one whose page is still to come is in that page as it will be then. So
nothing is copied at the beginning, and no page costs more than its own length.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from fix_oms.followers.told import Table
from fix_oms.followers.tracked import Tracked
from fix_oms.model.stream import FIELDS, Snapshot, Subscribe
from fix_oms.model.talk import rows_of
from fix_oms.model.talk_routing import Book
from fix_oms.model.views import FillView, OrderView
from fix_oms.orders.order import Order

ORDERS_PAGE: Final = 100
FILLS_PAGE: Final = 1_000
ROWS_PAGE: Final = 1_000


def pages(tracked: Tracked, asked: Subscribe, reason: str) -> Iterator[Snapshot]:
    """The snapshot that was asked for: what ``tracked`` has told by now, and the orders."""
    fields = {field for topic in asked.topics for field in FIELDS[topic]}
    yield _page(
        tracked,
        first=True,
        reason=reason,
        books=books(tracked, asked.books, asked.depth),
        **lists(tracked, fields),
    )
    for field, rows in tables(tracked, fields):
        yield _page(tracked, **{field: rows})
    if "parents" in fields:
        for refs in _cut(_parents(tracked, asked), ORDERS_PAGE):
            look = tracked.shown(tracked.time_ns).routing.parent_view
            found = tuple(view for ref in refs if (view := look(ref)) is not None)
            yield _page(tracked, parents=found)
    if fields & {"orders", "fills"}:
        for some in _orders(tracked, asked):
            yield _page(tracked, **{field: some[field] for field in some.keys() & fields})
    yield _page(tracked, last=True)


def _page(tracked: Tracked, **fields: Any) -> Snapshot:
    return Snapshot(**tracked.stamp(), **fields)


def lists(tracked: Tracked, fields: set[str]) -> dict[str, tuple[Any, ...]]:
    """The whole lists as last told."""
    return {field: told for field, told in tracked.lists.items() if field in fields}


def books(tracked: Tracked, symbols: Iterable[str], depth: int) -> tuple[Book, ...]:
    """The books of these symbols as last told; one that was never swept is not there."""
    found = [tracked.books.get((symbol, depth)) for symbol in symbols]
    return tuple(book for book in found if book is not None)


def tables(tracked: Tracked, fields: set[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The short tables as last told, in pages: the field and its rows."""
    for field, table in (
        ("position_rows", tracked.positions),
        ("balance_rows", tracked.balances),
        ("sessions", tracked.sessions),
        ("algos", tracked.algos),
    ):
        if field in fields:
            for some in _cut(list(table.held), ROWS_PAGE):
                yield field, _rows(field, table, some)


def _rows(field: str, table: Table[Any], keys: Iterable[Hashable]) -> tuple[Any, ...]:
    views = [view for key in keys if (view := table.held.get(key)) is not None]
    return rows_of(views) if field.endswith("_rows") else tuple(views)


def _parents(tracked: Tracked, asked: Subscribe) -> list[str]:
    """The live parents, those named, and the newest ones."""
    held = tracked.engine.state.gate.parents.parents if tracked.engine.run else {}
    newest = reversed(held) if asked.history < 0 else islice(reversed(held), asked.history)
    live = [str(ref) for ref in tracked.parents.held]
    return list(dict.fromkeys([*live, *asked.parents, *newest]))


def _orders(tracked: Tracked, asked: Subscribe) -> Iterator[dict[str, tuple[Any, ...]]]:
    """Orders with their fills, so many at once as make a page."""
    orders: list[OrderView] = []
    fills: list[FillView] = []
    for order in _wanted(tracked, asked):
        before, shown = len(fills), tracked.shown(tracked.time_ns)
        orders.append(shown.view_of(order))
        fills += shown.fills_of(order)
        if len(orders) < ORDERS_PAGE and len(fills) < FILLS_PAGE:
            continue
        yield {"orders": tuple(orders), "fills": tuple(fills[:FILLS_PAGE])}
        begin = FILLS_PAGE - before
        while own := shown.fills_of(order)[begin : begin + FILLS_PAGE]:
            yield {"fills": tuple(own)}
            begin += FILLS_PAGE
        orders, fills = [], []
    yield {"orders": tuple(orders), "fills": tuple(fills)}


def _wanted(tracked: Tracked, asked: Subscribe) -> Iterator[Order]:
    """The orders that belong to it, each once: the open ones, those named, the newest ones."""
    if not tracked.engine.run:
        return
    book = tracked.engine.state.book
    given = dict.fromkeys([*book.open, *asked.orders])
    for reference in given:
        order = tracked.order(reference)
        if order is not None:
            yield order
    begin = 0 if asked.history < 0 else max(0, len(book.orders) - asked.history)
    for order in book.orders.since(begin):
        if order.reference not in given:
            yield order


def _cut(keys: list[Any], size: int) -> Iterator[list[Any]]:
    for begin in range(0, len(keys), size):
        yield keys[begin : begin + size]
