"""The acts of a risk desk: what each asks of the engine, and what it prints."""

from __future__ import annotations

import json
import os
import pwd
from typing import Any

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
from tests.cli.conftest import Shell
from tests.server.standin import BALANCE, EXPOSURE, position_view

ME = pwd.getpwuid(os.getuid()).pw_name
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


DOUBTS: list[tuple[dict[str, int], str]] = [
    ({"doubt_buy": SCALE}, "symbol AAPL: 1 to buy hang on an answer of the broker"),
    (
        {"doubt_buy": SCALE, "doubt_sell": 2 * SCALE},
        "symbol AAPL: 1 to buy and 2 to sell hang on an answer of the broker",
    ),
    ({}, "worst case, were every open order to fill; money in USD"),
]


@pytest.mark.parametrize(("doubt", "expected"), DOUBTS)
def test_what_hangs_on_an_answer_is_said_under_the_table(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, doubt: dict[str, int], expected: str
) -> None:
    row = msgspec.structs.replace(EXPOSURE, dimension="symbol", name="AAPL", **doubt)
    monkeypatch.setattr(shell.engine, "exposure_views", lambda: [row])
    assert shell.run("exposure").output.splitlines()[-1].rstrip() == expected


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
