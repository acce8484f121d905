"""``orders`` and ``show``: what the engine knows of all orders, and of one."""

from __future__ import annotations

from collections import deque

import click

from fix_oms.cli import complete, tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import Failure
from fix_oms.cli.page import order_page
from fix_oms.cli.parent_tables import parent_page
from fix_oms.model.protocol import ParentFound
from fix_oms.model.views import OrderView


@click.command()
@click.option("--open", "open_only", is_flag=True, help="Only those that can still be filled.")
@click.option("--symbol", help="Only this symbol's.", shell_complete=complete.symbols)
@click.option("--venue", help="Only this venue's.", shell_complete=complete.venues)
@click.option(
    "--last",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="The newest N; 0 for all. With --json all, unless it is given.",
)
@json_option
@pass_app
@click.pass_context
def orders(
    ctx: click.Context,
    app: App,
    open_only: bool,
    symbol: str | None,
    venue: str | None,
    last: int,
    as_json: bool,
) -> None:
    """List orders, newest last.

    \b
      fix-oms orders
      fix-oms orders --open --venue ALPHA
      fix-oms orders --json | jq '.[] | select(.ord_status == "Rejected")'
    """
    source = ctx.get_parameter_source("last")
    is_given = source is not click.core.ParameterSource.DEFAULT
    keep = (last or None) if is_given or not as_json else None

    def wanted(order: OrderView) -> bool:
        return symbol in (None, order.symbol) and venue in (None, order.venue)

    with app.client() as client:
        found = filter(wanted, client.orders(open_only=open_only))
        if as_json:
            rows = found if keep is None else iter(deque(found, maxlen=keep))
            print_json_list(plain(order) for order in rows)
            return
        shown = deque(found, maxlen=keep)
    if not shown:
        click.echo("no open orders" if open_only else "no orders")
        return
    screen = console()
    screen.print(tables.orders_table(shown, screen.width))


@click.command()
@click.argument("order", shell_complete=complete.orders_and_parents)
@json_option
@pass_app
def show(app: App, order: str, as_json: bool) -> None:
    """Show one order with its requests and fills.

    ORDER is any of its names: reference, ClOrdID(11), your --ref, or the broker's OrderID(37). Of a
    parent, by its ref, the children are shown.

    \b
      fix-oms show 1-12
      fix-oms show 1-12 --json
    """
    with app.client() as client:
        found = client.order(order)
        if found is None:
            _show_parent(client.parent(order), order, as_json=as_json)
            return
        fills = tuple(client.fills(found.reference))
    if as_json:
        print_json({**plain(found), "fills": plain(fills)})
    else:
        screen = console()
        screen.print(order_page(found, fills, screen.width))


def _show_parent(found: ParentFound, name: str, *, as_json: bool) -> None:
    if found.parent is None:
        raise Failure(f"no order is named {name!r}")
    if as_json:
        print_json({**plain(found.parent), "children": plain(found.children)})
    else:
        screen = console()
        screen.print(parent_page(found.parent, found.children, screen.width))
