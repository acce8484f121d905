"""Matching: tables of what trades with what, and properties over random flow."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.units import SCALE, Fixed, fixed
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.queues import PRICE_TIME, FillModel
from fix_oms.simulator.resting import BookOrder, Event, Killed, Traded, Triggered

SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class Pit:
    """A book with names for its orders and a list of what it told, in words."""

    def __init__(self, model: FillModel = PRICE_TIME) -> None:
        self.book = MatchingBook("AAPL", self._told, model)
        self.said: list[str] = []
        self.trades: list[Traded] = []
        self.orders: dict[str, BookOrder] = {}

    def _told(self, now_ns: int, event: Event) -> None:
        if isinstance(event, Traded):
            self.trades.append(event)
            quantity, price = event.quantity // SCALE, event.price / SCALE
            self.said.append(f"{event.taker.key}x{event.maker.key} {quantity}@{price:g}")
        elif isinstance(event, Triggered):
            self.said.append(f"{event.order.key} triggered")
        elif isinstance(event, Killed):
            self.said.append(f"{event.order.key} killed: {event.reason}")

    def order(self, text: str) -> BookOrder:
        """``a buy 100 @ 10 ioc``, ``b sell 5``, ``c buy 5 stop 11``, ``d buy 5 stop 11 @ 12``."""
        name, side, quantity, *rest = text.split()
        price = fixed(rest[rest.index("@") + 1]) if "@" in rest else None
        stop_px = fixed(rest[rest.index("stop") + 1]) if "stop" in rest else None
        times = {time.name.lower(): time for time in TimeInForce}
        time_in_force = times.get(rest[-1], TimeInForce.DAY) if rest else TimeInForce.DAY
        kinds = {
            (False, False): OrdType.MARKET,
            (True, False): OrdType.LIMIT,
            (False, True): OrdType.STOP,
            (True, True): OrdType.STOP_LIMIT,
        }
        made = self.orders[name] = BookOrder(
            name,
            SIDES[side],
            fixed(quantity),
            ord_type=kinds[(price is not None, stop_px is not None)],
            price=price,
            stop_px=stop_px,
            time_in_force=time_in_force,
        )
        return made

    def enter(self, *texts: str) -> list[str]:
        """Enter orders one after the other; what the last one caused."""
        for text in texts:
            self.said = []
            self.book.enter(0, self.order(text))
            self.book._check()
        return self.said

    def amend(self, name: str, quantity: str, price: str | None = None) -> list[str]:
        order = self.orders[name]
        self.said = []
        kept = self.book.amend(
            order,
            order_qty=fixed(quantity),
            ord_type=order.ord_type,
            price=order.price if price is None else fixed(price),
            stop_px=order.stop_px,
            time_in_force=order.time_in_force,
        )
        if not kept:
            self.book.enter(0, order)
        self.book._check()
        return self.said

    def shown(self, buy: bool) -> list[str]:
        return [f"{size // SCALE}@{price / SCALE:g}" for price, size in self.book.levels(buy)]


MATCHING: tuple[tuple[str, list[str], list[str]], ...] = (
    ("a limit that meets nobody rests", ["a buy 5 @ 10"], []),
    ("a limit trades at the resting price", ["a sell 5 @ 10", "b buy 5 @ 11"], ["bxa 5@10"]),
    (
        "the best price trades first",
        ["a sell 5 @ 11", "b sell 5 @ 10", "c buy 7 @ 11"],
        ["cxb 5@10", "cxa 2@11"],
    ),
    (
        "the earliest at a price trades first",
        ["a buy 5 @ 10", "b buy 5 @ 10", "c sell 7 @ 10"],
        ["cxa 5@10", "cxb 2@10"],
    ),
    ("a limit does not trade beyond its price", ["a sell 5 @ 11", "b buy 5 @ 10"], []),
    (
        "a market order takes any price and what is left of it is killed",
        ["a sell 5 @ 10", "b sell 5 @ 99", "c buy 12"],
        ["cxa 5@10", "cxb 5@99", "c killed: no liquidity left"],
    ),
    ("a market order in an empty book is killed", ["a buy 5"], ["a killed: no liquidity left"]),
    (
        "an IOC takes what is there and is killed",
        ["a sell 5 @ 10", "b buy 7 @ 10 ioc"],
        ["bxa 5@10", "b killed: not filled at once"],
    ),
    (
        "an FOK that cannot be filled trades nothing",
        ["a sell 5 @ 10", "b buy 7 @ 10 fok"],
        ["b killed: not filled at once"],
    ),
    (
        "an FOK that can be filled is, over several prices",
        ["a sell 5 @ 10", "b sell 5 @ 11", "c buy 7 @ 11 fok"],
        ["cxa 5@10", "cxb 2@11"],
    ),
    ("a stop waits while its price was not traded", ["a buy 5 stop 11"], []),
    (
        "a stop is triggered by a trade at its price and takes what is there",
        ["a sell 1 @ 11", "b sell 5 @ 12", "s buy 5 stop 11", "c buy 1 @ 11"],
        ["cxa 1@11", "s triggered", "sxb 5@12"],
    ),
    (
        "a stop whose price was traded already works at once",
        ["a sell 2 @ 11", "b buy 1 @ 11", "s buy 1 stop 11"],
        ["s triggered", "sxa 1@11"],
    ),
    (
        "a sell stop is triggered from above",
        ["a buy 1 @ 9", "b buy 5 @ 8", "s sell 5 stop 9", "c sell 1 @ 9"],
        ["cxa 1@9", "s triggered", "sxb 5@8"],
    ),
    (
        "a triggered stop-limit rests at its limit",
        ["a sell 1 @ 11", "s buy 5 stop 11 @ 11", "c buy 1 @ 11", "d sell 5 @ 11"],
        ["dxs 5@11"],
    ),
    (
        "one stop may trigger the next",
        [
            "a sell 1 @ 11",
            "b sell 1 @ 12",
            "e sell 1 @ 13",
            "s buy 1 stop 11",
            "t buy 1 stop 12",
            "c buy 1 @ 11",
        ],
        ["cxa 1@11", "s triggered", "sxb 1@12", "t triggered", "txe 1@13"],
    ),
)


@pytest.mark.parametrize(
    ("orders", "expected"), [row[1:] for row in MATCHING], ids=[row[0] for row in MATCHING]
)
def test_matching(orders: list[str], expected: list[str]) -> None:
    assert Pit().enter(*orders) == expected


def test_a_canceled_order_trades_no_more() -> None:
    pit = Pit()
    pit.enter("a sell 5 @ 10", "b sell 5 @ 10")
    assert pit.book.cancel(pit.orders["a"])
    assert pit.enter("c buy 5 @ 10") == ["cxb 5@10"]


def test_a_cancel_of_what_is_not_in_the_book_says_so() -> None:
    pit = Pit()
    assert not pit.book.cancel(pit.order("a buy 5 @ 10"))


def test_a_pure_decrease_keeps_its_place() -> None:
    pit = Pit()
    pit.enter("a sell 5 @ 10", "b sell 5 @ 10")
    pit.amend("a", "3")
    assert pit.enter("c buy 4 @ 10") == ["cxa 3@10", "cxb 1@10"]


@pytest.mark.parametrize(("quantity", "price"), [("6", None), ("5", "9"), ("4", "9")])
def test_any_other_replace_loses_its_place(quantity: str, price: str | None) -> None:
    pit = Pit()
    pit.enter("a sell 5 @ 10", f"b sell 5 @ {price or 10}")
    pit.amend("a", quantity, price)
    assert pit.enter("c buy 5 @ 10") == [f"cxb 5@{price or 10}"]


def test_a_replaced_quantity_is_the_total_with_what_has_traded() -> None:
    pit = Pit()
    pit.enter("a sell 10 @ 10", "b buy 4 @ 10")
    pit.amend("a", "7")
    assert pit.shown(buy=False) == ["3@10"]


def test_a_replace_below_what_has_traded_leaves_the_order_filled_at_that() -> None:
    pit = Pit()
    pit.enter("a sell 10 @ 10", "b buy 8 @ 10")
    pit.amend("a", "7")
    a = pit.orders["a"]
    assert (a.order_qty, a.cum_qty, a.leaves_qty, a in pit.book) == (8 * SCALE, 8 * SCALE, 0, False)


def test_a_replace_to_a_crossing_price_trades() -> None:
    pit = Pit()
    pit.enter("a sell 5 @ 11", "b buy 5 @ 10")
    assert pit.amend("b", "5", "11") == ["bxa 5@11"]


def test_a_replaced_stop_waits_for_its_new_price() -> None:
    pit = Pit()
    pit.enter("a sell 2 @ 11", "s buy 1 stop 11")
    stop = pit.orders["s"]
    pit.book.amend(
        stop, order_qty=SCALE, ord_type="3", price=None, stop_px=12 * SCALE, time_in_force="0"
    )
    pit.book.enter(0, stop)
    assert pit.enter("c buy 1 @ 11") == ["cxa 1@11"]


def test_a_slice_trades_no_more_than_it_is_told() -> None:
    pit = Pit()
    pit.enter("a sell 10 @ 10")
    taker = pit.order("b buy 10 @ 10")
    pit.book.take(0, taker, 3 * SCALE)
    assert (pit.said, taker in pit.book) == (["bxa 3@10"], False)


def test_an_order_may_not_be_entered_twice() -> None:
    pit = Pit()
    pit.enter("a buy 5 @ 10")
    with pytest.raises(ValueError, match="a is in the book already"):
        pit.book.enter(0, pit.orders["a"])


class HalfOfEach:
    """A backtest's idea of a queue: half of what is shown was gone before we came."""

    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterable[tuple[BookOrder, Fixed]]:
        for maker in makers:
            quantity = min(wanted, maker.leaves_qty // 2)
            if quantity:
                wanted -= quantity
                yield maker, quantity


def test_a_fill_model_of_ones_own_decides_who_trades() -> None:
    pit = Pit(HalfOfEach())
    said = pit.enter("a sell 4 @ 10", "b sell 4 @ 11", "c buy 8 @ 11")
    assert said == ["cxa 2@10", "cxb 2@11", "c killed: liquidity withheld"]


class TooMuch:
    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterable[tuple[BookOrder, Fixed]]:
        for maker in makers:
            yield maker, maker.leaves_qty + 1


def test_a_fill_model_that_gives_more_than_there_is_is_refused() -> None:
    with pytest.raises(ValueError, match="the fill model gave"):
        Pit(TooMuch()).enter("a sell 4 @ 10", "c buy 8 @ 11")


# -- random flow ----------------------------------------------------------------------------------

PRICES = st.integers(95, 105)
QUANTITIES = st.integers(1, 20)


@st.composite
def orders(draw: st.DrawFn, number: int) -> BookOrder:
    kind = draw(st.sampled_from([OrdType.LIMIT] * 4 + list(OrdType)))
    has_price = kind in (OrdType.LIMIT, OrdType.STOP_LIMIT)
    has_stop = kind in (OrdType.STOP, OrdType.STOP_LIMIT)
    return BookOrder(
        f"o{number}",
        draw(st.sampled_from([Side.BUY, Side.SELL])),
        draw(QUANTITIES) * SCALE,
        ord_type=kind,
        price=draw(PRICES) * SCALE if has_price else None,
        stop_px=draw(PRICES) * SCALE if has_stop else None,
        time_in_force=draw(st.sampled_from(["0", "0", "0", "1", "3", "4"])),
    )


@given(st.data(), st.sampled_from([PRICE_TIME, HalfOfEach()]))
def test_random_flow_keeps_the_book_sound_and_conserves_quantity(
    data: st.DataObject, model: FillModel
) -> None:
    pit, all_orders = Pit(model), list[BookOrder]()
    for n in range(data.draw(st.integers(1, 40))):
        act = data.draw(st.sampled_from(["enter"] * 5 + ["cancel", "amend"]))
        if act == "enter" or not all_orders:
            order = data.draw(orders(n))
            all_orders.append(order)
            pit.book.enter(n, order)
        elif act == "cancel":
            pit.book.cancel(data.draw(st.sampled_from(all_orders)))
        else:
            order = data.draw(st.sampled_from(all_orders))
            if order in pit.book:
                kept = pit.book.amend(
                    order,
                    order_qty=data.draw(QUANTITIES) * SCALE,
                    ord_type=order.ord_type,
                    price=data.draw(PRICES) * SCALE if order.price is not None else None,
                    stop_px=order.stop_px,
                    time_in_force=order.time_in_force,
                )
                if not kept:
                    pit.book.enter(n, order)
        pit.book._check()
    bought = sum(o.cum_qty for o in all_orders if o.is_buy)
    sold = sum(o.cum_qty for o in all_orders if not o.is_buy)
    assert bought == sold == sum(trade.quantity for trade in pit.trades)
    assert all(0 <= o.cum_qty <= o.order_qty for o in all_orders)


@given(st.lists(st.tuples(PRICES, QUANTITIES), min_size=1, max_size=12), QUANTITIES, PRICES)
def test_a_sweep_takes_by_price_then_by_time(
    resting: list[tuple[int, int]], quantity: int, limit: int
) -> None:
    pit = Pit()
    for n, (price, size) in enumerate(resting):
        pit.enter(f"o{n} sell {size} @ {price}")
    pit.enter(f"t buy {quantity} @ {limit}")
    expected, left = [], quantity
    for price, n, size in sorted((price, n, size) for n, (price, size) in enumerate(resting)):
        if price <= limit and left:
            taken = min(left, size)
            expected.append((f"o{n}", taken * SCALE))
            left -= taken
    assert [(trade.maker.key, trade.quantity) for trade in pit.trades] == expected


@given(st.lists(st.tuples(PRICES, QUANTITIES), max_size=12), QUANTITIES, PRICES)
def test_an_fok_trades_all_or_nothing(
    resting: list[tuple[int, int]], quantity: int, limit: int
) -> None:
    pit = Pit()
    for n, (price, size) in enumerate(resting):
        pit.enter(f"o{n} sell {size} @ {price}")
    pit.enter(f"t buy {quantity} @ {limit} fok")
    there = sum(size for price, size in resting if price <= limit)
    assert pit.orders["t"].cum_qty == (quantity * SCALE if there >= quantity else 0)
