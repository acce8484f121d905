"""``fix-oms tca``: for people, programs, spreadsheets and the eye."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.engine.routed import RoutedDesk
from tests.journal.days import journaled
from tests.journal.test_tca import books, swept, tariffs

PNG = b"\x89PNG\r\n\x1a\n"

TABLE = """\
Parent  Side        Filled  Shortfall  Price  Missed  Fees  Spread
──────────────────────────────────────────────────────────────────
P1      Buy AAPL   200/300      47.38  13.35   33.37  0.67   40.04
P2      Sell AAPL    0/100       0.00   0.00    0.00  0.00

all 2               49.9 %      35.45   9.99   24.96  0.50   40.04
basis points; more is worse; Shortfall = Price + Missed + Fees, of arrival value
in USD: shortfall 14.20 of 4,006.00 (price 4.00, missed 10.00, fees 0.20)
P2: it still works

Venue  Children  Fills  Value USD   Took   Fees  Spread  Touch
──────────────────────────────────────────────────────────────
BETA          1      1   1,002.00  100 %  -0.10   60.06  20.00
ALPHA         1      1   1,000.00  100 %   0.30   20.02   0.00
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The journal of one parent that was swept, and of one that waits."""
    plain = tariffs() | {"policies": {"stop": {"kind": "sweep", "rest": "stop"}}}
    desk = swept(plain)
    desk.route(100, "10.13", policy="post", ref="P2", side="2")
    directory = tmp_path / "journal"
    directory.mkdir()
    journaled(directory, desk.log)
    return directory


def test_each_parent_and_venue_is_one_line_and_all_are_summed(nobody: Shell, journal: Path) -> None:
    said = nobody.run("tca", str(journal)).output
    assert "".join(f"{line.rstrip()}\n" for line in said.splitlines()) == TABLE


@pytest.mark.parametrize("columns", [60, 80, 120, 160])
def test_no_line_is_longer_than_the_screen_and_no_figure_is_cut(
    nobody: Shell, journal: Path, columns: int
) -> None:
    said = nobody.run("tca", str(journal), columns=columns).output
    assert max(len(line.rstrip()) for line in said.splitlines()) <= max(columns, 80)
    assert "…" not in said


def test_programs_get_everything_exact(nobody: Shell, journal: Path) -> None:
    told = json.loads(nobody.run("tca", str(journal), "--json").output)
    (first, _), total = told["parents"], told["total"]
    exact = ("shortfall", "price_cost", "opportunity_cost", "fees", "paper", "side")
    assert [first[name] for name in exact] == ["14.2", "4", "10", "0.2", "2997", "Buy"]
    assert (total["parents"], total["currency"]) == (2, "USD")
    assert [venue["venue"] for venue in told["venues"]] == ["BETA", "ALPHA"]
    assert isinstance(first["lasted_ns"], int)


def test_a_spreadsheet_has_a_line_for_each_parent(
    nobody: Shell, journal: Path, tmp_path: Path
) -> None:
    path = tmp_path / "costs.csv"
    assert nobody.run("tca", str(journal), "--csv", str(path)).exit_code == 0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = [(row["ref"], row["shortfall_bps"]) for row in rows]
    assert told == [("P1", "47.38071405"), ("P2", "0")]
    assert (rows[0]["venues"], rows[1]["effective_spread_bps"]) == ("ALPHA BETA", "")


def test_one_parent_can_be_asked_for(nobody: Shell, journal: Path) -> None:
    told = json.loads(nobody.run("tca", str(journal), "--parent", "P2", "--json").output)
    assert [parent["ref"] for parent in told["parents"]] == ["P2"]


BAD: list[tuple[tuple[str, ...], str]] = [
    (("--parent", "nope"), "no routed parent is known as 'nope'"),
    (("--csv", "/nowhere/costs.csv"), "/nowhere/costs.csv: cannot be written: No such file"),
    (("--png", "/nowhere/costs.png"), "/nowhere/costs.png: cannot be written: No such file"),
]


@pytest.mark.parametrize(("words", "reason"), BAD)
def test_what_is_wrong_is_named(
    nobody: Shell, journal: Path, words: tuple[str, ...], reason: str
) -> None:
    done = nobody.run("tca", str(journal), *words)
    assert (done.exit_code, reason in done.stderr) == (2, True)


def test_a_journal_without_parents_says_so(nobody: Shell, tmp_path: Path) -> None:
    desk = RoutedDesk()
    (tmp_path / "j").mkdir()
    journaled(tmp_path / "j", desk.log)
    assert nobody.run("tca", str(tmp_path / "j")).output == "no parent was routed\n"


# -- the picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("refs", [(), ("--parent", "P1"), ("--parent", "P2")])
def test_the_picture_is_drawn(
    nobody: Shell, journal: Path, tmp_path: Path, refs: tuple[str, ...]
) -> None:
    path = tmp_path / "costs.png"
    done = nobody.run("tca", str(journal), "--png", str(path), *refs)
    assert (done.exit_code, path.read_bytes()[: len(PNG)]) == (0, PNG)


def test_many_parents_and_some_without_a_price_are_drawn(nobody: Shell, tmp_path: Path) -> None:
    desk = RoutedDesk(tariffs())
    desk.route(10, "9.98", policy="post", ref="blind")
    books(desk)
    for n in range(35):
        desk.route(10 + n, "9.98", policy="post", ref=f"P{n}")
    books(desk, up="a tenth")
    (tmp_path / "j").mkdir()
    journaled(tmp_path / "j", desk.log)
    path = tmp_path / "costs.png"
    assert nobody.run("tca", str(tmp_path / "j"), "--png", str(path)).exit_code == 0
    assert path.stat().st_size > 10_000


def test_without_matplotlib_it_says_how_to_get_it(
    nobody: Shell, journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: dict[str, Any] = {"matplotlib": None}
    monkeypatch.setitem(sys.modules, "matplotlib", missing["matplotlib"])
    done = nobody.run("tca", str(journal), "--png", str(tmp_path / "costs.png"))
    assert done.exit_code == 2
    assert "a picture needs matplotlib: pip install 'fix_oms[pictures]'" in done.stderr


def test_without_a_picture_matplotlib_is_not_needed(
    nobody: Shell, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: dict[str, Any] = {"matplotlib": None}
    monkeypatch.setitem(sys.modules, "matplotlib", missing["matplotlib"])
    assert nobody.run("tca", str(journal)).exit_code == 0
