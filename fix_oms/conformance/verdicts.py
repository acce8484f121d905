"""One verdict for each run: in published order, with lies where asked for, and permuted.

``--permute`` adds the orders of delivery to the published one. ``--blind`` and ``--overstate`` play
the same runs with a broker who tells untruths; what they must end with stays what is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial

import attrs

from fix_oms.conformance import lies
from fix_oms.conformance.compare import Difference, Judged
from fix_oms.conformance.exceptions import Allowed
from fix_oms.conformance.permute import Permuted, permuted
from fix_oms.conformance.play import Player
from fix_oms.model.fix import FixVersion
from fix_oms.model.outputs import Output
from fix_oms.model.units import fixed
from fix_oms.scenarios import Act, Report, Run, Scenario, runs, tell
from fix_oms.scenarios.texts import Told


@attrs.frozen(kw_only=True)
class Options:
    """What to play. Empty ``versions`` and ``only`` mean all; ``most`` bounds the orders of
    delivery of each run and leg below what is the rule; ``jobs`` is how many processes play."""

    versions: tuple[FixVersion, ...] = ()
    only: tuple[str, ...] = ()
    permute: bool = False
    blind: bool = False
    overstate: bool = False
    seed: int = 1
    most: int | None = None
    jobs: int = 1
    allowed: tuple[Allowed, ...] = ()

    @property
    def judged(self) -> Judged:
        """What a run is held to, given the lies that are asked for."""
        if self.overstate:
            return Judged.SUMS
        return Judged.STATES if self.blind else Judged.ALL


@attrs.frozen(kw_only=True)
class Verdict:
    """What one run came to. ``misprints`` are named and not obeyed; ``excepted`` are the reasons
    for which orders of delivery may end otherwise; ``lies`` counts the fields that were untrue."""

    run: Run
    differences: tuple[Difference, ...]
    misprints: tuple[str, ...]
    permuted: tuple[Permuted, ...] = ()
    excepted: tuple[str, ...] = ()
    lies: int = 0

    @property
    def ok(self) -> bool:
        return not self.differences


def chosen(scenarios: Sequence[Scenario], options: Options) -> list[Run]:
    """The runs that the options ask for, in the order of the scenarios."""
    return [
        run
        for scenario in scenarios
        if not options.only or scenario.id in options.only
        for run in runs(scenario)
        if not options.versions or run.version in options.versions
    ]


def check(scenarios: Sequence[Scenario], options: Options) -> Iterator[Verdict]:
    """Play each run as asked; a verdict as soon as it is known, in the order of the runs."""
    judge = partial(_verdict, options=options)
    if options.jobs == 1:
        yield from map(judge, chosen(scenarios, options))
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        yield from pool.map(judge, chosen(scenarios, options))


def _verdict(run: Run, options: Options) -> Verdict:
    told = tell(run)
    lied = _lied(run, told, options)
    differences = list(_in_order(run, told, lied, options))
    legs: list[Permuted] = []
    excepted: list[str] = []
    if options.permute:
        reports = [lied.reports[place] for place in told.reports]
        for leg in permuted(run, told, reports, options.seed, options.most, options.judged):
            legs.append(leg)
            entry = next((a for a in options.allowed if a.concerns(run, leg.leg)), None)
            differences += _judged(leg, entry)
            excepted += [entry.why] if entry is not None and leg.differing else []
    return Verdict(
        run=run,
        differences=tuple(differences),
        misprints=tuple(str(a.misprint) for a in run.acts if a.misprint is not None),
        permuted=tuple(legs),
        excepted=tuple(dict.fromkeys(excepted)),
        lies=sum(len(labels) for labels in lied.labels.values()),
    )


def _lied(run: Run, told: Told, options: Options) -> lies.Lies:
    """The reports as they are told: true, or with the lies that the options ask for."""
    found = lies.Lies(dict(told.reports), {})
    if options.blind:
        found = lies.blind(run, told, options.seed)
    if options.overstate:
        over = lies.overstated(run, attrs.evolve(told, reports=found.reports), options.seed)
        return lies.Lies(over.reports, over.labels)
    return found


def _in_order(run: Run, told: Told, lied: lies.Lies, options: Options) -> Iterator[Difference]:
    lying = attrs.evolve(told, reports=lied.reports)
    if options.overstate:
        yield from _Claims(run, told, lied).play()
    elif options.blind:

        def heard(act: Act, report: Report, out: list[Output]) -> list[Difference]:
            labels = lied.labels.get(report.place, ())
            return lies.anomaly_differences(act.step.t, labels, out)

        yield from Player(run, lying, heard).play(options.judged)
    else:
        yield from Player(run, lying).play()


class _Claims:
    """A run whose broker claims too much: what was executed so far, by order, and the claims."""

    def __init__(self, run: Run, told: Told, lied: lies.Lies) -> None:
        self._run = run
        self._told = told
        self._lied = lied
        self._executed = {order: Fraction(0) for order in run.orders}
        self._claimed = dict.fromkeys(run.orders, 0)
        self._last: dict[str, Report] = {}
        self._player = Player(run, attrs.evolve(told, reports=lied.reports), self._heard)

    def play(self) -> Iterator[Difference]:
        """Row by row what was executed, then a true status of each order, and the flags."""
        yield from self._player.play(Judged.SUMS)
        desk, client = self._player.desk, self._player.client
        for ending in self._told.endings:
            last = self._last.get(ending.order)
            if last is None:
                continue
            body = client.ids.filled(lies.true_status(self._run, ending, last))
            desk.hear("8", body)
            view = client.view(ending.order)
            claimed = self._claimed[ending.order]
            yield from lies.flag_differences(view, claimed, last.gross)
            yield from lies.claim_differences("end", view, desk, last.executed, self._position())

    def _position(self) -> Fraction:
        return sum(self._executed.values(), Fraction(0))

    def _heard(self, act: Act, report: Report, out: list[Output]) -> list[Difference]:
        if act.order is None:
            return []
        self._executed[act.order] = report.executed
        self._last[act.order] = report
        if self._lied.labels.get(report.place):
            claim = fixed(report.stated("14") or "0")
            self._claimed[act.order] = max(self._claimed[act.order], claim)
        view = self._player.client.view(act.order)
        return lies.claim_differences(
            act.step.t, view, self._player.desk, report.executed, self._position()
        )


def _judged(leg: Permuted, entry: Allowed | None) -> list[Difference]:
    """Orders of delivery that end otherwise, unless they are on the list and flagged."""
    where = f"permuted, {leg.leg.value}:"
    if leg.orders == leg.impossible:
        return [Difference(where, "orders of delivery", "possible", "the engine takes none")]
    if not leg.differing:
        if entry is None:
            return []
        return [Difference(where, "exception", "differs", "stale: every order ends as published")]
    if entry is not None and leg.uncertain:
        return []
    flag = ", not all flagged uncertain" if entry is not None else ""
    counts = f"{leg.differing:,} of {leg.orders - leg.impossible:,} differ{flag}"
    found = [Difference(where, "orders of delivery", "one ending", counts)]
    if leg.example is not None:
        order = " ".join(leg.example.order)
        found += [
            Difference(f"delivered {order}:", d.field, d.published, d.ours)
            for d in leg.example.differences
        ]
    return found
