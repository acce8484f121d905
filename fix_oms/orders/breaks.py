"""What does not add up in an order's story: a projection like its state, never a log.

A break opens with the evidence that contradicts other evidence and closes with the evidence that
explains it, in whatever order the two arrive. Each is told to people in the words made here.

**Unexplained** is a CumQty(14) that no executions held can have come to. Where the broker told more
than it ever executed, that is *provisional* (see ``order``). The rest, each by what the set says
and none by what came last:

- with busts or corrections: a told value that is no sum of the executions at any of their sizes,
  or the newest by TransactTime(60) states more than counts;
- without any: every execution states CumQty(14), and the highest is less than they add up to: a
  bust may be missing;
- without any: the newest report that is no fill, by TransactTime(60), states less than the
  executions and a value at which CumQty never stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fix_oms.model.units import Fixed

if TYPE_CHECKING:
    from fix_oms.orders.order import Order


def of(order: Order) -> tuple[str, ...]:
    """The open breaks, in words."""
    done, life, first = order.executions, order.lifecycle, order.first
    order_qty = order.terms.order_qty
    # A late fill that completes the order is told as Filled: that is a last word as well.
    short = life.told_end and 0 <= life.ended_cum < done.qty < order_qty and done.plain
    overfilled = 0 < max(order_qty, order.terms_largest) < done.qty
    alive = order.ended and order.open_qty > (order.provisional + order.unexplained + done.larger)
    ended_under = {cl_ord_id for cl_ord_id, _, _ in order.aside.rejections}
    undone = any(
        r.refused and r.accepted_somehow and r.cl_ord_id not in ended_under for r in order.later
    )
    inferred = order.reported and (first.refused or first.unsent) and not life.rejected
    waiting = done.waiting() if done.busts or done.corrections else []
    effective = _effective_ids(order) if order.aside.dk else set()
    dk = [exec_id for exec_id in order.aside.dk if exec_id in effective]
    said = (
        (done.conflicts, "one ExecID(17) used for different executions"),
        (overfilled, "overfill: executions exceed OrderQty(38)"),
        (order.provisional, "CumQty(14) told exceeds the executions received"),
        (order.unexplained, "a CumQty(14) was told that the executions do not explain"),
        (short, "executed more than CumQty(14) of the final report"),
        (alive, "LeavesQty(151) told after the end of the order"),
        (life.rejected and order.cum_qty, "executions of a rejected order"),
        (order.aside.unbookable, "an execution was told that lacks what is needed to book it"),
        (inferred, "a reject named the order, and the broker reports it all the same"),
        (
            order.aside.unknown_told and order.reported,
            "the broker reported this order and now says it does not know it",
        ),
        (undone, "a request was accepted after it was refused"),
        (waiting, "bust or correction of an unknown execution: " + ", ".join(waiting)),
        (dk, "execution not accepted by us (35=Q) and not busted: " + ", ".join(dk)),
    )
    return tuple(text for holds, text in said if holds)


def unexplained(order: Order) -> Fixed:
    """The quantity by which what was told and what was executed cannot both be right."""
    done = order.executions
    if done.splits:
        return 0
    if done.plain:
        return max(_bust_missing(order), _newest_is_lower(order))
    told = {e.told for e in (*done.corrections.values(), *done.busts.values())}
    told.update(trade.told for trade in done.trades.values())
    told.update(said.told for said in order.statements())
    told.update((order.cum_told, order.lifecycle.ended_cum))
    told.discard(-1)
    missing = max((done.unreachable(value) for value in told), default=0)
    return max(missing, _newest_is_higher(order))


def _bust_missing(order: Order) -> Fixed:
    done = order.executions
    told = order.cum_told
    if not 0 <= told < done.gross or any(t.told < 0 for t in done.trades.values()):
        return 0
    return done.gross - told


def _newest_is_lower(order: Order) -> Fixed:
    done = order.executions
    newest = max(order.lifecycle.latest, key=lambda s: (s.when, s.told), default=None)
    if newest is None or newest.told < 0 or newest.told >= done.qty:
        return 0
    stood = {0}
    for trade in done.trades.values():
        if trade.time >= newest.when:
            return 0
        stood.update((trade.told, trade.told - trade.qty))
    return 0 if newest.told in stood else done.qty - newest.told


def _newest_is_higher(order: Order) -> Fixed:
    done = order.executions
    amended = [*done.corrections.values(), *done.busts.values()]
    told = [(e.time, e.told) for e in (*amended, *done.trades.values())]
    told += [(said.when, said.told) for said in order.statements()]
    told.append(order.lifecycle.ended_last)
    time, newest = max(told)
    if not time or any((not e.time or e.time >= time) and e.told != newest for e in amended):
        return 0
    return max(0, newest - done.qty - order.provisional)


def told_after_splits(order: Order) -> Fixed:
    """The highest CumQty(14) told, each in today's shares; a split is told, so there is one."""
    done = order.executions
    told = [done.told_scaled(trade) for trade in done.trades.values()]
    for said in order.statements():
        cum = said.told
        for split in done.splits:
            if cum > 0 and split.follows(said.order_qty, said.when, cum):
                cum = cum * split.after // split.before
        told.append(cum)
    return max(told)


def _effective_ids(order: Order) -> set[str]:
    """The ExecIDs of which something counts: the trade's and those of its corrections."""
    done = order.executions
    counted = {trade.exec_id for _, _, trade in done.counted()}
    return counted | {e for e in done.corrections if done.root(e) in counted}
