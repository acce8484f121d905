"""Times on the wire, told beside the bare loop's of the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console

from bench import bare_loop
from bench.bare_loop import LATENCY
from bench.table import Row, Table
from fix_oms.journal.latency import percentile


def beside(table: Table, work: str, times: Sequence[int]) -> None:
    """Add the median of these times (ns), with the bare loop's as the yardstick."""
    loop = f"the bare loop, there and back: {table[LATENCY]:.0f} us"
    value = percentile(times, 0.5) / 1000
    table.add(Row(work=work, value=value, unit="us", yardstick=loop))


def alone(add_rows: Callable[[Table, float], None]) -> None:
    """Measure and show the rows of one file, and before them the bare loop's."""
    table = Table()
    bare_loop.add_rows(table, 0.2)
    add_rows(table, 1.0)
    table.show(Console())
