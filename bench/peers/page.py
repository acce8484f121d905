"""What a comparison came to, as tables: on the terminal, and in README.md between two marks."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table

README: Final = Path(__file__).with_name("README.md")
WIDTH: Final = 190


@attrs.frozen
class Result:
    """The rows of both tables: a cell of ``rows`` is a list of lines, a row of ``speed`` says what
    was timed, nothing, and each engine's figure."""

    heads: list[str]
    rows: list[list[list[str]]]
    speed: list[list[str]]


def heading(name: str, version: str) -> str:
    """A column's: the engine with its version, and the way in which it is used."""
    engine, comma, way = name.partition(",")
    return f"{engine} {version}{comma}{way}"


def show(result: Result, console: Console) -> None:
    """Print the table, however narrow the terminal."""
    grid = Table(*result.heads, show_lines=True)
    for row in result.rows:
        grid.add_row(*("\n".join(lines) for lines in row))
    for timed in result.speed:
        grid.add_row(f"time per {timed[0]}", *timed[1:])
    Console(file=console.file, width=max(console.width, WIDTH)).print(grid)


def put(page: str, begin: str, end: str, text: str) -> str:
    """The page with what stands between the marks replaced. Raises ValueError without them."""
    before, mark, rest = page.partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise ValueError(f"{README.name} lacks a mark of the table")
    return f"{before}{mark}\n{text}\n\n{closing}{after}"


def markdown(result: Result, rules: Iterable[tuple[str, str]], date: str, rounds: int) -> str:
    """The tables, and between them where the truth of each named case comes from."""
    table = [_row(result.heads), "|---" * len(result.heads) + "|"]
    table += [_row(map(_cell, row)) for row in result.rows]
    listed = [f"- *{name}*: {rule}" for name, rule in rules]
    parts = [f"Run on {date}.", "\n".join(table), "Where each truth comes from:", "\n".join(listed)]
    if result.speed:
        heads = [["time per", *result.heads[2:]], ["---"] * (len(result.heads) - 1)]
        timed = [[row[0], *row[2:]] for row in result.speed]
        parts.append(f"The quickest of {rounds} rounds, CPython {platform.python_version()}:")
        parts.append("\n".join(map(_row, heads + timed)))
    return "\n\n".join(parts)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(lines: Sequence[str]) -> str:
    first, *rest = (line.replace("|", "\\|") for line in lines)
    return "<br>".join([f"**{first}**" if first.startswith("wrong") else first, *rest])
