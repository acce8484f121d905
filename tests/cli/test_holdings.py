"""``positions``: what the day starts with, what a feed says, and the files that state it."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import msgspec
import pytest

from fix_oms.model.inputs import (
    Command,
    Funds,
    Holding,
    OpenPositions,
    SetBalances,
    TellPositions,
)
from fix_oms.model.units import SCALE
from tests.cli.conftest import Shell
from tests.server.standin import FEED, position_view

ME = pwd.getpwuid(os.getuid()).pw_name
T = 1_795_271_400_000_000_000
"""2026-11-21 14:30:00 UTC."""

OPENING = "account,symbol,quantity,px\nDESK,AAPL,300,149.5\n\nDESK, VOD.L ,-20,\n"
FED = "account,symbol,quantity,as_of,seq\nDESK,AAPL,300,2026-11-21T14:30:00Z,7\nDESK,MSFT,0,,\n"


def own(**fields: object) -> Holding:
    given: dict[str, object] = {"account": "DESK", "symbol": "AAPL", "quantity": 300 * SCALE}
    return Holding(**(given | fields))  # type: ignore[arg-type]  # the names are Holding's own


TOLD: list[tuple[str, TellPositions]] = [
    ("DESK AAPL 300", TellPositions(by=ME, source="by hand", rows=(own(),))),
    (
        "DESK AAPL -0.5 --source Kim --by Ann",
        TellPositions(by="Ann", source="Kim", rows=(own(quantity=-SCALE // 2),)),
    ),
    (
        "DESK AAPL 300 --as-of 2026-11-21T14:30:00Z --exec-id X1 --seq 7",
        TellPositions(by=ME, source="by hand", rows=(own(as_of_ns=T, exec_id="X1", seq=7),)),
    ),
    (
        "DESK AAPL 300 --as-of 20261121-14:30:00.001",
        TellPositions(by=ME, source="by hand", rows=(own(as_of_ns=T + 1_000_000),)),
    ),
]


@pytest.mark.parametrize(("words", "expected"), TOLD, ids=[w for w, _ in TOLD])
def test_one_position_is_told_in_words(shell: Shell, words: str, expected: Command) -> None:
    done = shell.run("positions", "tell", *words.split())
    assert (done.exit_code, shell.taken) == (0, [expected])


def test_a_file_of_opening_positions_is_stated_as_a_whole(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(OPENING)
    done = shell.run("positions", "load", str(tmp_path / "o.csv"), "--source", "clearer")
    rows = (own(px=14_950_000_000), own(symbol="VOD.L", quantity=-20 * SCALE))
    expected = OpenPositions(by=ME, source="clearer", rows=rows)
    assert (done.exit_code, shell.taken) == (0, [expected])


def test_a_file_of_a_feed_is_told_as_a_whole_and_names_its_source(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "f.csv").write_text(FED)
    done = shell.run("positions", "tell", str(tmp_path / "f.csv"))
    rows = (own(as_of_ns=T, seq=7), own(symbol="MSFT", quantity=0))
    assert (done.exit_code, shell.taken) == (0, [TellPositions(by=ME, source="f.csv", rows=rows)])


def test_a_file_that_a_spreadsheet_wrote_is_read(shell: Shell, tmp_path: Path) -> None:
    text = "\ufeff" + OPENING.replace("\n", "\r\n").replace("DESK", '"DESK"')
    (tmp_path / "o.csv").write_bytes(text.encode())
    shell.run("positions", "load", str(tmp_path / "o.csv"), "--source", "clearer")
    assert [row.symbol for row in shell.taken[0].rows] == ["AAPL", "VOD.L"]


BAD_FILES: list[tuple[str, str]] = [
    ("", "the first line names the columns (account,symbol,quantity,px): account is missing"),
    ("account,symbol,qty\n", "'qty' is none of them"),
    ("account,symbol,quantity,quantity\n", "the column 'quantity' stands twice"),
    ("account,symbol,px\nA,B,1\n", "quantity is missing"),
    ("account,symbol,quantity\n", "holds no position"),
    (OPENING + "DESK,MSFT,1,000,5\n", "line 5: has 5 columns, not 4"),
    (OPENING + "DESK,MSFT,x,5\n", "line 5: quantity 'x': is not a FIX number"),
    (OPENING + "DESK,MSFT,,5\n", "line 5: quantity '': is not a FIX number"),
    (OPENING + "DESK,MSFT,1,-5\n", "line 5: px '-5': must not be negative"),
    (OPENING + ",MSFT,1,5\n", "line 5: Account(1) '': is empty"),
    (OPENING + "DESK,A B,1,5\n", "line 5: Symbol(55) 'A B': holds a blank"),
    (OPENING + "DESK,AAPL,1,5\n", "line 5: DESK AAPL stands on line 2 already"),
    (OPENING + 'DESK,"MSFT,1,5\n', "is not CSV"),
]


@pytest.mark.parametrize(("text", "reason"), BAD_FILES)
def test_one_bad_line_is_named_and_nothing_is_stated(
    shell: Shell, tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "o.csv").write_text(text)
    done = shell.run("positions", "load", str(tmp_path / "o.csv"), "--source", "c")
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


def test_every_bad_line_is_named_as_far_as_twenty(shell: Shell, tmp_path: Path) -> None:
    rows = "".join(f"DESK,S{n},x\n" for n in range(30))
    (tmp_path / "o.csv").write_text(f"account,symbol,quantity\n{rows}")
    done = shell.run("positions", "load", str(tmp_path / "o.csv"), "--source", "c")
    assert ["line 21:" in done.stderr, "line 22:" in done.stderr, "10 more" in done.stderr] == [
        True,
        False,
        True,
    ]


MONEY = "account,available,currency,margin_used\nDESK,-0.5,,9\nHEDGE,7,GBP,\n"


def test_a_file_of_balances_is_stated_as_a_whole(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(MONEY)
    done = shell.run("balance", "load", str(tmp_path / "b.csv"))
    rows = (
        Funds(account="DESK", currency="USD", available=-SCALE // 2, margin_used=9 * SCALE),
        Funds(account="HEDGE", currency="GBP", available=7 * SCALE),
    )
    expected = SetBalances(by=ME, rows=rows, source="b.csv")
    assert (done.exit_code, shell.taken) == (0, [expected])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("account,currency\n", "available is missing"),
        ("account,available\n", "holds no balance"),
        (MONEY + "DESK,1,,\n", "line 4: DESK stands on line 2 already"),
        (MONEY + "X,,,\n", "line 4: available '': is not a FIX number"),
        (MONEY + "X,1,U SD,\n", "line 4: Currency(15) 'U SD'"),
        (MONEY + "X,1,,-1\n", "line 4: margin_used '-1': must not be negative"),
    ],
)
def test_one_bad_balance_is_named_and_none_is_stated(
    shell: Shell, tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "b.csv").write_text(text)
    done = shell.run("balance", "load", str(tmp_path / "b.csv"))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


BAD: list[tuple[str, str]] = [
    ("load o.csv", "Missing option '--source'"),
    ("load /no/such/file --source c", "/no/such/file: cannot be read: No such file"),
    ("tell", "give a FILE alone, or ACCOUNT SYMBOL QTY"),
    ("tell DESK AAPL", "give a FILE alone, or ACCOUNT SYMBOL QTY"),
    ("tell f.csv --seq 4", "give a FILE alone, or ACCOUNT SYMBOL QTY"),
    ("tell DESK AAPL 1,000", "quantity '1,000': has a thousands separator: write 1000"),
    ("tell DESK AAPL 1 --seq -1", "seq '-1': is no whole number"),
    ("tell DESK AAPL 1 --as-of yesterday", "as_of 'yesterday': is not a UTCTimestamp"),
    ("tell DESK AAPL 1 --as-of 2026-02-30T10:00:00Z", "is no date of the calendar"),
    ("tell DESK AAPL 1 --exec-id \x01", "ExecID(17) '\\x01': holds characters other than"),
    ("tell DESK AAPL 1 --source \x01", "--source '\\x01': holds characters other than"),
    ("--account A feeds", "options belong behind feeds"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=[w for w, _ in BAD])
def test_bad_words_are_named_and_nothing_is_done(shell: Shell, words: str, reason: str) -> None:
    done = shell.run("positions", *words.split(" "))
    assert (done.exit_code, shell.taken) == (2, [])
    assert reason in done.stderr


# -- what is shown ---------------------------------------------------------------------------------


def test_a_wide_screen_shows_what_a_position_is_worth_at_its_mark(shell: Shell) -> None:
    held = msgspec.structs.replace(
        position_view(),
        mark=151 * SCALE,
        unrealised=75 * SCALE * SCALE,
        fees=SCALE // 2,
        opening=20 * SCALE,
    )
    shell.engine.positions = [held]
    words = shell.run("positions", columns=150).output.splitlines()[2].split()
    assert words[-6:] == ["75.00", "0.50", "600", "500", "151", "20"]


def test_without_a_mark_no_profit_is_shown(shell: Shell) -> None:
    shell.engine.positions = [position_view()]
    heading, _, row = shell.run("positions", columns=150).output.splitlines()
    start = heading.index("Unrealised")
    assert row[start : start + len("Unrealised")].strip() == ""


def test_feeds_show_both_sides_and_the_difference(shell: Shell) -> None:
    lines = shell.run("positions", "feeds").output.splitlines()
    assert lines[2].split() == ["DESK", "AAPL", "1", "2", "1", "3", "09:00:00", "drop"]
    assert lines[3].rstrip() == "DESK AAPL: X1"


def test_what_no_feed_has_told_is_not_shown_as_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = msgspec.structs.replace(FEED, told_ns=0, told=0, difference=SCALE, missing="silent")
    monkeypatch.setattr(shell.engine, "feed_views", lambda: [silent])
    row = shell.run("positions", "feeds").output.splitlines()[2].split()
    assert row == ["DESK", "AAPL", "1", "3", "drop"]


def test_feeds_as_json_are_exact(shell: Shell) -> None:
    (row,) = json.loads(shell.run("positions", "feeds", "--json").output)
    assert (row["difference"], row["told_ns"]) == ("1", FEED.told_ns)
