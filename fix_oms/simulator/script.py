"""What a venue can be told to play: the requests that it awaits, and the reports that it answers.

A script is one run of a published scenario made ready for a broker's desk: its rows in their order,
each report whole but for what only the session can tell, the ClOrdIDs and OrderIDs, which stand in
it as marks (:class:`fix_oms.scenarios.Ids`). It holds all that the player needs, so a venue's
journal replays a play without the file that it came from.

Requests of somebody else (a cancel of an order that nobody has, a ClOrdID used twice) are not
awaited: no sound order system sends them. The broker's answers to them are told all the same.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from fix_oms.model.fix import ExecType, MsgType, OrdStatus, word
from fix_oms.model.units import Fixed, from_decimal, text_of
from fix_oms.scenarios import Act, Report, Role, Run, tell

_DAY_S: Final = 86_400
_MINUTE_S: Final = 60
_MSG_TYPES: Final = {
    Role.NEW: MsgType.NEW_ORDER_SINGLE,
    Role.CANCEL: MsgType.ORDER_CANCEL_REQUEST,
    Role.REPLACE: MsgType.ORDER_CANCEL_REPLACE_REQUEST,
    Role.STATUS: MsgType.ORDER_STATUS_REQUEST,
}


class Expect(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="expect"):
    """The client sends this next. ``cl_ord_id`` and ``orig_cl_ord_id`` are the scenario's names,
    ``order`` the first ClOrdID of the order's chain; a quantity that is None may be any."""

    t: str
    msg_type: str
    order: str
    cl_ord_id: str
    orig_cl_ord_id: str | None = None
    order_qty: Fixed | None = None
    cash_order_qty: Fixed | None = None

    def __str__(self) -> str:
        of = f" of {self.orig_cl_ord_id}" if self.orig_cl_ord_id else ""
        amounts = (("OrderQty(38)", self.order_qty), ("CashOrderQty(152)", self.cash_order_qty))
        qty = "".join(f", {label} {text_of(n)}" for label, n in amounts if n is not None)
        return f"{word(MsgType, self.msg_type)} {self.cl_ord_id}{of}{qty}"


class Tell(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="tell"):
    """The venue says this next. ``fields`` begin with MsgType(35); ``order`` is None for nobody's;
    ``at_s`` counts from the midnight of the scenario's first day."""

    t: str
    order: str | None
    at_s: int
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = dict(self.fields)
        status = word(OrdStatus, told["39"])
        if told["35"] == MsgType.ORDER_CANCEL_REJECT:
            return f"OrderCancelReject, OrdStatus(39) {status}"
        sums = f"CumQty(14) {told['14']}, LeavesQty(151) {told['151']}"
        return f"ExecutionReport {word(ExecType, told['150'])}, OrdStatus(39) {status}, {sums}"


Line = Expect | Tell


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the scenario's id, with the branch if it is one; ``days`` are the trading days
    that it spans; ``version`` is the FIX version in whose words it is written."""

    name: str
    title: str
    version: str
    days: int
    lines: tuple[Line, ...]


def script_of(run: Run) -> Script:
    """The script of a run. Raises SettingsError for a scenario that makes no sense."""
    told = tell(run)
    lines: list[Line] = []
    for place, act in enumerate(run.acts):
        if act.role is Role.REPORT:
            lines.append(_tell(act, told.reports[place], place))
        elif act.role is not Role.NOTHING:
            lines.append(_expect(act))
    return Script(
        name=run.name,
        title=run.scenario.title,
        version=run.version.value,
        days=max(act.step.day for act in run.acts),
        lines=tuple(lines),
    )


def _expect(act: Act) -> Expect:
    step = act.step
    return Expect(
        t=step.t,
        msg_type=_MSG_TYPES[act.role].value,
        order=act.order or "",
        cl_ord_id=step.cl_ord_id or "",
        orig_cl_ord_id=step.orig_cl_ord_id,
        order_qty=_fixed(step.order_qty),
        cash_order_qty=_fixed(step.cash_order_qty),
    )


def _tell(act: Act, report: Report, place: int) -> Tell:
    """The rows of a day are a minute apart."""
    return Tell(
        t=act.step.t,
        order=act.order,
        at_s=(act.step.day - 1) * _DAY_S + place * _MINUTE_S,
        fields=(("35", report.kind), *report.fields),
    )


def _fixed(value: Decimal | None) -> Fixed | None:
    return None if value is None else from_decimal(value)
