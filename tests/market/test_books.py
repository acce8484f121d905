"""Whose book a price is, with its sizes; what a gap makes of it; the consolidated book."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.market.consolidated import Consolidated, middle
from fix_oms.market.ladder import Ladder
from fix_oms.market.places import Places
from fix_oms.market.quotes import Quotes
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.settings_text import from_plain
from tests.engine.desk import plain_settings

AGE = 60


def level(kind: str, price: int | None, size: int | None = 1, **more: Any) -> MDEntry:
    return MDEntry(entry_type=kind, price=price, size=size, **more)


def change(kind: str, price: int | None, size: int | None = 1, **more: Any) -> MDEntry:
    more = {"action": "1", "symbol": "AAPL"} | more
    return level(kind, price, size, **more)


def books(*venues: tuple[str, str, str | None]) -> Quotes:
    """Of venues given as name, session and ExDestination(100); ALPHA and BETA if none is."""
    plain = plain_settings()
    if venues:
        plain["venues"] = {
            name: {"session": session} | ({"ex_destination": at} if at else {})
            for name, session, at in venues
        }
        plain["instruments"] = {"AAPL": {"venues": [name for name, _, _ in venues]}}
    quotes = Quotes()
    quotes.configure(Places(from_plain(plain, "test")))
    return quotes


def told(quotes: Quotes, *entries: MDEntry, session: str = "ALPHA", **more: Any) -> Quotes:
    quotes.snapshot(session, MarketDataSnapshot(symbol="AAPL", entries=entries, **more), 0)
    return quotes


def changed(quotes: Quotes, *entries: MDEntry, session: str = "ALPHA", now: int = 1) -> Quotes:
    quotes.incremental(session, MarketDataIncremental(entries=entries), now)
    return quotes


def offers(quotes: Quotes, venue: str = "ALPHA") -> tuple[tuple[int, int], ...] | None:
    book = quotes.of(venue, "AAPL")
    return None if book is None else book.take(buys=True)


# -- one book --------------------------------------------------------------------------------------


def test_a_buy_takes_the_offers_and_joins_the_bids_best_first() -> None:
    book = told(
        books(), level("0", 98, 5), level("0", 99, 3), level("1", 102, 7), level("1", 101, 2)
    ).of("ALPHA", "AAPL")
    assert book is not None
    assert (book.take(True), book.join(True)) == (((101, 2), (102, 7)), ((99, 3), (98, 5)))


def test_entries_of_one_price_add_up() -> None:
    entries = level("1", 101, 2, entry_id="a"), level("1", 101, 3, entry_id="b")
    assert offers(told(books(), *entries)) == ((101, 5),)


CHANGES = {
    "one of two at a price goes": ((change("1", None, None, action="2", entry_id="a"),), 101, 3),
    "another size": ((change("1", 101, 9, entry_id="a"),), 101, 12),
    "another size, the price left out": ((change("1", None, 9, entry_id="a"),), 101, 12),
    "another price": ((change("1", 100, 2, entry_id="a"),), 100, 2),
    "size 0": ((change("1", 101, 0, entry_id="b"),), 101, 2),
    "a deletion without a side": ((change("", None, None, action="2", entry_id="b"),), 101, 2),
    "a new best": ((change("1", 99, 1, action="0", entry_id="c"),), 99, 1),
}


@pytest.mark.parametrize(("changes", "price", "size"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_finds_its_entry(changes: tuple[MDEntry, ...], price: int, size: int) -> None:
    entries = level("1", 101, 2, entry_id="a"), level("1", 101, 3, entry_id="b")
    found = offers(changed(told(books(), *entries), *changes))
    assert found is not None
    assert found[0] == (price, size)


def test_a_level_of_unknown_size_is_a_price_and_no_liquidity() -> None:
    quotes = told(books(), level("1", 101, None), level("1", 102, 4))
    assert quotes.near("ALPHA", "AAPL", True, 0, AGE) == 101
    assert offers(quotes) == ((102, 4),)


def test_an_empty_book_is_said_by_one_entry() -> None:
    quotes = changed(told(books(), level("1", 101)), change("J", None, None))
    assert offers(quotes) == ()


keys = st.sampled_from("abcdef")
acts = st.lists(
    st.tuples(keys, st.none() | st.integers(-3, 9), st.none() | st.integers(0, 9)), max_size=40
)


@given(st.booleans(), acts)
def test_the_levels_are_the_sums_of_the_entries(
    is_bid: bool, steps: list[tuple[str, int | None, int | None]]
) -> None:
    side = Ladder(is_bid)
    for key, price, size in steps:
        if size == 0:
            side.drop(key)
        else:
            side.put(key, price, size)
        side.check()
        prices = [price for price, _ in side.levels()]
        assert prices == sorted(prices, reverse=is_bid)


# -- whose book ------------------------------------------------------------------------------------

SHARED = (("X", "ALPHA", "XNAS"), ("Y", "ALPHA", "ARCX"), ("Z", "BETA", None))


def test_what_names_no_market_is_the_only_venues() -> None:
    quotes = told(books(*SHARED), level("1", 101), session="BETA")
    assert offers(quotes, "Z") == ((101, 1),)


def test_what_names_a_market_is_the_book_of_its_venue() -> None:
    entries = level("1", 101, 2, market="XNAS"), level("1", 100, 3, market="ARCX")
    quotes = told(books(*SHARED), *entries)
    assert (offers(quotes, "X"), offers(quotes, "Y")) == (((101, 2),), ((100, 3),))


def test_the_best_of_a_sessions_venues_is_its_reference() -> None:
    entries = level("1", 101, 2, market="XNAS"), level("1", 100, 3, market="ARCX")
    assert told(books(*SHARED), *entries).near("ALPHA", "AAPL", True, 0, AGE) == 100


def test_what_names_no_market_of_several_is_a_reference_and_no_venues_book() -> None:
    quotes = told(books(*SHARED), level("1", 101))
    assert quotes.near("ALPHA", "AAPL", True, 0, AGE) == 101
    assert (offers(quotes, "X"), offers(quotes, "Y")) == (None, None)


def test_a_snapshot_of_one_market_leaves_the_others() -> None:
    entries = level("1", 101, 2, market="XNAS"), level("1", 100, 3, market="ARCX")
    quotes = told(told(books(*SHARED), *entries), level("1", 103, 4), market="XNAS")
    assert (offers(quotes, "X"), offers(quotes, "Y")) == (((103, 4),), ((100, 3),))
    assert quotes.near("ALPHA", "AAPL", True, 0, AGE) == 100


def test_a_whole_snapshot_empties_the_markets_that_it_leaves_out() -> None:
    entries = level("1", 101, 2, market="XNAS"), level("1", 100, 3, market="ARCX")
    quotes = told(told(books(*SHARED), *entries), level("1", 103, 4, market="XNAS"))
    assert offers(quotes, "Y") == ()


def test_a_change_that_names_its_entry_alone_finds_its_market() -> None:
    entries = (
        level("1", 101, 2, market="XNAS", entry_id="x"),
        level("1", 100, 3, market="ARCX", entry_id="y"),
    )
    quotes = told(books(*SHARED), *entries)
    changed(quotes, change("1", None, None, action="2", entry_id="y"))
    assert (offers(quotes, "X"), offers(quotes, "Y")) == (((101, 2),), ())
    assert quotes.near("ALPHA", "AAPL", True, 1, AGE) == 101


def test_a_session_that_went_down_has_no_books() -> None:
    quotes = told(books(*SHARED), level("1", 101, market="XNAS"))
    quotes.forget("ALPHA")
    assert quotes.state("X", "AAPL", 0, AGE) == "missing"


# -- states and gaps -------------------------------------------------------------------------------

STATES = {
    "fresh": ((), AGE, "fresh"),
    "locked": ((change("0", 101),), 1, "fresh"),
    "stale": ((), AGE + 1, "stale"),
    "crossed": ((change("0", 102),), 1, "crossed"),
    "a number left out": ((change("0", 98, rpt_seq=9),), 1, "gap"),
    "the next number": ((change("0", 98, rpt_seq=8),), 1, "fresh"),
    "two of one number": (
        (change("0", 98, rpt_seq=8), change("0", 97, rpt_seq=8)),
        1,
        "fresh",
    ),
    "a lower number": ((change("0", 98, rpt_seq=6),), 1, "gap"),
    "no number": ((change("0", 98),), 1, "fresh"),
    "a kind of change that is not known": ((change("0", 98, action="3"),), 1, "gap"),
}


@pytest.mark.parametrize(("changes", "now", "state"), STATES.values(), ids=STATES.keys())
def test_a_book_has_one_state(changes: tuple[MDEntry, ...], now: int, state: str) -> None:
    quotes = changed(told(books(), level("0", 99), level("1", 101), rpt_seq=7), *changes)
    # A change makes it younger: what is stale here has had none.
    assert quotes.state("ALPHA", "AAPL", now, AGE) == state


def test_a_book_with_a_gap_is_no_reference() -> None:
    quotes = told(books(), level("1", 101), rpt_seq=7)
    changed(quotes, change("1", 100, rpt_seq=9))
    assert quotes.near("ALPHA", "AAPL", True, 1, AGE) is None


def test_a_snapshot_ends_a_gap() -> None:
    quotes = changed(told(books(), level("1", 101), rpt_seq=7), change("1", 100, rpt_seq=9))
    told(quotes, level("1", 101), rpt_seq=9)
    changed(quotes, change("1", 100, rpt_seq=10))
    assert (quotes.state("ALPHA", "AAPL", 1, AGE), quotes.gaps) == ("fresh", {})


def test_an_empty_book_ends_a_gap_and_begins_the_numbers_anew() -> None:
    quotes = changed(told(books(), level("1", 101), rpt_seq=7), change("1", 100, rpt_seq=9))
    changed(quotes, change("J", None, None, rpt_seq=1), change("1", 99, rpt_seq=2))
    assert quotes.state("ALPHA", "AAPL", 1, AGE) == "fresh"


def test_a_gap_is_told_once() -> None:
    quotes = changed(told(books(), level("1", 101), rpt_seq=7), change("1", 100, rpt_seq=9))
    assert quotes.begun == [("ALPHA", "AAPL", "")]
    changed(quotes, change("1", 100, rpt_seq=19))
    assert quotes.begun == []


def test_a_gap_of_a_session_is_one_of_all_its_venues_until_each_is_told_anew() -> None:
    entries = level("1", 101, market="XNAS"), level("1", 102, market="ARCX")
    quotes = changed(told(books(*SHARED), *entries, rpt_seq=7), change("1", 100, rpt_seq=9))
    told(quotes, level("1", 101), market="XNAS", rpt_seq=9)
    states = [quotes.state(venue, "AAPL", 1, AGE) for venue in ("X", "Y")]
    assert (states, bool(quotes.gaps)) == (["fresh", "gap"], True)
    told(quotes, level("1", 102), market="ARCX", rpt_seq=9)
    assert (quotes.state("Y", "AAPL", 1, AGE), bool(quotes.gaps)) == ("fresh", False)


# -- the consolidated book -------------------------------------------------------------------------


def both(alpha: tuple[MDEntry, ...], beta: tuple[MDEntry, ...]) -> Quotes:
    return told(told(books(), *alpha), *beta, session="BETA")


def consolidated(quotes: Quotes, now: int = 0) -> Consolidated:
    return Consolidated(quotes, "AAPL", ("ALPHA", "BETA"), now, AGE)


def test_levels_stand_by_price_and_then_by_venue() -> None:
    quotes = both((level("1", 101, 1), level("1", 103, 2)), (level("1", 101, 3), level("1", 102)))
    rows = [(row.price, row.venue) for row in consolidated(quotes).rows(bids=False)]
    assert rows == [(101, "ALPHA"), (101, "BETA"), (102, "BETA"), (103, "ALPHA")]


def test_depth_counts_the_levels_of_each_venue() -> None:
    quotes = both((level("0", 99), level("0", 97)), (level("0", 99), level("0", 98)))
    rows = [(row.price, row.venue) for row in consolidated(quotes).rows(bids=True, depth=1)]
    assert rows == [(99, "ALPHA"), (99, "BETA")]


ACROSS = {
    "apart": (99, 101, (False, False), 100),
    "locked": (100, 100, (True, False), 100),
    "crossed": (102, 101, (False, True), 101),
}


@pytest.mark.parametrize(("bid", "offer", "said", "mid"), ACROSS.values(), ids=ACROSS.keys())
def test_venues_may_lock_and_cross_each_other(
    bid: int, offer: int, said: tuple[bool, bool], mid: int
) -> None:
    quotes = both((level("0", bid),), (level("1", offer),))
    found = consolidated(quotes)
    assert (found.is_locked, found.is_crossed) == said
    assert middle(quotes, "AAPL", ("ALPHA", "BETA"), 0, AGE) == mid


def test_a_crossed_book_is_no_part_of_the_best() -> None:
    quotes = both((level("0", 110), level("1", 101)), (level("0", 99), level("1", 102)))
    found = consolidated(quotes)
    assert ([s.state for s in found.sources], found.bid, found.offer) == (
        ["crossed", "fresh"],
        99,
        102,
    )


def test_there_is_no_middle_of_one_side() -> None:
    assert middle(both((level("0", 99),), ()), "AAPL", ("ALPHA", "BETA"), 0, AGE) is None


def test_a_price_that_is_no_venues_own_has_a_middle() -> None:
    quotes = told(books(*SHARED), level("0", 99), level("1", 101))
    assert middle(quotes, "AAPL", ("X", "Y"), 0, AGE) == 100


# -- feeds -----------------------------------------------------------------------------------------


def fed(*venues: tuple[str, str, str | None], names: str = "X") -> Quotes:
    """Books of which feeds F of X, and G of Y, tell those that are named."""
    plain = plain_settings()
    plain["venues"] = {
        name: {"session": session} | ({"ex_destination": at} if at else {})
        for name, session, at in venues
    }
    plain["instruments"] = {"AAPL": {"venues": [name for name, _, _ in venues]}}
    feeds = {"X": "F", "Y": "G"}
    plain["feeds"] = {feeds[name]: {"venue": name, "file": "f"} for name in names}
    quotes = Quotes()
    quotes.configure(Places(from_plain(plain, "test")))
    return quotes


def update(venue: str = "X", *, whole: bool = False, **more: Any) -> BookUpdate:
    feed = {"X": "F", "Y": "G"}[venue]
    return BookUpdate(feed=feed, venue=venue, symbol="AAPL", whole=whole, **more)


def test_a_level_that_a_feed_tells_takes_the_place_of_the_one_at_its_price() -> None:
    quotes = fed(*SHARED)
    quotes.update(update(whole=True, offers=((101, 2), (102, 3))), 1)
    quotes.update(update(offers=((101, 5), (102, 0))), 2)
    assert offers(quotes, "X") == ((101, 5),)


def test_a_change_of_a_book_that_a_feed_never_told_whole_is_left_out() -> None:
    quotes = fed(*SHARED)
    assert not quotes.update(update(offers=((101, 5),)), 1)
    assert quotes.state("X", "AAPL", 1, AGE) == "missing"


def test_the_best_of_a_sessions_fed_venues_is_its_reference() -> None:
    quotes = fed(*SHARED, names="XY")
    quotes.update(update("X", whole=True, offers=((101, 2),)), 1)
    quotes.update(update("Y", whole=True, offers=((100, 2),)), 1)
    assert quotes.near("ALPHA", "AAPL", True, 1, AGE) == 100


def test_what_a_feed_tells_stays_when_the_venues_session_goes() -> None:
    quotes = fed(*SHARED)
    quotes.update(update(whole=True, offers=((101, 2),)), 1)
    quotes.forget("ALPHA")
    assert offers(quotes, "X") == ((101, 2),)


def test_what_a_session_tells_of_a_book_that_a_feed_tells_is_left_out() -> None:
    quotes = fed(*SHARED)
    quotes.update(update(whole=True, offers=((101, 2),)), 1)
    told(quotes, level("1", 90, market="XNAS"))
    assert offers(quotes, "X") == ((101, 2),)


def test_a_gap_of_one_feed_is_none_of_another_venues() -> None:
    quotes = fed(*SHARED, names="XY")
    for venue in "XY":
        quotes.update(update(venue, whole=True, offers=((101, 2),), seq=1), 1)
    quotes.update(update("X", offers=((101, 3),), seq=3), 2)
    states = [quotes.state(venue, "AAPL", 2, AGE) for venue in "XY"]
    assert (states, quotes.begun) == (["gap", "fresh"], [("ALPHA", "AAPL", "X")])
    assert quotes.near("ALPHA", "AAPL", True, 2, AGE) is None


def test_a_feeds_next_snapshot_ends_its_gap() -> None:
    quotes = fed(*SHARED)
    quotes.update(update(whole=True, offers=((101, 2),), seq=1), 1)
    quotes.update(update(offers=((101, 3),), seq=3), 2)
    quotes.update(update(whole=True, offers=((101, 3),), seq=9), 3)
    assert (quotes.state("X", "AAPL", 3, AGE), quotes.gaps) == ("fresh", {})
