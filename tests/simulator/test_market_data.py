"""Market data: V answered by W, and X for whatever changes the book."""

from __future__ import annotations

import pytest

from fix_oms.model.messages import MarketDataIncremental, MarketDataSnapshot, Message
from fix_oms.simulator import acts
from tests.simulator.world import World, cancel, new, replace, watch


def test_a_snapshot_shows_the_book_best_first() -> None:
    world = World(bids=["5 @ 9", "6 @ 8"], asks=["7 @ 10"])
    assert world.send(watch("M", "0", "AAPL")) == ["W b5@9 b6@8 o7@10"]


def test_a_snapshot_shows_no_more_than_the_depth_asked_for() -> None:
    world = World(bids=["5 @ 9", "6 @ 8"], asks=["7 @ 10"])
    assert world.send(watch("M", "0", "AAPL", depth=1)) == ["W b5@9 o7@10"]


def test_a_snapshot_shows_the_last_trade() -> None:
    world = World(asks=["7 @ 10"])
    world.send(new("X", "buy 7 AAPL @ 10"))
    assert world.send(watch("M", "0", "AAPL")) == ["W t7@10"]


def test_a_subscriber_is_told_each_change_of_the_book() -> None:
    world = World(asks=["7 @ 10"])
    world.send(watch("M", "1", "AAPL"))
    assert world.send(new("X", "buy 5 AAPL @ 9"))[1:] == ["X Nb5@9"]
    assert world.send(replace("Y", "X", "buy 4 AAPL @ 9"))[1:] == ["X Cb4@9"]
    assert world.send(cancel("Z", "Y"))[1:] == ["X Db4@9"]


def test_a_subscriber_is_told_each_trade() -> None:
    world = World(asks=["7 @ 10"])
    world.send(watch("M", "1", "AAPL"))
    assert world.send(new("X", "buy 5 AAPL @ 10"))[-1] == "X Nt5@10 Co2@10"


def test_a_subscriber_of_the_top_is_told_when_the_next_level_becomes_it() -> None:
    world = World(asks=["7 @ 10", "8 @ 11"])
    world.send(watch("M", "1", "AAPL", depth=1))
    assert world.send(new("X", "buy 7 AAPL @ 10"))[-1] == "X Nt7@10 Do7@10 No8@11"


def numbers(message: Message) -> list[int | None]:
    assert isinstance(message, MarketDataSnapshot | MarketDataIncremental)
    return [entry.rpt_seq for entry in message.entries]


def test_changes_of_a_symbol_are_numbered_one_by_one_and_a_snapshot_says_the_last() -> None:
    world = World(asks=["7 @ 10"])
    world.send(watch("M", "1", "AAPL"))
    world.send(new("X", "buy 5 AAPL @ 10"))
    world.send(new("Y", "buy 5 AAPL @ 9"))
    world.send(watch("N", "0", "AAPL"))
    told = [m for m in world.sent if isinstance(m, MarketDataSnapshot | MarketDataIncremental)]
    assert [numbers(message) for message in told] == [[0], [1, 2], [3], [3, 3, 3]]


def test_a_snapshot_alone_is_not_followed_by_changes() -> None:
    world = World()
    world.send(watch("M", "0", "AAPL"))
    assert world.send(new("X", "buy 5 AAPL @ 9")) == ["X NEW/NEW 5 0 5"]


def test_an_unsubscribed_client_is_told_nothing_more() -> None:
    world = World()
    world.send(watch("M", "1", "AAPL"), watch("M", "2", "AAPL"))
    assert world.send(new("X", "buy 5 AAPL @ 9")) == ["X NEW/NEW 5 0 5"]


@pytest.mark.parametrize("leave", ["logout", "restart"])
def test_a_subscription_ends_with_its_session_and_with_the_venue(leave: str) -> None:
    world = World()
    world.send(watch("M", "1", "AAPL"))
    if leave == "logout":
        world.venue.gone(world.now, "C")
    else:
        world.venue.open(world.now, "2", world.settings)
    assert world.send(watch("M", "1", "AAPL")) == ["W"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (watch("M", "1", "AAPL", "NONE"), "0"),
        (watch("M", "9", "AAPL"), "4"),
        (watch("A", "1", "AAPL"), "1"),
    ],
    ids=["unknown symbol", "unknown kind", "id in use"],
)
def test_a_bad_market_data_request_is_rejected_with_its_reason(
    request_: Message, reason: str
) -> None:
    world = World()
    world.send(watch("A", "1", "AAPL"), request_)
    assert f"md_req_rej_reason='{reason}'" in repr(world.sent[-1])


def test_a_silence_leaves_no_hole_in_the_book_a_subscriber_sees() -> None:
    world = World()
    world.send(watch("M", "1", "AAPL"))
    world.set(silence=True)
    world.send(new("X", "buy 5 AAPL @ 9"))
    assert world.act(acts.Set(key="silence", value="false")) == ["X Nb5@9"]
