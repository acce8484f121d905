"""``python -m bench.peers.risk``: ask every gate the same, print what each answers and its speed.

``--write`` also puts the table into README.md, between its two marks. The exit code is 1 where
fix_oms itself is wrong in a case.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from rich.console import Console

from bench.peers import environment
from bench.peers.page import README, Result, heading, markdown, put, show
from bench.peers.risk_cases import Case, load
from bench.peers.risk_exchange import ROUNDS, Answer, Job, read_answers
from bench.peers.risk_verdict import by_case, cell, is_right, truth

BEGIN: Final = "<!-- table of risk: made by python -m bench.peers.risk --write -->\n"
END: Final = "<!-- end of the table of risk -->\n"
ADAPTERS: Final = ("risk_in_nautilus", "risk_in_openpit", "risk_in_fix_oms")


def main() -> int:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.risk", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--orders", type=int, default=1_000, help="how many are timed (0: none)")
    asked = parser.parse_args()
    cases = load()
    answers = run(Job([row.life for case in cases for row in case.asked], asked.orders))
    result = compare(cases, answers)
    show(result, Console())
    if asked.write:
        date = datetime.now(UTC).date().isoformat()
        README.write_text(with_table(README.read_text("utf-8"), result, cases, date), "utf-8")
    ours = by_case(cases, answers[environment.OURS])
    return int(not all(map(is_right, cases, ours)))


def run(job: Job) -> dict[str, Answer]:
    """Each engine's answer, by its name; each adapter is a process of its own environment."""
    answers: dict[str, Answer] = {}
    for adapter in ADAPTERS:
        answers |= read_answers(environment.ask(adapter, asdict(job)))
    return answers


def compare(cases: Sequence[Case], answers: Mapping[str, Answer]) -> Result:
    """One row for each case: its name, what it asks, and a cell for each engine."""
    grouped = [by_case(cases, answer) for answer in answers.values()]
    rows = [
        [[case.name], truth(case), *(cell(case, outcomes[n]) for outcomes in grouped)]
        for n, case in enumerate(cases)
    ]
    heads = ["case", "asked", *(heading(name, a.version) for name, a in answers.items())]
    kinds = list(next(iter(answers.values())).us)
    speed = [[kind, "", *(f"{a.us[kind]:.2f} us" for a in answers.values())] for kind in kinds]
    return Result(heads, rows, speed)


def with_table(page: str, result: Result, cases: Sequence[Case], date: str) -> str:
    """The page with its table replaced. Raises ValueError where a mark is missing."""
    rules = [(case.name, case.rule) for case in cases]
    return put(page, BEGIN, END, markdown(result, rules, date, ROUNDS))


if __name__ == "__main__":
    sys.exit(main())
