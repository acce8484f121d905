"""From the evidence that an order holds to its state: OrdStatus, CumQty, LeavesQty, what is open.

The same evidence always gives the same state, whatever the order in which it came (see ``order``).
Nearly every report is of an order that is plain: one request, no state but New, Partially Filled
or Filled, every CumQty(14) explained by an execution. It is projected by a short road; the long
road gives the same for it.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Final

from fix_oms.model.codes import (
    STATUS_CALCULATED,
    STATUS_DONE_FOR_DAY,
    STATUS_FILLED,
    STATUS_NEW,
    STATUS_PARTIALLY_FILLED,
    STATUS_PENDING_CANCEL,
    STATUS_PENDING_NEW,
    STATUS_PENDING_REPLACE,
    STATUS_REJECTED,
    STATUS_STOPPED,
)
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE, Fixed, Notional, average
from fix_oms.orders import breaks, restatements
from fix_oms.orders.aside import EMPTY
from fix_oms.orders.lifecycle import SPECIAL
from fix_oms.orders.requests import CANCEL, REPLACE, Request
from fix_oms.orders.said import date_of

if TYPE_CHECKING:
    from fix_oms.orders.order import Order

_PENDING: Final = frozenset({STATUS_PENDING_CANCEL, STATUS_PENDING_REPLACE})
_INACTIVE: Final = frozenset({STATUS_DONE_FOR_DAY, STATUS_CALCULATED})


def project(order: Order) -> None:
    """Compute OrdStatus, CumQty, LeavesQty and the open quantity from the evidence."""
    done, life, order_qty = order.executions, order.lifecycle, order.terms.order_qty
    if (
        order.cum_told == done.gross
        and done.plain
        and not (life.ended or life.special or life.latest)
        and not order.later
        and order_qty
    ):
        _plainly(order, done.qty, order_qty)
        return
    order.sound = False
    if life.uncertain:
        life.uncertain = False
    for cl_ord_id, cum_told, time in order.aside.rejections:
        request = order.request(cl_ord_id)
        if request is not None and request.accepted:
            order.own_lifecycle().end(STATUS_REJECTED, cum_told, time)
            life = order.lifecycle
    told = order.cum_told if not done.splits else breaks.told_after_splits(order)
    order.provisional = max(0, told - done.gross)
    order.unexplained = breaks.unexplained(order)
    cum = order.cum_qty = done.qty + order.provisional
    first = order.first
    if not (life.ended or order.reported) and (first.refused or first.unsent):
        order.ended, order.ord_status = True, STATUS_REJECTED
        order.leaves_qty = order.open_qty = 0
        return
    order.ended = life.ended
    good_till = bool(life.special) and order.good_till
    filled_at = order_qty or cum + 1  # a cash order without OrderQty is never filled
    status = order.ord_status = _status(order, cum, cum > 0 and cum >= filled_at, good_till)
    inactive = order.ended or (status in _INACTIVE and not good_till)
    order.leaves_qty = 0 if inactive else max(0, order_qty - cum)
    order.open_qty = _open_qty(order, inactive and not life.uncertain)


def _plainly(order: Order, cum: Fixed, order_qty: Fixed) -> None:
    order.sound = (
        cum <= order_qty
        and not order.executions.conflicts
        and not order.first.refused
        and order.aside is EMPTY
    )
    order.ended = False
    order.provisional = order.unexplained = 0
    order.cum_qty = cum
    order.ord_status = _plain_status(order, cum, cum >= order_qty)
    # Without a fill the numbers are the very objects of the terms: 64 bytes less an order.
    order.leaves_qty = max(0, order_qty - cum) if cum else order_qty
    order.open_qty = max(0, order.terms_largest - cum) if cum else order.terms_largest


def _plain_status(order: Order, cum: Fixed, filled: bool) -> str:
    if filled:
        return STATUS_FILLED
    if cum:
        return STATUS_PARTIALLY_FILLED
    return STATUS_NEW if order.acked else STATUS_PENDING_NEW


def status_for(order: Order, waits: Set[str]) -> str:
    """OrdStatus(39) for somebody who awaits the answers to these requests alone (ClOrdIDs): it is
    none of his business what else is pending."""
    if order.ord_status not in _PENDING:
        return order.ord_status
    life, cum, order_qty = order.lifecycle, order.cum_qty, order.terms.order_qty
    filled, good_till = 0 < order_qty <= cum, bool(life.special) and order.good_till
    uncertain = life.uncertain
    status = _status(order, cum, filled, good_till, waits)
    if life.uncertain != uncertain:  # that is the projection's to say
        life.uncertain = uncertain
    return status


def _status(
    order: Order, cum: Fixed, filled: bool, good_till: bool, waits: Set[str] | None = None
) -> str:
    """The state of highest FIX precedence among those that hold."""
    life, done = order.lifecycle, order.executions
    if life.ended:
        return STATUS_FILLED if filled else life.end_status()
    pending = _pending_status(order, waits)
    if pending is not None:
        return pending
    if life.special:
        trades = done.trades.values()
        holding = life.holding(trades, good_till, done.plain, order.acked_when, order.last_when)
        for status in SPECIAL:
            if status == STATUS_STOPPED and filled:
                break
            if status in holding:
                return status
    return _plain_status(order, cum, filled)


def take_terms(order: Order) -> None:
    """The terms that hold, after something was said of them or of a request."""
    if not order.later and not order.aside.stated:
        return
    done, requests = order.executions, order.requests
    grows = not (done.corrections or done.busts)
    restatements.assign(requests, list(order.aside.loose))
    splits = restatements.splits_of(requests, order.aside.stated, done, grows)
    if splits or done.splits:
        order.own_executions().rescale(splits)
        done = order.executions
    found = restatements.terms_of(requests, order.aside.stated, done.plain)
    order.terms, order.uncertain, order.terms_largest = found


def day(order: Order) -> tuple[Fixed, Fixed, Fixed] | None:
    """DayOrderQty(424), DayCumQty(425) and DayAvgPx(426) of the last day that reports told.

    DayOrderQty = OrderQty - (CumQty - DayCumQty), FIX 4.4 volume 4. None without any date.
    """
    held = order.executions.trades.values()
    last = order.aside.last_date or date_of(order.last_when)
    today = max([last, *(trade.trade_date() for trade in held)])
    if not today:
        return None
    counted = order.executions.counted()
    done = [(qty, version) for version, qty, trade in counted if trade.trade_date() == today]
    cum: Fixed = sum(qty for qty, _ in done)
    notional: Notional = sum(version.qty * version.px for _, version in done)
    return order.terms.order_qty - (order.cum_qty - cum), cum, average(notional, cum)


def _open_qty(order: Order, inactive: bool) -> Fixed:
    """The most that could still execute: worst case over every unanswered replace and tie.

    Provisional and unexplained quantity is inside it, because no position holds it yet.
    """
    done = order.executions
    if order.ended:
        order_qty, trades = order.terms.order_qty, done.trades.values()
        alive = order.lifecycle.alive_after_end(trades, order_qty, done.plain)
        return max(0, alive) + order.provisional + order.unexplained + done.larger
    possible = may_hold(order)
    if inactive and not possible:
        return order.provisional + order.unexplained + done.larger
    return _open_of(order, [r.terms for r in possible])


def open_with(order: Order, terms: Terms) -> Fixed:
    """The most that could still execute if these were asked for as well: of a replace of ours."""
    asked = [r.terms for r in may_hold(order)]
    return max(order.open_qty, _open_of(order, [*asked, terms]))


def may_hold(order: Order) -> list[Request]:
    """The requests whose terms may hold beside, or in place of, those that do: the replaces without
    an answer; all of them, where one was accepted and refused."""
    if any(r.refused and r.accepted_somehow for r in order.requests):
        return [r for r in order.requests if r.kind != CANCEL]
    return [r for r in order.later if r.kind == REPLACE and not r.answered]


def _open_of(order: Order, possible: list[Terms]) -> Fixed:
    done = order.executions
    rest = max([order.terms_largest, *(terms.order_qty for terms in possible)]) - done.qty
    if any(_is_by_cash(terms) for terms in (order.terms, *possible)):
        rest = max(rest, _cash_rest(order))
    if order.ord_status != STATUS_FILLED:
        rest += done.smaller
    return max(order.provisional, rest, 0) + order.unexplained


def _is_by_cash(terms: Terms) -> bool:
    """Whether only the money says how much: no OrderQty(38) has been derived or estimated."""
    return terms.cash_order_qty is not None and not terms.order_qty


def _cash_rest(order: Order) -> Fixed:
    """The most that is left for a cash order whose OrderQty(38) its broker does not tell: the
    estimate, or what the money left buys at the lowest price so far."""
    done, aside = order.executions, order.aside
    rest, cash = aside.cash_estimate - done.qty, order.terms.cash_order_qty
    lowest = min((version.px for version, _, _ in done.counted() if version.px > 0), default=0)
    if cash is None or not lowest:
        return rest
    left = cash * SCALE - done.notional * aside.cash_multiplier // SCALE
    return max(rest, left * SCALE // (lowest * aside.cash_multiplier))


def _pending_status(order: Order, waits: Set[str] | None) -> str | None:
    if not order.later:
        return None
    pending = [r for r in order.requests if r.pending and not r.answered]
    kinds = {r.kind for r in pending if waits is None or r.cl_ord_id in waits}
    if CANCEL in kinds:
        return STATUS_PENDING_CANCEL
    return STATUS_PENDING_REPLACE if REPLACE in kinds else None
