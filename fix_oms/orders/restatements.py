"""The terms that hold by now: what we asked for, as the broker accepted and restated it.

Requests are ordered by our sending, so the newest accepted one gives the terms. Over it lie, in
this order, what its Replaced report states (a replace below CumQty ends at CumQty, C.3.c) and the
unsolicited restatements under its id (E.1.c, E.1.d), each by its place among the others (``said``).

**Splits.** A restatement that multiplies OrderQty and CumQty alike is a corporate action (H.1.b):
what executed before it is rescaled. It is one if ExecRestatementReason(378) says so; for a
good-till order whose report gives no reason, if CumQty is exactly what the executions before it
come to at the ratio of the two OrderQty, and AvgPx does not speak against it. The second reading
is taken anew with each piece of evidence: a late fill may show that it was an increase.

A replace that a broker reports under the old ClOrdID(11) names none of our requests; it is the one
whose terms it states, else the first that has no answer.
"""

from __future__ import annotations

from typing import Final

from msgspec import structs

from fix_oms.model.codes import EXEC_REPLACED, EXEC_RESTATED
from fix_oms.model.fix import ExecRestatementReason
from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed, Notional, average
from fix_oms.orders.execution import Split, rescaled
from fix_oms.orders.executions import Executions
from fix_oms.orders.requests import REPLACE, Request
from fix_oms.orders.said import Said, add_once, compare, newest_first

GOOD_TILL: Final = frozenset({"1", "6"})
_NO_SPLIT: Final = frozenset(ExecRestatementReason) - {
    ExecRestatementReason.GT_CORPORATE_ACTION,
    ExecRestatementReason.GT_RENEWAL,
    ExecRestatementReason.OTHER,
}
_AVG_PX_PERCENT: Final = 1
"""AvgPx(6) may be rounded; a split changes it by far more than this."""


def assign(requests: tuple[Request, ...], replaced: list[Said]) -> None:
    """Find the requests that Replaced reports under another id meant, by what they state.

    Those that state a request's terms choose first, so that arrival decides nothing.
    """
    open_ones = []
    for request in requests:
        request.meant = None
        if request.kind == REPLACE and not request.answered:
            open_ones.append(request)
    if not replaced:
        return
    asked = {r.terms.order_qty for r in requests if r.kind == REPLACE}
    for said in sorted(replaced, key=lambda s: (s.order_qty not in asked, s.facts())):
        exact = (r for r in open_ones if _states(said, r.terms))
        chosen = next(exact, open_ones[0] if open_ones else None)
        if chosen is not None:
            chosen.meant = said
            open_ones.remove(chosen)


def _states(said: Said, terms: Terms) -> bool:
    return said.order_qty == terms.order_qty and said.price in (None, terms.price)


def state(held: tuple[Said, ...], said: Said) -> tuple[Said, ...]:
    """With the new statement of terms; of those in passing only the highest of a request counts."""
    if _rank(said):
        return add_once(held, said)
    rivals = [one for one in held if one.index == said.index and not _rank(one)]
    if any(_height(one) >= _height(said) for one in rivals):
        return held
    return (*[one for one in held if one not in rivals], said)


def _height(said: Said) -> tuple[Fixed, Fixed, int, tuple[str, ...]]:
    return said.order_qty, said.told, said.when, said.facts()


def newest_accepted(requests: tuple[Request, ...]) -> int:
    """The index of the request whose terms hold: the newest accepted replace, else the order."""
    index = len(requests) - 1
    while index and not (requests[index].kind == REPLACE and requests[index].accepted_somehow):
        index -= 1
    return index


def terms_of(
    requests: tuple[Request, ...], said: tuple[Said, ...], grows: bool
) -> tuple[Terms, bool, Fixed]:
    """The terms that hold, whether a tie decided, and the largest OrderQty of those tied."""
    base = newest_accepted(requests)
    terms = requests[base].terms
    if base and terms.cash_order_qty is not None:
        terms = structs.replace(terms, order_qty=0)  # held there as an estimate only
    largest = terms.order_qty
    qty_tied = px_tied = False
    last: Said | None = None
    meant = requests[base].meant
    if meant is not None:
        terms = _stated(terms, meant)
    for one in _oldest_first(said, base, grows):
        tied = (
            last is not None
            and _rank(last) == _rank(one)
            and not compare(one.told, one.when, last.told, last.when, grows)
        )
        terms = _stated(terms, one)
        if last is not None and tied:
            qty_tied |= one.order_qty != last.order_qty
            px_tied |= one.price != last.price
            largest = max(largest, one.order_qty)
        else:  # newer than any that were tied: it settles what it states
            largest = terms.order_qty
            qty_tied, px_tied = False, px_tied and one.price is None
        last = one
    return terms, qty_tied or px_tied, max(largest, terms.order_qty)


def splits_of(
    requests: tuple[Request, ...], said: tuple[Said, ...], done: Executions, grows: bool
) -> tuple[Split, ...]:
    """The corporate actions among the restatements."""
    found: list[Split] = []
    if all(one.exec_type != EXEC_RESTATED for one in said):
        return ()
    good_till = requests[0].terms.time_in_force in GOOD_TILL
    for index in sorted({one.index for one in said}):
        qty = requests[index].terms.order_qty
        for one in _oldest_first(said, index, grows):
            if one.exec_type == EXEC_RESTATED and 0 < one.order_qty != qty > 0:
                split = Split(qty, one.order_qty, one.when, one.told)
                if _is_split(one, split, good_till, done, found):
                    found.append(split)
            qty = one.order_qty or qty
    return tuple(found)


def _is_split(
    said: Said, split: Split, good_till: bool, done: Executions, earlier: list[Split]
) -> bool:
    if said.reason == ExecRestatementReason.GT_CORPORATE_ACTION:
        return True
    if said.reason in _NO_SPLIT or said.told <= 0 or not good_till:
        return False
    now = [(v, trade) for v, _, trade in done.counted() if split.follows_trade(trade)]
    first = [(t, t) for t in done.trades.values() if split.follows_trade(t)]
    return any(
        _came_to(
            sum(rescaled(version.qty, trade, earlier) for version, trade in fills),
            sum(version.qty * version.px for version, _ in fills),
            said,
            split,
        )
        for fills in (now, first)
    )


def _came_to(qty: Fixed, notional: Notional, said: Said, split: Split) -> bool:
    """Whether the split makes of this the CumQty(14) and AvgPx(6) that were told."""
    if said.told * split.before != qty * split.after:
        return False
    expected = average(notional, said.told)
    return not said.avg or abs(expected - said.avg) * 100 <= expected * _AVG_PX_PERCENT


def _oldest_first(said: tuple[Said, ...], index: int, grows: bool) -> list[Said]:
    """The statements under one request: its Replaced report, then the restatements by age."""
    mine = tuple(s for s in said if s.index == index)
    if len(mine) < 2:
        return list(mine)
    by_age = newest_first(mine, grows)
    by_age.reverse()
    return sorted(by_age, key=_rank)


def _rank(said: Said) -> int:
    """What was told in passing, the Replaced report, the restatements after it."""
    if said.exec_type == EXEC_RESTATED:
        return 2
    return 1 if said.exec_type == EXEC_REPLACED else 0


def _stated(terms: Terms, said: Said) -> Terms:
    return Terms(
        symbol=terms.symbol,
        side=terms.side,
        order_qty=said.order_qty or terms.order_qty,
        ord_type=terms.ord_type,
        price=terms.price if said.price is None else said.price,
        stop_px=terms.stop_px if said.stop_px is None else said.stop_px,
        time_in_force=terms.time_in_force,
        account=terms.account,
        ex_destination=terms.ex_destination,
        expire_time=terms.expire_time,
        cash_order_qty=terms.cash_order_qty,
    )
