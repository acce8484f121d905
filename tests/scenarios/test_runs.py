"""Which runs a scenario stands for, and whose order each step speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from fix_oms.model.fix import FixVersion
from fix_oms.scenarios import Role, Run, runs
from tests.scenarios.made import (
    happened,
    main_run,
    one,
    published,
    refused,
    sent,
    told,
)

NEW = sent("1", "D", "X", 100)
ACK = told("2", "X", "0 0", "100 0 100 0")


def times(run: Run) -> list[str]:
    return [act.step.t + ("*" if act.step.is_alt else "") for act in run.acts]


def test_each_alternative_is_a_run_of_its_own() -> None:
    found = [run for run in runs(published("B.1.a")) if run.version is FixVersion.FIX44]
    assert {run.name: times(run) for run in found} == {
        "B.1.a": ["1", "2", "3", "4", "5"],
        "B.1.a alt 2": ["1", "2*"],
        "B.1.a alt 4": ["1", "2", "3", "4*"],
        "B.1.a alt 5": ["1", "2", "3", "4", "5*"],
    }


def test_what_crosses_belongs_to_both_branches() -> None:
    run = next(run for run in runs(published("C.3.a")) if run.branch == "5")
    assert times(run) == ["1", "2", "3", "4", "4", "5*"]


def test_an_alternative_to_a_crossing_fill_keeps_the_request(tmp_path: Path) -> None:
    cancel = sent("3", "F", "Y,X", 100, crosses="Y")
    fill = told("3", "X", "F 1", "100 40 60 40", crosses="Y")
    other = told("3", "X", "F 1", "100 10 90 10", crosses="Y", path="alt")
    _, alt = one(tmp_path, NEW, ACK, cancel, fill, other)
    assert [act.role for act in alt.acts] == [Role.NEW, Role.REPORT, Role.CANCEL, Role.REPORT]


def test_alternatives_listed_behind_the_main_path_begin_at_their_own_time(tmp_path: Path) -> None:
    fill = told("3", "X", "F 2", "100 100 0 100")
    no = told("2", "X", "8 8", "100 0 0 0", path="alt")
    assert times(one(tmp_path, NEW, ACK, fill, no)[1]) == ["1", "2*"]


def test_two_alternatives_at_one_time_have_names_of_their_own(tmp_path: Path) -> None:
    no = told("2", "X", "8 8", "100 0 0 0", path="alt")
    assert [run.name for run in one(tmp_path, NEW, no, no, ACK)] == [
        "T.1",
        "T.1 alt 2",
        "T.1 alt 2 (2)",
    ]


def test_each_version_that_publishes_it_has_its_runs() -> None:
    assert [(r.version.value, r.branch) for r in runs(published("I.1.a"))] == [
        ("FIX.4.4", ""),
        ("FIX.4.4", "2"),
        ("FIX.5.0SP2", ""),
        ("FIX.5.0SP2", "2"),
    ]


ROLES: list[tuple[str, str, list[str]]] = [
    ("F.1.a", "FIX.4.4", ["new X", "report X", "report X", "nothing -", "report X"]),
    ("B.1.f", "FIX.4.4", ["nothing -", "report -"]),
    ("G.1.a", "FIX.4.4", ["new X", "report X", "report X", "nothing -", "report -"]),
    (
        "4.2:D31",
        "FIX.4.2",
        ["new X", "report X", "nothing -", "report X", "new Y", "report Y"],
    ),
    ("E.1.a", "FIX.4.4", ["nothing -", *["report telephoned"] * 4]),
    (
        "B.1.d",
        "FIX.4.4",
        ["new X", "cancel X", *["report X"] * 3, "new A", "cancel A", *["report A"] * 2],
    ),
]


@pytest.mark.parametrize(("scenario_id", "version", "expected"), ROLES)
def test_each_step_has_its_role_and_its_order(
    scenario_id: str, version: str, expected: list[str]
) -> None:
    acts = main_run(scenario_id, version).acts
    assert [f"{act.role.value} {act.order or '-'}" for act in acts] == expected


def test_a_status_request_may_name_a_superseded_id() -> None:
    acts = main_run("G.1.c").acts
    assert {act.order for act in acts} == {"X"}
    assert [act.role for act in acts].count(Role.STATUS) == 6


def test_a_report_without_any_id_speaks_of_the_order_that_is_there(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, told("2", "", "0 0", "100 0 100 0"))
    assert run.acts[1].order == "X"


def test_a_report_needs_the_request_whose_id_it_carries(tmp_path: Path) -> None:
    (run,) = one(
        tmp_path,
        NEW,
        ACK,
        sent("3", "G", "Y,X", 200),
        told("4", "Y,X", "E E", "100 0 100 0"),
        told("5", "X", "F E", "100 10 90 10"),
        refused("6", "Y,X", "1"),
    )
    assert [act.needs for act in run.acts] == [-1, 0, -1, 2, 0, 2]


def test_the_answer_to_a_question_needs_the_question(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, sent("3", "H", "X"), told("4", "X", "I 0", "100 0 100"))
    assert run.acts[3].needs == 2


TIMES_IN_FORCE: list[tuple[str, str, str, str]] = [
    ("a day order", "", "1", "0"),
    ("Fill-or-kill that cannot be filled", "", "1", "4"),
    ("an order", "FOK", "1", "4"),
    ("Immediate or Cancel", "", "1", "3"),
    ("an order", "IOC", "1", "3"),
    ("GTC partially filled", "", "1", "1"),
    ("a GT order", "", "1", "1"),
    ("a GTD order", "", "1", "1"),
    ("an order", "", "Day 1,1", "1"),
]


@pytest.mark.parametrize(("title", "comment", "t", "expected"), TIMES_IN_FORCE)
def test_the_time_in_force_is_what_the_scenario_says(
    tmp_path: Path, title: str, comment: str, t: str, expected: str
) -> None:
    (run,) = one(tmp_path, sent(t, "D", "X", 100, comment=comment), title=title)
    assert run.time_in_force == expected


def test_an_event_is_nobodys(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, ACK, happened("3", "halt"))
    assert (run.acts[2].role, run.acts[2].order) == (Role.NOTHING, None)
