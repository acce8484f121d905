"""The other commands: what each asks of the engine and what it prints."""

from __future__ import annotations

import json
import os
import pwd
import sys
import types
from pathlib import Path

import msgspec
import pytest

from fix_oms.cli.exits import failure_of
from fix_oms.client import Disconnected, EngineFailed, NoAnswer, Unsendable
from fix_oms.model.inputs import (
    AskStatus,
    CancelOrder,
    Command,
    Halt,
    MassCancel,
    ReplaceOrder,
    Resume,
    SessionCommand,
    SetReference,
)
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import LoadedConfig
from tests.cli.conftest import Shell
from tests.server.standin import fill_view, position_view

ME = pwd.getpwuid(os.getuid()).pw_name
DEMO = Path(__file__).parents[2] / "config/demo.toml"

SENT: list[tuple[str, Command]] = [
    ("cancel 7-1", CancelOrder(by=ME, order="7-1")),
    ("replace 7-1 --price 151", ReplaceOrder(by=ME, order="7-1", price=151 * SCALE)),
    ("replace 7-1 --qty 80", ReplaceOrder(by=ME, order="7-1", order_qty=80 * SCALE)),
    (
        "replace 7-1 --stop 9 --tif ioc",
        ReplaceOrder(by=ME, order="7-1", stop_px=9 * SCALE, time_in_force="3"),
    ),
    ("mass-cancel", MassCancel(by=ME)),
    ("mass-cancel --venue V --symbol S", MassCancel(by=ME, venue="V", symbol="S")),
    ("halt --reason odd", Halt(by=ME, reason="odd")),
    ("halt --reason odd --venue V", Halt(by=ME, reason="odd", venue="V")),
    ("halt --reason odd --symbol S", Halt(by=ME, reason="odd", symbol="S")),
    ("halt --reason odd --account A", Halt(by=ME, reason="odd", account="A")),
    ("resume --reason fine", Resume(by=ME, reason="fine")),
    ("resume --reason fine --venue V", Resume(by=ME, reason="fine", venue="V")),
    ("reference AAPL 150.25", SetReference(by=ME, symbol="AAPL", price=15_025_000_000)),
    ("status 7-1 --wait 0", AskStatus(by=ME, order="7-1")),
    ("status --session ALPHA", AskStatus(by=ME, session="ALPHA")),
    (
        "session ALPHA logon --reason r",
        SessionCommand(by=ME, session="ALPHA", action="logon", reason="r"),
    ),
    (
        "session ALPHA disable --reason r",
        SessionCommand(by=ME, session="ALPHA", action="disable", reason="r"),
    ),
    (
        "session ALPHA set-next --in 4 --out 5 --reason r",
        SessionCommand(
            by=ME, session="ALPHA", action="set-next", reason="r", next_in=4, next_out=5
        ),
    ),
]


@pytest.mark.parametrize(("words", "expected"), SENT, ids=[w for w, _ in SENT])
def test_the_words_become_this_command(shell: Shell, words: str, expected: Command) -> None:
    shell.run("buy", "100", "AAPL", "@", "150.25")
    done = shell.run(*words.split())
    assert (done.exit_code, shell.taken[1:]) == (0, [expected])


BAD: list[tuple[str, str]] = [
    ("replace 7-1", "nothing to change: give --qty, --price, --stop or --tif"),
    ("replace 7-1 --qty -5", "OrderQty(38) '-5': must be greater than 0"),
    ("replace 7-1 --price 1,000", "Price(44) '1,000': has a thousands separator: write 1000"),
    ("reference AAPL 0", "Price(44) '0': must be greater than 0"),
    ("reference AAPL", "Missing argument 'PRICE'"),
    ("halt", "Missing option '--reason'"),
    ("session ALPHA explode --reason r", "'explode' is not one of"),
    ("session ALPHA logon", "Missing option '--reason'"),
    ("session ALPHA set-next --reason r", "set-next needs --in N, --out N or both"),
    ("session ALPHA set-next --in 0 --reason r", "0 is not in the range x>=1"),
    ("session ALPHA reset --in 4 --reason r", "--in and --out belong to set-next, not to reset"),
    ("status 7-1 --session ALPHA", "give an ORDER or --session, not both"),
    ("ordrs", "There is no command 'ordrs'. Did you mean 'orders'?"),
    ("cancel a\x01b", "ORDER 'a\\x01b': holds characters other than printable ASCII"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_bad_words_are_named_and_nothing_is_done(shell: Shell, words: str, reason: str) -> None:
    done = shell.run(*words.split(" "))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


def test_a_cancel_that_has_its_way_ends_with_0(shell: Shell) -> None:
    shell.run("buy", "100", "AAPL", "@", "150.25")
    done = shell.run("cancel", "7-1")
    assert (done.exit_code, done.output.splitlines()[1]) == (0, "Canceled 0/100 Buy AAPL on ALPHA")


def test_a_cancel_that_the_broker_refuses_ends_with_1(shell: Shell) -> None:
    shell.run("buy", "100", "FILL", "@", "150.25")
    done = shell.run("cancel", "7-1")
    assert done.exit_code == 1
    assert done.output.splitlines()[1] == "cancel refused"
    assert "Filled 100/100 @ 150.25 Buy FILL on ALPHA: too late to cancel" in done.output


def test_an_unknown_order_is_refused_with_1(shell: Shell) -> None:
    done = shell.run("cancel", "nope")
    assert (done.exit_code, done.stderr) == (
        1,
        "refused: no order is named 'nope' [unknown_order]\n",
    )


def test_an_alert_goes_to_standard_error(shell: Shell) -> None:
    done = shell.run("session", "ALPHA", "reset", "--reason", "agreed")
    assert done.stderr == "warning: ALPHA begins at 1 again [epoch]\n"
    assert done.stdout == "reset asked for\n"


def test_status_of_an_order_says_when_nothing_new_came(shell: Shell) -> None:
    shell.run("buy", "100", "AAPL", "@", "150.25")
    done = shell.run("status", "7-1", "--wait", "0")
    assert "nothing new within 0 s\nNew 0/100 Buy AAPL on ALPHA" in done.output


# -- lists -----------------------------------------------------------------------------------------


def traded(shell: Shell) -> None:
    """Three orders: one rests, one is filled, one has no answer."""
    for symbol in ("AAPL", "FILL", "SILENT"):
        shell.run("buy", "100", symbol, "@", "150.25", "--ref", f"ref-{symbol}", "--no-wait")


def test_orders_are_listed_with_a_mark_for_what_is_pending(shell: Shell) -> None:
    traded(shell)
    assert shell.run("orders").output.splitlines() == [
        "Order  State         Side   Filled  Symbol   Price   AvgPx  Venue",
        "─" * 65,
        "7-1    New           Buy     0/100  AAPL    150.25          ALPHA",
        "7-2    Filled        Buy   100/100  FILL    150.25  150.25  ALPHA",
        "7-3    PendingNew *  Buy     0/100  SILENT  150.25          ALPHA",
        "* a request of ours awaits its answer",
    ]


def test_a_wide_screen_shows_more(shell: Shell) -> None:
    traded(shell)
    heading = shell.run("orders", columns=200).output.splitlines()[0]
    assert heading.split()[-6:] == ["TIF", "Account", "Ref", "Updated", "(UTC)", "Note"]


@pytest.mark.parametrize("columns", [80, 120, 200])
@pytest.mark.parametrize("command", ["orders", "fills", "positions", "sessions", "status"])
def test_no_line_is_longer_than_the_screen(shell: Shell, command: str, columns: int) -> None:
    traded(shell)
    shell.engine.positions = [position_view()]
    done = shell.run(command, columns=columns)
    assert max(len(line) for line in done.output.splitlines()) <= columns


@pytest.mark.parametrize("columns", [80, 200])
def test_long_values_are_folded_and_never_cut(shell: Shell, columns: int) -> None:
    shell.run("buy", "123.45678901", "AAPL", "@", "150.12345678", "--no-wait", "--ref", "r" * 30)
    long = shell.engine.orders["7-1"]
    shell.engine.orders["7-1"] = msgspec.structs.replace(
        long, venue="AVERYLONGVENUENAME", avg_px=15_012_345_678, cum_qty=1, text="t" * 90
    )
    output = shell.run("orders", columns=columns).output
    assert "…" not in output
    assert "150.12345678" in output


def test_orders_can_be_narrowed(shell: Shell) -> None:
    traded(shell)
    narrowed = {
        "--open": ["7-1", "7-3"],
        "--symbol=FILL": ["7-2"],
        "--venue=BETA": [],
        "--last=1": ["7-3"],
        "--last=0": ["7-1", "7-2", "7-3"],
    }
    found = {
        option: [
            row["reference"] for row in json.loads(shell.run("orders", option, "--json").output)
        ]
        for option in narrowed
    }
    assert found == narrowed


def test_no_orders_are_said_in_words(shell: Shell) -> None:
    assert shell.run("orders").output == "no orders\n"


def test_no_orders_are_an_empty_array_for_programs(shell: Shell) -> None:
    assert json.loads(shell.run("orders", "--json").output) == []


def test_json_has_decimal_text_words_and_both_forms_of_time(shell: Shell) -> None:
    traded(shell)
    order = json.loads(shell.run("orders", "--json").output)[1]
    found = {key: order[key] for key in ("price", "side", "ord_status", "created", "created_ns")}
    assert found == {
        "price": "150.25",
        "side": "Buy",
        "ord_status": "Filled",
        "created": "2025-11-21T09:00:00.000000000Z",
        "created_ns": 1763715600000000000,
    }


def test_show_tells_requests_and_fills(shell: Shell) -> None:
    traded(shell)
    shell.run("cancel", "7-2")
    output = shell.run("show", "ref-FILL").output
    for expected in ("Buy 100 FILL Limit 150.25 Day", "7-2.1", "refused", "X1", "LeavesQty(151)"):
        assert expected in output


def test_show_as_json_includes_the_fills(shell: Shell) -> None:
    traded(shell)
    found = json.loads(shell.run("show", "7-2", "--json").output)
    assert [fill["last_px"] for fill in found["fills"]] == ["150.25"]


def test_show_of_an_unknown_order_ends_with_1(shell: Shell) -> None:
    done = shell.run("show", "nope")
    assert (done.exit_code, done.stderr) == (1, "fix-oms: no order is named 'nope'\n")


def test_fills_mark_what_no_longer_counts(shell: Shell) -> None:
    traded(shell)
    order = shell.engine.orders["7-2"]
    shell.engine.fills.append(fill_view(order, "X2", state="busted"))
    lines = shell.run("fills").output.splitlines()
    assert [line.endswith("busted") for line in lines[2:]] == [False, True]


def test_fills_of_one_order_only(shell: Shell) -> None:
    traded(shell)
    assert shell.run("fills", "7-1").output == "no fills\n"


def test_positions_show_grouped_money_and_exact_json(shell: Shell) -> None:
    shell.engine.positions = [position_view()]
    assert "-123,456,789.50" in shell.run("positions").output
    found = json.loads(shell.run("positions", "--json").output)
    assert (found[0]["realised"], found[0]["quantity"]) == ("-123456789.5", "100")


def test_positions_of_one_account_only(shell: Shell) -> None:
    shell.engine.positions = [position_view()]
    assert shell.run("positions", "--account", "PROP").output == "no positions\n"


def test_sessions_show_state_numbers_and_halts(shell: Shell) -> None:
    shell.run("halt", "--symbol", "AAPL", "--reason", "odd prices")
    output = shell.run("sessions").output
    for expected in ("ready", "down busy", "12", "15", "symbol AAPL", "odd prices"):
        assert expected in output


def test_sessions_as_json_include_the_halts(shell: Shell) -> None:
    shell.run("halt", "--reason", "odd")
    found = json.loads(shell.run("sessions", "--json").output)
    assert ([s["name"] for s in found["sessions"]], found["halts"][0]["reason"]) == (
        ["ALPHA", "BETA"],
        "odd",
    )


def test_status_alone_names_the_running_engine(shell: Shell) -> None:
    output = shell.run("status", columns=200).output
    for expected in (
        f"process {os.getpid()}, start 7",
        str(shell.config),
        "/j (durability process)",
    ):
        assert expected in output


def test_watch_once_prints_everything_and_ends(shell: Shell) -> None:
    traded(shell)
    output = shell.run("watch", "--once").output
    for expected in ("2 open", "1/2 sessions ready", "PendingNew *", "Position"):
        assert expected in output


# -- without an engine -----------------------------------------------------------------------------

LOOKING = ["orders", "fills", "positions", "sessions", "status", "watch", "show x", "cancel x"]


@pytest.mark.parametrize("words", LOOKING)
def test_without_an_engine_every_command_ends_with_3(nobody: Shell, words: str) -> None:
    done = nobody.run(*words.split())
    assert done.exit_code == 3
    assert f"no engine listens at {nobody.config.parent / 'fix-oms.sock'}" in done.stderr


def test_an_engine_that_goes_away_is_a_doubt_only_for_what_was_to_be_done() -> None:
    ends = {
        code: failure_of(error).exit_code
        for code, error in {
            "asked": Disconnected("gone", in_doubt=False),
            "ordered": Disconnected("gone", in_doubt=True),
            "no answer": NoAnswer("slow", in_doubt=True),
            "busy": EngineFailed("busy", "64 connections"),
            "inside": EngineFailed("engine", "a defect"),
            "not written": EngineFailed("not_journaled", "no room"),
            "written perhaps": EngineFailed("journal", "cannot sync"),
            "too large": Unsendable("nothing was sent"),
        }.items()
    }
    expected = {
        "asked": 3,
        "ordered": 4,
        "no answer": 4,
        "busy": 3,
        "inside": 1,
        "not written": 1,
        "written perhaps": 4,
        "too large": 2,
    }
    assert ends == expected


def test_a_missing_configuration_ends_with_2(nobody: Shell) -> None:
    nobody.config.unlink()
    done = nobody.run("orders")
    assert (done.exit_code, "cannot be read: No such file" in done.stderr) == (2, True)


# -- run -------------------------------------------------------------------------------------------


def test_run_hands_the_loaded_configuration_to_the_process_and_ends_as_it_does(
    nobody: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[LoadedConfig] = []

    def run(loaded: LoadedConfig) -> int:
        handed.append(loaded)
        return 1

    process = types.ModuleType("fix_oms.server.process")
    process.run = run  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "fix_oms.server.process", process)
    monkeypatch.setattr("fix_oms.server.process", process, raising=False)
    done = nobody.run("run", str(DEMO))
    assert (done.exit_code, [loaded.path for loaded in handed]) == (1, [DEMO])


def test_run_refuses_a_bad_configuration_with_2(nobody: Shell) -> None:
    done = nobody.run("run", str(nobody.config))
    assert done.exit_code == 2
    assert "sessions.ALPHA.version: is missing" in done.stderr
