"""``mass-cancel``: everything out of the market, or the orders of one scope."""

from __future__ import annotations

import click

from fix_oms.cli import asked, report
from fix_oms.cli.app import App, json_option, pass_app
from fix_oms.model.inputs import MassCancel


@click.command("mass-cancel")
@asked.scope_options
@asked.by_option
@json_option
@pass_app
@click.pass_context
def mass_cancel(ctx: click.Context, app: App, scope: asked.Scope, by: str, as_json: bool) -> None:
    """Cancel all working orders, or an account's, strategy's, symbol's or venue's.

    One mass cancel where the broker takes it, else a cancel for each order. New orders can still
    leave: `fix-oms halt` stops those, `fix-oms kill` does both. See what is left with
    `fix-oms orders --open`.

    \b
      fix-oms mass-cancel
      fix-oms mass-cancel --venue ALPHA --symbol AAPL
      fix-oms mass-cancel --strategy pairs
    """
    with app.client() as client:
        command = MassCancel(by=by, **scope)
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
