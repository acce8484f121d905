"""The published scenarios, step by step: what was known before each report, and what after.

Reads ``spec/order_state_matrices.yaml`` and turns each report into FIX text of its version and
back, so that a 4.2 report is met in the words in which the engine meets it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE
from fix_oms.orders.legality import CANCEL_REJECT, UNKNOWN, kind_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from tests.wire.texts import FIELDS, SPEC, report

DAY: Final = 86_400 * 10**9

Step = dict[str, Any]
Message = ExecutionReport | OrderCancelReject


class Story(NamedTuple):
    """One branch of a scenario: the main path, or its beginning and the other branch's step."""

    name: str
    title: str
    version: FixVersion
    steps: tuple[Step, ...]


class Met(NamedTuple):
    """One report met: its place, its kind, and the order's OrdStatus before and after."""

    place: str
    kind: str
    before: str
    after: str


@functools.cache
def matrices() -> dict[str, Any]:
    """The whole file."""
    data: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    return data


@functools.cache
def stories() -> tuple[Story, ...]:
    """Every branch of every scenario."""
    found = []
    for scenario in matrices()["scenarios"]:
        old = scenario["fix_versions"] == ["4.2"]
        version = FixVersion.FIX42 if old else FixVersion.FIX50SP2
        main: list[Step] = []
        for step in scenario["steps"]:
            if step.get("path") == "alt":
                name = f"{scenario['id']} to {step['t']} alt"
                found.append(Story(name, scenario["title"], version, (*main, step)))
            else:
                main.append(step)
        found.append(Story(scenario["id"], scenario["title"], version, tuple(main)))
    return tuple(found)


def message(step: Step, place: int, version: FixVersion) -> Message:
    """The step as a broker's message; what the source leaves blank is made up by its place."""
    if step["msg"] == "OrderCancelReject":
        return OrderCancelReject(
            cl_ord_id=step["cl_ord_id"],
            orig_cl_ord_id=step["orig_cl_ord_id"],
            order_id="O",
            ord_status=str(step["ord_status_code"]),
            cxl_rej_response_to="1",
        )
    known = {"exec_id": f"E{place}", "last_px": 10} | {
        k: v for k, v in step.items() if v is not None
    }
    said = [f"{tag}={known[name]}" for name, tag in FIELDS.items() if name in known]
    told = report("|".join(["35=8", "37=O", "55=A", "54=1", *said, ""]), version)
    told.transact_time = place + (DAY if str(step["t"]).startswith("Day 2") else 0)
    return told


class Desk:
    """The orders of one story, as we have them; ``deliver`` brings one message of the broker."""

    def __init__(self, story: Story) -> None:
        self._good_till: Final = "GTC" in story.title
        self._orders: dict[str | None, Order] = {}
        for step in story.steps:
            self._request(step)

    def _request(self, step: Step) -> None:
        """Our own requests all leave at once: a report may be late, never early."""
        cl_ord_id, orig = str(step.get("cl_ord_id")), step.get("orig_cl_ord_id")
        if step["msg"] == "NewOrderSingle" and cl_ord_id not in self._orders:
            self._orders[cl_ord_id] = self._new(cl_ord_id, step)
        elif step["msg"] in ("OrderCancelRequest", "OrderCancelReplaceRequest"):
            order = self._orders.get(orig)
            if order is not None:
                kind = CANCEL if step["msg"] == "OrderCancelRequest" else REPLACE
                order.add_request(Request(cl_ord_id, kind, self._terms(step), 0, 1))
                self._orders[cl_ord_id] = order

    def _new(self, cl_ord_id: str, step: Step) -> Order:
        first = Request(cl_ord_id, NEW, self._terms(step), 0, 1)
        return Order(first, Scope("A", "", "A", "V", "S"))

    def _terms(self, step: Step) -> Terms:
        cash = step.get("cash_order_qty")
        return Terms(
            symbol="A",
            side="1",
            order_qty=(step.get("order_qty") or 0) * SCALE,
            ord_type="1",
            time_in_force="1" if self._good_till else "0",
            cash_order_qty=cash * SCALE if cash else None,
        )

    def deliver(self, step: Step, told: Message) -> tuple[str, str]:
        """The order's OrdStatus before and after."""
        order = self._orders.get(told.cl_ord_id)
        if order is None and step["msg"] == "ExecutionReport" and told.cl_ord_id is None:
            self._orders[None] = self._new("telephoned", step)
            self._orders[None].add_report(_report(told))
            return UNKNOWN, str(self._orders[None].ord_status)
        if order is None:
            return UNKNOWN, UNKNOWN
        before = str(order.ord_status)
        if isinstance(told, ExecutionReport):
            order.add_report(told)
        else:
            request = order.request(told.cl_ord_id or "")
            assert request is not None
            if not request.answered:
                order.refuse(request, "")
        return before, str(order.ord_status)


def _report(told: Message) -> ExecutionReport:
    assert isinstance(told, ExecutionReport)
    return told


def kind(told: Message) -> str:
    """The kind of any message that answers."""
    return kind_of(told) if isinstance(told, ExecutionReport) else CANCEL_REJECT


def reports(story: Story) -> list[tuple[Step, Message]]:
    """The broker's messages, in published order."""
    return [
        (step, message(step, place, story.version))
        for place, step in enumerate(story.steps, 1)
        if step["dir"] == "out"
    ]


def met(story: Story, delivered: list[tuple[Step, Message]]) -> Iterator[Met]:
    """Deliver the messages in the order given."""
    desk = Desk(story)
    for step, told in delivered:
        before, after = desk.deliver(step, told)
        yield Met(f"{story.name} t{step['t']}", kind(told), before, after)
