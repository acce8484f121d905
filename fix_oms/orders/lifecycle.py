"""What the broker has said about an order's life, each thing it can say held for itself.

Flags that never fall, maxima, and a few statements held once each: so the same statements give the
same evidence in whatever order, and however often, they come. Which of them shows is a projection.

**What ends a state.** FIX ranks the states that hold at once and is silent on what ends one. Here:

    Canceled, Expired, Rejected   nothing: the order cannot come back by any report
    Done for Day                  a working fill at a higher CumQty; for a good-till order also a
                                  restatement, or a report of a later day
    Stopped, Suspended,           a newer report that says that the order works, or its end
    Calculated

Which report is newer is told by the reports themselves (see ``said``). An acknowledgement that came
with no later time resumes nothing, and a fill told with the same CumQty came before the statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.codes import (
    EXEC_NEW,
    EXEC_RESTATED,
    STATUS_ACCEPTED_FOR_BIDDING,
    STATUS_CALCULATED,
    STATUS_CANCELED,
    STATUS_DONE_FOR_DAY,
    STATUS_EXPIRED,
    STATUS_FILLED,
    STATUS_NEW,
    STATUS_PARTIALLY_FILLED,
    STATUS_PENDING_NEW,
    STATUS_REJECTED,
    STATUS_STOPPED,
    STATUS_SUSPENDED,
)
from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed
from fix_oms.orders.executions import Execution
from fix_oms.orders.said import WORKING, Said, add_once, compare, date_of, when

SAYS_ACKED: Final = frozenset(
    {s.value for s in OrdStatus}
    - {STATUS_PENDING_NEW, STATUS_REJECTED, STATUS_ACCEPTED_FOR_BIDDING}
)
ENDS: Final = frozenset({STATUS_CANCELED, STATUS_EXPIRED, STATUS_REJECTED})
_SPECIAL: Final = (
    STATUS_DONE_FOR_DAY,
    STATUS_CALCULATED,
    STATUS_STOPPED,
    STATUS_SUSPENDED,
)
"""In FIX's order of precedence; Filled stands between Calculated and Stopped."""
_SPECIALS: Final = frozenset(_SPECIAL)


@final
class Lifecycle:
    """The evidence. ``ended_cum`` and ``ended_when`` are of the newest final report (-1, 0: none).

    ``special`` holds each statement of a passing state, ``latest`` the newest working reports that
    are no fills: by CumQty and by time. ``uncertain`` is of the last projection.
    """

    __slots__ = (
        "acked",
        "acked_when",
        "canceled",
        "ended",
        "ended_cum",
        "ended_when",
        "expired",
        "last_when",
        "latest",
        "rejected",
        "special",
        "uncertain",
    )

    def __init__(self) -> None:
        self.acked = False
        self.ended = False
        self.rejected = False
        self.canceled = False
        self.expired = False
        self.uncertain = False
        self.acked_when = 0
        self.last_when = 0
        self.ended_cum: Fixed = -1
        self.ended_when = 0
        self.special: tuple[Said, ...] = ()
        self.latest: tuple[Said, ...] = ()

    def add(self, report: ExecutionReport, index: int, arrival: int, is_trade: bool) -> None:
        """Hold what the report's OrdStatus(39) says."""
        status = report.ord_status
        if status in SAYS_ACKED:
            self.acked = True
        if status in WORKING:
            if not is_trade:
                self._add_working(report, index, arrival)
        elif status in ENDS:
            self.end(status, -1 if report.cum_qty is None else report.cum_qty, when(report))
        elif status in _SPECIALS:
            self.special = add_once(self.special, Said(report, index, arrival))
        self.last_when = max(self.last_when, when(report))

    def end(self, status: str, told: Fixed, time: int) -> None:
        """The order has ended: so the broker says, or a person who answers for it."""
        self.ended = True
        if status == STATUS_CANCELED:
            self.canceled = True
        elif status == STATUS_EXPIRED:
            self.expired = True
        else:
            self.rejected = True
        self.ended_cum = max(self.ended_cum, told)
        self.ended_when = max(self.ended_when, time)

    def _add_working(self, report: ExecutionReport, index: int, arrival: int) -> None:
        if report.exec_type == EXEC_NEW and not report.cum_qty:
            self.acked_when = max(self.acked_when, when(report))
            return
        held = (*self.latest, Said(report, index, arrival))
        by_cum = max(held, key=lambda s: (s.told, s.when, _rank(s)))
        by_time = max(held, key=lambda s: (s.when, s.told, _rank(s)))
        self.latest = (by_cum,) if by_time is by_cum else (by_cum, by_time)

    # -- projection ---------------------------------------------------------------------------

    def status(
        self,
        cum: Fixed,
        order_qty: Fixed,
        pending: str | None,
        good_till: bool,
        trades: Iterable[Execution],
        grows: bool,
    ) -> str:
        """The state of highest FIX precedence among those that hold.

        ``pending`` is what our unanswered requests were said to be; ``good_till`` orders live
        across days; ``grows`` as in :func:`~fix_oms.orders.said.compare`. CumQty and OrderQty
        decide Filled and PartiallyFilled.
        """
        filled = cum >= order_qty and cum > 0
        if self.ended:
            return STATUS_FILLED if filled else self._end_status()
        if pending is not None:
            return pending
        if self.special:
            holding = self._holding(good_till, trades, grows)
            for status in _SPECIAL:
                if status == STATUS_STOPPED and filled:
                    break
                if status in holding:
                    return status
        if filled:
            return STATUS_FILLED
        if cum:
            return STATUS_PARTIALLY_FILLED
        return STATUS_NEW if self.acked else STATUS_PENDING_NEW

    def keeps_leaves(self) -> bool:
        """Whether a Done for Day report said that LeavesQty(151) waits for the next day."""
        return any(s.status == STATUS_DONE_FOR_DAY and s.leaves for s in self.special)

    def alive_after_end(self, trades: Iterable[Execution], order_qty: Fixed) -> Fixed:
        """The largest LeavesQty that a report newer than the final one still states."""
        alive = [s.leaves for s in self.latest if self._is_after_end(s.told, s.when)]
        alive += [
            (trade.order_qty or order_qty) - trade.told
            for trade in trades
            if trade.working and self._is_after_end(trade.told, trade.time)
        ]
        return max(alive, default=0)

    def _is_after_end(self, told: Fixed, time: int) -> bool:
        if time and self.ended_when:
            return time > self.ended_when
        return told > self.ended_cum >= 0

    def _end_status(self) -> str:
        if self.canceled:
            return STATUS_CANCELED
        return STATUS_EXPIRED if self.expired else STATUS_REJECTED

    def _holding(self, good_till: bool, trades: Iterable[Execution], grows: bool) -> set[str]:
        """The passing states that nothing has ended."""
        self.uncertain = False
        fills = [t for t in trades if t.working]
        return {s.status for s in self.special if not self._is_over(s, good_till, fills, grows)}

    def _is_over(self, s: Said, good_till: bool, fills: list[Execution], grows: bool) -> bool:
        done = s.status == STATUS_DONE_FOR_DAY
        if done and good_till and s.when and date_of(self.last_when) > date_of(s.when):
            return True
        for fill in fills:
            # On the day that is done, only a fill beyond what had executed says that it goes on.
            newer = compare(fill.told, fill.time, s.told, s.when, grows) > 0
            if newer and (not done or good_till or fill.told > s.told):
                return True
        if compare(0, self.acked_when, s.told, s.when, grows) > 0 and (not done or good_till):
            return True
        return any(self._resumes(w, s, good_till, grows) for w in self.latest)

    def _resumes(self, w: Said, s: Said, good_till: bool, grows: bool) -> bool:
        """Whether the working report ``w`` ends the passing state that ``s`` told."""
        if s.status == STATUS_DONE_FOR_DAY:
            if not good_till:
                return False
            restated = w.exec_type == EXEC_RESTATED
            newer = compare(w.told, w.when, s.told, s.when, grows)
            days = sum(o.status == s.status and o.told == s.told for o in self.special)
            if newer or (restated and days == 1):
                return newer >= 0
        else:
            newer = compare(w.told, w.when, s.told, s.when, grows)
            if newer:
                return newer > 0
        self.uncertain = True
        return w.arrival > s.arrival


def _rank(s: Said) -> tuple[bool, Fixed, int]:
    """Between tied working reports: a restatement, which may start a day, then what keeps most."""
    return s.exec_type == EXEC_RESTATED, s.leaves, s.arrival
