"""What is not settled shows wherever the state shows: in tables, pages and sentences."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rich.console import Console, RenderableType

from fix_oms.cli import tables
from fix_oms.cli.as_json import plain
from fix_oms.cli.page import order_page
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from fix_oms.model.views import OrderView
from tests.server.standin import order_view, position_view

NARROW, WIDE = 80, 200

FLAGS: list[tuple[dict[str, Any], str, str]] = [
    ({"pending": ("cancel",)}, "*", "cancel pending"),
    ({"in_doubt": True}, "?", "in doubt"),
    ({"provisional_qty": 40 * SCALE}, "~", "40 not yet proven"),
    ({"unexplained_qty": 30 * SCALE}, "%", "30 not explained"),
    ({"uncertain": True}, "^", "uncertain"),
    ({"breaks": ("overfill",)}, "!", "overfill"),
]


def order(**changes: Any) -> OrderView:
    """A working order of 100 AAPL, 40 of them done, with changes."""
    terms = Terms(symbol="AAPL", side="1", order_qty=100 * SCALE, ord_type="2", price=10 * SCALE)
    view = order_view(NewOrder(by="ann", terms=terms), "7-1")
    done = {"ord_status": "1", "cum_qty": 40 * SCALE, "leaves_qty": 60 * SCALE, "pending": ()}
    return msgspec.structs.replace(view, **(done | {"avg_px": 10 * SCALE} | changes))


def cash_order(**changes: Any) -> OrderView:
    cash = {"cash_order_qty": 10_000 * SCALE, "order_qty": 0, "leaves_qty": 0}
    return order(**(cash | changes))


def printed(shown: RenderableType, width: int) -> str:
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


@pytest.mark.parametrize(("flag", "mark", "words"), FLAGS)
def test_a_flag_is_a_mark_in_the_narrow_table_and_the_mark_is_explained(
    flag: dict[str, Any], mark: str, words: str
) -> None:
    lines = printed(tables.orders_table([order(**flag)], NARROW), NARROW).splitlines()
    assert f"PartiallyFilled {mark} " in lines[2]
    assert lines[3].rstrip() == f"{mark} {tables.MARKS[mark]}"


@pytest.mark.parametrize(("flag", "mark", "words"), FLAGS)
@pytest.mark.parametrize("where", ["wide table", "sentence", "page"])
def test_a_flag_is_told_in_words(where: str, flag: dict[str, Any], mark: str, words: str) -> None:
    view = order(**flag)
    shown = {
        "wide table": printed(tables.orders_table([view], WIDE), WIDE),
        "sentence": tables.sentence(view),
        "page": printed(order_page(view, [], NARROW), NARROW),
    }
    assert words in shown[where]


def test_a_settled_order_bears_no_mark() -> None:
    lines = printed(tables.orders_table([order()], NARROW), NARROW).splitlines()
    assert (len(lines), "PartiallyFilled  Buy" in lines[2]) == (3, True)


def test_no_mark_has_an_explanation_that_does_not_fit_a_narrow_screen() -> None:
    assert [mark for mark, text in tables.MARKS.items() if len(f"{mark} {text}") > NARROW] == []


def test_json_carries_every_flag() -> None:
    doubtful = order(
        provisional_qty=SCALE, unexplained_qty=2 * SCALE, uncertain=True, in_doubt=True
    )
    row = plain(doubtful)
    found = [row[k] for k in ("provisional_qty", "unexplained_qty", "uncertain", "in_doubt")]
    assert found == ["1", "2", True, True]


def test_json_carries_the_days_fields_and_the_cash() -> None:
    row = plain(cash_order(day_order_qty=90 * SCALE, day_cum_qty=30 * SCALE, day_avg_px=SCALE))
    found = [row[k] for k in ("day_order_qty", "day_cum_qty", "day_avg_px", "cash_order_qty")]
    assert found == ["90", "30", "1", "10000"]


def test_the_page_says_how_much_of_cum_qty_is_not_proven_or_not_explained() -> None:
    view = order(provisional_qty=40 * SCALE, unexplained_qty=30 * SCALE)
    expected = "40; 40 of it not yet proven by executions; 30 not explained"
    assert expected in printed(order_page(view, [], NARROW), NARROW)


DAY = {"day_order_qty": 90 * SCALE, "day_cum_qty": 30 * SCALE, "day_avg_px": 10 * SCALE}


@pytest.mark.parametrize(("tif", "is_shown"), [("1", True), ("6", True), ("0", False)])
def test_the_days_fields_show_for_orders_that_live_across_days(tif: str, is_shown: bool) -> None:
    output = printed(order_page(order(time_in_force=tif, **DAY), [], NARROW), NARROW)
    expected = "DayOrderQty(424) 90, DayCumQty(425) 30, DayAvgPx(426) 10"
    assert (expected in output) is is_shown


def test_a_day_without_executions_has_no_average() -> None:
    view = order(time_in_force="1", **(DAY | {"day_cum_qty": 0, "day_avg_px": 0}))
    output = printed(order_page(view, [], NARROW), NARROW)
    assert ("DayCumQty(425) 0" in output, "DayAvgPx" in output) == (True, False)


def test_a_cash_order_shows_its_money_until_the_broker_derives_a_quantity() -> None:
    found = [
        printed(tables.orders_table([view], NARROW), NARROW).splitlines()[2].split("AAPL")[0]
        for view in (cash_order(), cash_order(order_qty=990 * SCALE))
    ]
    assert ["40 of 10,000 USD" in found[0], "40/990" in found[1]] == [True, True]


def test_the_page_of_a_cash_order_says_for_how_much() -> None:
    output = printed(order_page(cash_order(), [], NARROW), NARROW)
    assert "Buy AAPL for 10,000 USD Limit 10 Day" in output
    assert "not told yet" in output


def test_an_amount_of_money_is_grouped_and_exact() -> None:
    assert tables.cash_words(cash_order(cash_order_qty=123_456_750_000_000)) == "1,234,567.5 USD"


@pytest.mark.parametrize(("breaks", "said"), [(1, "1 execution"), (3, "3 executions")])
def test_what_a_drop_copy_tells_otherwise_stands_under_the_positions(
    breaks: int, said: str
) -> None:
    held = msgspec.structs.replace(position_view(), breaks=breaks)
    last = printed(tables.positions_table([held], NARROW), NARROW).splitlines()[-1]
    assert last.strip() == f"! DESK AAPL: a drop copy tells {said} otherwise (reconcile live)"
