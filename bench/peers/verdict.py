"""What came out against what is true, as the cells of a table.

A final state is written ``OrdStatus CumQty/LeavesQty/position``, without the position where the
engine keeps none: it is then judged by the rest. Nothing is softened or added here; a cell says
``right`` only where each order of the case's reports ended in the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bench.peers.cases import Case
from bench.peers.exchange import Answer, Outcome


def state(outcome: Outcome) -> str:
    """``Canceled 40/0/+40``."""
    text = f"{outcome.ord_status} {outcome.cum_qty}/{outcome.leaves_qty}"
    if outcome.position is None:
        return text
    return f"{text}/{outcome.position:+}" if outcome.position else f"{text}/0"


def is_right(outcome: Outcome, truth: Outcome) -> bool:
    """Whether an engine ended in the truth, as far as it keeps what is compared."""
    same = (outcome.ord_status, outcome.cum_qty, outcome.leaves_qty) == (
        truth.ord_status,
        truth.cum_qty,
        truth.leaves_qty,
    )
    return same and outcome.position in (None, truth.position)


def cell(case: Case, outcomes: Sequence[Outcome]) -> list[str]:
    """What one engine made of a case, a line each: the verdict, then what it said of itself."""
    if len(outcomes) > 1:
        return _orders(case, outcomes)
    (outcome,) = outcomes
    lines = ["right" if is_right(outcome, case.truth) else f"wrong: {state(outcome)}"]
    if outcome.cannot:
        lines = [f"cannot be expressed: stays {state(outcome)}"]
    return [*lines, *outcome.said]


def by_case(cases: Sequence[Case], answer: Answer) -> list[list[Outcome]]:
    """The answer's outcomes, grouped as the cases' runs were asked for."""
    left = iter(answer.outcomes)
    grouped = [[next(left) for _ in case.runs] for case in cases]
    assert next(left, None) is None, "more outcomes than runs"
    return grouped


def _orders(case: Case, outcomes: Sequence[Outcome]) -> list[str]:
    right = {state(o): is_right(o, case.truth) for o in outcomes}
    if all(right.values()):
        return [f"right: 1 state in {len(outcomes)} orders"]
    plural = "s" if len(right) > 1 else ""
    counted = Counter(state(o) for o in outcomes).most_common()
    shown = [f"{text} ({n}, {'right' if right[text] else 'wrong'})" for text, n in counted]
    return [f"{len(right)} state{plural} in {len(outcomes)} orders:", *shown]
