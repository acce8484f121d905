"""``status``: ask the broker about orders, or the engine about itself."""

from __future__ import annotations

import time

import click
from rich.table import Table

from fix_oms.cli import complete, parse, report, tables
from fix_oms.cli.app import App, console, json_option, login, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Exit
from fix_oms.cli.words import duration
from fix_oms.client import Client
from fix_oms.model.inputs import AskStatus
from fix_oms.model.protocol import Status


@click.command()
@click.argument("order", required=False, shell_complete=complete.orders)
@click.option("--session", help="Ask about all orders of this session.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    default=report.WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for news of the order.",
)
@json_option
@pass_app
@click.pass_context
def status(
    ctx: click.Context, app: App, order: str | None, session: str | None, wait: float, as_json: bool
) -> None:
    """Ask the broker about an order; or show the engine's own.

    With ORDER an OrderStatusRequest(35=H) leaves, with --session one for all of its orders, as far
    as the broker takes them. Without either: which engine is running, and its sessions.

    \b
      fix-oms status
      fix-oms status 1-12
      fix-oms status --session ALPHA
    """
    if order is not None and session is not None:
        raise BadInput("give an ORDER or --session, not both")
    with app.client() as client:
        if order is None and session is None:
            _engine(client, as_json=as_json)
            return
        before = None if order is None else client.order(order)
        command = AskStatus(
            by=login(),
            order=None if order is None else parse.text_field(0, order, "ORDER"),
            session=None if session is None else parse.name_field(0, session, "--session"),
        )
        code = report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json))
        if code == Exit.DONE and before is not None and not as_json:
            _news(client, before.reference, before.updated_ns, wait)
        ctx.exit(code)


def _news(client: Client, reference: str, since_ns: int, wait_s: float) -> None:
    """Show the order when something new is known of it, or say that nothing came."""
    deadline = time.monotonic() + wait_s
    while True:
        order = client.order(reference)
        if order is None:
            return
        if order.updated_ns != since_ns:
            click.echo(tables.sentence(order))
            return
        if time.monotonic() >= deadline:
            click.echo(f"nothing new within {wait_s:g} s\n{tables.sentence(order)}")
            return
        time.sleep(0.02)


def _engine(client: Client, *, as_json: bool) -> None:
    found, sessions, halted = client.status(), client.sessions(), client.halts()
    if as_json:
        print_json({**plain(found), "sessions": plain(sessions), "halts": plain(halted)})
        return
    screen = console()
    screen.print(_facts(found))
    screen.print()
    screen.print(tables.sessions_table(sessions, screen.width))
    if halted:
        screen.print()
        screen.print(tables.halts_table(halted))


def _facts(found: Status) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in (
        ("Engine", f"fix_oms {found.version}, process {found.pid}, start {found.run}"),
        ("Up", duration(found.uptime_s)),
        ("Configuration", found.config),
        ("Journal", f"{found.journal} (durability {found.durability})"),
    ):
        grid.add_row(name, value)
    return grid
