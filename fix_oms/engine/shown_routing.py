"""Parents, venues' scorecards and books as people and programs see them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import dropwhile, islice
from typing import Final

from fix_oms.engine.shown_contracts import contract_views
from fix_oms.engine.shown_venues import venue_views
from fix_oms.engine.state import State
from fix_oms.model.fix import OrdStatus
from fix_oms.model.protocol import Book, Contracts, ParentFound
from fix_oms.model.units import average
from fix_oms.model.views import BookRow, OrderView, ParentView, SourceView, VenueView
from fix_oms.orders.order import Order
from fix_oms.risk.parents import Parent
from fix_oms.routing.parents import ParentOrder


class ShownRouting:
    """Views of one state at one time (ns UTC), made when asked."""

    def __init__(self, state: State, now: int, order_view: Callable[[Order], OrderView]) -> None:
        self._state: Final = state
        self._now: Final = now
        self._order_view: Final = order_view

    def parent(self, ref: str) -> ParentFound:
        """A parent with its children and newest decisions."""
        state = self._state
        held = state.gate.parents.parents.get(ref)
        if held is None:
            return ParentFound(parent=None)
        routed = state.routed.parents.get(ref)
        children = [state.book.by_cl_ord_id(child) for child in held.children]
        return ParentFound(
            parent=self._view(held),
            children=tuple(self._order_view(order) for order in children if order is not None),
            decisions=routed.remembered() if routed is not None else (),
        )

    def parent_view(self, ref: str) -> ParentView | None:
        """The parent alone; None where there is none of that ref."""
        held = self._state.gate.parents.parents.get(ref)
        return self._view(held) if held is not None else None

    def parents(self, open_only: bool, limit: int, after: str) -> list[ParentView]:
        """Parents in the order in which they came, ``limit`` of them behind ``after``."""
        found = iter(self._state.gate.parents.parents.values())
        if after:
            found = dropwhile(lambda held: held.ref != after, found)
            next(found, None)
        wanted = (held for held in found if not open_only or self._is_open(held))
        return [self._view(held) for held in islice(wanted, limit)]

    def _is_open(self, held: Parent) -> bool:
        routed = self._state.routed.parents.get(held.ref)
        return not (routed.ended if routed is not None else held.closed)

    def _view(self, held: Parent) -> ParentView:
        routed = self._state.routed.parents.get(held.ref)
        if routed is None:
            routed = _registered(held)
        book = self._state.book
        found = [book.by_cl_ord_id(ref) for ref in held.working]
        working = [order for order in found if order is not None]
        told = sum([order.provisional for order in working])
        estimated = sum([order.provisional_notional for order in working])
        cum_qty = held.executed + told
        return ParentView(
            ref=held.ref,
            account=held.account,
            strategy=held.strategy,
            symbol=held.symbol,
            side=held.side,
            time_in_force=routed.time_in_force,
            policy=routed.policy,
            order_qty=held.order_qty,
            price=routed.price,
            ord_status=routed.ord_status(told),
            cum_qty=cum_qty,
            leaves_qty=0 if routed.ended else max(0, held.order_qty - cum_qty),
            avg_px=average(held.notional + estimated, cum_qty),
            open_qty=max(0, held.committed - cum_qty),
            unrouted=0 if routed.ended else routed.unrouted(working),
            held=routed.suspended or routed.waits,
            pending=_pending(routed),
            text=routed.text,
            children=tuple(held.children),
            decisions=routed.number,
            arrival_px=routed.arrival_px,
            created_ns=routed.created_ns,
            updated_ns=routed.updated_ns,
            in_doubt=any(r.doubt for order in working for r in order.outstanding()),
        )

    def venues(self) -> list[VenueView]:
        """Every venue's scorecard."""
        return venue_views(self._state, self._now)

    def contracts(self) -> Contracts:
        """What each venue asks of orders in each instrument."""
        return contract_views(self._state)

    def book(self, symbol: str, depth: int) -> Book:
        """The consolidated book of the symbol, ``depth`` levels of each venue and side (0: all)."""
        found = self._state.prices.consolidated(symbol, self._now)
        return Book(
            symbol=symbol,
            rows=tuple(
                BookRow(venue=row.venue, is_bid=is_bid, price=row.price, size=row.size)
                for is_bid in (True, False)
                for row in found.rows(is_bid, depth)
            ),
            sources=tuple(
                SourceView(venue=source.venue, state=source.state, age_ns=source.age_ns)
                for source in found.sources
            ),
            bid=found.bid,
            offer=found.offer,
            middle=self._state.prices.middle(symbol, self._now),
        )


def _registered(held: Parent) -> ParentOrder:
    """A parent whose children somebody else sends, in the same words."""
    shown = ParentOrder(held, "", None, "", "", 0)
    if held.executed >= held.order_qty:
        shown.ended = OrdStatus.FILLED.value
    elif held.closed:
        shown.ended = OrdStatus.CANCELED.value
        shown.text = held.closed
    return shown


def _pending(routed: ParentOrder) -> str:
    if routed.ending:
        return "cancel"
    return "replace" if routed.wanted is not None else ""
