"""Executions in logs of FIX messages, as different programs write them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from fix_oms.engine.state import State
from fix_oms.followers.comparing import Asked, compare_log
from fix_oms.model.errors import BadFile
from fix_oms.model.inputs import FixIn
from tests.reconcile.day import lived

SOH = "\x01"


@pytest.fixture(scope="module")
def heard() -> tuple[State, list[str]]:
    """The day's state, and the messages that a drop copy of it would hold."""
    desk = lived()
    texts = [value.text for _, value in desk.log if isinstance(value, FixIn)]
    return desk.engine.state, texts


def kinds(state: State, path: Path, lines: list[str]) -> list[str]:
    path.write_text("\n".join(lines) + "\n")
    found = compare_log(state, "ALPHA", [path], UTC, Asked()).breaks
    return sorted(one.kind for one in found)


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.replace(SOH, "|"),
        lambda text: text.replace(SOH, "^A"),
        lambda text: f"20231114-22:13:21.000 : {text}",
        lambda text: f"<20231114-22:13:21.000, FIX.4.4:US->ALPHA, incoming> ({text})",
        lambda text: text + text,
    ],
    ids=["SOH", "|", "^A", "with a time", "in brackets", "twice on a line"],
)
def test_a_log_that_agrees_has_no_break(
    heard: tuple[State, list[str]], tmp_path: Path, written: object
) -> None:
    state, texts = heard
    assert callable(written)
    assert kinds(state, tmp_path / "fix.log", [written(text) for text in texts]) == []


def test_messages_that_are_no_executions_are_passed_over(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    others = ["8=FIX.4.4|9=5|35=0|34=9|10=000|", "a line of its own", ""]
    assert kinds(state, tmp_path / "fix.log", [*texts, *others]) == []


def test_a_message_that_is_left_out_is_a_break(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    assert kinds(state, tmp_path / "fix.log", texts[1:]) == ["missing_there"]


def test_a_changed_message_is_a_break(heard: tuple[State, list[str]], tmp_path: Path) -> None:
    state, texts = heard
    wrong = [text.replace("31=10.05\x01", "31=10.06\x01") for text in texts]
    assert kinds(state, tmp_path / "fix.log", wrong) == ["price"]


def test_the_last_message_may_be_cut_off(heard: tuple[State, list[str]], tmp_path: Path) -> None:
    state, texts = heard
    assert kinds(state, tmp_path / "fix.log", [*texts, texts[0][:40]]) == []


def test_a_message_cut_off_in_the_middle_is_refused_with_its_line(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    with pytest.raises(BadFile, match=r"line 2: the message is cut off"):
        kinds(state, tmp_path / "fix.log", [texts[0], texts[1][:40], texts[2]])


def test_an_execution_that_cannot_be_read_is_refused_with_its_line(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    wrong = texts[0].replace("32=100\x01", "32=x\x01")
    with pytest.raises(BadFile, match=r"line 1: LastQty\(32\) 'x'"):
        kinds(state, tmp_path / "fix.log", [wrong, *texts[1:]])


def test_a_date_that_is_none_is_refused_with_its_line(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    wrong = texts[0].replace("60=", "75=20230231\x0160=", 1)
    with pytest.raises(BadFile, match=r"line 1: TradeDate\(75\) '20230231' is no date"):
        kinds(state, tmp_path / "fix.log", [wrong, *texts[1:]])


def test_a_trade_capture_report_is_an_execution(
    heard: tuple[State, list[str]], tmp_path: Path
) -> None:
    state, texts = heard
    captured = (
        "8=FIX.4.4|9=5|35=AE|34=9|571=T1|487=0|17=E5|55=AAPL|32=1000|31=10.0734|75=20231114|"
        "60=20231114-22:13:25|552=1|54=1|37=O-1-3|11=1-3|1=DESK|10=000|"
    )
    others = [text for text in texts if "\x0117=E5\x01" not in text]
    assert kinds(state, tmp_path / "fix.log", [*others, captured]) == []
    wrong = captured.replace("32=1000|", "32=900|")
    assert kinds(state, tmp_path / "fix.log", [*others, wrong]) == ["quantity"]
