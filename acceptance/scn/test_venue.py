"""The script's venue: what it fills in, and how 4.2 says what later versions say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from acceptance.scn.venue import SOH, ScriptedVenue
from fix_oms.model.fix import FixVersion

NOW = "20270101-14:30:00.000"


def venue(version: FixVersion = FixVersion.FIX44) -> ScriptedVenue:
    """A venue that has received an order to buy 100 at 10, named R1."""
    made = ScriptedVenue(version)
    made.received({35: "D", 11: "R1", 55: "AAPL", 54: "1", 38: "100", 40: "2", 44: "10"})
    return made


def said(made: ScriptedVenue, msg_type: str = "8", **stated: str | None) -> dict[int, str]:
    """The fields of the message for fields stated as ``t39="2"``."""
    text = made.compose(msg_type, {int(k[1:]): v for k, v in stated.items()}, NOW)
    return {int(f.partition("=")[0]): f.partition("=")[2] for f in text.split(SOH) if f}


def test_a_report_that_says_little_is_a_whole_one() -> None:
    assert said(venue(), t11="R1", t150="0", t39="0") == {
        35: "8",
        37: "V1-R1",
        17: "E2",
        11: "R1",
        150: "0",
        39: "0",
        6: "0",
        14: "0",
        38: "100",
        54: "1",
        55: "AAPL",
        60: NOW,
        151: "100",
    }


def test_what_is_stated_is_sent_as_written() -> None:
    assert said(venue(), t11="R1", t150="0", t39="0", t151="7")[151] == "7"


def test_what_is_stated_as_absent_is_left_out() -> None:
    assert 151 not in said(venue(), t11="R1", t150="0", t39="0", t151=None)


def test_a_trade_is_by_default_what_cum_qty_adds_at_the_orders_price() -> None:
    found = said(venue(), t11="R1", t150="F", t39="1", t14="40")
    assert (found[32], found[31], found[14], found[151], found[6]) == ("40", "10", "40", "60", "10")


def test_executions_are_told_in_the_order_in_which_they_were_made() -> None:
    made = venue()
    made.fill("R1", Decimal(30), Decimal("9.5"))
    made.fill("R1", Decimal(70), Decimal(10))
    first = said(made, t11="R1", t150="F", t39="1")
    second = said(made, t11="R1", t150="F", t39="2")
    assert [(r[32], r[31], r[14], r[6]) for r in (first, second)] == [
        ("30", "9.5", "30", "9.5"),
        ("70", "10", "100", "9.85"),
    ]


def test_a_replace_takes_its_terms_when_it_is_accepted() -> None:
    made = venue()
    made.received({35: "G", 11: "R2", 41: "R1", 38: "120", 44: "11"})
    pending = said(made, t11="R2", t150="E", t39="E")
    accepted = said(made, t11="R2", t150="5", t39="0")
    assert (pending[38], accepted[38], accepted[151]) == ("100", "120", "120")


def test_a_cancel_reject_says_what_kind_of_request_it_answers() -> None:
    made = venue()
    made.received({35: "G", 11: "R2", 41: "R1", 38: "120", 44: "11"})
    found = said(made, "9", t11="R2", t41="R1", t39="0")
    assert (found[434], found[37]) == ("2", "V1-R1")


@pytest.mark.parametrize(
    ("exec_type", "ord_status", "cum_qty", "in_4_2"),
    [
        ("0", "0", "0", ("0", "0")),
        ("F", "1", "40", ("0", "1")),
        ("F", "2", "100", ("0", "2")),
        ("F", "6", "40", ("0", "1")),
        ("H", "1", "60", ("1", "1")),
        ("G", "2", "100", ("2", "2")),
        ("I", "0", "0", ("3", "0")),
        ("4", "4", "0", ("0", "4")),
    ],
)
def test_4_2_says_the_kind_of_report_in_exec_trans_type(
    exec_type: str, ord_status: str, cum_qty: str, in_4_2: tuple[str, str]
) -> None:
    made = venue(FixVersion.FIX42)
    found = said(made, t11="R1", t150=exec_type, t39=ord_status, t14=cum_qty)
    assert (found[20], found[150]) == in_4_2
