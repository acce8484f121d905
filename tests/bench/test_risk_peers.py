"""The comparison of gates: its cases are sound, its verdicts fair, and fix_oms right in all."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.peers import risk as command
from bench.peers.page import README, Result
from bench.peers.risk_cases import ACTS, FILE, Asked, Case, load
from bench.peers.risk_exchange import (
    ANSWERS,
    CANNOT,
    ENDED,
    KINDS,
    PASSED,
    REFUSED,
    ROUNDS,
    WORKING,
    Answer,
    Cannot,
    Job,
    Life,
    Outcome,
    Peer,
    Timed,
    answer,
    live,
    live_apart,
    quickest,
    read_answers,
    serve,
)
from bench.peers.risk_in_fix_oms import RiskFixOms, settings
from bench.peers.risk_verdict import by_case, cell, is_right, truth
from fix_oms.model.controls import LIMITED
from fix_oms.model.settings_text import from_plain

CASES = load()
ASKED = [
    pytest.param(asked, id=f"{case.name}: {asked.what}") for case in CASES for asked in case.asked
]
BUY = {"act": "order", "name": "a", "side": "buy", "qty": 100, "price": "10.00"}
LIFE: Life = {"limits": {"max_order_qty": 99}, "steps": [BUY]}
PAGE = f"before\n{command.BEGIN}old\n{command.END}after\n"


# -- fix_oms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ASKED)
def test_fix_oms_answers_as_it_must(asked: Asked) -> None:
    assert live(RiskFixOms, asked.life).answer == asked.answer


def test_a_refusal_of_fix_oms_names_its_control() -> None:
    (said,) = live(RiskFixOms, LIFE).said
    assert said.startswith("max_order_qty: ")


@pytest.mark.parametrize("limits", [case.asked[0].life["limits"] for case in CASES])
def test_the_limits_of_a_case_are_a_configuration(limits: dict[str, Any]) -> None:
    read = from_plain(settings(limits), str(FILE))
    assert [limit.control for limit in read.limits] == list(limits)


@pytest.mark.parametrize("everything", KINDS.values(), ids=KINDS.keys())
def test_fix_oms_lets_every_timed_order_out(everything: bool) -> None:
    assert RiskFixOms({}).us_per_order(everything, 0) > 0


# -- cases -------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_case_is_right_for_who_refuses_everything(case: Case) -> None:
    assert {asked.answer for asked in case.asked} - {REFUSED}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_case_is_right_for_who_lets_everything_out(case: Case) -> None:
    assert REFUSED in {asked.answer for asked in case.asked}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_limits_of_a_case_are_controls(case: Case) -> None:
    assert set(case.asked[0].life["limits"]) <= set(LIMITED)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_every_act_is_one_of_an_engine(act: str) -> None:
    assert callable(getattr(Peer, act))


@pytest.mark.parametrize("asked", ASKED)
def test_a_price_is_text(asked: Asked) -> None:
    prices = [step[key] for step in asked.life["steps"] for key in step if key in ("price", "bid")]
    assert {type(price) for price in prices} <= {str}


BAD_WORDS = {
    "an answer": ("answer: refused", "answer: perhaps", "'perhaps' is no answer"),
    "an act": ("act: halt", "act: hope", "'hope' is no act"),
}


@pytest.mark.parametrize(("part", "bad", "error"), BAD_WORDS.values(), ids=BAD_WORDS.keys())
def test_a_word_that_there_is_none_of_is_refused(
    tmp_path: Path, part: str, bad: str, error: str
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace(part, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        load(path)


def test_the_file_asks_for_every_kind_of_answer() -> None:
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert {row["answer"] for case in told["cases"] for row in case["asked"]} == ANSWERS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_published_table_shows_the_case_and_what_it_asks(case: Case) -> None:
    row = f"| {case.name} | {'<br>'.join(truth(case))} |"
    assert row in README.read_text(encoding="utf-8")


# -- verdicts ----------------------------------------------------------------------------------

TWO = Case(
    name="two",
    rule="",
    asked=(
        Asked(what="large", answer=REFUSED, life=LIFE),
        Asked(what="small", answer=PASSED, life=LIFE),
    ),
)
NO = Outcome(REFUSED, ("too large",))
YES = Outcome(PASSED, lacks=("max_order_qty",))
NEVER = Outcome(CANNOT, ("it has no orders",))
VERDICTS = {
    "as it must": ((NO, YES), ["right", "too large"]),
    "both let out": ((YES, YES), ["wrong: large: passed", "it has no max_order_qty"]),
    "both refused": ((NO, NO), ["wrong: small: refused", "too large"]),
    "the wrong way round": (
        (YES, NO),
        ["wrong: large: passed", "wrong: small: refused", "too large", "it has no max_order_qty"],
    ),
    "neither can be said": ((NEVER, NEVER), ["cannot be expressed: it has no orders"]),
    "one cannot be said": (
        (NO, NEVER),
        ["cannot be expressed: small", "right: large", "too large", "it has no orders"],
    ),
    "one cannot be said, the other is wrong": (
        (YES, NEVER),
        [
            "wrong: large: passed",
            "cannot be expressed: small",
            "it has no orders",
            "it has no max_order_qty",
        ],
    ),
    "it died of it": (
        (Outcome(ENDED, ("oh",)), YES),
        ["wrong: large: took its process down", "oh", "it has no max_order_qty"],
    ),
}


@pytest.mark.parametrize(("outcomes", "lines"), VERDICTS.values(), ids=VERDICTS.keys())
def test_the_verdict_on_a_case(outcomes: tuple[Outcome, ...], lines: list[str]) -> None:
    assert cell(TWO, outcomes) == lines


@pytest.mark.parametrize(("outcomes", "lines"), VERDICTS.values(), ids=VERDICTS.keys())
def test_only_a_cell_that_says_right_is_right(
    outcomes: tuple[Outcome, ...], lines: list[str]
) -> None:
    assert is_right(TWO, outcomes) == (lines[0] == "right")


def test_outcomes_go_to_the_cases_that_asked_for_them() -> None:
    told = Answer("1", [NO] * sum(len(case.asked) for case in CASES), {})
    assert [len(group) for group in by_case(CASES, told)] == [len(case.asked) for case in CASES]


def test_the_page_keeps_all_but_its_table() -> None:
    rows = [[["a"], ["b"], ["wrong: x", "oh"]]]
    result = Result(["case", "asked", "it 1"], rows, [["order", "", "1.00 us"]])
    page = command.with_table(PAGE, result, [TWO], "2026-11-21")
    table = "| case | asked | it 1 |\n|---|---|---|\n| a | b | **wrong: x**<br>oh |"
    assert page.startswith(f"before\n{command.BEGIN}\nRun on 2026-11-21.\n\n{table}\n")
    assert page.endswith(
        f"| time per | it 1 |\n| --- | --- |\n| order | 1.00 us |\n\n{command.END}after\n"
    )


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="mark"):
        command.with_table("no marks", Result([], [], []), [], "2026-11-21")


# -- exchange ----------------------------------------------------------------------------------


class Told(RiskFixOms):
    """fix_oms, but for one act, which does what a test wants of an engine."""

    def __init__(self, limits: Any, halt: Callable[[], None]) -> None:
        super().__init__(limits)
        self._halt = halt

    def halt(self) -> None:
        self._halt()


def _ask(halt: Callable[[], None], lived: Callable[..., Outcome]) -> Outcome:
    life = {"limits": {}, "steps": [BUY, {"act": "halt"}, {"act": "look", "name": "a"}]}
    return lived(lambda limits: Told(limits, halt), life)


def _cannot() -> None:
    raise Cannot("no such thing")


def _fails() -> None:
    raise KeyError("oh")


def _panics() -> None:
    os.write(2, b"thread main panicked at a.rs:1\nCondition failed: too much\nstack backtrace\n")
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_last_step_of_a_life_is_judged() -> None:
    assert _ask(lambda: None, live) == Outcome(WORKING)


def test_a_life_apart_is_the_same_life() -> None:
    assert _ask(lambda: None, live_apart) == Outcome(WORKING)


def test_what_an_engine_cannot_be_told_of_is_no_answer() -> None:
    assert _ask(_cannot, live) == Outcome(CANNOT, ("no such thing",))


def test_an_order_that_was_refused_already_is_told() -> None:
    life = {**LIFE, "steps": [BUY, {"act": "look", "name": "a"}]}
    assert live(RiskFixOms, life).answer == "refused a already"


def test_an_engine_that_takes_its_process_down_has_answered() -> None:
    assert _ask(_panics, live_apart) == Outcome(ENDED, ("Condition failed: too much",))


def test_a_driver_that_fails_is_no_answer() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'oh'"):
        _ask(_fails, live_apart)


def test_every_timed_order_is_given_once_in_every_round() -> None:
    given: list[int] = []
    quickest(lambda: Timed(given.append, range(3), lambda: 3))
    assert given == [0, 1, 2] * ROUNDS


def test_a_round_in_which_an_order_was_refused_is_no_figure() -> None:
    with pytest.raises(AssertionError, match="2 of 3 orders left"):
        quickest(lambda: Timed(lambda order: None, range(3), lambda: 2))


def test_an_answer_reads_as_it_was_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job([LIFE])
    out = tmp_path / "answers"
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asdict(job))))
    monkeypatch.setattr(sys, "argv", ["adapter", str(out)])
    serve("pytest", {"fix_oms": RiskFixOms})
    read = read_answers(out.read_text(encoding="utf-8"))
    assert read == {"fix_oms": answer(RiskFixOms, job, pytest.__version__)}
