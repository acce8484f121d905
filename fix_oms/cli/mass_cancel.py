"""``mass-cancel``: everything out of the market, or one venue's or symbol's orders."""

from __future__ import annotations

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.model.inputs import MassCancel


@click.command("mass-cancel")
@click.option("--venue", help="Only this venue's orders.", shell_complete=complete.venues)
@click.option("--symbol", help="Only this symbol's orders.", shell_complete=complete.symbols)
@json_option
@pass_app
@click.pass_context
def mass_cancel(
    ctx: click.Context, app: App, venue: str | None, symbol: str | None, as_json: bool
) -> None:
    """Cancel all working orders, or a venue's, or a symbol's.

    One mass cancel where the broker takes it, else a cancel for each order. New orders can still
    leave: `fix-oms halt` stops those. See what is left with `fix-oms orders --open`.

    \b
      fix-oms mass-cancel
      fix-oms mass-cancel --venue ALPHA --symbol AAPL
    """
    command = MassCancel(
        by=login(),
        venue=None if venue is None else parse.name_field(0, venue, "--venue"),
        symbol=None if symbol is None else parse.symbol(symbol),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
