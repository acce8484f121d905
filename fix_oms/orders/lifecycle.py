"""What the broker has said about an order's life, each thing it can say held for itself.

Flags that never fall and times that only grow: so the same statements give the same evidence in
whatever order, and however often, they come. Which of them shows is ``Order``'s projection.

Stopped and Suspended end with a resumption, and a GT order's Done for Day with the next day's
working report; which came last is told by TransactTime(60), never by arrival. Times are held as
``time + 1`` so that 0 means "never said", also for reports without a time.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed

SAYS_ACKED: Final = frozenset(
    set(OrdStatus) - {OrdStatus.PENDING_NEW, OrdStatus.REJECTED, OrdStatus.ACCEPTED_FOR_BIDDING}
)
_RESUMES: Final = frozenset({OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED})


class Lifecycle:
    """The evidence. ``ended_cum`` and ``ended_leaves`` are what final reports stated (-1: none)."""

    __slots__ = (
        "acked",
        "calculated",
        "canceled",
        "day_ended",
        "ended_cum",
        "ended_leaves",
        "expired",
        "rejected",
        "resumed",
        "stopped",
        "suspended",
    )

    def __init__(self) -> None:
        self.acked = False
        self.rejected = False
        self.canceled = False
        self.expired = False
        self.calculated = False
        self.stopped = 0
        self.suspended = 0
        self.resumed = 0
        self.day_ended = 0
        self.ended_cum: Fixed = -1
        self.ended_leaves: Fixed = 0

    @property
    def ended(self) -> bool:
        """Canceled, Expired or Rejected: the order cannot come back by any report."""
        return self.canceled or self.expired or self.rejected

    def add(self, report: ExecutionReport) -> None:
        """Hold what the report's OrdStatus(39) says."""
        status = report.ord_status
        when = (report.transact_time or 0) + 1
        if status in SAYS_ACKED:
            self.acked = True
        if status in _RESUMES:
            self.resumed = max(self.resumed, when)
        elif status == OrdStatus.CANCELED:
            self.canceled = True
        elif status == OrdStatus.EXPIRED:
            self.expired = True
        elif status == OrdStatus.REJECTED:
            self.rejected = True
        elif status == OrdStatus.DONE_FOR_DAY:
            self.day_ended = max(self.day_ended, when)
        elif status == OrdStatus.STOPPED:
            self.stopped = max(self.stopped, when)
        elif status == OrdStatus.SUSPENDED:
            self.suspended = max(self.suspended, when)
        elif status == OrdStatus.CALCULATED:
            self.calculated = True
        if status in (OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED):
            self._add_end(report)

    def status(self, cum: Fixed, order_qty: Fixed, pending: str | None, good_till: bool) -> str:
        """The state of highest FIX precedence among those that hold.

        ``pending`` is what our unanswered requests were said to be; ``good_till`` orders live
        across days. CumQty and OrderQty decide Filled and PartiallyFilled.
        """
        if self.ended:
            return self._end_status(cum, order_qty)
        if pending is not None:
            return pending
        if self.day_ended and not (good_till and self.resumed > self.day_ended):
            return OrdStatus.DONE_FOR_DAY
        if self.calculated:
            return OrdStatus.CALCULATED
        if cum and cum >= order_qty:
            return OrdStatus.FILLED
        if self.stopped and self.stopped >= self.resumed:
            return OrdStatus.STOPPED
        if self.suspended and self.suspended >= self.resumed:
            return OrdStatus.SUSPENDED
        if cum:
            return OrdStatus.PARTIALLY_FILLED
        return OrdStatus.NEW if self.acked else OrdStatus.PENDING_NEW

    def _end_status(self, cum: Fixed, order_qty: Fixed) -> str:
        if cum and cum >= order_qty:
            return OrdStatus.FILLED
        if self.canceled:
            return OrdStatus.CANCELED
        return OrdStatus.EXPIRED if self.expired else OrdStatus.REJECTED

    def _add_end(self, report: ExecutionReport) -> None:
        if report.cum_qty is not None:
            self.ended_cum = max(self.ended_cum, report.cum_qty)
        if report.leaves_qty:
            self.ended_leaves = max(self.ended_leaves, report.leaves_qty)
