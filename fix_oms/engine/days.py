"""What a new trading day changes: everything is carried forward but what is over.

Live orders, orders in doubt, positions, identifiers and the numbers of sessions go on as they are:
a day is a date on them and no border. What begins anew are the day's profit and loss and the
numbering of position feeds (``State.new_day``). What is over is

- the DAY order that its venue's close has left open here. The broker should have said how it ended
  and has not: nothing is concluded from that (D3), a person is told and the broker is asked. A
  standing policy (``policies``) may decide it for a broker that never says.
- the closed order of which nothing was heard for ``engine.keep_days`` of the firm's days. It leaves
  the book; what it executed stays in the positions, and its story in the journal. What a broker
  still says of it then is like a report of any order that we do not know: counted at once, apart,
  with a severe alert.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.fix import TimeInForce
from fix_oms.model.outputs import Alert, Output
from fix_oms.orders.order import Order

MOST: Final = 200
"""So many orders are looked at with one Tick: some milliseconds under the lock."""
GAPS: Final = 20_000
"""So many places of forgotten orders are passed with it."""
SHOWN: Final = 5
"""So many orders are named where many are told of at once."""


class Days:
    """The input of each trading day, and what is forgotten after it."""

    def __init__(self, state: State, inquiries: Inquiries) -> None:
        self._state: Final = state
        self._inquiries: Final = inquiries

    def trading_day(self, now: int, value: inputs.TradingDay, out: list[Output]) -> None:
        """A day has begun, or is what a start found; one before the last is none."""
        state, before = self._state, self._state.days.get(value.venue, "")
        if value.day < before:
            return
        state.days[value.venue] = value.day
        if not value.venue:
            state.day_ends_ns = value.ends_ns
        venues = [value.venue] if value.venue else self._without_hours()
        if before and value.day > before:
            for venue in venues:
                self._left_open(now, venue, before, out)

    def tick(self) -> None:
        """Forget some of the orders that are due for it."""
        state, forgotten = self._state, self._state.forgotten
        if not forgotten.is_due:
            return
        looked = 0
        for _ in range(GAPS):
            place = forgotten.place
            order = state.book.orders.at(place)
            forgotten.place += 1
            if order is not None:
                looked += 1
                if self._is_past(order):
                    state.forget(order, place)
            if looked == MOST or not forgotten.is_due:
                break
        if not forgotten.is_due:
            state.book.orders.release()

    def _is_past(self, order: Order) -> bool:
        state = self._state
        return (
            order.updated_ns < state.forgotten.before_ns
            and order.reference not in state.book.open
            and order.reference not in state.breaks
            and not state.is_held(order)
        )

    def _without_hours(self) -> list[str]:
        return [v.name for v in self._state.settings.venues.values() if v.hours is None]

    def _left_open(self, now: int, venue: str, day: str, out: list[Output]) -> None:
        left = [o for o in self._state.book.open.values() if _is_over(o, venue)]
        if not left:
            return
        names = ", ".join(o.reference for o in left[:SHOWN]) + (", ..." if left[SHOWN:] else "")
        text = f"{venue} has closed {day} and left {len(left)} DAY orders open: {names}"
        session = left[0].session
        out.append(Alert(severity="warning", code="day_order", text=text, session=session))
        self._inquiries.ask_about(now, self._state.links[session], left, out)


def _is_over(order: Order, venue: str) -> bool:
    """Whether it should have ended with its venue's day."""
    return (
        order.venue == venue
        and not (order.external or order.ended or order.good_till)
        and order.terms.time_in_force == TimeInForce.DAY
    )
