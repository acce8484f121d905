"""The reports of a run as FIX text, and what they come to.

Each row becomes the message that it prints: its codes as they stand (in 4.2 with
ExecTransType(20)), its quantities, and where a cell is blank but the message needs the field, what
the arithmetic of :mod:`fix_oms.scenarios.truth` says. The text is built here and not by the codec
that will read it, so that the two cannot agree on a mistake.

ClOrdIDs and OrderIDs are the receiver's and the run's own, so a text is a template in which they
stand as marks; :class:`Ids` fills them in. Header, MsgSeqNum(34) and times belong to a delivery.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import CxlRejResponseTo, ExecType, FixVersion, OrdStatus
from fix_oms.scenarios.runs import Act, Role, Run
from fix_oms.scenarios.steps import Step
from fix_oms.scenarios.truth import Ending, Execution, Truth

SOH: Final = "\x01"
SYMBOL: Final = "ACME"
SIDE: Final = "1"
UNKNOWN: Final = "NONE"
_FILLS: Final = frozenset({"F", "1", "2"})
_PLACES: Final = 8

Fields = tuple[tuple[str, str], ...]


class Ids:
    """What the marks of the templates stand for in one run."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def sent(self, cl_ord_id: str, real: str) -> None:
        """The request that the scenario calls ``cl_ord_id`` left under the id ``real``."""
        self._real[request_mark(cl_ord_id)] = real

    def named(self, order: str, order_id: str) -> None:
        """The broker calls the order so, by OrderID(37)."""
        self._real[order_mark(order)] = order_id

    def real(self, cl_ord_id: str) -> str | None:
        """The ClOrdID(11) of a request, if it has left."""
        return self._real.get(request_mark(cl_ord_id))

    def filled(self, template: str) -> str:
        """The text with ids for marks; an id that nobody sent stands as the scenario has it."""
        for mark, real in self._real.items():
            if mark in template:
                template = template.replace(mark, real)
        return template.replace("\x02", "").replace("\x03", "")


def request_mark(cl_ord_id: str) -> str:
    return f"\x02{cl_ord_id}\x02"


def order_mark(order: str) -> str:
    return f"\x03{order}\x03"


@attrs.frozen(kw_only=True)
class Report:
    """One report of a path: the place of its act, its MsgType(35), its fields in order.

    ``is_fill`` says that it tells of a trade. ``executed``, ``gross`` and ``avg_px`` are what the
    executions of its order come to once it is told; gross counts what was later busted too.
    """

    place: int
    kind: str
    fields: Fields
    is_fill: bool = False
    executed: Fraction = Fraction(0)
    gross: Fraction = Fraction(0)
    avg_px: Fraction = Fraction(0)

    @property
    def template(self) -> str:
        """The fields as text, each ended by SOH."""
        return "".join(f"{tag}={value}{SOH}" for tag, value in self.fields)

    def stated(self, tag: str) -> str | None:
        return dict(self.fields).get(tag)

    def stating(self, tag: str, value: str | None) -> Report:
        """The same report with another value of a field, or without it (None)."""
        fields = [
            (key, held if key != tag else value or "")
            for key, held in self.fields
            if key != tag or value is not None
        ]
        return attrs.evolve(self, fields=tuple(fields))


@attrs.frozen(kw_only=True)
class Told:
    """A path as its broker tells it: the reports by place, the endings by order, and the limit
    price under which everything trades."""

    reports: dict[int, Report]
    endings: tuple[Ending, ...]
    limit: Decimal
    position: Fraction


def tell(run: Run) -> Told:
    """All reports of a path, in published order. Raises SettingsError for what makes no sense."""
    limit = _limit(run)
    truths = {order: Truth(limit) for order in run.orders}
    reports: dict[int, Report] = {}
    for place, act in enumerate(run.acts):
        if act.role is not Role.REPORT:
            continue
        truth = truths.get(act.order or "")
        if act.step.is_execution_report:
            reports[place] = _execution_report(run, place, act, truth or Truth(limit))
        else:
            reports[place] = _cancel_reject(run, place, act, truth or Truth(limit))
    endings = tuple(_ending(run, order, truth) for order, truth in truths.items())
    position = sum((ending.position for ending in endings), Fraction(0))
    return Told(reports=reports, endings=endings, limit=limit, position=position)


def _limit(run: Run) -> Decimal:
    """A limit that no published price is beyond: of a buy."""
    cells = [px for act in run.acts for px in (act.step.last_px, act.step.avg_px) if px]
    return max([Decimal(100), *(px.to_integral_value(rounding="ROUND_CEILING") for px in cells)])


def _execution_report(run: Run, place: int, act: Act, truth: Truth) -> Report:
    step = act.step
    is_status = step.exec_type == ExecType.ORDER_STATUS or step.exec_trans_type == "3"
    exec_id = step.exec_id or ("0" if is_status else f"e{place}")
    touched, is_fill, is_split = _executed(run, exec_id, step, truth)
    truth.note(step)
    cum = step.cum_qty if step.cum_qty is not None else _decimal(truth.cum)
    is_42 = run.version is FixVersion.FIX42
    told: list[tuple[str, str | None]] = [
        ("37", UNKNOWN if act.order is None else order_mark(act.order)),
        ("11", None if step.cl_ord_id is None else request_mark(step.cl_ord_id)),
        ("41", None if step.orig_cl_ord_id is None else request_mark(step.orig_cl_ord_id)),
        ("17", exec_id),
        ("20", (step.exec_trans_type or "0") if is_42 else None),
        ("19", step.exec_ref_id or (touched.ids[0] if touched and not is_fill else None)),
        ("150", step.exec_type),
        ("39", step.ord_status),
        ("103", step.ord_rej_reason),
        ("378", step.exec_restatement_reason or _restatement(step, is_split)),
        ("55", SYMBOL),
        ("54", SIDE),
        ("38", _text(step.order_qty)),
        ("152", _text(step.cash_order_qty)),
        ("636", None if is_42 else step.working_indicator),
        *_last(step, touched, is_fill, is_status),
        ("151", _text(_leaves(step, cum))),
        ("14", _text(cum)),
        ("6", _text(step.avg_px) if step.avg_px is not None else _rounded(truth.avg_px)),
        ("424", _text(step.day_order_qty)),
        ("425", _text(step.day_cum_qty)),
        ("426", _text(step.day_avg_px)),
        ("58", step.text),
    ]
    return Report(
        place=place,
        kind="8",
        fields=tuple((tag, value) for tag, value in told if value is not None),
        is_fill=is_fill,
        executed=truth.cum,
        gross=truth.gross,
        avg_px=truth.avg_px,
    )


def _executed(
    run: Run, exec_id: str, step: Step, truth: Truth
) -> tuple[Execution | None, bool, bool]:
    """Book what the report tells: the execution that it touches, whether it is a fill, a split."""
    code, trans = step.exec_type, step.exec_trans_type
    if trans == "3" or code == ExecType.ORDER_STATUS:
        return None, False, False
    if code == ExecType.TRADE_CANCEL or (trans == "1" and _is_bust(step, truth)):
        return _resolved(run, step, truth.bust(step)), False, False
    if code == ExecType.TRADE_CORRECT or trans == "2":
        return _resolved(run, step, truth.correct(exec_id, step)), False, False
    if code in _FILLS:
        stands = step.cum_qty is not None and Fraction(step.cum_qty) == truth.cum
        guarantee = step.ord_status == OrdStatus.STOPPED and stands
        grown = step.last_qty if step.last_qty is not None else step.cum_qty
        if grown and not guarantee:
            return truth.trade(exec_id, step), True, False
        return None, False, False
    return None, False, code == ExecType.RESTATED and truth.restate(step)


def _is_bust(step: Step, truth: Truth) -> bool:
    """Whether ExecTransType Cancel busts an execution: beside ExecType Canceled, which repeats the
    order's OrdStatus in 4.2, only what names one or takes its quantity away."""
    if step.exec_type != ExecType.CANCELED:
        return True
    if step.exec_ref_id is not None:
        return truth.held(step.exec_ref_id) is not None
    return step.cum_qty is not None and Fraction(step.cum_qty) < truth.cum


def _resolved(run: Run, step: Step, found: Execution | None) -> Execution:
    if found is None:
        raise SettingsError(
            run.scenario.file,
            f"scenario {run.scenario.id}, step t {step.t}, exec_ref_id",
            f"{step.exec_ref_id!r} names no execution that was told before and still stands",
        )
    return found


def _last(
    step: Step, touched: Execution | None, is_fill: bool, is_status: bool
) -> list[tuple[str, str | None]]:
    """LastQty(32) and LastPx(31): as printed, else as the execution that is told of has them."""
    if is_status:
        return []
    qty, px = _text(step.last_qty), _text(step.last_px)
    corrects = touched is not None and not is_fill and bool(step.last_qty)
    if touched is not None and (is_fill or corrects):
        return [("32", qty or _rounded(touched.qty)), ("31", px or _rounded(touched.px))]
    return [("32", qty), ("31", px)]


def _leaves(step: Step, cum: Decimal) -> Decimal:
    """LeavesQty(151), which a report must state: where the cell is blank, by OrdStatus."""
    if step.leaves_qty is not None:
        return step.leaves_qty
    if step.ord_status in ("3", "4", "8", "B", "C") or step.order_qty is None:
        return Decimal(0)
    return max(Decimal(0), step.order_qty - cum)


def _restatement(step: Step, is_split: bool) -> str | None:
    """ExecRestatementReason(378), which a restatement needs: as the rows show, if not printed."""
    if step.exec_type != ExecType.RESTATED:
        return None
    if is_split:
        return "0"
    return "1" if step.day > 1 else None


def _cancel_reject(run: Run, place: int, act: Act, truth: Truth) -> Report:
    step = act.step
    asked = next(
        (a for a in run.acts if a.step.cl_ord_id == step.cl_ord_id and not a.step.is_report), None
    )
    replaces = asked is not None and asked.step.kind == "G"
    orig = step.orig_cl_ord_id or (asked and asked.step.orig_cl_ord_id) or UNKNOWN
    response_to = CxlRejResponseTo.REPLACE if replaces else CxlRejResponseTo.CANCEL
    told: list[tuple[str, str | None]] = [
        ("37", UNKNOWN if act.order is None else order_mark(act.order)),
        ("11", request_mark(step.cl_ord_id or "")),
        ("41", request_mark(orig)),
        ("39", step.ord_status),
        ("434", response_to.value),
        ("102", step.cxl_rej_reason),
        ("58", step.text),
    ]
    truth.status = step.ord_status
    return Report(
        place=place,
        kind="9",
        fields=tuple((tag, value) for tag, value in told if value is not None),
        executed=truth.cum,
        gross=truth.gross,
        avg_px=truth.avg_px,
    )


def _ending(run: Run, order: str, truth: Truth) -> Ending:
    """The last rows of an order, as they should read."""
    rows = [a for a in run.acts if a.role is Role.REPORT and a.order == order]
    reports = [a for a in rows if a.step.is_execution_report]
    status = held_to(rows[-1], "ord_status") if rows else None
    last = reports[-1] if reports else None
    cells = {
        name: None if last is None else held_to(last, name)
        for name in ("order_qty", "cum_qty", "leaves_qty", "avg_px")
    }
    told, rescaled = truth.booked()
    cum = cells["cum_qty"]
    is_whole = cum is None or Fraction(cum) == truth.cum
    return Ending(
        order=order,
        ord_status=None if status is None else str(status),
        **{name: None if cell is None else Decimal(cell) for name, cell in cells.items()},
        exact_avg_px=truth.avg_px if is_whole else None,
        told=told,
        rescaled=rescaled,
        position=truth.cum,
        leaves_after_end=truth.leaves_after_end,
    )


def held_to(act: Act, name: str) -> Decimal | str | None:
    """What a cell of a row holds us to: as printed, or as it should read; None for nothing."""
    printed: Decimal | str | None = getattr(act.step, name)
    if act.misprint is None or name not in act.misprint.cells:
        return printed
    wrong, reads = act.misprint.cells[name]
    return reads if wrong is None or wrong == printed else printed


def _decimal(value: Fraction) -> Decimal:
    return Decimal(_rounded(value))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _rounded(value: Fraction) -> str:
    """At most eight places, rounded half to even: what a broker writes."""
    text = f"{Decimal(round(value * 10**_PLACES)).scaleb(-_PLACES):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
