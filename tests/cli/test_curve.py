"""``curve``: past trades become a curve that a configuration can name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fix_oms.server.curves import read_curve
from tests.cli.conftest import Shell

TRADES = """symbol,Time,qty
AAPL,2027-01-04T14:30:00Z,30
AAPL,2027-01-04T09:34:59,30
AAPL,2027-01-04T14:40:00Z,40

AAPL,2027-01-05T14:35:00Z,5
AAPL,2027-01-05T14:44:00Z,5
"""


@pytest.fixture
def trades(tmp_path: Path) -> Path:
    path = tmp_path / "trades.csv"
    path.write_text(TRADES, encoding="utf-8")
    return path


def test_days_count_the_same_by_the_zones_clock(nobody: Shell, trades: Path) -> None:
    done = nobody.run("curve", str(trades), "--zone", "America/New_York")
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        ["time,volume", "09:30,30.0000", "09:35,25.0000", "09:40,45.0000", "09:45,0.0000"],
    )


def test_what_is_written_can_be_read(nobody: Shell, trades: Path, tmp_path: Path) -> None:
    out = tmp_path / "us.csv"
    done = nobody.run("curve", str(trades), str(trades), "--minutes", "30", "--out", str(out))
    assert done.output == f"{out}: 12 buckets of 10 lines, 2 days\n"
    times, volumes = read_curve(out)
    assert (times[0], times[-1], sum(volumes)) == ("09:30", "15:00", 100 * 10**8)


def test_a_program_gets_json(nobody: Shell, trades: Path) -> None:
    done = nobody.run("curve", str(trades), "--zone", "America/New_York", "--json")
    found = json.loads(done.output)
    assert (found["days"], found["lines"], found["buckets"][0]) == (2, 5, [34200, "30.0000"])


WRONG: list[tuple[str, str]] = [
    ("", "line 1: has no column time or timestamp"),
    ("time,price\n", "line 1: has no column volume or qty or quantity or size"),
    ("time,volume\n2027-01-04T14:30:00Z\n", "line 2: has 1 cells, and the first line 2"),
    ("time,volume\nnoon,1\n", "line 2: 'noon' is no date and time"),
    ("time,volume\n2027-01-04T14:30:00Z,1e5\n", "line 2: '1e5' is not a FIX number"),
    ("time,volume\n2027-01-04T14:30:00Z,-1\n", "line 2: a quantity must not be negative"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_line_that_is_wrong_is_named(nobody: Shell, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    done = nobody.run("curve", str(path))
    assert (done.exit_code, done.stderr) == (2, f"fix-oms: {path}: {said}\n")


ASKED: list[tuple[list[str], str]] = [
    (["--zone", "Mars/Base"], "no time zone is named 'Mars/Base'"),
    (["--minutes", "7"], "a bucket of 420 s is no whole minutes that make up a day"),
    (["--minutes", "-5"], "a bucket of -300 s is no whole minutes that make up a day"),
    (["--out", "/nowhere/x.csv"], "/nowhere/x.csv: cannot be written: No such file or directory"),
]


@pytest.mark.parametrize(("options", "said"), ASKED)
def test_what_cannot_be_done_is_said(
    nobody: Shell, trades: Path, options: list[str], said: str
) -> None:
    done = nobody.run("curve", str(trades), *options)
    assert (done.exit_code, done.stderr) == (2, f"fix-oms: {said}\n")


def test_files_without_volume_are_refused(nobody: Shell, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time,volume\n2027-01-04T14:30:00Z,0\n", encoding="utf-8")
    done = nobody.run("curve", str(path))
    assert (done.exit_code, done.stderr) == (2, "fix-oms: the files tell no volume\n")
