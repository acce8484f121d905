"""Whatever becomes of the orders of a schedule: never too much, in the end all, nothing unsaid."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fix_oms.model.units import SCALE
from tests.algos.schedule_desk import ScheduleDesk, replayed

QTY = 1000
CURVE = {"flat": {"times": ["00:00", "22:15", "22:16"], "volumes": ["1", "9", "3"]}}
KINDS: dict[str, dict[str, Any]] = {
    "twap": {"end": "+5m", "every_s": 30, "finish": "cross"},
    "vwap": {"end": "+5m", "every_s": 30, "finish": "cross", "curve": "flat"},
    "pov": {"pct": "30", "min_pct": "10", "max_pct": "60"},
    "iceberg": {"display": "150", "vary_pct": 40, "seed": 3},
}
MORE: dict[str, list[dict[str, Any]]] = {
    "twap": [{}, {"carry": "stay"}, {"max_slice": "170"}, {"after_pause": "shift"}],
    "vwap": [{}, {"after_pause": "spread"}, {"finish": "leave"}],
    "pov": [{}, {"end": "+10m", "finish": "cross"}, {"after_pause": "spread"}],
    "iceberg": [{}, {"end": "+4m", "finish": "cancel"}],
}
ORDERS = ("fill", "part", "reject", "cancel", "gone", "kept", "bust")
WORLD = ("wait", "trades", "pause", "resume", "restart", "less", "more", "down", "up")
STEPS = st.lists(
    st.tuples(st.sampled_from((*ORDERS, *ORDERS, "wait", "wait", *WORLD)), st.integers(0, 59)),
    max_size=40,
)


class Course:
    """One desk, and the largest quantity that the algo was ever asked for."""

    def __init__(self, kind: str, more: dict[str, Any], **instrument: Any) -> None:
        self.desk = ScheduleDesk(more={"curves": CURVE}, **instrument)
        self.desk.begin(kind, **(KINDS[kind] | more))
        self.largest = QTY
        self.calm = True
        """Nothing has happened for which an act may be refused."""

    def step(self, did: str, n: int) -> None:
        desk, live = self.desk, self.desk.live
        if did in ORDERS:
            getattr(self, did)(live[n % len(live)] if live else None)
        elif did == "wait":
            desk.at((desk.now - desk.began) // 10**9 + n)
        elif did == "trades":
            desk.trades(10 * n + 10)
        elif did == "pause" and desk.ending[0] == "running":
            desk.pause()
        elif did == "resume" and desk.ending[0] in ("paused", "held"):
            desk.resume_algo()
        elif did in ("less", "more"):
            qty = QTY + (n * 10 if did == "more" else -n * 5)
            if type(desk.amend(qty=str(qty))).__name__ == "Accepted":
                self.largest = max(self.largest, qty)
        elif did == "restart":
            self.calm = False
            desk.restarts()
        elif did == "down":
            self.calm = False
            desk.down("ALPHA")
        elif did == "up" and not desk.engine.state.links["ALPHA"].ready:
            desk.ready("ALPHA")
        self.check()

    def fill(self, order: Any) -> None:
        if order is not None:
            self.desk.fill(order=order)

    def part(self, order: Any) -> None:
        if order is not None:
            self.desk.fill(max(1, order.leaves_qty // SCALE // 3), order=order)

    def reject(self, order: Any) -> None:
        if order is not None:
            status = "4" if order.cum_qty else "8"
            self.desk.of(order, status, status, cum=order.cum_qty // SCALE)

    def cancel(self, order: Any) -> None:
        if order is not None:
            self.desk.of(order, "4", "4", cum=order.cum_qty // SCALE)

    def gone(self, _: Any) -> None:
        self.desk.gone()

    def kept(self, order: Any) -> None:
        """A cancel is rejected."""
        if order is not None and "cancel" in order.pending:
            name = order.requests[-1].cl_ord_id
            status = "1" if order.cum_qty else "0"
            self.desk.cancel_reject(name, order.cl_ord_id, status)

    def bust(self, _: Any) -> None:
        filled = [order for order in self.desk.all if order.cum_qty and not order.leaves_qty]
        if filled:
            self.desk.busts(filled[-1])

    def check(self) -> None:
        self.desk.check()
        orders = self.desk.engine.state.book.orders
        could = sum(order.executions.qty + order.open_qty for order in orders)
        assert could <= self.largest * SCALE, (could, self.largest)
        if self.calm:  # what it asks for is within its bounds by itself
            causes = [acts.cause for acts in self.desk.acts]
            assert not [cause for cause in causes if cause.startswith("an act was refused")]

    @property
    def executed(self) -> int:
        return sum(order.executions.qty for order in self.desk.engine.state.book.orders)

    def settle(self) -> None:
        """From here on the market takes everything, and nothing goes wrong."""
        desk = self.desk
        if not desk.engine.state.links["ALPHA"].ready:
            desk.ready("ALPHA")
        for _ in range(150):
            if desk.ending[0] == "ended":
                return
            if desk.ending[0] in ("paused", "held"):
                desk.resume_algo()
            desk.gone()
            for order in desk.live:
                desk.fill(order=order)
            desk.trades(500)
            desk.at((desk.now - desk.began) // 10**9 + 7)
            self.check()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_never_too_much_in_the_end_all_and_a_replay_agrees(kind: str, data: st.DataObject) -> None:
    more = data.draw(st.sampled_from(MORE[kind]))
    instrument = data.draw(st.sampled_from([{}, {"lot": "10"}, {"min_qty": "50"}]))
    course = Course(kind, more, **instrument)
    for did, n in data.draw(STEPS):
        course.step(did, n)
    course.settle()
    state, why = course.desk.ending
    assert state == "ended", why
    left = re.search(r"([\d.]+) of ([\d.]+) are left", why)
    asked = int(course.desk.view().params["qty"])
    told = int(left[1]) if left else 0
    assert course.executed + told * SCALE == asked * SCALE, why
    engine = replayed(course.desk)
    assert engine.shown(course.desk.now).hash() == course.desk.shown.hash()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_market_takes_at_once_is_all_done(kind: str) -> None:
    course = Course(kind, {})
    course.settle()
    assert (course.executed, course.desk.ending[1]) == (QTY * SCALE, "all of it is executed")
