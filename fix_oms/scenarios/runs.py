"""From a scenario to the runs that it stands for, and to whose order each step speaks of.

A scenario is run once for each version that publishes it, along its main path, and once more for
each alternative row (``path: alt``): the main path up to that time, then the alternative, which is
not continued.

Not every request of the tables is one that an order system can send. A second NewOrderSingle under
a ClOrdID already used, a cancel or a status request for an order that nobody has: these are
requests of *somebody else*, and of their answers it is asked that nothing of ours changes by them.
A report without any ClOrdID speaks of the order that is there, or else of a telephoned one.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Final

import attrs

from fix_oms.model.fix import FixVersion, MsgType, OrdStatus, TimeInForce
from fix_oms.scenarios.steps import Misprint, Scenario, Step

TELEPHONED: Final = "telephoned"
"""The name of an order that was never sent as a message."""


class Role(Enum):
    """What a step asks the player of a path to do."""

    NEW = "new"
    CANCEL = "cancel"
    REPLACE = "replace"
    STATUS = "status"
    REPORT = "report"
    NOTHING = "nothing"
    """An event outside FIX, or a request of somebody else."""


@attrs.frozen(kw_only=True)
class Act:
    """One step on a path. ``order`` names whose order it speaks of, by the order's first ClOrdID;
    None for nobody's. ``needs`` is the place, among the path's acts, of the request before which a
    report cannot have been sent (-1: none). ``misprint`` is what must not be obeyed."""

    step: Step
    role: Role
    order: str | None
    needs: int = -1
    misprint: Misprint | None = None


@attrs.frozen(kw_only=True)
class Run:
    """One run of a scenario. ``branch`` is empty for the main path, else the alternative's time."""

    scenario: Scenario
    version: FixVersion
    branch: str
    acts: tuple[Act, ...]

    @property
    def name(self) -> str:
        """``B.1.a``, or ``B.1.a alt 4`` for the alternative at t 4."""
        return f"{self.scenario.id} alt {self.branch}" if self.branch else self.scenario.id

    @cached_property
    def orders(self) -> tuple[str, ...]:
        """The orders that are ours, or that the broker tells us of, in order of appearance."""
        return tuple(dict.fromkeys(act.order for act in self.acts if act.order is not None))

    @cached_property
    def time_in_force(self) -> str:
        """Good till cancel where the scenario spans days or says so; FOK, IOC where it says so."""
        first = self.scenario.steps[0]
        said = f"{self.scenario.title} {first.comment}".upper().replace("-", " ")
        words = set("".join(c if c.isalnum() else " " for c in said).split())
        if "FOK" in words or "FILL OR KILL" in said:
            return TimeInForce.FOK.value
        if "IOC" in words or "IMMEDIATE OR CANCEL" in said:
            return TimeInForce.IOC.value
        spans = any(step.day > 1 or step.t.startswith("Day") for step in self.scenario.steps)
        good_till = spans or words & {"GT", "GTC", "GTD"}
        return TimeInForce.GTC.value if good_till else TimeInForce.DAY.value


def runs(scenario: Scenario) -> Iterator[Run]:
    """All runs of a scenario: version by version, the main path first."""
    for version in scenario.versions:
        for branch, steps in _branches(scenario.steps):
            acts = tuple(_cast(steps, scenario.misprints))
            yield Run(scenario=scenario, version=version, branch=branch, acts=acts)


def _branches(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    main = [step for step in steps if not step.is_alt]
    if main:
        yield "", main
    seen: list[str] = []
    for step in steps:
        if step.is_alt:
            seen.append(step.t)
            again = f" ({seen.count(step.t)})" if seen.count(step.t) > 1 else ""
            yield f"{step.t}{again}", [*_before(main, step), step]


def _before(main: list[Step], alt: Step) -> list[Step]:
    """The main path up to an alternative. Of the rows at its own time only those belong to both
    branches that are no reports, or that cross something else."""
    times = [step.t for step in main]
    if alt.t not in times:
        return [step for step in main if step.place < alt.place]
    shared = [
        step
        for step in main
        if step.t == alt.t and (not step.is_report or (step.crosses and not alt.crosses))
    ]
    return [*main[: times.index(alt.t)], *shared]


def _cast(steps: list[Step], known: tuple[Misprint, ...]) -> Iterator[Act]:
    """Each step with its role. ``chains`` leads from any ClOrdID of ours to its order, ``sent``
    from a ClOrdID to the place of its request."""
    chains: dict[str, str] = {}
    sent: dict[str, int] = {}
    asked: dict[str, int] = {}
    for place, step in enumerate(steps):
        misprint = next((m for m in known if m.concerns(step)), None)
        if step.is_report:
            order = _meant(step, chains)
            needs = sent.get(step.cl_ord_id or "", sent.get(step.orig_cl_ord_id or "", -1))
            if order is not None and _is_status(step):
                needs = max(needs, asked.get(order, -1))
            yield Act(step=step, role=Role.REPORT, order=order, needs=needs, misprint=misprint)
            continue
        role, order = _request(step, chains)
        if role is Role.STATUS and order is not None:
            asked[order] = place
        elif role is not Role.NOTHING and order is not None:
            chains[step.cl_ord_id or ""] = order
            sent[step.cl_ord_id or ""] = place
        yield Act(step=step, role=role, order=order, misprint=misprint)


def _request(step: Step, chains: dict[str, str]) -> tuple[Role, str | None]:
    """The role of a request or event, and its order: None where it is somebody else's."""
    cl_ord_id = step.cl_ord_id or ""
    match step.kind:
        case MsgType.NEW_ORDER_SINGLE if cl_ord_id not in chains:
            return Role.NEW, cl_ord_id
        case MsgType.ORDER_CANCEL_REQUEST | MsgType.ORDER_CANCEL_REPLACE_REQUEST:
            order = chains.get(step.orig_cl_ord_id or "")
            if order is not None and cl_ord_id not in chains:
                cancels = step.kind is MsgType.ORDER_CANCEL_REQUEST
                return (Role.CANCEL if cancels else Role.REPLACE), order
        case MsgType.ORDER_STATUS_REQUEST if cl_ord_id in chains:
            return Role.STATUS, chains[cl_ord_id]
    return Role.NOTHING, None


def _meant(step: Step, chains: dict[str, str]) -> str | None:
    """The order that a report speaks of; None where it denies knowing one that we have not."""
    for cl_ord_id in (step.cl_ord_id, step.orig_cl_ord_id):
        if cl_ord_id in chains:
            return chains[cl_ord_id]
    if step.cl_ord_id is None and chains:
        return next(reversed(chains.values()))
    if step.ord_status == OrdStatus.REJECTED or not step.is_execution_report:
        return None
    chains.setdefault(step.cl_ord_id or TELEPHONED, TELEPHONED)
    return TELEPHONED


def _is_status(step: Step) -> bool:
    return step.exec_type == "I" or step.exec_trans_type == "3"
