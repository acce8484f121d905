"""``book``: what all venues of a symbol show, side by side."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fix_oms.cli import complete, parse
from fix_oms.cli.app import App, console, json_option, pass_app, print_json
from fix_oms.cli.as_json import plain
from fix_oms.cli.exits import BadInput
from fix_oms.cli.tables import plain_table
from fix_oms.cli.words import SECOND
from fix_oms.model.protocol import Book
from fix_oms.model.units import Fixed, text_of
from fix_oms.model.views import BookRow, SourceView

_STYLES: Final = {"fresh": "green", "stale": "yellow", "missing": "dim"}
_MEANINGS: Final = {
    "stale": "nothing has been told for too long (engine.quote_max_age_s)",
    "crossed": "its bid is above its offer",
    "gap": "changes are missing: it waits for a snapshot",
    "missing": "nothing was told, or not which of its session's venues it is of",
}
_SIDE: Final = 3
"""Columns of one side: venue, size and price."""


@click.command()
@click.argument("symbol", shell_complete=complete.symbols)
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="So many levels of each venue; 0 for all.",
)
@json_option
@pass_app
def book(app: App, symbol: str, depth: int, as_json: bool) -> None:
    """Show the books of a symbol at all its venues as one.

    Bids stand on the left and offers on the right, best price first, and at one price the venues in
    the order of the instrument's list. Only fresh books count for the best bid and offer and are
    traded with; the levels of others are dimmed. Fees are not in these prices.

    \b
      fix-oms book AAPL
      fix-oms book AAPL --depth 3
      fix-oms book AAPL --json
    """
    with app.client() as client:
        found = client.book(parse.symbol(symbol), depth)
    if not found.sources:
        raise BadInput(f"no instrument {symbol!r} is configured")
    if as_json:
        print_json(plain(found))
    else:
        console().print(book_page(found))


def book_page(book: Book) -> RenderableType:
    """What the best is, the levels of both sides, and what each venue's book is worth."""
    parts: list[RenderableType] = [_best(book)]
    if book.rows:
        parts += ["", _levels(book)]
    parts += ["", _sources(book.sources)]
    states = dict.fromkeys(source.state for source in book.sources)
    said = [f"{state}: {_MEANINGS[state]}" for state in states if state in _MEANINGS]
    return Group(*parts, *([Text("\n".join(said), style="dim")] if said else []))


def _best(book: Book) -> Text:
    """``AAPL  150.24 / 150.26  middle 150.25  spread 0.02``, and what is unusual about it."""
    text = Text(book.symbol, style="bold")
    text.append(f"  {_price(book.bid)} / {_price(book.offer)}", style="bold")
    if book.middle is not None:
        text.append(f"  middle {text_of(book.middle)}", style="not bold")
    if book.bid is not None and book.offer is not None:
        spread = book.offer - book.bid
        if spread > 0:
            text.append(f"  spread {text_of(spread)}", style="not bold")
        elif spread == 0:
            text.append("  locked: one venue's bid is another's offer", style="yellow")
        else:
            text.append("  crossed: one venue's bid is above another's offer", style="yellow")
    return text


def _price(price: Fixed | None) -> str:
    return "none" if price is None else text_of(price)


def _levels(book: Book) -> Table:
    table = plain_table("Venue", ">Size", ">Bid", "", ">Offer", ">Size", "Venue")
    fresh = {source.venue for source in book.sources if source.state == "fresh"}
    bids = [row for row in book.rows if row.is_bid]
    offers = [row for row in book.rows if not row.is_bid]
    for bid, offer in zip_longest(bids, offers):
        left, right = _cells(bid, fresh, book.bid), _cells(offer, fresh, book.offer)
        table.add_row(*left, "|", *reversed(right))
    return table


def _cells(row: BookRow | None, fresh: set[str], best: Fixed | None) -> list[Text]:
    """Venue, size and price, bold where nobody is better."""
    if row is None:
        return [Text("")] * _SIDE
    style = "dim" if row.venue not in fresh else "bold" if row.price == best else ""
    words = (row.venue, text_of(row.size), text_of(row.price))
    return [Text(word, style=style) for word in words]


def _sources(sources: tuple[SourceView, ...]) -> Table:
    table = plain_table("Venue", "Book", ">Age")
    for source in sources:
        age = f"{source.age_ns / SECOND:,.1f} s" if source.age_ns >= 0 else ""
        style = _STYLES.get(source.state, "red")
        table.add_row(source.venue, Text(source.state, style=style), age)
    return table
