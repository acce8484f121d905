"""The book of all orders: who is meant by an id, and who is still open.

ClOrdIDs are ours and unique in the firm, so one dictionary finds an order by any id of its chain.
OrderIDs are a counterparty's: they are keyed with its session. A report that names no ClOrdID of
ours is found by its OrderID; if that too is unknown the order is not ours (telephoned, or sent by
another system) and counts at once in the ``external`` account, keyed by (session, OrderID).

Closed orders are kept packed after a while (``kept``). Nobody can tell: before a name is looked up
where it may be theirs, those that bear it are made orders again. Only orders of ours are packed; an
external one bears names of another system, which are told once and nowhere held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from fix_oms.model.fix import OrdType
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.scope import Scope
from fix_oms.orders.kept import Kept
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request

EXTERNAL: Final = "external"
_NOBODY: Final[dict[str, Order]] = {}
"""The orders of a session that has told none; never written to."""


class OrderBook:
    """All orders as they were made, so by time; ``open`` are the live ones, by reference.

    What comes out of ``orders`` is to be looked at: of an order that is packed it is a copy.
    """

    __slots__ = (
        "_by_cl_ord_id",
        "_by_client_ref",
        "_by_order_id",
        "_closed",
        "_external",
        "_external_refs",
        "open",
        "orders",
    )

    def __init__(self) -> None:
        self.orders: Final = Kept()
        self.open: dict[str, Order] = {}
        self._by_cl_ord_id: dict[str, Order] = {}
        self._by_client_ref: dict[str, Order] = {}
        self._by_order_id: dict[str, dict[str, Order]] = {}
        self._external: dict[str, dict[str, Order]] = {}
        self._external_refs: dict[str, Order] = {}
        self._closed: deque[Order] = deque()
        """Those that have closed and are not packed; some may be open again."""

    def externals(self) -> Iterable[Order]:
        """The orders that we did not send, open or not."""
        return self._external_refs.values()

    def add(self, order: Order) -> None:
        """A new order of ours, before it leaves."""
        self._number(order)
        self._by_cl_ord_id[order.reference] = order
        if order.client_ref:
            self._by_client_ref[order.client_ref] = order

    def add_request(self, order: Order, request: Request) -> None:
        """A cancel or replace of ours, before it leaves."""
        order.add_request(request)
        self._by_cl_ord_id[request.cl_ord_id] = order
        self.open[order.reference] = order  # a filled order that is to be more is open again

    def find(self, name: str) -> Order | None:
        """The order that a name stands for: a ClOrdID of its chain before any other kind."""
        found = self.candidates(name)
        return found[0] if found else None

    def candidates(self, name: str) -> list[Order]:
        """Every order that a person may mean by a name: ClOrdID, client_ref or OrderID(37).

        OrderIDs are a broker's own, so two brokers may use one; whoever acts on an order must not
        guess between them.
        """
        self._recall(name)
        found = [
            self._by_cl_ord_id.get(name),
            self._by_client_ref.get(name),
            self._external_refs.get(name),
            *(named.get(name) for named in self._by_order_id.values()),
        ]
        return list({o.reference: o for o in found if o is not None}.values())

    def is_taken(self, name: str) -> bool:
        """Whether any order has this name already."""
        self._recall(name)
        return (
            name in self._by_cl_ord_id
            or name in self._by_client_ref
            or name in self._external_refs
            or any(name in named for named in self._by_order_id.values())
        )

    def by_cl_ord_id(self, cl_ord_id: str) -> Order | None:
        """The order whose chain holds this ClOrdID(11)."""
        found = self._by_cl_ord_id.get(cl_ord_id)
        if found is None and self._recall(cl_ord_id):
            return self._by_cl_ord_id.get(cl_ord_id)
        return found

    def meant(self, session: str, report: ExecutionReport) -> Order | None:
        """The order that a report of ``session`` speaks of: by ClOrdID, OrigClOrdID, OrderID.

        A ClOrdID of ours that was sent to another session is not meant: brokers' ids may collide.
        """
        cl_ord_id, orig, order_id = report.cl_ord_id, report.orig_cl_ord_id, report.order_id
        order = self._by_cl_ord_id.get(cl_ord_id) if cl_ord_id else None
        if order is not None and order.session == session:
            return order
        if self.orders.packed:
            for name in (cl_ord_id, orig, order_id):
                if name:
                    self._recall(name)
            order = self._by_cl_ord_id.get(cl_ord_id) if cl_ord_id else None
            if order is not None and order.session == session:
                return order
        order = self._by_cl_ord_id.get(orig) if orig else None
        if order is not None and order.session == session:
            return order
        order = self._by_order_id.get(session, _NOBODY).get(order_id) if order_id else None
        if order is not None:
            return order
        return self._external.get(session, _NOBODY).get(cl_ord_id) if cl_ord_id else None

    def external(self, session: str, report: ExecutionReport, now: int) -> Order | None:
        """A new order for a report of one that we did not send; None when it cannot be named."""
        name = report.order_id if report.order_id not in (None, "NONE") else report.cl_ord_id
        if not name or not report.symbol or not report.side:
            return None
        terms = Terms(
            symbol=report.symbol,
            side=report.side,
            order_qty=report.order_qty or 0,  # else what its reports come to (see intake)
            ord_type=report.ord_type or (OrdType.MARKET if report.price is None else OrdType.LIMIT),
            price=report.price,
            stop_px=report.stop_px,
            time_in_force=report.time_in_force or "0",
        )
        worst_px = report.price or report.stop_px or report.last_px or report.avg_px or 0
        order = Order(
            Request(f"{session}/{name}", NEW, terms, now, 0, worst_px),
            Scope(EXTERNAL, "", report.symbol, session, session),
        )
        order.external = True
        self._number(order)
        self._external_refs[order.reference] = order
        for key in (report.order_id, report.cl_ord_id):
            if key and key != "NONE":
                # Under keys of its own: another system's ids must never shadow ours.
                self._external.setdefault(session, {})[key] = order
        return order

    def page(self, *, open_only: bool, limit: int, after: str) -> list[Order]:
        """At most ``limit`` orders, oldest first, of those made after the one called ``after``."""
        self._recall(after)
        last = self._by_cl_ord_id.get(after) or self._external_refs.get(after)
        place_of = self.orders.place_of
        start = place_of(last) + 1 if last is not None else 0
        if not open_only:
            return list(islice(self.orders.since(start), limit))
        found = sorted((place_of(order), name) for name, order in self.open.items())
        return [self.open[name] for place, name in found if place >= start][:limit]

    def _number(self, order: Order) -> None:
        assert order.reference not in self._by_cl_ord_id, f"{order.reference} is an order already"
        self.orders.append(order)
        self.open[order.reference] = order

    def note(self, order: Order, order_id: str | None) -> None:
        """After evidence: index the OrderID(37) and keep ``open`` to what is open."""
        if order_id and order_id != "NONE":
            named = self._by_order_id.get(order.session)
            if named is None:
                named = self._by_order_id[order.session] = {}
            if order_id not in named:
                named[order_id] = order
                told = (order.order_id, *order.aside.order_ids)
                if order_id not in told:
                    aside = order.own_aside()
                    aside.order_ids = (*aside.order_ids, order_id)
        if order.is_open():
            self.open[order.reference] = order
        elif self.open.pop(order.reference, None) is not None:
            self._closed.append(order)

    def forget(self, order: Order, place: int) -> None:
        """The closed order at that place leaves the book, with all names that lead to it."""
        if self._by_cl_ord_id.get(order.reference) is order:
            for request in order.requests:
                del self._by_cl_ord_id[request.cl_ord_id]
            if order.client_ref:
                self._by_client_ref.pop(order.client_ref, None)
        named = self._by_order_id.get(order.session, _NOBODY)
        for order_id in self._ids(order):
            del named[order_id]
        if self._external_refs.get(order.reference) is order:
            del self._external_refs[order.reference]
            told = self._external[order.session]
            for name in [n for n, other in told.items() if other is order]:
                del told[name]
        self.orders.forget(place)

    def _ids(self, order: Order) -> tuple[str, ...]:
        """The OrderIDs(37) under which this very object is found."""
        named = self._by_order_id.get(order.session, _NOBODY)
        told = (order.order_id, *order.aside.order_ids)
        return tuple(sorted({i for i in told if named.get(i) is order}))

    # -- packing ------------------------------------------------------------------------------

    def pack(self, now: int, after_ns: int, most: int, is_held: Callable[[Order], bool]) -> int:
        """Pack up to ``most`` orders that have been closed and unchanged for ``after_ns``, but none
        that somebody else holds. Returns how many.

        ``_closed`` is in the order of closing: where the first is too young, so are the others.
        """
        closed, done = self._closed, 0
        for _ in range(min(most, len(closed))):
            order = closed[0]
            if now - order.updated_ns < after_ns:
                break
            closed.popleft()
            name = order.reference
            if name in self.open or self._by_cl_ord_id.get(name) is not order:
                continue  # it is open again, and will come here again; came here twice; is external
            if is_held(order):
                closed.append(order)
            else:
                self._pack(order)
                done += 1
        return done

    def _pack(self, order: Order) -> None:
        named, ids = self._by_order_id.get(order.session, _NOBODY), self._ids(order)
        for order_id in ids:
            del named[order_id]
        for request in order.requests:
            del self._by_cl_ord_id[request.cl_ord_id]
        if order.client_ref:
            self._by_client_ref.pop(order.client_ref, None)
        self.orders.pack(order, ids)

    def _recall(self, name: str) -> bool:
        """Make orders again of those packed that have this name, of whatever kind. Returns whether
        there were any."""
        if not self.orders.packed:
            return False
        found = self.orders.unpack(name)
        for order, ids in found:
            for request in order.requests:
                self._by_cl_ord_id[request.cl_ord_id] = order
            if order.client_ref:
                self._by_client_ref[order.client_ref] = order
            for order_id in ids:
                self._by_order_id[order.session][order_id] = order
            self._closed.append(order)
        return bool(found)

    def _check(self) -> None:
        """Assert what must hold at every moment."""
        for order in self.orders:
            order._check()
            assert order.is_open() == (order.reference in self.open), order.reference
