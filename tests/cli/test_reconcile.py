"""``reconcile``: a broker's files beside a journal, and the ledger worked through, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import COMMANDS, main
from tests.reconcile.day import FILLS, MAPPING, POSITIONS, journaled, lived

CONFIG = '[engine]\njournal = "journal"\n'


@attrs.frozen
class Back:
    """A desk after hours: the day's journal, and the broker's files as a test writes them."""

    there: Path

    def run(self, *words: str, columns: int = 160) -> Result:
        config = str(self.there / "oms.toml")
        return CliRunner(env={"COLUMNS": str(columns)}).invoke(
            main, ["-c", config, "reconcile", *words], prog_name="fix-oms"
        )

    def csv(self, fills: str, *words: str, positions: str | None = None) -> Result:
        (self.there / "fills.csv").write_text(fills)
        files = ["--fills", str(self.there / "fills.csv")]
        if positions is not None:
            (self.there / "positions.csv").write_text(positions)
            files += ["--positions", str(self.there / "positions.csv")]
        return self.run("csv", str(self.there / "broker.toml"), *files, *words)

    def open(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("breaks", "list", "--json").stdout)
        return found


@pytest.fixture
def back(tmp_path: Path) -> Back:
    journaled(lived(), tmp_path / "journal")
    (tmp_path / "oms.toml").write_text(CONFIG)
    (tmp_path / "broker.toml").write_text(MAPPING)
    return Back(tmp_path)


WRONG = FILLS.replace("100,10.02", "100,10.03")


def test_a_day_that_agrees_ends_with_0_and_says_so(back: Back) -> None:
    done = back.csv(FILLS, positions=POSITIONS)
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "ALPHA, 2023-11-14: fills.csv, positions.csv",
            "6 executions of theirs, 6 of ours",
            "6 matched (6 by ExecID)",
            "all positions agree",
            "no breaks are open",
        ],
    )


def test_a_break_ends_with_1_and_shows_both_sides(back: Back) -> None:
    done = back.csv(WRONG)
    assert done.exit_code == 1
    last = done.output.splitlines()[-1]
    assert [
        word
        for word in ("price", "Buy 100 @ 10.02, order 1-1", "Buy 100 @ 10.03, line 4", "-1.00")
        if word not in last
    ] == []


def test_a_position_is_shown_with_the_break_that_explains_it(back: Back) -> None:
    less = "".join(line for line in FILLS.splitlines(True) if not line.startswith("E2,"))
    done = back.csv(less, positions=POSITIONS.replace("1350", "1250"))
    [line] = [line for line in done.output.splitlines() if "-100" in line]
    assert line.split() == ["DESK", "AAPL", "1350", "1250", "-100", "#1"]


def test_a_file_that_cannot_be_used_ends_with_2(back: Back) -> None:
    done = back.csv(FILLS.replace("S,200", "S,2OO"))
    assert (done.exit_code, "line 5, qty (qty): '2OO'" in done.stderr) == (2, True)


def test_a_ledger_that_cannot_be_used_ends_with_2(back: Back) -> None:
    (back.there / "journal.breaks").write_text("this is no database, but long enough")
    done = back.csv(FILLS)
    assert (done.exit_code, "journal.breaks: file is not a database" in done.stderr) == (
        2,
        True,
    )


def test_a_dry_run_shows_the_breaks_and_leaves_the_ledger_alone(back: Back) -> None:
    done = back.csv(WRONG, "--dry-run")
    assert (done.exit_code, "1 break found" in done.output) == (1, True)
    assert not (back.there / "journal.breaks").exists()


def test_an_empty_file_is_refused_unless_it_is_said_to_be_right(back: Back) -> None:
    heading = FILLS.splitlines()[0] + "\n"
    assert back.csv(heading).exit_code == 2
    done = back.csv(heading, "--allow-empty", "--day", "2023-11-14")
    assert (done.exit_code, "6 breaks open" in done.output) == (1, True)


def test_a_file_of_another_day_says_that_nothing_matches(back: Back) -> None:
    rows = ["exec,ref,order,cl,acct,sym,side,qty,px,date,time,type"]
    rows += ["X1,,O-77,,DESK,AAPL,B,1,1,2023-11-14,10:00:00,TRD", ""]
    done = back.csv("\n".join(rows))
    assert "nothing matches: is it the right file, session and day?" in done.output


def test_the_json_of_a_comparison_says_all_of_it(back: Back) -> None:
    found = json.loads(back.csv(WRONG, "--json").stdout)
    [one] = found["breaks"]
    assert (found["day"], found["theirs"], found["ours"], found["matched"]) == (
        "2023-11-14",
        6,
        6,
        {"ExecID": 6},
    )
    assert (one["class"], one["money"], one["ours"]["px"], one["theirs"]["px"]) == (
        "price",
        "-1",
        "10.02",
        "10.03",
    )
    assert [entry["id"] for entry in found["open"]] == [1]


def test_a_log_is_compared_as_a_file_is(back: Back) -> None:
    log = back.there / "drop.log"
    log.write_text(
        "8=FIX.4.4|9=5|35=8|37=O-1-1|11=1-1|17=E1|150=F|39=1|55=AAPL|54=1|32=100|31=10|14=100|"
        "151=200|6=10|60=20231114-22:13:21|10=000|\n"
    )
    done = back.run("log", "ALPHA", str(log), "--partial")
    assert (done.exit_code, "5 executions of ours not in this part" in done.output) == (0, True)


def test_breaks_are_worked_through_to_their_end(back: Back) -> None:
    back.csv(WRONG)
    assert back.run("breaks", "assign", "1", "ann").output == (
        "break 1, price at ALPHA: open, ann's\n"
    )
    back.run("breaks", "note", "1", "ticket 4711")
    assert [entry["owner"] for entry in back.open()] == ["ann"]
    done = back.run("breaks", "resolve", "1", "--reason", "booked", "--by", "bob")
    assert done.output == "break 1, price at ALPHA: resolved, ann's\n"
    assert (back.run("breaks").exit_code, back.run("breaks").output) == (0, "no open breaks\n")
    shown = json.loads(back.run("breaks", "show", "1", "--json").stdout)
    assert [event["what"] for event in shown["history"]] == [
        "found",
        "assigned",
        "note",
        "resolved",
    ]


def test_a_break_is_shown_with_what_both_sides_say(back: Back) -> None:
    back.csv(WRONG)
    lines = back.run("breaks", "show", "1").output.splitlines()
    assert lines[0] == "Break 1: price at ALPHA, 2023-11-14"
    assert lines[2:5] == [
        "  ours    Buy 100 @ 10.02 AAPL, for DESK, ExecID(17) E3, "
        "2023-11-14T22:13:23.000000000Z, order 1-1",
        "  theirs  Buy 100 @ 10.03 AAPL, for DESK, ExecID(17) E3, "
        "2023-11-14T22:13:23.000000000Z, line 4",
        "  by their word: position 0, cash -1.00",
    ]


def test_a_break_ends_with_the_file_that_no_longer_has_it(back: Back) -> None:
    back.csv(WRONG)
    assert back.csv(FILLS).exit_code == 0
    assert back.open() == []


def test_a_break_that_is_not_there_is_named(back: Back) -> None:
    back.csv(WRONG)
    done = back.run("breaks", "assign", "9", "ann")
    assert (done.exit_code, done.stderr) == (2, f"fix-oms: {'there is no break 9'}\n")


def test_before_anything_was_compared_there_is_no_ledger(back: Back) -> None:
    done = back.run("breaks")
    assert (done.exit_code, "no ledger yet" in done.stderr) == (2, True)


def test_a_day_whose_orders_the_engine_has_forgotten_is_compared_all_the_same(
    tmp_path: Path,
) -> None:
    desk = lived(keep_days=2)
    for _ in range(4):
        desk.wait(86_400)
        desk.wait(1)
    assert desk.engine.state.book.find("1-1") is None
    journaled(desk, tmp_path / "journal")
    (tmp_path / "oms.toml").write_text(CONFIG)
    (tmp_path / "broker.toml").write_text(MAPPING)
    done = Back(tmp_path).csv(FILLS, positions=POSITIONS)
    assert (done.exit_code, "6 executions of theirs, 6 of ours" in done.output) == (0, True)
    late = "Z1,,O-9,,DESK,AAPL,B,1,1,2023-11-18,10:00:00,TRD\n"
    done = Back(tmp_path).csv(FILLS + late)
    assert "1 execution of other days not compared: say --day for them" in done.output
    done = Back(tmp_path).csv(FILLS + late, "--day", "2023-11-18")
    assert ("6 executions of other days not compared" in done.output, done.exit_code) == (True, 1)


def test_neither_file_is_nothing_to_compare(back: Back) -> None:
    done = back.run("csv", str(back.there / "broker.toml"))
    assert (done.exit_code, "give --fills, --positions or both" in done.stderr) == (2, True)


def test_every_command_of_the_group_has_help_with_an_example() -> None:
    assert "reconcile" in COMMANDS
    for words in ("csv", "log", "live", "breaks", *(f"breaks {c}" for c in BREAKS)):
        text = CliRunner().invoke(main, ["reconcile", *words.split(), "--help"]).output
        assert f"  fix-oms reconcile {words}" in text.split("Options:")[0].split("\n\n", 1)[1]


BREAKS = ("list", "show", "assign", "note", "resolve")
