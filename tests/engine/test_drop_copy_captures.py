"""A drop copy in TradeCaptureReports (35=AE): read as the executions that they tell of."""

from __future__ import annotations

import pytest

from tests.engine.desk import Desk
from tests.engine.test_drop_copy import GRACE, fill, kinds, settings

CAPTURE = (
    "35=AE|571=T1|487=0|17=E1|55=AAPL|32=100|31=10|75=20231114|60=20231114-22:13:21|"
    "552=2|54=1|37=O-1-1|11=1-1|1=DESK|54=2|37=THEIRS|1=OTHER|"
)


@pytest.fixture
def desk() -> Desk:
    made = Desk(settings())
    fill(made, made.buy(1000), "E1")
    return made


def captured(desk: Desk, **changes: str) -> None:
    """The report of E1, with other texts for some of its parts."""
    text = CAPTURE
    for old, new in changes.items():
        assert f"|{old[1:]}=" in text
        head, _, tail = text.partition(f"|{old[1:]}=")
        text = f"{head}|{old[1:]}={new}|{tail.partition('|')[2]}"
    desk.hear_text("COPY", text.replace("|", "\x01"))


def test_a_report_of_what_we_have_is_no_break_and_is_not_answered(desk: Desk) -> None:
    before = len(desk.sent)
    captured(desk)
    desk.wait(2 * GRACE)
    assert (kinds(desk), len(desk.sent)) == ([], before)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"_32": "90"}, ["quantity"]),
        ({"_31": "11"}, ["price"]),
        ({"_1": "H-77"}, ["account"]),
        ({"_54": "2"}, ["side"]),
        ({"_17": "E2"}, ["missing_there", "missing_here"]),
    ],
)
def test_what_differs_is_a_break(desk: Desk, changes: dict[str, str], expected: list[str]) -> None:
    captured(desk, **changes)
    desk.wait(GRACE)
    assert kinds(desk) == expected


def test_one_that_takes_back_a_trade_is_a_bust(desk: Desk) -> None:
    captured(desk)
    text = CAPTURE.replace("571=T1|487=0|17=E1|", "571=T2|487=1|17=B1|19=E1|")
    desk.hear_text("COPY", text.replace("|", "\x01"))
    desk.wait(GRACE)
    assert kinds(desk) == ["missing_there"]


def test_one_that_cannot_be_read_is_told_with_its_field(desk: Desk) -> None:
    captured(desk, _32="many")
    assert "LastQty(32) 'many' is not a FIX number" in desk.alerts[-1].text


def test_on_a_session_that_trades_it_is_refused_as_before(desk: Desk) -> None:
    desk.hear_text("ALPHA", CAPTURE.replace("|", "\x01"))
    assert (desk.sent[-1].session, desk.last_fields()[35], desk.last_fields()[372]) == (
        "ALPHA",
        "j",
        "AE",
    )
