"""The runner finds every kind of difference, and says where it is and what was there instead."""

from __future__ import annotations

import pytest

from acceptance.scn.in_process import InProcess
from acceptance.scn.parser import parse
from acceptance.scn.runner import Differs, Run
from fix_oms.model.fix import FixVersion

ORDER = "> D ClOrdID=c1 Symbol=AAPL Side=Buy OrderQty=100 OrdType=Limit Price=10\n"
ACK = "< 8 ClOrdID=c1 ExecType=New OrdStatus=New\n"


def run(steps: str, version: FixVersion = FixVersion.FIX44) -> None:
    script = parse(f"# t\nversions {version}\n{steps}", "x.scn")
    Run(script, version, InProcess(version)).run()


def difference(steps: str) -> str:
    with pytest.raises(Differs) as raised:
        run(steps)
    return str(raised.value)


def test_a_difference_shows_file_line_and_every_field_beside_what_was_found() -> None:
    said = difference(ORDER + ACK + "oms c1 OrdStatus=Filled CumQty=0 position=+5\n")
    assert said.splitlines() == [
        "x.scn:5: oms c1 OrdStatus=Filled CumQty=0 position=+5: ",
        "    field          expected   found",
        "  ! OrdStatus(39)  Filled(2)  New(0)",
        "    CumQty(14)     0          0",
        "  ! position       +5         0",
    ]


def test_a_field_that_left_with_another_value_is_a_difference() -> None:
    said = difference(ORDER + ACK + "> F ClOrdID=c2 OrigClOrdID=c1 Side=Sell\n")
    assert "  ! Side(54)         Sell(2)" in said


def test_a_field_that_should_be_absent_is_a_difference() -> None:
    said = difference(ORDER.replace("Price=10", "Price=10 TimeInForce=-"))
    assert "  ! TimeInForce(59)  absent    Day(0)" in said


def test_a_command_that_is_refused_is_a_difference() -> None:
    said = difference("> D ClOrdID=c1 Symbol=NONE Side=Buy OrderQty=1 OrdType=Limit Price=10\n")
    assert said.startswith("x.scn:3: > D ClOrdID=c1 Symbol=NONE")
    assert "refused by " in said


def test_a_message_that_does_not_leave_is_a_difference() -> None:
    assert "nothing left: the engine sent no message" in difference(ORDER + ">> H ClOrdID=c1\n")


def test_a_message_that_leaves_without_a_line_is_a_difference() -> None:
    said = difference(ORDER + "wait 5 s\n")
    assert "left without a line: 35=H|" in said


def test_numbers_are_compared_as_numbers() -> None:
    run(ORDER.replace("Price=10", "Price=10.00") + ACK + "oms c1 Price=10.0 CumQty=0.00\n")


def test_a_capture_holds_what_was_seen_first() -> None:
    run(ORDER + "< 8 ClOrdID=c1 ExecType=New OrdStatus=New OrderID=$o\n" + "oms c1 OrderID=$o\n")
