"""The cases of the controls that are always on, or told by instrument, venue or order."""

from __future__ import annotations

from typing import Final

from fix_oms.model import inputs
from tests.risk.acts import (
    Case,
    all_of,
    both,
    buy,
    hours,
    instrument,
    opened,
    order,
    parent,
    reconnected,
    security,
    shut,
    told_status,
)

STANDING: Final = (
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
        control="reconciling",
        before=reconnected,
        inside=both(told_status, buy(1)),
        beyond=buy(1),
        limit="",
        value="",
        says="ALPHA has not told of order 1-1 of DESK in AAPL since it came back: new risk is held "
        "until it does, or somebody decides (resolve)",
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
