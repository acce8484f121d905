"""``fix-oms explain``: the story of one order, from the journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.cli.words import clock, iso

if TYPE_CHECKING:
    from fix_oms.journal.story import Event, Story


@click.command()
@click.argument("order")
@click.option("--raw/--no-raw", default=True, help="Show each FIX message under its words.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A journal's directory. Default: the configuration's.",
)
@json_option
@pass_app
def explain(app: App, order: str, raw: bool, journal: Path | None, as_json: bool) -> None:
    """Tell the story of one order, message by message.

    ORDER is any name it has: a ClOrdID of its chain, your own --ref, the broker's OrderID. The
    story is read from the journal, so it can be told while the engine runs and long after.

    \b
    Examples:
      fix-oms explain 1-7
      fix-oms explain 1-7 --no-raw
      fix-oms explain my-ref-42 --json
    """
    from fix_oms.cli.journals import journal_directory
    from fix_oms.journal.story import story

    directory = journal_directory(app, journal)
    found = story(directory, order)
    if found is None:
        raise BadInput(f"no order is known as {order!r} in {directory}")
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found, raw=raw)


def _as_json(found: Story) -> object:
    return {
        "order": plain(found.order),
        "events": [
            {
                "record": e.record,
                "time": iso(e.time_ns),
                "time_ns": e.time_ns,
                "way": {"->": "out", "<-": "in"}.get(e.way, "here"),
                "words": e.words,
                "fix": e.fix,
                "after": plain(e.after) if e.after is not None else None,
            }
            for e in found.events
        ],
    }


def _print(found: Story, *, raw: bool) -> None:
    from rich.text import Text

    from fix_oms.cli.tables import sentence

    screen = console()
    screen.print(Text(f"Order {found.order.reference}", style="bold"))
    for event in found.events:
        screen.print(_line(event))
        if raw and event.fix:
            screen.print(Text(" " * 16 + event.fix, style="dim"), soft_wrap=True)
        if event.after is not None:
            screen.print(Text(" " * 16 + "= " + sentence(event.after), style="cyan"))
    screen.print(Text.assemble("Now: ", (sentence(found.order), "bold")))


def _line(event: Event) -> object:
    from rich.text import Text

    style = {"->": "green", "<-": "yellow"}.get(event.way, "")
    return Text.assemble((clock(event.time_ns), "dim"), " ", (event.way, style), " ", event.words)
