"""``fix-oms demo``: engine and venues together, and what they do, as tables.

Everything is real: two processes, FIX over TCP, the journal on disk. What is printed is asked from
the running engine or read from its journal afterwards; nothing is prepared.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from fix_oms.cli import demo_router
from fix_oms.cli.app import login
from fix_oms.cli.exits import Exit, Failure
from fix_oms.site import SiteError, running

CONFIGS: Final = ("demo.toml", "venues.toml")
START_S: Final = 30.0
ORDERS_TIMED: Final = 200


@click.command()
@click.option(
    "--config-dir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("config"),
    show_default=True,
    help="Where the configurations are. They are copied, with free ports, and left alone.",
)
@click.option("--orders", default=ORDERS_TIMED, show_default=True, help="How many to time.")
@click.option(
    "--router", is_flag=True, help="Show the router instead: router.toml, router-venues.toml."
)
@click.pass_context
def demo(ctx: click.Context, config_dir: Path, orders: int, router: bool) -> None:
    """Run engine and venues together and show what they do.

    Starts the venues of config/venues.toml and an engine, sends orders that fill, rest, are
    replaced, cancelled and refused, prints orders, fills and positions, times a few hundred orders,
    tells the story of one, and verifies the journal. Ends with exit code 0 when all of it held.

    With --router it gives one order to the router, over four venues with other traders: what is
    shown within its price is taken at once, the rest is posted, all of it is explained.

    \b
    Examples:
      fix-oms demo
      fix-oms demo --orders 1000
      fix-oms demo --router
    """
    where = Path(tempfile.mkdtemp(prefix="fix-oms-demo-"))
    ok = _routed(config_dir, where) if router else _ordered(config_dir, where, orders)
    config = where / (demo_router.CONFIGS if router else CONFIGS)[0]
    click.echo(f"\nAll of it is kept in {where}; for example:")
    click.echo(f"  fix-oms -c {config} explain {'big --all' if router else 'parts'}")
    if not router:
        click.echo("and `fix-oms demo --router` shows one order over several venues")
    ctx.exit(Exit.DONE if ok else Exit.REFUSED)


def _ordered(config_dir: Path, where: Path, orders: int) -> bool:
    """Orders, each to one venue."""
    with _running(config_dir, where, CONFIGS) as config:
        ok = _tell(config, STORY)
        ok = _time_orders(config, orders) and ok
    _figures(where / "var" / "journal", orders)
    return _tell(config, AFTERWARDS) and ok


def _routed(config_dir: Path, where: Path) -> bool:
    """One parent, over several."""
    from fix_oms.server.config_file import socket_path

    with _running(config_dir, where, demo_router.CONFIGS) as config:
        try:
            price, qty = demo_router.fitting(socket_path(config), START_S)
        except TimeoutError as error:
            raise Failure(str(error)) from None
        ok = _tell(config, demo_router.story(price, qty))
    return _tell(config, AFTERWARDS[1:]) and ok


@contextlib.contextmanager
def _running(config_dir: Path, where: Path, configs: tuple[str, str]) -> Iterator[Path]:
    """Engine and venues of copied configurations, until the block ends; the engine's."""
    with contextlib.ExitStack() as until:
        try:
            site = until.enter_context(running(config_dir, where, *configs))
        except SiteError as error:
            raise Failure(str(error)) from None
        yield site.config


# -- what it does ----------------------------------------------------------------------------------

STORY: Final[tuple[tuple[str, tuple[tuple[str, Exit], ...]], ...]] = (
    (
        "Sessions to three brokers, one for each FIX version",
        (("sessions", Exit.DONE),),
    ),
    (
        "Orders that fill: at once, in parts, at market, and by the router's choice",
        (
            ("buy 100 AAPL @ 150.05 --venue ALPHA", Exit.DONE),
            ("sell 300 AAPL @ 149.94 --venue BETA --ref parts", Exit.DONE),
            ("buy 50 MSFT --venue BETA", Exit.DONE),
            ("buy 10 MSFT @ 300 --tif ioc", Exit.DONE),
        ),
    ),
    (
        "Orders that rest, are replaced and cancelled",
        (
            ("buy 200 MSFT @ 299.00 --venue ALPHA --ref rests", Exit.DONE),
            ("replace rests --qty 250 --price 299.10", Exit.DONE),
            ("sell 40 VOD.L @ 73.00 --venue ALPHA --ref goes", Exit.DONE),
            ("cancel goes", Exit.DONE),
        ),
    ),
    (
        "Refused by the gate before anything leaves; rejected by the venue",
        (
            ("buy 100 AAPL @ 200", Exit.REFUSED),
            ("buy 20000 AAPL @ 150", Exit.REFUSED),
            ("buy 10 VOD.L @ 72.50 --venue GAMMA", Exit.REFUSED),
        ),
    ),
    (
        "What it came to",
        (
            ("orders", Exit.DONE),
            ("fills", Exit.DONE),
            ("positions", Exit.DONE),
        ),
    ),
)
AFTERWARDS: Final = (
    ("The story of one order", (("explain rests", Exit.DONE),)),
    ("The journal", (("verify", Exit.DONE),)),
)


def _tell(config: Path, parts: tuple[tuple[str, tuple[tuple[str, Exit], ...]], ...]) -> bool:
    """Type each command, as a person would, and look at its exit code."""
    as_expected = True
    for heading, commands in parts:
        click.secho(f"\n{heading}", bold=True)
        for words, expected in commands:
            click.secho(f"$ fix-oms {words}", fg="cyan")
            code = _typed(config, words)
            if code != expected:
                click.secho(f"exit code {code}, where {expected} was expected", fg="red")
                as_expected = False
    return as_expected


def _typed(config: Path, words: str) -> int:
    from fix_oms.cli.main import main

    try:
        code = main.main(
            ["-c", str(config), *words.split()], prog_name="fix-oms", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return int(code or 0)


def _time_orders(config: Path, count: int) -> bool:
    """Send ``count`` resting orders, each after the answer to the one before."""
    from fix_oms.cli.parse import new_order
    from fix_oms.client import Accepted, Client
    from fix_oms.server.config_file import socket_path

    click.secho(f"\n{count} orders, one after the other", bold=True)
    command = new_order(
        by=login(), side="1", qty="1", symbol_text="AAPL", price="149", venue="ALPHA"
    )
    with Client(socket_path(config)) as client:
        for _ in range(count):
            said = client.submit(command)
            if not isinstance(said, Accepted):
                click.echo(f"refused: {said.text}")
                return False
            client.settled(said.order, said.cl_ord_id, START_S)
        cancelled = _typed(config, "mass-cancel --venue ALPHA --symbol AAPL") == Exit.DONE
        until = time.monotonic() + START_S
        while still_open := sum(o.symbol == "AAPL" for o in client.orders(open_only=True)):
            if time.monotonic() > until:
                click.echo(f"{still_open} of them are still open")
                return False
            time.sleep(0.05)
    click.echo("all of them are reported canceled")
    return cancelled


def _figures(journal: Path, count: int) -> None:
    """What the journal's stage times say of the orders that were timed: the last ones."""
    from fix_oms.journal.latency import latency, percentile

    found = latency(journal)
    click.secho(f"\nRound trips of the last {count} orders, by the journal's times", bold=True)
    for name, times in (
        ("command to wire", found.to_wire),
        ("wire to acknowledgement", found.to_answer),
        ("command to acknowledgement", found.to_acknowledged),
    ):
        last = times[-count:]
        shown = " ".join(
            f"{share} {percentile(last, part) / 1000:7.0f} us"
            for share, part in (("p50", 0.5), ("p99", 0.99))
        )
        click.echo(f"  {name:<27} {shown}")
