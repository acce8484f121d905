"""``halt`` and ``resume``: the switch that lets no new risk out, and its lifting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.model.inputs import Halt, Resume


def _scope(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where a halt holds and why."""
    for option in (
        click.option("--account", help="Only this account."),
        click.option("--symbol", help="Only this symbol.", shell_complete=complete.symbols),
        click.option("--venue", help="Only this venue.", shell_complete=complete.venues),
        click.option("--reason", required=True, help="Why, for the record."),
    ):
        command = option(command)
    return json_option(command)


def _names(venue: str | None, symbol: str | None, account: str | None) -> dict[str, str | None]:
    return {
        "venue": None if venue is None else parse.name_field(0, venue, "--venue"),
        "symbol": None if symbol is None else parse.symbol(symbol),
        "account": None if account is None else parse.name_field(parse.ACCOUNT, account),
    }


@click.command()
@_scope
@pass_app
@click.pass_context
def halt(
    ctx: click.Context,
    app: App,
    reason: str,
    venue: str | None,
    symbol: str | None,
    account: str | None,
    as_json: bool,
) -> None:
    """Let no new risk out.

    The halt holds everywhere, or for one venue, symbol or account, until `fix-oms resume`. Working
    orders stay in the market and cancels still leave; take them out with `fix-oms mass-cancel`. The
    halts in force stand under `fix-oms sessions`.

    \b
      fix-oms halt --reason "prices look wrong"
      fix-oms halt --venue ALPHA --reason "their feed is stale"
    """
    command = Halt(
        by=login(), reason=parse.text_field(0, reason, "--reason"), **_names(venue, symbol, account)
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@click.command()
@_scope
@pass_app
@click.pass_context
def resume(
    ctx: click.Context,
    app: App,
    reason: str,
    venue: str | None,
    symbol: str | None,
    account: str | None,
    as_json: bool,
) -> None:
    """Lift a halt. The scope must be the one that was halted.

    \b
      fix-oms resume --reason "prices are right again"
      fix-oms resume --venue ALPHA --reason "their feed is back"
    """
    command = Resume(
        by=login(), reason=parse.text_field(0, reason, "--reason"), **_names(venue, symbol, account)
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
