"""What traded at a venue, in intervals of 30 seconds that were watched from end to end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.market.outflow import INTERVAL_NS, KEPT, Outflow, Outflows
from fix_oms.market.places import Places
from fix_oms.market.volumes import prints_of
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MDEntry
from fix_oms.model.settings_text import from_plain
from fix_oms.model.units import SCALE
from tests.engine.desk import plain_settings

BEGIN = 1_700_000_000 * 10**9 // INTERVAL_NS * INTERVAL_NS
LATE = BEGIN + INTERVAL_NS // 2


def interval(n: int) -> int:
    """A moment in the middle of the n-th interval."""
    return LATE + n * INTERVAL_NS


def watched() -> Outflow:
    outflow = Outflow()
    outflow.watched(interval(0))
    return outflow


def test_nothing_is_known_before_anything_was_watched() -> None:
    assert Outflow().past(LATE) == ()


def test_the_first_interval_was_not_watched_from_its_beginning() -> None:
    outflow = watched()
    outflow.traded(14, interval(0))
    assert outflow.past(interval(1)) == ()


def test_half_of_what_trades_in_an_interval_is_of_a_side() -> None:
    outflow = watched()
    outflow.traded(14, interval(1))
    outflow.traded(10, interval(1) + 1)
    assert (outflow.past(interval(1) + 2), outflow.past(interval(2))) == ((), (12,))


def test_a_quiet_interval_counts_as_none() -> None:
    outflow = watched()
    outflow.traded(14, interval(1))
    outflow.traded(10, interval(4))
    assert outflow.past(interval(6)) == (7, 0, 0, 5, 0)


def test_an_interval_in_which_the_source_went_is_not_counted() -> None:
    outflow = watched()
    outflow.traded(14, interval(1))
    outflow.traded(18, interval(2))
    outflow.lost()
    outflow.traded(18, interval(4))
    outflow.traded(6, interval(5))
    assert outflow.past(interval(6)) == (7, 3)


def test_what_is_past_stays_while_the_source_is_away() -> None:
    outflow = watched()
    outflow.traded(14, interval(1))
    outflow.watched(interval(2))
    outflow.lost()
    assert outflow.past(interval(9)) == (7,)


def test_only_the_newest_are_kept() -> None:
    outflow = watched()
    for n in range(1, 100):
        outflow.traded(2 * n, interval(n))
    assert outflow.past(interval(100)) == tuple(range(100 - KEPT, 100))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=60), st.integers(1, 99))
def test_looking_changes_nothing_and_agrees_with_what_comes(
    trades: list[tuple[int, int]], gap: int
) -> None:
    outflow, n = watched(), 0
    for gone, qty in trades:
        n += gone
        outflow.traded(qty, interval(n))
    before = outflow.facts()
    seen = outflow.past(interval(n + gap))
    assert outflow.facts() == before
    outflow.watched(interval(n + gap))
    assert outflow.past(interval(n + gap)) == seen


# -- whose trade it is ---------------------------------------------------------------------------


def outflows(**changes: object) -> Outflows:
    """Watching AAPL at ALPHA, and BETA's two venues; since before interval 1."""
    plain = plain_settings(
        venues={
            "ALPHA": {"session": "ALPHA"},
            "B1": {"session": "BETA", "ex_destination": "XB1"},
            "B2": {"session": "BETA", "ex_destination": "XB2"},
            **changes,
        },
        instruments={"AAPL": {"venues": ["ALPHA", "B1", "B2"]}},
    )
    found = Outflows()
    found.configure(Places(from_plain(plain, "test")))
    found.started(True)
    for session in ("ALPHA", "BETA"):
        found.watched(session, "AAPL", interval(0))
    return found


def trade(**changes: Any) -> MDEntry:
    held: dict[str, Any] = {"entry_type": "2", "action": "0", "symbol": "AAPL", "price": SCALE}
    return MDEntry(**(held | {"size": 10} | changes))


def told(found: Outflows, session: str, *entries: MDEntry) -> None:
    found.changed(session, prints_of(MarketDataIncremental(entries=entries)), interval(1))


TRADES: list[tuple[str, dict[str, object], str, tuple[int, ...]]] = [
    ("ALPHA", {}, "ALPHA", (5,)),
    ("ALPHA", {"market": "XB1"}, "ALPHA", (5,)),
    ("ALPHA", {"symbol": "MSFT"}, "ALPHA", (0,)),
    ("ALPHA", {"action": "1"}, "ALPHA", (0,)),
    ("ALPHA", {"action": "2"}, "ALPHA", (0,)),
    ("ALPHA", {"entry_type": "0"}, "ALPHA", (0,)),
    ("ALPHA", {"size": None}, "ALPHA", (0,)),
    ("BETA", {"market": "XB2"}, "B2", (5,)),
    ("BETA", {"market": "XB2"}, "B1", (0,)),
    ("BETA", {}, "B1", (0,)),
    ("BETA", {"market": "ELSEWHERE"}, "B2", (0,)),
]


@pytest.mark.parametrize(("session", "changes", "venue", "expected"), TRADES)
def test_a_trade_counts_at_the_venue_whose_price_it_is(
    session: str, changes: dict[str, object], venue: str, expected: tuple[int, ...]
) -> None:
    found = outflows()
    told(found, session, trade(**changes))
    assert found.past(venue, "AAPL", interval(2)) == expected


def test_an_entry_without_a_symbol_speaks_of_the_one_before_it() -> None:
    found = outflows()
    told(found, "ALPHA", trade(symbol="AAPL"), trade(symbol=None, size=4))
    assert found.past("ALPHA", "AAPL", interval(2)) == (7,)


def test_a_feed_tells_of_its_own_venue() -> None:
    found = outflows()
    update = BookUpdate(
        feed="F", venue="B1", symbol="AAPL", whole=False, trades=((SCALE, 8), (SCALE, 12))
    )
    found.fed(update, interval(1))
    assert found.past("B1", "AAPL", interval(2)) == (10,)


def test_a_session_that_goes_takes_its_venues_along_and_no_others() -> None:
    found = outflows()
    told(found, "ALPHA", trade())
    told(found, "BETA", trade(market="XB1"))
    found.lost("BETA")
    assert found.past("ALPHA", "AAPL", interval(2)) == (5,)
    assert found.past("B1", "AAPL", interval(2)) == ()


def test_nothing_counts_before_it_is_to_count() -> None:
    found = outflows()
    found.started(False)
    told(found, "ALPHA", trade())
    found.watched("ALPHA", "AAPL", interval(2))
    assert found.past("ALPHA", "AAPL", interval(3)) == ()
