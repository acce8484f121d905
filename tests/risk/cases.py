"""For each control a desk, an order just inside, and one a unit beyond.

A case builds its desk anew for each order, so that neither has seen the other. ``inside`` must be
accepted; ``beyond`` must be refused by that control, naming the limit and the value found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from fix_oms.model import inputs
from tests.engine.desk import Desk, plain_settings
from tests.risk.acts import (
    Ask,
    all_of,
    balance,
    both,
    bust,
    buy,
    cancels,
    filled,
    hours,
    instrument,
    limit,
    loop,
    many,
    opened,
    order,
    parent,
    put,
    quote,
    referenced,
    security,
    sell,
    shut,
    told,
)


@attrs.frozen(kw_only=True)
class Case:
    """``limits`` are those in force; ``settings`` other changes; ``before`` happens first."""

    control: str
    limits: tuple[dict[str, Any], ...] = ()
    settings: Callable[[dict[str, Any]], None] | None = None
    before: Callable[[Desk], None] | None = None
    inside: Ask
    beyond: Ask
    limit: str
    value: str
    says: str

    def desk(self) -> Desk:
        """A desk of this case, after what happens before."""
        plain = plain_settings(limits=[dict(limit) for limit in self.limits])
        plain["strategies"] = {"algo": {}}
        if self.settings is not None:
            self.settings(plain)
        desk = Desk(plain)
        if self.before is not None:
            self.before(desk)
        return desk


ALGO: Final = {"strategy": "algo"}
CASES: Final = (
    Case(
        control="max_order_qty",
        limits=limit("max_order_qty", "100"),
        inside=buy(100),
        beyond=buy(101),
        limit="100",
        value="101",
        says="OrderQty(38) 101 exceeds the maximum order quantity",
    ),
    Case(
        control="max_order_value",
        limits=limit("max_order_value", "1000"),
        inside=buy(100, "10"),
        beyond=buy(100, "10.01"),
        limit="1000",
        value="1001.00",
        says="the order's value 1,001.00 USD exceeds the maximum order value",
    ),
    Case(
        control="price_collar",
        limits=limit("price_collar", "5"),
        before=quote("99.99", "100"),
        inside=buy(1, "105"),
        beyond=buy(1, "105.01"),
        limit="105",
        value="105.01",
        says="Price(44) 105.01 is above 105, the collar of 5 % around the reference 100",
    ),
    Case(
        control="market_data",
        limits=limit("market_data", "5"),
        before=quote("9.99", "10"),
        inside=both(lambda d: d.passes(5 * 10**9 - 1000), buy(1)),
        beyond=both(lambda d: d.passes(5 * 10**9 - 999), buy(1)),
        limit="5",
        value="5.000 s old",
        says="ALPHA's quote of AAPL is 5.000 s old: no price can be judged by it",
    ),
    Case(
        control="restricted",
        limits=limit("restricted", symbol="MSFT"),
        inside=buy(10),
        beyond=buy(10, symbol="MSFT", venue="BETA"),
        limit="",
        value="MSFT",
        says="symbol MSFT is restricted",
    ),
    Case(
        control="permission",
        limits=limit("permission", ord_types=["limit"], account="DESK"),
        settings=referenced("10"),
        inside=buy(1),
        beyond=buy(1, None),
        limit="limit",
        value="market",
        says="OrdType(40) market is not permitted to account DESK (limit is)",
    ),
    Case(
        control="position_limit",
        limits=limit("position_limit", "100"),
        before=all_of(filled("1", 40), buy(30)),
        inside=buy(30),
        beyond=buy(31),
        limit="100",
        value="101",
        says="the position of symbol AAPL could come to 101 long (it is 40, 30 more are open)",
    ),
    Case(
        control="short_sale_locate",
        limits=limit("short_sale_locate", "20"),
        before=all_of(filled("1", 40), sell(30)),
        inside=sell(30),
        beyond=sell(31),
        limit="20",
        value="21",
        says="the sale could leave account DESK, symbol AAPL short of 21, and 20 were located",
    ),
    Case(
        control="reduce_only",
        limits=limit("reduce_only", account="DESK"),
        settings=lambda plain: plain["limits"].clear(),
        before=lambda desk: all_of(filled("1", 100), put("reduce_only", account="DESK"))(desk),
        inside=sell(100),
        beyond=sell(101),
        limit="100",
        value="101",
        says="the order is to reduce only: the position is 100 and could come to -1",
    ),
    Case(
        control="gross_notional",
        limits=limit("gross_notional", "2000"),
        settings=referenced("10"),
        before=all_of(filled("1", 100), buy(50)),
        inside=buy(50),
        beyond=buy(50, "10.01"),
        limit="2000",
        value="2000.50",
        says="the gross notional of everything could come to 2,000.50 USD, beyond the limit",
    ),
    Case(
        control="net_notional",
        limits=limit("net_notional", "500"),
        settings=referenced("10"),
        before=all_of(filled("1", 40), sell(60, "12")),
        inside=buy(10),
        beyond=buy(11),
        limit="500",
        value="510.00",
        says="the net notional of everything could come to 510.00 USD, beyond the limit",
    ),
    Case(
        control="unexecuted_value",
        limits=limit("unexecuted_value", "1000"),
        settings=referenced("10"),
        before=all_of(filled("1", 40), buy(50), sell(20)),
        inside=buy(30),
        beyond=buy(31),
        limit="1000",
        value="1010.00",
        says="the value of open orders of everything could come to 1,010.00 USD",
    ),
    Case(
        control="buying_power",
        limits=limit("buying_power", "100"),
        settings=referenced("10"),
        before=all_of(balance("1000"), filled("1", 40), balance("1100"), buy(50)),
        inside=buy(50),
        beyond=buy(51),
        limit="1000.00",
        value="1010.00",
        says="the order would take 1,010.00 USD of what account DESK has available",
    ),
    Case(
        control="self_match",
        limits=limit("self_match"),
        before=all_of(buy(10, "10"), buy(10, "9.99")),
        inside=sell(5, "10.01"),
        beyond=sell(5, "10"),
        limit="10",
        value="1-1",
        says="it could trade with our own buy 1-1 at 10",
    ),
    Case(
        control="message_rate",
        limits=limit("message_rate", "3", window_s=2),
        before=many(2, buy(1)),
        inside=buy(1),
        beyond=both(many(1, buy(1)), buy(1)),
        limit="3",
        value="4",
        says="3 new messages within 2 s reach the maximum message rate; cancels still leave",
    ),
    Case(
        control="duplicate_order",
        limits=limit("duplicate_order", "2"),
        before=many(1, buy(7)),
        inside=buy(7),
        beyond=both(many(1, buy(7)), buy(7)),
        limit="2",
        value="3",
        says="2 of the same terms left within 5 s: a duplicate",
    ),
    Case(
        control="flip_flop",
        limits=limit("flip_flop", "3"),
        before=loop(3),
        inside=buy(1, **ALGO),
        beyond=both(loop(1), buy(1, **ALGO)),
        limit="3",
        value="4",
        says="account DESK, strategy algo, symbol AAPL is stopped by flip_flop",
    ),
    Case(
        control="round_trip_loss",
        limits=limit("round_trip_loss", "3"),
        before=loop(3),
        inside=buy(1, **ALGO),
        beyond=both(loop(1), buy(1, **ALGO)),
        limit="3",
        value="4.00",
        says="is stopped by round_trip_loss",
    ),
    Case(
        control="order_rate",
        limits=limit("order_rate", "4"),
        before=many(3, buy(1, **ALGO)),
        inside=buy(1, **ALGO),
        beyond=both(many(2, buy(1, **ALGO)), buy(1, **ALGO)),
        limit="4",
        value="5",
        says="is stopped by order_rate",
    ),
    Case(
        control="cancel_rate",
        limits=limit("cancel_rate", "3"),
        before=cancels(3),
        inside=buy(1, **ALGO),
        beyond=both(cancels(1), buy(1, **ALGO)),
        limit="3",
        value="4",
        says="is stopped by cancel_rate",
    ),
    Case(
        control="order_to_trade",
        limits=limit("order_to_trade", "300"),
        before=many(299, buy(1, **ALGO)),
        inside=buy(1, **ALGO),
        beyond=both(many(2, buy(1, **ALGO)), buy(1, **ALGO)),
        limit="300",
        value="301",
        says="is stopped by order_to_trade",
    ),
    Case(
        control="repeated_execution",
        limits=limit("repeated_execution", "3"),
        before=all_of(*[filled("1", 1, **ALGO)] * 3),
        inside=buy(1, **ALGO),
        beyond=both(filled("1", 1, **ALGO), buy(1, **ALGO)),
        limit="3",
        value="4",
        says="is stopped by repeated_execution",
    ),
    Case(
        control="loss_limit",
        limits=limit("loss_limit", "100"),
        before=all_of(filled("1", 100, "10"), quote("8.99", "9.01")),
        inside=buy(1, "9"),
        beyond=both(quote("8.98", "9"), buy(1, "9")),
        limit="100",
        value="101.00",
        says="account DESK has lost 101.00 USD, more than the loss limit",
    ),
    Case(
        control="beyond_terms",
        limits=limit("beyond_terms", "0"),
        inside=buy(1),
        beyond=both(bust, buy(1)),
        limit="0",
        value="1",
        says="account DESK, symbol AAPL is stopped by beyond_terms",
    ),
    Case(
        control="unconfirmed_fills",
        limits=limit("unconfirmed_fills", "2"),
        before=all_of(filled("1", 1), told(1), filled("1", 1), filled("1", 1)),
        inside=buy(1),
        beyond=both(filled("1", 1), buy(1)),
        limit="2",
        value="3",
        says="3 executions of account DESK, symbol AAPL are not confirmed by its position feed",
    ),
    Case(
        control="position_break",
        limits=limit("position_break", "5"),
        before=all_of(filled("1", 10)),
        inside=both(told(15), buy(1)),
        beyond=both(told(16), buy(1)),
        limit="5",
        value="6",
        says="the position feed of account DESK, symbol AAPL differs from our executions",
    ),
    Case(
        control="position_feed",
        limits=limit("position_feed", "30"),
        before=told(0),
        inside=both(lambda d: d.passes(30 * 10**9 - 1000), buy(1)),
        beyond=both(lambda d: d.passes(30 * 10**9 - 999), buy(1)),
        limit="30",
        value="30 s",
        says="the position feed of account DESK, symbol AAPL has been silent for 30 s",
    ),
    Case(
        control="conservation",
        before=all_of(parent, lambda d: order(parent="P")(d)),
        inside=lambda d: d.answer(
            inputs.NewOrder(by="t", terms=d.terms("1", 50, "10"), venue="ALPHA", parent="P")
        ),
        beyond=lambda d: d.answer(
            inputs.NewOrder(by="t", terms=d.terms("1", 51, "10"), venue="ALPHA", parent="P")
        ),
        limit="150",
        value="151",
        says="the children of parent P would come to 151, more than its OrderQty(38) 150",
    ),
    Case(
        control="tick_size",
        inside=buy(1, "10.01"),
        beyond=buy(1, "10.011"),
        limit="0.01",
        value="10.011",
        says="Price(44) 10.011 is no multiple of the tick 0.01",
    ),
    Case(
        control="lot_size",
        settings=instrument(lot="5"),
        inside=buy(10),
        beyond=buy(11),
        limit="5",
        value="11",
        says="OrderQty(38) 11 is no multiple of the lot 5",
    ),
    Case(
        control="quantity_bounds",
        settings=instrument(min_qty="5", max_qty="500"),
        inside=buy(500),
        beyond=buy(501),
        limit="500",
        value="501",
        says="OrderQty(38) 501 is above the most of 500",
    ),
    Case(
        control="min_notional",
        settings=instrument(min_notional="100"),
        inside=buy(10, "10"),
        beyond=buy(10, "9.99"),
        limit="100",
        value="99.90",
        says="OrderQty(38) is worth 99.90 USD, less than the least of 100",
    ),
    Case(
        control="trading_hours",
        settings=hours,
        before=opened(True),
        inside=buy(1),
        beyond=both(opened(False), buy(1)),
        limit="",
        value="",
        says="ALPHA is closed: it is outside its trading hours",
    ),
    Case(
        control="trading_halt",
        before=security("2"),
        inside=both(security("3"), buy(1)),
        beyond=buy(1),
        limit="",
        value="",
        says="ALPHA has halted AAPL: trading halt",
    ),
    Case(
        control="session_up",
        inside=buy(1),
        beyond=both(lambda desk: desk.down("ALPHA"), buy(1)),
        limit="",
        value="",
        says="session ALPHA is down: cut",
    ),
    Case(
        control="halt",
        before=shut(inputs.Halt),
        inside=buy(10, symbol="MSFT", venue="BETA"),
        beyond=buy(1),
        limit="",
        value="",
        says="halted by ann: stop",
    ),
    Case(
        control="kill",
        before=shut(inputs.Kill),
        inside=buy(10, symbol="MSFT", venue="BETA"),
        beyond=buy(1),
        limit="",
        value="",
        says="killed by ann: stop",
    ),
)
