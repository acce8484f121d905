"""``fix-oms alerts``: what is wrong now, for people, programs and a machine's watch."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from fix_oms.cli.alerts import alerts_table
from fix_oms.model.views import AlertView
from tests.cli.conftest import Shell
from tests.server.standin_routing import T0

SECOND = 1_000_000_000
NOW = T0 + 3_725 * SECOND
LOST = AlertView(
    code="session",
    severity="severe",
    text="session BETA is down: the connection was lost",
    subject="BETA",
    session="BETA",
    since_ns=T0,
)
DOUBT = AlertView(
    code="in_doubt",
    severity="warning",
    text="new 7-3 of order 7-3 is in doubt: the broker is asked",
    subject="7-3",
    session="BETA",
    order="7-3",
    since_ns=T0 + 3_720 * SECOND,
)


def test_each_condition_is_one_line() -> None:
    screen = Console(width=120, color_system=None)
    with screen.capture() as shown:
        screen.print(alerts_table([LOST, DOUBT], NOW))
    assert [line.rstrip() for line in shown.get().splitlines()] == [
        "Since (UTC)       For  Severity  Code      What",
        "─" * 96,
        f"09:00:00     01:02:05  severe    session   {LOST.text}",
        f"10:02:00     00:00:05  warning   in_doubt  {DOUBT.text}",
    ]


def test_a_text_that_is_too_long_for_the_screen_is_folded_and_not_cut(shell: Shell) -> None:
    shell.engine.alerts = [DOUBT]
    output = shell.run("alerts", columns=60).output
    assert max(len(line) for line in output.splitlines()) <= 60
    assert "…" not in output


def test_nothing_wrong_is_said(shell: Shell) -> None:
    assert shell.run("alerts").output == "nothing is wrong\n"


def test_what_is_less_severe_is_left_out(shell: Shell) -> None:
    shell.engine.alerts = [LOST, DOUBT]
    found = json.loads(shell.run("alerts", "--severity", "severe", "--json").output)
    assert [alert["code"] for alert in found] == ["session"]


def test_programs_get_every_field_and_the_age(shell: Shell) -> None:
    shell.engine.alerts = [LOST]
    (found,) = json.loads(shell.run("alerts", "--json").output)
    assert (found["subject"], found["since_ns"], found["count"]) == ("BETA", LOST.since_ns, 1)
    assert found["age_s"] >= 3_725


@pytest.mark.parametrize(
    ("alerts", "words", "code"),
    [
        ([], ("--check",), 0),
        ([DOUBT], ("--check",), 0),
        ([LOST, DOUBT], ("--check",), 1),
        ([LOST, DOUBT], ("--check", "--json", "--severity", "severe"), 1),
        ([LOST, DOUBT], (), 0),
    ],
)
def test_the_exit_code_tells_of_severe_ones_where_that_is_asked_for(
    shell: Shell, alerts: list[AlertView], words: tuple[str, ...], code: int
) -> None:
    shell.engine.alerts = alerts
    assert shell.run("alerts", *words).exit_code == code


def test_no_engine_at_all_is_another_exit_code(nobody: Shell) -> None:
    assert nobody.run("alerts", "--check").exit_code == 3
