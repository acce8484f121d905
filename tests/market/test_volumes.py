"""What has traded, counted once however often it is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.market.places import Places
from fix_oms.market.volumes import Traded, Volumes, prints_of
from fix_oms.model.inputs import BookUpdate
from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, MDEntry
from fix_oms.model.settings_text import from_plain
from fix_oms.model.units import SCALE
from tests.engine.desk import plain_settings

PLACES = Places(
    from_plain(
        plain_settings(
            venues={
                "ALPHA": {"session": "ALPHA"},
                "B1": {"session": "BETA", "ex_destination": "XB1"},
                "B2": {"session": "BETA", "ex_destination": "XB2"},
            },
            instruments={"AAPL": {"venues": ["ALPHA", "B1", "B2"]}},
        ),
        "test",
    )
)


def trade(**changes: Any) -> MDEntry:
    held: dict[str, Any] = {"entry_type": "2", "action": "0", "symbol": "AAPL", "price": 2 * SCALE}
    return MDEntry(**(held | {"size": 10} | changes))


def told(found: Volumes, *entries: MDEntry, session: str = "ALPHA") -> None:
    found.changed(PLACES, session, prints_of(MarketDataIncremental(entries=entries)))


def snapshot(found: Volumes, *entries: MDEntry, session: str = "ALPHA") -> None:
    whole = MarketDataSnapshot(symbol="AAPL", entries=entries)
    found.snapshot(PLACES, session, whole)


TOLD: list[tuple[str, list[dict[str, Any]], str, int]] = [
    ("ALPHA", [{}], "ALPHA", 10),
    ("ALPHA", [{}, {}], "ALPHA", 20),
    ("ALPHA", [{}, {"symbol": None, "size": 4}], "ALPHA", 14),
    ("ALPHA", [{"entry_id": "T1"}, {"entry_id": "T1"}], "ALPHA", 10),
    ("ALPHA", [{"entry_id": "T1"}, {"entry_id": "T2"}], "ALPHA", 20),
    ("ALPHA", [{"action": "1"}], "ALPHA", 0),
    ("ALPHA", [{"action": "2"}], "ALPHA", 0),
    ("ALPHA", [{"entry_type": "0"}], "ALPHA", 0),
    ("ALPHA", [{"size": None}], "ALPHA", 0),
    ("ALPHA", [{"size": -3}], "ALPHA", 0),
    ("ALPHA", [{"price": None}], "ALPHA", 0),
    ("BETA", [{"market": "XB2"}], "B2", 10),
    ("BETA", [{"market": "XB2"}], "B1", 0),
    ("BETA", [{}], "B1", 0),
]


@pytest.mark.parametrize(("session", "trades", "venue", "expected"), TOLD)
def test_a_new_trade_counts_once_at_its_venue(
    session: str, trades: list[dict[str, Any]], venue: str, expected: int
) -> None:
    found = Volumes()
    told(found, *[trade(**changes) for changes in trades], session=session)
    assert found.of(venue, "AAPL") == Traded(expected, expected * 2 * SCALE)


SNAPSHOTS: list[tuple[list[str | None], int]] = [
    ([None, None], 0),  # nothing says that it is another trade
    (["T1"], 0),  # it may have been before we listened
    (["T1", "T1"], 0),
    (["T1", "T2"], 10),
    (["T1", "T2", "T2", "T3"], 20),
]


@pytest.mark.parametrize(("ids", "expected"), SNAPSHOTS)
def test_a_snapshot_repeats_the_last_trade_and_counts_it_only_where_it_is_another(
    ids: list[str | None], expected: int
) -> None:
    found = Volumes()
    for name in ids:
        snapshot(found, trade(action=None, symbol=None, entry_id=name))
    assert found.of("ALPHA", "AAPL").qty == expected


def test_a_snapshot_after_a_change_does_not_count_its_trade_again() -> None:
    found = Volumes()
    told(found, trade(entry_id="T1"))
    snapshot(found, trade(action=None, symbol=None, entry_id="T1"))
    assert found.of("ALPHA", "AAPL").qty == 10


def test_a_feed_counts_each_trade_that_it_tells() -> None:
    found = Volumes()
    trades = ((SCALE, 8), (3 * SCALE, 12), (SCALE, 0))
    found.fed(BookUpdate(feed="F", venue="B1", symbol="AAPL", whole=False, trades=trades))
    assert found.of("B1", "AAPL") == Traded(20, 44 * SCALE)


@given(st.lists(st.tuples(st.sampled_from(["W", "X"]), st.integers(0, 3)), max_size=30))
def test_no_trade_counts_twice_whatever_repeats_it(heard: list[tuple[str, int]]) -> None:
    """A venue numbers its trades and tells them in order, by X or W, each as often as it likes."""
    found, number, numbers = Volumes(), 0, set[int]()
    for kind, step in heard:
        number += step
        entry = trade(entry_id=f"T{number}", action="0" if kind == "X" else None)
        told(found, entry) if kind == "X" else snapshot(found, entry)
        numbers.add(number)
    assert found.of("ALPHA", "AAPL").qty in (10 * len(numbers), 10 * max(len(numbers) - 1, 0))
