"""``limits``: what is shown, and what each command asks of the engine."""

from __future__ import annotations

import json
import os
import pwd
from typing import Any

import pytest

from fix_oms.model.inputs import Command, Override, Rearm, SetLimits
from fix_oms.model.limits import Limit
from fix_oms.model.settings_text import plain_limit
from fix_oms.model.units import SCALE
from tests.cli.conftest import Shell
from tests.cli.limits_in_force import ALL, LOOP, SIZE, TICKET, view
from tests.cli.test_help import completed

ME = pwd.getpwuid(os.getuid()).pw_name
pytestmark = pytest.mark.usefixtures("limits_in_force")


def put(limit: Limit, *, reason: str = "r", **others: Any) -> SetLimits:
    return SetLimits(by=ME, reason=reason, put=(plain_limit(limit),), **others)


SENT: list[tuple[str, Command]] = [
    (
        "limits set max_order_qty 5000 --reason r",
        put(Limit(control="max_order_qty", limit=5000 * SCALE)),
    ),
    (
        "limits set ticket 1.5 --reason r --by Ann",
        SetLimits(
            by="Ann",
            reason="r",
            put=({**plain_limit(TICKET), "limit": "1.5"},),
        ),
    ),
    (
        "limits add position_limit 0 --symbol AAPL --reason r",
        put(Limit(control="position_limit", limit=0, symbol="AAPL")),
    ),
    (
        "limits add message_rate 20 --per account,session --window 5m --session ALPHA --reason r",
        put(
            Limit(
                control="message_rate",
                limit=20 * SCALE,
                per=("account", "session"),
                window_s=300,
                session="ALPHA",
            )
        ),
    ),
    (
        "limits add max_order_value 5 --id x --soft --note n --currency EUR --account A"
        " --strategy T --venue V --per= --reason r",
        put(
            Limit(
                control="max_order_value",
                limit=5 * SCALE,
                id="x",
                soft=True,
                note="n",
                currency="EUR",
                account="A",
                strategy="T",
                venue="V",
                per=(),
            )
        ),
    ),
    (
        "limits add self_match --action cancel_both --reason r",
        put(Limit(control="self_match", action="cancel_both")),
    ),
    (
        "limits add price_collar 2 --against last --reason r",
        put(Limit(control="price_collar", limit=2 * SCALE, against="last")),
    ),
    (
        "limits add unconfirmed_fills 20 --against certain --reason r",
        put(Limit(control="unconfirmed_fills", limit=20 * SCALE, against="certain")),
    ),
    (
        "limits add permission --symbols A,B --venues V --ord-types limit,stop --sides buy"
        " --reason r",
        put(
            Limit(
                control="permission",
                symbols=("A", "B"),
                venues=("V",),
                ord_types=("limit", "stop"),
                sides=("buy",),
            )
        ),
    ),
    (
        "limits remove ticket flip_flop --reason r",
        SetLimits(by=ME, reason="r", remove=("ticket", "flip_flop")),
    ),
    ("limits override ticket --reason r", Override(by=ME, limit="ticket", reason="r")),
    (
        "limits override ticket --reason r --for 90s --uses 4 --account A --symbol S --by Ann",
        Override(by="Ann", limit="ticket", reason="r", for_s=90, uses=4, account="A", symbol="S"),
    ),
    ("limits rearm flip_flop --reason r", Rearm(by=ME, limit="flip_flop", reason="r")),
    ("limits rearm flip_flop --reason r --by Ann", Rearm(by="Ann", limit="flip_flop", reason="r")),
]


@pytest.mark.parametrize(("words", "expected"), SENT, ids=[w for w, _ in SENT])
def test_the_words_become_this_command(shell: Shell, words: str, expected: Command) -> None:
    done = shell.run(*words.split())
    assert (done.exit_code, shell.taken) == (0, [expected])


BAD: list[tuple[str, int, str]] = [
    ("limits set max_order_qty 5", 2, "Missing option '--reason'"),
    ("limits set max_order_qty --reason r", 2, "Missing argument 'VALUE'"),
    ("limits set --reason r", 2, "give LIMIT and VALUE, or --file FILE"),
    ("limits set x 5 --file f --reason r", 2, "give LIMIT and VALUE, or --file FILE"),
    ("limits set max_order_qty 5,000 --reason r", 2, "VALUE '5,000': has a thousands separator"),
    ("limits set max_order_qty 0 --reason r", 2, "max_order_qty: limit: must be greater than 0"),
    ("limits set tickt 5 --reason r", 1, "no limit is named 'tickt'; did you mean 'ticket'?"),
    ("limits set --file /no/such/file --reason r", 2, "/no/such/file: cannot be read"),
    ("limits add max_qty 5 --reason r", 2, "'max_qty' is none of"),
    ("limits add position_limit --reason r", 2, "Missing argument 'VALUE'"),
    ("limits add position_limit x --reason r", 2, "VALUE 'x': is not a FIX number"),
    ("limits add restricted 5 --reason r", 2, "restricted takes none: its scope says all"),
    ("limits add restricted --per desk --reason r", 2, "per: 'desk' is none of account, strategy"),
    ("limits add position_limit 5 --window 5s --reason r", 2, "position_limit has no window"),
    ("limits add message_rate 5 --window 5 --reason r", 2, "--window '5': is no span of time"),
    ("limits add restricted --id \x01 --reason r", 2, "--id '\\x01': holds characters other"),
    ("limits add restricted --sides hold --reason r", 2, "restricted: sides: does not go with"),
    ("limits add max_order_qty 5 --reason r", 1, "there is a limit named 'max_order_qty'"),
    ("limits remove nope --reason r", 1, "no limit is named 'nope'"),
    ("limits remove --reason r", 2, "Missing argument 'LIMIT...'"),
    ("limits override ticket", 2, "Missing option '--reason'"),
    ("limits override ticket --reason r --for 0m", 2, "--for '0m': must be greater than 0"),
    ("limits override ticket --reason r --uses 0", 2, "0 is not in the range x>=1"),
    ("limits rearm flip_flop", 2, "Missing option '--reason'"),
    ("limits show nope", 1, "no limit is named 'nope'"),
]


@pytest.mark.parametrize(("words", "code", "reason"), BAD, ids=[w for w, _, _ in BAD])
def test_bad_words_are_named_and_nothing_is_done(
    shell: Shell, words: str, code: int, reason: str
) -> None:
    done = shell.run(*words.split(" "))
    assert (done.exit_code, shell.taken) == (code, [])
    assert reason in done.stderr


@pytest.mark.parametrize(
    "words", ["limits", "limits set x 5 --reason r", "limits rearm x --reason r"]
)
def test_without_an_engine_every_command_ends_with_3(nobody: Shell, words: str) -> None:
    nobody.config.write_text('[engine]\nsocket = "nobody.sock"\n')
    assert nobody.run(*words.split()).exit_code == 3


# -- what is shown ---------------------------------------------------------------------------------


def test_limits_alone_shows_the_limits(shell: Shell) -> None:
    assert shell.run("limits").output == shell.run("limits", "show").output


def test_each_limit_is_a_row_with_what_it_has_found(shell: Shell) -> None:
    lines = shell.run("limits", columns=150).output.splitlines()
    assert lines[2].split() == [
        *("max_order_qty", "10000", "shares", "everything", "2", "configuration")
    ]


def test_a_limit_that_was_changed_stays_where_the_catalogue_has_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell.engine, "limit_views", lambda: [view(LOOP), view(SIZE)])
    rows = shell.run("limits", columns=150).output.splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["max_order_qty", "flip_flop"]


def test_of_what_a_limit_counts_apart_the_list_shows_five(shell: Shell) -> None:
    output = shell.run("limits", columns=150).output
    found = ["A4 AAPL: 4" in output, "A5 AAPL: 5" in output, "... and 2 more" in output]
    assert found == [True, False, True]


@pytest.mark.parametrize("columns", [80, 150])
def test_latched_and_overridden_limits_say_so(shell: Shell, columns: int) -> None:
    words = shell.run("limits", columns=columns).output.split()
    assert [words.count(word) for word in ("LATCHED", "override:", "soft")] == [1, 1, 1]


def test_one_limit_is_shown_in_full_with_the_rule_that_asks_for_it(shell: Shell) -> None:
    output = shell.run("limits", "show", "message_rate").output
    for expected in (
        "account A6, symbol AAPL: 6",
        "account, symbol",
        "RTS 6 Art 15(1)(d)",
        "in 2 s",
    ):
        assert expected in output


FOUND: list[tuple[dict[str, str], str]] = [
    ({"everything": "104800.00"}, "104800.00"),
    ({"everything": ""}, ""),
    ({"account DESK, strategy , symbol AAPL": "4"}, "DESK - AAPL: 4"),
    ({"all of it": "4"}, "all of it: 4"),
]


@pytest.mark.parametrize(("found", "expected"), FOUND)
def test_what_is_found_is_told_by_names_alone(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, found: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(shell.engine, "limit_views", lambda: [view(SIZE, found=found)])
    row = shell.run("limits", columns=110).output.splitlines()[2].rstrip()
    assert row.removeprefix("max_order_qty  10000 shares").removesuffix("0").strip() == expected


def test_an_order_of_no_strategy_is_said_so(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"account DESK, strategy , symbol AAPL": "4"}
    monkeypatch.setattr(shell.engine, "limit_views", lambda: [view(LOOP, found=found)])
    output = shell.run("limits", "show", "flip_flop").output
    assert "account DESK, no strategy, symbol AAPL: 4" in output


def test_a_limit_that_latches_says_how_it_stands(shell: Shell) -> None:
    output = shell.run("limits", "show", "flip_flop").output
    assert "account DESK, symbol AAPL is stopped by flip_flop (4, not 3)" in output


def test_the_list_says_of_a_latched_limit_only_where(shell: Shell) -> None:
    row = shell.run("limits", columns=150).output.splitlines()[-1].rstrip()
    assert row.split()[-4:] == ["LATCHED", "DESK", "AAPL", "configuration"]


def test_the_keys_that_only_some_controls_take_are_shown(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = Limit(control="permission", symbols=("A", "B"), sides=("buy",))
    monkeypatch.setattr(shell.engine, "limit_views", lambda: [view(only)])
    assert "symbols A, B; sides buy" in shell.run("limits", "show", "permission").output


def test_no_limits_are_said_in_words(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell.engine, "limit_views", list)
    assert shell.run("limits").output == "no limits\n"


def test_limits_as_json_are_a_list_and_one_is_an_object(shell: Shell) -> None:
    rows = json.loads(shell.run("limits", "show", "--json").output)
    one = json.loads(shell.run("limits", "show", "ticket", "--json").output)
    assert ([row["name"] for row in rows], one["plain"]["limit"]) == (
        [limit.name for limit in ALL],
        "20000",
    )


# -- completion ------------------------------------------------------------------------------------


def test_limits_in_force_are_completed_from_the_engine(shell: Shell) -> None:
    assert completed(shell, "limits", "show", "t") == ["ticket"]


def test_controls_are_completed_from_the_catalogue(shell: Shell) -> None:
    assert completed(shell, "limits", "add", "max_order") == ["max_order_qty", "max_order_value"]


@pytest.mark.parametrize("option", ["account", "strategy"])
def test_names_of_the_configuration_are_completed(shell: Shell, option: str) -> None:
    section = {"account": "accounts", "strategy": "strategies"}[option]
    shell.config.write_text(f'[{section}.one]\n[{section}.two]\n[engine]\nsocket = "x"\n')
    assert completed(shell, "halt", f"--{option}", "t") == ["two"]
