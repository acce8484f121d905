"""What matching has to know of an order, and what it tells of one.

``display`` says how much of a resting order others may see. None: all of it. 0: nothing, and it
stands behind everything that is displayed at its price. In between it is a reserve order (an
iceberg): so much is shown at a time, and each time that part has traded the next one is shown, at
the end of the queue, because a newly displayed quantity is a new order to everybody who waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.units import Fixed

STOPS: Final = (OrdType.STOP, OrdType.STOP_LIMIT)
_LIMITED: Final = (OrdType.LIMIT, OrdType.STOP_LIMIT)


class BookOrder:
    """``cum_qty`` moves only by acts of the book, or by whoever busts and corrects executions, who
    then calls :meth:`~fix_oms.simulator.book.MatchingBook.refresh`."""

    __slots__ = (
        "cum_qty",
        "display",
        "key",
        "ord_type",
        "order_qty",
        "peak_left",
        "price",
        "side",
        "stop_px",
        "time_in_force",
        "triggered",
    )

    def __init__(
        self,
        key: str,
        side: str,
        order_qty: Fixed,
        *,
        ord_type: str = OrdType.LIMIT,
        price: Fixed | None = None,
        stop_px: Fixed | None = None,
        time_in_force: str = TimeInForce.DAY,
        display: Fixed | None = None,
    ) -> None:
        self.key: Final = key
        self.side: Final = side
        self.order_qty = order_qty
        self.cum_qty: Fixed = 0
        self.ord_type = ord_type
        self.price = price
        self.stop_px = stop_px
        self.time_in_force = time_in_force
        self.triggered = False
        self.display = display
        self.peak_left: Fixed = display or 0
        """What is left of the part of a reserve order that is shown now."""

    @property
    def leaves_qty(self) -> Fixed:
        return max(0, self.order_qty - self.cum_qty)

    @property
    def shown_qty(self) -> Fixed:
        """How much of LeavesQty(151) others see where it rests."""
        leaves = self.leaves_qty
        return leaves if self.display is None else min(self.peak_left, leaves)

    @property
    def is_hidden(self) -> bool:
        return self.display == 0

    @property
    def limit(self) -> Fixed | None:
        """The worst price it may trade at; None takes any."""
        return self.price if self.ord_type in _LIMITED else None

    @property
    def is_buy(self) -> bool:
        return self.side == Side.BUY

    @property
    def waits(self) -> bool:
        """A stop whose price has not been traded yet."""
        return self.ord_type in STOPS and not self.triggered


class Traded(NamedTuple):
    """``quantity`` changed hands at ``price``."""

    taker: BookOrder
    maker: BookOrder
    price: Fixed
    quantity: Fixed


class Triggered(NamedTuple):
    """A stop's price was traded: it is now a market or a limit order."""

    order: BookOrder


class Killed(NamedTuple):
    """What is left of the order may not rest: it has ended."""

    order: BookOrder
    reason: str


Event = Traded | Triggered | Killed
Tell = Callable[[int, Event], None]
