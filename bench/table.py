"""The one table that ``make bench`` prints: what was measured, and what it is compared with.

A figure alone says little about code on an unknown machine, so a row may name another row of the
same run as its yardstick and the ratio that it must keep. Nothing here is a test: a timing never
fails a build.
"""

from __future__ import annotations

from typing import Final

import attrs
from rich.console import Console
from rich.table import Table as Grid

WIDTH: Final = 150


@attrs.frozen(kw_only=True)
class Row:
    """One figure. ``target`` is the bound in the same unit; ``yardstick`` the row it is from."""

    work: str
    value: float
    unit: str
    target: float | None = None
    more_is_better: bool = False
    yardstick: str = ""

    @property
    def verdict(self) -> str:
        """``met`` or ``missed`` against the target, or nothing where there is none."""
        if self.target is None:
            return ""
        met = self.value >= self.target if self.more_is_better else self.value <= self.target
        return "met" if met else "missed"


class Table:
    """The rows of one run, each found again by its ``work``."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def add(self, row: Row) -> None:
        """Append a row. Raises ValueError where one of the same work stands already."""
        if row.work in self._rows:
            raise ValueError(f"{row.work!r} was measured twice")
        self._rows[row.work] = row

    def __getitem__(self, work: str) -> float:
        """The figure of an earlier row. Raises KeyError."""
        return self._rows[work].value

    def show(self, console: Console) -> None:
        """Print all rows, each on one line wherever the output goes."""
        console = Console(file=console.file, width=max(console.width, WIDTH))
        grid = Grid("work", box=None, pad_edge=False)
        for name in ("measured", "target", "", ""):
            grid.add_column(name, justify="right" if name else "left")
        for row in self._rows.values():
            bound = "" if row.target is None else f"{_figure(row.target)} {row.unit}"
            compared = f"of {row.yardstick}" if row.yardstick else ""
            grid.add_row(row.work, f"{_figure(row.value)} {row.unit}", bound, row.verdict, compared)
        console.print(grid)


def _figure(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
