"""Bugs planted in the product at run time, one of each kind that the world must find.

Each takes away one thing that the product does for a reason, for as long as a test's patch holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from fix_oms.engine.doubt import Doubt
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.measure import measure
from fix_oms.engine.state import State
from fix_oms.engine.waiting import Waiting
from fix_oms.model.inputs import CancelOrder
from fix_oms.model.messages import ExecutionReport, NewOrderSingle
from fix_oms.orders import intake, projection
from fix_oms.orders.execution import variant
from fix_oms.orders.executions import Executions
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW
from fix_oms.positions.line import Line
from fix_oms.risk.parents import Parents
from fix_oms.routing.links import Link
from fix_oms.server.lanes import Lanes
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import Runner
from fix_oms.sessions.text import field
from fix_oms.sessions.traffic import BrokerTraffic

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def no_duplicate_check(patch: Patch) -> None:
    """An execution that is told again counts again."""
    hold = Executions._hold

    def held_again(self: Executions, held: dict[str, Any], new: Any) -> bool:
        if new.exec_id in held:
            new = variant(new)
        return hold(self, held, new)

    patch.setattr(Executions, "_hold", held_again)


def bust_twice(patch: Patch) -> None:
    """What a bust takes away is taken from the position twice."""
    learned = Line.learned

    def twice(self: Line, buys: bool, qty: int, notional: int, *more: Any) -> None:
        learned(self, buys, min(qty, 2 * qty), notional, *more)

    patch.setattr(Line, "learned", twice)


def no_exposure_of_replaces(patch: Patch) -> None:
    """A replace that has no answer yet reserves nothing."""
    patch.setattr(projection, "may_hold", lambda _: [])


def skip_a_write(patch: Patch) -> None:
    """A cancel is done and not journaled."""
    take = Runner._take

    def unwritten(self: Runner, value: Any, received_ns: int) -> Any:
        if type(value) is CancelOrder:
            return 0, self._engine.step(max(received_ns, self._last_ns), value)
        return take(self, value, received_ns)

    patch.setattr(Runner, "_take", unwritten)


def no_reservation_in_doubt(patch: Patch) -> None:
    """A new order in doubt is taken for one that never left."""
    doubts = Doubt._doubts

    def forgets(self: Doubt, waiting: Waiting, why: str, now: int, out: list[Any]) -> None:
        doubts(self, waiting, why, now, out)
        if waiting.request.kind == NEW:
            before = measure(waiting.order)
            waiting.order.never_left(waiting.request, why)
            self._state.learned(waiting.order, before, now, out)

    patch.setattr(Doubt, "_doubts", forgets)


def send_again(patch: Patch) -> None:
    """An order in doubt is sent again when its session is back."""
    ready = Doubt.session_ready

    def resends(self: Doubt, now: int, link: Link, out: list[Any]) -> None:
        ready(self, now, link, out)
        for waiting in self._unanswered(link):
            if waiting.request.kind == NEW:
                order = waiting.order
                message = NewOrderSingle(
                    cl_ord_id=order.reference, terms=order.terms, transact_time=now
                )
                self._state.try_send(link.name, message, out, order.reference, order.reference)

    patch.setattr(Doubt, "session_ready", resends)


def numbers_from_34_alone(patch: Patch) -> None:
    """The next number expected is taken from MsgSeqNum(34), whatever was expected."""

    def heard(self: Link, text: str, _expected: int, now: int) -> None:
        self.seen_ns, self.next_in = now, int(field(text, 34) or 0) + 1

    patch.setattr(Link, "heard", heard)


def numbers_used_again(patch: Patch) -> None:
    """After a crash numbers go on where they were last seen, not at the end of the block."""
    restarted = Link.restarted

    def goes_on(self: Link) -> None:
        self.reserved = self.next_out
        restarted(self)

    patch.setattr(Link, "restarted", goes_on)


def not_asked_after_a_logon(patch: Patch) -> None:
    """Nobody asks about the orders that are open when a session comes back."""
    patch.setattr(Inquiries, "session_ready", lambda *_: None)


def sends_before_durable(patch: Patch) -> None:
    """A message leaves before the record that made it leave is durable."""
    made = Outbox.__init__

    def hasty(self: Outbox, *given: Any, **named: Any) -> None:
        made(self, *given, **named | {"wait_durable": lambda _: 0})

    patch.setattr(Outbox, "__init__", hasty)
    patch.setattr(Runner, "_make_durable", lambda *_: None)


def late_fills_ignored(patch: Patch) -> None:
    """An execution after the order's end does not count."""
    hold = intake.hold

    def deaf(order: Order, report: ExecutionReport, epoch: int) -> bool:
        if order.ended and report.exec_type == "F":
            return False
        return hold(order, report, epoch)

    patch.setattr(intake, "hold", deaf)


def ready_at_once(patch: Patch) -> None:
    """A session is ready as soon as it is logged on, without a round trip."""
    logged_on = BrokerTraffic.logged_on

    def hasty(self: BrokerTraffic, sid: Any) -> None:
        logged_on(self, sid)
        self._ready_term = self._term

    patch.setattr(BrokerTraffic, "logged_on", hasty)


def refused_counts_as_gone(patch: Patch) -> None:
    """A replace without an answer is forgotten when its session goes down."""
    down = Doubt.session_down

    def forgets(self: Doubt, now: int, link: Link, out: list[Any]) -> None:
        down(self, now, link, out)
        for waiting in self._unanswered(link):
            waiting.request.unsent = True

    patch.setattr(Doubt, "session_down", forgets)


def parents_forget(patch: Patch) -> None:
    """What a child gives back to its parent is given back once more."""
    changed = Parents.changed

    def twice(self: Parents, order: Order, qty: int, notional: int, opened: int) -> str:
        return changed(self, order, qty, notional, opened + min(0, qty + opened))

    patch.setattr(Parents, "changed", twice)


def snapshot_forgets(patch: Patch) -> None:
    """A state that comes from a snapshot waits for nothing."""
    restored = State.restored

    def forgets(self: State) -> None:
        restored(self)
        self.waiting.clear()

    patch.setattr(State, "restored", forgets)


def cancels_overtake(patch: Patch) -> None:
    """An urgent message does not take along what its chain still has to send."""
    patch.setattr(Lanes, "_hasten", lambda *_: None)


PLANTED: Final[dict[Plant, int]] = {
    no_duplicate_check: 1,
    bust_twice: 0,
    no_exposure_of_replaces: 11,
    skip_a_write: 0,
    no_reservation_in_doubt: 11,
    send_again: 9,
    numbers_from_34_alone: 23,
    numbers_used_again: 1,
    not_asked_after_a_logon: 8,
    sends_before_durable: 1,
    late_fills_ignored: 0,
    ready_at_once: 0,
    refused_counts_as_gone: 1,
    parents_forget: 2,
    snapshot_forgets: 3,
    cancels_overtake: 1,
}
"""Each bug, and a seed that has been seen to find it: looked at first, and if the world has changed
since, others after it."""
