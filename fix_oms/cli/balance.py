"""``balance`` and ``rate``: what money there is, and what it is worth, as a person states it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, console, json_option, login, pass_app, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.csv_file import read_lines
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import Funds, SetBalance, SetBalances, SetRate
from fix_oms.model.settings import Engine
from fix_oms.server.config_file import read_toml

COLUMNS: Final = ("account", "available", "currency", "total", "margin_used")


@click.group(invoke_without_command=True)
@json_option
@pass_app
@click.pass_context
def balance(ctx: click.Context, app: App, as_json: bool) -> None:
    """List the accounts' balances, or state them.

    Available is what the broker or a person said can still be used; Used since is what orders and
    fills have taken of it after that, and Left what remains for `buying_power`.

    \b
      fix-oms balance
      fix-oms balance set DESK 250000 --source "ALPHA, by telephone"
      fix-oms balance load balances.csv
    """
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise BadInput(f"--json belongs behind {ctx.invoked_subcommand}: nothing was done")
        return
    with app.client() as client:
        found = client.balances()
    if as_json:
        print_json_list(plain(row) for row in found)
    elif not found:
        click.echo("no balances")
    else:
        from fix_oms.cli import risk_tables

        screen = console()
        screen.print(risk_tables.balances_table(found, screen.width))


@balance.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("account", shell_complete=complete.accounts)
@click.argument("available")
@click.option("--currency", help="Currency(15).  [default: the engine's base currency]")
@click.option("--total", metavar="AMOUNT", help="All that the account is worth.")
@click.option("--margin-used", metavar="AMOUNT", help="What positions take up already.")
@click.option("--source", metavar="TEXT", help="Who says so.")
@asked.by_option
@json_option
@pass_app
@click.pass_context
def set_(
    ctx: click.Context,
    app: App,
    account: str,
    available: str,
    currency: str | None,
    total: str | None,
    margin_used: str | None,
    source: str | None,
    by: str,
    as_json: bool,
) -> None:
    """State what an ACCOUNT has AVAILABLE now. What was used before is in it.

    \b
      fix-oms balance set DESK 250000
      fix-oms balance set DESK 250000 --total 900000 --margin-used 650000 --source "ALPHA's page"
    """
    command = SetBalance(
        by=by,
        account=parse.account(account),
        currency=_base_currency(app) if currency is None else parse.currency(currency),
        available=parse.number(0, available, "AVAILABLE"),
        total=0 if total is None else parse.number(0, total, "--total"),
        margin_used=0
        if margin_used is None
        else parse.not_negative(0, margin_used, "--margin-used"),
        source="" if source is None else parse.text_field(0, source, "--source"),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


@balance.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--source", metavar="TEXT", help="Who says so.  [default: the file]")
@asked.by_option
@json_option
@pass_app
@click.pass_context
def load(
    ctx: click.Context, app: App, file: Path, source: str | None, by: str, as_json: bool
) -> None:
    """State what accounts have now, from a CSV FILE.

    Its first line is account,available and optionally currency,total,margin_used. All lines are
    taken, or none.

    \b
      fix-oms balance load balances.csv --source "ALPHA, close of 2026-11-20"
    """
    base = _base_currency(app)
    command = SetBalances(
        by=by,
        rows=read_lines(
            file,
            COLUMNS,
            COLUMNS[:2],
            lambda texts: _funds(texts, base),
            lambda row: row.account,
            "balance",
        ),
        source=parse.text_field(0, source or file.name, "--source"),
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))


def _funds(texts: dict[str, str], base: str) -> Funds:
    """One line of a file; what it leaves empty is not stated."""

    def amount(name: str, read: Callable[[int, str, str], int]) -> int:
        text = texts.get(name, "")
        return read(0, text, name) if text else 0

    currency = texts.get("currency", "")
    return Funds(
        account=parse.account(texts["account"]),
        currency=parse.currency(currency) if currency else base,
        available=parse.number(0, texts["available"], "available"),
        total=amount("total", parse.not_negative),
        margin_used=amount("margin_used", parse.not_negative),
    )


def _base_currency(app: App) -> str:
    """What the configuration's sums are in."""
    path = app.config_path()
    engine = read_toml(path, str(path)).get("engine")
    found = engine.get("base_currency") if isinstance(engine, dict) else None
    return found if isinstance(found, str) else Engine().base_currency


@click.command()
@click.argument("currency")
@click.argument("value")
@json_option
@pass_app
@click.pass_context
def rate(ctx: click.Context, app: App, currency: str, value: str, as_json: bool) -> None:
    """State what one unit of a currency is worth in the base currency.

    Sums over instruments of several currencies need it: without one, what limits such a sum
    refuses. It holds until the next one is stated.

    \b
      fix-oms rate GBX 0.0131
    """
    command = SetRate(
        by=login(), currency=parse.currency(currency), rate=parse.positive(0, value, "VALUE")
    )
    with app.client() as client:
        ctx.exit(report.do(client, command, report.Waiting(wait_s=0.0, as_json=as_json)))
