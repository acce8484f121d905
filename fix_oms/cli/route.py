"""``route``: one order for the router, which sends its children to venues."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Final

import click

from fix_oms.cli import complete, parent_report, parse
from fix_oms.cli.app import App, json_option, login, pass_app
from fix_oms.cli.order import no_options_among
from fix_oms.client.errors import NoReply
from fix_oms.model.inputs import NewParent

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read as another one."""
_NEEDED: Final = ("BUY|SELL", "QTY", "SYMBOL")
_MOST_OF_SYMBOL: Final = 12


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="BUY|SELL QTY SYMBOL [@ PRICE]")
@click.option(
    "--policy",
    "policy_name",
    help="How it is routed: sweep, post, best, split, dark, pro_rata, direct, or one of the "
    "configuration's.  [default: the instrument's]",
    shell_complete=complete.policies,
)
@click.option("--ref", help="Your name for it.  [default: one is made and printed]")
@click.option(
    "--tif",
    help="TimeInForce(59): day, gtc, or ioc for what can be had now.  [default: day]",
    shell_complete=complete.parent_tifs,
)
@click.option(
    "--venue", "venue_name", help="With a direct policy: the venue.", shell_complete=complete.venues
)
@click.option(
    "--account",
    "account_name",
    help="Account(1). Without it the configuration's default.",
    shell_complete=complete.accounts,
)
@click.option(
    "--strategy",
    "strategy_name",
    help="Whose order it is, for limits and kills by strategy.",
    shell_complete=complete.strategies,
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    metavar="SECONDS",
    help="Look on for so long, or to its end.  [default: until nothing is on its way]",
)
@click.option("--no-wait", is_flag=True, help="Do not look on.")
@json_option
@pass_app
@click.pass_context
def route(
    ctx: click.Context,
    app: App,
    /,
    words: tuple[str, ...],
    wait: float | None,
    no_wait: bool,
    as_json: bool,
    **terms: str | None,
) -> None:
    """Give one order to the router, which sends its children.

    The whole quantity passes the risk gate and is reserved first. Then the router sends children by
    the policy: what can be had within the price is taken, what is left is posted or waits. The
    parent is shown as it goes, until nothing is on its way; with --wait until its end, or so long.

    \b
      fix-oms route BUY 1000 AAPL @ 150.10
      fix-oms route SELL 500 AAPL @ 149.90 --policy post --ref my-1
      fix-oms route BUY 1000 AAPL @ 150.10 --tif ioc       what can be had now, and no more
      fix-oms route BUY 100 AAPL @ 150 --policy direct --venue ALPHA
      fix-oms explain my-1                                 what the router saw, did, and why
      fix-oms cancel my-1                                  all of its children

    The same ref is never sent twice: after a doubt, send the command again with the ref that was
    printed. To send the children of a parent yourself, see `fix-oms parent`.
    """
    command = _command(ctx, words, **terms)
    watching = parent_report.Watching(
        wait_s=0.0 if no_wait else wait, as_json=as_json, to_the_end=wait is not None
    )
    with app.client() as client:
        try:
            ctx.exit(parent_report.send(client, command, watching))
        except NoReply as error:
            if error.in_doubt:
                click.echo(f"it may have arrived: send it again with --ref {command.ref}", err=True)
            raise


def _command(
    ctx: click.Context, words: tuple[str, ...], *, ref: str | None, **terms: str | None
) -> NewParent:
    no_options_among(ctx, words)
    if len(words) < len(_NEEDED):
        hint = f"'{_NEEDED[len(words)]}'"
        raise click.MissingParameter(ctx=ctx, param_hint=hint, param_type="argument")
    side, qty, symbol, *rest = words
    return parse.new_parent(
        by=login(),
        ref=made_ref(symbol) if ref is None else ref,
        side_text=side,
        qty=qty,
        symbol_text=symbol,
        price=parse.price_after_at(tuple(rest)),
        **terms,
    )


def made_ref(symbol: str) -> str:
    """A name for a parent that has none: ``AAPL-142530-k7q``, the time of day in UTC and a bit of
    chance. Should it be taken, the engine refuses it."""
    chance = "".join(secrets.choice(_LETTERS) for _ in range(3))
    return f"{symbol[:_MOST_OF_SYMBOL]}-{datetime.now(UTC):%H%M%S}-{chance}"
