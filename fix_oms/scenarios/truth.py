"""What a scenario's rows add up to, by an arithmetic of its own.

The tables leave prices, averages and most ExecIDs blank, and say nowhere what position follows. A
broker who plays them has to know: so the executions told so far, in published order, are kept here
as a ledger clerk would, one after the other, with busts and corrections applied and a split's
restatement rescaling what stands. That is deliberately not how an order system may do it, which
hears of all this in any order, and nothing here is shared with one.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from fix_oms.model.fix import ExecType, OrdStatus
from fix_oms.scenarios.steps import Step

Booked = tuple[str, Fraction, Fraction]
"""ExecID(17), LastQty(32) and LastPx(31) of an execution that counts."""
_ENDS: Final = frozenset({OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED})


@attrs.define
class Execution:
    """One execution as it stands: what was last told of it, and what splits made of that."""

    exec_id: str
    qty: Fraction
    px: Fraction
    scale: Fraction = Fraction(1)
    ids: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Ending:
    """What an order must have come to when everything is told. None: nothing is published of it.

    ``told`` are the executions as they were told, ``rescaled`` what splits made of them.
    ``leaves_after_end`` says that a final report stated quantity left, which is a break.
    """

    order: str
    ord_status: str | None
    order_qty: Decimal | None
    cum_qty: Decimal | None
    leaves_qty: Decimal | None
    avg_px: Decimal | None
    exact_avg_px: Fraction | None
    told: frozenset[Booked]
    rescaled: frozenset[Booked]
    position: Fraction
    leaves_after_end: bool = False


class Truth:
    """One order as its broker knows it. ``limit`` is its price; blank ones are chosen under it."""

    def __init__(self, limit: Decimal) -> None:
        self._limit: Final = Fraction(limit)
        self._executions: list[Execution] = []
        self._trades = 0
        self.scale = Fraction(1)
        self.status: str | None = None
        self.gross = Fraction(0)
        self.leaves_after_end = False

    @property
    def cum(self) -> Fraction:
        return sum((e.qty * e.scale for e in self._executions), Fraction(0))

    @property
    def notional(self) -> Fraction:
        return sum((e.qty * e.px for e in self._executions), Fraction(0))

    @property
    def avg_px(self) -> Fraction:
        return self.notional / self.cum if self.cum else Fraction(0)

    def booked(self) -> tuple[frozenset[Booked], frozenset[Booked]]:
        """The executions that count: as told, and after splits."""
        held = self._executions
        told = frozenset((e.exec_id, e.qty, e.px) for e in held)
        return told, frozenset((e.exec_id, e.qty * e.scale, e.px / e.scale) for e in held)

    def held(self, exec_ref_id: str | None) -> Execution | None:
        """The execution of whose chain this ExecID is a member; the latest one for None."""
        for execution in reversed(self._executions):
            if exec_ref_id is None or exec_ref_id in execution.ids:
                return execution
        return None

    def trade(self, exec_id: str, step: Step) -> Execution:
        """A fill. A blank LastQty is what CumQty grew by; a blank LastPx is chosen."""
        self._trades += 1
        qty = step.last_qty
        if qty is None:
            qty = max(Decimal(0), (step.cum_qty or Decimal(0)) - _whole(self.cum))
        chosen = Fraction(round((self._limit * 100 - self._trades) / self.scale), 100)
        px = Fraction(step.last_px) if step.last_px is not None else chosen
        made = Execution(exec_id, Fraction(qty), px, ids=[exec_id])
        self._executions.append(made)
        self.gross += made.qty
        return made

    def correct(self, exec_id: str, step: Step) -> Execution | None:
        """A correction states the corrected size and price, not a difference; blank ones stay."""
        held = self.held(step.exec_ref_id)
        if held is None:
            return None
        if step.last_qty is not None:
            larger = Fraction(step.last_qty) - held.qty * held.scale
            self.gross += max(Fraction(0), larger)
            held.qty, held.px = Fraction(step.last_qty), held.px / held.scale
            held.scale = Fraction(1)
        if step.last_px is not None:
            held.px = Fraction(step.last_px)
        held.exec_id = exec_id
        held.ids.append(exec_id)
        return held

    def bust(self, step: Step) -> Execution | None:
        """A bust ends the chain that it names any member of."""
        held = self.held(step.exec_ref_id)
        if held is not None:
            self._executions.remove(held)
        return held

    def restate(self, step: Step) -> bool:
        """A restatement that moves CumQty without an execution is a split. Returns whether."""
        if not self.cum or step.cum_qty is None or Fraction(step.cum_qty) == self.cum:
            return False
        ratio = Fraction(step.cum_qty) / self.cum
        for execution in self._executions:
            execution.scale *= ratio
        self.scale *= ratio
        self.gross *= ratio
        return True

    def note(self, step: Step) -> None:
        """What else a row says: the status that stands, quantity left after the end."""
        if step.ord_status in _ENDS and step.exec_type != ExecType.ORDER_STATUS:
            self.leaves_after_end = self.leaves_after_end or bool(step.leaves_qty)
        self.status = step.ord_status


def _whole(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
