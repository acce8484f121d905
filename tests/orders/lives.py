"""Legal lives of an order, as its broker lives them: made from a seed, one act after another.

The broker here is sequential and knows everything, so its own OrdStatus is simply true. It does
what the published scenarios and the table of transitions let a broker do, and nothing that they
exclude. It imports nothing of ``orders``: what is checked against it must not be its source.

A life is a list of events in the order in which the broker made them. Requests carry the quantity
asked for; each report comes with the OrdStatus that the broker's order had before it.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

from fix_oms.model.messages import ExecutionReport, OrderCancelReject
from fix_oms.model.units import SCALE

QTY: Final = 100
ACTS: Final = {
    "acknowledge": 2,
    "trade": 3,
    "fill": 2,
    "fill_and_end": 1,
    "cancel": 2,
    "expire": 1,
    "reject": 1,
    "deny": 1,
    "wait": 1,
    "refuse_copy": 1,
    "ask_cancel": 1,
    "ask_replace": 2,
    "say_pending": 3,
    "accept": 2,
    "refuse": 1,
    "stop": 1,
    "suspend": 1,
    "resume": 1,
    "trigger": 1,
    "restate": 1,
    "end_day": 1,
    "calculate": 1,
    "bust": 1,
    "correct": 1,
    "status": 2,
}
"""What a broker does, and how often beside the rest."""


class Asked(NamedTuple):
    """A request of ours: ``kind`` is cancel or replace."""

    cl_ord_id: str
    kind: str
    qty: int


class Told(NamedTuple):
    """A message of the broker, and its order's OrdStatus just before."""

    before: str
    message: ExecutionReport | OrderCancelReject


class Broker:
    """One order at its broker. Each act happens only where it may; ``told`` is what was sent."""

    def __init__(self, seed: int) -> None:
        self._chance: Final = random.Random(seed)
        self.good_till: Final = self._chance.random() < 0.5
        self.asked: list[Asked] = []
        self.told: list[Told] = []
        self._open: list[Asked] = []
        self._pending: list[Asked] = []
        self._executions: dict[str, int] = {}
        self._qty = QTY
        self._end = ""
        self._holds: set[str] = set()
        self._cl_ord_id = "X"
        self._cum_at_end = 0

    @classmethod
    def live(cls, seed: int, acts: str = "") -> Broker:
        """A whole life: of the acts named, or of some by chance."""
        broker = cls(seed)
        for act in acts.split() or broker._any_acts():
            getattr(broker, f"_{act}")()
        return broker

    def _any_acts(self) -> list[str]:
        first = ["acknowledge"] if self._chance.random() < 0.7 else []
        length = self._chance.randint(2, 9)
        return first + self._chance.choices(list(ACTS), list(ACTS.values()), k=length)

    @property
    def cum(self) -> int:
        return sum(self._executions.values())

    @property
    def ord_status(self) -> str:
        """By FIX precedence, among the states that hold."""
        pending = {request.kind for request in self._pending}
        full = self.cum >= self._qty
        holds = (
            (self._end, bool(self._end)),
            ("6", "cancel" in pending),
            ("E", "replace" in pending),
            ("3", "3" in self._holds),
            ("B", "B" in self._holds),
            ("2", full),
            ("7", "7" in self._holds),
            ("9", "9" in self._holds),
            ("1", self.cum > 0),
            ("0", "acknowledged" in self._holds),
        )
        return next((status for status, held in holds if held), "A")

    # -- what is said -------------------------------------------------------------------------

    def _report(self, kind: str, before: str, cl_ord_id: str = "") -> ExecutionReport:
        status = self.ord_status
        leaves = 0 if self._end or (status in "3B" and not self.good_till) else self._qty - self.cum
        number = len(self.told) + 1
        report = ExecutionReport(
            cl_ord_id=cl_ord_id or self._cl_ord_id,
            order_id="O1",
            exec_id=None if kind == "I" else f"{kind}{number}",
            exec_type=kind,
            ord_status=status,
            order_qty=self._qty * SCALE,
            cum_qty=self.cum * SCALE,
            leaves_qty=leaves * SCALE,
            last_px=10 * SCALE,
            transact_time=number,
        )
        self.told.append(Told(before, report))
        return report

    def _working(self) -> bool:
        return not self._end and self.cum < self._qty

    def _is_acknowledged(self) -> bool:
        return self._working() and bool(self._holds)

    # -- acts: the order ------------------------------------------------------------------------

    def _wait(self) -> None:
        before = self.ord_status
        if not self._end and not self._holds and not self._executions:
            self._report("A", before)

    def _acknowledge(self) -> None:
        before = self.ord_status
        if not self._end and not self._holds and not self._executions:
            self._holds.add("acknowledged")
            self._report("0", before)

    def _reject(self) -> None:
        before = self.ord_status
        if not self._end and not self._executions and "B" not in self._holds:
            self._finish("8", "8", before)

    def _cancel(self) -> None:
        before = self.ord_status
        if self._working():
            self._finish("4", "4", before)

    def _expire(self) -> None:
        before = self.ord_status
        if self._working():
            self._finish("C", "C", before)

    def _finish(self, kind: str, end: str, before: str) -> ExecutionReport:
        self._end = end
        self._cum_at_end = self.cum
        self._pending.clear()
        return self._report(kind, before)

    def _refuse_copy(self) -> None:
        """A second order with the same ClOrdID is refused; the report states the first one."""
        before = self.ord_status
        if self._end != "8":
            self._holds |= {"acknowledged"} if self._chance.random() < 0.5 else set()
            self._report("8", before)

    def _hold(self, status: str) -> None:
        before = self.ord_status
        self._holds |= {"acknowledged", status}
        self._report(status, before)

    def _stop(self) -> None:
        if self._is_acknowledged() and not self._holds & {"3", "B", "9"}:
            self._hold("7")

    def _suspend(self) -> None:
        if self._working() and not self._holds & {"3", "B"}:
            self._hold("9")

    def _resume(self) -> None:
        before = self.ord_status
        if "9" in self._holds and self._working() and not self._holds & {"3", "B", "7"}:
            self._holds.discard("9")
            self._report(self._chance.choice("0D"), before)

    def _trigger(self) -> None:
        before = self.ord_status
        if self._is_acknowledged() and "B" not in self._holds:
            self._holds -= {"3", "9"}
            self._report("L", before)

    def _restate(self) -> None:
        before = self.ord_status
        if not self._is_acknowledged():
            return
        if self._holds & {"3", "B"}:
            if not self.good_till:
                return
        else:
            change = self._chance.choice((-10, 10, self.cum - self._qty))
            self._qty = max(self.cum or 1, self._qty + change)
        self._holds -= {"3", "B", "9"}
        self._report("D", before).exec_restatement_reason = "1"

    def _end_day(self) -> None:
        if not self._end and self._holds:
            self._hold("3")

    def _calculate(self) -> None:
        full = self.cum >= self._qty
        if not self._end and self.cum and (full or "3" in self._holds):
            self._hold("B")

    def _status(self) -> None:
        self._report("I", self.ord_status)

    def _deny(self) -> None:
        """The order never arrived, so the answer to a question about it is that it is unknown."""
        before = self.ord_status
        if not self.told:
            self._finish("I", "8", before)

    # -- acts: executions -----------------------------------------------------------------------

    def _trade(self, qty: int = 20) -> None:
        before = self.ord_status
        open_qty = self._tradable()
        if open_qty:
            traded = self._execute(min(qty, open_qty))
            self._report("F", before).last_qty = traded * SCALE

    def _fill(self) -> None:
        self._trade(self._qty)

    def _fill_and_end(self) -> None:
        before = self.ord_status
        if not self._end and self._tradable() > 20:
            traded = self._execute(20)
            self._finish("F", self._chance.choice("4C"), before).last_qty = traded * SCALE

    def _tradable(self) -> int:
        """What may trade: after the end only in place of what was busted (J.1.b)."""
        if self._end in ("4", "C"):
            return self._cum_at_end - self.cum
        asleep = self._holds & {"3", "B"} and not self.good_till
        return 0 if self._end or asleep else max(0, self._qty - self.cum)

    def _execute(self, qty: int) -> int:
        self._holds -= {"3", "B", "9", self._chance.choice(("7", ""))}
        self._holds.add("acknowledged")
        self._executions[f"F{len(self.told) + 1}"] = qty
        return qty

    def _bust(self) -> None:
        before = self.ord_status
        ref = self._any_execution(1)
        if ref:
            self._executions[ref] = 0
            report = self._report("H", before)
            report.exec_ref_id, report.last_qty = ref, 0

    def _correct(self) -> None:
        before = self.ord_status
        ref = self._any_execution(6)
        if ref:
            change = self._chance.choice((-5, 0, self._tradable()))
            qty = self._executions[ref] + change
            self._executions[ref] = 0
            self._executions[f"G{len(self.told) + 1}"] = qty
            report = self._report("G", before)
            report.exec_ref_id, report.last_qty = ref, qty * SCALE

    def _any_execution(self, least: int) -> str:
        found = [name for name, qty in self._executions.items() if qty >= least]
        return self._chance.choice(found) if found else ""

    # -- acts: requests -------------------------------------------------------------------------

    def _ask_cancel(self) -> None:
        self._ask("cancel", self._qty)

    def _ask_replace(self) -> None:
        self._ask("replace", self._chance.choice((10, 60, 150)))

    def _ask(self, kind: str, qty: int) -> None:
        if not self._end:
            request = Asked(f"Y{len(self.asked) + 1}", kind, qty)
            self.asked.append(request)
            self._open.append(request)

    def _say_pending(self) -> None:
        before = self.ord_status
        request = self._chance.choice(self._open) if self._open else None
        if request is None or self._end or request in self._pending:
            return
        if request.kind == "cancel" and not self._working():
            return
        self._pending.append(request)
        self._report("6" if request.kind == "cancel" else "E", before, request.cl_ord_id)

    def _accept(self) -> None:
        before = self.ord_status
        request = self._answer()
        if request is None:
            return
        if self._end or (request.kind == "cancel" and not self._working()):
            self._say_refused(before, request)
        elif request.kind == "cancel":
            self._cl_ord_id = request.cl_ord_id
            self._finish("4", "4", before)
        else:
            self._cl_ord_id = request.cl_ord_id
            self._qty = max(request.qty, self.cum)
            self._holds.add("acknowledged")
            self._holds -= {"3", "B", "9"}
            self._report("5", before)

    def _refuse(self) -> None:
        before = self.ord_status
        request = self._answer()
        if request is not None:
            self._say_refused(before, request)

    def _answer(self) -> Asked | None:
        if not self._open:
            return None
        request = self._open.pop(self._chance.randrange(len(self._open)))
        self._pending = [other for other in self._pending if other is not request]
        return request

    def _say_refused(self, before: str, request: Asked) -> None:
        reject = OrderCancelReject(
            cl_ord_id=request.cl_ord_id,
            orig_cl_ord_id=self._cl_ord_id,
            order_id="O1",
            ord_status=self.ord_status,
            cxl_rej_response_to="1" if request.kind == "cancel" else "2",
        )
        self.told.append(Told(before, reject))
