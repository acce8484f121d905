"""``python -m bench.peers.risk``: ask every gate the same, print what each answers and its speed.

``--write`` also puts the table into README.md, between its two marks. The exit code is 1 where
fix_oms itself is wrong in a case.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table

from bench.peers import environment
from bench.peers.page import README, heading, markdown_cell, markdown_row, put
from bench.peers.risk_cases import Case, load
from bench.peers.risk_exchange import ROUNDS, Answer, Job, read_answers
from bench.peers.risk_verdict import by_case, cell, is_right, truth

BEGIN: Final = "<!-- table of risk: made by python -m bench.peers.risk --write -->\n"
END: Final = "<!-- end of the table of risk -->\n"
WIDTH: Final = 190
ADAPTERS: Final = ("risk_in_nautilus", "risk_in_openpit", "risk_in_fix_oms")


@attrs.frozen
class Result:
    """The rows of both tables; a cell is a list of lines. ``speed`` is empty if none was timed."""

    heads: list[str]
    rows: list[list[list[str]]]
    speed: list[str]


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
    speed = [f"{a.us:.2f} us" for a in answers.values() if a.us is not None]
    return Result(heads, rows, speed)


def show(result: Result, console: Console) -> None:
    """Print the table, however narrow the terminal."""
    grid = Table(*result.heads, show_lines=True)
    for row in result.rows:
        grid.add_row(*("\n".join(lines) for lines in row))
    if result.speed:
        grid.add_row("time per order", "", *result.speed)
    Console(file=console.file, width=max(console.width, WIDTH)).print(grid)


def with_table(page: str, result: Result, cases: Sequence[Case], date: str) -> str:
    """The page with its table replaced. Raises ValueError where a mark is missing."""
    table = [markdown_row(result.heads), "|---" * len(result.heads) + "|"]
    table += [markdown_row(map(markdown_cell, row)) for row in result.rows]
    rules = [f"- *{case.name}*: {case.rule}" for case in cases]
    parts = [f"Run on {date}.", "\n".join(table), "Where each truth comes from:", "\n".join(rules)]
    if result.speed:
        engines = result.heads[2:]
        timed = [engines, ["---"] * len(engines), result.speed]
        python = platform.python_version()
        parts.append(f"Per order, the quickest of {ROUNDS} rounds, CPython {python}:")
        parts.append("\n".join(map(markdown_row, timed)))
    return put(page, BEGIN, END, "\n\n".join(parts))


if __name__ == "__main__":
    sys.exit(main())
