"""``fix-oms explain``: the story of one order, from the journal; or of one parent, or one algo.

A running engine keeps a parent's newest decisions, so that its story costs no reading of the
journal; without one, or for all of them, it is read there.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.text import Text

from fix_oms.cli import complete, tables
from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.cli.parent_story import print_story, story_json
from fix_oms.cli.words import clock, iso
from fix_oms.client import ClientError
from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.protocol import ParentFound
from fix_oms.model.units import text_of
from fix_oms.model.views import OrderView

if TYPE_CHECKING:
    from rich.console import Console

    from fix_oms.journal.story import Event, Story

INDENT: Final = " " * 16
_WAYS: Final = {"->": "green", "<-": "yellow"}


@click.command()
@click.argument("order", shell_complete=complete.orders_and_parents)
@click.option("--raw/--no-raw", default=True, help="Show each FIX message under its words.")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Of a parent or algo: the newest N decisions.",
)
@click.option("--all", "all_of_them", is_flag=True, help="Of a parent or algo: all of them.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A journal's directory. Default: the configuration's.",
)
@json_option
@pass_app
def explain(
    app: App,
    order: str,
    raw: bool,
    last: int,
    all_of_them: bool,
    journal: Path | None,
    as_json: bool,
) -> None:
    """Tell the story of one order, message by message; or of a parent or algo.

    ORDER is any name it has: a ClOrdID of its chain, your own --ref, the broker's OrderID. The
    story is read from the journal, so it can be told while the engine runs and long after.

    Each line says who did what and why it matters, with -> for what we sent and <- for what the
    broker said; = the state that the order came to, ! what does not add up or ceased not to.

    Of a parent, by its ref, it is told decision by decision what the router saw (each venue's
    levels within the limit, how old, at which fees, or why nothing may go there), what it decided
    and why, and what each child came to. Of an algo, by its ref, what was asked of it, and what it
    did at which event.

    \b
    Examples:
      fix-oms explain 1-7
      fix-oms explain 1-7 --no-raw
      fix-oms explain my-ref-42 --json
      fix-oms explain AAPL-142530-k7q --all
    """
    parent = _running_parent(app, order, all_of_them) if journal is None else None
    if parent is None:
        from fix_oms.cli.journals import journal_directory
        from fix_oms.journal.story import story
        from fix_oms.journal.story_parent import parent_story

        directory = journal_directory(app, journal)
        found = story(directory, order)
        if found is not None:
            print_json(_as_json(found)) if as_json else _print(found, raw=raw)
            return
        parent = parent_story(directory, order)
        if parent is None:
            _explain_algo(directory, order, 0 if all_of_them else last, as_json=as_json)
            return
    if as_json:
        print_json(story_json(parent))
    else:
        print_story(console(), parent, 0 if all_of_them else last)


def _running_parent(app: App, name: str, all_of_them: bool) -> ParentFound | None:
    """The parent as a running engine has it; None where the journal has to be read."""
    try:
        with app.client(timeout_s=2.0) as client:
            found = client.parent(name)
    except ClientError:
        return None
    if found.parent is None or (all_of_them and len(found.decisions) < found.parent.decisions):
        return None
    return found


def _explain_algo(directory: Path, ref: str, last: int, *, as_json: bool) -> None:
    from fix_oms.cli.algo_story import algo_story_json, print_algo_story
    from fix_oms.journal.story_algo import algo_story

    found = algo_story(directory, ref)
    if found is None:
        raise BadInput(f"no order, no parent and no algo is known as {ref!r} in {directory}")
    if as_json:
        print_json(algo_story_json(found))
    else:
        print_algo_story(console(), found, last)


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
                "notes": e.notes,
                "fix": e.fix,
                "after": plain(e.after) if e.after is not None else None,
            }
            for e in found.events
        ],
    }


def _print(found: Story, *, raw: bool) -> None:
    screen = console()
    screen.print(Text(_heading(found.order), style="bold"))
    day = ""
    for event in found.events:
        if iso(event.time_ns)[:10] != day:
            day = iso(event.time_ns)[:10]
            screen.print(Text(f"{day} (UTC)", style="dim"))
        _print_event(screen, event, raw=raw)
    screen.print(Text("Now: " + tables.sentence(found.order), style="bold"))


def _print_event(screen: Console, event: Event, *, raw: bool) -> None:
    head = Text.assemble(
        (clock(event.time_ns), "dim"), " ", (event.way, _WAYS.get(event.way, "")), " "
    )
    _under(screen, event.words, head)
    if raw and event.fix:
        screen.print(Text(INDENT + event.fix, style="dim"), soft_wrap=True)
    for note in event.notes:
        _under(screen, f"! {note}", style="red")
    if event.after is not None:
        _under(screen, f"= {_standing(event.after, event.was)}", style="cyan")


def _under(screen: Console, words: str, head: Text | None = None, style: str = "") -> None:
    """Print words to the right of the times, however many lines they take."""
    width = max(20, screen.width - len(INDENT))
    lines = textwrap.wrap(words, width, break_on_hyphens=False) or [""]
    for n, line in enumerate(lines):
        start = head if head is not None and n == 0 else Text(INDENT)
        screen.print(Text.assemble(start, (line, style)), soft_wrap=True)


def _heading(order: OrderView) -> str:
    names = [f"ref {order.client_ref}"] if order.client_ref else []
    names += [f"OrderID(37) {order.order_id}"] if order.order_id else []
    also = f" ({', '.join(names)})" if names else ""
    return f"Order {order.reference}{also}"


def _standing(order: OrderView, was: OrderView | None) -> str:
    """``PartiallyFilled 40/100 @ 10, 60 left (was New 0/100)``, and what is not settled."""
    short = _short(order)
    told = short + (f" @ {text_of(order.avg_px)}" if order.cum_qty else "")
    told += f", {text_of(order.leaves_qty)} left" if order.leaves_qty else ""
    if was is not None and _short(was) != short:
        told += f" (was {_short(was)})"
    return "; ".join([told, *_unsettled(order)])


def _short(order: OrderView) -> str:
    return f"{word(OrdStatus, order.ord_status)} {tables.done_words(order)}"


def _unsettled(order: OrderView) -> list[str]:
    """What is waited for, and what of the numbers stands on the broker's word alone."""
    said = []
    if order.provisional_qty:
        said.append(f"{text_of(order.provisional_qty)} of it not yet proven by an execution")
    if order.unexplained_qty:
        said.append(f"{text_of(order.unexplained_qty)} not explained")
    said += ["uncertain"] if order.uncertain else []
    for request in order.requests:
        if request.outcome == "pending" and request.kind in order.pending:
            doubt = " and is in doubt" if request.in_doubt else ""
            said.append(f"{request.kind} {request.cl_ord_id} awaits its answer{doubt}")
    return said
