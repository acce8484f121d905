"""One execution as it was told, and what a split makes of its quantity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.units import Fixed
from fix_oms.orders.said import date_of


@final
class Execution:
    """One held member: a trade (``ref`` empty) or a correction or bust (``ref`` names another).

    ``told`` is the CumQty(14) of its report (-1: none), ``order_qty`` its OrderQty(38) (0: none),
    ``day`` its TradeDate(75) (0: none), ``status`` its OrdStatus(39) and ``fee`` what it cost
    beside the price, in money.
    """

    __slots__ = (
        "arrival",
        "day",
        "exec_id",
        "fee",
        "order_qty",
        "px",
        "qty",
        "ref",
        "status",
        "time",
        "told",
    )

    def __init__(
        self,
        exec_id: str,
        qty: Fixed,
        px: Fixed,
        time: int,
        ref: str = "",
        told: Fixed = -1,
        order_qty: Fixed = 0,
        day: int = 0,
        status: str = "",
        arrival: int = 0,
        fee: Fixed = 0,
    ) -> None:
        self.exec_id: Final = exec_id
        self.qty: Final = qty
        self.px: Final = px
        self.time: Final = time
        self.ref: Final = ref
        self.told: Final = told
        self.order_qty: Final = order_qty
        self.day: Final = day
        self.status: Final = status
        self.arrival: Final = arrival
        self.fee: Final = fee

    def is_same(self, other: Execution) -> bool:
        """Whether the other is the same statement, said again."""
        return (self.qty, self.px, self.ref) == (other.qty, other.px, other.ref)

    def details(self) -> tuple[Fixed, int, Fixed, int, str, Fixed]:
        """What may differ where the same is said again: one is kept, whichever came first."""
        return self.told, self.time, self.order_qty, self.day, self.status, self.fee

    def trade_date(self) -> int:
        """The day that it counts for: TradeDate(75), else the date of TransactTime(60), else 0."""
        return self.day or date_of(self.time)


@final
class Split:
    """From ``before`` OrderQty to ``after``; told at ``time`` (0: none) with CumQty ``told``."""

    __slots__ = ("after", "before", "time", "told")

    def __init__(self, before: Fixed, after: Fixed, time: int, told: Fixed) -> None:
        self.before: Final = before
        self.after: Final = after
        self.time: Final = time
        self.told: Final = told

    def follows(self, order_qty: Fixed, time: int, told: Fixed) -> bool:
        """Whether a report came before it: by OrderQty(38), by time, by CumQty(14)."""
        if order_qty in (self.before, self.after):
            return order_qty == self.before
        if time and self.time and time != self.time:
            return time < self.time
        return told <= self.told

    def follows_trade(self, trade: Execution) -> bool:
        """Whether the trade came before it."""
        return self.follows(trade.order_qty, trade.time, trade.told)


def rescaled(qty: Fixed, trade: Execution, splits: Iterable[Split]) -> Fixed:
    """A quantity told with the trade in the shares that the splits have made of it."""
    for split in splits:
        if split.follows_trade(trade):
            qty = qty * split.after // split.before
    return qty


def variant(new: Execution) -> Execution:
    """The same under a key that no wire value can equal: SOH never is in one."""
    exec_id = f"{new.exec_id}\x01{new.qty}\x01{new.px}\x01{new.ref}"
    return Execution(
        exec_id,
        new.qty,
        new.px,
        new.time,
        new.ref,
        new.told,
        new.order_qty,
        new.day,
        new.status,
        new.arrival,
        new.fee,
    )
