"""``python -m bench.peers``: run every case through every engine, print what each ends with.

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
from bench.peers.cases import Case, load, speed_bodies
from bench.peers.exchange import ROUNDS, Answer, Job, read_answers
from bench.peers.page import README, Result, heading, markdown, put, show
from bench.peers.verdict import by_case, cell, is_right, state

BEGIN: Final = "<!-- table: made by python -m bench.peers --write -->\n"
END: Final = "<!-- end of table -->\n"
ADAPTERS: Final = ("in_nautilus", "in_asyncfix", "in_fix_oms")
OURS: Final = "fix_oms"


def main() -> int:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--orders", type=int, default=2_000, help="how many are timed (0: none)")
    asked = parser.parse_args()
    cases = load()
    job = Job([list(run) for case in cases for run in case.runs], speed_bodies(), asked.orders)
    answers = run(job)
    result = compare(cases, answers)
    show(result, Console())
    if asked.write:
        date = datetime.now(UTC).date().isoformat()
        README.write_text(with_table(README.read_text("utf-8"), result, cases, date), "utf-8")
    ours = by_case(cases, answers[OURS])
    pairs = zip(cases, ours, strict=True)
    return int(not all(is_right(o, case.truth) for case, outcomes in pairs for o in outcomes))


def run(job: Job) -> dict[str, Answer]:
    """Each engine's answer, by its name; each adapter is a process of its own environment."""
    answers: dict[str, Answer] = {}
    for adapter in ADAPTERS:
        answers |= read_answers(environment.ask(adapter, asdict(job)))
    return answers


def compare(cases: Sequence[Case], answers: Mapping[str, Answer]) -> Result:
    """One row for each case: its name, the truth, and a cell for each engine."""
    grouped = [by_case(cases, answer) for answer in answers.values()]
    rows = [
        [[case.name], [state(case.truth)], *(cell(case, ends[n]) for ends in grouped)]
        for n, case in enumerate(cases)
    ]
    heads = ["case", "truth", *(heading(name, a.version) for name, a in answers.items())]
    kinds = list(next(iter(answers.values())).us)
    speed = [[kind, "", *(f"{a.us[kind]:.1f} us" for a in answers.values())] for kind in kinds]
    return Result(heads, rows, speed)


def with_table(page: str, result: Result, cases: Sequence[Case], date: str) -> str:
    """The page with its table replaced. Raises ValueError where a mark is missing."""
    rules = [(case.name, case.rule) for case in cases]
    return put(page, BEGIN, END, markdown(result, rules, date, ROUNDS))


if __name__ == "__main__":
    sys.exit(main())
