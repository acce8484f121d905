"""What rests and is not displayed: reserve orders, hidden ones, dark venues; who is ahead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import Side
from fix_oms.model.units import SCALE
from fix_oms.simulator import acts, views
from fix_oms.simulator.resting import BookOrder
from tests.simulator.test_book import Pit
from tests.simulator.world import World, new, replace, watch

ICEBERG = {"111": "2"}
HIDDEN = {"111": "0"}


def resting(*orders: tuple[str, int, int | None], price: int = 10) -> Pit:
    """A pit with offers at one price: name, quantity, how much of it is shown."""
    pit = Pit()
    for name, quantity, display in orders:
        order = BookOrder(
            name,
            Side.SELL,
            quantity * SCALE,
            price=price * SCALE,
            display=None if display is None else display * SCALE,
        )
        pit.orders[name] = order
        pit.book.enter(0, order)
        pit.book._check()
    return pit


TAKEN = (
    (
        "a reserve order trades its shown part in its turn and the rest after all displayed",
        [("a", 5, 2), ("b", 3, None)],
        "t buy 6 @ 10",
        ["txa 2@10", "txb 3@10", "txa 1@10"],
    ),
    (
        "two reserve orders show their parts in turn",
        [("a", 4, 2), ("b", 4, 1)],
        "t buy 8 @ 10",
        ["txa 2@10", "txb 1@10", "txa 2@10", "txb 1@10", "txb 1@10", "txb 1@10"],
    ),
    (
        "a hidden order trades after all that is displayed and all reserves",
        [("h", 3, 0), ("a", 3, 2), ("b", 1, None)],
        "t buy 6 @ 10",
        ["txa 2@10", "txb 1@10", "txa 1@10", "txh 2@10"],
    ),
    (
        "hidden orders trade by time",
        [("h", 3, 0), ("i", 3, 0)],
        "t buy 4 @ 10",
        ["txh 3@10", "txi 1@10"],
    ),
    (
        "an FOK may count on what it cannot see",
        [("a", 5, 1), ("h", 3, 0)],
        "t buy 8 @ 10 fok",
        [*["txa 1@10"] * 5, "txh 3@10"],
    ),
)


@pytest.mark.parametrize(("case", "book", "taker", "said"), TAKEN, ids=[row[0] for row in TAKEN])
def test_what_trades_with_what(
    case: str, book: list[tuple[str, int, int | None]], taker: str, said: list[str]
) -> None:
    assert resting(*book).enter(taker) == said


def test_only_what_is_displayed_is_a_level() -> None:
    assert resting(("a", 5, 2), ("b", 3, None), ("h", 7, 0)).shown(buy=False) == ["5@10"]


def test_a_price_with_hidden_orders_alone_is_no_level() -> None:
    assert resting(("h", 7, 0)).shown(buy=False) == []


def test_a_depth_counts_displayed_levels() -> None:
    pit = resting(("h", 7, 0), price=9)
    pit.enter("a sell 1 @ 10", "b sell 1 @ 11")
    assert pit.book.levels(buy=False, depth=1) == [(10 * SCALE, SCALE)]


def test_a_replenished_part_stands_behind_who_came_before_it() -> None:
    pit = resting(("a", 4, 2), ("b", 3, None))
    pit.enter("t buy 2 @ 10")
    assert pit.enter("u buy 4 @ 10") == ["uxb 3@10", "uxa 1@10"]


def test_a_part_that_has_traded_in_part_keeps_its_place() -> None:
    pit = resting(("a", 4, 2), ("b", 3, None))
    pit.enter("t buy 1 @ 10")
    assert pit.enter("u buy 2 @ 10") == ["uxa 1@10", "uxb 1@10"]


AHEAD = (("a", 0), ("b", 2), ("c", 5), ("h", 11), ("i", 12))


@pytest.mark.parametrize(("name", "ahead"), AHEAD)
def test_what_is_ahead_of_an_order_trades_before_it(name: str, ahead: int) -> None:
    pit = resting(("h", 1, 0), ("a", 5, 2), ("b", 3, None), ("c", 3, None), ("i", 1, 0))
    assert pit.book.ahead(pit.orders[name]) == ahead * SCALE


def test_nothing_is_ahead_of_an_order_that_does_not_rest() -> None:
    pit = Pit()
    assert pit.book.ahead(pit.order("a buy 5 @ 10")) is None


@st.composite
def makers(draw: st.DrawFn) -> list[tuple[str, int, int | None]]:
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    return [(f"o{n}", size, draw(st.none() | st.integers(0, size))) for n, size in enumerate(sizes)]


@given(makers(), st.integers(1, 60))
def test_a_taker_at_the_price_gets_all_there_is_whoever_shows_it(
    book: list[tuple[str, int, int | None]], wanted: int
) -> None:
    pit = resting(*book)
    pit.enter(f"t buy {wanted} @ 10")
    pit.book._check()
    assert pit.orders["t"].cum_qty == min(wanted, sum(size for _, size, _ in book)) * SCALE


@given(makers(), st.integers(0, 5), st.integers(1, 60))
def test_an_order_begins_to_trade_once_what_is_ahead_of_it_has_traded(
    book: list[tuple[str, int, int | None]], which: int, wanted: int
) -> None:
    pit = resting(*book)
    order = pit.orders[book[which % len(book)][0]]
    ahead = pit.book.ahead(order)
    assert ahead is not None
    pit.enter(f"t buy {wanted} @ 10")
    assert (order.cum_qty > 0) == (wanted * SCALE > ahead)


# -- at a venue -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("tag", "shown"), [("111", "o2@10"), ("1138", "o2@10")])
def test_a_client_says_how_much_is_shown(tag: str, shown: str) -> None:
    world = World()
    world.send(new("X", "sell 5 AAPL @ 10", extra={tag: "2"}))
    assert world.send(watch("M", "0", "AAPL")) == [f"W {shown}"]


def test_a_hidden_order_is_not_published_and_trades() -> None:
    world = World()
    world.send(watch("M", "1", "AAPL"))
    assert world.send(new("X", "sell 5 AAPL @ 10", extra=HIDDEN)) == ["X NEW/NEW 5 0 5"]
    said = world.send(new("Y", "buy 3 AAPL @ 11"))
    assert said[-1] == "X Nt3@10"


def test_what_is_shown_is_replaced_with_the_order() -> None:
    world = World()
    world.send(new("X", "sell 5 AAPL @ 10", extra=ICEBERG), replace("Y", "X", "sell 5 AAPL @ 10"))
    assert world.send(watch("M", "0", "AAPL")) == ["W o5@10"]


@pytest.mark.parametrize("text", ["0.5", "-1", "two"])
def test_a_display_that_is_no_number_of_lots_is_rejected(text: str) -> None:
    world = World()
    world.send(new("X", "sell 5 AAPL @ 10", extra={"111": text}))
    assert f"MaxFloor(111) {text} is neither 0 nor a multiple" in (world.last_report().text or "")


def test_a_listed_level_may_hide() -> None:
    world = World(asks=["7 @ 10 shows 2", "9 @ 11 shows 0"])
    assert world.send(watch("M", "0", "AAPL")) == ["W o2@10"]


def test_the_desk_sees_what_is_ahead_of_an_order() -> None:
    world = World(bids=["7 @ 10"])
    world.send(new("X", "buy 5 AAPL @ 10"))
    assert [order.ahead for order in views.orders(world.venue).orders] == [7 * SCALE]


# -- dark venues ----------------------------------------------------------------------------------


def test_a_dark_venue_publishes_no_book() -> None:
    world = World(asks=["7 @ 10"], dark=True)
    assert world.send(watch("M", "1", "AAPL")) == ["W"]
    assert world.send(new("X", "buy 5 AAPL @ 9")) == ["X NEW/NEW 5 0 5"]


def test_a_dark_venue_publishes_its_trades() -> None:
    world = World(asks=["7 @ 10"], dark=True)
    world.send(watch("M", "1", "AAPL"))
    assert world.send(new("X", "buy 5 AAPL @ 10"))[-1] == "X Nt5@10"


def test_a_venue_that_goes_dark_takes_its_book_away() -> None:
    world = World(asks=["7 @ 10"])
    world.send(watch("M", "1", "AAPL"))
    assert world.act(acts.Set(key="dark", value="true")) == ["X Do7@10"]


PRICES = (
    ("buy 5 AAPL @ 12", "10", "10.5", "the middle, where both limits allow it"),
    ("buy 5 AAPL", "10", "10.5", "the middle for a market order"),
    ("buy 5 AAPL @ 10.2", "10", "10.2", "the taker's limit, where the middle is beyond it"),
    ("buy 5 AAPL @ 12", "11", "11", "the resting price, where the middle is beyond it"),
)


@pytest.mark.parametrize(("order", "offer", "price", "why"), PRICES, ids=[row[3] for row in PRICES])
def test_a_dark_venue_trades_at(order: str, offer: str, price: str, why: str) -> None:
    world = World(asks=[f"7 @ {offer}"], reference="10.5", dark=True)
    assert world.send(new("X", order))[-1].endswith(f"5@{price}")


def test_a_lit_venue_does_not_care_for_the_middle() -> None:
    world = World(asks=["7 @ 10"], reference="10.5")
    assert world.send(new("X", "buy 5 AAPL @ 12"))[-1].endswith("5@10")
