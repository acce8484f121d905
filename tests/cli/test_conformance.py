"""``fix-oms conformance``: what it prints, its JSON, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from tests.scenarios.made import SPEC, made, sent, told

NEW = sent("1", "D", "X", 100)
ACK = told("2", "X", "0 0", "100 0 100 0")
FILL = told("3", "X", "F 1", "100 40 60 40", last_px=10)
WRONG = FILL | {"leaves_qty": 50}


def run(*words: str | Path, columns: int = 100) -> Result:
    runner = CliRunner(env={"COLUMNS": str(columns), "FIX_OMS_CONFIG": ""})
    return runner.invoke(main, ["conformance", *map(str, words)], prog_name="fix-oms")


def as_json(*words: str | Path) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_what_is_as_published_ends_well(tmp_path: Path) -> None:
    done = run(made(tmp_path, NEW, ACK, FILL))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == (
        "1 scenario, 1 runs, 0 misprints named: all as published"
    )


def test_a_wrong_row_is_shown_below_its_run_and_ends_badly(tmp_path: Path) -> None:
    done = run(made(tmp_path, NEW, ACK, WRONG))
    assert done.exit_code == 1
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    place = next(n for n, line in enumerate(lines) if line.endswith("DIFFERS"))
    assert lines[place].split() == ["T.1", "4.4", "made", "3", "DIFFERS"]
    assert lines[place + 1] == "  t 3  LeavesQty(151)  published 50, ours 60"


def test_an_unusable_file_is_named_and_nothing_is_played(tmp_path: Path) -> None:
    done = run(made(tmp_path, NEW | {"order_qty": "many"}))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "made.yaml: scenario T.1, step t 1, order_qty: 'many'" in done.stderr


@pytest.mark.parametrize("row", [told("3", "X", "H 1", "100 0 100 0", exec_ref_id="Q")])
def test_a_reference_to_nothing_is_an_unusable_file(tmp_path: Path, row: dict[str, Any]) -> None:
    done = run(made(tmp_path, NEW, ACK, row))
    assert (done.exit_code, "exec_ref_id: 'Q' names no execution" in done.stderr) == (2, True)


def test_a_file_that_is_not_there_is_an_unusable_file(tmp_path: Path) -> None:
    assert run(tmp_path / "none.yaml").exit_code == 2


def test_without_a_file_nothing_is_played() -> None:
    assert run().exit_code == 2


def test_several_files_are_played_as_one(tmp_path: Path) -> None:
    other = made(tmp_path, NEW, ACK, file="other.yaml", id="T.2")
    assert [r["scenario"] for r in as_json(made(tmp_path, NEW, ACK), other)["runs"]] == [
        "T.1",
        "T.2",
    ]


def test_only_these_scenarios_and_versions_are_played() -> None:
    found = as_json(SPEC, "--only", "A.1.a", "--only", "4.2:D4", "--fix", "4.4", "--fix", "4.2")
    assert {(r["scenario"], r["fix"]) for r in found["runs"]} == {
        ("A.1.a", "4.4"),
        ("4.2:D4", "4.2"),
    }


def test_a_scenario_that_is_not_there_is_named() -> None:
    done = run(SPEC, "--only", "Q.9")
    assert (done.exit_code, "there is no scenario 'Q.9'" in done.stderr) == (2, True)


def test_a_version_that_publishes_none_of_them_is_bad_input() -> None:
    done = run(SPEC, "--only", "A.1.a", "--fix", "4.2")
    assert (done.exit_code, "none of the scenarios" in done.stderr) == (2, True)


def test_misprints_are_named() -> None:
    done = run(SPEC, "--only", "E.1.a")
    assert (done.exit_code, done.stdout.count("misprint: E.1.a t 2: New with")) == (0, 2)


def test_the_json_holds_each_run_with_its_differences(tmp_path: Path) -> None:
    found = as_json(made(tmp_path, NEW, ACK, WRONG), "--permute", "--seed", "7")
    assert (found["ok"], found["seed"], found["permute"]) == (False, 7, True)
    (one,) = found["runs"]
    assert {key: one[key] for key in ("scenario", "fix", "branch", "steps", "ok", "misprints")} == {
        "scenario": "T.1",
        "fix": "4.4",
        "branch": "main",
        "steps": 3,
        "ok": False,
        "misprints": [],
    }
    assert one["differences"][0] == {
        "t": "3",
        "field": "LeavesQty(151)",
        "published": "50",
        "ours": "60",
    }
    assert [(leg["orders"], leg["differing"]) for leg in one["permuted"]] == [(2, 2)] * 3


def test_a_permuted_run_shows_the_nearest_order_that_differs(tmp_path: Path) -> None:
    shown = run(made(tmp_path, NEW, ACK, WRONG), "--permute").stdout
    assert "permuted, TransactTime(60) absent:  orders of delivery" in shown
    assert "delivered 2 3:  LeavesQty(151)  published 50, ours 60" in shown
    assert "6 orders of delivery (" in shown


def test_a_bound_on_the_orders_is_kept(tmp_path: Path) -> None:
    found = as_json(made(tmp_path, NEW, ACK, FILL), "--permute", "--most", "1")
    assert [leg["orders"] for leg in found["runs"][0]["permuted"]] == [1, 1, 1]


def test_untrue_fields_are_counted() -> None:
    found = as_json(SPEC, "--only", "D.1.a", "--overstate")
    assert sum(r["untrue_fields"] for r in found["runs"]) > 0
    assert "untrue fields" in run(SPEC, "--only", "D.1.a", "--overstate").stdout


def test_a_long_title_is_cut_to_the_width(tmp_path: Path) -> None:
    path = made(tmp_path, NEW, ACK, title="long " * 50)
    lines = run(path, columns=80).stdout.splitlines()
    assert max(map(len, lines)) <= 80


def test_a_reason_why_the_order_matters_is_shown(tmp_path: Path) -> None:
    path = made(tmp_path, NEW, ACK)
    (tmp_path / "permutation_exceptions.yaml").write_text(
        "exceptions: [{scenario: T.1, leg: absent, why: two truths}]"
    )
    done = run(path, "--permute")
    shown = " ".join(done.stdout.split())
    assert (done.exit_code, "stale: every order ends as published" in shown) == (1, True)
