"""``resolve`` and ``dk``: what a named person decides, and what is not accepted."""

from __future__ import annotations

import os
import pwd

import pytest

from fix_oms.model.fix import DKReason
from fix_oms.model.inputs import Command, DontKnow, Resolve
from fix_oms.model.outputs import Accepted, Alert
from tests.cli.conftest import Shell

ME = pwd.getpwuid(os.getuid()).pw_name

SENT: list[tuple[str, Command]] = [
    (
        "resolve 7-1 --canceled --reason Kim",
        Resolve(by=ME, order="7-1", outcome="canceled", reason="Kim"),
    ),
    (
        "resolve 7-1 --refused --reason Kim --request 7-1.1 --by Ann",
        Resolve(by="Ann", order="7-1", outcome="refused", reason="Kim", request="7-1.1"),
    ),
    ("dk 7-1 X1 --reason C", DontKnow(by=ME, order="7-1", exec_id="X1", dk_reason="C")),
    (
        "dk 7-1 X1 --reason price_exceeds_limit --text why",
        DontKnow(by=ME, order="7-1", exec_id="X1", dk_reason="E", text="why"),
    ),
]


@pytest.mark.parametrize(("words", "expected"), SENT, ids=[w for w, _ in SENT])
def test_the_words_become_this_command(shell: Shell, words: str, expected: Command) -> None:
    done = shell.run(*words.split())
    assert (done.exit_code, shell.taken) == (0, [expected])


BAD: list[tuple[str, str]] = [
    ("resolve 7-1 --canceled", "Missing option '--reason'"),
    ("resolve 7-1 --reason r", "give one of --accepted, --refused, --canceled, --expired"),
    ("resolve 7-1 --accepted --refused --reason r", "give one of --accepted, --refused"),
    ("resolve 7-1 --canceled --reason r --by \x01", "--by '\\x01': holds characters other than"),
    ("dk 7-1 --reason C", "Missing argument 'EXECID'"),
    ("dk 7-1 X1", "Missing option '--reason'"),
    ("dk 7-1 X1 --reason Q", "DKReason(127) 'Q': is none of A unknown_symbol, B wrong_side"),
    ("dk 7-1 X1 --reason C --text \x01", "Text(58) '\\x01': holds characters other than"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_bad_words_are_named_and_nothing_is_done(shell: Shell, words: str, reason: str) -> None:
    done = shell.run(*words.split(" "))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


@pytest.mark.parametrize("outcome", ["accepted", "refused", "canceled", "expired", "rejected"])
def test_each_outcome_can_be_decided(shell: Shell, outcome: str) -> None:
    shell.run("resolve", "7-1", f"--{outcome}", "--reason", "Kim")
    assert [command.outcome for command in shell.taken] == [outcome]


@pytest.mark.parametrize("reason", list(DKReason))
def test_each_reason_may_be_written_as_its_letter_or_its_name(
    shell: Shell, reason: DKReason
) -> None:
    for written in (reason.value, reason.value.lower(), reason.name, reason.name.lower()):
        shell.run("dk", "7-1", "X1", "--reason", written)
    assert [command.dk_reason for command in shell.taken] == [reason.value] * 4


def test_what_the_answer_says_is_not_said_again_as_an_alert(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "cancel 7-1.1 of order 7-1 is refused: decided by ann: Kim"
    alerts = [
        Alert(severity="warning", code=code, text=text)
        for code, text in (("resolved", said), ("break", "something else"))
    ]
    monkeypatch.setattr(shell.engine, "submit", lambda value: [*alerts, Accepted(text=said)])
    done = shell.run("resolve", "7-1", "--refused", "--reason", "Kim")
    assert (done.stdout, done.stderr) == (f"{said}\n", "warning: something else [break]\n")


@pytest.mark.parametrize("words", ["resolve x --canceled --reason r", "dk x X1 --reason C"])
def test_without_an_engine_nothing_is_decided(nobody: Shell, words: str) -> None:
    assert nobody.run(*words.split()).exit_code == 3
