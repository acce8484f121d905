"""``replace``: ask for an order's terms to be changed."""

from __future__ import annotations

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, login, pass_app
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import ReplaceOrder


@click.command()
@click.argument("order", shell_complete=complete.orders_and_parents)
@click.option("--qty", help="OrderQty(38): the new total, including what is filled already.")
@click.option("--price", help="Price(44): the new limit.")
@click.option("--stop", metavar="PRICE", help="StopPx(99): the new trigger.")
@click.option("--tif", help="TimeInForce(59): day, ioc, fok, gtc.", shell_complete=complete.tifs)
@report.wait_options
@pass_app
@click.pass_context
def replace(
    ctx: click.Context,
    app: App,
    order: str,
    qty: str | None,
    price: str | None,
    stop: str | None,
    tif: str | None,
    waiting: report.Waiting,
) -> None:
    """Ask for an order's terms to be changed. What is not given stays as it is.

    ORDER is any of its names, as for `fix-oms cancel`. A parent's quantity and price can be
    replaced: it holds once its children allow it, which shrink or go before more is sent.

    \b
      fix-oms replace 1-12 --price 150.5
      fix-oms replace 1-12 --qty 80 --price 150.5
    """
    if qty is None and price is None and stop is None and tif is None:
        raise BadInput("nothing to change: give --qty, --price, --stop or --tif")
    command = ReplaceOrder(
        by=login(),
        order=parse.text_field(0, order, "ORDER"),
        order_qty=None if qty is None else parse.positive(parse.ORDER_QTY, qty),
        price=None if price is None else parse.positive(parse.PRICE, price),
        stop_px=None if stop is None else parse.positive(parse.STOP_PX, stop),
        time_in_force=None if tif is None else parse.time_in_force(tif),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, waiting))
