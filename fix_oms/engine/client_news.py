"""What a client is told when something was learned: from its mirror of an order to the truth.

**Theory.** The difference between what was told and what holds is told in an order that makes
sense to who hears it: the acceptance, executions that are taken back, executions that are put
right, other terms, new executions, the end; then the refusals of what was asked. Each report
carries CumQty(14), LeavesQty(151) and AvgPx(6) as they are *after it*, so they agree with the
executions told so far, and the last one carries those that hold: CumQty may by then count what the
broker has told and not proven, as a broker's own report would. OrdStatus(39) is that of a working
order until the report that says otherwise.

A change that FIX has no ExecType(150) for is told as Restated (terms that nobody asked for, an
order that goes on after a halt), or, where only numbers differ, as Order Status, which is no event.
So what was told last is what holds, always: that is checked by a test that plays our reports to an
order book of the other side.

TransactTime(60) is when we learned it: the one clock by which all our reports to a client can be
put in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from fix_oms.engine.client_state import Ask, Fill, Mirror, Told
from fix_oms.engine.client_truth import ACCEPTED, NOT_YET, PENDING, Truth, working
from fix_oms.model.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
)
from fix_oms.model.messages import ExecutionReport, OrderCancelReject
from fix_oms.model.units import Fixed, average
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, REPLACE

News = list[ExecutionReport | OrderCancelReject]

_WORKING: Final = frozenset("012A")
_ENDED: Final = frozenset("48C")
_LASTS: Final = "3B79"
"""The states that hold an order up, in FIX's order of precedence."""
_HELD: Final = frozenset(_LASTS)
_OCCASIONS: Final = frozenset("346789BCE")
"""The states that have an ExecType(150) of the same code."""


class Answer(NamedTuple):
    """What became of one of the client's requests, with the words that came with it."""

    ask: Ask
    outcome: str
    text: str


class Change(NamedTuple):
    """An execution of ``order`` whose chain begins with ``root`` differs from what was told: by a
    ``kind`` of execution report, with the quantity and price that it then has (a bust: had)."""

    kind: ExecType
    order: str
    root: str
    qty: Fixed
    px: Fixed
    market: str
    is_fresh: bool = False
    """A bust or correction that came before its trade: it is told right after it, for the broker
    may have told a CumQty(14) that counts the trade as it was."""


def changes(mirror: Mirror, orders: Iterable[Order]) -> list[Change]:
    """The executions of these orders that differ from what was told."""
    found: list[Change] = []
    for order in orders:
        found += _changes(mirror.fills.get(order.reference, {}), order)
    return found


def _changes(told: dict[str, Fill], order: Order) -> Iterator[Change]:
    done, name, market = order.executions, order.reference, order.venue
    if done.plain and not done.conflicts:  # then the new ones are the last ones
        behind = len(done.trades) - len(told)
        newest = list(islice(reversed(done.trades.items()), behind))
        for root, trade in reversed(newest):
            yield Change(ExecType.TRADE, name, root, trade.qty, trade.px, market)
        return
    counted = {trade.exec_id: version for version, _, trade in done.counted()}
    for root, trade in done.trades.items():
        fill, version = told.get(root), counted.get(root)
        if fill is None:
            yield Change(ExecType.TRADE, name, root, trade.qty, trade.px, market)
            if version is None:
                yield Change(ExecType.TRADE_CANCEL, name, root, trade.qty, trade.px, market, True)
            elif (trade.qty, trade.px) != (version.qty, version.px):
                yield Change(
                    ExecType.TRADE_CORRECT, name, root, version.qty, version.px, market, True
                )
        elif version is None:
            if fill.qty:
                yield Change(ExecType.TRADE_CANCEL, name, root, fill.qty, fill.px, market)
        elif (fill.qty, fill.px) != (version.qty, version.px):
            yield Change(ExecType.TRADE_CORRECT, name, root, version.qty, version.px, market)


def news(
    now: int,
    mirror: Mirror,
    truth: Truth,
    executed: list[Change],
    answers: list[Answer],
    next_id: Callable[[], str],
) -> News:
    """What is to be told, in order; the mirror is then as it says."""
    return _Teller(now, mirror, truth, answers, next_id).tell(executed)


class _Teller:
    """One order's news of one step."""

    def __init__(
        self,
        now: int,
        mirror: Mirror,
        truth: Truth,
        answers: list[Answer],
        next_id: Callable[[], str],
    ) -> None:
        self._now: Final = now
        self._mirror: Final = mirror
        self._truth: Final = truth
        self._before: Final = mirror.told
        self._answers: Final = answers
        self._next_id: Final = next_id
        self._said: News = []

    def tell(self, executed: list[Change]) -> News:
        truth, before = self._truth, self._before
        self._begin(executed)
        for change in [c for c in executed if c.kind == ExecType.TRADE_CANCEL and not c.is_fresh]:
            self._execution(change)
        for change in [c for c in executed if c.kind == ExecType.TRADE_CORRECT and not c.is_fresh]:
            self._execution(change)
        self._terms()
        for change in [c for c in executed if c.kind == ExecType.TRADE or c.is_fresh]:
            self._execution(change)
        if truth.status != before.status and truth.status in _OCCASIONS:
            if _LASTS.find(truth.status) > _LASTS.find(before.status) >= 0:
                self._resume()
            self._occasion()
        elif truth.status in _WORKING and before.status in _HELD and not self._said:
            self._resume()
        self._settle_last()
        self._refusals()
        self._catch_up()
        return self._said

    # -- parts, in the order in which they are told ---------------------------------------------

    def _begin(self, executed: list[Change]) -> None:
        """That it was taken in, and that it works."""
        truth, before = self._truth, self._before
        if truth.status == OrdStatus.PENDING_NEW and not before.status:
            self._report(ExecType.PENDING_NEW)
        elif (
            before.status in ("", OrdStatus.PENDING_NEW)
            and truth.acked
            and not executed
            and truth.status not in _ENDED
        ):
            self._report(ExecType.NEW)

    def _execution(self, change: Change) -> None:
        mirror, kind = self._mirror, change.kind
        held = mirror.fills.setdefault(change.order, {})
        exec_id, old = self._next_id(), held.get(change.root)
        if old is not None:
            mirror.qty -= old.qty
            mirror.notional -= old.qty * old.px
        if kind == ExecType.TRADE_CANCEL:
            held[change.root] = Fill(exec_id, 0, 0)
        else:
            mirror.qty += change.qty
            mirror.notional += change.qty * change.px
            held[change.root] = Fill(exec_id, change.qty, change.px)
        self._report(
            kind,
            exec_id=exec_id,
            exec_ref_id=None if old is None else old.exec_id,
            last_qty=change.qty,
            last_px=change.px,
            last_mkt=change.market if kind == ExecType.TRADE else None,
        )

    def _terms(self) -> None:
        """Terms that were asked for, and terms that nobody asked for."""
        mirror, truth, before = self._mirror, self._truth, self._before
        for ask, outcome, _ in self._answers:
            if outcome == ACCEPTED and ask.kind == REPLACE:
                orig, mirror.cl_ord_id = mirror.cl_ord_id, ask.cl_ord_id
                self._report(ExecType.REPLACED, orig_cl_ord_id=orig)
                before = self._terms_told(before)
        held = (truth.order_qty, truth.price, truth.stop_px, truth.time_in_force)
        told = (before.order_qty, before.price, before.stop_px, before.time_in_force)
        if before.status and before.order_qty and held != told:
            split = truth.splits > before.splits
            reason = ExecRestatementReason.OTHER
            if split:
                reason = ExecRestatementReason.GT_CORPORATE_ACTION
            self._report(ExecType.RESTATED, exec_restatement_reason=reason.value)

    def _terms_told(self, before: Told) -> Told:
        truth = self._truth
        return before._replace(
            order_qty=truth.order_qty,
            price=truth.price,
            stop_px=truth.stop_px,
            time_in_force=truth.time_in_force,
        )

    def _occasion(self) -> None:
        """The order has come to its end, or to a state that FIX has a report for."""
        mirror, truth = self._mirror, self._truth
        more: dict[str, Any] = {}
        wanted = CANCEL if truth.status == OrdStatus.CANCELED else PENDING.get(truth.status)
        ask = next((a for a in reversed(mirror.asks) if a.kind == wanted), None)
        if ask is not None:
            more = {"cl_ord_id": ask.cl_ord_id, "orig_cl_ord_id": mirror.cl_ord_id}
        if truth.status == OrdStatus.REJECTED:
            more["ord_rej_reason"] = OrdRejReason.BROKER
        if truth.text:
            more["text"] = truth.text
        self._report(ExecType(truth.status), status=truth.status, **more)
        if ask is not None and truth.status == OrdStatus.CANCELED:
            mirror.asks.remove(ask)
            mirror.cl_ord_id = ask.cl_ord_id

    def _resume(self) -> None:
        """The order works again after a state that held it: one that another state, which ranks
        below it, may follow."""
        renewed = self._before.status == OrdStatus.DONE_FOR_DAY
        reason = ExecRestatementReason.GT_RENEWAL if renewed else ExecRestatementReason.OTHER
        truth = self._truth
        self._report(
            ExecType.RESTATED,
            status=working(self._mirror.qty, truth.order_qty, acked=True),
            exec_restatement_reason=reason.value,
            text=truth.text or None,
        )

    def _settle_last(self) -> None:
        """The last report says what holds; nothing comes after it that could."""
        truth = self._truth
        if self._said and isinstance(last := self._said[-1], ExecutionReport):
            last.ord_status, last.cum_qty = truth.status, truth.cum_qty
            last.leaves_qty, last.avg_px = truth.leaves_qty, truth.avg_px

    def _refusals(self) -> None:
        """What the client has asked for and will not get; what was answered is asked no more."""
        mirror = self._mirror
        for ask, outcome, text in self._answers:
            if outcome == NOT_YET or ask not in mirror.asks:
                continue
            mirror.asks.remove(ask)
            if outcome != ACCEPTED:
                reason = CxlRejReason.BROKER if text else CxlRejReason.OTHER
                if self._truth.status in _ENDED | {OrdStatus.FILLED}:
                    reason = CxlRejReason.TOO_LATE
                self._said.append(
                    cancel_reject(
                        ask.cl_ord_id,
                        mirror.cl_ord_id,
                        ask.kind,
                        mirror.reference,
                        self._truth.status,
                        reason,
                        text,
                        self._now,
                    )
                )

    def _catch_up(self) -> None:
        """Tell as a status what no event has told."""
        truth, mirror = self._truth, self._mirror
        told = Told(
            truth.status,
            truth.cum_qty,
            truth.leaves_qty,
            truth.avg_px,
            truth.order_qty,
            truth.price,
            truth.stop_px,
            truth.time_in_force,
            truth.splits,
        )
        before, mirror.told = self._before, told
        if any(isinstance(one, ExecutionReport) for one in self._said):
            return
        if self._said:  # a refusal tells the status
            before = before._replace(status=truth.status)
        if before != told:
            self._report(ExecType.ORDER_STATUS, exec_id=None, status=truth.status)
            self._settle_last()

    # -- one report -----------------------------------------------------------------------------

    def _report(self, kind: ExecType, *, status: str | None = None, **more: Any) -> None:
        mirror, truth = self._mirror, self._truth
        cum = truth.cum_qty if truth.splits else mirror.qty
        leaves = 0 if status in _ENDED else max(0, truth.order_qty - cum)
        more.setdefault("cl_ord_id", mirror.cl_ord_id)
        if "exec_id" not in more:
            more["exec_id"] = self._next_id()
        self._said.append(
            report(
                truth,
                mirror,
                self._now,
                exec_type=kind,
                ord_status=status or self._working(cum, kind),
                cum_qty=cum,
                leaves_qty=leaves,
                avg_px=average(mirror.notional, mirror.qty),
                **more,
            )
        )

    def _working(self, cum: Fixed, kind: ExecType) -> str:
        """OrdStatus(39) of a report that something comes after."""
        was = self._before.status
        if was and was not in _WORKING:
            return was
        return working(cum, self._truth.order_qty, kind != ExecType.PENDING_NEW)


def report(truth: Truth, mirror: Mirror, now: int, **more: Any) -> ExecutionReport:
    """An ExecutionReport of the order with its standing fields; ``more`` are the others."""
    return ExecutionReport(
        order_id=mirror.reference,
        symbol=truth.symbol,
        side=truth.side,
        order_qty=truth.order_qty if truth.cash_order_qty is None else truth.order_qty or None,
        cash_order_qty=truth.cash_order_qty,
        ord_type=truth.ord_type,
        price=truth.price,
        stop_px=truth.stop_px,
        time_in_force=truth.time_in_force,
        account=mirror.account or None,
        transact_time=now,
        **more,
    )


def cancel_reject(
    cl_ord_id: str,
    orig: str,
    kind: str,
    reference: str | None,
    status: str,
    reason: str,
    text: str,
    now: int,
) -> OrderCancelReject:
    """35=9 of a client's cancel or replace."""
    replaces = kind == REPLACE
    return OrderCancelReject(
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig,
        order_id=reference,
        ord_status=status,
        cxl_rej_response_to=CxlRejResponseTo.REPLACE if replaces else CxlRejResponseTo.CANCEL,
        cxl_rej_reason=reason,
        text=text or None,
        transact_time=now,
    )
