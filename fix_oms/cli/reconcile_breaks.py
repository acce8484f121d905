"""``reconcile breaks``: the ledger of breaks, looked at and worked through."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fix_oms.cli import asked, parse
from fix_oms.cli.app import App, console, json_option, pass_app, print_json, print_json_list
from fix_oms.cli.exits import BadInput, Exit
from fix_oms.client import Refused
from fix_oms.model.errors import FixOmsError

if TYPE_CHECKING:
    from fix_oms.followers.break_ledger import BreakLedger, Entry

LEDGER: Final = click.option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The ledger. Default: beside the configuration's journal.",
)


@click.group(invoke_without_command=True)
@click.pass_context
def breaks(ctx: click.Context) -> None:
    """List the open breaks; say whose they are, and how they end.

    Alone it is `fix-oms reconcile breaks list`. A break keeps its number from day to day. It ends
    when a comparison no longer finds it, or by a person's word; found again, it is open again.

    \b
      fix-oms reconcile breaks
      fix-oms reconcile breaks show 3
      fix-oms reconcile breaks assign 3 ann
      fix-oms reconcile breaks note 3 "asked the broker, ticket 4711"
      fix-oms reconcile breaks resolve 3 --reason "broker books it tomorrow"
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@breaks.command("list")
@click.option("--all", "all_", is_flag=True, help="The settled ones as well.")
@click.option("--counterparty", metavar="NAME", help="Only this one's.")
@click.option("--owner", metavar="NAME", help="Only those of this person.")
@LEDGER
@json_option
@pass_app
def list_(
    app: App,
    all_: bool = False,
    counterparty: str | None = None,
    owner: str | None = None,
    ledger: Path | None = None,
    as_json: bool = False,
) -> None:
    """List the open breaks, oldest first. Exit code 1 if there are any.

    \b
      fix-oms reconcile breaks list
      fix-oms reconcile breaks list --all --counterparty ALPHA
      fix-oms reconcile breaks list --owner ann --json
    """
    from fix_oms.cli import reconcile_tables as tables
    from fix_oms.followers.break_ledger import OPEN

    with _opened(app, ledger) as book:
        found = book.entries(open_only=not all_, counterparty=counterparty)
    found = [entry for entry in found if owner in (None, entry.owner)]
    if as_json:
        print_json_list(tables.entry_as_json(entry) for entry in found)
    elif not found:
        click.echo("no breaks" if all_ else "no open breaks")
    else:
        screen = console()
        screen.print(tables.breaks_table(found, time.time_ns(), screen.width))
    if any(entry.state == OPEN for entry in found):
        raise click.exceptions.Exit(Exit.REFUSED)


@breaks.command()
@click.argument("number", type=int)
@LEDGER
@json_option
@pass_app
def show(app: App, number: int, ledger: Path | None, as_json: bool) -> None:
    """Show one break: what both sides say, and what has happened to it.

    \b
      fix-oms reconcile breaks show 3
      fix-oms reconcile breaks show 3 --json
    """
    from fix_oms.cli import reconcile_tables as tables

    with _opened(app, ledger) as book:
        entry, history = book.entry(number), book.history(number)
    if as_json:
        print_json(tables.entry_as_json(entry, history))
    else:
        click.echo("\n".join(tables.entry_page(entry, history, time.time_ns())))


@breaks.command()
@click.argument("number", type=int)
@click.argument("owner")
@asked.by_option
@LEDGER
@json_option
@pass_app
def assign(app: App, number: int, owner: str, by: str, ledger: Path | None, as_json: bool) -> None:
    """Say whose break it is: OWNER, or "" for nobody's.

    \b
      fix-oms reconcile breaks assign 3 ann
    """
    owner = parse.text_field(0, owner, "OWNER") if owner else ""
    _done(app, ledger, lambda book: book.assign(number, owner, by, time.time_ns()), as_json=as_json)


@breaks.command()
@click.argument("number", type=int)
@click.argument("text")
@asked.by_option
@LEDGER
@json_option
@pass_app
def note(app: App, number: int, text: str, by: str, ledger: Path | None, as_json: bool) -> None:
    """Add to a break's history what was found out or done.

    \b
      fix-oms reconcile breaks note 3 "asked the broker, ticket 4711"
    """
    said = parse.text_field(0, text, "TEXT")
    _done(app, ledger, lambda book: book.note(number, said, by, time.time_ns()), as_json=as_json)


@breaks.command()
@click.argument("number", type=int)
@asked.reason_option
@click.option(
    "--accept", is_flag=True, help="It may stay as it is: found unchanged, it stays settled."
)
@asked.by_option
@LEDGER
@json_option
@pass_app
def resolve(
    app: App,
    number: int,
    reason: str,
    accept: bool,
    by: str,
    ledger: Path | None,
    as_json: bool,
) -> None:
    """Settle a break for a reason.

    Found by a later comparison it is open again: what is resolved should be gone. With --accept it
    may stay, and is open again only when it has changed. A break that a drop copy has found is
    settled in the running engine as well, so that its alert ends.

    \b
      fix-oms reconcile breaks resolve 3 --reason "broker has booked it, ticket 4711"
      fix-oms reconcile breaks resolve 4 --accept --reason "a cent of rounding, agreed with ALPHA"
    """
    entry = _done(
        app,
        ledger,
        lambda book: book.resolve(number, reason, by, time.time_ns(), accept=accept),
        as_json=as_json,
    )
    _settle_live(app, entry, reason, by)


def _settle_live(app: App, entry: Entry, reason: str, by: str) -> None:
    """Tell the engine, where its own comparison with a drop copy has found the break."""
    from fix_oms.followers.live import SOURCE
    from fix_oms.model.commands import SettleBreak

    if not entry.found_by.startswith(SOURCE):
        return
    sides = [side for side in (entry.found.ours, entry.found.theirs) if side is not None]
    command = SettleBreak(
        by=by,
        session=entry.counterparty,
        exec_ids=tuple(dict.fromkeys(e for side in sides for e in side.exec_ids)),
        reason=reason,
    )
    try:
        with app.client() as client:
            answer = client.submit(command)
    except (FixOmsError, BadInput) as error:
        click.echo(f"the engine was not told, so its alert stays: {error}", err=True)
    else:
        if isinstance(answer, Refused):
            click.echo(f"the engine holds it no more: {answer.text}", err=True)


def _opened(app: App, given: Path | None) -> BreakLedger:
    from fix_oms.cli.journals import journal_directory
    from fix_oms.cli.reconcile import ledger_beside
    from fix_oms.followers.break_ledger import BreakLedger

    path = given or ledger_beside(journal_directory(app, None))
    if not path.exists():
        raise BadInput(f"{path}: no ledger yet (has anything been compared?)")
    return BreakLedger(path)


def _done(
    app: App, given: Path | None, act: Callable[[BreakLedger], Entry], *, as_json: bool
) -> Entry:
    from fix_oms.cli import reconcile_tables as tables

    with _opened(app, given) as book:
        entry = act(book)
    if as_json:
        print_json(tables.entry_as_json(entry))
    else:
        click.echo(tables.sentence(entry))
    return entry
