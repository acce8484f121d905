"""What a gate answered against what it must answer, as the cells of a table.

Nothing is softened or added: a cell says ``right`` only where everything that the case asks was
answered as it must be. Where an order was let out wrongly and the engine has no control of the kind
that the case is about, the cell says which. An engine's own words stand as it said them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.peers.risk_cases import Asked, Case
from bench.peers.risk_exchange import CANNOT, Answer, Outcome


def truth(case: Case) -> list[str]:
    """What the case asks, a line each, and how it must be answered."""
    return [f"{asked.what}: {asked.answer}" for asked in case.asked]


def is_right(case: Case, outcomes: Sequence[Outcome]) -> bool:
    """Whether everything was answered as it must be."""
    pairs = zip(case.asked, outcomes, strict=True)
    return all(outcome.answer == asked.answer for asked, outcome in pairs)


def cell(case: Case, outcomes: Sequence[Outcome]) -> list[str]:
    """What one engine made of a case, a line each: the verdict first, then its own words."""
    said = _once(word for outcome in outcomes for word in outcome.said)
    if is_right(case, outcomes):
        return ["right", *said]
    pairs = list(zip(case.asked, outcomes, strict=True))
    wrong = [_wrong(*pair) for pair in pairs if pair[1].answer not in (pair[0].answer, CANNOT)]
    cannot = [a.what for a, o in pairs if o.answer == CANNOT]
    right = [f"right: {a.what}" for a, o in pairs if o.answer == a.answer]
    if len(cannot) == len(pairs):
        return [f"{CANNOT}: {said[0]}"]
    lines = [*wrong, *(f"{CANNOT}: {what}" for what in cannot)]
    return [*lines, *(right if cannot else ()), *said, *_lacks(wrong, outcomes)]


def by_case(cases: Sequence[Case], answer: Answer) -> list[list[Outcome]]:
    """The answer's outcomes, grouped as the cases ask."""
    left = iter(answer.outcomes)
    grouped = [[next(left) for _ in case.asked] for case in cases]
    assert next(left, None) is None, "more outcomes than were asked for"
    return grouped


def _wrong(asked: Asked, outcome: Outcome) -> str:
    return f"wrong: {asked.what}: {outcome.answer}"


def _lacks(wrong: Sequence[str], outcomes: Iterable[Outcome]) -> list[str]:
    names = _once(name for outcome in outcomes for name in outcome.lacks)
    return [f"it has no {name}" for name in names] if wrong else []


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
