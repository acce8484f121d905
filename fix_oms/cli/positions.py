"""``positions``: what is held."""

from __future__ import annotations

import click

from fix_oms.cli import tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain


@click.command()
@click.option("--account", help="Only this account's.")
@json_option
@pass_app
def positions(app: App, account: str | None, as_json: bool) -> None:
    """List positions.

    What is held, at which average price, and what could still be filled. A position is the sum of
    its effective executions. AvgPx is the entry price of what is open now.

    \b
      fix-oms positions
      fix-oms positions --account DESK --json
    """
    with app.client() as client:
        found = [held for held in client.positions() if account in (None, held.account)]
    if as_json:
        print_json_list(plain(held) for held in found)
    elif not found:
        click.echo("no positions")
    else:
        screen = console()
        screen.print(tables.positions_table(found, screen.width))
