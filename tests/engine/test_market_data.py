"""What a session is asked of market data, and what the engine makes of gaps and feeds."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import WHOLE_JOURNAL, freeze, thaw
from fix_oms.model.messages import (
    MarketDataIncremental,
    MarketDataRequestReject,
    MarketDataSnapshot,
    MDEntry,
)
from fix_oms.model.outputs import Alert, Output, Send
from fix_oms.model.units import SCALE
from fix_oms.wire import fields
from tests.engine.desk import SECOND, Desk, plain_settings


def desk_with(**supports: Any) -> Desk:
    plain = plain_settings()
    plain["sessions"]["ALPHA"]["supports"] = {"market_data": True} | supports
    return Desk(plain)


def asked(out: list[Output]) -> list[dict[int, str]]:
    texts = [o.text for o in out if isinstance(o, Send)]
    return [dict(fields(text)) for text in texts if "\x0135=V\x01" in f"\x01{text}"]


def whole(seq: int | None = None, price: int = 10) -> MarketDataSnapshot:
    entries = (
        MDEntry(entry_type="0", price=(price - 1) * SCALE, size=5 * SCALE),
        MDEntry(entry_type="1", price=price * SCALE, size=3 * SCALE),
    )
    return MarketDataSnapshot(symbol="AAPL", entries=entries, rpt_seq=seq)


def change(seq: int | None, symbol: str = "AAPL") -> MarketDataIncremental:
    entry = MDEntry(
        entry_type="1", price=11 * SCALE, size=SCALE, action="0", symbol=symbol, rpt_seq=seq
    )
    return MarketDataIncremental(entries=(entry,))


def state(desk: Desk, venue: str = "ALPHA") -> str:
    return desk.engine.state.prices.book_state(venue, "AAPL", desk.now)


@pytest.mark.parametrize(("supports", "depth"), [({}, "0"), ({"market_depth": 5}, "5")])
def test_the_whole_book_is_asked_for_unless_the_session_says_how_deep(
    supports: dict[str, Any], depth: str
) -> None:
    (request,) = [dict(fields(s.text)) for s in desk_with(**supports).sent if s.session == "ALPHA"]
    assert (request[263], request[264]) == ("1", depth)


def test_a_gap_is_told_and_a_snapshot_asked_for_at_once() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    out = desk.hear("ALPHA", change(9))
    (request,) = asked(out)
    assert (request[263], request[55]) == ("0", "AAPL")
    assert [(o.code, o.subject) for o in out if isinstance(o, Alert)] == [
        ("book_gap", "ALPHA AAPL")
    ]
    assert state(desk) == "gap"


def test_a_gap_lasts_as_a_condition_until_the_snapshot() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    desk.hear("ALPHA", change(9))
    assert [a.code for a in desk.shown.open_alerts()] == ["book_gap"]
    desk.hear("ALPHA", whole(9))
    assert (desk.shown.open_alerts(), state(desk)) == ([], "fresh")


def test_the_question_is_put_again_after_twice_as_long_each_time() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    desk.hear("ALPHA", change(9))
    begun = desk.now
    waits = [(asked(desk.wait(0.25)), desk.now) for _ in range(160)]
    times = [round((now - begun) / SECOND) for requests, now in waits if requests]
    assert times == [1, 3, 7, 15, 31]


def test_a_refused_snapshot_is_got_by_subscribing_anew() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    (request,) = asked(desk.hear("ALPHA", change(9)))
    first = next(dict(fields(s.text)) for s in desk.sent if s.session == "ALPHA")
    desk.hear("ALPHA", MarketDataRequestReject(md_req_id=request[262]))
    stop, start = asked(desk.wait(1.1))
    assert (stop[263], stop[262], start[263]) == ("2", first[262], "1")
    assert start[262] not in (first[262], request[262])


def test_gaps_of_many_symbols_are_one_question() -> None:
    plain = plain_settings()
    plain["sessions"]["BETA"]["supports"] = {"market_data": True}
    desk = Desk(plain)
    for symbol in ("AAPL", "MSFT"):
        message = whole(7)
        message.symbol = symbol
        desk.hear("BETA", message)
    assert len(asked(desk.hear("BETA", change(9)))) == 1
    assert asked(desk.hear("BETA", change(9, "MSFT"))) == []
    texts = [s.text for s in (o for o in desk.wait(1.1) if isinstance(o, Send))]
    assert [text.count("\x0155=") for text in texts] == [2]


def test_who_told_without_being_asked_is_not_asked() -> None:
    desk = Desk()
    desk.hear("ALPHA", whole(7))
    assert asked(desk.hear("ALPHA", change(9))) == []
    assert asked(desk.wait(2)) == []


def test_a_session_that_went_down_has_no_gaps() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    desk.hear("ALPHA", change(9))
    desk.down("ALPHA")
    assert (desk.engine.state.quotes.gaps, asked(desk.wait(5))) == ({}, [])


@pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)
def test_books_gaps_and_questions_stand_in_a_snapshot_of_the_state() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole(7))
    desk.hear("ALPHA", change(9))
    layouts, data = freeze(desk.engine.state)
    thawed = thaw(layouts, data)
    thawed.restored()
    found = thawed.quotes.of("ALPHA", "AAPL")
    assert found is not None
    assert found.take(buys=True) == ((10 * SCALE, 3 * SCALE), (11 * SCALE, SCALE))
    assert thawed.quotes.facts() == desk.engine.state.quotes.facts()


def test_the_book_shown_is_of_all_venues_and_says_what_each_is_worth() -> None:
    desk = desk_with()
    desk.hear("ALPHA", whole())
    found = desk.shown.routing.book("AAPL", 0)
    assert [(row.venue, row.is_bid, row.price // SCALE) for row in found.rows] == [
        ("ALPHA", True, 9),
        ("ALPHA", False, 10),
    ]
    assert [(source.venue, source.state) for source in found.sources] == [
        ("ALPHA", "fresh"),
        ("BETA", "missing"),
    ]
    assert found.middle == 9 * SCALE + SCALE // 2
