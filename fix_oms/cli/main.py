"""``fix-oms``: the group of all commands, and the options that stand before them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

import fix_oms
from fix_oms.cli.app import App
from fix_oms.cli.exits import MEANINGS
from fix_oms.cli.lazy import Entry, LazyGroup

ORDERS: Final = "Orders"
LOOK: Final = "Look"
CONTROL: Final = "Control"
RISK: Final = "Risk"
RUN: Final = "Run"
PROVE: Final = "Prove"


def _entry(name: str, section: str, summary: str, module: str | None = None) -> tuple[str, Entry]:
    attribute = name.replace("-", "_")
    return name, Entry(f"fix_oms.cli.{module or attribute}", attribute, section, summary)


COMMANDS: Final[Mapping[str, Entry]] = dict(
    (
        _entry("buy", ORDERS, "Send a buy order.", "order"),
        _entry("sell", ORDERS, "Send a sell order.", "order"),
        _entry("order", ORDERS, "Send one order, or many from a file or pipe."),
        _entry("cancel", ORDERS, "Ask for an order to be cancelled."),
        _entry("replace", ORDERS, "Ask for an order's terms to be changed."),
        _entry(
            "mass-cancel",
            ORDERS,
            "Cancel all working orders, or an account's, strategy's, symbol's or venue's.",
        ),
        _entry("route", ORDERS, "Give one order to the router, which sends its children."),
        _entry("parent", ORDERS, "Register a parent order: its children together never exceed it."),
        _entry("algo", ORDERS, "Run orders that send orders: list, show, start, pause, resume."),
        _entry("resolve", ORDERS, "Decide, with a reason, what the broker leaves in doubt."),
        _entry("dk", ORDERS, "Tell the broker that an execution is not accepted."),
        _entry("show", LOOK, "Show one order with its requests and fills.", "orders"),
        _entry("orders", LOOK, "List orders, newest last."),
        _entry("parents", LOOK, "List parent orders; let a suspended one go on."),
        _entry("fills", LOOK, "List executions, of one order or of all."),
        _entry("positions", LOOK, "List positions; state the opening ones, or what a feed says."),
        _entry("book", LOOK, "Show the books of a symbol at all its venues as one."),
        _entry("sessions", LOOK, "List the FIX sessions, and the halts and kills.", "session"),
        _entry(
            "clients",
            LOOK,
            "List the FIX clients: upstream systems that trade through us, and drop copies.",
        ),
        _entry("alerts", LOOK, "List what is wrong now: conditions that a person should know of."),
        _entry("watch", LOOK, "Watch orders, positions and sessions, live."),
        _entry(
            "explain",
            LOOK,
            "Tell the story of one order, message by message; or of a parent or algo.",
        ),
        _entry("venues", LOOK, "Show what each venue has done with our orders."),
        _entry("tca", LOOK, "Work out what routed parents have cost, from the journal."),
        _entry("status", CONTROL, "Ask the broker about an order; or show the engine's own."),
        _entry("session", CONTROL, "Log a FIX session on or off, or set its numbers."),
        _entry("reference", CONTROL, "State the reference price of a symbol."),
        _entry("limits", RISK, "Look at the risk limits, change them, override them."),
        _entry(
            "exposure",
            RISK,
            "Show the worst case of each account, strategy, symbol and venue, and of the firm.",
        ),
        _entry("balance", RISK, "List the accounts' balances, or state them."),
        _entry(
            "rate",
            RISK,
            "State what one unit of a currency is worth in the base currency.",
            "balance",
        ),
        _entry("halt", RISK, "Let no new risk out."),
        _entry("kill", RISK, "Let no new order out, and take the working ones out."),
        _entry("resume", RISK, "Lift a halt or a kill.", "halt"),
        _entry("run", RUN, "Run the engine of a configuration, until it is told to stop."),
        _entry("mirror", RUN, "Serve the live stream of a journal to programs."),
        _entry("venue", RUN, "Run simulated FIX venues to trade against."),
        _entry("demo", RUN, "Run engine and venues together and show what they do."),
        _entry("check", RUN, "Check a configuration and say what is in it."),
        _entry("curve", RUN, "Make a volume curve of past trades or bars, for vwap."),
        _entry("completion", RUN, "Print the completion script of a shell."),
        _entry(
            "reconcile",
            PROVE,
            "Compare executions and positions with a broker's; keep the ledger of breaks.",
        ),
        _entry("snapshot", RUN, "Write the state beside the journal, for a quick start."),
        _entry("replay", PROVE, "Rebuild the state from the journal and compare."),
        _entry("verify", PROVE, "Check a journal, record by record."),
        _entry("convert", PROVE, "Write a journal anew: what is whole of a damaged one."),
        _entry(
            "conformance",
            PROVE,
            "Play published order state scenarios against the engine, and compare.",
        ),
        _entry("simulate", PROVE, "Run the engine in a simulated world, and hold it to its laws."),
    )
)

_CODES: Final = "\n".join(f"  {code.value}  {meaning}" for code, meaning in MEANINGS.items())

HELP: Final = f"""A FIX order router: orders out on FIX sessions, one true state back.

\b
First steps, each in a terminal of its own:
  fix-oms venue config/venues.toml
  fix-oms run config/demo.toml
  fix-oms buy 100 AAPL @ 150.25 --tif day --venue ALPHA
  fix-oms watch

\b
Exit codes:
{_CODES}

Lists take --json for programs. `fix-oms COMMAND --help` explains each command with examples.
"""


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Prints the version, the leg that runs and the Python that runs it."""
    if not wanted or ctx.resilient_parsing:
        return
    from fix_oms.engine.leg import leg  # it imports the engine, which --help has no need of

    runs = f"{leg()}, {platform.python_implementation()} {platform.python_version()}"
    click.echo(f"fix-oms {fix_oms.__version__} ({runs})")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="FIX_OMS_CONFIG",
    help="The configuration. Default: $FIX_OMS_CONFIG, else ./config/demo.toml if it is there.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version, and whether the engine is compiled or interpreted.",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    ctx.obj = App(config)
