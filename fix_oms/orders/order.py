"""One order: the evidence it holds, and the state that evidence amounts to.

**Theory.** Reports of one order come late, twice, out of order and in races with our own requests.
So no report moves a state. A report adds evidence, each piece of which is a set, a maximum, or a
flag that never falls; the published state is a projection of all of it, computed anew after each
change. Adding the same evidence twice, or in another order, gives the same projection: that is
what makes the permutations of a day's reports end in one state.

The evidence is held by three small machines: ``executions``, ``requests`` and ``lifecycle`` (see
there). What they may not know: each other, the session, the clock.

**Projection.** FIX ranks the states that hold at once (4.4 volume 4, OrdStatus precedence), and
says nothing about what ends a state. What ends one here:

    Pending Cancel, Pending Replace   the request's own answer, or the end of the order
    Stopped, Suspended                Canceled, Expired, Rejected; or a later resumption, by time
    Done for Day                      for a GT order: a later restatement or working fill
    New, Pending New                  Rejected, which outranks them whatever arrived first
    Filled                            an accepted replace or a bust: CumQty falls below OrderQty

Canceled, Expired and Rejected end the order for good. Executions that arrive afterwards still
count; LeavesQty stays 0. Accepted terms are those of the newest accepted request in *our* sending
order, overlaid by what the accepting report itself states (a replace below CumQty ends at CumQty,
C.3.c); an unsolicited restatement follows the request whose id it carries, then its time.

**What is told and not proven.** The highest CumQty(14) told, less ``gross``, is *provisional*: the
broker says it has executed, no execution proves it yet. It counts in CumQty, never in a position.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import ExecType, OrdStatus
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.units import Fixed, Notional, average
from fix_oms.orders.executions import Executions
from fix_oms.orders.lifecycle import SAYS_ACKED, Lifecycle
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request

_PENDING: Final = frozenset({OrdStatus.PENDING_CANCEL, OrdStatus.PENDING_REPLACE})
_NO_ACCEPTANCE: Final = _PENDING | {OrdStatus.PENDING_NEW, OrdStatus.REJECTED}
_GOOD_TILL: Final = frozenset({"1", "6"})
_BUYS: Final = frozenset({"1", "3"})
_EXECUTIONS: Final = frozenset({ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})


class Order:
    """One order. ``reference`` is its first ClOrdID. All else is evidence or its projection."""

    __slots__ = (
        "account",
        "avg_told",
        "client_ref",
        "created_ns",
        "cum_qty",
        "cum_told",
        "executions",
        "external",
        "leaves_qty",
        "lifecycle",
        "number",
        "ord_status",
        "order_id",
        "order_id_rank",
        "provisional",
        "reference",
        "reported",
        "requests",
        "session",
        "side",
        "symbol",
        "terms",
        "terms_rank",
        "text",
        "unbookable",
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
        self.created_ns: Final = first.created_ns
        self.updated_ns = first.created_ns
        self.number = 0
        self.external = False
        self.order_id = ""
        self.order_id_rank = (-1, "")
        self.text = ""
        # Evidence: each only ever grows.
        self.requests = [first]
        self.executions = Executions()
        self.lifecycle = Lifecycle()
        self.reported = False
        self.unknown_told = False
        self.unbookable = False
        self.cum_told: Fixed = 0
        self.avg_told: Fixed = 0
        self.terms = first.terms
        self.terms_rank = (0, 0, 0, 0)
        # Projection.
        self.ord_status: str = OrdStatus.PENDING_NEW
        self.cum_qty: Fixed = 0
        self.leaves_qty: Fixed = first.terms.order_qty
        self.provisional: Fixed = 0

    # -- what others ask ----------------------------------------------------------------------

    @property
    def buys(self) -> bool:
        """Side(54) is Buy, or Buy Minus as somebody else may have sent; every other side sells."""
        return self.side in _BUYS

    @property
    def ended(self) -> bool:
        """The broker said Canceled, Expired or Rejected; or it has never said anything of the order
        and a reject of the message, or its never having left, says why."""
        if self.lifecycle.ended:
            return True
        first = self.requests[0]
        return not self.reported and (first.refused or first.unsent)

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
    def cl_ord_id(self) -> str:
        """The last ClOrdID that the broker has accepted: the one its reports carry."""
        for request in reversed(self.requests):
            if request.kind == REPLACE and request.accepted:
                return request.cl_ord_id
        return self.reference

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

    def open_qty(self) -> Fixed:
        """The most that could still execute: worst case over every unanswered replace.

        Provisional quantity is inside it, because no position holds it yet.
        """
        if self.ended:
            return self.lifecycle.ended_leaves + self.provisional
        if self.leaves_qty == 0 and self.ord_status != OrdStatus.FILLED:
            return self.provisional
        largest = self.terms.order_qty
        if len(self.requests) > 1:
            for request in self.requests:
                if request.kind == REPLACE and not request.answered:
                    largest = max(largest, request.terms.order_qty)
        return max(0, largest - self.executions.qty)

    def breaks(self) -> tuple[str, ...]:
        """What does not add up, in words; empty for an order whose story is consistent."""
        done, life = self.executions, self.lifecycle
        short = self.ended and 0 <= life.ended_cum < done.qty and not done.busts
        waiting = done.waiting() if done.busts or done.corrections else []
        said = (
            (done.conflicts, "one ExecID(17) used for different executions"),
            (done.qty > self.terms.order_qty, "overfill: executions exceed OrderQty(38)"),
            (self.provisional, "CumQty(14) told exceeds the executions received"),
            (short, "executed more than CumQty(14) of the final report"),
            (life.ended_leaves, "LeavesQty(151) told after the end of the order"),
            (life.rejected and self.cum_qty, "executions of a rejected order"),
            (self.unbookable, "an execution was told that lacks what is needed to book it"),
            (
                self.reported and self._inferred_end() and not life.rejected,
                "a reject named the order, and the broker reports it all the same",
            ),
            (
                self.unknown_told and self.reported,
                "the broker reported this order and now says it does not know it",
            ),
            (waiting, "bust or correction of an unknown execution: " + ", ".join(waiting)),
        )
        return tuple(text for holds, text in said if holds)

    # -- evidence in --------------------------------------------------------------------------

    def add_request(self, request: Request) -> None:
        """We have sent a cancel or a replace."""
        self.requests.append(request)

    def add_report(self, report: ExecutionReport) -> bool:
        """Hold what an ExecutionReport says. Returns whether an execution was added."""
        self.reported = True
        index = self._index(report.cl_ord_id)
        if report.order_id and report.order_id != "NONE":
            self.order_id_rank = max(self.order_id_rank, (index, report.order_id))
            self.order_id = self.order_id_rank[1]
        if report.text:
            self.text = report.text
        executed = self._add_execution(report)
        if report.cum_qty is not None and report.cum_qty >= self.cum_told:
            told = (report.cum_qty, report.avg_px or 0)
            self.cum_told, self.avg_told = max(told, (self.cum_told, self.avg_told))
        if report.exec_type == ExecType.REJECTED:
            self._add_rejection(report)
        else:
            self.lifecycle.add(report)
            self._add_answer(report, index)
        self.project()
        return executed

    def refuse(self, request: Request, text: str) -> None:
        """A message named the request as refused. That ends a new order only while the broker has
        never reported it: a report outranks what a reject of a message lets us infer."""
        request.refused = True
        request.text = text or request.text
        if request.kind == NEW:
            self.text = text or self.text
        self.project()

    def never_left(self, request: Request, reason: str) -> None:
        """The request is proven not to have left."""
        request.unsent = True
        request.text = reason
        if request.kind == NEW:
            self.text = reason
        self.project()

    def _add_execution(self, report: ExecutionReport) -> bool:
        kind = report.exec_type
        if kind not in _EXECUTIONS:
            return False
        exec_id, ref = report.exec_id, report.exec_ref_id
        qty, px, time = report.last_qty, report.last_px, report.transact_time or 0
        if exec_id is not None:
            if kind == ExecType.TRADE_CANCEL and ref is not None:
                return self.executions.bust(exec_id, ref)
            if qty is not None and px is not None:
                if kind == ExecType.TRADE and qty > 0:
                    return self.executions.trade(exec_id, qty, px, time)
                if kind == ExecType.TRADE_CORRECT and ref is not None:
                    return self.executions.correct(exec_id, ref, qty, px, time)
        # A trade that lacks its id is provisional where CumQty(14) is told with it; else a break.
        told = kind == ExecType.TRADE and (report.cum_qty is not None or qty == 0)
        self.unbookable = self.unbookable or not told
        return False

    def _add_rejection(self, report: ExecutionReport) -> None:
        """ExecType Rejected speaks of the request it names; only OrdStatus says the order ended."""
        request = self.request(report.cl_ord_id or "")
        if request is not None and request.kind != NEW:
            request.refused = True
            request.text = report.text or ""
        elif report.ord_status == OrdStatus.REJECTED:
            self.lifecycle.add(report)
            self.requests[0].refused = True
            self.requests[0].text = report.text or ""

    def _index(self, cl_ord_id: str | None) -> int:
        """Which request carried this ClOrdID(11); the first, where none of them did."""
        index = len(self.requests) - 1
        while index and self.requests[index].cl_ord_id != cl_ord_id:
            index -= 1
        return index

    def _add_answer(self, report: ExecutionReport, index: int) -> None:
        """What the report says of the request whose ClOrdID(11) it carries, and of the terms."""
        request = self.requests[index]
        replaced = report.exec_type == ExecType.REPLACED
        if replaced and request.kind != REPLACE:
            index = self._replace_meant(report) or index
            request = self.requests[index]
        if report.ord_status in _PENDING and request.kind != NEW and not replaced:
            request.pending = True
        elif request.kind == NEW:
            request.accepted = request.accepted or report.ord_status in SAYS_ACKED
        elif request.kind == REPLACE:
            if replaced or report.ord_status not in _NO_ACCEPTANCE:
                request.accepted = True
                self._take_terms(report, request, index)
        elif report.ord_status == OrdStatus.CANCELED:
            request.accepted = True
        if report.exec_type == ExecType.RESTATED and request.kind != CANCEL:
            self._take_terms(report, request, index)

    def _replace_meant(self, report: ExecutionReport) -> int | None:
        """The replace that a Replaced report means, where the broker kept the old ClOrdID(11)."""
        unanswered = [
            n for n, r in enumerate(self.requests) if r.kind == REPLACE and not r.answered
        ]
        for n in unanswered:
            terms = self.requests[n].terms
            if report.order_qty == terms.order_qty and report.price in (None, terms.price):
                return n
        return unanswered[0] if unanswered else None

    def _take_terms(self, report: ExecutionReport, request: Request, index: int) -> None:
        # A Replaced or Restated report states the terms themselves; another report that carries
        # the id only proves acceptance, so what was asked for stands until the former comes.
        restated = report.exec_type == ExecType.RESTATED
        states = restated or report.exec_type == ExecType.REPLACED
        rank = (index, restated + states, report.transact_time or 0, report.cum_qty or 0)
        if rank < self.terms_rank:
            return
        self.terms_rank = rank
        asked = request.terms
        if not states:
            self.terms = asked
            return
        self.terms = Terms(
            symbol=asked.symbol,
            side=asked.side,
            order_qty=report.order_qty or asked.order_qty,
            ord_type=asked.ord_type,
            price=asked.price if report.price is None else report.price,
            stop_px=asked.stop_px if report.stop_px is None else report.stop_px,
            time_in_force=asked.time_in_force,
            account=asked.account,
            ex_destination=asked.ex_destination,
            expire_time=asked.expire_time,
        )

    # -- projection ---------------------------------------------------------------------------

    def project(self) -> None:
        """Compute OrdStatus, CumQty and LeavesQty from the evidence."""
        done, order_qty = self.executions, self.terms.order_qty
        self.provisional = max(0, self.cum_told - done.gross)
        cum = self.cum_qty = done.qty + self.provisional
        if self.ended and not self.lifecycle.ended:
            self.ord_status, self.leaves_qty = OrdStatus.REJECTED, 0
            return
        good_till = self.terms.time_in_force in _GOOD_TILL
        pending = self._pending_status() if len(self.requests) > 1 else None
        status = self.ord_status = self.lifecycle.status(cum, order_qty, pending, good_till)
        inactive = status == OrdStatus.CALCULATED or (
            status == OrdStatus.DONE_FOR_DAY and not good_till
        )
        self.leaves_qty = 0 if inactive or self.ended else max(0, order_qty - cum)

    def _inferred_end(self) -> bool:
        return self.requests[0].refused or self.requests[0].unsent

    def _pending_status(self) -> str | None:
        kinds = {r.kind for r in self.requests if r.pending and not r.answered}
        if CANCEL in kinds:
            return OrdStatus.PENDING_CANCEL
        return OrdStatus.PENDING_REPLACE if REPLACE in kinds else None

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        self.executions._check()
        assert self.leaves_qty >= 0
        assert self.cum_qty == self.executions.qty + self.provisional
        assert not (self.ended and self.leaves_qty)
