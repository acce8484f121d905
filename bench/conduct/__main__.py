"""``python -m bench.conduct``: how many runaway strategies are stopped, and how many good ones.

The seeds are the held-out ones of ``spec/conduct.toml``, on which no threshold was set, unless
``--seeds`` gives others. The exit code is 1 where a target is missed: of the bad streams at least
99 % caught, of 10,000 good orders at most one refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.conduct.bad import BAD
from bench.conduct.good import GOOD
from bench.conduct.streams import draw
from bench.conduct.thresholds import Threshold, specification, thresholds
from bench.conduct.verdict import Tally, judge

RECALL: Final = 0.99
REFUSED: Final = 1e-4
WIDTH: Final = 150


def main() -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.conduct", description=__doc__)
    first, last = specification()["calibration"]["held_out"]
    parser.add_argument("--seeds", type=int, nargs=2, default=(first, last), help="first and last")
    first, last = parser.parse_args().seeds
    tallies = measure(range(first, last + 1), thresholds())
    show(tallies, Console())
    total = together(tallies)
    return int(recall(tallies) < RECALL or total.refused > REFUSED * total.orders)


def measure(seeds: Iterable[int], limits: list[Threshold]) -> dict[str, Tally]:
    """Every behaviour with every seed."""
    tallies = {behaviour: Tally() for behaviour in (*GOOD, *BAD)}
    for seed in seeds:
        for behaviour, tally in tallies.items():
            tally.add(judge(draw(behaviour, seed), limits))
    return tallies


def together(tallies: dict[str, Tally], of: Iterable[str] | None = None) -> Tally:
    """The sum of the named behaviours, or of all."""
    total = Tally()
    for behaviour in tallies if of is None else of:
        total.merge(tallies[behaviour])
    return total


def recall(tallies: dict[str, Tally]) -> float:
    """The share of bad streams that were caught."""
    bad = together(tallies, BAD)
    return bad.caught / bad.streams


def show(tallies: dict[str, Tally], console: Console) -> None:
    """The table, and what it comes to."""
    console = Console(file=console.file, width=max(console.width, WIDTH))
    grid = Table("behaviour", box=None, pad_edge=False)
    for name in ("streams", "caught", "good orders", "refused", "events to catch (median)"):
        grid.add_column(name, justify="right")
    grid.add_column("tripped by")
    for behaviour, tally in tallies.items():
        bad = behaviour in BAD
        grid.add_row(
            behaviour,
            f"{tally.streams:,}",
            f"{tally.caught / tally.streams:.2%}" if bad else "",
            f"{tally.orders:,}",
            f"{tally.refused:,}",
            f"{tally.median_wait:.0f}" if bad else "",
            ", ".join(f"{by}: {count}" for by, count in tally.by.most_common()),
        )
    console.print(grid)
    for line in summary(tallies):
        console.print(line)


def summary(tallies: dict[str, Tally]) -> list[str]:
    """Recall, false blocks, and how sure they are."""
    bad, total = together(tallies, BAD), together(tallies)
    share, surely = total.refused / total.orders * 1e4, total.refused_at_most * 1e4
    return [
        f"caught {bad.caught:,} of {bad.streams:,} bad streams: {bad.caught / bad.streams:.2%}, "
        f"at least {bad.recall_at_least:.2%} with 95 % confidence",
        f"refused {total.refused:,} of {total.orders:,} good orders: {share:.2f} in 10,000, "
        f"at most {surely:.2f} were orders independent",
        f"stopped {total.false_trips:,} of {total.good_streams:,} good streams: at most "
        f"{total.false_trips_at_most * 1e4:.2f} in 10,000 with 95 % confidence",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
