"""Each hard example ends as its row says, as it arrives there and in every other order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from math import factorial
from typing import Any, Final

import pytest

from fix_oms.model.fix import ExecType
from fix_oms.model.messages import BusinessMessageReject, ExecutionReport, OrderCancelReject
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import average, fixed
from tests.engine.desk import Desk
from tests.properties.hard_examples import ROWS, Row
from tests.properties.judging import sound
from tests.properties.model_broker import A_MOMENT, MORNING, Report
from tests.properties.timed_broker import A_DAY
from tests.properties.timed_examples import TIMED_ROWS

ORDERS: Final = 60
"""How many orders of arrival of a row are tried; all of them up to four reports."""

EACH = pytest.mark.parametrize("row", [*ROWS, *TIMED_ROWS], ids=lambda row: row.title)


def report_of(line: str, moment: int) -> Report:
    """One line of the table's notation, as the message that it stands for."""
    first, *words = line.split()
    at = MORNING + moment * A_MOMENT
    if first == "9":
        name, status = words
        return OrderCancelReject(
            cl_ord_id=f"1-{name[1:]}",
            orig_cl_ord_id="1-1",
            order_id="B-1",
            ord_status=status,
            cxl_rej_response_to="1",
            transact_time=at,
        )
    if first == "j":
        return BusinessMessageReject(
            ref_msg_type="G", business_reject_reason="0", business_reject_ref_id=f"1-{words[0][1:]}"
        )
    (exec_type, status), quantities, rest = words[0].split("/"), words[1], words[2:]
    more: dict[str, Any] = {"exec_id": None}
    while rest:
        word = rest.pop(0)
        if word == "of":
            more["exec_ref_id"] = rest.pop(0)
        elif word == "day":
            at += (int(rest.pop(0)) - 1) * A_DAY
        elif "@" in word:
            more["last_qty"], more["last_px"] = map(fixed, word.split("@"))
        else:
            more["exec_id"] = word
    order_qty, cum_qty, leaves_qty = map(fixed, quantities.split(":"))
    return ExecutionReport(
        cl_ord_id=f"1-{first[1:]}",
        order_id="B-1",
        exec_type=exec_type,
        ord_status=status,
        symbol="AAPL",
        side="1",
        order_qty=order_qty,
        cum_qty=cum_qty,
        leaves_qty=leaves_qty,
        avg_px=0,
        transact_time=at,
        exec_restatement_reason="2" if exec_type == ExecType.RESTATED else None,
        **more,
    )


def hear(desk: Desk, message: Report) -> None:
    """It arrives. The table tells no AvgPx(6), so it is left out: it may say what is true only."""
    text = desk.engine.state.codecs["ALPHA"].encode(message)
    desk.hear_text("ALPHA", text.replace("\x016=0\x01", "\x01"))


def asked(row: Row) -> tuple[Desk, str]:
    """All that the row asks for has left."""
    desk = Desk()
    name = desk.buy(100, time_in_force=row.time_in_force)
    for what in row.asked:
        kind, _, qty = what.partition(" ")
        answer = desk.cancel(name) if kind == "cancel" else desk.replace(name, order_qty=fixed(qty))
        assert isinstance(answer, Accepted)
    return desk, name


def ended(desk: Desk, name: str) -> str:
    """The order as the table writes it. What executed is the position, not what was told."""
    view = desk.order(name)
    held = desk.engine.state.ledger.position(view.account, view.symbol)
    sums = ":".join(f"{q / 10**8:g}" for q in (view.order_qty, view.cum_qty, view.leaves_qty))
    px = average(held.bought_notional, held.bought) / 10**8
    return f"{view.ord_status} {sums} {held.quantity / 10**8:g}@{px:.10g}"


def unexpected(desk: Desk, name: str, row: Row) -> list[str]:
    """Breaks that stand open and should not, and those that should and do not."""
    said = desk.order(name).breaks
    new = [text for text in said if not any(words in text for words in row.breaks)]
    return new + [words for words in row.breaks if not any(words in text for text in said)]


def end_of(row: Row, arrival: Sequence[int]) -> tuple[str, list[str]]:
    desk, name = asked(row)
    for n in arrival:
        hear(desk, report_of(row.said[n], n))
        sound(desk, name)
    return ended(desk, name), unexpected(desk, name, row)


def arrivals(row: Row) -> Iterator[Sequence[int]]:
    """Every order of arrival, or as many by a fixed seed."""
    places = range(len(row.said))
    if factorial(len(places)) <= ORDERS:
        return islice(permutations(places), ORDERS)
    chance = random.Random(row.title)
    return (chance.sample(places, len(places)) for _ in range(ORDERS))


@EACH
def test_the_example_ends_as_its_row_says(row: Row) -> None:
    assert end_of(row, [int(n) for n in row.arrives.split()]) == (row.ends, [])


@EACH
def test_no_order_of_arrival_ends_otherwise(row: Row) -> None:
    found = {str(end_of(row, arrival)) for arrival in arrivals(row)}
    assert found == {str((row.ends, []))}


@EACH
def test_a_row_delivers_each_of_its_reports_once(row: Row) -> None:
    assert sorted(int(n) for n in row.arrives.split()) == list(range(len(row.said)))
