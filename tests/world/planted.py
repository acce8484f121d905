"""Bugs planted in the product at run time, one of each kind that the world must find.

Each takes away one thing that the product does for a reason, for as long as a test's patch holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from fix_oms.algos.carried import CarriedBalances
from fix_oms.algos.running import RunningAlgos
from fix_oms.engine import dispatch, parent_acts, router
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.dispatch import Dispatch
from fix_oms.engine.doubt import Doubt
from fix_oms.engine.entry import has_cancel
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.measure import measure
from fix_oms.engine.recalls import Recalls
from fix_oms.engine.router import Router
from fix_oms.engine.sight import Sight
from fix_oms.engine.state import State
from fix_oms.engine.waiting import Waiting
from fix_oms.model.fix import OrdStatus
from fix_oms.model.inputs import CancelOrder
from fix_oms.model.messages import ExecutionReport, NewOrderSingle
from fix_oms.model.routing import View
from fix_oms.orders import intake, projection
from fix_oms.orders.execution import variant
from fix_oms.orders.executions import Executions
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW
from fix_oms.positions.line import Line
from fix_oms.risk.parents import Parents
from fix_oms.routing import parents as routed_parents
from fix_oms.routing.links import Link
from fix_oms.routing.parents import ParentOrder
from fix_oms.server.lanes import Lanes
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import Runner
from fix_oms.sessions.text import field
from fix_oms.sessions.traffic import BrokerTraffic
from fix_oms.world.mixes import TICK

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


# -- of the router -------------------------------------------------------------------------------


def routes_what_is_not_confirmed(patch: Patch) -> None:
    """What a broker has taken from a child unasked is routed again while the child still works."""
    patch.setattr(routed_parents, "_kept_back", lambda _: 0)


def asked_out_is_out(patch: Patch) -> None:
    """A child that was asked out counts as out before its broker has confirmed it."""
    unrouted = ParentOrder.unrouted

    def hasty(self: ParentOrder, working: list[Order]) -> int:
        asked = [order for order in working if has_cancel(order)]
        return unrouted(self, working) + sum(order.open_qty for order in asked)

    patch.setattr(ParentOrder, "unrouted", hasty)


def forgets_the_rest(patch: Patch) -> None:
    """What of a parent no child holds is not reserved."""
    for module in (router, dispatch, parent_acts):
        patch.setattr(module, "reserve", lambda *_, **__: None)


def sends_where_it_is_shut(patch: Patch) -> None:
    """Every venue is taken to be open to every parent."""
    patch.setattr(Sight, "_shut", lambda *_: "")


def one_level_too_far(patch: Patch) -> None:
    """A decision may look one tick beyond the parent's limit."""
    seen = Sight.view

    def beyond(self: Sight, now: int, parent: ParentOrder, *more: Any, **named: Any) -> View:
        limit = parent.price
        if limit is not None:
            parent.price = limit + (TICK if parent.held.buys else -TICK)
        view = seen(self, now, parent, *more, **named)
        parent.price = limit
        return view

    patch.setattr(Sight, "view", beyond)


def never_cuts(patch: Patch) -> None:
    """A parent that is to be less asks no child to be less."""
    patch.setattr(Recalls, "_cut", lambda *_: False)


def routes_what_was_busted(patch: Patch) -> None:
    """A parent that has ended goes on by itself when a bust takes back what it had."""

    def reopens(self: Router, parent: ParentOrder, out: list[Any]) -> None:
        held = parent.held
        if held.executed < held.order_qty and parent.ended == OrdStatus.FILLED:
            parent.ended, held.closed = "", ""
            self._state.routed.live[held.ref] = parent
            self._state.routed.due[held.ref] = "a bust"

    patch.setattr(Router, "_after_end", reopens)


def told_and_not_held(patch: Patch) -> None:
    """A person is told that a parent is held, and it is not."""
    suspends = dispatch.suspend

    def tells(parent: ParentOrder, why: str, out: list[Any]) -> None:
        suspends(parent, why, out)
        parent.suspended = ""

    patch.setattr(dispatch, "suspend", tells)


def forgets_what_is_open_again(patch: Patch) -> None:
    """A child that a bust opens again is not looked at any more."""
    changed = Parents.changed

    def forgets(self: Parents, order: Order, *more: Any) -> str:
        parent = self._of.get(order.reference)
        knew = parent is not None and order.reference in parent.working
        said = changed(self, order, *more)
        if parent is not None and not knew:
            parent.working.pop(order.reference, None)
        return said

    patch.setattr(Parents, "changed", forgets)


def never_tires(patch: Patch) -> None:
    """How often a parent was routed in vain is not counted."""
    leave = Router._take_leave

    def fresh(self: Router, now: int, parent: ParentOrder, out: list[Any]) -> None:
        leave(self, now, parent, out)
        parent.tries = 0

    patch.setattr(Router, "_take_leave", fresh)


def sends_otherwise(patch: Patch) -> None:
    """Of what was decided each leg is sent at a price of its own."""
    send = Dispatch._send

    def other(self: Dispatch, now: int, parent: ParentOrder, *more: Any) -> Any:
        policy, leg, out = more
        if leg.price is not None and leg.price > TICK:
            leg = msgspec.structs.replace(leg, price=leg.price - TICK)
        return send(self, now, parent, policy, leg, out)

    patch.setattr(Dispatch, "_send", other)


def balance_forgotten(patch: Patch) -> None:
    """What a hedge cannot send is left aside, and kept nowhere."""
    patch.setattr(CarriedBalances, "add", lambda *_: None)


def hedged_again_in_doubt(patch: Patch) -> None:
    """What covers and is in doubt, as after a start, is taken for gone: it is hedged again."""
    working = AlgoDesk.working

    def certain(self: AlgoDesk) -> Any:
        return tuple([mine for mine in working(self) if not mine.in_doubt])

    patch.setattr(AlgoDesk, "working", certain)


def maker_busts_unheard(patch: Patch) -> None:
    """What is taken back of an algo's order is not taken off what its leg has executed."""
    learned = RunningAlgos.learned

    def unheard(
        self: RunningAlgos, order: Order, parent: Any, before: Any, after: Any, i: str
    ) -> None:
        learned(self, order, parent, before, max(before, after), i)

    patch.setattr(RunningAlgos, "learned", unheard)


PLANTED: Final[dict[Plant, int]] = {
    no_duplicate_check: 1,
    bust_twice: 0,
    no_exposure_of_replaces: 11,
    skip_a_write: 0,
    no_reservation_in_doubt: 11,
    send_again: 3,
    numbers_from_34_alone: 56,
    numbers_used_again: 1,
    not_asked_after_a_logon: 8,
    sends_before_durable: 3,
    late_fills_ignored: 0,
    ready_at_once: 0,
    refused_counts_as_gone: 17,
    parents_forget: 1,
    snapshot_forgets: 3,
    cancels_overtake: 15,
    routes_what_is_not_confirmed: 64,
    asked_out_is_out: 9,
    forgets_the_rest: 0,
    sends_where_it_is_shut: 1,
    one_level_too_far: 3,
    never_cuts: 1,
    routes_what_was_busted: 6,
    told_and_not_held: 4,
    forgets_what_is_open_again: 29,
    never_tires: 25,
    sends_otherwise: 1,
    balance_forgotten: 2,
    hedged_again_in_doubt: 2,
    maker_busts_unheard: 2,
}
"""Each bug, and a seed that has been seen to find it: looked at first, and if the world has changed
since, others after it."""
