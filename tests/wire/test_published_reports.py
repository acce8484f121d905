"""Every report of the published order state scenarios reads as what the scenario says it is."""

from __future__ import annotations

from typing import Any, Final

import pytest
import yaml

from fix_oms.model.fix import ExecType, FixVersion
from fix_oms.wire import SOH
from tests.wire.texts import CODECS, FIELDS, SPEC, report

NAMES: Final = {"4.2": FixVersion.FIX42, "4.4": FixVersion.FIX44, "5.0SP2": FixVersion.FIX50SP2}
BY_TRANS: Final = {
    "1": ExecType.TRADE_CANCEL,
    "2": ExecType.TRADE_CORRECT,
    "3": ExecType.ORDER_STATUS,
}


def published() -> list[Any]:
    """(version, step) of each ExecutionReport, named by scenario and place."""
    scenarios = yaml.safe_load(SPEC.read_text(encoding="utf-8"))["scenarios"]
    return [
        pytest.param(NAMES[version], step, id=f"{version} {scenario['id']} {place}")
        for scenario in scenarios
        for version in scenario["fix_versions"]
        if version in NAMES
        for place, step in enumerate(scenario["steps"])
        if step.get("msg") == "ExecutionReport" and step.get("exec_type_code")
    ]


def expected_type(step: dict[str, Any]) -> ExecType:
    code = str(step["exec_type_code"])
    by_trans = BY_TRANS.get(str(step.get("exec_trans_type_code")))
    if by_trans is not None:
        return by_trans
    if code in ("1", "2"):
        guarantee = step["ord_status_code"] == "7" and step.get("cum_qty") == 0
        return ExecType.STOPPED if guarantee else ExecType.TRADE
    return ExecType(code)


@pytest.mark.parametrize(("version", "step"), published())
def test_a_published_report_reads_as_published(version: FixVersion, step: dict[str, Any]) -> None:
    said = [f"{tag}={step[name]}" for name, tag in FIELDS.items() if step.get(name) is not None]
    told = report("|".join(["35=8", *said, ""]), version)
    assert (told.exec_type, told.ord_status) == (expected_type(step), str(step["ord_status_code"]))
    assert told.cl_ord_id == step.get("cl_ord_id")


@pytest.mark.parametrize(("version", "step"), published())
def test_a_published_report_can_be_said_again(version: FixVersion, step: dict[str, Any]) -> None:
    said = [f"{tag}={step[name]}" for name, tag in FIELDS.items() if step.get(name) is not None]
    whole = {"17": "E", "14": "0", "151": "0", "6": "0", "37": "O", "54": "1", "55": "A"}
    missing = [f"{t}={v}" for t, v in whole.items() if not any(s.startswith(f"{t}=") for s in said)]
    told = report("|".join(["35=8", *said, *missing, ""]), version)
    again = report(CODECS[version].encode(told).replace(SOH, "|"), version)
    told.tolerated = ()
    assert again == told
