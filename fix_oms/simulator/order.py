"""One order as its venue knows it, and the one place where a report of it is made.

A venue is the source of the truth that an order system has to find out: so nothing here is a
reading of evidence, it is the order itself. OrdStatus(39) is a projection of a few facts (taken in
or not, how it ended, which requests were announced as pending, how much has traded), by the
precedence that FIX publishes. The chain of ClOrdIDs is held as a receiver holds it,
pessimistically: OrigClOrdID(41) on what we send is the last id that we accepted (FIX 4.4 volume 4).
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.model.fix import ExecType, OrdStatus, TimeInForce
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.units import Fixed, average
from fix_oms.simulator.resting import BookOrder

HOUSE: Final = ""
"""The session of the venue's own levels."""
OTHERS: Final = "~"
"""The session of other traders: no CompID may be written so."""
NONE: Final = "NONE"
"""OrderID(37) where there is no order."""


class Execution:
    """One trade of one order, with what became of it. ``exec_id`` is the latest of its chain."""

    __slots__ = ("busted", "exec_id", "is_maker", "other", "price", "quantity")

    def __init__(
        self, exec_id: str, quantity: Fixed, price: Fixed, *, is_maker: bool = False
    ) -> None:
        self.exec_id = exec_id
        self.quantity = quantity
        self.price = price
        self.is_maker: Final = is_maker
        """The order rested; fees are told for that."""
        self.busted = False
        self.other: tuple[Order, Execution] | None = None
        """The same trade on the other side, where that is a client's order too."""


class Order(BookOrder):
    """An order of a client; or, where nobody is told of it, one of the venue's own levels or of
    other traders (``session`` says which: :data:`HOUSE`, :data:`OTHERS`)."""

    __slots__ = (
        "accepted",
        "cl_ord_id",
        "done_for_day",
        "ended",
        "executions",
        "generation",
        "ids",
        "last_day",
        "pending",
        "session",
        "slices_left",
        "terms",
    )

    def __init__(
        self,
        session: str,
        order_id: str,
        cl_ord_id: str,
        terms: Terms,
        display: Fixed | None = None,
    ) -> None:
        super().__init__(
            order_id,
            terms.side,
            terms.order_qty,
            ord_type=terms.ord_type,
            price=terms.price,
            stop_px=terms.stop_px,
            time_in_force=terms.time_in_force,
            display=display,
        )
        self.session: Final = session
        self.terms = terms
        self.cl_ord_id = cl_ord_id
        """The last id accepted: of the order, or of its last replace."""
        self.ids: list[str] = [cl_ord_id]
        """Every ClOrdID(11) that speaks of this order, refused requests included."""
        self.accepted = False
        self.ended: OrdStatus | None = None
        """Canceled, Rejected or Expired, or Done for Day for an order of the day."""
        self.done_for_day = False
        """A Good Till order that rests until tomorrow: it keeps its LeavesQty(151)."""
        self.pending: dict[str, OrdStatus] = {}
        """Requests that were announced as pending: ClOrdID(11) -> OrdStatus(39)."""
        self.executions: list[Execution] = []
        self.slices_left = 0
        """Parts of a sliced fill that are still to come; until then it stands outside the book."""
        self.generation = 0
        """Moves when the order is entered or ends: a slice planned before that is void."""
        self.last_day = 0
        """The venue's day of the last report about it."""

    @property
    def order_id(self) -> str:
        return self.key

    @property
    def is_told(self) -> bool:
        """A client's order: somebody is told of what happens to it."""
        return self.session not in (HOUSE, OTHERS)

    @property
    def is_live(self) -> bool:
        """It may still trade."""
        has_ended = self.ended is not None or self.done_for_day
        return self.accepted and not has_ended and self.leaves_qty > 0

    @property
    def is_open(self) -> bool:
        """Known or live, and not ended: a cancel can still take something away."""
        return self.ended is None and self.leaves_qty > 0

    @property
    def is_good_till(self) -> bool:
        return self.time_in_force == TimeInForce.GTC

    @property
    def status(self) -> OrdStatus:
        """OrdStatus(39): the highest of the states that hold."""
        if self.ended is not None:
            return OrdStatus.FILLED if self._is_full and self.cum_qty else self.ended
        if self.pending:
            cancels = OrdStatus.PENDING_CANCEL in self.pending.values()
            return OrdStatus.PENDING_CANCEL if cancels else OrdStatus.PENDING_REPLACE
        if not self.accepted:
            return OrdStatus.PENDING_NEW
        if self.done_for_day:
            return OrdStatus.DONE_FOR_DAY
        if self._is_full:
            return OrdStatus.FILLED
        return OrdStatus.PARTIALLY_FILLED if self.cum_qty else OrdStatus.NEW

    @property
    def _is_full(self) -> bool:
        return self.cum_qty >= self.order_qty and self.ended is not OrdStatus.DONE_FOR_DAY

    @property
    def notional(self) -> int:
        return sum(e.quantity * e.price for e in self.executions if not e.busted)

    def report(
        self,
        exec_type: str,
        exec_id: str | None,
        now_ns: int,
        *,
        cl_ord_id: str | None = None,
        **more: Any,
    ) -> ExecutionReport:
        """An ExecutionReport of the order as it stands. ``more`` are further fields of it."""
        return ExecutionReport(
            cl_ord_id=cl_ord_id or self.cl_ord_id,
            order_id=self.order_id,
            exec_id=exec_id,
            exec_type=exec_type,
            ord_status=self.status,
            symbol=self.terms.symbol,
            side=self.side,
            order_qty=self.order_qty,
            ord_type=self.ord_type,
            price=self.price,
            stop_px=self.stop_px,
            time_in_force=self.time_in_force,
            account=self.terms.account,
            cum_qty=self.cum_qty,
            leaves_qty=0 if self.ended is not None else self.leaves_qty,
            avg_px=average(self.notional, self.cum_qty),
            transact_time=now_ns,
            **more,
        )

    def _check(self) -> None:
        """Raise AssertionError when the order contradicts itself."""
        traded = sum(e.quantity for e in self.executions if not e.busted)
        if self.is_told:
            assert self.cum_qty == traded, f"{self.key}: CumQty {self.cum_qty}, traded {traded}"
        assert self.cum_qty >= 0
        assert self.ended is not None or self.cum_qty <= self.order_qty or not self.accepted
        assert self.cl_ord_id in self.ids


def unknown(
    cl_ord_id: str | None, now_ns: int, *, exec_type: str = ExecType.ORDER_STATUS, **more: Any
) -> ExecutionReport:
    """A report about an order that the venue does not have."""
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        order_id=NONE,
        exec_type=exec_type,
        ord_status=OrdStatus.REJECTED,
        order_qty=0,
        cum_qty=0,
        leaves_qty=0,
        avg_px=0,
        transact_time=now_ns,
        **more,
    )
