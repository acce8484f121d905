"""The cases of ``risk_cases.yaml`` as lives that every engine can live, and the truth of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from bench.peers.risk_exchange import ANSWERS, Life, Step

FILE: Final = Path(__file__).with_name("risk_cases.yaml")
ACTS: Final = frozenset(
    {"market", "order", "ack", "fill", "replace", "halt", "kill", "parent", "look"}
)


@attrs.frozen(kw_only=True)
class Asked:
    """One thing that the gate is asked: ``what``, in words, and how it must be ``answer``-ed."""

    what: str
    answer: str
    life: Life


@attrs.frozen(kw_only=True)
class Case:
    """One case: what is asked in it, each in a life of its own."""

    name: str
    rule: str
    asked: tuple[Asked, ...]


def load(path: Path = FILE) -> list[Case]:
    """All cases. Raises ValueError for an act or an answer that there is none of."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_case(case) for case in told["cases"]]


def _case(case: Mapping[str, Any]) -> Case:
    before: list[Step] = []
    if "market" in case:
        bid, ask = case["market"]
        before.append({"act": "market", "bid": bid, "ask": ask})
    before += case.get("before", ())
    asked = tuple(_asked(case["case"], case["limits"], before, row) for row in case["asked"])
    return Case(name=case["case"], rule=case["rule"], asked=asked)


def _asked(
    case: str, limits: Mapping[str, Any], before: list[Step], row: Mapping[str, Any]
) -> Asked:
    steps = [_step(case, step) for step in (*before, *row.get("after", ()), row["step"])]
    if row["answer"] not in ANSWERS:
        raise ValueError(f"{case}: {row['answer']!r} is no answer ({', '.join(sorted(ANSWERS))})")
    return Asked(what=row["what"], answer=row["answer"], life={"limits": limits, "steps": steps})


def _step(case: str, step: Step) -> Step:
    """Prices become text: no engine is given a float."""
    if step["act"] not in ACTS:
        raise ValueError(f"{case}: {step['act']!r} is no act ({', '.join(sorted(ACTS))})")
    prices = {key: f"{step[key]:.2f}" for key in ("price", "bid", "ask") if key in step}
    return {**step, **prices}
