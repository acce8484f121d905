"""A statement of the broker whose place among the others matters, and which of two is the newer.

Most evidence needs no order: a fill counts whenever it came. A few statements do: Stopped and the
resumption after it, Done for Day and the next morning, one restatement of OrderQty and another.
MsgSeqNum is no guide, because a report may come late or again under a new number. So the reports'
own words decide (DESIGN D2, second tier):

1. CumQty(14) never falls while nothing was busted or corrected: the higher is the newer.
2. TransactTime(60), else the date in TradeDate(75), where both have one and they differ.
3. CumQty again, where busts or corrections made the first rule unsure.

What is still tied (third tier) is decided by the order in which the session brought them, which is
right on most days, and the state is flagged *uncertain*.
"""

from __future__ import annotations

from datetime import date
from typing import Final, final

from fix_oms.model.codes import STATUS_FILLED, STATUS_NEW, STATUS_PARTIALLY_FILLED
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed

DAY_NS: Final = 86_400_000_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
WORKING: Final = frozenset({STATUS_NEW, STATUS_PARTIALLY_FILLED, STATUS_FILLED})
"""The statuses that say that the order works, or has worked to its end."""


_PASSING: Final = frozenset({"3", "7", "9", "B"})
"""Done for Day, Stopped, Suspended, Calculated: one code in ExecType(150) and OrdStatus(39)."""


def said_of(report: ExecutionReport) -> str:
    """The state that a report tells: a passing one stands in ExecType(150) where OrdStatus(39) has
    one that outranks it (Done for Day while a replace is pending)."""
    return report.exec_type if report.exec_type in _PASSING else report.ord_status


def date_of(time: int) -> int:
    """The UTC date of a time in ns as the number YYYYMMDD; 0 where there is no time."""
    if not time:
        return 0
    day = date.fromordinal(_EPOCH + time // DAY_NS)
    return day.year * 10_000 + day.month * 100 + day.day


def trade_date_of(report: ExecutionReport) -> int:
    """TradeDate(75) as the number YYYYMMDD; 0 where the report has none."""
    text = report.trade_date
    return int(text) if text is not None and len(text) == 8 and text.isdecimal() else 0


def when(report: ExecutionReport) -> int:
    """TransactTime(60) in ns, else the midnight of TradeDate(75), else 0."""
    if report.transact_time:
        return report.transact_time
    day = trade_date_of(report)
    if not day:
        return 0
    try:
        ordinal = date(day // 10_000, day // 100 % 100, day % 100).toordinal()
    except ValueError:
        return 0
    return (ordinal - _EPOCH) * DAY_NS


def _derived(report: ExecutionReport) -> Fixed:
    """OrderQty of a working report that tells CumQty(14) and LeavesQty(151), else 0."""
    cum, leaves = report.cum_qty, report.leaves_qty
    if report.ord_status not in WORKING or cum is None or leaves is None:
        return 0
    return cum + leaves if leaves or report.ord_status == STATUS_FILLED else 0


@final
class Said:
    """One statement: a report without its execution. ``told`` is CumQty(14), -1 where absent.

    ``index`` is the request whose ClOrdID(11) it carried; ``arrival`` its place on the session. A
    report that ``states`` the terms without OrderQty(38) does so by CumQty plus LeavesQty (Q1).
    """

    __slots__ = (
        "arrival",
        "avg",
        "exec_id",
        "exec_type",
        "index",
        "leaves",
        "order_qty",
        "price",
        "reason",
        "status",
        "stop_px",
        "told",
        "when",
    )

    def __init__(
        self,
        status: str,
        exec_type: str,
        exec_id: str | None,
        told: Fixed,
        leaves: Fixed,
        order_qty: Fixed,
        price: Fixed | None,
        stop_px: Fixed | None,
        avg: Fixed,
        reason: str | None,
        when: int,
        index: int,
        arrival: int,
    ) -> None:
        self.status: Final = status
        self.exec_type: Final = exec_type
        self.exec_id: Final = exec_id
        self.told: Final = told
        self.leaves: Final = leaves
        self.order_qty: Final = order_qty
        self.price: Final = price
        self.stop_px: Final = stop_px
        self.avg: Final = avg
        self.reason: Final = reason
        self.when: Final = when
        self.index: Final = index
        self.arrival = arrival

    def facts(self) -> tuple[str, ...]:
        """All that it says, and so what makes it the same statement, said again."""
        return tuple(
            map(
                str,
                (
                    self.exec_id,
                    self.exec_type,
                    self.status,
                    self.index,
                    self.order_qty,
                    self.told,
                    self.leaves,
                    self.avg,
                    self.price,
                    self.stop_px,
                    self.reason,
                    self.when,
                ),
            )
        )


def statement(report: ExecutionReport, index: int, arrival: int, *, states: bool = False) -> Said:
    """What a report says, under the request ``index``; it may state the order's terms."""
    return Said(
        said_of(report),
        report.exec_type,
        report.exec_id,
        -1 if report.cum_qty is None else report.cum_qty,
        report.leaves_qty or 0,
        report.order_qty or (_derived(report) if states else 0),
        report.price,
        report.stop_px,
        report.avg_px or 0,
        report.exec_restatement_reason,
        when(report),
        index,
        arrival,
    )


def compare(told: Fixed, time: int, told2: Fixed, time2: int, grows: bool) -> int:
    """1 when the first of two reports is the newer, -1 when the second is, 0 when tied.

    ``grows`` says that CumQty never fell: nothing is busted, corrected or split.
    """
    if grows and told != told2 and told >= 0 and told2 >= 0:
        return 1 if told > told2 else -1
    if time != time2 and time and time2:
        return 1 if time > time2 else -1
    if told != told2 and told >= 0 and told2 >= 0:
        return 1 if told > told2 else -1
    return 0


def add_once(held: tuple[Said, ...], new: Said) -> tuple[Said, ...]:
    """With the new statement, unless it is one that is held already."""
    facts = new.facts()
    alike = (said for said in held if said.exec_id == new.exec_id and said.index == new.index)
    return held if any(said.facts() == facts for said in alike) else (*held, new)


def newest_first(said: tuple[Said, ...], grows: bool) -> list[Said]:
    """In order, newest first; arrival decides between what is tied."""
    if grows:
        return sorted(said, key=lambda s: (s.told, s.when, s.arrival), reverse=True)
    return sorted(said, key=lambda s: (s.when, s.told, s.arrival), reverse=True)
