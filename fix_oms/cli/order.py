"""``buy``, ``sell``, ``order buy``, ``order sell`` and ``order --json``: how orders get in."""

from __future__ import annotations

import difflib
import sys
import time
from pathlib import Path
from typing import Any

import click

from fix_oms.cli import complete, parse, report
from fix_oms.cli.app import App, login, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.batch import read_orders
from fix_oms.cli.exits import BadInput, Exit
from fix_oms.client import Accepted, Client, Refused
from fix_oms.model import protocol
from fix_oms.model.fix import Side
from fix_oms.model.inputs import NewOrder
from fix_oms.model.protocol import Outcomes

_HELP = """Send a {side} order for QTY of SYMBOL, at PRICE or (without @ PRICE) at market.

With --cash AMOUNT there is no QTY: the order says how much money, and the broker how many.

Prints the order's reference, waits for the broker's first answer and prints the state. An order
that cannot rest (market, ioc, fok) is waited for to its end.

\b
  fix-oms {side} 100 AAPL @ 150.25
  fix-oms {side} 100 AAPL @ 150.25 --tif ioc --venue ALPHA
  fix-oms {side} 100 AAPL                          at market
  fix-oms {side} 100 AAPL --stop 149               stop: market once 149 trades
  fix-oms {side} 100 AAPL @ 148.5 --stop 149       stop limit
  fix-oms {side} AAPL --cash 10000                 for this much money: the broker says how many
  fix-oms {side} 100 AAPL @ 150.25 --ref my-1      the same ref is never sent twice
  fix-oms {side} 100 AAPL --reduce-only            only if it brings the position nearer to zero

Quantities and prices are plain digits with at most one point.
"""


@click.group(invoke_without_command=True)
@click.option(
    "--json",
    "source",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="Orders as JSON lines or one JSON array; - is standard input.",
)
@click.option("--check", "check_only", is_flag=True, help="With --json: check all, send none.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0.0),
    default=report.WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help="With --json: how long to wait for the broker's answers to all of them.",
)
@click.option("--no-wait", is_flag=True, help="With --json: do not wait for the broker.")
@click.pass_context
def order(
    ctx: click.Context, source: Path | None, check_only: bool, wait: float, no_wait: bool
) -> None:
    """Send one order, or many from a file or pipe.

    \b
      fix-oms order buy 100 AAPL @ 150.25 --tif day
      fix-oms order --json orders.jsonl
      generate-orders | fix-oms order --json -

    With --json every order is read, and then checked by the engine, before the first one leaves:
    either all are sent or none. Each gives one line of JSON. The keys are side, qty (or cash) and
    symbol, and optionally price, stop, tif, venue, account, strategy, parent, reduce_only (true or
    false), ref and text:

    \b
      {"side": "buy", "qty": 100, "symbol": "AAPL", "price": "150.25", "ref": "a-1"}
      {"side": "sell", "qty": 50, "symbol": "MSFT", "tif": "ioc", "venue": "BETA"}
    """
    if ctx.invoked_subcommand is not None:
        if source is not None:
            raise BadInput(f"give --json or {ctx.invoked_subcommand}, not both")
        return
    if source is None:
        click.echo(ctx.get_help())
        ctx.exit(Exit.BAD_INPUT)
    app = ctx.find_object(App)
    assert app is not None
    orders = read_orders(_text(source), login())
    if len(orders) > protocol.MOST_COMMANDS:
        most = f"{protocol.MOST_COMMANDS:,} are sent or refused together: give it in parts"
        raise BadInput(f"{source}: holds {len(orders):,} orders, and at most {most}")
    with app.client() as client:
        outcomes = client.submit_all([o for _, o in orders], check_only=check_only)
        report.alerts(outcomes.alerts)
        places = [place for place, _ in orders]
        if not outcomes.submitted:
            ctx.exit(_none_sent(places, outcomes, check_only=check_only))
        ctx.exit(_all_sent(client, orders, outcomes, 0.0 if no_wait else wait))


def _text(source: Path) -> str:
    try:
        if str(source) == "-":
            return sys.stdin.read()
        return source.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{source}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{source}: is not UTF-8 text: {error.reason}") from None


def _none_sent(places: list[str], outcomes: Outcomes, *, check_only: bool) -> Exit:
    """Say which orders the engine would refuse; the others were held back with them."""
    found = [
        report.refused(said, as_json=True, place=place)
        for place, said in zip(places, outcomes.answers, strict=True)
        if isinstance(said, Refused)
    ]
    if found:
        click.echo(f"nothing was sent: {len(found)} of {len(places)} would be refused", err=True)
        return Exit.REFUSED
    click.echo(f"all {len(places)} orders would be taken; nothing was sent", err=not check_only)
    return Exit.DONE


def _all_sent(
    client: Client, orders: list[tuple[str, NewOrder]], outcomes: Outcomes, wait_s: float
) -> Exit:
    deadline = time.monotonic() + wait_s
    codes = [
        _one_sent(client, place, sent, said, _left(deadline) if wait_s else None)
        for (place, sent), said in zip(orders, outcomes.answers, strict=True)
    ]
    return max(codes, key=lambda code: (code == Exit.NO_ANSWER, code))


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


def _one_sent(
    client: Client,
    place: str,
    sent: NewOrder,
    said: Accepted | Refused | None,
    wait_s: float | None,
) -> Exit:
    """One line for one order of a batch; ``wait_s`` None does not wait."""
    assert said is not None
    if isinstance(said, Refused):
        return report.refused(said, as_json=True, place=place)
    found = None
    if wait_s is not None:
        to_the_end = report.cannot_rest(sent.terms)
        found = client.settled(said.order, said.cl_ord_id, wait_s, to_the_end=to_the_end)
    print_json({"place": place, "accepted": True, **plain(said), "state": plain(found)})
    return report.result(found, said.cl_ord_id)


def _one_order(name: str, side: str) -> click.Command:
    """The command ``buy`` or ``sell``: the same words, another Side(54)."""

    @pass_app
    @click.pass_context
    def send(
        ctx: click.Context,
        app: App,
        /,
        words: tuple[str, ...],
        waiting: report.Waiting,
        **options: Any,
    ) -> None:
        no_options_among(ctx, words)
        is_short = options.pop("short", False)
        qty, symbol, rest = _split(ctx, words, is_cash=options["cash"] is not None)
        command = parse.new_order(
            by=login(),
            side=Side.SELL_SHORT.value if is_short else side,
            qty=qty,
            symbol_text=symbol,
            price=parse.price_after_at(rest),
            **options,
        )
        with app.client() as client:
            to_the_end = report.cannot_rest(command.terms)
            ctx.exit(report.do(client, command, waiting, to_the_end=to_the_end))

    short = click.Option(["--short"], is_flag=True, help="Side(54)=5: sell short.")
    return click.command(
        name,
        params=[*_terms_params(), *([short] if name == "sell" else [])],
        help=_HELP.format(side=name),
        short_help=f"Send a {name} order.",
        context_settings={"ignore_unknown_options": True},
    )(report.wait_options(send))


def _terms_params() -> list[click.Parameter]:
    tif = f"TimeInForce(59): {', '.join(parse.TIFS)}.  [default: day]"
    return [
        click.Argument(["words"], nargs=-1, metavar="QTY SYMBOL [@ PRICE]"),
        click.Option(
            ["--cash"], metavar="AMOUNT", help="CashOrderQty(152): how much money, without a QTY."
        ),
        click.Option(["--stop"], metavar="PRICE", help="StopPx(99): the price that triggers it."),
        click.Option(["--tif"], help=tif, shell_complete=complete.tifs),
        click.Option(
            ["--venue"],
            help="Where it goes. Without it the router chooses.",
            shell_complete=complete.venues,
        ),
        click.Option(
            ["--account"],
            help="Account(1). Without it the configuration's default.",
            shell_complete=complete.accounts,
        ),
        click.Option(
            ["--strategy"],
            help="Whose order it is, for limits and kills by strategy.",
            shell_complete=complete.strategies,
        ),
        click.Option(
            ["--parent"], metavar="REF", help="Its parent order: all its children never exceed it."
        ),
        click.Option(
            ["--reduce-only"],
            is_flag=True,
            help="Refused unless it is certain to bring the position nearer to zero.",
        ),
        click.Option(["--ref"], help="Your own name for it: the same one is never sent twice."),
        click.Option(["--text"], help="Text(58), sent along to the broker."),
    ]


def _split(
    ctx: click.Context, words: tuple[str, ...], *, is_cash: bool
) -> tuple[str | None, str, tuple[str, ...]]:
    """QTY (None where --cash stands for it), SYMBOL, and what follows."""
    needed = ["SYMBOL"] if is_cash else ["QTY", "SYMBOL"]
    if len(words) < len(needed):
        hint = f"'{needed[len(words)]}'"
        raise click.MissingParameter(ctx=ctx, param_hint=hint, param_type="argument")
    if is_cash and len(words) > 1 and not words[1].startswith("@"):
        raise BadInput(f"with --cash there is no QTY, only SYMBOL [@ PRICE]: {' '.join(words)!r}")
    return (None if is_cash else words[0]), words[len(needed) - 1], words[len(needed) :]


def no_options_among(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Unknown options are let through as words, so that ``-100`` is a quantity: find them here."""
    for word in words:
        if word.startswith("-") and not word[1:2].isdigit() and word[1:2] != ".":
            known = [name for param in ctx.command.params for name in param.opts]
            near = difflib.get_close_matches(word, [k for k in known if k.startswith("-")])
            raise click.NoSuchOption(word, possibilities=near, ctx=ctx)


buy = _one_order("buy", Side.BUY.value)
sell = _one_order("sell", Side.SELL.value)
order.add_command(buy)
order.add_command(sell)
