"""``venue``: simulated FIX venues, run in a terminal of their own and played from another."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from fix_oms.cli import venue_acts, venue_play
from fix_oms.cli.app import console, json_option, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput, Failure, Unreachable
from fix_oms.model.errors import FixOmsError
from fix_oms.model.settings_text import nearest
from fix_oms.model.units import text_of
from fix_oms.simulator import acts
from fix_oms.simulator.control import BookView, Say, VenueClient, VenueUnreachable
from fix_oms.simulator.settings import DEFAULT_FILE, VenueSettings, VenuesFile, load, work_dir

_WORDS: Final[dict[str, Any]] = {"ignore_unknown_options": True}
"""A negative price or a text with a dash is an argument, not an option."""


class VenueGroup(click.Group):
    """``venue`` and ``venue CONFIG`` are short for ``venue run CONFIG``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        is_known = first in self.commands or first in ("-h", "--help")
        if not is_known and first and not first.startswith("-") and not _is_file(first):
            ctx.fail(f"There is no command {first!r}{nearest(first, list(self.commands))}")
        return super().parse_args(ctx, args if is_known else ["run", *args])


def _is_file(word: str) -> bool:
    return word.endswith(".toml") or Path(word).exists()


@click.group(cls=VenueGroup)
def venue() -> None:
    """Run simulated FIX venues to trade against.

    A venue is a FIX acceptor with a real order book. What it knows survives its restart. How it
    behaves (delays, partial fills, rejects, silence, being busy) stands in a TOML file and can be
    changed while it runs; its desk can fill, cancel, bust and correct by hand.

    \b
      fix-oms venue                            runs config/venues.toml, until Ctrl-C
      fix-oms venue run FILE --name ALPHA      runs one venue of a file
      fix-oms venue set ALPHA ack_delay_ms=500
      fix-oms venue act ALPHA fill 1-1 50 150.25
      fix-oms venue orders ALPHA
      fix-oms venue play ALPHA spec/order_state_matrices.yaml B.1.a
    """


# -- run ------------------------------------------------------------------------------------------


@venue.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_FILE)
@click.option("--name", "names", multiple=True, help="Only this venue of the file; repeatable.")
def run(config: Path, names: tuple[str, ...]) -> None:
    """Run the venues of CONFIG until Ctrl-C or SIGTERM.

    Each prints one line when it listens. CONFIG is config/venues.toml unless given.
    """
    from fix_oms.simulator.process import Fleet, VenueProcess  # brings QuickFIX

    file = load(config)
    chosen = {name: _settings(config, file, name) for name in names or file.venues}
    directory = work_dir(config, file)
    fleet = Fleet(
        tuple(VenueProcess(name, found, directory / name) for name, found in chosen.items())
    )
    fleet.start()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for name, found in chosen.items():
        click.echo(_ready_line(name, found))
    stop.wait()
    click.echo("stopping")
    fleet.stop()
    click.echo("stopped")


def _ready_line(name: str, settings: VenueSettings) -> str:
    clients, symbols = ", ".join(settings.clients), ", ".join(settings.listings)
    return (
        f"{name}: {settings.version} listens on 127.0.0.1:{settings.port} "
        f"as {settings.comp_id} for {clients}; trades {symbols}"
    )


# -- look -----------------------------------------------------------------------------------------


@venue.command(name="book")
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME [SYMBOL]")
@json_option
def show_book(words: tuple[str, ...], as_json: bool) -> None:
    """Show the books of a running venue, or that of one SYMBOL.

    \b
      fix-oms venue book ALPHA
      fix-oms venue book ALPHA AAPL --json
    """
    config, name, *symbol = _words(words, "[CONFIG] NAME [SYMBOL]", 1, 2)
    with _desk(config, name) as desk:
        books = desk.books(symbol[0] if symbol else None)
    if as_json:
        print_json([_book_json(book) for book in books])
        return
    from rich.table import Table

    for book in books:
        last = "" if book.last_px is None else f", last {text_of(book.last_px)}"
        table = Table("Bid size", "Bid", "Ask", "Ask size", title=f"{book.symbol}{last}")
        for n in range(max(len(book.bids), len(book.asks))):
            bid = [text_of(v) for v in reversed(book.bids[n])] if n < len(book.bids) else ["", ""]
            ask = [text_of(v) for v in book.asks[n]] if n < len(book.asks) else ["", ""]
            table.add_row(*bid, *ask)
        console().print(table)


def _book_json(book: BookView) -> dict[str, object]:
    return {
        "symbol": book.symbol,
        "bids": [{"price": text_of(p), "size": text_of(q)} for p, q in book.bids],
        "asks": [{"price": text_of(p), "size": text_of(q)} for p, q in book.asks],
        "last_px": None if book.last_px is None else text_of(book.last_px),
    }


@venue.command(name="orders")
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME")
@json_option
def show_orders(words: tuple[str, ...], as_json: bool) -> None:
    """List a running venue's orders: its own truth about them, with their ExecIDs.

    Ahead is how much at its price trades before an order that rests.
    """
    config, name = _words(words, "[CONFIG] NAME", 1, 1)
    with _desk(config, name) as desk:
        rows: list[dict[str, Any]] = [plain(order) for order in desk.orders()]
    if as_json:
        print_json(rows)
        return
    from rich.table import Table

    heads = ("Client", "ClOrdID", "State", "Side", "Filled", "Symbol", "Price", "Ahead", "ExecIDs")
    table = Table(*heads)
    for row in rows:
        marked = [f"{e['exec_id']}{' busted' if e['busted'] else ''}" for e in row["executions"]]
        filled = f"{row['cum_qty']}/{row['order_qty']}"
        cells = [row["session"], row["cl_ord_id"], row["ord_status"], row["side"], filled]
        cells += [row["symbol"], row["price"] or "", row["ahead"] or ""]
        table.add_row(*cells, " ".join(marked))
    console().print(table)


@venue.command(name="show")
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME")
@json_option
def show_state(words: tuple[str, ...], as_json: bool) -> None:
    """Show how a running venue behaves, and who is logged on."""
    config, name = _words(words, "[CONFIG] NAME", 1, 1)
    with _desk(config, name) as desk:
        state = desk.state()
    if as_json:
        print_json(plain(state))
        return
    click.echo(f"{state.name}: {'closed' if state.is_closed else 'open'}")
    click.echo(f"logged on: {', '.join(state.logged_on) or 'nobody'}")
    for key, value in state.behaviour.items():
        click.echo(f"  {key} = {str(value).lower() if isinstance(value, bool) else value}")


# -- change ---------------------------------------------------------------------------------------


@venue.command(name="set", context_settings=_WORDS)
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME KEY=VALUE...")
def set_behaviour(words: tuple[str, ...]) -> None:
    """Change how a running venue behaves, until it is started again.

    \b
      fix-oms venue set ALPHA ack_delay_ms=2000
      fix-oms venue set BETA fill_slices=3 fill_interval_ms=500
      fix-oms venue set ALPHA silence=on
    """
    config, name, *pairs = _words(words, "[CONFIG] NAME KEY=VALUE...", 2, None)
    for pair in pairs:
        if "=" not in pair:
            raise BadInput(f"{pair!r}: write KEY=VALUE, for example ack_delay_ms=500")
    with _desk(config, name) as desk:
        for pair in pairs:
            key, _, value = pair.partition("=")
            try:
                desk.perform(acts.Set(key=key, value=value))
            except VenueUnreachable:
                raise
            except FixOmsError as error:
                raise BadInput(str(error)) from None
            click.echo(f"{name}: {key} = {value}")


@venue.command(
    context_settings=_WORDS,
    help=f"""Do something by hand at a running venue.

\b
{venue_acts.help_text()}

ORDER is a ClOrdID or an OrderID; EXECID is listed by `fix-oms venue orders NAME`.

\b
  fix-oms venue act ALPHA fill 1-1 50 150.25
  fix-oms venue act ALPHA cancel 1-1 "halted"
""",
)
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME ACT [WORDS]...")
def act(words: tuple[str, ...]) -> None:
    config, name, kind, *rest = _words(words, "[CONFIG] NAME ACT [WORDS]...", 2, None)
    wanted = venue_acts.made(kind, rest)
    with _desk(config, name) as desk:
        if isinstance(wanted, Say):
            desk.say(wanted.session, wanted.text)
            sent = 1
        else:
            sent = desk.perform(wanted)
    click.echo(f"{name}: {kind} done, {sent} message{'' if sent == 1 else 's'} sent")


@venue.command()
@click.argument("words", nargs=-1, metavar="[CONFIG] NAME FILE ID")
@click.option("--branch", default="", metavar="T", help="The alternative at this time of it.")
@click.option("--client", help="Play to this client; not needed where there is one only.")
@click.option("--symbol", help="Play with orders for this symbol; the first one's unless given.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0.001),
    default=60.0,
    help="Seconds to wait for each request.",
)
@click.option("--no-follow", is_flag=True, help="Begin, and do not wait for the end.")
def play(
    words: tuple[str, ...],
    branch: str,
    client: str | None,
    symbol: str | None,
    timeout_s: float,
    no_follow: bool,
) -> None:
    """Play the broker of the published scenario ID of FILE.

    The venue waits for the scenario's requests one after the other, and answers each with the
    reports that are published for it. What is awaited next is said as it goes on.

    \b
      fix-oms venue play ALPHA spec/order_state_matrices.yaml C.1.b
      fix-oms venue play ALPHA spec/order_state_matrices.yaml B.1.a --branch 4
    """
    config, name, file, scenario = _words(words, "[CONFIG] NAME FILE ID", 3, 3)
    settings = _settings(Path(config), load(Path(config)), name)
    script = venue_play.script(file, scenario, branch, settings.version)
    session = venue_play.client(settings.clients, client)
    wanted = acts.Play(
        session=session, script=script, symbol=symbol, timeout_ms=round(timeout_s * 1000)
    )
    with _desk(config, name) as desk:
        desk.perform(wanted)
        click.echo(f"{name} plays {script.name} to {session}: {script.title}")
        if no_follow:
            return
        view = venue_play.follow(desk, session, script, click.echo)
    if view.error:
        raise Failure(view.error)
    click.echo(f"{script.name} was played to its end")


# -- where a venue is ------------------------------------------------------------------------------


def _words(words: Sequence[str], usage: str, fewest: int, most: int | None) -> list[str]:
    """CONFIG (the default where none is given) and the other words."""
    given = bool(words) and words[0].endswith(".toml")
    config, rest = (words[0], words[1:]) if given else (DEFAULT_FILE, words)
    if len(rest) < fewest or (most is not None and len(rest) > most):
        raise BadInput(f"the arguments are {usage}")
    return [config, *rest]


def _settings(config: Path, file: VenuesFile, name: str) -> VenueSettings:
    venues: Mapping[str, VenueSettings] = file.venues
    if name not in venues:
        known = ", ".join(venues)
        hint = nearest(name, list(venues)) or f" (there is {known})"
        raise BadInput(f"{config}: there is no venue {name!r}{hint}")
    return venues[name]


def _desk(config: str, name: str) -> VenueClient:
    path = Path(config)
    file = load(path)
    _settings(path, file, name)
    try:
        return VenueClient(work_dir(path, file) / name)
    except VenueUnreachable as error:
        raise Unreachable(f"{error} (start it with `fix-oms venue {config}`)") from None
