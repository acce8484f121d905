"""``positions``: what is held, what the day started with, and what others say of it."""

from __future__ import annotations

from pathlib import Path

import click

from fix_oms.cli import asked, complete, parse, report, tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.cli.holdings import FEED, OPENING, holding, read_holdings
from fix_oms.model.inputs import OpenPositions, TellPositions

BY_HAND = "by hand"
"""The source of a position that was typed."""


@click.group(invoke_without_command=True)
@click.option("--account", help="Only this account's.", shell_complete=complete.accounts)
@json_option
@pass_app
@click.pass_context
def positions(ctx: click.Context, app: App, account: str | None, as_json: bool) -> None:
    """List positions; state the opening ones, or what a feed says.

    What is held, at which average price, and what could still be filled. A position is what the day
    started with and the sum of its effective executions. AvgPx is the entry price of what is open
    now; a wide screen also shows what it is worth at its mark, and fees.

    \b
      fix-oms positions
      fix-oms positions --account DESK --json
      fix-oms positions load opening.csv --source clearer
      fix-oms positions tell DESK AAPL 300
      fix-oms positions feeds
    """
    if ctx.invoked_subcommand is not None:
        if account is not None or as_json:
            raise BadInput(f"options belong behind {ctx.invoked_subcommand}: nothing was done")
        return
    with app.client() as client:
        found = [held for held in client.positions() if account in (None, held.account)]
    if as_json:
        print_json_list(plain(held) for held in found)
    elif not found:
        click.echo("no positions")
    else:
        screen = console()
        screen.print(tables.positions_table(found, screen.width))


@positions.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", required=True, metavar="TEXT", help="Where they are from.")
@asked.by_option
@json_option
@pass_app
@click.pass_context
def load(ctx: click.Context, app: App, file: Path, source: str, by: str, as_json: bool) -> None:
    """State the positions that the day starts with, from a CSV FILE.

    Its first line is account,symbol,quantity,px: px is the cost, and may be left empty. A short
    position is negative. All lines are taken, or none. What is stated again for an account and
    symbol takes the place of what was stated before.

    \b
      fix-oms positions load opening.csv --source "clearer, close of 2026-11-20"
    """
    command = OpenPositions(
        by=by,
        source=parse.text_field(0, source, "--source"),
        rows=read_holdings(file, OPENING),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@positions.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="FILE | ACCOUNT SYMBOL QTY")
@click.option("--as-of", metavar="TIME", help="Which moment it reflects: 2026-11-21T14:30:00Z.")
@click.option("--exec-id", help="ExecID(17): the last execution that is in it.")
@click.option("--seq", help="The feed's own number of it.")
@click.option("--source", metavar="TEXT", help="Who says so.  [default: the file, or by hand]")
@asked.by_option
@json_option
@pass_app
@click.pass_context
def tell(
    ctx: click.Context,
    app: App,
    words: tuple[str, ...],
    as_of: str | None,
    exec_id: str | None,
    seq: str | None,
    source: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Tell what a position feed says, of one position or from a CSV FILE.

    It is compared with our executions and never obeyed: a difference shows under `fix-oms positions
    feeds` and, where a limit says so, lets no new risk out until it is explained. The first line of
    a FILE names its columns: account,symbol,quantity and optionally as_of,exec_id,seq.

    \b
      fix-oms positions tell DESK AAPL 300
      fix-oms positions tell DESK AAPL -200 --as-of 2026-11-21T14:30:00Z --source "ALPHA's page"
      fix-oms positions tell feed.csv
    """
    given = {"as_of": as_of, "exec_id": exec_id, "seq": seq}
    stated = {name: text for name, text in given.items() if text is not None}
    if len(words) == 1 and not stated:
        rows, default = read_holdings(Path(words[0]), FEED), Path(words[0]).name
    elif len(words) == 3:
        first = dict(zip(("account", "symbol", "quantity"), words, strict=True))
        rows, default = (holding({**first, **stated}),), BY_HAND
    else:
        raise BadInput("give a FILE alone, or ACCOUNT SYMBOL QTY: nothing was done")
    command = TellPositions(
        by=by, source=parse.text_field(0, source or default, "--source"), rows=rows
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@positions.command()
@json_option
@pass_app
def feeds(app: App, as_json: bool) -> None:
    """Show what position feeds say, beside our executions.

    Unconfirmed are the executions that the feed's word does not reflect yet; Missing says what
    keeps the two from being compared or made equal.

    \b
      fix-oms positions feeds
      fix-oms positions feeds --json
    """
    with app.client() as client:
        found = client.feeds()
    if as_json:
        print_json_list(plain(row) for row in found)
    elif not found:
        click.echo("no position feed has told anything")
    else:
        from fix_oms.cli import risk_tables

        screen = console()
        screen.print(risk_tables.feeds_table(found, screen.width))
