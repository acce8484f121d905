"""Whatever sessions and feeds tell, in whatever order: what the books say of themselves holds."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.market.places import Places
from fix_oms.market.quotes import Quote, Quotes
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.settings_text import from_plain
from tests.engine.desk import plain_settings

MAX_AGE = 1000
Act = Callable[[Quotes, int], object]


def books() -> Quotes:
    """X and Y share session ALPHA, Z has BETA, and U and V share GAMMA, whose books feeds tell."""
    plain = plain_settings()
    plain["sessions"]["GAMMA"] = plain["sessions"]["ALPHA"] | {"target_comp_id": "GAMMA"}
    plain["venues"] = {
        "X": {"session": "ALPHA", "ex_destination": "XX"},
        "Y": {"session": "ALPHA", "ex_destination": "YY"},
        "Z": {"session": "BETA"},
        "U": {"session": "GAMMA", "ex_destination": "UU"},
        "V": {"session": "GAMMA", "ex_destination": "VV"},
    }
    plain["instruments"] = {name: {"venues": list("XYZUV")} for name in ("A", "B")}
    plain["feeds"] = {"F": {"venue": "U", "file": "u"}, "G": {"venue": "V", "file": "v"}}
    quotes = Quotes()
    quotes.configure(Places(from_plain(plain, "test")))
    begun = [MDEntry(entry_type="0", price=3, size=1, market=at) for at in ("XX", "YY", None)]
    for session in ("ALPHA", "BETA"):
        quotes.snapshot(session, MarketDataSnapshot(symbol="A", entries=tuple(begun)), 1)
    for feed, venue in ("FU", "GV"):
        quotes.update(BookUpdate(feed=feed, venue=venue, symbol="A", whole=True), 1)
    return quotes


sessions = st.sampled_from(["ALPHA", "ALPHA", "ALPHA", "BETA", "GAMMA"])
symbols = st.sampled_from("AAAB")
markets = st.sampled_from(["XX", "YY", None, "??"])
numbers = st.none() | st.integers(1, 3)
levels = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=3).map(tuple)


def entries(incremental: bool) -> st.SearchStrategy[tuple[MDEntry, ...]]:
    one = st.builds(
        MDEntry,
        entry_type=st.sampled_from(["0", "1", "2", "J", "" if incremental else "0"]),
        price=st.none() | st.integers(1, 5),
        size=st.none() | st.integers(0, 3),
        action=st.sampled_from("011223") if incremental else st.none(),
        symbol=symbols if incremental else st.none(),
        entry_id=st.none() | st.sampled_from("abc"),
        market=markets,
        rpt_seq=numbers,
    )
    return st.lists(one, min_size=1, max_size=4).map(tuple)


snapshots = st.builds(
    MarketDataSnapshot,
    symbol=symbols,
    entries=entries(incremental=False),
    market=markets,
    rpt_seq=numbers,
)
changes = st.builds(MarketDataIncremental, entries=entries(incremental=True))
updates = st.builds(
    BookUpdate,
    feed=st.sampled_from("FG"),
    venue=st.sampled_from("UV"),
    symbol=symbols,
    whole=st.booleans(),
    bids=levels,
    offers=levels,
    trades=levels,
    seq=st.integers(-1, 6),
    time_ns=st.integers(0, 100),
)


def _snapshot(session: str, message: MarketDataSnapshot) -> Act:
    return lambda quotes, now: quotes.snapshot(session, message, now)


def _changes(session: str, message: MarketDataIncremental) -> Act:
    return lambda quotes, now: quotes.incremental(session, message, now)


def _update(value: BookUpdate) -> Act:
    return lambda quotes, now: quotes.update(value, now)


def _forget(session: str) -> Act:
    return lambda quotes, now: quotes.forget(session)


told = st.builds(_changes, sessions, changes)
acts = st.lists(
    st.one_of(
        told,
        told,
        st.builds(_snapshot, sessions, snapshots),
        st.builds(_update, updates),
        st.builds(_forget, sessions),
    ),
    min_size=5,
    max_size=25,
)


def check(quotes: Quotes) -> None:
    for (session, symbol), quote in quotes.quotes.items():
        for book in (quote, *quote.parts):
            book.bids.check()
            book.offers.check()
        places = quotes.places
        own = [quotes.books.get((v, symbol)) for v in places.venues[session]]
        assert quote.parts == [book for book in own if book is not None]
        assert quote.bid == max(_best(quote, bids=True), default=None)
        assert quote.offer == min(_best(quote, bids=False), default=None)
        gaps = {key for key in quotes.gaps if key[:2] == (session, symbol)}
        assert bool(quote.gap_ns) == bool(gaps)
    for (venue, symbol), book in quotes.books.items():
        assert book.parts == []
        assert (quotes.places.sessions[venue], symbol) in quotes.quotes


def _best(quote: Quote, *, bids: bool) -> list[int]:
    sides = [book.bids if bids else book.offers for book in (quote, *quote.parts)]
    return [side.best for side in sides if side.best is not None]


@given(acts)
def test_the_best_is_that_of_all_parts_and_gaps_are_where_they_are_said_to_be(
    steps: list[Act],
) -> None:
    quotes = books()
    for now, act in enumerate(steps, 2):
        act(quotes, now)
        check(quotes)


@given(acts)
def test_nothing_to_trade_with_stands_in_a_book_that_is_not_there(steps: list[Act]) -> None:
    quotes = books()
    for now, act in enumerate(steps, 2):
        act(quotes, now)
    for venue in "XYZUV":
        for symbol in "AB":
            state = quotes.state(venue, symbol, len(steps), MAX_AGE)
            assert (state == "missing") == (quotes.of(venue, symbol) is None)


@given(acts)
def test_a_sessions_end_leaves_nothing_of_what_it_told(steps: list[Act]) -> None:
    quotes = books()
    for now, act in enumerate(steps, 2):
        act(quotes, now)
    quotes.forget("ALPHA")
    states = {quotes.state(v, s, len(steps), MAX_AGE) for v in "XY" for s in "AB"}
    assert states == {"missing"}
    assert [key for key in quotes.gaps if key[0] == "ALPHA"] == []
