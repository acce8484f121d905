"""What a campaign has tried, as tables: what was never tried proves nothing.

Every fault, every place to die, every control, everything beyond the accepted terms, every cell of
the legality table: how often it was met. What this world cannot reach stands here with the reason;
a campaign that reaches it all the same says that the reason is not true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from fix_oms.algos.running import ENDED, ENDING, HELD, PAUSED, RUNNING
from fix_oms.model.controls import CONTROLS
from fix_oms.model.routing import KINDS
from fix_oms.orders.legality import CANCEL_REJECT, UNKNOWN
from fix_oms.orders.legality_table import CELLS, NAMES, WHEN
from fix_oms.world.disk import POINTS
from fix_oms.world.laws.hedges import LEGS
from fix_oms.world.laws.parents import CAUSES

STATES: Final = (RUNNING, PAUSED, HELD, ENDING, ENDED)
FAULTS: Final = (
    "killed",
    "power failed",
    "records lost with the power",
    "clean stop",
    "cut",
    "outage",
    "lost on the wire",
    "slow",
    "report held back",
    "report forgotten",
    "report repeated",
    "order hushed",
    "venue died",
    "venue lost its numbers",
    "venue busy",
    "venue silent",
    "venue slow",
    "session reset",
    "session logout",
    "session disable",
    "session set-next",
)
BEYOND: Final = (
    "bust",
    "correction",
    "late fill",
    "overfill",
    "unasked restatement",
    "phoned order",
)
ROUTING: Final = (
    *(f"policy {kind}" for kind in KINDS),
    *(f"{kind} {time}" for kind in ("limit", "market") for time in ("DAY", "GTC", "IOC")),
    "a sweep over two venues or more",
    "again after one that was rejected",
    "again after one that expired",
    "again after one that was canceled",
    "again after one that took a part",
    "again after one that took nothing",
    *(f"held by {cause}" for cause in CAUSES.values()),
    "resumed",
    "a pending replace holds whole",
    "a pending replace holds in part",
    "a pending replace is overtaken by the end",
    "bust, the parent open",
    "bust, the parent filled",
    "bust, the parent canceled",
    "a filled parent is open again",
    "killed with a parent at work",
    "ended: filled",
    "ended: canceled",
    "ended: expired",
    "ended: rejected",
)
"""What happens to parents that are routed; beside these each control that has held one."""
HEDGES: Final = (
    *(f"{leg} sent" for leg in LEGS),
    *(f"{leg} sent through the router" for leg in ("maker", "hedge", "flatten")),
    *(f"{leg} was surprised" for leg in LEGS),
    "carried",
    "taken from the balance",
    "uncovered",
    "covered again",
    *(f"uncovered while it is {state}" for state in STATES),
    "an execution that was told and not proven",
    "killed while something was uncovered",
    "covered at the end",
)
"""What hedges do, and what happens to them."""
NEVER_SHOWN: Final = {
    "D": "no state of ours: AcceptedForBidding is like PendingNew",
    "5": "no state of ours: Replaced is like New",
}
"""Rows of the table that stand for a status on the wire (``like`` in its data)."""
NEVER_MET: Final = {
    "order_to_trade": "looks at 300 messages an hour or more, which no world comes to",
}
"""Controls, and why none of them ever refuses here."""
UNREACHABLE: Final = {
    (UNKNOWN, CANCEL_REJECT): "one that names no request makes no order",
}
"""Cells, and why this world never meets them."""


class Row(NamedTuple):
    """One thing that may be tried, and how often it was."""

    group: str
    name: str
    times: int
    reason: str = ""


def rows_of(counts: Counter[str]) -> Iterator[Row]:
    """Everything, in order; ``reason`` says why a 0 is none that was forgotten."""
    for name in FAULTS:
        yield Row("fault", name, counts[f"fault: {name}"])
    for point in (*POINTS, "between steps"):
        found = sum(n for key, n in counts.items() if key.startswith(f"kill: {point}"))
        yield Row("death", point, found)
    for name in CONTROLS:
        yield Row("control", name, counts[f"control: {name}"], NEVER_MET.get(name, ""))
    for name in BEYOND:
        yield Row("beyond the terms", name, counts[f"beyond: {name}"])
    yield from _routing(counts)
    for name in HEDGES:
        yield Row("hedge", name, counts[f"hedge: {name}"])
    yield from _cells(counts)


def _routing(counts: Counter[str]) -> Iterator[Row]:
    for name in ROUTING:
        yield Row("routing", name, counts[f"routing: {name}"])
    for name in CONTROLS:
        if times := counts[f"routing: held by {name}"]:
            yield Row("routing", f"held by {name}", times)


def _cells(counts: Counter[str]) -> Iterator[Row]:
    kinds = dict.fromkeys([*(kind for _, _, kind in WHEN), CANCEL_REJECT])
    states = dict.fromkeys(state for _, cells, *_ in CELLS for state in cells.split())
    for state in states:
        for kind in kinds:
            reason = NEVER_SHOWN.get(state, "") or UNREACHABLE.get((state, kind), "")
            times = counts[f"cell: {state} {kind}"]
            yield Row("cell", f"{state} meets {kind} ({NAMES[kind]})", times, reason)
