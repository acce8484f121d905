"""The comparison with peers: its cases are sound, its verdicts fair, and fix_oms right in all."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

import attrs
import pytest
import yaml

from bench.peers import __main__ as command
from bench.peers.cases import FILE, Case, load, speed_bodies
from bench.peers.exchange import (
    REQUEST_CANCEL,
    Answer,
    Job,
    Outcome,
    answer,
    fields,
    live,
    read_answers,
    serve,
)
from bench.peers.in_fix_oms import FixOms
from bench.peers.page import README, Result
from bench.peers.verdict import by_case, cell, state
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport
from fix_oms.wire import Codec

CASES = load()
RUNS = [
    pytest.param(run, case.truth, id=f"{case.name}: {', '.join(heard)}")
    for case in CASES
    for heard, run in zip(case.heard, case.runs, strict=True)
]
REPORTS = sorted({step for case in CASES for step in case.runs[0]} - {REQUEST_CANCEL})
TRUTH = Outcome("Canceled", 40, 0, 40)
CASE = attrs.evolve(CASES[0], truth=TRUTH)
PAGE = f"before\n{command.BEGIN}old\n{command.END}after\n"


# -- fix_oms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("run", "truth"), RUNS)
def test_fix_oms_ends_in_the_truth(run: tuple[str, ...], truth: Outcome) -> None:
    ended = live(FixOms(), run)
    assert state(ended) == state(truth)


def test_fix_oms_tells_of_an_overfill() -> None:
    (case,) = (c for c in CASES if c.name == "overfill")
    assert any("overfill" in said for said in live(FixOms(), case.runs[0]).said)


# -- cases -------------------------------------------------------------------------------------


def test_every_report_of_the_file_is_heard_in_a_case() -> None:
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    heard = {step for case in told["cases"] for step in case["steps"]} - {REQUEST_CANCEL}
    assert heard == set(told["reports"])


def test_a_case_in_every_order_has_all_of_its_orders() -> None:
    assert {len(set(case.runs)) for case in CASES} == {1, 6}


@pytest.mark.parametrize("body", REPORTS)
def test_a_report_is_readable_fix(body: str) -> None:
    report = Codec(FixVersion.FIX44).decode(f"8=FIX.4.4\x019=0\x01{body}34=1\x0110=000\x01")
    assert isinstance(report, ExecutionReport)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bought_position_is_what_was_executed(case: Case) -> None:
    assert case.truth.position == case.truth.cum_qty


def test_the_timed_reports_are_an_acknowledgement_and_a_fill() -> None:
    assert [fields(body)[150] for body in speed_bodies().values()] == ["0", "F"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_published_table_shows_the_case_and_its_truth(case: Case) -> None:
    assert f"| {case.name} | {state(case.truth)} |" in README.read_text(encoding="utf-8")


# -- verdicts ----------------------------------------------------------------------------------

VERDICTS = {
    "the truth": (TRUTH, ["right"]),
    "another CumQty": (Outcome("Canceled", 0, 0, 40), ["wrong: Canceled 0/0/+40"]),
    "another LeavesQty": (Outcome("Canceled", 40, 60, 40), ["wrong: Canceled 40/60/+40"]),
    "another OrdStatus": (Outcome("Filled", 40, 0, 40), ["wrong: Filled 40/0/+40"]),
    "another position": (Outcome("Canceled", 40, 0, 0), ["wrong: Canceled 40/0/0"]),
    "no position": (Outcome("Canceled", 40, 0, None), ["right"]),
    "an error": (Outcome("Canceled", 40, 0, 40, said=("oh",)), ["right", "oh"]),
    "no way to say it": (
        Outcome("New", 0, 100, 0, cannot=("a bust",)),
        ["cannot be expressed: stays New 0/100/0"],
    ),
}


@pytest.mark.parametrize(("outcome", "lines"), VERDICTS.values(), ids=VERDICTS.keys())
def test_the_verdict_on_one_end(outcome: Outcome, lines: list[str]) -> None:
    assert cell(CASE, [outcome]) == lines


def test_different_ends_are_counted_and_each_judged() -> None:
    ends = [TRUTH, Outcome("Canceled", 0, 0, 0), TRUTH]
    assert cell(CASE, ends) == [
        "2 states in 3 orders:",
        "Canceled 40/0/+40 (2, right)",
        "Canceled 0/0/0 (1, wrong)",
    ]


def test_one_wrong_end_in_every_order_is_still_wrong() -> None:
    ends = [Outcome("Canceled", 0, 0, 0)] * 2
    assert cell(CASE, ends) == ["1 state in 2 orders:", "Canceled 0/0/0 (2, wrong)"]


def test_outcomes_go_to_the_cases_that_asked_for_them() -> None:
    told = Answer("1", [TRUTH] * sum(len(case.runs) for case in CASES), {})
    assert [len(group) for group in by_case(CASES, told)] == [len(case.runs) for case in CASES]


def test_the_page_keeps_all_but_its_table() -> None:
    result = Result(["case", "truth"], [[["a|b"], ["wrong: x", "oh"]]], [])
    page = command.with_table(PAGE, result, [], "2026-11-21")
    table = "| case | truth |\n|---|---|\n| a\\|b | **wrong: x**<br>oh |"
    assert page.startswith(f"before\n{command.BEGIN}\nRun on 2026-11-21.\n\n{table}\n")
    assert page.endswith(f"{command.END}after\n")


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="mark"):
        command.with_table("no marks", Result([], [], []), [], "2026-11-21")


# -- exchange ----------------------------------------------------------------------------------


def test_an_answer_reads_as_it_was_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job([list(CASES[0].runs[0])])
    out = tmp_path / "answers"
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asdict(job))))
    monkeypatch.setattr(sys, "argv", ["adapter", str(out)])
    serve("pytest", {"fix_oms": FixOms})
    read = read_answers(out.read_text(encoding="utf-8"))
    assert read == {"fix_oms": answer(FixOms, job, pytest.__version__)}


def test_every_kind_of_report_is_timed() -> None:
    timed = answer(FixOms, Job([], speed_bodies(), orders=2), "1").us
    assert list(timed) == ["acknowledgement", "fill"]
