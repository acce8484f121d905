"""``python -m bench.peers``: run every case through every engine, print what each ends with.

``--write`` also puts the table into README.md, between its two marks. The exit code is 1 where
fix_oms itself is wrong in a case.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table

from bench.peers import environment
from bench.peers.cases import Case, load, speed_bodies
from bench.peers.exchange import ROUNDS, Answer, Job, read_answers
from bench.peers.verdict import by_case, cell, is_right, state

README: Final = Path(__file__).with_name("README.md")
BEGIN: Final = "<!-- table: made by python -m bench.peers --write -->\n"
END: Final = "<!-- end of table -->\n"
WIDTH: Final = 190
ADAPTERS: Final = ("in_nautilus", "in_asyncfix", "in_fix_oms")
OURS: Final = "fix_oms"


@attrs.frozen
class Result:
    """The rows of both tables; a cell is a list of lines."""

    heads: list[str]
    rows: list[list[list[str]]]
    speed: list[list[str]]


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
    theirs = environment.python()
    answers: dict[str, Answer] = {}
    with tempfile.TemporaryDirectory() as where:
        for adapter in ADAPTERS:
            python = sys.executable if adapter == "in_fix_oms" else theirs
            path = Path(where) / adapter
            subprocess.run(
                [python, "-m", f"bench.peers.{adapter}", path],
                input=json.dumps(asdict(job)),
                text=True,
                cwd=environment.ROOT,
                stdout=sys.stderr,
                check=True,
            )
            answers |= read_answers(path.read_text(encoding="utf-8"))
    return answers


def compare(cases: Sequence[Case], answers: Mapping[str, Answer]) -> Result:
    """One row for each case: its name, the truth, and a cell for each engine."""
    grouped = [by_case(cases, answer) for answer in answers.values()]
    rows = [
        [[case.name], [state(case.truth)], *(cell(case, ends[n]) for ends in grouped)]
        for n, case in enumerate(cases)
    ]
    heads = ["case", "truth", *(_head(name, a.version) for name, a in answers.items())]
    kinds = list(next(iter(answers.values())).us)
    speed = [[kind, "", *(f"{a.us[kind]:.1f} us" for a in answers.values())] for kind in kinds]
    return Result(heads, rows, speed)


def show(result: Result, console: Console) -> None:
    """Print the table, however narrow the terminal."""
    grid = Table(*result.heads, show_lines=True)
    for row in result.rows:
        grid.add_row(*("\n".join(lines) for lines in row))
    for line in result.speed:
        grid.add_row(f"time per {line[0]}", *line[1:])
    Console(file=console.file, width=max(console.width, WIDTH)).print(grid)


def with_table(page: str, result: Result, cases: Sequence[Case], date: str) -> str:
    """The page with its table replaced. Raises ValueError where a mark is missing."""
    before, mark, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{README.name} lacks a mark of the table")
    table = [_line(result.heads), "|---" * len(result.heads) + "|"]
    table += [_line(_cell(lines) for lines in row) for row in result.rows]
    rules = [f"- *{case.name}*: {case.rule}" for case in cases]
    parts = [f"Run on {date}.", "\n".join(table), "Where each truth comes from:", "\n".join(rules)]
    if result.speed:
        heads = [["time per report", *result.heads[2:]], ["---"] * (len(result.heads) - 1)]
        timed = [[line[0], *line[2:]] for line in result.speed]
        python = platform.python_version()
        parts.append(f"Per report, the quickest of {ROUNDS} rounds, CPython {python}:")
        parts.append("\n".join(_line(line) for line in heads + timed))
    return before + mark + "\n" + "\n\n".join(parts) + "\n\n" + end + after


def _head(name: str, version: str) -> str:
    engine, comma, way = name.partition(",")
    return f"{engine} {version}{comma}{way}"


def _cell(lines: Sequence[str]) -> str:
    first, *rest = (line.replace("|", "\\|") for line in lines)
    return "<br>".join([f"**{first}**" if first.startswith("wrong") else first, *rest])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
