"""``cancel``: ask for one order to be cancelled."""

from __future__ import annotations

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, login, pass_app
from fix_oms.model.inputs import CancelOrder


@click.command()
@click.argument("order", shell_complete=complete.orders_and_parents)
@report.wait_options
@pass_app
@click.pass_context
def cancel(ctx: click.Context, app: App, order: str, waiting: report.Waiting) -> None:
    """Ask for an order to be cancelled.

    ORDER is any of its names: the reference that was printed, the ClOrdID(11) of a replace, your
    --ref, or the broker's OrderID(37). What has been filled stays filled. Exit code 1 when the
    broker refuses, or the order ends otherwise first.

    A parent's ref cancels the parent: nothing more of it is sent, and all its children are asked
    out. It ends when the last of them is.

    \b
      fix-oms cancel 1-12
      fix-oms cancel my-ref --no-wait
    """
    command = CancelOrder(by=login(), order=parse.text_field(0, order, "ORDER"))
    with app.client() as client:
        ctx.exit(report.do(client, command, waiting))
