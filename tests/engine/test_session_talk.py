"""What QuickFIX says of its own accord, and what is made of it."""

from __future__ import annotations

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import SessionReject
from tests.engine.desk import Desk


def says(desk: Desk, text: str) -> None:
    """QuickFIX sends this on ALPHA."""
    whole = f"8=FIX.4.4|9=1|{text}10=000|".replace("|", "\x01")
    desk.give(inputs.AdminOut(session="ALPHA", text=whole))


def questions(desk: Desk) -> int:
    return sum(send.text.startswith(("35=H\x01", "35=AF\x01")) for send in desk.sent)


@pytest.mark.parametrize("kind", ["3", "j"])
def test_a_report_that_was_refused_for_its_form_is_severe_and_asked_about(kind: str) -> None:
    desk = Desk()
    desk.report(desk.buy(100), "0", "0", leaves=100)
    before = questions(desk)
    says(desk, f"35={kind}|34=7|45=9|372=8|373=13|")
    assert (desk.alerts[-1].code, desk.alerts[-1].severity) == ("session_reject", "severe")
    assert questions(desk) == before + 1


def test_a_flood_of_refused_reports_asks_once() -> None:
    desk = Desk()
    desk.report(desk.buy(100), "0", "0", leaves=100)
    before = questions(desk)
    for number in range(50):
        says(desk, f"35=3|34={number}|45=9|372=8|373=13|")
    assert questions(desk) == before + 1


def test_another_message_that_was_refused_is_a_warning_and_asks_nothing() -> None:
    desk = Desk()
    desk.report(desk.buy(100), "0", "0", leaves=100)
    before = questions(desk)
    says(desk, "35=3|34=7|45=9|372=0|373=1|")
    assert (desk.alerts[-1].severity, questions(desk)) == ("warning", before)


def gap_severities(desk: Desk, *begins: int) -> list[str]:
    for begin in begins:
        says(desk, f"35=2|34=7|7={begin}|16=0|")
    return [alert.severity for alert in desk.alerts if alert.code == "gap"]


def test_a_gap_that_is_asked_for_again_and_again_is_told_to_a_person() -> None:
    assert gap_severities(Desk(), 12, 12, 12) == ["info", "info", "severe"]


def test_other_gaps_are_ordinary() -> None:
    assert gap_severities(Desk(), 12, 12, 15, 15, 20) == ["info"] * 5


def test_a_logout_is_told_by_the_sessions_end_alone() -> None:
    desk = Desk()
    before = len(desk.alerts)
    says(desk, "35=5|34=7|58=bye|")
    assert len(desk.alerts) == before


def test_rejects_of_numbers_that_never_left_are_not_kept_without_end() -> None:
    desk = Desk()
    for seq in range(1_100):
        desk.hear("ALPHA", SessionReject(ref_seq_num=10_000 + seq, text="no"))
    assert len(desk.engine.state.links["ALPHA"].early_rejects) == 1_000
