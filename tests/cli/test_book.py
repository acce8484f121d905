"""``book``: all venues' levels as one, and what each venue's book is worth."""

from __future__ import annotations

import json

import pytest

from fix_oms.model.protocol import Book
from fix_oms.model.units import fixed
from fix_oms.model.views import BookRow, SourceView
from tests.cli.conftest import Shell


def row(venue: str, side: str, price: str, size: str) -> BookRow:
    return BookRow(venue=venue, is_bid=side == "bid", price=fixed(price), size=fixed(size))


def book(bid: str = "150.24", offer: str = "150.26") -> Book:
    return Book(
        symbol="AAPL",
        rows=(
            row("ALPHA", "bid", bid, "300"),
            row("BETA", "bid", "150.2", "1250"),
            row("BETA", "offer", offer, "200"),
        ),
        sources=(
            SourceView(venue="ALPHA", state="fresh", age_ns=1_250_000_000),
            SourceView(venue="BETA", state="fresh", age_ns=0),
            SourceView(venue="DARK", state="missing", age_ns=-1),
        ),
        bid=fixed(bid),
        offer=fixed(offer),
        middle=(fixed(bid) + fixed(offer)) // 2,
    )


def test_bids_stand_left_and_offers_right_best_first(shell: Shell) -> None:
    shell.engine.routing.books["AAPL"] = book()
    done = shell.run("book", "AAPL")
    assert [line.rstrip() for line in done.output.splitlines()] == [
        "AAPL  150.24 / 150.26  middle 150.25  spread 0.02",
        "",
        "Venue  Size     Bid      Offer  Size  Venue",
        "───────────────────────────────────────────",
        "ALPHA   300  150.24  |  150.26   200  BETA",
        "BETA   1250   150.2  |",
        "",
        "Venue  Book       Age",
        "─────────────────────",
        "ALPHA  fresh    1.2 s",
        "BETA   fresh    0.0 s",
        "DARK   missing",
        "missing: nothing was told, or not which of its session's venues it is of",
    ]


ACROSS = [("150.26", "150.26", "locked"), ("150.27", "150.26", "crossed")]


@pytest.mark.parametrize(("bid", "offer", "word"), ACROSS)
def test_a_locked_or_crossed_market_says_so(shell: Shell, bid: str, offer: str, word: str) -> None:
    shell.engine.routing.books["AAPL"] = book(bid, offer)
    assert f"{word}: one venue's bid is" in shell.run("book", "AAPL").output


def test_programs_get_exact_texts(shell: Shell) -> None:
    shell.engine.routing.books["AAPL"] = book()
    found = json.loads(shell.run("book", "AAPL", "--json").output)
    assert (found["bid"], found["middle"], found["rows"][1]["size"]) == ("150.24", "150.25", "1250")
    assert found["sources"][0] == {"venue": "ALPHA", "state": "fresh", "age_ns": 1_250_000_000}


def test_a_symbol_that_nobody_defined_is_bad_input(shell: Shell) -> None:
    done = shell.run("book", "NONE")
    assert (done.exit_code, "no instrument 'NONE' is configured" in done.output) == (2, True)
