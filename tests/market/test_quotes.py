"""The top of a venue's book, and when it is no reference for anything."""

from __future__ import annotations

import pytest

from fix_oms.market.quotes import Quotes
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry

AGE = 60


def entry(
    kind: str, price: int | None, action: str | None = None, *, name: str = "", size: int = 1
) -> MDEntry:
    return MDEntry(
        entry_type=kind,
        price=price,
        size=size,
        action=action,
        symbol="AAPL" if action else None,
        entry_id=name or None,
    )


def quoted(*changes: MDEntry) -> Quotes:
    quotes = Quotes()
    entries = (entry("0", 99, name="b"), entry("1", 101, name="o"))
    quotes.snapshot("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries), 0)
    quotes.incremental("ALPHA", MarketDataIncremental(entries=changes), 1)
    return quotes


def near(quotes: Quotes, *, buys: bool = True, now: int = 1) -> int | None:
    return quotes.near("ALPHA", "AAPL", buys, now, AGE)


def test_a_buy_would_trade_at_the_offer_and_a_sell_at_the_bid() -> None:
    quotes = quoted()
    assert (near(quotes), near(quotes, buys=False)) == (101, 99)


CHANGES = {
    "a better offer": ((entry("1", 100, "0", name="p"),), 100),
    "a changed offer": ((entry("1", 105, "1", name="o"),), 105),
    "a deleted offer": ((entry("1", None, "2", name="o"),), None),
    "an offer of size 0": ((entry("1", 101, "1", name="o", size=0),), None),
    "a trade": ((entry("2", 50, "0", name="t"),), 101),
    "a crossing bid": ((entry("0", 102, "1", name="b"),), None),
}


@pytest.mark.parametrize(("changes", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_moves_the_reference_of_a_buy(
    changes: tuple[MDEntry, ...], expected: int | None
) -> None:
    assert near(quoted(*changes)) == expected


def test_a_quote_older_than_allowed_is_no_reference() -> None:
    quotes = quoted()
    assert (near(quotes, now=AGE), near(quotes, now=AGE + 1)) == (101, None)


def test_a_session_that_went_down_has_no_quotes() -> None:
    quotes = quoted(entry("1", 100, "0", name="p"))
    quotes.forget("ALPHA")
    assert near(quotes) is None


def test_a_change_of_a_book_never_seen_whole_is_ignored() -> None:
    quotes = Quotes()
    quotes.incremental("ALPHA", MarketDataIncremental(entries=(entry("1", 1, "0"),)), 0)
    assert near(quotes, now=0) is None
