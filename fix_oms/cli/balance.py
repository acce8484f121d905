"""``balance`` and ``rate``: what money there is, and what it is worth, as a person states it."""

from __future__ import annotations

import click

from fix_oms.cli import asked, complete, parse, report
from fix_oms.cli.app import App, console, json_option, login, pass_app, print_json_list
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.model.inputs import SetBalance, SetRate
from fix_oms.model.settings import Engine
from fix_oms.server.config_file import read_toml


@click.group(invoke_without_command=True)
@json_option
@pass_app
@click.pass_context
def balance(ctx: click.Context, app: App, as_json: bool) -> None:
    """List the accounts' balances, or state one.

    Available is what the broker or a person said can still be used; Used since is what orders and
    fills have taken of it after that, and Left what remains for `buying_power`.

    \b
      fix-oms balance
      fix-oms balance set DESK 250000 --source "ALPHA, by telephone"
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
