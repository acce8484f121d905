"""Which report may meet which order: a total table, and why nothing happens when it is broken.

**Theory.** An order's state is what its evidence amounts to, and evidence comes in any order, so
almost every report may meet almost every state. A cell says one of three things:

    ordinary   a broker sends this report to an order in this state
    late       legal, but something overtook something: old news, or news of what is still to come
    illegal    no legal life, in any order of delivery, brings this report to an order whose
               evidence so far shows this state

What is left as illegal is little, and always the same: an order that ends twice in different ways,
a rejected order that has executions, a report that contradicts itself. The table may not know the
order's history, its requests or the time; where a state can hide two histories, what is legal for
one of them is legal. It judges and stops nothing: an illegal report is evidence like any other.

The table is data: ``spec/order_legality.yaml``, with the published scenario or rule behind each
cell, is written as ``legality_table`` and, for people, as ``spec/LEGALITY.md`` by ``make spec``.

**Kinds.** A kind of report is its ExecType(150), save where OrdStatus(39) decides what is meant:
``F.end`` is a trade that also ends the order, ``8.request`` a rejection of a request that leaves
the order as it is. OrderCancelReject(35=9) is a kind of its own.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.messages import ExecutionReport
from fix_oms.orders.legality_table import CELLS, NAMES, PRINCIPLES, WHEN

ORDINARY: Final = "ordinary"
LATE: Final = "late"
ILLEGAL: Final = "illegal"

UNKNOWN: Final = "unknown"
"""The state of an order that we do not have."""
CANCEL_REJECT: Final = "35=9"
"""The kind of every OrderCancelReject."""
CONTRADICTION: Final = "!"
"""The kind of a report whose ExecType(150) and OrdStatus(39) cannot both be meant."""

_ENDS: Final = (OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED)
_ALIVE: Final = tuple(s.value for s in OrdStatus if s not in _ENDS)


@final
class Verdict:
    """One cell: ``verdict``, the states that may follow, and what it is cited from.

    ``follows`` holds OrdStatus(39) codes; where the state may stay as it is, it is one of them.
    """

    __slots__ = ("cite", "follows", "verdict")

    def __init__(self, verdict: str, follows: tuple[str, ...], cite: str) -> None:
        self.verdict: Final = verdict
        self.follows: Final = follows
        self.cite: Final = cite


def verdict(state: str, kind: str) -> Verdict:
    """What the table says of a report of this kind for an order in this state (or UNKNOWN)."""
    return _TABLE[state][kind]


def kind_of(report: ExecutionReport) -> str:
    """The kind of a report, by its ExecType(150) and OrdStatus(39)."""
    return _KINDS.get(report.exec_type, _NO_KINDS).get(report.ord_status, CONTRADICTION)


def is_illegal(state: str, exec_type: str, ord_status: str) -> bool:
    """Whether the table calls a report of these two codes illegal in this state: two look-ups for
    nearly every report, because little is."""
    statuses = _ILLEGAL[state].get(exec_type)
    return statuses is not None and ord_status in statuses


def sentence(state: str, kind: str) -> str:
    """The cell in words, for people."""
    cell = _TABLE[state][kind]
    reason = PRINCIPLES.get(cell.cite.partition(",")[0], cell.cite)
    met = f"an order that is {word(OrdStatus, state)}"
    return f"{NAMES[kind]} is {cell.verdict} for {met}: {reason}"


def _follows(state: str, words: str) -> tuple[str, ...]:
    found: list[str] = []
    for named in words.split():
        if named == "alive":
            found += _ALIVE
        else:
            found.append(state if named == "=" else named)
    return tuple(dict.fromkeys(found))


def _table() -> dict[str, dict[str, Verdict]]:
    made: dict[str, dict[str, Verdict]] = {}
    for kind, states, judged, follows, cite in CELLS:
        for state in states.split():
            made.setdefault(state, {})[kind] = Verdict(judged, _follows(state, follows), cite)
    return made


def _kinds() -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {}
    for exec_types, ord_statuses, kind in WHEN:
        for exec_type in exec_types.split():
            made.setdefault(exec_type, {}).update(dict.fromkeys(ord_statuses.split(), kind))
    return made


def _illegal() -> dict[str, dict[str, frozenset[str]]]:
    made: dict[str, dict[str, frozenset[str]]] = {}
    for state, cells in _TABLE.items():
        made[state] = {
            exec_type: frozenset(
                status.value
                for status in OrdStatus
                if cells[kinds.get(status.value, CONTRADICTION)].verdict == ILLEGAL
            )
            for exec_type, kinds in _KINDS.items()
        }
    return made


_TABLE: Final = _table()
_KINDS: Final = _kinds()
_ILLEGAL: Final = _illegal()
_NO_KINDS: Final[dict[str, str]] = {}
