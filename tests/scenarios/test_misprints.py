"""Misprints: those known here, those that a file names, and how far they reach."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import yaml

from fix_oms.scenarios import load, tell
from fix_oms.scenarios.misprints import KNOWN, of, stated
from fix_oms.scenarios.texts import held_to
from tests.scenarios.made import IN, SPEC, made, main_run, one, sent, told


def rows_of_the_specification() -> set[tuple[str, str]]:
    return {(m.scenario, m.t) for m in stated(yaml.safe_load(SPEC.read_text())["known_exceptions"])}


def test_those_known_here_are_those_that_the_specification_names() -> None:
    assert {(m.scenario, m.t) for m in KNOWN} == rows_of_the_specification()


def test_one_line_may_name_two_rows() -> None:
    found = stated(["E.1.a t2 and 4.2:D18 t2: New with leaves 0"])
    assert [(m.scenario, m.t, list(m.cells)) for m in found] == [
        ("E.1.a", "2", ["leaves_qty"]),
        ("4.2:D18", "2", ["leaves_qty"]),
    ]


def test_a_line_that_names_no_cell_is_of_the_whole_row() -> None:
    (found,) = stated(["Q.1 t Day 2,3: printed upside down"])
    assert (found.t, len(found.cells)) == ("Day 2,3", 5)


def test_sections_that_only_explain_name_no_misprint() -> None:
    assert stated({"transitions": ["A.1.a t1: odd"], "semantic": "text"}) == ()


def test_what_is_no_list_names_none() -> None:
    assert stated("E.1.a t2: New with leaves 0") == ()


def test_what_is_known_here_goes_before_what_a_file_says() -> None:
    (found,) = of("E.1.a", stated(["E.1.a t2: the status is odd"]))
    assert list(found.cells) == ["leaves_qty"]


def test_a_misprint_is_delivered_as_printed_and_held_to_what_it_should_read() -> None:
    run = main_run("E.1.a")
    act = next(act for act in run.acts if act.misprint is not None)
    assert tell(run).reports[1].stated("151") == "0"
    assert held_to(act, "leaves_qty") == Decimal(10_000)


def test_a_row_that_is_printed_otherwise_is_no_misprint(tmp_path: Path) -> None:
    right = told("2", "", "0 0", "10000 0 10000 0")
    (run,) = one(tmp_path, right, id="E.1.a")
    assert [act.misprint for act in run.acts] == [None]


def test_a_misprint_that_a_file_names_is_not_compared(tmp_path: Path) -> None:
    path = made(tmp_path, sent("1", "D", "X", 5), told("2", "X", "0 0", "5 0 4 0"))
    data = yaml.safe_load(path.read_text())
    data["known_exceptions"] = ["T.1 t2: leaves 4"]
    path.write_text(yaml.safe_dump(data))
    (scenario,) = load(path).scenarios
    assert [m.t for m in scenario.misprints] == ["2"]


def test_the_words_of_the_made_rows_are_the_files_own() -> None:
    assert IN["D"] in SPEC.read_text()
