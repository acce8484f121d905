"""What the broker has said about an order's life, each thing it can say held for itself.

Flags that never fall, maxima, and a few statements held once each: so the same statements give the
same evidence in whatever order, and however often, they come. Which of them shows is a projection.

**What ends a state.** FIX ranks the states that hold at once and is silent on what ends one. Here:

    Canceled, Expired, Rejected   nothing: the order cannot come back by any report
    Done for Day                  a working fill at a higher CumQty; a working report of a later day
                                  with LeavesQty; for a good-till order also a restatement, or any
                                  report of a later day
    Calculated                    a newer report that says that the order works
    Stopped, Suspended            the same, but Filled: it outranks them, so it may hide them

Which report is newer is told by the reports themselves (see ``said``). An acknowledgement that came
with no later time resumes nothing, and a fill told with the same CumQty came before the statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.codes import (
    EXEC_NEW,
    EXEC_ORDER_STATUS,
    EXEC_REPLACED,
    EXEC_RESTATED,
    EXEC_TRADE,
    STATUS_ACCEPTED_FOR_BIDDING,
    STATUS_CALCULATED,
    STATUS_CANCELED,
    STATUS_DONE_FOR_DAY,
    STATUS_EXPIRED,
    STATUS_FILLED,
    STATUS_PENDING_CANCEL,
    STATUS_PENDING_NEW,
    STATUS_PENDING_REPLACE,
    STATUS_REJECTED,
    STATUS_STOPPED,
    STATUS_SUSPENDED,
)
from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed
from fix_oms.orders.execution import Execution
from fix_oms.orders.said import WORKING, Said, add_once, compare, date_of, said_of, statement, when

_NO_ACKNOWLEDGEMENT: Final = frozenset(
    {
        STATUS_ACCEPTED_FOR_BIDDING,
        STATUS_PENDING_CANCEL,
        STATUS_PENDING_NEW,
        STATUS_PENDING_REPLACE,
        STATUS_REJECTED,
    }
)
SAYS_ACKED: Final = frozenset({s.value for s in OrdStatus} - _NO_ACKNOWLEDGEMENT)
"""The statuses that say that the order was accepted. A request may be pending on one that was not
(B.1.d)."""
_ACKNOWLEDGES: Final = frozenset({EXEC_NEW, EXEC_TRADE, EXEC_RESTATED, EXEC_REPLACED})
_PENDING_OR_UNTOLD: Final = frozenset({STATUS_PENDING_CANCEL, STATUS_PENDING_REPLACE, ""})
ENDS: Final = frozenset({STATUS_CANCELED, STATUS_EXPIRED, STATUS_REJECTED})
SPECIAL: Final = (
    STATUS_DONE_FOR_DAY,
    STATUS_CALCULATED,
    STATUS_STOPPED,
    STATUS_SUSPENDED,
)
"""In FIX's order of precedence; Filled stands between Calculated and Stopped."""
_BELOW_FILLED: Final = frozenset({STATUS_STOPPED, STATUS_SUSPENDED})
SAYS_MORE: Final = WORKING | ENDS | frozenset(SPECIAL)
"""The statuses of which a lifecycle holds something."""


def says_acked(report: ExecutionReport) -> bool:
    """Whether the broker has accepted the order, by OrdStatus(39) or, where that tells of a pending
    request instead, by ExecType(150)."""
    return report.ord_status in SAYS_ACKED or (
        report.exec_type in _ACKNOWLEDGES and report.ord_status in _PENDING_OR_UNTOLD
    )


@final
class Lifecycle:
    """The evidence. ``ended_cum`` is the highest CumQty(14) of a final report (-1: none) and
    ``ended_last`` time and CumQty of the newest; ``decided`` the place on the session at which a
    person, or a policy, decided that the order had ended (-1: nobody did).

    ``special`` holds each statement of a passing state, ``latest`` the newest working reports that
    are no fills: by CumQty and by time. ``uncertain`` is of the last projection. Most orders never
    need one: the order itself holds that it was acknowledged, and fills say the rest.
    """

    __slots__ = (
        "canceled",
        "decided",
        "ended",
        "ended_cum",
        "ended_last",
        "expired",
        "latest",
        "rejected",
        "special",
        "told_end",
        "uncertain",
    )

    def __init__(self) -> None:
        self.ended = False
        self.told_end = False
        self.decided = -1
        self.rejected = False
        self.canceled = False
        self.expired = False
        self.uncertain = False
        self.ended_cum: Fixed = -1
        self.ended_last: tuple[int, Fixed] = (0, -1)
        self.special: tuple[Said, ...] = ()
        self.latest: tuple[Said, ...] = ()

    def add(self, report: ExecutionReport, index: int, arrival: int) -> None:
        """Hold what a report says, if it is one of SAYS_MORE; a working fill needs none."""
        status = said_of(report)
        if status in WORKING:
            self._add_working(report, index, arrival)
        elif status in ENDS:
            self.end(status, -1 if report.cum_qty is None else report.cum_qty, when(report))
            self.told_end = True
        else:
            self.special = add_once(self.special, statement(report, index, arrival))

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
        self.ended_last = max(self.ended_last, (time, told))

    @property
    def ended_when(self) -> int:
        """The time of the newest final report; 0 where there is none, or it has none."""
        return self.ended_last[0]

    def _add_working(self, report: ExecutionReport, index: int, arrival: int) -> None:
        held = (*self.latest, statement(report, index, arrival))
        self.latest = (*_newest(held, filled=False), *_newest(held, filled=True))

    # -- what holds ---------------------------------------------------------------------------

    def keeps_leaves(self) -> bool:
        """Whether a Done for Day report said that LeavesQty(151) waits for the next day."""
        return any(s.status == STATUS_DONE_FOR_DAY and s.leaves for s in self.special)

    def alive_after_end(self, trades: Iterable[Execution], order_qty: Fixed, grows: bool) -> Fixed:
        """The largest LeavesQty that a report newer than the final one still states.

        A fill that is told with no more CumQty than the final report's came before it.
        """
        alive = [
            s.leaves
            for s in self.latest
            if self._is_after_end(s.told, s.when, grows) or self._contradicts_decision(s)
        ]
        alive += [
            (trade.order_qty or order_qty) - trade.told
            for trade in trades
            if trade.status in WORKING
            and not (grows and 0 <= trade.told <= self.ended_cum)
            and self._is_after_end(trade.told, trade.time, grows)
        ]
        return max(alive, default=0)

    def _is_after_end(self, told: Fixed, time: int, grows: bool) -> bool:
        if time and self.ended_when and time != self.ended_when:
            return time > self.ended_when
        return grows and told > self.ended_cum >= 0

    def _contradicts_decision(self, s: Said) -> bool:
        """A status answer is of the moment in which it comes, whatever its TransactTime(60)."""
        return s.exec_type == EXEC_ORDER_STATUS and 0 <= self.decided < s.arrival

    def end_status(self) -> str:
        """Canceled before Expired before Rejected; of an order that has ended."""
        if self.canceled:
            return STATUS_CANCELED
        return STATUS_EXPIRED if self.expired else STATUS_REJECTED

    def holding(
        self,
        trades: Iterable[Execution],
        good_till: bool,
        grows: bool,
        acked_when: int,
        last_when: int,
    ) -> set[str]:
        """The passing states that nothing has ended.

        ``good_till`` orders live across days; ``grows`` as in :func:`~fix_oms.orders.said.compare`;
        the times are those of the acknowledgement and of the newest report that is no fill.
        """
        fills = [t for t in trades if t.status in WORKING]
        holding = set()
        for s in self.special:
            done = s.status == STATUS_DONE_FOR_DAY
            resumed = compare(0, acked_when, s.told, s.when, grows) > 0
            if done and good_till and s.when and date_of(last_when) > date_of(s.when):
                continue
            if resumed and (good_till or not done):
                continue
            if not self._is_over(s, good_till, fills, grows):
                holding.add(s.status)
        return holding

    def _is_over(self, s: Said, good_till: bool, fills: list[Execution], grows: bool) -> bool:
        done = s.status == STATUS_DONE_FOR_DAY
        hidden = s.status in _BELOW_FILLED
        for fill in fills:
            if hidden and fill.status == STATUS_FILLED:
                continue
            # On the day that is done, only a fill beyond what had executed says that it goes on.
            newer = compare(fill.told, fill.time, s.told, s.when, grows) > 0
            if newer and (not done or good_till or not grows or fill.told > s.told):
                return True
        told = [w for w in self.latest if not (hidden and w.status == STATUS_FILLED)]
        return any(self._resumes(w, s, good_till, grows) for w in told)

    def _resumes(self, w: Said, s: Said, good_till: bool, grows: bool) -> bool:
        """Whether the working report ``w`` ends the passing state that ``s`` told."""
        if s.status == STATUS_DONE_FOR_DAY:
            if not good_till:
                # Whatever the order was sent as: a later day's LeavesQty(151) can still execute.
                return w.leaves > 0 and s.when > 0 and date_of(w.when) > date_of(s.when)
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


BLANK: Final = Lifecycle()
"""Of every order of which nothing but New was said; never written to."""


def _is_tied(s: Said, other: Said) -> bool:
    return (s.told, s.when, _rank(s)) == (other.told, other.when, _rank(other))


def _newest(held: tuple[Said, ...], *, filled: bool) -> tuple[Said, ...]:
    """The newest by CumQty and the newest by time, of those that say Filled or of the others."""
    group = [s for s in held if (s.status == STATUS_FILLED) == filled]
    if not group:
        return ()
    by_cum = max(group, key=lambda s: (s.told, s.when, _rank(s), s.facts()))
    by_time = max(group, key=lambda s: (s.when, s.told, _rank(s), s.facts()))
    for best in (by_cum, by_time):
        # Whichever of equals is kept, it is as new as the newest of them.
        best.arrival = max(s.arrival for s in group if _is_tied(s, best))
    return (by_cum,) if by_time is by_cum else (by_cum, by_time)


def _rank(s: Said) -> tuple[bool, Fixed]:
    """Between tied working reports: a restatement, which may start a day, then what keeps most."""
    return s.exec_type == EXEC_RESTATED, s.leaves
