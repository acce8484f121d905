"""Every order of delivery of a run's reports must end in the published last row.

One engine takes hundreds of orders of delivery, each as orders of its own: what differs from one to
the next is ids, numbers and times, so the texts are made once. Each is played in three legs:
TransactTime(60) absent, true (a minute apart, the next day a day later), and equal to the second
for all reports of a day.

An order of delivery in which the engine, rightly, takes a request only after a report that needs
it, is none that reality has: it is counted as impossible and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from random import Random
from typing import Final

import attrs

from fix_oms.conformance import delivery
from fix_oms.conformance.compare import (
    Difference,
    Judged,
    ending_differences,
    execution_differences,
    fault_differences,
    position_differences,
)
from fix_oms.conformance.delivery import Delivery, Order, Repeat
from fix_oms.conformance.desk import DAY, OPENING, Desk
from fix_oms.conformance.play import Client, told_at
from fix_oms.model.outputs import Refused
from fix_oms.scenarios import Act, Report, Role, Run
from fix_oms.scenarios.texts import Told

PER_DESK: Final = 500
"""Orders of delivery that one engine takes."""


class Leg(Enum):
    """What TransactTime(60) says."""

    ABSENT = "TransactTime(60) absent"
    TRUE = "TransactTime(60) true"
    SECOND = "TransactTime(60) equal"


@attrs.frozen(kw_only=True)
class Example:
    """The order of delivery nearest to the published one that ends otherwise: the ``t`` of its
    reports, with ``+`` behind one that is a repetition, and what differs."""

    order: tuple[str, ...]
    differences: tuple[Difference, ...]


@attrs.frozen(kw_only=True)
class Permuted:
    """One leg of one run: how many orders of delivery, how many of them differ, and one of those.

    ``uncertain`` says that every one that differs ended in a state that is flagged so.
    """

    leg: Leg
    orders: int
    deliveries: int
    impossible: int
    differing: int
    uncertain: bool
    example: Example | None


@attrs.frozen
class _Message:
    """One report as a leg delivers it. ``after_ns`` is its TransactTime(60), from the first
    moment of the run; None where it has none."""

    act: Act
    kind: str
    template: str
    after_ns: int | None


def _message(run: Run, report: Report, leg: Leg) -> _Message:
    act = run.acts[report.place]
    after = None if leg is Leg.ABSENT else (act.step.day - 1) * DAY
    if leg is Leg.TRUE:
        after = told_at(act, report.place) - OPENING
    return _Message(act, report.kind, report.template, after)


class Permuter:
    """Plays the orders of delivery of one run in one leg. ``reports`` are what the broker says,
    which may be other than ``told`` has it: that holds what it must come to."""

    def __init__(
        self, run: Run, told: Told, reports: list[Report], leg: Leg, judged: Judged = Judged.ALL
    ) -> None:
        self._run: Final = run
        self._told: Final = told
        self._judged: Final = judged
        self._reports: Final = reports
        self._leg: Final = leg
        self._requests: Final = [
            (place, act)
            for place, act in enumerate(run.acts)
            if act.role not in (Role.REPORT, Role.NOTHING)
        ]
        self._desk = Desk(run.version)
        self._messages: Final = [_message(run, report, leg) for report in reports]
        self._days: Final = max(act.step.day for act in run.acts)
        self._played = 0
        self._late = False
        self.uncertain = True

    def run(self, seed: int, most: int | None = None) -> Permuted:
        """All orders, each with random repetitions."""
        random = Random(seed)
        total = deliveries = impossible = differing = 0
        nearest: list[Delivery] | None = None
        uncertain = True
        for order in delivery.orders(len(self._reports), seed, most):
            total += 1
            way = delivery.repeated(order, random)
            late = bool(total & 1)
            found = self.play(way, late=late)
            deliveries += len(way)
            if found is None and late:
                late = False
                found = self.play(way)
            if found is None:
                impossible += 1
            elif found:
                differing += 1
                uncertain = uncertain and self.uncertain
                if nearest is None or _distance(way) < _distance(nearest):
                    nearest, self._late = way, late
        return Permuted(
            leg=self._leg,
            orders=total,
            deliveries=deliveries,
            impossible=impossible,
            differing=differing,
            uncertain=uncertain,
            example=None if nearest is None else self._simplest(nearest),
        )

    def play(self, way: list[Delivery], *, late: bool = False) -> list[Difference] | None:
        """What one order of delivery ends with; None where it is impossible. Requests leave as
        early as they can, or, if ``late``, just before the first report that needs them."""
        if self._played % PER_DESK == 0:
            self._desk = Desk(self._run.version)
        self._played += 1
        desk = self._desk
        start = desk.begin_run(self._days)
        before = desk.position()
        client = Client(self._run, self._told, desk, f"-{self._played}")
        numbers: dict[int, int] = {}
        unsent = list(self._requests)
        day = 1
        for report, repeat in way:
            message = self._messages[report]
            act = message.act
            if act.step.day > day:
                day = act.step.day
                desk.begin_day(day)
            if not late or any(place <= act.needs for place, _ in unsent):
                _send(client, unsent, day, act.needs if late else len(self._run.acts))
            if any(place <= act.needs for place, _ in unsent):
                return None
            body = client.ids.filled(message.template)
            if message.after_ns is not None:
                body += desk.told_at(start + message.after_ns)
            again = numbers[report] if repeat is Repeat.POSS_DUP else 0
            desk.hear(message.kind, body, again=again, resent=repeat is Repeat.POSS_RESEND)
            numbers.setdefault(report, desk.heard)
        _send(client, unsent, day, len(self._run.acts))
        return None if unsent else self._differences(client, before)

    def _differences(self, client: Client, before: int) -> list[Difference]:
        """All that differs; ``uncertain`` becomes whether it is states alone that do, each of them
        flagged: executions and position depend on no order of delivery."""
        states: list[Difference] = []
        sums: list[Difference] = []
        self.uncertain = True
        for ending in self._told.endings:
            view = client.view(ending.order)
            if view is None or self._judged is not Judged.SUMS:
                found = ending_differences(ending, view, breaks=self._judged is Judged.ALL)
                is_flagged = view is not None and view.uncertain
                self.uncertain = self.uncertain and (is_flagged or not found)
                states += found
            if view is not None:
                sums += execution_differences(ending, self._desk.fills(view.reference))
        sums += position_differences(self._told.position, self._desk, before)
        sums += fault_differences(self._desk)
        self.uncertain = self.uncertain and not sums
        return states + sums

    def _simplest(self, way: list[Delivery]) -> Example:
        """As near to the published order as it can be while it still differs."""
        late = self._late
        bare = delivery.once(tuple(d.report for d in way if d.repeat is Repeat.FIRST))
        way = bare if self.play(bare, late=late) else way
        is_nearer = way is bare
        while is_nearer:
            order: Order = tuple(d.report for d in way)
            ways = (delivery.once(near) for near in delivery.nearer(order))
            found = next((near for near in ways if self.play(near, late=late)), None)
            is_nearer = found is not None
            way = way if found is None else found
        return Example(order=self._named(way), differences=tuple(self.play(way, late=late) or ()))

    def _named(self, way: list[Delivery]) -> tuple[str, ...]:
        return tuple(
            self._messages[report].act.step.t + ("" if repeat is Repeat.FIRST else "+")
            for report, repeat in way
        )


def _send(client: Client, unsent: list[tuple[int, Act]], day: int, through: int) -> None:
    """Send what may leave by now, in published order, until the engine refuses one."""
    while unsent and unsent[0][1].step.day <= day and unsent[0][0] <= through:
        answer, _ = client.send(unsent[0][1])
        if isinstance(answer, Refused):
            return
        del unsent[0]


def _distance(way: list[Delivery]) -> tuple[int, int]:
    order = tuple(d.report for d in way if d.repeat is Repeat.FIRST)
    return delivery.inversions(order), len(way)


def permuted(
    run: Run,
    told: Told,
    reports: list[Report],
    seed: int,
    most: int | None = None,
    judged: Judged = Judged.ALL,
) -> Iterator[Permuted]:
    """All three legs of a run that has orders of ours and reports."""
    if reports and told.endings:
        for leg in Leg:
            yield Permuter(run, told, reports, leg, judged).run(seed, most)
