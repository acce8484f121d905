"""What FIX's own data says of a series of reports: a slow, literal reader of ``spec/``.

It knows nothing of how the engine or the model broker think. It reads the reports of one order in
the order in which the broker wrote them and applies the published rules, as the data states them:

- the precedence of OrdStatus(39), by position in ``ord_status_precedence``; of the tie, Rejected
  outranks New outranks Pending New;
- rule Q1, OrderQty(38) = CumQty(14) + LeavesQty(151), and Q2, whose text names the statuses of
  which LeavesQty may be 0 instead;
- the rules about one report: restatements give a reason (X5), OrderQty changes only by a replace or
  a restatement and never by a bust (Q7), a replace is never accepted below CumQty (Q5), Pending New
  is only said to who asks (X6), status reports have no ExecID and all others a new one (D6).

Which states hold is read from ExecType(150) alone, as rule X3 has every change of state announced;
OrdStatus is what is judged. Only the end of a guarantee or a halt has no code of its own: there the
report's word is taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from fix_oms.model.messages import BusinessMessageReject, ExecutionReport, OrderCancelReject

DATA: Final[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "spec" / "order_state_matrices.yaml").read_text(),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
_VALUES: Final[list[dict[str, str]]] = DATA["ord_status_precedence"]["values"]
_NAMES: Final[dict[str, str]] = {value["status"]: value["code"] for value in _VALUES}
_TIE: Final = [_NAMES[name] for name in ("Rejected", "New", "PendingNew")]
_RULES: Final[dict[str, str]] = {rule["id"]: rule["fact"] for rule in DATA["rules"]}


def _precedence() -> list[str]:
    """The codes from highest to lowest, the published tie put in its order."""
    others = [value["code"] for value in _VALUES if value["code"] not in _TIE]
    at = min(n for n, value in enumerate(_VALUES) if value["code"] in _TIE)
    return others[:at] + _TIE + others[at:]


def _inactive() -> frozenset[str]:
    """The statuses that rule Q2 excepts, as its text names them."""
    allowed = _RULES["Q2"].partition(";")[0]
    return frozenset(_NAMES[word] for word in re.findall(r"[A-Z]\w+", allowed) if word in _NAMES)


PRECEDENCE: Final = _precedence()
INACTIVE: Final = _inactive()
ENDS: Final = {"4": "4", "C": "C", "8": "8"}
DAY_NS: Final = 86_400_000_000_000


def adds_up(
    order_qty: int, cum_qty: int, leaves_qty: int, codes: set[str], *, good_till: bool
) -> bool:
    """Q1, or Q2 where one of ``codes`` (ExecType, OrdStatus) excepts it."""
    excepted = codes & (INACTIVE - ({"3"} if good_till else set()))
    return order_qty == cum_qty + leaves_qty or (leaves_qty == 0 and bool(excepted))


class Reading:
    """All reports so far. ``lies`` are the places where one broke a rule, in words."""

    def __init__(self) -> None:
        self.lies: list[str] = []
        self.order_qty: int | None = None
        self.held: set[str] = {"A"}
        self.pending: dict[str, str] = {}
        self._done_at = 0
        self._ids: set[tuple[bool, str]] = set()
        self._chains: list[list[tuple[str, int, int]]] = []

    def read(self, message: ExecutionReport | OrderCancelReject | BusinessMessageReject) -> None:
        """The next message of the broker's."""
        if isinstance(message, BusinessMessageReject):
            self.pending.pop(message.business_reject_ref_id or "", None)
        elif isinstance(message, OrderCancelReject):
            self.pending.pop(message.cl_ord_id, None)
            self._judge_status(message, message.ord_status or "")
        else:
            self._report(message)

    @property
    def cum_qty(self) -> int:
        return sum(chain[-1][1] for chain in self._chains)

    @property
    def ord_status(self) -> str:
        """The highest of the states that hold."""
        cum, held = self.cum_qty, set(self.held)
        if cum:
            held.add("2" if cum >= (self.order_qty or 0) else "1")
        if not held & set(ENDS):
            held |= set(self.pending.values())
        return min(held, key=PRECEDENCE.index)

    def _report(self, report: ExecutionReport) -> None:
        cum_before, at = self.cum_qty, report.transact_time or 0
        self._execute(report)
        kind = report.exec_type
        self._hold(report, kind)
        new_day = self._done_at and at // DAY_NS > self._done_at // DAY_NS
        reopened = kind == "F" and self.cum_qty > cum_before and report.ord_status in "12"
        if "3" in self.held and kind != "3" and (reopened or (new_day and self._good_till(report))):
            self.held.discard("3")
        for state in ("7", "9"):  # their end has no code: see above
            if state in self.held and kind in "FD" and report.ord_status in "01":
                self.held.discard(state)
        self._judge_quantities(report)
        self._judge_identity(report)
        self._judge_status(report, report.ord_status)

    def _execute(self, report: ExecutionReport) -> None:
        told = (report.exec_id or "", report.last_qty or 0, report.last_px or 0)
        if report.exec_type == "F":
            self._chains.append([told])
            self.held.add("0")
        elif report.exec_type in "GH":
            named = [c for c in self._chains if report.exec_ref_id in {e[0] for e in c}]
            self._note(report, len(named) == 1, "names no execution in force")
            for chain in named:
                if report.exec_type == "G":
                    chain.append(told)
                else:
                    self._chains.remove(chain)

    def _hold(self, report: ExecutionReport, kind: str) -> None:
        name = report.cl_ord_id or ""
        if kind in "6E":
            self.pending[name] = kind
        elif kind in "45":
            self.pending.pop(name, None)
        if kind in ENDS:
            self.held -= {"3", "7", "9"}
        if kind in "04C3798":
            self.held.add(kind)
        if kind == "3":
            self._done_at = report.transact_time or 0

    def _judge_quantities(self, report: ExecutionReport) -> None:
        total, cum, left = report.order_qty or 0, report.cum_qty or 0, report.leaves_qty or 0
        codes = {report.exec_type, report.ord_status}
        ended = self.held & set(ENDS)
        sums = adds_up(total, cum, left, codes, good_till=self._good_till(report))
        self._note(report, sums and not (ended and left), "Q1/Q2: quantities do not add up")
        self._note(report, cum == self.cum_qty, "Q3/Q8: CumQty is not what was executed")
        if self.order_qty not in (None, total):
            self._note(report, report.exec_type in "5D", "Q7: OrderQty changed by itself")
        self._note(report, report.exec_type != "5" or total >= cum, "Q5: replaced below CumQty")
        self.order_qty = total

    def _judge_identity(self, report: ExecutionReport) -> None:
        is_status = report.exec_type == "I"
        self._note(report, (report.exec_id is None) == is_status, "D6: ExecID of a status report")
        key = (report.exec_type == "H", report.exec_id or "")
        self._note(report, is_status or key not in self._ids, "D6: ExecID used twice")
        self._ids.add(key)
        reason = report.exec_restatement_reason
        self._note(report, report.exec_type != "D" or reason is not None, "X5: no reason given")
        asked = is_status or report.ord_status != "A"
        self._note(report, asked, "X6: Pending New that nobody asked for")

    def _judge_status(self, message: ExecutionReport | OrderCancelReject, said: str) -> None:
        expected = self.ord_status
        self._note(message, said == expected, f"precedence: {expected} holds, {said} is said")

    def _note(self, message: object, holds: bool, rule: str) -> None:
        if not holds:
            self.lies.append(f"{rule}: {message}")

    @staticmethod
    def _good_till(report: ExecutionReport) -> bool:
        return report.time_in_force in ("1", "6")
