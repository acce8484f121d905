"""Scenario files: nonsense is named by place; what is absent or unknown is left alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.scenarios import Scenario, load
from tests.scenarios.made import SPEC, made, published, sent, told

NEW = sent("1", "D", "X", 100)
ACK = told("2", "X", "0 0", "100 0 100 0")

BAD_FILES: list[tuple[str, str]] = [
    ("{", "is not YAML: "),
    ("5", "scenarios: must be a list of scenarios"),
    ("scenarios: []", "scenarios: must be a list of scenarios"),
    ("scenarios: [3]", "scenario 1: must be a mapping"),
    ("scenarios: [{title: x}]", "scenario 1, id: is missing"),
    ("scenarios: [{id: A}]", "scenario A, steps: must be a list of steps"),
    ("scenarios: [{id: A, steps: [4]}]", "scenario A, step 1: must be a mapping"),
    ("scenarios: [{id: A, steps: [{dir: in}]}]", "scenario A, step 1, t: None is no time"),
    (
        "scenarios: [{id: A, steps: [{t: 1 2}]}]",
        "scenario A, step 1, t: '1 2' is no time: 1, 2 … or Day 1,1",
    ),
]


@pytest.mark.parametrize(("text", "reason"), BAD_FILES)
def test_a_file_that_is_none_is_named_with_the_place(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: ")
    assert reason in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml")


BAD_ROWS: list[tuple[dict[str, Any], str]] = [
    (NEW | {"dir": "up"}, "dir: 'up' is none of in, out, event"),
    (NEW | {"dir": "out"}, "dir: 'out' is not the way that NewOrderSingle goes"),
    (NEW | {"msg": "Hello"}, "msg: 'Hello' is no message of these scenarios"),
    (NEW | {"msg": None}, "msg: None is no message of these scenarios"),
    (NEW | {"path": "third"}, "path: 'third' is none of main, alt"),
    (NEW | {"cl_ord_id": None}, "cl_ord_id: is missing"),
    (NEW | {"cl_ord_id": {"X": 1}}, "cl_ord_id: must be text"),
    (NEW | {"cl_ord_id": [["X"]]}, "cl_ord_id: must be text"),
    (NEW | {"order_qty": None}, "order_qty: is missing"),
    (NEW | {"order_qty": -5}, "order_qty: -5 is negative"),
    (NEW | {"order_qty": "many"}, "order_qty: 'many' is no number that FIX can carry"),
    (NEW | {"order_qty": True}, "order_qty: 'True' is no number"),
    (NEW | {"order_qty": 1e30}, "order_qty: '1.0E+30' is no number"),
    (NEW | {"poss_resend": "maybe"}, "poss_resend: 'maybe' is neither Y nor N"),
    (sent("1", "F", "Y"), "orig_cl_ord_id: is missing"),
    (ACK | {"ord_status_code": None}, "ord_status_code: is missing"),
    (ACK | {"ord_status_code": "Z"}, "ord_status_code: 'Z' is no code of it"),
    (ACK | {"exec_type_code": None}, "exec_type_code: is missing"),
    (ACK | {"exec_type_code": None, "exec_type": "Odd"}, "exec_type: 'Odd' is no code of it"),
    (ACK | {"exec_trans_type_code": "9"}, "exec_trans_type_code: '9' is no code of it"),
    (ACK | {"last_px": "nan"}, "last_px: 'nan' is no number"),
    ({"t": "2", "dir": "out", "msg": "OrderCancelReject", "ord_status_code": "0"}, "cl_ord_id"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS, ids=[reason for _, reason in BAD_ROWS])
def test_a_bad_cell_is_named_with_scenario_time_and_key(
    tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError) as error:
        load(made(tmp_path, row))
    assert f"made.yaml: scenario T.1, step t {row['t']}, {reason}" in str(error.value)


def test_a_scenario_twice_in_a_file_is_played_once_and_named(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text(yaml.safe_dump({"scenarios": [{"id": "A", "steps": [NEW]}] * 2}))
    read = load(path)
    assert ([s.id for s in read.scenarios], len(read.unreadable)) == (["A"], 1)
    assert "scenario A: stands twice" in str(read.unreadable[0])


def test_a_scenario_that_cannot_be_read_keeps_no_other_from_being_played(tmp_path: Path) -> None:
    path = tmp_path / "one_bad.yaml"
    bad, good = {"id": "A", "steps": [NEW | {"dir": "up"}]}, {"id": "B", "steps": [NEW]}
    path.write_text(yaml.safe_dump({"scenarios": [bad, good]}))
    read = load(path)
    assert [s.id for s in read.scenarios] == ["B"]
    assert "scenario A, step t 1, dir: 'up'" in str(read.unreadable[0])


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        ({"t": "Day 2,1"}, "day", 2),
        ({"t": "day 2.1"}, "day", 2),
        ({"t": "Day2,1"}, "day", 2),
        ({"t": "D2,1"}, "day", 2),
        ({"t": "2,1"}, "day", 2),
        ({"t": "3a"}, "day", 1),
        ({"dir": "IN"}, "direction", "in"),
        ({"path": "Alt"}, "is_alt", True),
        ({"crosses": "yes"}, "crosses", True),
        ({"crosses": "N"}, "crosses", False),
        ({"order_qty": "10,000"}, "order_qty", 10_000),
        ({"order_qty": 1e4}, "order_qty", 10_000),
        ({"cum_qty": ""}, "cum_qty", None),
        ({"cum_qty": "n/a"}, "cum_qty", None),
        ({"comment": ["a", "b"]}, "comment", "a, b"),
    ],
)
def test_a_cell_may_be_spelled_in_other_ways(
    tmp_path: Path, change: dict[str, Any], name: str, expected: object
) -> None:
    (scenario,) = load(made(tmp_path, NEW | change)).scenarios
    assert getattr(scenario.steps[0], name) == expected


@pytest.mark.parametrize("spelled", ["FIX44", "fix.4.4", "4.4", "44", "FIX 4.4"])
def test_a_version_may_be_spelled_in_other_ways(tmp_path: Path, spelled: str) -> None:
    (scenario,) = load(made(tmp_path, NEW, fix_versions=[spelled])).scenarios
    assert scenario.versions == (FixVersion.FIX44,)


def test_a_version_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"T\.1, fix_versions: 'new' is no FIX version"):
        load(made(tmp_path, NEW, fix_versions=["new"]))


VERSIONS: list[tuple[str, object, list[str]]] = [
    ("T.1", ["4.2"], ["FIX.4.2"]),
    ("T.1", "4.4", ["FIX.4.4"]),
    ("T.1", [4.4, "5.0SP2"], ["FIX.4.4", "FIX.5.0SP2"]),
    ("T.1", ["5.0SP2 (exchange variant, Vol 7)"], ["FIX.5.0SP2"]),
    ("T.1", ["FIX.4.4", "5.0 SP2", "4.4"], ["FIX.4.4", "FIX.5.0SP2"]),
    ("T.1", ["4.3"], []),
    ("T.1", None, ["FIX.4.4", "FIX.5.0SP2"]),
    ("4.2:D1", None, ["FIX.4.2"]),
    ("V7.A.1.a", None, ["FIX.5.0SP2"]),
]


@pytest.mark.parametrize(("scenario_id", "listed", "expected"), VERSIONS)
def test_the_versions_are_those_that_we_speak(
    tmp_path: Path, scenario_id: str, listed: object, expected: list[str]
) -> None:
    assert first(made(tmp_path, NEW, id=scenario_id, fix_versions=listed)).versions == tuple(
        FixVersion(name) for name in expected
    )


def first(path: Path) -> Scenario:
    return load(path).scenarios[0]


def test_an_order_without_a_quantity_is_for_what_its_first_report_states(tmp_path: Path) -> None:
    scenario = first(made(tmp_path, NEW | {"order_qty": None}, ACK))
    assert scenario.steps[0].order_qty == Decimal(100)


def test_a_message_that_has_no_clordid_needs_none(tmp_path: Path) -> None:
    refusal = {"t": "3", "dir": "in", "msg": "DontKnowTrade"}
    assert first(made(tmp_path, NEW, ACK, refusal)).steps[2].cl_ord_id is None


def test_unknown_keys_are_left_alone(tmp_path: Path) -> None:
    extra = NEW | {"colour": "red", "fees": [1, 2]}
    assert first(made(tmp_path, extra, sources=["x"], odd=3)).steps[0].cl_ord_id == "X"


def test_a_file_may_be_a_bare_list(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(yaml.safe_dump([{"id": "A", "steps": [NEW]}]))
    assert first(path).id == "A"


def test_a_word_stands_for_its_code_where_the_code_is_absent(tmp_path: Path) -> None:
    row = {"t": "2", "dir": "out", "msg": "ExecutionReport", "exec_type": "Partial Fill"}
    row |= {"ord_status": "Pending Cancel", "exec_trans_type": "Correct"}
    step = first(made(tmp_path, row)).steps[0]
    assert (step.exec_type, step.ord_status, step.exec_trans_type) == ("1", "6", "2")


def test_figures_keep_the_places_that_they_are_printed_with(tmp_path: Path) -> None:
    path = tmp_path / "places.yaml"
    row = "{t: 2, dir: out, msg: ExecutionReport, exec_type_code: 0, ord_status_code: 0, %s}"
    path.write_text(f"- id: A\n  steps: [{row % 'avg_px: 102.50, last_px: 0.123456789012'}]\n")
    step = first(path).steps[0]
    assert (str(step.avg_px), step.last_px) == ("102.50", Decimal("0.123456789012"))


def test_unquoted_yaml_values_read_as_they_look(tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text(
        "- id: A\n  fix_versions: [4.4]\n  steps:\n"
        "  - {t: 1, dir: in, msg: NewOrderSingle, cl_ord_id: Y, order_qty: 5, poss_resend: Yes}\n"
        "  - {t: 2, dir: out, msg: ExecutionReport, cl_ord_id: Y, exec_type_code: 0,"
        " ord_status_code: 0, working_indicator: No}\n"
    )
    new, ack = first(path).steps
    assert (new.cl_ord_id, new.poss_resend) == ("Y", True)
    assert (ack.exec_type, ack.working_indicator) == ("0", "N")


def test_days_are_read_from_the_time() -> None:
    assert [step.day for step in published("H.1.a").steps] == [1, 1, 1, 1, 2, 2]


def test_every_scenario_of_the_specification_is_read() -> None:
    listed = yaml.safe_load(SPEC.read_text())["scenarios"]
    assert [s.id for s in load(SPEC).scenarios] == [entry["id"] for entry in listed]


def test_reasons_in_words_become_codes() -> None:
    reject = published("B.1.c").steps[-1]
    assert reject.cxl_rej_reason == "0"
