"""Reports as FIX text: the codes as printed, what is needed and not printed worked out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport, OrderCancelReject
from fix_oms.scenarios import Ids, Report, load, runs, tell
from fix_oms.wire import Codec
from tests.scenarios.made import SPEC, main_run, one, refused, sent, told

NEW = sent("1", "D", "X", 100)


def fields_of(report: Report) -> dict[str, str]:
    return {tag: value.strip("\x02\x03") for tag, value in report.fields}


def only_report(tmp_path: Path, row: dict[str, Any], version: str = "4.4") -> dict[str, str]:
    (run,) = one(tmp_path, NEW, row, fix_versions=[version])
    return fields_of(tell(run).reports[1])


CODES: list[tuple[str, str, dict[str, str]]] = [
    ("4.4", "F 1", {"150": "F", "39": "1"}),
    ("4.2", "0 1 6", {"20": "0", "150": "1", "39": "6"}),
    ("4.2", "0 2 2", {"20": "0", "150": "2", "39": "2"}),
    ("4.2", "E E", {"20": "0", "150": "E", "39": "E"}),
    ("4.2", "3 0 0", {"20": "3", "150": "0", "39": "0", "17": "0"}),
    ("5.0SP2", "L 0", {"150": "L", "39": "0"}),
    ("4.4", "I A", {"150": "I", "39": "A", "17": "0"}),
]


@pytest.mark.parametrize(("version", "codes", "expected"), CODES)
def test_codes_leave_as_they_are_printed(
    tmp_path: Path, version: str, codes: str, expected: dict[str, str]
) -> None:
    found = only_report(tmp_path, told("2", "X", codes, "100 0 100 0"), version)
    assert {tag: found.get(tag) for tag in ("20", "150", "39")} == {
        tag: expected.get(tag) for tag in ("20", "150", "39")
    }
    assert found["17"] == expected.get("17", "e1")


def test_a_bust_in_fix_42_keeps_the_fill_level_as_its_type() -> None:
    bust = fields_of(tell(main_run("4.2:D34", "FIX.4.2")).reports[4])
    assert {tag: bust[tag] for tag in ("20", "150", "19")} == {"20": "1", "150": "1", "19": "C"}


def test_published_execids_stand_and_others_are_made_apart() -> None:
    assert fields_of(tell(main_run("J.1.a")).reports[2])["17"] == "C"
    made = [fields_of(r)["17"] for r in tell(main_run("A.1.a")).reports.values()]
    assert len(set(made)) == len(made)


def test_fields_that_a_message_needs_are_worked_out_where_the_cell_is_blank(
    tmp_path: Path,
) -> None:
    found = only_report(tmp_path, told("2", "X", "F 1", "", last_qty=40, last_px=10))
    assert {tag: found[tag] for tag in ("14", "151", "6", "32", "31")} == {
        "14": "40",
        "151": "0",
        "6": "10",
        "32": "40",
        "31": "10",
    }


LEAVES: list[tuple[str, str]] = [("D 1", "60"), ("4 4", "0"), ("3 3", "0")]


@pytest.mark.parametrize(("codes", "leaves"), LEAVES)
def test_a_blank_leavesqty_follows_the_status(tmp_path: Path, codes: str, leaves: str) -> None:
    assert only_report(tmp_path, told("2", "X", codes, "100 40"))["151"] == leaves


def test_an_average_of_any_precision_leaves_as_printed(tmp_path: Path) -> None:
    row = told("2", "X", "F 1", "100 3 97 3", avg_px="33.333333333333", last_px="33.333333333333")
    found = only_report(tmp_path, row)
    assert (found["6"], found["31"]) == ("33.333333333333", "33.333333333333")


RESTATED: list[tuple[dict[str, Any], str | None]] = [
    ({"exec_restatement_reason": "verbal change"}, "2"),
    ({}, None),
]


@pytest.mark.parametrize(("more", "reason"), RESTATED)
def test_a_restatement_carries_its_reason(
    tmp_path: Path, more: dict[str, Any], reason: str | None
) -> None:
    assert only_report(tmp_path, told("2", "X", "D 0", "200 0 200 0", **more)).get("378") == reason


def test_a_split_is_given_as_a_corporate_action_and_a_morning_as_a_renewal() -> None:
    split = fields_of(tell(main_run("H.1.b")).reports[4])
    morning = fields_of(tell(main_run("J.1.c")).reports[4])
    assert (split["378"], morning["378"]) == ("0", "1")


def test_a_denial_names_no_order() -> None:
    assert fields_of(tell(main_run("G.1.a")).reports[4])["37"] == "NONE"


REJECTS: list[tuple[str, str]] = [("F", "1"), ("G", "2")]


@pytest.mark.parametrize(("kind", "response_to"), REJECTS)
def test_a_cancel_reject_says_what_it_answers(tmp_path: Path, kind: str, response_to: str) -> None:
    reject = refused("3", "Y,X", "0", cxl_rej_reason="too late")
    (run,) = one(tmp_path, NEW, sent("2", kind, "Y,X", 100), reject)
    found = fields_of(tell(run).reports[2])
    assert (found["434"], found["41"], found["102"]) == (response_to, "X", "0")


def test_a_cancel_reject_without_origclordid_repeats_the_requests(tmp_path: Path) -> None:
    (run,) = one(tmp_path, NEW, sent("2", "F", "Y,X", 100), refused("3", "Y", "0"))
    assert fields_of(tell(run).reports[2])["41"] == "X"


def test_ids_are_filled_in_and_unknown_ones_stand_as_printed() -> None:
    ids = Ids()
    ids.sent("X", "1-7")
    ids.named("X", "O-1")
    report = tell(main_run("G.1.a")).reports[1]
    assert ids.filled(report.template).startswith("37=O-1\x0111=1-7\x01")
    assert "11=Y\x01" in ids.filled(tell(main_run("G.1.a")).reports[4].template)


def test_a_field_can_be_stated_otherwise_or_left_out() -> None:
    report = tell(main_run("A.1.a")).reports[2]
    assert report.stating("14", "7").stated("14") == "7"
    assert report.stating("14", None).stated("14") is None


def test_every_report_of_the_specification_is_read_as_what_it_says() -> None:
    wrong = []
    for scenario in load(SPEC).scenarios:
        for run in runs(scenario):
            codec, ids = Codec(FixVersion(run.version)), Ids()
            for place, report in tell(run).reports.items():
                message = codec.decode(f"35={report.kind}\x01{ids.filled(report.template)}")
                assert isinstance(message, ExecutionReport | OrderCancelReject)
                if message.ord_status != run.acts[place].step.ord_status or message.tolerated:
                    wrong.append((run.name, run.version, place, message.tolerated))
    assert wrong == []
