"""Scenario files for tests: rows in short, written as the YAML that a person would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from fix_oms.scenarios import Run, Scenario, load, runs

SPEC: Final = Path(__file__).parents[2] / "spec" / "order_state_matrices.yaml"
IN: Final = {
    "D": "NewOrderSingle",
    "F": "OrderCancelRequest",
    "G": "OrderCancelReplaceRequest",
    "H": "OrderStatusRequest",
}
QUANTITIES: Final = ("order_qty", "cum_qty", "leaves_qty", "last_qty")


def sent(t: str, kind: str, ids: str, qty: int | None = None, **more: Any) -> dict[str, Any]:
    """A request: ``sent("4", "F", "Y,X", 10000)``."""
    row: dict[str, Any] = {"t": t, "dir": "in", "msg": IN[kind], **_ids(ids)}
    return row | ({} if qty is None else {"order_qty": qty}) | more


def told(t: str, ids: str, codes: str, amounts: str = "", **more: Any) -> dict[str, Any]:
    """An ExecutionReport: ``told("3", "X", "F 1", "100 40 60 40")``, in 4.2 ``"0 1 1"``."""
    *trans, exec_type, ord_status = codes.split()
    row: dict[str, Any] = {"t": t, "dir": "out", "msg": "ExecutionReport", **_ids(ids)}
    row |= {"exec_type_code": exec_type, "ord_status_code": ord_status}
    row |= {"exec_trans_type_code": trans[0]} if trans else {}
    row |= dict(zip(QUANTITIES, map(int, amounts.split()), strict=False))
    return row | more


def refused(t: str, ids: str, ord_status: str, **more: Any) -> dict[str, Any]:
    """An OrderCancelReject."""
    row = {"t": t, "dir": "out", "msg": "OrderCancelReject", "ord_status_code": ord_status}
    return row | _ids(ids) | more


def happened(t: str, comment: str = "") -> dict[str, Any]:
    """An event outside FIX."""
    return {"t": t, "dir": "event", "comment": comment}


def _ids(ids: str) -> dict[str, str]:
    found = dict(zip(("cl_ord_id", "orig_cl_ord_id"), ids.split(","), strict=False))
    return {name: value for name, value in found.items() if value}


def made(directory: Path, *steps: dict[str, Any], file: str = "made.yaml", **keys: Any) -> Path:
    """A file of one scenario ``T.1``, published for 4.4 unless ``fix_versions`` says otherwise."""
    scenario = {"id": "T.1", "title": "made", "fix_versions": ["4.4"], "steps": list(steps)} | keys
    path = directory / file
    path.write_text(yaml.safe_dump({"scenarios": [scenario]}))
    return path


def one(directory: Path, *steps: dict[str, Any], **keys: Any) -> list[Run]:
    """The runs of such a scenario."""
    (scenario,) = load(made(directory, *steps, **keys)).scenarios
    return list(runs(scenario))


def published(scenario_id: str) -> Scenario:
    """A scenario of spec/."""
    return next(s for s in load(SPEC).scenarios if s.id == scenario_id)


def main_run(scenario_id: str, version: str = "FIX.4.4") -> Run:
    """The main path of a scenario of spec/ in a version."""
    found = runs(published(scenario_id))
    return next(run for run in found if not run.branch and run.version == version)
