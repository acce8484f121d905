"""``alerts``: what is wrong now, for people and for whoever watches the desk's machines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import click
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Exit
from fix_oms.cli.words import clock, duration
from fix_oms.model.severities import INFO, SEVERE, SEVERITIES, rank
from fix_oms.model.views import AlertView

SECOND: Final = 1_000_000_000
_STYLE: Final = {SEVERE: "bold red", "warning": "yellow"}


@click.command()
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default=INFO,
    show_default=True,
    help="Leave out what is less than this.",
)
@click.option("--check", is_flag=True, help="Exit code 1 if any severe one is open.")
@json_option
@pass_app
@click.pass_context
def alerts(ctx: click.Context, app: App, severity: str, check: bool, as_json: bool) -> None:
    """List what is wrong now: conditions that a person should know of.

    The severest first. Each stands here for as long as it holds, whoever has been told of it, and
    is gone when it ends by itself or by somebody's doing. spec/ALERTS.md says of each code what it
    means and what to do. Of many of one code and session the oldest are listed, and the rest is
    counted in one line.

    \b
      fix-oms alerts
      fix-oms alerts --severity severe --json
      fix-oms alerts --check || page-somebody      exit code 1: severe; 3: no engine answers
    """
    with app.client() as client:
        found = client.alerts()
    shown = [alert for alert in found if rank(alert.severity) >= rank(severity)]
    now = time.time_ns()
    if as_json:
        print_json([_json(alert, now) for alert in shown])
    elif shown:
        screen = console()
        screen.print(alerts_table(shown, now))
    else:
        click.echo("nothing is wrong" if severity == INFO else f"nothing is {severity}")
    if check and any(alert.severity == SEVERE for alert in found):
        ctx.exit(Exit.REFUSED)


def alerts_table(found: Sequence[AlertView], now: int) -> RenderableType:
    """One line each, the text folded where the screen is narrow."""
    table: Table = tables.plain_table("Since (UTC)", ">For", "Severity", "Code", "What")
    for alert in found:
        style = _STYLE.get(alert.severity, "")
        table.add_row(
            clock(alert.since_ns)[:8],
            duration(_age_s(alert, now)),
            Text(alert.severity, style=style),
            alert.code,
            alert.text,
        )
    return table


def _json(alert: AlertView, now: int) -> dict[str, Any]:
    return {**plain(alert), "age_s": _age_s(alert, now)}


def _age_s(alert: AlertView, now: int) -> int:
    return max(0, now - alert.since_ns) // SECOND
