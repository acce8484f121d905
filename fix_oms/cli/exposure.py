"""``exposure``: what it could all come to."""

from __future__ import annotations

from typing import Final

import click

from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain

DIMENSIONS: Final = ("account", "strategy", "symbol", "venue", "firm")


@click.command()
@click.option("--by", "dimension", type=click.Choice(DIMENSIONS), help="Only these sums.")
@json_option
@pass_app
def exposure(app: App, dimension: str | None, as_json: bool) -> None:
    """Show the worst case of each account, strategy, symbol and venue, and of the firm.

    Longest and Shortest are the positions if every open buy, or every open sell, were to fill.
    Gross adds up the worst of each position, long or short; Net long and Net short are longs less
    shorts at their worst either way. Profit is the day's, realised and at the marks.

    \b
      fix-oms exposure
      fix-oms exposure --by account
      fix-oms exposure --by symbol --json
    """
    with app.client() as client:
        found = [row for row in client.exposure() if dimension in (None, row.dimension)]
    if as_json:
        print_json_list(plain(row) for row in found)
    elif not found:
        click.echo("no exposure")
    else:
        from fix_oms.cli import risk_tables

        screen = console()
        screen.print(risk_tables.exposure_table(found, screen.width))
