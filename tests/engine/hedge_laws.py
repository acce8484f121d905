"""A desk that holds every hedge to invariant 7 after each input, by what its broker has said.

What was executed is the broker's own list here, not the engine's sums; what is open is asked of
each order. So a hedge that forgets, counts twice or keeps quiet is found in the step that does it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fix_oms.algos.carried import CarryKey
from fix_oms.algos.running import RunningAlgo
from fix_oms.engine import Engine
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.outputs import Output
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.model.views import OrderView
from tests.engine.hedge_desk import HedgeDesk

LEGS = ("maker", "hedge", "unwind", "flatten")
OURS = (inputs.Acted, inputs.Sent)


class LawDesk(HedgeDesk):
    """``executions`` are the broker's, by order and ExecID: quantity. ``taken_back``: something
    was busted or corrected to less, so that too much may be hedged for a while."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.executions: dict[str, dict[str, int]] = {}
        self.taken_back = False
        self.runs = 1
        super().__init__(settings)

    def give(self, value: inputs.Input) -> list[Output]:
        out = super().give(value)
        self.laws()
        return out

    # -- the broker ---------------------------------------------------------------------------

    def orders(self, *legs: str) -> list[OrderView]:
        """Those of these legs of all hedges."""
        found = []
        for running in self.engine.state.algos.algos.values():
            for name, ref in running.names.items():
                if name.rstrip("0123456789") in legs:
                    found.append(self.order(ref))
        return found

    def cum(self, order: OrderView) -> int:
        return sum(self.executions.get(order.reference, {}).values())

    def left(self, order: OrderView) -> int:
        return order.order_qty // SCALE - self.cum(order)

    def is_done(self, order: OrderView) -> bool:
        return str(order.ord_status) in ("2", "4", "8", "C")

    def trades(self, order: OrderView, qty: int) -> None:
        """So much of it executes."""
        name = f"X{len(self.log)}"
        self.executions.setdefault(order.reference, {})[name] = qty
        left = self.left(order)
        status = str(order.ord_status) if self.is_done(order) else "1" if left > 0 else "2"
        left = 0 if self.is_done(order) else left
        px = text_of(order.price or 10 * SCALE)
        self.tells(
            order, "F", status, cum=self.cum(order), leaves=left, last=qty, px=px, exec_id=name
        )

    def takes_back(self, order: OrderView, name: str, less: int) -> None:
        """A bust of the execution, or a correction of it by so much."""
        held = self.executions[order.reference]
        was = held.pop(name)
        self.taken_back = True
        cum = self.cum(order) + was - less
        is_out = self.is_done(order) and str(order.ord_status) != "2"
        left = 0 if is_out else order.order_qty // SCALE - cum
        status = "4" if is_out else "1" if cum else "0"
        new = f"X{len(self.log)}"
        more: dict[str, Any] = {"cum": cum, "leaves": left, "exec_id": new, "exec_ref_id": name}
        if was == less:
            self.tells(order, "H", status, last=was, **more)
        else:
            held[new] = was - less
            self.tells(order, "G", status, last=was - less, px="10", **more)

    def is_out(self, order: OrderView, status: str) -> None:
        """It is at its end, by its own or by the cancel that was asked for."""
        asked = [r for r in order.requests if r.kind == "cancel" and r.outcome == "unanswered"]
        if asked and status == "4":
            self.report(
                asked[-1].cl_ord_id,
                "4",
                "4",
                session=order.session,
                side=order.side,
                symbol=order.symbol,
                cum=self.cum(order),
                order_id=f"O-{order.cl_ord_id}",
                orig_cl_ord_id=order.cl_ord_id,
            )
        else:
            self.tells(order, status, status, cum=self.cum(order))

    # -- the process --------------------------------------------------------------------------

    def dies(self, unwritten: int) -> None:
        """The process dies with its last inputs of its own making unwritten, and starts again."""
        while unwritten and isinstance(self.log[-1][1], OURS):
            unwritten -= 1
            self.log.pop()
        engine = Engine()
        for now, value in self.log:
            engine.step(now, inputs.decode(inputs.encode(value)))
        self.engine, self.runs = engine, self.runs + 1
        self.start(self.runs)
        self.come_up()

    def resumes(self) -> None:
        """The same engine, from a snapshot."""
        before, kept = self.shown.live_hash(), self.engine.state.book.orders
        self.engine = Engine.resumed(thaw(*freeze(self.engine.state)))
        orders = self.engine.state.book.orders
        orders.shelf, orders.marks = kept.shelf, kept.marks  # a snapshot's other part
        self.engine.state.restored()
        assert self.shown.live_hash() == before

    def come_up(self) -> None:
        for session in ("ALPHA", "BETA", "GAMMA"):
            if not self.engine.state.links[session].ready:
                self.ready(session)
        for venue in ("BETA", "GAMMA"):
            self.quote(venue)
        self.book("ALPHA", [("9.99", 5000)], [("10.01", 5000)])

    # -- the laws -----------------------------------------------------------------------------

    def laws(self) -> None:
        if self.engine._state is None:
            return
        state = self.engine.state
        state.algos.carried._check()
        for running in state.algos.algos.values():
            if running.kind == "hedge" and running.pending is None and not state.algos.due:
                self.law(running)

    def law(self, running: RunningAlgo) -> None:
        state, algo = self.engine.state, running.algo
        assert algo is not None
        of: Any = algo
        sums = {leg: self._sums(running, leg) for leg in LEGS}
        executed = sums["maker"][0] - sums["flatten"][0] - sums["flatten"][1]
        by = Fraction(of.ratio)
        if of.by == "exposure":
            instruments = state.settings.instruments
            by *= Fraction(
                instruments[of.maker_symbol].multiplier, instruments[of.hedge_symbol].multiplier
            )
        target = executed * by.numerator // by.denominator
        told = (executed + sums["maker"][2]) * by.numerator // by.denominator - target
        side = "2" if of.maker_side == "1" else "1"
        key = CarryKey(of.hedge_account, of.hedge_venue, of.hedge_symbol, side)
        parts = state.algos.carried.parts.get(key, {})
        covered = sum(sums["hedge"][:2]) - sum(sums["unwind"][:2]) + parts.get(running.ref, 0)
        missing = target - covered
        where = f"{running.ref} at {self.log[-1]}: {sums}, carried {parts}"
        assert running.uncovered == missing + told, f"{running.uncovered} is told, {where}"
        terms = state.contracts[of.hedge_symbol, of.hedge_venue]
        assert abs(sum(parts.values())) < terms.least(SCALE), where
        assert missing >= 0 or self.taken_back, f"too much is hedged: {where}"
        shown = self.view(running.ref).progress
        assert shown["uncovered"] == text_of(missing + told), where
        assert "error" not in shown, shown
        if missing and running.state == "running":
            assert shown["why"] != "it is being hedged", where

    def _sums(self, running: RunningAlgo, leg: str) -> tuple[Fixed, Fixed, Fixed]:
        """What orders of a leg have executed by the broker, could still, and are told to have."""
        executed = could = told = 0
        for name, ref in running.names.items():
            order = self.engine.state.book.by_cl_ord_id(ref)
            if name.rstrip("0123456789") != leg or order is None:
                continue
            executed += SCALE * sum(self.executions.get(order.reference, {}).values())
            could += max(order.open_qty, order.leaves_qty)
            told += order.provisional
        return executed, could, told
