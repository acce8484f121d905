"""``python -m acceptance.kills --rounds 300 --seed 7``: a campaign and its table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from random import SystemRandom
from typing import Final

from rich.console import Console
from rich.table import Table

from acceptance.kills import points
from acceptance.kills.campaign import Campaign
from acceptance.kills.rounds import Failed, Fell

WIDTH: Final = 120


def main() -> int:
    """The exit code: 0 where no law was broken."""
    parser = argparse.ArgumentParser(prog="python -m acceptance.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and printed")
    parser.add_argument("--directory", type=Path, default=None, help="where the places are made")
    parser.add_argument("--quiet", action="store_true", help="the table only")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else SystemRandom().randrange(1 << 32)
    directory = asked.directory or Path(tempfile.mkdtemp(prefix="fix-oms-kills-"))
    console = Console(width=WIDTH)
    console.print(f"seed {seed}, in {directory}")
    tell = (lambda fell: None) if asked.quiet else (lambda fell: console.print(_line(fell)))
    campaign = Campaign(directory, seed, tell)
    try:
        found = campaign.run(asked.rounds)
    except Failed as failed:
        console.print(f"FAILED {failed}", style="bold", markup=False)
        return 1
    console.print(table(found))
    console.print(
        f"{len(found)} rounds, {campaign.requests:,} requests, {campaign.executions:,} executions: "
        "0 lost, 0 duplicated, 0 refused for a low number, 0 inbound messages skipped; "
        f"{campaign.by_hand} requests that never arrived were in doubt until resolved by hand; "
        f"of {campaign.unproven} orders a reset or the venue's death took a fill report, and the "
        "quantity stands as told and not proven"
    )
    return 0


def _line(fell: Fell) -> str:
    how = fell.plan.trap or "by the harness"
    missed = "" if fell.by_trap else " (not passed: killed by the harness)"
    return (
        f"{fell.plan.round:4} {fell.plan.group}: {how}{missed}: {fell.appended} appended and not "
        f"sent, {fell.sent} sent and not answered; {fell.took_s:.1f} s"
    )


def table(found: list[Fell]) -> Table:
    """Where the kills fell: by what they were meant for, and by what the journals prove."""
    rows: dict[tuple[str, str], list[Fell]] = defaultdict(list)
    for fell in found:
        rows[fell.plan.group, fell.plan.point].append(fell)
    shown = Table("Killed", "Point", "Rounds", "By trap", "Append..send", "Send..answer")
    for group in (*points.POINTS, points.RANDOM, points.VENUE):
        for (of, point), fells in sorted(rows.items()):
            if of == group:
                shown.add_row(group, point, *_figures(fells))
    shown.add_section()
    shown.add_row("all", "", *_figures(found))
    return shown


def _figures(fells: list[Fell]) -> tuple[str, ...]:
    return (
        str(len(fells)),
        str(sum(fell.by_trap for fell in fells)),
        str(sum(fell.appended > 0 for fell in fells)),
        str(sum(fell.sent > 0 for fell in fells)),
    )


if __name__ == "__main__":
    sys.exit(main())
