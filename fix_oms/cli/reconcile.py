"""``reconcile``: our executions and positions beside a broker's, and the ledger of what differs."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import click

from fix_oms.cli import asked, complete
from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.exits import BadInput, Exit
from fix_oms.cli.reconcile_breaks import breaks
from fix_oms.model.validators import TIME_OF_DAY

if TYPE_CHECKING:
    from fix_oms.followers.break_ledger import Entry
    from fix_oms.followers.comparing import Asked, Day
    from fix_oms.followers.live import Live
    from fix_oms.reconcile.broker import Clock

F = TypeVar("F", bound=Callable[..., Any])
FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group()
def reconcile() -> None:
    """Compare executions and positions with a broker's; keep the ledger of breaks.

    Each difference is one break of one class: missing here, missing there, duplicate, symbol, side,
    quantity, price, account; or a position that no break of executions explains. Found breaks stand
    in a ledger with age, owner and resolution (`fix-oms reconcile breaks`).

    Exit code 0: no break is open; 1: breaks are open; 2: the files cannot be used.

    \b
      fix-oms reconcile csv config/examples/end-of-day.toml --fills fills.csv
      fix-oms reconcile csv clearer.toml --fills fills.csv --positions positions.csv --json
      fix-oms reconcile log ALPHA dropcopy.log --day 2026-11-27
      fix-oms reconcile live
      fix-oms reconcile breaks
      fix-oms reconcile breaks assign 3 ann
    """


reconcile.add_command(breaks)


def _options(command: F) -> Callable[..., Any]:
    """What both comparisons take; ``wanted`` and ``look`` gather it."""

    @click.option("--day", metavar="DATE", help="The trading day.  [default: that of most rows]")
    @click.option("--cut-off", metavar="HH:MM", help="When the file was cut, in its time zone.")
    @click.option("--partial", is_flag=True, help="The file is a part: what it lacks is no break.")
    @click.option("--allow-empty", is_flag=True, help="A file without rows is right so.")
    @click.option("--dry-run", is_flag=True, help="Show what is found and leave the ledger alone.")
    @click.option(
        "--journal",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="A journal's directory. Default: the configuration's.",
    )
    @click.option("--ledger", type=FILE, help="The ledger. Default: beside the journal.")
    @asked.by_option
    @json_option
    @pass_app
    @functools.wraps(command)
    def collected(
        app: App,
        /,
        *args: Any,
        day: str | None,
        cut_off: str | None,
        partial: bool,
        allow_empty: bool,
        dry_run: bool,
        journal: Path | None,
        ledger: Path | None,
        by: str,
        as_json: bool,
        **others: Any,
    ) -> None:
        from fix_oms.cli.journals import journal_directory
        from fix_oms.followers.comparing import Asked

        wanted = Asked(
            day=None if day is None else day_number(day),
            cut_off=None if cut_off is None else _time_of_day(cut_off),
            is_whole=not partial,
            allow_empty=allow_empty,
        )
        directory = journal_directory(app, journal)
        found = _found(functools.partial(command, *args, **others), directory, wanted)
        where = None if dry_run else ledger or ledger_beside(directory)
        _tell(found, where, by, as_json=as_json)

    return collected


def _found(command: Callable[..., Day], journal: Path, wanted: Asked) -> Day:
    """What the comparison finds; of a day long gone in a state that still had its orders."""
    from fix_oms.followers.comparing import Forgotten
    from fix_oms.followers.ours import state_of

    try:
        return command(state=functools.partial(state_of, journal), wanted=wanted)
    except Forgotten as error:
        older = functools.partial(state_of, journal, error.since_ns)
        return command(state=older, wanted=attrs.evolve(wanted, only_day=True))


@reconcile.command()
@click.argument("mapping", type=FILE)
@click.option("--fills", type=FILE, help="The broker's executions, CSV.")
@click.option("--positions", type=FILE, help="The broker's positions, CSV.")
@_options
def csv(
    state: Callable[[], Any],
    wanted: Asked,
    mapping: Path,
    fills: Path | None,
    positions: Path | None,
) -> Day:
    """Compare with a broker's CSV files, which a MAPPING (TOML) explains.

    The mapping says which column is what, how numbers and times are written, the time zone and the
    cut-off: config/examples/end-of-day.toml is one to copy from. A position that differs is shown
    with the breaks of executions that explain it; what they do not explain is a break of its own.

    \b
      fix-oms reconcile csv clearer.toml --fills fills.csv
      fix-oms reconcile csv clearer.toml --fills fills.csv --positions positions.csv
      fix-oms reconcile csv clearer.toml --fills noon.csv --cut-off 12:00
      fix-oms reconcile csv clearer.toml --fills fills.csv --dry-run --json
    """
    from fix_oms.followers.comparing import compare_csv
    from fix_oms.followers.files import load_mapping

    if fills is None and positions is None:
        raise BadInput("give --fills, --positions or both: nothing was compared")
    broker, zone = load_mapping(mapping)
    return compare_csv(state(), broker, zone, fills, positions, wanted)


@reconcile.command()
@click.argument("session", shell_complete=complete.sessions)
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--timezone", default="UTC", show_default=True, help="Where its days are counted.")
@_options
def log(
    state: Callable[[], Any],
    wanted: Asked,
    session: str,
    files: tuple[Path, ...],
    timezone: str,
) -> Day:
    """Compare with logs of FIX messages: a drop copy of SESSION's orders.

    Fields may be apart by SOH, | or ^A, and a line may begin with a time. ExecutionReports (35=8)
    of trades, corrections and busts count, and TradeCaptureReports (35=AE); all else is passed
    over.

    \b
      fix-oms reconcile log ALPHA dropcopy.log
      fix-oms reconcile log ALPHA monday.log tuesday.log --day 2026-11-24
    """
    from fix_oms.followers.comparing import compare_log
    from fix_oms.followers.files import zone_of

    return compare_log(
        state(), session, files, zone_of(timezone, "reconcile", "--timezone"), wanted
    )


@reconcile.command()
@click.option("--timezone", default="UTC", show_default=True, help="Where its days are counted.")
@click.option("--dry-run", is_flag=True, help="Show what is found and leave the ledger alone.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A journal's directory. Default: the configuration's.",
)
@click.option("--ledger", type=FILE, help="The ledger. Default: beside the journal.")
@asked.by_option
@json_option
@pass_app
def live(
    app: App,
    timezone: str,
    dry_run: bool,
    journal: Path | None,
    ledger: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Tell what drop copies tell otherwise than our sessions, now.

    A session with `drop_copy_of` in the configuration only listens: the engine compares what it
    tells with our executions as they come, and raises an alert for what differs or is missing after
    a grace. This puts it into the ledger, under the numbers that a file of the same day would have.

    \b
      fix-oms reconcile live
      fix-oms reconcile live --timezone America/New_York --json
    """
    from fix_oms.cli.journals import journal_directory
    from fix_oms.followers.files import zone_of
    from fix_oms.followers.live import live_of
    from fix_oms.followers.ours import state_of
    from fix_oms.reconcile.broker import Clock

    directory = journal_directory(app, journal)
    clock = Clock(zone=zone_of(timezone, "reconcile", "--timezone"))
    found = live_of(state_of(directory), clock)
    if not found:
        raise BadInput("no session is a drop copy: nothing was compared (see drop_copy_of)")
    where = None if dry_run else ledger or ledger_beside(directory)
    _tell_live(found, clock, where, by, as_json=as_json)


def ledger_beside(journal: Path) -> Path:
    """Where the ledger of a journal is."""
    return journal.with_name(f"{journal.name}.breaks")


def day_number(text: str) -> int:
    """A day as YYYYMMDD. Raises a bad-input failure."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--day {text!r} is no date (YYYY-MM-DD): nothing was compared") from None
    return found.year * 10_000 + found.month * 100 + found.day


def _time_of_day(text: str) -> str:
    if not TIME_OF_DAY.fullmatch(text):
        raise BadInput(f"--cut-off {text!r} is no time of day (HH:MM): nothing was compared")
    return text


def _tell_live(
    found: list[Live], clock: Clock, where: Path | None, by: str, *, as_json: bool
) -> None:
    from fix_oms.cli import reconcile_tables as tables

    entries: list[Entry] | None = None
    now_ns = time.time_ns()
    if where is not None:
        from fix_oms.followers.break_ledger import BreakLedger, Run
        from fix_oms.followers.live import SOURCE

        with BreakLedger(where) as ledger:
            entries = []
            for one in found:
                run = Run(
                    counterparty=one.session,
                    source=f"{SOURCE}{one.copy}",
                    day=clock.day(now_ns),
                    by=by,
                    at_ns=now_ns,
                )
                ledger.record(run, one.breaks, one.agreed, own_only=True)
                entries += ledger.entries(counterparty=one.session)
    if as_json:
        print_json(tables.live_as_json(found, entries))
    else:
        screen = console()
        for part in tables.live_page(found, entries, now_ns, screen.width):
            screen.print(part)
    if entries if entries is not None else any(one.breaks for one in found):
        raise click.exceptions.Exit(Exit.REFUSED)


def _tell(found: Day, where: Path | None, by: str, *, as_json: bool) -> None:
    """Record what was found, unless it was only looked at, and say what is open now."""
    from fix_oms.cli import reconcile_tables as tables

    entries: list[Entry] | None = None
    now_ns = time.time_ns()
    if where is not None:
        from fix_oms.followers.break_ledger import BreakLedger, Run

        run = Run(
            counterparty=found.counterparty,
            source=found.source,
            day=found.day,
            by=by,
            at_ns=now_ns,
        )
        with BreakLedger(where) as ledger:
            ledger.record(run, found.breaks, found.agreed, whole=found.whole)
            entries = ledger.entries(counterparty=found.counterparty)
    if as_json:
        print_json(tables.day_as_json(found, entries))
    else:
        screen = console()
        for part in tables.day_page(found, entries, now_ns, screen.width):
            screen.print(part)
    if entries if entries is not None else found.breaks:
        raise click.exceptions.Exit(Exit.REFUSED)
