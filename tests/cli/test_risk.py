"""The acts of a risk desk: what each asks of the engine, and what it prints."""

from __future__ import annotations

import json
import os
import pwd
import sys
import types
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from fix_oms.cli import report
from fix_oms.model.inputs import (
    Command,
    Halt,
    Kill,
    MassCancel,
    NewParent,
    Resume,
    SetBalance,
    SetRate,
)
from fix_oms.model.outputs import Refused
from fix_oms.model.units import SCALE
from fix_oms.model.views import HaltView
from tests.cli.conftest import Shell
from tests.server.standin import BALANCE, EXPOSURE, position_view

ME = pwd.getpwuid(os.getuid()).pw_name
DEMO = Path(__file__).parents[2] / "config/demo.toml"
EVERYWHERE = {"account": "A", "strategy": "T", "symbol": "S", "venue": "V"}
OPTIONS = "--account A --strategy T --symbol S --venue V"

SENT: list[tuple[str, Command]] = [
    ("kill --reason odd", Kill(by=ME, reason="odd")),
    (f"kill --reason odd {OPTIONS}", Kill(by=ME, reason="odd", **EVERYWHERE)),
    ("kill --reason odd --by Ann", Kill(by="Ann", reason="odd")),
    (f"halt --reason odd {OPTIONS}", Halt(by=ME, reason="odd", **EVERYWHERE)),
    (f"resume --reason odd {OPTIONS} --by Ann", Resume(by="Ann", reason="odd", **EVERYWHERE)),
    (f"mass-cancel {OPTIONS}", MassCancel(by=ME, **EVERYWHERE)),
    ("mass-cancel --by Ann", MassCancel(by="Ann")),
    (
        "balance set DESK 250000",
        SetBalance(by=ME, account="DESK", currency="EUR", available=250_000 * SCALE),
    ),
    (
        "balance set DESK -0.5 --currency USD --total 9 --margin-used 8 --source Kim",
        SetBalance(
            by=ME,
            account="DESK",
            currency="USD",
            available=-SCALE // 2,
            total=9 * SCALE,
            margin_used=8 * SCALE,
            source="Kim",
        ),
    ),
    ("rate GBX 0.0131", SetRate(by=ME, currency="GBX", rate=1_310_000)),
    (
        "parent b-7 BUY 1000 AAPL",
        NewParent(by=ME, ref="b-7", symbol="AAPL", side="1", order_qty=1000 * SCALE),
    ),
    (
        "parent b-7 sell_short 5 AAPL --account A --strategy T --by Ann",
        NewParent(
            by="Ann",
            ref="b-7",
            symbol="AAPL",
            side="5",
            order_qty=5 * SCALE,
            account="A",
            strategy="T",
        ),
    ),
]


@pytest.mark.parametrize(("words", "expected"), SENT, ids=[w for w, _ in SENT])
def test_the_words_become_this_command(shell: Shell, words: str, expected: Command) -> None:
    text = shell.config.read_text()
    shell.config.write_text(text.replace("[engine]", '[engine]\nbase_currency = "EUR"'))
    done = shell.run(*words.split())
    assert (done.exit_code, shell.taken) == (0, [expected])


BAD: list[tuple[str, str]] = [
    ("kill", "Missing option '--reason'"),
    ("kill --reason  ", "--reason '': is empty"),
    ("kill --reason r --account a\x01", "Account(1) 'a\\x01': holds characters other than"),
    ("kill --reason r --strategy a\x01", "strategy 'a\\x01': holds characters other than"),
    ("kill --reason r --wait -1", "-1.0 is not in the range x>=0.0"),
    ("kill --reason r --yes", "--yes and --force belong to --hung"),
    ("kill --reason r --force", "--yes and --force belong to --hung"),
    ("halt --reason r --by \x01", "--by '\\x01': holds characters other than"),
    ("mass-cancel --venue \x01", "venue '\\x01': holds characters other than"),
    ("balance set DESK 1,000", "AVAILABLE '1,000': has a thousands separator: write 1000"),
    ("balance set DESK 1 --total x", "--total 'x': is not a FIX number"),
    ("balance set DESK 1 --margin-used -1", "--margin-used '-1': must not be negative"),
    ("balance --json set DESK 1", "--json belongs behind set"),
    ("rate GBX 0", "VALUE '0': must be greater than 0"),
    ("rate GBX", "Missing argument 'VALUE'"),
    ("parent b-7 HOLD 1 AAPL", "Side(54) 'HOLD': is none of buy, sell"),
    ("parent b-7 BUY 0 AAPL", "OrderQty(38) '0': must be greater than 0"),
    ("parent b-7 BUY 1", "Missing argument 'SYMBOL'"),
    ("buy 1 AAPL --strategy \x01", "strategy '\\x01': holds characters other than"),
    ("buy 1 AAPL --parent \x01", "parent '\\x01': holds characters other than"),
    ("exposure --by month", "'month' is not one of"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_bad_words_are_named_and_nothing_is_done(shell: Shell, words: str, reason: str) -> None:
    done = shell.run(*words.split(" "))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "kill --reason r",
        "exposure",
        "balance",
        "balance set A 1",
        "rate GBX 1",
        "parent b BUY 1 A",
    ],
)
def test_without_an_engine_every_command_ends_with_3(nobody: Shell, words: str) -> None:
    assert nobody.run(*words.split()).exit_code == 3


# -- orders ----------------------------------------------------------------------------------------


def test_an_order_carries_strategy_parent_and_reduce_only(shell: Shell) -> None:
    shell.run("buy", "1", "AAPL", "--strategy", "pairs", "--parent", "b-7", "--reduce-only")
    (sent,) = shell.taken
    assert (sent.strategy, sent.parent, sent.reduce_only) == ("pairs", "b-7", True)


def test_an_order_of_a_batch_carries_strategy_parent_and_reduce_only(shell: Shell) -> None:
    line = (
        '{"side": "buy", "qty": 1, "symbol": "X", "strategy": "t", "parent": 7,'
        ' "reduce_only": true}'
    )
    shell.run("order", "--json", "-", "--no-wait", typed=line)
    (sent,) = shell.taken
    assert (sent.strategy, sent.parent, sent.reduce_only) == ("t", "7", True)


@pytest.mark.parametrize("held", ['"true"', "1", "[]"])
def test_reduce_only_of_a_batch_is_true_or_false(shell: Shell, held: str) -> None:
    line = f'{{"side": "buy", "qty": 1, "symbol": "X", "reduce_only": {held}}}'
    done = shell.run("order", "--json", "-", typed=line)
    assert (done.exit_code, shell.taken) == (2, [])
    assert "'reduce_only' must be true or false" in done.stderr


def test_an_order_of_which_nothing_is_said_belongs_to_no_strategy(shell: Shell) -> None:
    shell.run("buy", "1", "AAPL")
    assert [(o.strategy, o.parent, o.reduce_only) for o in shell.taken] == [(None, None, False)]


# -- kill ------------------------------------------------------------------------------------------


def kills_leave(shell: Shell, monkeypatch: pytest.MonkeyPatch, *unconfirmed: str) -> None:
    """Whatever is killed, so much of it is not confirmed."""

    def halts() -> list[HaltView]:
        return [msgspec.structs.replace(h, unconfirmed=unconfirmed) for h in shell.engine.halts]

    monkeypatch.setattr(shell.engine, "halt_views", halts)


def test_a_kill_with_nothing_left_says_so_and_ends_with_0(shell: Shell) -> None:
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        "all out: the broker has confirmed each order",
    )


def test_a_kill_waits_until_each_order_is_confirmed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[tuple[str, ...]] = [("7-1: asked", "7-2: asked"), ("7-2: asked",), ()]

    def halts() -> list[HaltView]:
        return [msgspec.structs.replace(h, unconfirmed=looks.pop(0)) for h in shell.engine.halts]

    monkeypatch.setattr(shell.engine, "halt_views", halts)
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, looks) == (0, [])
    assert "kill of everything: 2 orders not confirmed out\n  7-1: asked\n  7-2: asked" in (
        done.stdout
    )


def test_a_kill_that_is_not_confirmed_in_time_lists_every_order_and_ends_with_4(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, *(f"7-{n}: the session is down" for n in range(30)))
    done = shell.run("kill", "--reason", "odd", "--wait", "0", "--venue", "ALPHA")
    lines = done.stderr.splitlines()
    assert (done.exit_code, len(lines)) == (4, 33)
    assert lines[:3] == [
        "after 0 s:",
        "kill of venue ALPHA: 30 orders not confirmed out",
        "  7-0: the session is down",
    ]


def test_a_kill_as_json_is_one_object_with_what_is_not_confirmed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, "7-1: asked")
    done = shell.run("kill", "--reason", "odd", "--wait", "0", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["accepted"], found["kill"]["unconfirmed"]) == (
        4,
        True,
        ["7-1: asked"],
    )


def test_a_kill_looks_only_at_its_own_scope(shell: Shell) -> None:
    shell.engine.halts.append(
        HaltView(
            by="ann",
            reason="r",
            venue=None,
            symbol="AAPL",
            account=None,
            kill=True,
            unconfirmed=("7-9: asked",),
        )
    )
    assert shell.run("kill", "--reason", "odd", "--venue", "ALPHA", "--wait", "0").exit_code == 0


def test_a_kill_that_was_lifted_meanwhile_ends_with_1(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell.engine, "halt_views", list)
    done = shell.run("kill", "--reason", "odd")
    assert (done.exit_code, "somebody has lifted it meanwhile" in done.stderr) == (1, True)


def test_a_kill_that_is_refused_ends_with_1(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Refused(control="scope", text="no venue is named 'X'")
    monkeypatch.setattr(shell.engine, "submit", lambda value: [refusal])
    done = shell.run("kill", "--reason", "odd", "--venue", "X")
    assert (done.exit_code, done.stderr) == (1, "refused: no venue is named 'X' [scope]\n")


def test_an_engine_that_goes_away_after_the_kill_is_a_doubt(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> list[HaltView]:
        raise KeyError("a defect")

    monkeypatch.setattr(shell.engine, "halt_views", breaks)
    done = shell.run("kill", "--reason", "odd")
    assert done.exit_code == 4
    assert "the kill was taken, but not seen confirmed" in done.stderr


def test_sessions_show_a_kill_with_its_unconfirmed_orders(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills_leave(shell, monkeypatch, *(f"7-{n}: in doubt" for n in range(12)))
    shell.engine.halts.append(
        HaltView(by="ann", reason="r", venue=None, symbol=None, account=None, kill=True)
    )
    lines = shell.run("sessions").output.splitlines()
    assert lines[-12:-10] == ["kill of everything: 12 orders not confirmed out", "  7-0: in doubt"]
    assert lines[-1] == "  ... and 2 more"


# -- an engine that does not answer ----------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Done:
    """What ``kill_hung`` says of itself, as its own answer does."""

    ended: int = 4711
    run: int = 8
    unconfirmed: tuple[str, ...] = ()


@pytest.fixture
def asked_for(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the command asks of ``fix_oms.server.hung``, which brings QuickFIX and is not run."""
    shell.config.write_text(DEMO.read_text())
    found: list[dict[str, Any]] = []

    def kill_hung(loaded: Any, **how: Any) -> Done:
        how.pop("tell")("session ALPHA is ready")
        found.append(how)
        return Done(unconfirmed=("7-1: in doubt",) if how["timeout_s"] == 0 else ())

    hung = types.ModuleType("fix_oms.server.hung")
    hung.kill_hung = kill_hung  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "fix_oms.server.hung", hung)
    monkeypatch.setattr("fix_oms.server.hung", hung, raising=False)
    monkeypatch.setattr("fix_oms.server.holder.writer", lambda journal: 4711)
    monkeypatch.setattr("structlog.configure", lambda **how: None)
    return found


def test_a_hung_engine_is_killed_for_the_scope_and_reason_that_were_given(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run(
        "kill", "--hung", "--yes", "--reason", "odd", "--venue", "ALPHA", "--by", "Ann"
    )
    nowhere = {"account": None, "strategy": None, "symbol": None}
    assert done.exit_code == 0
    assert asked_for == [
        {
            "by": "Ann",
            "reason": "odd",
            "scope": {**nowhere, "venue": "ALPHA"},
            "timeout_s": 60.0,
            "force": False,
        }
    ]


def test_what_is_done_about_a_hung_engine_is_told_as_it_is_done(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--reason", "odd")
    assert done.stdout.splitlines()[0] == "session ALPHA is ready"


def test_the_process_that_is_killed_is_named_before_and_the_word_has_to_be_typed(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--reason", "odd", typed="kill\n")
    assert (done.exit_code, len(asked_for)) == (0, 1)
    assert "process 4711, which writes" in done.stderr


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "yes\n"])
def test_anything_else_that_is_typed_kills_nothing(
    shell: Shell, asked_for: list[dict[str, Any]], typed: str
) -> None:
    done = shell.run("kill", "--hung", "--reason", "odd", typed=typed)
    assert (done.exit_code, asked_for) == (2, [])
    assert "that was not typed: nothing was done" in done.stderr


def test_orders_that_stay_unconfirmed_after_a_hung_engine_end_with_4(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--reason", "odd", "--wait", "0")
    assert (done.exit_code, "  7-1: in doubt" in done.stderr) == (4, True)


def test_what_came_of_a_hung_engine_as_json_is_one_object(
    shell: Shell, asked_for: list[dict[str, Any]]
) -> None:
    done = shell.run("kill", "--hung", "--yes", "--force", "--reason", "odd", "--json")
    assert json.loads(done.stdout) == {"ended": 4711, "run": 8, "unconfirmed": []}
    assert asked_for[0]["force"] is True


# -- what it could come to -------------------------------------------------------------------------


def test_exposure_is_shown_by_dimension_and_money_without_cents_where_there_is_no_room(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = msgspec.structs.replace(
        EXPOSURE,
        dimension="symbol",
        name="AAPL",
        longest=300 * SCALE,
        shortest=-100 * SCALE,
        open_value=0,
        gross=45_000 * SCALE * SCALE + SCALE * SCALE // 4,
        net_short=0,
        net_long=0,
        profit=0,
    )
    monkeypatch.setattr(shell.engine, "exposure_views", lambda: [row])
    found = [shell.run("exposure", columns=width).output.split() for width in (80, 150)]
    assert ["45,000" in found[0], "45,000.25" in found[1], "-100" in found[0]] == [True] * 3


def test_exposure_of_one_dimension_only(shell: Shell) -> None:
    assert shell.run("exposure", "--by", "venue").output == "no exposure\n"


def test_money_that_cannot_be_known_is_never_shown_as_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = msgspec.structs.replace(
        EXPOSURE, open_value=0, gross=0, net_long=0, net_short=0, profit=0, missing="no rate of GBX"
    )
    monkeypatch.setattr(shell.engine, "exposure_views", lambda: [row])
    lines = shell.run("exposure").output.splitlines()
    assert lines[2].split() == ["account", "DESK", "?", "?", "?"]
    assert lines[-1].rstrip() == "? account DESK: no rate of GBX"


@pytest.mark.parametrize("columns", [80, 150])
@pytest.mark.parametrize("command", ["exposure", "balance", "positions"])
def test_a_number_that_does_not_fit_is_folded_and_never_cut(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    huge = 123_456_789_123_456_789 * 10**16
    money = ("open_value", "gross", "net_long", "net_short", "profit")
    row = msgspec.structs.replace(EXPOSURE, **dict.fromkeys(money, huge))
    owed = msgspec.structs.replace(BALANCE, used_since=huge, left=huge)
    held = msgspec.structs.replace(position_view(), realised=huge)
    monkeypatch.setattr(shell.engine, "exposure_views", lambda: [row])
    monkeypatch.setattr(shell.engine, "balance_views", lambda: [owed])
    shell.engine.positions = [held]
    heading = {"exposure": "Gross", "balance": "Left", "positions": "Realised"}[command]
    shown = shell.run(command, columns=columns).output.splitlines()
    whole = "".join(column_of(shown, heading))
    assert whole.replace(",", "").startswith("123456789123456789")


def column_of(lines: list[str], heading: str) -> list[str]:
    """The texts under a heading whose numbers are aligned to its end."""
    head = next(line for line in lines if heading in line)
    end = head.index(heading) + len(heading)
    rows = lines[lines.index(head) + 2 :]
    return [row[:end].split(" ")[-1] for row in rows if len(row) >= end and row[end - 1] != " "]


def test_exposure_as_json_is_exact(shell: Shell) -> None:
    (row,) = json.loads(shell.run("exposure", "--json").output)
    assert (row["gross"], row["position"]) == (f"1{'0' * 24}", "-0.00000005")


def test_balances_are_listed_with_what_is_left(shell: Shell) -> None:
    line = shell.run("balance", columns=100).output.splitlines()[2].split()
    assert line[:5] == [
        "DESK",
        "USD",
        "40",
        "100,000,000,000,000.00",
        "-100,000,000,000,000.00",
    ]


def test_balances_as_json_are_exact(shell: Shell) -> None:
    (row,) = json.loads(shell.run("balance", "--json").output)
    assert (row["available"], row["left"]) == ("40", "-100000000000000")


# -- refusals --------------------------------------------------------------------------------------

NAMED: list[tuple[dict[str, Any], str]] = [
    ({}, "refused: too much [max_order_qty]"),
    ({"limit_name": "max_order_qty"}, "refused: too much [max_order_qty]"),
    ({"limit_name": "max_order_qty:account=A"}, "refused: too much [max_order_qty:account=A]"),
    ({"limit_name": "ticket"}, "refused: too much [max_order_qty, limit ticket]"),
    (
        {"limit_name": "a ticket", "soft": True},
        "refused: too much [max_order_qty, limit a ticket]\n"
        "it is soft: fix-oms limits override 'a ticket' --reason TEXT --for 5m --uses 1",
    ),
]


@pytest.mark.parametrize(("named", "expected"), NAMED)
def test_a_refusal_names_its_limit_and_how_to_override_a_soft_one(
    named: dict[str, Any], expected: str
) -> None:
    refusal = Refused(control="max_order_qty", text="too much", **named)
    assert report.refused_words(refusal) == expected


def test_no_line_of_a_risk_table_is_longer_than_the_screen(shell: Shell) -> None:
    for command in ("limits", "limits show size", "balance", "positions feeds"):
        for columns in (80, 150):
            done = shell.run(*command.split(), columns=columns)
            assert max(len(line) for line in done.output.splitlines()) <= columns, command
