"""Parents in any order of events: conservation, sums, replay, and a state frozen in the middle."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.engine.state import State
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.messages import OrderCancelReject
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import OrderView
from fix_oms.orders.shelf import Shelf
from tests.engine.routed import VENUES, RoutedDesk, routed_settings

POLICIES = {
    "sweep": {"kind": "sweep", "skip_s": 1},
    "best": {"kind": "best", "skip_s": 1},
    "post": {"kind": "post", "skip_s": 0, "rework_s": 1},
    "split": {"kind": "split", "skip_s": 1},
    "pro_rata": {"kind": "pro_rata", "skip_s": 1},
    "stop": {"kind": "sweep", "rest": "stop"},
    "tired": {"kind": "post", "skip_s": 0, "max_reroutes": 2},
    "direct": {"kind": "direct"},
}
NAMES = [*POLICIES]
PRICES = ("9.97", "10.00", "10.00", "10.02", None)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("route", "route", "book", "book", "ack", "ack", "fill", "fill", "fill"),
                *("reject", "out", "expire", "bust", "replaced", "no", "cut", "lost"),
                *("cancel", "less", "more", "price", "both", "resume", "wait", "by hand"),
            ]
        ),
        st.integers(0, 30),
        st.integers(0, 7),
    ),
    min_size=5,
    max_size=60,
)


class Lived(RoutedDesk):
    """A desk whose brokers keep to accepted terms, but for busts."""

    def __init__(self) -> None:
        self.trades: list[tuple[str, str, int]] = []
        limits = [{"control": "position_limit", "limit": "900"}]
        super().__init__(routed_settings(policies=POLICIES, limits=limits))

    # -- what happens -------------------------------------------------------------------------

    def do(self, act: str, n: int, m: int) -> None:
        """One act; nothing where it makes no sense."""
        refs = [*self.engine.state.routed.parents]
        ref = refs[n % len(refs)] if refs else ""
        if act == "route":
            policy = NAMES[m]
            more = {"venue": VENUES[n % 3]} if policy == "direct" else {}
            times = ("0", "1", "3")[n % 3]
            side, ref = "12"[n % 2], f"P{len(self.log)}"
            price = PRICES[n % 5]
            self.route(
                50 * (1 + m), price, ref=ref, side=side, policy=policy, time_in_force=times, **more
            )
        elif act == "book":
            bid, offer = ("9.98", "9.99", "10.00")[n % 3], ("10.00", "10.01", "10.02")[m % 3]
            offers = [(offer, 20 * m)] if m else []
            if fixed(bid) < fixed(offer):
                self.book(VENUES[n % 3], [(bid, 10 * (n + 1))], offers)
        elif act == "wait":
            self.wait(0.3 * (m + 1))
        elif act == "cut":
            self.down(VENUES[n % 3])
        elif act == "lost":
            if not self.engine.state.links[VENUES[n % 3]].ready:
                self.ready(VENUES[n % 3])
        elif ref and act in ("cancel", "less", "more", "price", "both", "resume"):
            self.ask(act, ref, m)
        elif ref:
            children = self.children(ref)
            if children:
                self.broker_acts(act, children[m % len(children)], n)

    def ask(self, act: str, ref: str, m: int) -> None:
        if act == "cancel":
            self.cancel(ref)
        elif act == "resume":
            self.resume(ref)
        else:
            changes = {}
            qty = self.parent(ref).order_qty // SCALE
            if act in ("less", "both"):
                changes["order_qty"] = max(1, qty * m // 8) * SCALE
            elif act == "more":
                changes["order_qty"] = (qty + 10 * m) * SCALE
            if act in ("price", "both"):
                changes["price"] = fixed(f"{9.97 + m / 100:.2f}")
            self.replace(ref, **changes)

    def broker_acts(self, act: str, child: OrderView, n: int) -> None:
        cum, left = child.cum_qty // SCALE, child.leaves_qty // SCALE
        if act == "bust":
            self.busts(child)
        elif not left:
            return
        elif act == "ack":
            self.of(child, "0", "1" if cum else "0", cum=cum, leaves=left)
        elif act == "fill":
            qty = min(left, 10 * (1 + n))
            exec_id = f"X{len(self.log)}"
            self.trades.append((child.reference, exec_id, qty))
            status = "1" if left > qty else "2"
            done, left = cum + qty, left - qty
            self.of(child, "F", status, cum=done, leaves=left, last=qty, exec_id=exec_id)
        elif act == "reject" and not cum:
            self.of(child, "8", "8")
        elif act in ("out", "expire"):
            status = "4" if act == "out" else "C"
            self.of(child, status, status, cum=cum)
        elif act == "by hand":
            self.cancel(child.reference)
        else:
            self.answers(act, child, cum)

    def answers(self, act: str, child: OrderView, cum: int) -> None:
        """What the broker says to the last request for the child."""
        last = child.requests[-1]
        if last.outcome != "pending" or last.kind == "new":
            return
        if act == "no":
            rejected = OrderCancelReject(
                cl_ord_id=last.cl_ord_id,
                orig_cl_ord_id=child.cl_ord_id,
                order_id=child.order_id or "NONE",
                ord_status="1" if cum else "0",
                cxl_rej_response_to="2" if last.kind == "replace" else "1",
            )
            self.hear(child.session, rejected)
        elif act == "replaced" and last.kind == "replace":
            order = self.engine.state.book.by_cl_ord_id(child.reference)
            assert order is not None
            request = order.request(last.cl_ord_id)
            assert request is not None
            qty = request.terms.order_qty // SCALE
            if qty > cum:
                status, left = "1" if cum else "0", qty - cum
                name, whole = last.cl_ord_id, qty * SCALE
                self.of(child, "5", status, named=name, cum=cum, leaves=left, order_qty=whole)

    def busts(self, child: OrderView) -> None:
        """The child's first execution that stands is undone; a filled one works again."""
        found = next((one for one in self.trades if one[0] == child.reference), None)
        if found is None:
            return
        self.trades.remove(found)
        _, exec_id, qty = found
        cum = child.cum_qty // SCALE - qty
        is_over = str(child.ord_status) in ("4", "8", "C")
        status = str(child.ord_status) if is_over else "1" if cum else "0"
        left = 0 if is_over else child.order_qty // SCALE - cum
        self.of(child, "H", status, cum=cum, leaves=left, exec_ref_id=exec_id, last=qty)

    # -- laws ---------------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        wrong = [a.text for a in self.alerts if a.code == "fault" or "conservation" in a.text]
        assert wrong == []
        for ref, routed in self.engine.state.routed.parents.items():
            held = routed.held
            assert held.committed <= held.order_qty, ref
            if routed.ended:
                assert routed.reserved == 0, ref


def lived(acts: list[tuple[str, int, int]]) -> Lived:
    desk = Lived()
    for act, n, m in acts:
        desk.do(act, n, m)
        desk.check()
    return desk


@given(ACTS)
def test_parents_come_to_no_more_than_they_are_and_a_replay_says_the_same(
    acts: list[tuple[str, int, int]],
) -> None:
    desk = lived(acts)
    again = Engine()
    said = [again.step(now, inputs.decode(inputs.encode(value))) for now, value in desk.log]
    assert said == desk.outs
    assert again.shown(desk.now).hash() == desk.shown.hash()


@pytest.mark.skipif(leg() == COMPILED, reason="a compiled state cannot be frozen")
@given(ACTS, st.integers(0, 10))
def test_parents_that_were_frozen_in_the_middle_go_on_the_same(
    acts: list[tuple[str, int, int]], tenths: int
) -> None:
    desk = lived(acts)
    middle = max(1, len(desk.log) * tenths // 10)
    first = Engine()
    for now, value in desk.log[:middle]:
        first.step(now, value)
    second = Engine.resumed(thawed(first.state))
    said = [second.step(now, value) for now, value in desk.log[middle:]]
    assert said == desk.outs[middle:]
    assert second.shown(desk.now).hash() == desk.shown.hash()


def thawed(state: State) -> State:
    """The state as bytes and back; nothing of it is packed."""
    layouts, live = freeze(state)
    made = thaw(layouts, live)
    made.book.orders.shelf, made.book.orders.marks = Shelf(), array("q", state.book.orders.marks)
    made.restored()
    return made
