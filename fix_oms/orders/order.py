"""One order: the evidence it holds, and the state that evidence amounts to.

**Theory.** Reports of one order come late, twice, out of order and in races with our own requests.
So no report moves a state. A report adds evidence, each piece of which is a set, a maximum, or a
flag that never falls; the published state is a projection of all of it, computed anew after each
change. Adding the same evidence twice, or in another order, gives the same projection: that is
what makes the permutations of a day's reports end in one state.

The evidence is held by small machines: ``executions``, ``requests``, ``lifecycle`` and the
statements of terms (``restatements``). What they may not know: the session and the clock.

**Projection.** OrdStatus is the state of highest FIX precedence among those that hold (4.4 volume
4); what ends one is in ``lifecycle``, and a pending request ends with its own answer or the order.
Rejected outranks New outranks Pending New, whatever arrived first. Canceled, Expired and Rejected
end the order for good: executions that arrive afterwards count all the same, LeavesQty stays 0.

**What is told and not proven.** The highest CumQty(14) told, less ``gross``, is *provisional*: the
broker says it has executed, no execution proves it yet. It counts in CumQty, never in a position.
*Unexplained* is what was told and fits no executions that we hold (``breaks``): it counts in the
open quantity and nowhere else. *Uncertain* is a state that only the order of arrival decided.

Attributes of the projection are plain slots and not properties: they are read at each report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.codes import (
    EXEC_REJECTED,
    EXEC_REPLACED,
    EXEC_RESTATED,
    EXEC_TRADE,
    EXEC_TRADE_CANCEL,
    EXEC_TRADE_CORRECT,
    STATUS_CANCELED,
    STATUS_FILLED,
    STATUS_PARTIALLY_FILLED,
    STATUS_PENDING_CANCEL,
    STATUS_PENDING_NEW,
    STATUS_PENDING_REPLACE,
    STATUS_REJECTED,
)
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed, Notional, average
from fix_oms.orders import breaks, projection, restatements
from fix_oms.orders.executions import Execution, Executions
from fix_oms.orders.lifecycle import SAYS_ACKED, Lifecycle
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.orders.restatements import GOOD_TILL
from fix_oms.orders.said import WORKING, Said, add_once, date_of, trade_date_of

_PENDING: Final = frozenset({STATUS_PENDING_CANCEL, STATUS_PENDING_REPLACE})
_NO_ACCEPTANCE: Final = _PENDING | {STATUS_PENDING_NEW, STATUS_REJECTED}
_FILLS: Final = frozenset({STATUS_PARTIALLY_FILLED, STATUS_FILLED})
_BUYS: Final = frozenset({"1", "3"})
_EXECUTIONS: Final = frozenset({EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT})


@final
class Order:
    """One order. ``reference`` is its first ClOrdID. All else is evidence or its projection."""

    __slots__ = (
        "account",
        "avg_told",
        "buys",
        "cash_estimate",
        "client_ref",
        "created_ns",
        "cum_qty",
        "cum_told",
        "dk",
        "ended",
        "executions",
        "external",
        "last_date",
        "leaves_qty",
        "lifecycle",
        "loose",
        "number",
        "open_qty",
        "ord_status",
        "order_id",
        "order_id_rank",
        "provisional",
        "reference",
        "reported",
        "requests",
        "session",
        "side",
        "stated",
        "symbol",
        "terms",
        "terms_largest",
        "text",
        "unbookable",
        "uncertain",
        "unexplained",
        "unknown_told",
        "updated_ns",
        "venue",
    )

    def __init__(
        self, first: Request, *, session: str, venue: str, account: str, client_ref: str = ""
    ) -> None:
        self.reference: Final = first.cl_ord_id
        self.session: Final = session
        self.venue: Final = venue
        self.account: Final = account
        self.client_ref: Final = client_ref
        self.symbol: Final = first.terms.symbol
        self.side: Final = first.terms.side
        self.buys: Final = self.side in _BUYS
        self.created_ns: Final = first.created_ns
        self.updated_ns = first.created_ns
        self.number = 0
        self.external = False
        self.order_id = ""
        self.order_id_rank = 0
        self.text = ""
        self.cash_estimate: Fixed = 0
        # Evidence: each only ever grows.
        self.requests = [first]
        self.executions: Final = Executions()
        self.lifecycle: Final = Lifecycle()
        self.stated: tuple[Said, ...] = ()
        self.loose: tuple[Said, ...] = ()
        self.dk: tuple[str, ...] = ()
        self.reported = False
        self.unknown_told = False
        self.unbookable = False
        self.cum_told: Fixed = -1
        self.avg_told: Fixed = 0
        self.last_date = 0
        # Projection.
        self.terms = first.terms
        self.terms_largest: Fixed = first.terms.order_qty
        self.ended = False
        self.uncertain = False
        self.ord_status: str = STATUS_PENDING_NEW
        self.cum_qty: Fixed = 0
        self.leaves_qty: Fixed = first.terms.order_qty
        self.open_qty: Fixed = first.terms.order_qty
        self.provisional: Fixed = 0
        self.unexplained: Fixed = 0

    # -- what others ask ----------------------------------------------------------------------

    @property
    def avg_px(self) -> Fixed:
        """Notional over quantity of the effective executions, and of the provisional estimate."""
        return average(self.executions.notional + self.provisional_notional, self.cum_qty)

    @property
    def provisional_notional(self) -> Notional:
        """An estimate: what the told AvgPx(6) leaves for the unproven quantity, else Price(44)."""
        if not self.provisional:
            return 0
        estimate = self.avg_told * self.cum_told - self.executions.notional
        if self.avg_told and estimate > 0:
            return estimate
        return self.provisional * (self.terms.price or 0)

    @property
    def good_till(self) -> bool:
        """The order lives across days: by its TimeInForce(59), or as its broker treats it."""
        return self.terms.time_in_force in GOOD_TILL or self.lifecycle.keeps_leaves()

    @property
    def cl_ord_id(self) -> str:
        """The last ClOrdID that the broker has accepted: the one its reports carry."""
        return self.requests[restatements.newest_accepted(self.requests)].cl_ord_id

    @property
    def orig_cl_ord_id(self) -> str:
        """OrigClOrdID(41) for our next request: the last ClOrdID that was not refused."""
        for request in reversed(self.requests):
            if request.kind == REPLACE and not (request.refused or request.unsent):
                return request.cl_ord_id
        return self.reference

    def request(self, cl_ord_id: str) -> Request | None:
        """The request that carried this ClOrdID(11)."""
        for request in self.requests:
            if request.cl_ord_id == cl_ord_id:
                return request
        return None

    def outstanding(self) -> list[Request]:
        """Our requests that have no answer and could still get one."""
        if self.ended:
            return []
        return [
            r for r in self.requests if not r.answered and not (r.kind == NEW and self.reported)
        ]

    def is_open(self) -> bool:
        """Something of it can still happen, or is waited for."""
        if self.leaves_qty or self.open_qty:
            return True
        return bool(self.outstanding())

    def breaks(self) -> tuple[str, ...]:
        """What does not add up, in words; empty for an order whose story is consistent."""
        return breaks.of(self)

    def estimate_cash(self, qty: Fixed) -> None:
        """What a cash order may come to, in quantity, until its broker derives OrderQty(38)."""
        self.cash_estimate = qty
        projection.project(self)

    # -- evidence in --------------------------------------------------------------------------

    def add_request(self, request: Request) -> None:
        """We have sent a cancel or a replace."""
        self.requests.append(request)
        projection.project(self)

    def add_report(self, report: ExecutionReport, epoch: int = 0) -> bool:
        """Hold what an ExecutionReport says. Returns whether an execution was added.

        ``epoch`` of the session, with MsgSeqNum(34), is the last resort between tied reports.
        """
        self.reported = True
        index = 0 if report.cl_ord_id == self.reference else self._index(report.cl_ord_id)
        order_id = report.order_id
        if order_id is not None and order_id != self.order_id and order_id != "NONE":
            self._name(index, order_id)
        if report.text:
            self.text = report.text
        executed = self._add_execution(report)
        told = report.cum_qty
        if told is not None and told >= self.cum_told:
            self.avg_told = max(report.avg_px or 0, self.avg_told if told == self.cum_told else 0)
            self.cum_told = told
        if report.exec_type == EXEC_REJECTED:
            self._add_rejection(report, epoch)
        elif not (executed and report.ord_status in _FILLS and self._is_plain(index)):
            self._add_answer(report, index, epoch)
        projection.project(self)
        return executed

    def refuse(self, request: Request, text: str) -> None:
        """A message named the request as refused. That ends a new order only while the broker has
        never reported it: a report outranks what a reject of a message lets us infer."""
        request.refused = True
        request.text = text or request.text
        if request.kind == NEW:
            self.text = text or self.text
        projection.take_terms(self)
        projection.project(self)

    def accept(self, request: Request, text: str) -> None:
        """A person answers for it that the broker has accepted the request."""
        request.accepted = True
        request.text = text
        projection.take_terms(self)
        projection.project(self)

    def end(self, status: str, now: int, text: str) -> None:
        """A person answers for it that the order is at its end (Canceled, Expired, Rejected)."""
        self.lifecycle.end(status, -1, now)
        self.text = text
        projection.project(self)

    def never_left(self, request: Request, reason: str) -> None:
        """The request is proven not to have left."""
        request.unsent = True
        request.text = reason
        if request.kind == NEW:
            self.text = reason
        projection.project(self)

    def _name(self, index: int, order_id: str) -> None:
        """The OrderID(37) under the newest request; the highest text between two under one."""
        mine, held = (index, order_id), (self.order_id_rank, self.order_id)
        if mine > held:
            self.order_id_rank, self.order_id = mine

    def _add_execution(self, report: ExecutionReport) -> bool:
        kind = report.exec_type
        if kind not in _EXECUTIONS:
            return False
        exec_id, ref = report.exec_id, report.exec_ref_id
        qty, px = report.last_qty, report.last_px
        if exec_id is not None:
            if kind == EXEC_TRADE_CANCEL and ref is not None:
                return self._held(self.executions.bust(_execution(report, exec_id, 0, 0, ref)))
            if qty is not None and px is not None:
                if kind == EXEC_TRADE and qty > 0:
                    return self._held(self.executions.trade(_execution(report, exec_id, qty, px)))
                if kind == EXEC_TRADE_CORRECT and ref is not None:
                    new = _execution(report, exec_id, qty, px, ref)
                    return self._held(self.executions.correct(new))
        # A trade that lacks its id is provisional where CumQty(14) is told with it; else a break.
        told = kind == EXEC_TRADE and (report.cum_qty is not None or qty == 0)
        self.unbookable = self.unbookable or not told
        return False

    def _is_plain(self, index: int) -> bool:
        """Whether a fill under this request says nothing that its execution does not say."""
        return (
            self.requests[index].accepted
            and not self.external
            and self.terms.cash_order_qty is None
            and self.executions.plain
        )

    def _held(self, added: bool) -> bool:
        if added and self.stated:
            projection.take_terms(
                self
            )  # what was taken for a split or an increase may turn out the other
        return added

    def _add_rejection(self, report: ExecutionReport, epoch: int) -> None:
        """ExecType Rejected speaks of the request it names; only OrdStatus says the order ended."""
        request = self.request(report.cl_ord_id or "")
        if request is not None and request.kind != NEW:
            request.refused = True
            request.text = report.text or ""
            projection.take_terms(self)
        elif report.ord_status == STATUS_REJECTED:
            self.lifecycle.add(report, 0, _arrival(report, epoch), False)
            self.requests[0].refused = True
            self.requests[0].text = report.text or ""

    def _index(self, cl_ord_id: str | None) -> int:
        """Which request carried this ClOrdID(11); the first, where none of them did."""
        index = len(self.requests) - 1
        while index and self.requests[index].cl_ord_id != cl_ord_id:
            index -= 1
        return index

    def _add_answer(self, report: ExecutionReport, index: int, epoch: int) -> None:
        """What the report says of the order, and of the request whose ClOrdID(11) it carries."""
        arrival = _arrival(report, epoch)
        is_trade = report.exec_type == EXEC_TRADE and report.ord_status in WORKING
        self.lifecycle.add(report, index, arrival, is_trade)
        self.last_date = max(
            self.last_date, trade_date_of(report) or date_of(report.transact_time or 0)
        )
        request, status = self.requests[index], report.ord_status
        states = report.exec_type in (EXEC_RESTATED, EXEC_REPLACED)
        if report.exec_type == EXEC_REPLACED and request.kind != REPLACE:
            self.loose = add_once(self.loose, Said(report, index, arrival))
        elif status in _PENDING and request.kind != NEW and not states:
            request.pending = True
            return
        elif request.kind == NEW:
            request.accepted = request.accepted or status in SAYS_ACKED
        elif request.kind == CANCEL:
            request.accepted = request.accepted or status == STATUS_CANCELED
        elif not request.accepted and (states or status not in _NO_ACCEPTANCE):
            request.accepted = True
            projection.take_terms(self)
        derives = self.external or self.terms.cash_order_qty is not None
        if (states and request.kind != CANCEL) or derives:
            self._state_terms(report, index, epoch)

    def _state_terms(self, report: ExecutionReport, index: int, epoch: int) -> None:
        stated = add_once(self.stated, Said(report, index, _arrival(report, epoch)))
        if stated is not self.stated:
            self.stated = stated
            projection.take_terms(self)

    def statements(self) -> Iterable[Said]:
        """Every statement that is held, for what reads them all."""
        return (*self.stated, *self.loose, *self.lifecycle.special, *self.lifecycle.latest)

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        self.executions._check()
        assert self.leaves_qty >= 0
        assert self.open_qty >= 0
        assert self.cum_qty == self.executions.qty + self.provisional
        assert not (self.ended and self.leaves_qty)


def _execution(
    report: ExecutionReport, exec_id: str, qty: Fixed, px: Fixed, ref: str = ""
) -> Execution:
    return Execution(
        exec_id,
        qty,
        px,
        report.transact_time or 0,
        ref,
        -1 if report.cum_qty is None else report.cum_qty,
        report.order_qty or 0,
        trade_date_of(report) if report.trade_date is not None else 0,
        report.ord_status in WORKING,
    )


def _arrival(report: ExecutionReport, epoch: int) -> int:
    return (epoch << 40) + report.msg_seq_num
