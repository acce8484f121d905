"""What brokers tell that cannot be true, or leave out, is told to people and never obeyed."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from tests.engine.desk import SECOND, Desk


def codes(desk: Desk) -> list[str]:
    return [alert.code for alert in desk.alerts if alert.severity != "info"]


def working(desk: Desk, qty: int = 100) -> str:
    name = desk.buy(qty)
    desk.report(name, "0", "0", leaves=qty)
    return name


ILLEGAL = [
    # What the broker says of an order of 100 after which fill or end, and then what.
    (("4", "4", {}), ("C", "C", {}), "Expired is illegal for an order that is Canceled"),
    (
        ("8", "8", {}),
        ("F", "1", {"cum": 40, "last": 40, "leaves": 60}),
        "Trade is illegal for an order that is",
    ),
    (("0", "0", {"leaves": 100}), ("4", "1", {}), "contradict"),
]


@pytest.mark.parametrize(("first", "then", "words"), ILLEGAL)
def test_an_illegal_report_is_an_anomaly_and_counts_all_the_same(
    first: tuple[str, str, dict[str, Any]], then: tuple[str, str, dict[str, Any]], words: str
) -> None:
    desk = Desk()
    name = desk.buy(100)
    for exec_type, status, more in (first, then):
        desk.report(name, exec_type, status, **more)
    told = [alert.text for alert in desk.alerts if alert.code == "anomaly"]
    held = then[2].get("cum", 0)
    assert ([words in text for text in told], desk.position()) == ([True], held)


def test_a_report_after_an_end_that_only_a_person_decided_is_no_anomaly() -> None:
    desk = Desk()
    name = working(desk)
    desk.give(inputs.Resolve(by="ann", order=name, outcome="canceled", reason="by telephone"))
    desk.report(name, "C", "C")
    assert "anomaly" not in codes(desk)


def test_a_fill_whose_cum_qty_cannot_be_is_an_anomaly_of_that_field() -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40)
    desk.report(name, "F", "1", cum=30, leaves=30, last=30)
    (told,) = [alert.text for alert in desk.alerts if alert.code == "anomaly"]
    assert (told.partition(" ")[0], desk.state_of(name)) == ("CumQty(14)", ("1", 70, 30))


def test_two_statements_that_only_arrival_orders_are_asked_about_once() -> None:
    desk = Desk()
    name = working(desk)
    desk.report(name, "D", "0", leaves=90, order_qty=90 * 10**8)
    desk.now -= 1000  # the same time on both reports
    desk.report(name, "D", "0", leaves=80, order_qty=80 * 10**8)
    asked = [message for message in desk.sent if message.text.startswith("35=H\x01")]
    assert (codes(desk).count("uncertain"), len(asked), desk.order(name).uncertain) == (1, 1, True)


# -- mass status ---------------------------------------------------------------------------------


def asked_all(desk: Desk) -> str:
    """The MassStatusReqID(584) of the question that follows a logon."""
    desk.down("ALPHA")
    desk.ready("ALPHA")
    return desk.last_fields()[584]


def test_an_order_that_a_mass_status_answer_leaves_out_is_asked_about() -> None:
    desk = Desk()
    kept, left_out = working(desk), working(desk)
    req = asked_all(desk)
    desk.report(kept, "I", "0", leaves=100, mass_status_req_id=req, last_rpt_requested=True)
    assert (codes(desk)[-1], desk.last_fields()[11]) == ("left_out", left_out)


def test_the_count_of_reports_ends_a_mass_status_answer_as_the_last_flag_does() -> None:
    desk = Desk()
    kept, left_out = working(desk), working(desk)
    req = asked_all(desk)
    desk.report(kept, "I", "0", leaves=100, mass_status_req_id=req, tot_num_reports=1)
    assert desk.last_fields()[11] == left_out


def test_a_mass_status_request_that_nobody_answers_is_followed_by_single_ones() -> None:
    desk = Desk()
    name = working(desk)
    asked_all(desk)
    desk.wait(60)
    assert (desk.last_fields()[35], desk.last_fields()[11]) == ("H", name)


def test_a_mass_status_answer_without_orders_leaves_them_all_out() -> None:
    desk = Desk()
    name = working(desk)
    req = asked_all(desk)
    body = f"35=8|37=NONE|17=0|150=I|39=8|584={req}|911=0|912=Y|".replace("|", "\x01")
    desk.hear_text("ALPHA", body)
    assert (codes(desk)[-1], desk.last_fields()[11]) == ("left_out", name)


def test_a_complete_mass_status_answer_is_followed_by_nothing() -> None:
    desk = Desk()
    names = [working(desk), working(desk)]
    req = asked_all(desk)
    before = len(desk.sent)
    for name in names:
        desk.report(name, "I", "0", leaves=100, mass_status_req_id=req, tot_num_reports=2)
    desk.wait(60)
    assert (len(desk.sent), "left_out" in codes(desk)) == (before, False)


def test_an_order_that_was_reported_since_is_not_left_out() -> None:
    desk = Desk()
    name = working(desk)
    asked_all(desk)
    desk.report(name, "F", "1", cum=40, leaves=60, last=40)
    desk.now += 60 * SECOND
    desk.wait(0)
    assert "left_out" not in codes(desk)
