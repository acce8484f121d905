"""A broker as one order meets it: a small executable truth, told in reports.

This is what the engine is judged by, so it shares nothing with it: it lives the order's life in
sequence, one act after the other, and keeps plain running totals that each act moves. There are no
sets, no projection and no late news here, because a broker knows what it did and when.

Its acts are the legal ones: an act that FIX would not have at this moment is not done. Each act
says what the field would say: reports with the broker's OrdStatus(39), OrderQty(38), CumQty(14),
LeavesQty(151), AvgPx(6) and a time of their own. Chains are pessimistic (OrigClOrdID(41) is the
last id it accepted), requests of one kind are granted in the order in which they came, and an
acknowledgement by a pending report is its choice.

Filled is no end: a replace or a bust reopens it. Canceled, Expired and Rejected are ends; whatever
is pending ends with them, and busts, corrections and late fills still come.

This one knows what no report needs a time to tell; ``timed_broker`` adds the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from fix_oms.model.messages import BusinessMessageReject, ExecutionReport, OrderCancelReject
from fix_oms.model.units import Fixed, average, fixed
from fix_oms.wire import fields

Report: TypeAlias = ExecutionReport | OrderCancelReject | BusinessMessageReject

MORNING: Final = 1_700_000_000_000_000_000
A_MOMENT: Final = 1_000_000
"""FIX 4.2 to 5.0 write times to the millisecond, so that is how far two reports are apart."""

GOOD_TILL: Final = frozenset({"1", "6"})
LOT: Final = fixed("10")
CENT: Final = fixed("0.01")


@dataclass
class Fill:
    """One execution as it stands now, and every ExecID(17) it was ever told under."""

    exec_ids: list[str]
    qty: Fixed
    px: Fixed
    day: int = 0
    busted: bool = False


@dataclass
class Asked:
    """A cancel or replace that has arrived. ``pended`` when its receipt was reported."""

    cl_ord_id: str
    orig: str
    is_cancel: bool
    order_qty: Fixed
    price: Fixed
    pended: bool = False


@dataclass
class ModelBroker:
    """One order's life. ``timed`` False leaves TransactTime(60) out of every message."""

    timed: bool = True
    order_id: str = "B-1"
    side: str = ""
    symbol: str = ""
    time_in_force: str = ""
    order_qty: Fixed = 0
    price: Fixed = 0
    current: str = ""
    """The last ClOrdID(11) accepted."""
    acked: bool = False
    end: str = ""
    """OrdStatus(39) of the order's end, once it has ended."""
    done: bool = False
    stopped: bool = False
    suspended: bool = False
    fills: list[Fill] = field(default_factory=list)
    inbox: list[Asked] = field(default_factory=list)
    answers: dict[str, bool] = field(default_factory=dict)
    """Which requests were accepted (True) or refused (False)."""
    said: list[Report] = field(default_factory=list)
    clock: int = MORNING
    day: int = 0
    told_on: int = 0
    """The day (counted from 0) of the last report."""
    beyond_terms: bool = False
    """Something was done that no accepted terms of the client allowed, or that came too late."""
    _ids: int = 0

    # -- the truth ----------------------------------------------------------------------------

    @property
    def effective(self) -> list[Fill]:
        return [f for f in self.fills if not f.busted]

    @property
    def cum_qty(self) -> Fixed:
        return sum(f.qty for f in self.effective)

    @property
    def amended(self) -> bool:
        """Something was busted or corrected."""
        return any(f.busted or len(f.exec_ids) > 1 for f in self.fills)

    @property
    def notional(self) -> int:
        return sum(f.qty * f.px for f in self.effective)

    @property
    def day_sums(self) -> tuple[Fixed, Fixed, Fixed]:
        """DayOrderQty(424), DayCumQty(425) and DayAvgPx(426) of the day of the last report."""
        today = [f for f in self.effective if f.day == self.told_on]
        cum = sum(f.qty for f in today)
        px = average(sum(f.qty * f.px for f in today), cum)
        return self.order_qty - (self.cum_qty - cum), cum, px

    @property
    def good_till(self) -> bool:
        return self.time_in_force in GOOD_TILL

    @property
    def leaves_qty(self) -> Fixed:
        if self.end or (self.done and not self.good_till):
            return 0
        return max(0, self.order_qty - self.cum_qty)

    @property
    def ord_status(self) -> str:
        """The first that holds, from the top of FIX's precedence to its bottom."""
        cum = self.cum_qty
        pended = {a.is_cancel for a in self.inbox if a.pended and not self.end}
        ladder = (
            ("6", True in pended),
            ("E", False in pended),
            ("3", self.done),
            ("2", 0 < cum >= self.order_qty),
            ("7", self.stopped),
            ("9", self.suspended),
            ("4", self.end == "4"),
            ("C", self.end == "C"),
            ("1", cum > 0),
            ("8", self.end == "8"),
            ("0", self.acked),
            ("A", True),
        )
        return next(code for code, holds in ladder if holds)

    @property
    def working(self) -> bool:
        """Something can still execute."""
        return bool(self.leaves_qty) and not self.done

    @property
    def _pended(self) -> bool:
        return any(a.pended for a in self.inbox)

    # -- what arrives -------------------------------------------------------------------------

    def receive(self, text: str) -> None:
        """A request of the client's, as it stands on the wire."""
        told = {str(tag): value for tag, value in fields(text)}
        if told["35"] == "D":
            self.side, self.symbol, self.time_in_force = told["54"], told["55"], told["59"]
            self.order_qty, self.price = fixed(told["38"]), fixed(told["44"])
            self.current = told["11"]
        elif told["35"] in ("F", "G"):
            price = fixed(told["44"]) if "44" in told else self.price
            qty = fixed(told["38"])
            asked = Asked(told["11"], told["41"], told["35"] == "F", qty, price)
            self.inbox.append(asked)

    # -- the order as a whole -----------------------------------------------------------------

    def accept(self, _n: int) -> None:
        if not self.acked and not self.end:
            self.acked = True
            self.answers[self.current] = True
            self._report("0")

    def reject(self, _n: int) -> None:
        """Also after the acknowledgement (New to Rejected is legal), never after a fill."""
        if not self.end and not self.fills and not self.done:
            self._ends("8")
            if not self.acked:
                self.answers[self.current] = False
            self._report("8", ord_rej_reason="0")

    def cancel_unsolicited(self, n: int) -> None:
        if self.working and self.acked:
            self._ends("4")
            self._report("4", exec_restatement_reason=("2", "6", None)[n % 3])

    def expire(self, _n: int) -> None:
        if self.working and self.acked:
            self._ends("C")
            self._report("C")

    def status(self, _n: int) -> None:
        """An answer to a status request: ExecID(17) is 0."""
        self._tell("I", None)

    # -- executions ---------------------------------------------------------------------------

    def fill(self, n: int) -> None:
        if self.working and not self.suspended:
            self._fill(n)

    def late_fill(self, n: int) -> None:
        """It executed before the order's end, and is told after it."""
        if self.end in ("4", "C") and self.cum_qty < self.order_qty:
            self.beyond_terms = True
            self._fill(n)

    def bust(self, n: int) -> None:
        """Any member of the chain may be named; some brokers give the bust the trade's own id."""
        if self.effective:
            fill = self.effective[n % len(self.effective)]
            fill.busted = True
            ref = fill.exec_ids[n % len(fill.exec_ids)]
            exec_id = ref if n % 5 == 4 and len(fill.exec_ids) == 1 else None
            zero: dict[str, Any] = {"last_qty": 0, "last_px": 0}
            self._report("H", exec_id=exec_id, exec_ref_id=ref, **zero)

    def correct(self, n: int) -> None:
        """The execution as it should have been told; FIX would name the latest correction."""
        self._correct(n, -1)

    def _fill(self, n: int) -> None:
        if not self.acked:
            self.acked = True
            self.answers[self.current] = True
        room = self.order_qty - self.cum_qty
        qty = room if n % 4 == 3 else min(room, LOT * (1 + n % 7))
        fill = Fill([self._new_id()], qty, self.price - CENT * (n % 3), self.day)
        self.fills.append(fill)
        self._report("F", exec_id=fill.exec_ids[0], last_qty=fill.qty, last_px=fill.px)

    def _correct(self, n: int, member: int) -> None:
        if not self.effective:
            return
        fill = self.effective[n % len(self.effective)]
        most = self.order_qty - self.cum_qty + fill.qty
        qty = min(most, LOT * (1 + n % 6)) if n % 2 else fill.qty
        if qty > most or qty <= 0:
            return
        self.beyond_terms |= (self.done or bool(self.end)) and qty > fill.qty
        fill.qty, fill.px = qty, fill.px + CENT * (n % 4)
        ref = fill.exec_ids[member]
        fill.exec_ids.append(self._new_id())
        last = fill.exec_ids[-1]
        self._report("G", exec_id=last, exec_ref_id=ref, last_qty=fill.qty, last_px=fill.px)

    # -- requests -----------------------------------------------------------------------------

    def pend(self, n: int) -> None:
        """Report the receipt of a request, before deciding."""
        waiting = [a for a in self.inbox if not a.pended]
        if waiting and not self.end and not self.done:
            asked = waiting[n % len(waiting)]
            asked.pended = True
            self._report("6" if asked.is_cancel else "E", cl_ord_id=asked.cl_ord_id, orig=True)

    def grant_cancel(self, _n: int) -> None:
        asked = next((a for a in self.inbox if a.is_cancel), None)
        if asked is not None and self.working:
            self.inbox.remove(asked)
            self.answers[asked.cl_ord_id] = True
            self._ends("4")
            self._report("4", cl_ord_id=asked.cl_ord_id, orig=True)

    def grant_replace(self, _n: int) -> None:
        """Below CumQty(14) it means: stop executing, and OrderQty(38) becomes CumQty(14)."""
        asked = next((a for a in self.inbox if not a.is_cancel), None)
        if asked is not None and self.acked and not self.end and not self.done:
            self.inbox.remove(asked)
            self.answers[asked.cl_ord_id] = True
            self.order_qty = max(asked.order_qty, self.cum_qty)
            self.price = asked.price
            previous, self.current = self.current, asked.cl_ord_id
            self._report("5", orig_cl_ord_id=previous)

    def refuse(self, n: int) -> None:
        """35=9, or 35=j while the request was not yet reported as received."""
        if not self.inbox:
            return
        asked = self.inbox.pop(n % len(self.inbox))
        self.answers[asked.cl_ord_id] = False
        self.clock += A_MOMENT
        if n % 5 == 4 and not asked.pended:
            self.said.append(
                BusinessMessageReject(
                    ref_msg_type="F" if asked.is_cancel else "G",
                    business_reject_reason="0",
                    business_reject_ref_id=asked.cl_ord_id,
                    text="not now",
                )
            )
            return
        self.said.append(
            OrderCancelReject(
                cl_ord_id=asked.cl_ord_id,
                orig_cl_ord_id=asked.orig if n % 2 else self.current,
                order_id=self.order_id,
                ord_status=self.ord_status,
                cxl_rej_response_to="1" if asked.is_cancel else "2",
                cxl_rej_reason="0" if self.end else "2",
                transact_time=self.clock if self.timed else None,
            )
        )

    # -- saying it ----------------------------------------------------------------------------

    def _ends(self, status: str) -> None:
        self.end = status
        self.stopped = self.suspended = self.done = False

    def _new_id(self) -> str:
        self._ids += 1
        return f"X{self._ids}"

    def _report(
        self, exec_type: str, exec_id: str | None = None, orig: bool = False, **more: Any
    ) -> None:
        if orig:
            more["orig_cl_ord_id"] = self.current
        self._tell(exec_type, exec_id or self._new_id(), **more)

    def _tell(self, exec_type: str, exec_id: str | None, **more: Any) -> None:
        self.clock += A_MOMENT
        self.told_on = self.day
        told: dict[str, Any] = {
            "cl_ord_id": self.current,
            "order_id": self.order_id,
            "exec_id": exec_id,
            "exec_type": exec_type,
            "ord_status": self.ord_status,
            "symbol": self.symbol,
            "side": self.side,
            "order_qty": self.order_qty,
            "price": self.price,
            "time_in_force": self.time_in_force,
            "cum_qty": self.cum_qty,
            "leaves_qty": self.leaves_qty,
            "avg_px": average(self.notional, self.cum_qty),
            "transact_time": self.clock if self.timed else None,
        }
        self.said.append(ExecutionReport(**told | more))


Act: TypeAlias = Callable[[Any, int], None]
"""What a broker does; the number picks among what there is to pick from."""

ALWAYS: Final[tuple[Act, ...]] = (
    ModelBroker.accept,
    ModelBroker.fill,
    ModelBroker.grant_replace,
    ModelBroker.pend,
    ModelBroker.refuse,
    ModelBroker.bust,
    ModelBroker.correct,
    ModelBroker.grant_cancel,
    ModelBroker.status,
    ModelBroker.late_fill,
    ModelBroker.cancel_unsolicited,
    ModelBroker.expire,
    ModelBroker.reject,
)
"""Acts of which the reports alone tell the outcome: no time is needed."""
