"""The cases of ``cases.yaml`` as lives of one order in FIX text, and the truth of each."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from bench.peers.exchange import REQUEST_CANCEL, SOH, Outcome
from fix_oms.model.fix import ExecType, OrdStatus, word

FILE: Final = Path(__file__).with_name("cases.yaml")
EXECUTIONS: Final = frozenset({"Trade", "TradeCancel", "TradeCorrect"})


@attrs.frozen(kw_only=True)
class Case:
    """One case: its ``runs`` are the same reports in each order in which they are to be heard."""

    name: str
    rule: str
    heard: tuple[tuple[str, ...], ...]
    runs: tuple[tuple[str, ...], ...]
    truth: Outcome


def load(path: Path = FILE) -> list[Case]:
    """All cases. Raises KeyError for a word that the file or FIX does not know."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    bodies = {name: body(name, report) for name, report in told["reports"].items()}
    bodies[REQUEST_CANCEL] = REQUEST_CANCEL
    return [_case(case, bodies) for case in told["cases"]]


def speed_bodies(path: Path = FILE) -> dict[str, str]:
    """The two reports that everybody is timed with."""
    reports = yaml.safe_load(path.read_text(encoding="utf-8"))["reports"]
    return {"acknowledgement": body("ack", reports["ack"]), "fill": body("f", reports["fill 40"])}


def _case(case: Mapping[str, Any], bodies: Mapping[str, str]) -> Case:
    steps = tuple(case["steps"])
    heard = tuple(permutations(steps)) if case.get("every_order") else (steps,)
    truth = case["truth"]
    return Case(
        name=case["case"],
        rule=case["rule"],
        heard=heard,
        runs=tuple(tuple(bodies[step] for step in run) for run in heard),
        truth=Outcome(
            truth["OrdStatus"], truth["CumQty"], truth["LeavesQty"], position=truth["position"]
        ),
    )


def body(name: str, report: Mapping[str, Any]) -> str:
    """An ExecutionReport without header; ExecIDs are made unique for each order."""
    exec_id = report.get("ExecID", name.replace(" ", "-"))
    parts = ["35=8", "37=O-{order}", f"17={{order}}-{exec_id}"]
    if report.get("of") == "cancel":
        parts += ["11={cancel}", "41={order}"]
    else:
        parts.append("11={order}")
    if "ExecRefID" in report:
        parts.append(f"19={{order}}-{report['ExecRefID']}")
    parts.append(f"150={_code(ExecType, report['ExecType'])}")
    parts.append(f"39={_code(OrdStatus, report['OrdStatus'])}")
    parts += ["1=DESK", "55=AAPL", "54=1", "38=100", "40=2", "44=10"]
    if report["ExecType"] in EXECUTIONS:
        parts += [f"32={report['LastQty']}", "31=10"]
    avg_px = 10 if report["CumQty"] else 0
    parts += [f"151={report['LeavesQty']}", f"14={report['CumQty']}", f"6={avg_px}"]
    parts.append(f"60=20260102-14:30:{report['at']:02}.000")
    return SOH.join(parts) + SOH


def _code(codes: type[ExecType] | type[OrdStatus], name: str) -> str:
    return {word(codes, code.value): code.value for code in codes}[name]
