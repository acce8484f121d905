"""What a standing policy decides where a counterparty never speaks (D3).

Some brokers send no Expired: their DAY orders are gone after the close and nothing says so. A named
person may set for such a one that they end at the close plus a grace; without that they stay as
they are, live or in doubt. The server, which knows time zones, gives each close as an input.

The policy answers silence and contradicts nobody. It ends

- orders of ours alone, and of these the ones made, or last replaced, before the close;
- DAY orders: not what a Done for Day report or an unanswered replace may carry over the night;
- what the broker has not spoken of since: an order with a report from after the grace is left to a
  person, and so is one that has ended already and is open by a contradiction only.

It is evidence like a person's decision: fills that come later count, and a later report that the
order works is a break and keeps its exposure.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.measure import measure
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.outputs import Alert, Output
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL
from fix_oms.wire import utc_timestamp


class Policies:
    """The policies, one method for the input of each: ``(now, input, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def day_closed(self, now: int, value: inputs.DayClosed, out: list[Output]) -> None:
        """The DAY orders of a session end; of a close that was given already nothing does."""
        state, link = self._state, self._state.links[value.session]
        if value.closed_ns <= link.closed_ns:
            return
        link.closed_ns = value.closed_ns
        policy = f"the standing policy of {value.by}: the close and no Expired"
        ended = 0
        for order in [o for o in state.book.open.values() if _is_of_the_day(o, value)]:
            if _last_told(order) > value.ended_ns:
                out.append(_left(order, value))
                continue
            before = measure(order)
            text = f"expired by {policy}"
            order.end(OrdStatus.EXPIRED, value.ended_ns, text, link.last_arrival)
            state.learned(order, before, now, out)
            ended += 1
        if ended:
            at = utc_timestamp(value.closed_ns, 0)
            text = f"{link.name}: {ended} DAY orders expired by {policy} ({at} UTC)"
            out.append(Alert(severity="warning", code="policy", text=text, session=link.name))


def _is_of_the_day(order: Order, value: inputs.DayClosed) -> bool:
    """Whether it was live or in doubt at the close and cannot live beyond it."""
    return (
        order.session == value.session
        and not (order.external or order.ended or order.good_till)
        and _agreed_ns(order) < value.closed_ns
        and order.terms.time_in_force == TimeInForce.DAY
        and all(r.terms.time_in_force == TimeInForce.DAY for r in order.outstanding())
    )


def _agreed_ns(order: Order) -> int:
    """When we last asked for terms that may hold: a replace since the close is the next day's."""
    return max(r.created_ns for r in order.requests if r.kind != CANCEL and r.may_hold)


def _last_told(order: Order) -> int:
    """The TransactTime(60) of the newest report about it."""
    return max(order.last_when, *(trade.time for trade in order.executions.trades.values()), 0)


def _left(order: Order, value: inputs.DayClosed) -> Alert:
    spoken = f"{value.session} has reported order {order.reference} since the close"
    text = f"{spoken}: the standing policy of {value.by} leaves it as it is"
    return Alert(
        severity="warning", code="policy", text=text, session=order.session, order=order.reference
    )
