"""Law 7: what a maker has executed is hedged, open, carried, or told to a person as uncovered.

After each step, of every hedge whose orders it has touched. What its orders have executed, and what
they could yet, is added up here from the orders' evidence; nothing is asked of the algo's own sums.

- The person is told of just what is missing.
- What is missing is no less than can be sent: the rest is carried. The balance is less than that.
- Nothing is hedged twice: too much is there only where somebody gave or took back by surprise (a
  bust, a correction, an execution of what was out, a quantity that nobody had asked for).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fix_oms.algos.carried import CarryKey
from fix_oms.algos.running import ENDED, RUNNING, RunningAlgo
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.algos import Carry, Place
from fix_oms.model.inputs import Input
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.units import SCALE, text_of
from fix_oms.orders.order import Order

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws

LEGS: Final = ("maker", "hedge", "unwind", "flatten")


class Came(NamedTuple):
    """What one order has executed, could still, and is told to have beside."""

    executed: int
    could: int
    told: int


class HedgeLaws:
    """``surprised`` are the hedges to which something was given or taken back that nobody could
    count on; ``came`` what each order had come to when it was last looked at."""

    def __init__(self, laws: Laws) -> None:
        self._laws: Final = laws
        self._came: Final[dict[str, Came]] = {}
        self._surprised: Final[set[str]] = set()
        self._children: Final[dict[str, dict[str, None]]] = {}
        self._touched: set[str] = set()

    def begin(self, state: State) -> None:
        """A process has started from its journal."""
        if any(x.uncovered for x in state.algos.live.values()):
            self._laws.count("hedge: killed while something was uncovered")
        self._touched = set(state.algos.algos)

    def stepped(self, state: State, value: Input, out: list[Output], names: list[str]) -> None:
        """The engine has taken an input; ``names`` are the orders that it changed."""
        for name in names:
            order = state.book.by_cl_ord_id(name)
            held = state.gate.parents.of(order) if order is not None else None
            of = state.algos.of.get(held.ref if held is not None else name)
            if of is not None:
                self._touched.add(of[0])
        if type(value) is inputs.Acted:
            self._touched.add(value.acts.algo)
            self._acted(state, value)
        for alert in out:
            if type(alert) is Alert and alert.code == "uncovered":
                what = "uncovered" if alert.severity == "severe" else "covered again"
                self._laws.count(f"hedge: {what}")
                self._touched.add(alert.subject)
        if not (state.algos.due or state.algos.acting):
            touched, self._touched = self._touched, set()
            for ref in sorted(touched):
                running = state.algos.algos.get(ref)
                if running is not None and running.pending is None:
                    self._look(state, running)

    def _acted(self, state: State, value: inputs.Acted) -> None:
        for act in value.acts.acts:
            if type(act) is Place:
                leg = act.name.rstrip("0123456789")
                how = " through the router" if act.policy is not None else ""
                self._laws.count(f"hedge: {leg} sent{how}")
            elif type(act) is Carry:
                self._laws.count(f"hedge: {'carried' if act.qty > 0 else 'taken from the balance'}")

    # -- the law ------------------------------------------------------------------------------

    def _look(self, state: State, running: RunningAlgo) -> None:
        of: Any = running.algo
        assert of is not None
        sums = {leg: self._sums(state, running, leg) for leg in LEGS}
        by = Fraction(of.ratio)
        if of.by == "exposure":
            table = state.settings.instruments
            by *= Fraction(table[of.maker_symbol].multiplier, table[of.hedge_symbol].multiplier)
        executed = sums["maker"].executed - sums["flatten"].executed - sums["flatten"].could
        executed += sums["maker"].told if of.provisional else 0
        target = executed * by.numerator // by.denominator
        told = 0
        if not of.provisional:
            told = (executed + sums["maker"].told) * by.numerator // by.denominator - target
        covers = sums["hedge"].executed + sums["hedge"].could
        covers -= sums["unwind"].executed + sums["unwind"].could
        parts = state.algos.carried.parts.get(_key(running), {})
        missing = target - covers - parts.get(running.ref, 0)
        self._told(running, missing, told)
        self._balance(state, running, missing, sum(parts.values()))
        if missing < 0 and running.ref not in self._surprised:
            self._wrong(running, f"{text_of(-missing)} too much is hedged: {sums}")

    def _told(self, running: RunningAlgo, missing: int, told: int) -> None:
        if running.uncovered != missing + told:
            said = f"{text_of(missing + told)} is uncovered, and people were told"
            self._wrong(running, f"{said} {text_of(running.uncovered)}")
        if told:
            self._laws.count("hedge: an execution that was told and not proven")
        if missing:
            self._laws.count(f"hedge: uncovered while it is {running.state}")

    def _balance(self, state: State, running: RunningAlgo, missing: int, balance: int) -> None:
        """What could be sent is not carried, and what is carried could not be sent."""
        of: Any = running.algo
        terms = state.contracts.get((of.hedge_symbol, of.hedge_venue))
        if terms is None or terms.min_notional:  # it depends on a price, which moves
            return
        least = terms.least(SCALE)
        if abs(balance) >= least:
            self._wrong(running, f"{text_of(balance)} is carried, and {text_of(least)} can be sent")
        if missing and running.state == RUNNING and abs(missing + balance) < least:
            self._wrong(running, f"{text_of(missing)} is missing, and is too little to be sent")

    def _sums(self, state: State, running: RunningAlgo, leg: str) -> Came:
        executed = could = told = 0
        for name, ref in running.names.items():
            if name.rstrip("0123456789") != leg:
                continue
            came = self._came_of(state, ref)
            if came is None:
                continue
            before = self._came.get(f"{running.ref}.{name}", came)
            self._came[f"{running.ref}.{name}"] = came
            grows = came.executed + came.could > before.executed + before.could
            if came.executed < before.executed or (grows and leg != "maker"):
                self._surprised.add(running.ref)
                self._laws.count(f"hedge: {leg} was surprised")
            executed, could, told = (
                executed + came.executed,
                could + came.could,
                told + came.told,
            )
        return Came(executed, could, told)

    def _came_of(self, state: State, ref: str) -> Came | None:
        """By an order's evidence; of a parent, by its children's and what is not sent yet."""
        parent = state.routed.parents.get(ref)
        if parent is None:
            order = state.book.by_cl_ord_id(ref)
            return _came(order) if order is not None else None
        found = [state.book.by_cl_ord_id(child) for child in parent.held.children]
        children = [_came(order) for order in found if order is not None]
        executed = sum([child.executed for child in children])
        could = sum([child.could for child in children])
        rest = 0 if parent.ended else parent.held.order_qty - executed
        return Came(executed, max(could, rest), sum([child.told for child in children]))

    def _wrong(self, running: RunningAlgo, text: str) -> None:
        self._laws.wrong("hedges", f"hedge {running.ref} ({running.state}): {text}")

    def settled(self, state: State) -> None:
        """Everything has been heard, asked and flushed."""
        for running in state.algos.algos.values():
            self._look(state, running)
            why = getattr(running.algo, "why", "")
            if running.state == RUNNING and running.uncovered and not why:
                self._wrong(running, "something is uncovered, and nobody knows why")
            if not running.uncovered and (running.state == ENDED or running.legs.get("hedge")):
                self._laws.count("hedge: covered at the end")


def _came(order: Order) -> Came:
    could = max(order.open_qty, order.leaves_qty)
    return Came(order.executions.qty, could, order.provisional)


def _key(running: RunningAlgo) -> CarryKey:
    of: Any = running.algo
    buys = (of.maker_side == "1") == (of.hedge_side == "same")
    account = of.hedge_account or running.account
    return CarryKey(account, of.hedge_venue, of.hedge_symbol, "1" if buys else "2")
