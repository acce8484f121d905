"""``fills``: the executions."""

from __future__ import annotations

from collections import deque

import click

from fix_oms.cli import complete, tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain


@click.command()
@click.argument("order", required=False, shell_complete=complete.orders)
@click.option(
    "--last",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="The newest N; 0 for all. With --json always all.",
)
@json_option
@pass_app
def fills(app: App, order: str | None, last: int, as_json: bool) -> None:
    """List executions, of one order or of all.

    Oldest first. Those that the broker corrected or cancelled (busted) afterwards are shown and
    marked; positions are made from the effective ones.

    \b
      fix-oms fills
      fix-oms fills 1-12
      fix-oms fills --json | jq -r '.[] | [.transact_time, .last_qty, .last_px] | @csv'
    """
    with app.client() as client:
        found = client.fills(order)
        if as_json:
            print_json_list(plain(fill) for fill in found)
            return
        shown = deque(found, maxlen=last or None)
    if not shown:
        click.echo("no fills")
        return
    screen = console()
    screen.print(tables.fills_table(shown, screen.width))
