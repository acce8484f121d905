"""Brokers whose sums are wrong: what a report states is removed or made untrue, by seed.

*Blind*: on fills, CumQty(14), LeavesQty(151), AvgPx(6) and OrdStatus(39) are removed or
understated. A fill's own LastQty(32) and LastPx(31) stay, so nothing is lost that cannot be worked
out: states and quantities must come out as if nothing had happened, and every field that lies (not:
that is missing) must be told as one anomaly. An OrdStatus that only this fill tells of is left
alone, since without it nobody could know.

*Overstated*: CumQty(14) claims more than was executed. No claim is an execution: what was executed
and the position are what the executions say, the excess is shown apart, and it is still shown when
a last, true report has come.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Final

import attrs

from fix_oms.conformance.compare import END, Difference
from fix_oms.conformance.desk import Desk, units
from fix_oms.model.fix import FixVersion, OrdStatus
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed, fixed, text_of
from fix_oms.model.views import OrderView
from fix_oms.scenarios import Ending, Report, Role, Run
from fix_oms.scenarios.texts import SIDE, SYMBOL, Told, order_mark, request_mark

ANOMALY: Final = "anomaly"
"""The code of the alert that tells of a field that lies."""
_AMOUNTS: Final = ("14", "151", "6")
_BELOW: Final = {OrdStatus.FILLED: "01", OrdStatus.PARTIALLY_FILLED: "0"}
"""What a fill's OrdStatus(39) may be understated as."""
_DERIVED: Final = frozenset({OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED, OrdStatus.FILLED})
"""What quantities alone tell."""
_FIELD: Final = re.compile(r"[A-Z]\w+\(\d+\)")
_SHARES: Final = (0, 50, 90)
"""Percent of an amount that is left of it."""


@attrs.frozen
class Lies:
    """The reports of a run with their lies, by place, and the labels of the fields that lie."""

    reports: dict[int, Report]
    labels: dict[int, tuple[str, ...]]


def blind(run: Run, told: Told, seed: int) -> Lies:
    """Every fill with some of its fields removed or understated."""
    random = Random(f"{seed} {run.version} {run.name}")
    reports, labels = dict(told.reports), {}
    before: dict[str | None, str | None] = {}
    for place, report in told.reports.items():
        act = run.acts[place]
        if report.is_fill:
            news = report.stated("39") not in (*_DERIVED, before.get(act.order))
            kept = ("39", "151") if news else ()
            reports[place], labels[place] = _understated(report, random, kept)
        before[act.order] = report.stated("39")
    return Lies(reports, labels)


def _understated(
    report: Report, random: Random, kept: tuple[str, ...]
) -> tuple[Report, tuple[str, ...]]:
    """``kept`` fields stay: a status that only this fill tells of, and the LeavesQty(151) that it
    decides, of which less than printed may be the truth."""
    lied: list[str] = []
    for tag in (*_AMOUNTS, "39"):
        value = report.stated(tag)
        act = random.choice(("keep", "remove", "lower"))
        if value is None or act == "keep" or tag in kept:
            continue
        lower = _lower(tag, value, random) if act == "lower" else None
        report = report.stating(tag, lower)
        if lower is not None:
            lied.append(label(int(tag)))
    return report, tuple(lied)


def _lower(tag: str, value: str, random: Random) -> str | None:
    """A value below the true one; None where there is none."""
    if tag == "39":
        below = _BELOW.get(OrdStatus(value))
        return random.choice(below) if below else None
    amount = fixed(value)
    # An AvgPx(6) of 0 is no lie: so say venues that compute none.
    share = random.choice(_SHARES[1:] if tag == "6" else _SHARES)
    return text_of(amount * share // 100) if amount > 0 else None


def overstated(run: Run, told: Told, seed: int) -> Lies:
    """Some reports, at least one if any can, with CumQty(14) raised.

    Only those behind the last request: the engine may rightly refuse to ask for less than a broker
    claims to have executed, and then the run would not be the published one.
    """
    random = Random(f"{seed} {run.version} {run.name}")
    reports = dict(told.reports)
    asked = [n for n, act in enumerate(run.acts) if act.role in (Role.CANCEL, Role.REPLACE)]
    able = [
        place
        for place in _after_splits(run, told)
        if run.acts[place].order is not None
        and told.reports[place].kind == "8"
        and place > max(asked, default=-1)
    ]
    chosen = [place for place in able if random.random() < 0.4] or able[:1]
    for place in chosen:
        cum = fixed(told.reports[place].stated("14") or "0")
        extra = units(random.randint(1, 5_000))
        reports[place] = reports[place].stating("14", text_of(cum + extra))
    return Lies(reports, dict.fromkeys(chosen, ("CumQty(14)",)))


def _after_splits(run: Run, told: Told) -> list[int]:
    """The places behind the last split: before it a claim is in another measure."""
    places = list(told.reports)
    grown = [
        n
        for n, place in enumerate(places)
        if run.acts[place].step.exec_type == "D" and (told.reports[place].stated("378") == "0")
    ]
    return places[grown[-1] + 1 :] if grown else places


def true_status(run: Run, ending: Ending, report: Report) -> str:
    """A status report with the true values of an order: what ``report``, its last, came to."""
    is_42 = run.version is FixVersion.FIX42
    request = next(
        (a.step.cl_ord_id for a in run.acts if a.order == ending.order and a.role is Role.NEW), None
    )
    status = ending.ord_status or OrdStatus.NEW.value
    told = (
        ("37", order_mark(ending.order)),
        ("11", request_mark(request) if request else None),
        ("17", "0"),
        ("20", "3" if is_42 else None),
        ("150", status if is_42 else "I"),
        ("39", status),
        ("55", SYMBOL),
        ("54", SIDE),
        ("38", None if ending.order_qty is None else f"{ending.order_qty:f}"),
        ("151", "0" if ending.leaves_qty is None else f"{ending.leaves_qty:f}"),
        ("14", text_of(units(report.executed))),
        ("6", text_of(units(report.avg_px))),
    )
    return "".join(f"{tag}={value}\x01" for tag, value in told if value is not None)


# -- what must follow -----------------------------------------------------------------------------


def anomaly_differences(t: str, labels: Sequence[str], out: Sequence[Output]) -> list[Difference]:
    """Each field that lies has made exactly one anomaly, the field that it names first."""
    told = [o.text for o in out if isinstance(o, Alert) and o.code == ANOMALY]
    named = [found.group() for text in told if (found := _FIELD.search(text))]
    counts = {name: named.count(name) for name in labels}
    return [
        Difference(t, f"anomalies of {name}", "1", str(count))
        for name, count in counts.items()
        if count != 1
    ]


def claim_differences(
    t: str, view: OrderView | None, desk: Desk, executed: Fraction, position: Fraction
) -> list[Difference]:
    """A claim has become no execution, and what it exceeds them by is shown apart."""
    if view is None:
        return [Difference(t, "order", "told of", "not known")]
    amounts: tuple[tuple[str, Fixed, Fixed], ...] = (
        ("CumQty(14) less the excess", units(executed), view.cum_qty - view.provisional_qty),
        ("position", units(position), desk.position()),
    )
    return [
        Difference(t, name, text_of(wanted), text_of(ours))
        for name, wanted, ours in amounts
        if wanted != ours
    ]


def flag_differences(view: OrderView | None, claimed: Fixed, gross: Fraction) -> list[Difference]:
    """A claim beyond all executions ever told of is flagged, also after a true report."""
    if view is None or claimed <= units(gross):
        return []
    if view.provisional_qty or view.unexplained_qty or view.breaks:
        return []
    return [Difference(END, "excess", f"{text_of(claimed)} claimed is flagged", "not flagged")]
