"""``parent``: the order behind several orders, which they never exceed together."""

from __future__ import annotations

import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, json_option, pass_app
from fix_oms.model.inputs import NewParent


@click.command()
@click.argument("ref")
@click.argument("side", metavar="BUY|SELL")
@click.argument("qty")
@click.argument("symbol", shell_complete=complete.symbols)
@click.option("--account", help="Only its account's children.", shell_complete=complete.accounts)
@click.option(
    "--strategy", help="Only its strategy's children.", shell_complete=complete.strategies
)
@asked.by_option
@json_option
@pass_app
@click.pass_context
def parent(
    ctx: click.Context,
    app: App,
    ref: str,
    side: str,
    qty: str,
    symbol: str,
    account: str | None,
    strategy: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Register a parent order: its children together never exceed it.

    Nothing leaves. Each order that is sent with --parent REF counts against QTY by what it has
    filled and by what could still fill; one that would exceed it is refused (`conservation`). To
    have the router send the children, give the order to `fix-oms route`.

    \b
      fix-oms parent basket-7 BUY 10000 AAPL
      fix-oms buy 500 AAPL @ 150.25 --parent basket-7
    """
    command = NewParent(
        by=by,
        ref=parse.name_field(0, ref, "REF"),
        symbol=parse.symbol(symbol),
        side=parse.side(side),
        order_qty=parse.positive(parse.ORDER_QTY, qty),
        account=None if account is None else parse.account(account),
        strategy=None if strategy is None else parse.strategy(strategy),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
