"""Invariant 7 after every step: under any executions, lots, ratios, rejects, busts, deaths."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from fix_oms.engine import Engine
from fix_oms.journal.verify import broken_laws
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE
from tests.engine.hedge_desk import hedge_settings
from tests.engine.hedge_laws import LawDesk

COVERS = ("hedge", "unwind", "flatten")
PICK = st.integers(0, 1000)
ETF = st.fixed_dictionaries(
    {"lot": st.sampled_from(["1", "7", "10"])},
    optional={
        "min_qty": st.just("30"),
        "max_qty": st.just("50"),
        "multiplier": st.sampled_from(["2", "0.5"]),
    },
)
HEDGE = st.fixed_dictionaries(
    {
        "maker_side": st.sampled_from("12"),
        "ratio": st.sampled_from(["1", "0.5", "1/3", "2.25"]),
        "on_trouble": st.sampled_from(["retry", "venue", "alert", "flatten"]),
        "retries": st.integers(0, 3),
    },
    optional={
        "by": st.just("quantity"),
        "provisional": st.just(False),
        "hedge_type": st.just("market"),
        "timeout_ms": st.just(1000),
        "maker_policy": st.none(),
    },
)


class AnyHedges(RuleBasedStateMachine):
    """Two hedges that share a balance, brokers that do what they like, and a process that dies."""

    @initialize(etf=ETF, first=HEDGE, second=HEDGE, rests=st.booleans())
    def begin(self, etf: dict[str, Any], first: Any, second: Any, rests: bool) -> None:
        self.desk = LawDesk(hedge_settings(**etf))
        self.desk.come_up()
        second["maker_side"] = first["maker_side"]
        if rests:
            second |= {"hedge_type": "limit", "hedge_limit": "50"}
        for ref, params in (("H1", first), ("H2", second)):
            answer = self.desk.hedge(ref, other_venues=["GAMMA"], **params)
            assert isinstance(answer, Accepted), answer

    def pick(self, n: int, *legs: str, is_open: bool = True) -> Any:
        """An order whose session is up."""
        links = self.desk.engine.state.links
        found = [
            order
            for order in self.desk.orders(*legs)
            if links[order.session].ready and not (is_open and self.desk.is_done(order))
        ]
        return found[n % len(found)] if found else None

    @rule(n=PICK, qty=st.integers(1, 120))
    def maker_trades(self, n: int, qty: int) -> None:
        order = self.pick(n, "maker")
        if order is not None:
            self.desk.trades(order, min(qty, self.desk.left(order)))

    @rule(n=PICK, all_of=st.booleans())
    def cover_trades(self, n: int, all_of: bool) -> None:
        order = self.pick(n, *COVERS)
        if order is not None:
            left = self.desk.left(order)
            self.desk.trades(order, left if all_of else max(1, left // 2))

    @rule(n=PICK, status=st.sampled_from("4448"))
    def order_ends(self, n: int, status: str) -> None:
        order = self.pick(n, *COVERS, *(("maker",) if n % 20 == 0 else ()))
        if order is not None:
            status = status if not self.desk.cum(order) else "4"
            self.desk.is_out(order, status)

    @rule(n=PICK, whole=st.booleans())
    def execution_is_taken_back(self, n: int, whole: bool) -> None:
        order = self.pick(n, "maker", *COVERS, is_open=False)
        held = self.desk.executions.get(order.reference, {}) if order is not None else {}
        if held and str(order.ord_status) != "8":
            name, qty = list(held.items())[n % len(held)]
            self.desk.takes_back(order, name, qty if whole or qty == 1 else qty // 2)

    @rule(n=PICK)
    def execution_comes_late(self, n: int) -> None:
        order = self.pick(n, "maker", *COVERS, is_open=False)
        if order is not None and str(order.ord_status) == "4" and self.desk.left(order) > 0:
            self.desk.taken_back = True  # what was hedged again was hedged already
            self.desk.trades(order, min(n % 20 + 1, self.desk.left(order)))

    @rule(n=PICK, qty=st.integers(1, 40))
    def execution_is_told_before_it_is_proven(self, n: int, qty: int) -> None:
        order = self.pick(n, "maker")
        if order is not None:
            cum = self.desk.cum(order) + min(qty, self.desk.left(order))
            left = order.order_qty // SCALE - cum
            self.desk.tells(order, "I", "1" if left else "2", cum=cum, leaves=left)
            self.desk.trades(order, cum - self.desk.cum(order))

    @rule(seconds=st.sampled_from([0.3, 1.1, 6.0]))
    def time_passes(self, seconds: float) -> None:
        self.desk.wait(seconds)

    @rule(bid=st.sampled_from(["49.99", "49.00", "52.00"]))
    def market_moves(self, bid: str) -> None:
        if self.desk.engine.state.links["BETA"].ready:
            self.desk.quote("BETA", bid, "52.05")

    @rule(session=st.sampled_from(["ALPHA", "BETA", "GAMMA"]))
    def session_goes_or_comes(self, session: str) -> None:
        if self.desk.engine.state.links[session].ready:
            self.desk.down(session)
        else:
            self.desk.ready(session)

    @rule(ref=st.sampled_from(["H1", "H2"]), up=st.booleans())
    def flushed(self, ref: str, up: bool) -> None:
        self.desk.flush(ref, round="up" if up else "down")

    @rule(ref=st.sampled_from(["H1", "H2"]), goes_on=st.booleans())
    def paused_or_resumed(self, ref: str, goes_on: bool) -> None:
        act = inputs.ResumeAlgo if goes_on else inputs.PauseAlgo
        self.desk.answer(act(by="ann", ref=ref))

    @rule(n=PICK)
    def stopped(self, n: int) -> None:
        if n % 5 == 0:
            self.desk.answer(inputs.StopAlgo(by="ann", ref="H1"))

    @rule(lifted=st.booleans())
    def killed_and_lifted(self, lifted: bool) -> None:
        act = inputs.Resume if lifted else inputs.Kill
        self.desk.answer(act(by="ann", reason="a look"))

    @rule(unwritten=st.integers(0, 6))
    def process_dies(self, unwritten: int) -> None:
        self.desk.dies(unwritten)

    @rule()
    def snapshot_is_resumed(self) -> None:
        self.desk.resumes()

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        desk = self.desk
        self.settle()
        engine = Engine()
        for now, value in desk.log:
            engine.step(now, inputs.decode(inputs.encode(value)))
        assert engine.shown(desk.now).hash() == desk.shown.hash()
        assert broken_laws(engine.state) == []
        for ref in ("H1", "H2"):
            view = desk.view(ref)
            if view.state != "ended" or view.why.endswith("hedged"):
                assert view.progress["uncovered"] == "0", (view, desk.leg("hedge", ref))

    def settle(self) -> None:
        """All comes up, the makers end, whatever is sent is executed."""
        desk = self.desk
        desk.answer(inputs.Resume(by="ann", reason="looked at"))
        for order in desk.orders("maker"):
            if not desk.is_done(order):
                desk.come_up()
                desk.is_out(order, "4")
        for _ in range(12):
            desk.come_up()
            for ref in ("H1", "H2"):
                if desk.view(ref).state in ("paused", "held"):
                    desk.answer(inputs.ResumeAlgo(by="ann", ref=ref))
                desk.flush(ref)
            for order in desk.orders("maker", *COVERS):
                order = desk.order(order.reference)
                if desk.is_done(order):
                    continue
                if order.reference in [o.reference for o in desk.orders("maker")]:
                    desk.is_out(order, "4")
                else:
                    desk.trades(order, desk.left(order))
            desk.wait(6)


TestAnyHedges = AnyHedges.TestCase
TestAnyHedges.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
