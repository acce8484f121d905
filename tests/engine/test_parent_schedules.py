"""No parent oversends, sleeps for ever or is reserved wrongly, whatever sessions, restarts, limits,
mass acts and brokers within the terms that they have accepted do in between.

Busts, restatements and lost answers are in ``test_parent_laws``; a broker that goes beyond its
terms may take a parent past its quantity, and no law of ours holds it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.messages import OrderCancelReject
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import OrderView
from fix_oms.orders.order import Order
from tests.engine.routed import VENUES, RoutedDesk, routed_settings

POLICIES = ("sweep", "best", "post", "split", "dark", "pro_rata", "direct")
PRICES = ("9.95", "10.00", "10.05")
QTYS = (10, 100, 300)
Act = tuple[str, int, int]

ACTS = (
    *("route", "route", "book", "ack", "fill", "fill", "end", "answer", "reject", "cancel"),
    *("replace", "resume", "session", "restart", "wait", "wait", "mass"),
)
schedules = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 99), st.integers(0, 99)),
    min_size=10,
    max_size=60,
)


def configured(seed: int) -> dict[str, Any]:
    """Policies that are impatient or patient, and a limit that they meet."""
    skip_s, tries, rework_s = (0, 1, 30)[seed % 3], (1, 3, 10)[seed // 3 % 3], seed % 2
    more = {"skip_s": skip_s, "max_reroutes": tries, "rework_s": rework_s}
    limits: tuple[list[dict[str, Any]], ...] = (
        [],
        [{"control": "message_rate", "limit": 3, "window_s": 2}],
        [{"control": "position_limit", "limit": 500}],
        [{"control": "self_match"}],
    )
    policies = {f"my_{kind}": {"kind": kind, **more} for kind in POLICIES}
    policies["my_direct"]["venues"] = ["BETA"]
    return routed_settings(policies=policies, limits=limits[seed % 4])


class Schedule(RoutedDesk):
    """Plays acts: ``a`` chooses whom, ``b`` how much."""

    def play(self, act: Act) -> None:
        name, a, b = act
        getattr(self, f"_{name}")(a, b)

    def _route(self, a: int, b: int) -> None:
        self.route(
            QTYS[a % 3],
            PRICES[b % 3] if a % 5 else None,
            ref=f"P{len(self.engine.state.routed.parents)}",
            side="12"[b % 2],
            policy=f"my_{POLICIES[a % 7]}",
            time_in_force="013"[b % 3],
        )

    def _book(self, a: int, b: int) -> None:
        middle = 1000 + b % 9 - 4
        bids = [(f"{(middle - n) / 100:.2f}", 10 + a) for n in range(1, a % 4)]
        offers = [(f"{(middle + n) / 100:.2f}", 10 + b) for n in range(1, b % 4)]
        self.book(VENUES[a % 3], bids, offers)

    def _child(self, a: int) -> Order | None:
        state = self.engine.state
        refs = [ref for parent in state.routed.parents.values() for ref in parent.held.children]
        return state.book.by_cl_ord_id(refs[-1 - a % min(len(refs), 6)]) if refs else None

    def _working(self, a: int) -> OrderView | None:
        order = self._child(a)
        return self.order(order.reference) if order is not None and order.leaves_qty else None

    def _ack(self, a: int, b: int) -> None:
        child = self._working(a)
        if child is not None:
            cum, left = child.cum_qty // SCALE, child.leaves_qty // SCALE
            self.of(child, "0", "1" if cum else "0", cum=cum, leaves=left)

    def _fill(self, a: int, b: int) -> None:
        child = self._working(a)
        if child is not None:
            left = child.leaves_qty // SCALE
            qty = 1 + b % left
            cum, left = child.cum_qty // SCALE + qty, left - qty
            self.of(child, "F", "1" if left else "2", cum=cum, leaves=left, last=qty)

    def _end(self, a: int, b: int) -> None:
        child = self._working(a)
        if child is not None:
            status = "4C"[b % 2] if child.cum_qty else "48C"[b % 3]
            self.of(child, status, status, cum=child.cum_qty // SCALE)

    def _answer(self, a: int, b: int) -> None:
        """The broker does what the child was last asked."""
        order = self._child(a)
        if order is None or not order.outstanding() or not order.later:
            return
        request, child = order.later[-1], self.order(order.reference)
        cum, qty = child.cum_qty // SCALE, request.terms.order_qty // SCALE
        named = request.cl_ord_id
        if request.kind == "cancel":
            self.of(child, "4", "4", named=named, cum=cum)
        elif qty > cum and not request.answered:
            status, asked = "1" if cum else "0", qty * SCALE
            self.of(child, "5", status, named=named, cum=cum, leaves=qty - cum, order_qty=asked)

    def _reject(self, a: int, b: int) -> None:
        """The broker does not do what the child was last asked."""
        order = self._child(a)
        if order is None or not order.later or order.later[-1].answered:
            return
        request = order.later[-1]
        self.hear(
            order.session,
            OrderCancelReject(
                cl_ord_id=request.cl_ord_id,
                orig_cl_ord_id=order.cl_ord_id,
                order_id=f"O-{order.reference}",
                ord_status=str(order.ord_status),
                cxl_rej_response_to="1" if request.kind == "cancel" else "2",
            ),
        )

    def _ref(self, a: int) -> str:
        live = list(self.engine.state.routed.live)
        return live[a % len(live)] if live else "none"

    def _cancel(self, a: int, b: int) -> None:
        self.cancel(self._ref(a))

    def _replace(self, a: int, b: int) -> None:
        price = fixed(PRICES[b % 3]) if b % 2 else None
        self.replace(self._ref(a), order_qty=(10, 50, 200, 400)[b % 4] * SCALE, price=price)

    def _resume(self, a: int, b: int) -> None:
        self.resume(self._ref(a))

    def _session(self, a: int, b: int) -> None:
        venue = VENUES[a % 3]
        (self.down if self.engine.state.links[venue].ready else self.ready)(venue)

    def _restart(self, a: int, b: int) -> None:
        self.start(self.engine.run + 1)

    def _wait(self, a: int, b: int) -> None:
        self.wait((0.3, 1.1, 2.1, 5, 31, 86_400)[a % 6])

    def _mass(self, a: int, b: int) -> None:
        self.give(
            (
                inputs.MassCancel(by="ann"),
                inputs.Halt(by="ann", reason="news"),
                inputs.Kill(by="ann", reason="odd", venue=VENUES[b % 3]),
                inputs.Resume(by="ann", reason="over"),
            )[a % 4]
        )


def asleep(desk: RoutedDesk) -> list[str]:
    """Parents with something to do that nothing will ever have looked at again."""
    state = desk.engine.state
    routed = state.routed
    found = []
    for ref, parent in routed.live.items():
        children = [state.book.by_cl_ord_id(child) for child in parent.held.working]
        working = [order for order in children if order is not None]
        wakes = 0 < routed.wake_ns <= parent.wake_ns
        if parent.ending or parent.wanted is not None:
            waits = any(not r.answered for order in working for r in order.later)
            told = all(not order.may_trade for order in working)
            sleeps = not (wakes or (working and (waits or told)))
        else:
            watches = ref in routed.watching.get(parent.held.symbol, ())
            sleeps = bool(parent.unrouted(working)) and not (parent.suspended or wakes or watches)
        if sleeps:
            found.append(ref)
    return found


def wrongly_reserved(desk: RoutedDesk) -> list[str]:
    """Parents of which not exactly what no child holds is reserved."""
    return [
        ref
        for ref, parent in desk.engine.state.routed.parents.items()
        if parent.reserved
        != (0 if parent.ended or parent.ending else max(0, parent.largest - parent.held.committed))
    ]


@settings(max_examples=300, deadline=None)
@given(schedules, st.integers(0, 35))
def test_no_schedule_oversends_or_loses_a_parent(schedule: list[Act], seed: int) -> None:
    desk = Schedule(configured(seed))
    for act in schedule:
        desk.play(act)
        desk.check()
        sums = [p.held for p in desk.engine.state.routed.parents.values()]
        over = [held.ref for held in sums if held.committed > held.order_qty]
        faults = [alert.text for alert in desk.alerts if alert.code == "fault"]
        assert (over, wrongly_reserved(desk), asleep(desk), faults) == ([], [], [], []), act


@settings(max_examples=50, deadline=None)
@given(schedules, st.integers(0, 35))
def test_every_schedule_replays_to_the_same_state(schedule: list[Act], seed: int) -> None:
    desk = Schedule(configured(seed))
    for act in schedule:
        desk.play(act)
    again = Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.shown(desk.now).hash() == desk.shown.hash()
