"""What a venue shows of itself: copies, made when asked."""

from __future__ import annotations

from fix_oms.simulator.control import Books, BookView, ExecutionView, Orders, OrderView, State
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.order import Order
from fix_oms.simulator.settings import words
from fix_oms.simulator.venue import Venue


def books(venue: Venue, symbol: str | None) -> Books:
    """Raises ActRefused for a symbol that is not traded."""
    held = venue.floor.books
    if symbol is not None and symbol not in held:
        raise ActRefused(f"{symbol} is not traded here (there is {', '.join(held)})")
    return Books(
        books=tuple(
            BookView(
                symbol=name,
                bids=tuple(book.levels(buy=True)),
                asks=tuple(book.levels(buy=False)),
                last_px=book.last_px,
            )
            for name, book in held.items()
            if symbol in (None, name)
        )
    )


def orders(venue: Venue) -> Orders:
    return Orders(orders=tuple(_order(venue, order) for order in venue.floor.orders.values()))


def _order(venue: Venue, order: Order) -> OrderView:
    book = venue.floor.books.get(order.terms.symbol)
    return OrderView(
        order_id=order.order_id,
        session=order.session,
        cl_ord_id=order.cl_ord_id,
        symbol=order.terms.symbol,
        side=order.side,
        ord_type=order.ord_type,
        time_in_force=order.time_in_force,
        order_qty=order.order_qty,
        price=order.price,
        stop_px=order.stop_px,
        cum_qty=order.cum_qty,
        leaves_qty=0 if order.ended is not None else order.leaves_qty,
        ord_status=order.status,
        display=order.display,
        ahead=None if book is None else book.ahead(order),
        executions=tuple(
            ExecutionView(
                exec_id=done.exec_id,
                last_qty=done.quantity,
                last_px=done.price,
                busted=done.busted,
            )
            for done in order.executions
        ),
    )


def state(venue: Venue, logged_on: tuple[str, ...]) -> State:
    return State(
        name=venue.name,
        is_closed=venue.is_closed,
        behaviour=words(venue.floor.behaviour),
        logged_on=logged_on,
    )
