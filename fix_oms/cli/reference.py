"""``reference``: state the reference price of a symbol."""

from __future__ import annotations

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.model.inputs import SetReference


@click.command()
@click.argument("symbol", shell_complete=complete.symbols)
@click.argument("price")
@json_option
@pass_app
@click.pass_context
def reference(ctx: click.Context, app: App, symbol: str, price: str, as_json: bool) -> None:
    """State the reference price of a symbol.

    Price collar and order value are judged by it while there is no fresh quote. It holds until the
    next one is stated.

    \b
      fix-oms reference AAPL 150.25
    """
    command = SetReference(
        by=login(), symbol=parse.symbol(symbol), price=parse.positive(parse.PRICE, price)
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
