"""The broker's side of an order's story in words: what it says, and why that changes what it does.

What a report says is not yet what it means: a fill under an old ClOrdID(11) was executed before the
replace was worked, a fill after the end counts and reopens nothing, a correction may come before
the fill that it corrects. So each report is told with what the order held before and after it, and
the reasons are read off the difference.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, MessageError
from fix_oms.model.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    TimeInForce,
    word,
)
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    SessionReject,
)
from fix_oms.model.units import Fixed, text_of
from fix_oms.model.views import OrderView, RequestView
from fix_oms.orders import legality
from fix_oms.orders.execution import Execution

_ENDS: Final = frozenset({OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED})
_EXECUTIONS: Final = frozenset({ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL})
_SAYS: Final[dict[str, str]] = {
    ExecType.PENDING_NEW: "has received the order and not accepted it yet",
    ExecType.DONE_FOR_DAY: "is done with the order for the day",
    ExecType.STOPPED: "stops the order: an execution is guaranteed",
    ExecType.SUSPENDED: "suspends the order",
    ExecType.CALCULATED: "has calculated the order for the day",
    ExecType.EXPIRED: "ends the order: it has expired",
    ExecType.TRIGGERED: "triggers the order",
}


class Standing(NamedTuple):
    """What is known of the order at one moment.

    ``executions`` are its trades and corrections by ExecID(17), each with its state; ``busts`` the
    ExecRefID(19) of each bust.
    """

    view: OrderView
    executions: dict[str, tuple[Execution, str]]
    busts: dict[str, str]

    def root(self, exec_id: str) -> str:
        """The ExecID at the start of the chain that ``exec_id`` is a member of, as far as known."""
        for _ in self.executions:
            held = self.executions.get(exec_id)
            if held is None or not held[0].ref:
                break
            exec_id = held[0].ref
        return exec_id


def is_ended(order: OrderView) -> bool:
    """Whether it is Canceled, Expired or Rejected: no report brings it back."""
    return order.ord_status in _ENDS


def answered_now(before: Standing | None, after: Standing | None) -> list[RequestView]:
    """The requests that were accepted or refused between the two."""
    if after is None:
        return []
    had = {r.cl_ord_id: r.outcome for r in before.view.requests} if before is not None else {}
    return [
        r
        for r in after.view.requests
        if r.outcome in ("accepted", "refused") and had.get(r.cl_ord_id) != r.outcome
    ]


def words(
    engine: Engine, value: inputs.FixIn, before: Standing | None, after: Standing | None
) -> str:
    """What the broker says, and why it changes what it does."""
    who = value.session
    try:
        message = engine.state.codecs[value.session].decode(value.text)
    except (FieldError, MessageError) as error:
        return f"{who} sends what cannot be read: {error}"
    if getattr(message, "poss_dup", False):
        who += " (PossDup)"
    text = getattr(message, "text", None)
    quoted = f' "{text}"' if text else ""
    match message:
        case ExecutionReport():
            return f"{who} {_report(message, before, after)}{quoted}"
        case OrderCancelReject():
            reason = word(CxlRejReason, message.cxl_rej_reason or "") or "no reason given"
            named = _named(message.cl_ord_id, before)
            late = "" if answered_now(before, after) else ": answered already, nothing new"
            return f"{who} refuses {named} ({reason}){late}{quoted}"
        case BusinessMessageReject() | SessionReject():
            found = answered_now(before, after)
            what = ", ".join(f"{r.kind} {r.cl_ord_id}" for r in found) or "our message"
            return f"{who} rejects {what} (MsgSeqNum(34) {message.ref_seq_num}){quoted}"
    return f"{who} sends {type(message).__name__}{quoted}"


def _report(report: ExecutionReport, before: Standing | None, after: Standing | None) -> str:
    if after is None:
        return f"reports {word(ExecType, report.exec_type)}"
    if report.exec_type in _EXECUTIONS and report.exec_id:
        return _execution(report, before, after)
    told = _news(report, before, after)
    if before is None:
        return told
    if before.view == _unmoved(after.view, before.view):
        return f"{told}: {_nothing_new(report, before)}"
    return told


def _unmoved(after: OrderView, before: OrderView) -> OrderView:
    """``after`` with what every report moves put back."""
    return msgspec.structs.replace(after, updated_ns=before.updated_ns, text=before.text)


def _nothing_new(report: ExecutionReport, before: Standing) -> str:
    if report.exec_type == ExecType.ORDER_STATUS:
        view = before.view
        known = (view.ord_status, view.cum_qty, view.leaves_qty)
        is_known = known == (report.ord_status, report.cum_qty, report.leaves_qty)
        return "as we knew it" if is_known else "not as we know it, and it changes nothing"
    if legality.verdict(before.view.ord_status, legality.kind_of(report)).verdict == legality.LATE:
        return "late, and nothing new"
    return "a repetition, nothing new"


# -- executions ------------------------------------------------------------------------------------


def _execution(report: ExecutionReport, before: Standing | None, after: Standing) -> str:
    exec_id, ref = report.exec_id or "", report.exec_ref_id or ""
    held_before = before is not None and (exec_id in before.executions or exec_id in before.busts)
    if report.exec_type == ExecType.TRADE:
        told = f"reports fill {exec_id}: {_at(report)}"
        why = _why_fill(report, before, after)
    elif report.exec_type == ExecType.TRADE_CORRECT:
        told = f"corrects fill {ref}{_from(ref, after)} to {_at(report)}"
        why = _why_amended(ref, before, after, "")
    else:
        told = f"busts fill {ref}{_from(ref, after, '({})')}"
        why = _why_amended(ref, before, after, "its ")
    if held_before:
        is_same = before is not None and _executed(before) == _executed(after)
        other = "one ExecID(17) for two executions that differ: both count"
        why = ["told before, so it counts once" if is_same else other]
    return f"{told}: {'; '.join(why)}" if why else told


def _at(report: ExecutionReport) -> str:
    return f"{text_of(report.last_qty or 0)} @ {text_of(report.last_px or 0)}"


def _from(ref: str, after: Standing, form: str = "from {}") -> str:
    """The size and price of what is corrected or busted, if it has come."""
    held = after.executions.get(ref)
    if held is None:
        return ""
    return " " + form.format(f"{text_of(held[0].qty)} @ {text_of(held[0].px)}")


def _why_fill(report: ExecutionReport, before: Standing | None, after: Standing) -> list[str]:
    why = []
    exec_id = report.exec_id or ""
    overtaken = _replaced_since(report.cl_ord_id, before)
    if overtaken is not None:
        old = "the old " if overtaken.outcome == "accepted" else ""
        request = f"replace {overtaken.cl_ord_id}"
        why.append(
            f"under {old}ClOrdID(11) {report.cl_ord_id}, so executed before {request} was worked"
        )
    if before is not None and is_ended(before.view):
        status = word(OrdStatus, before.view.ord_status)
        why.append(f"late, the order is {status}: it counts all the same, and reopens nothing")
    state = after.executions[exec_id][1] if exec_id in after.executions else ""
    if state == "busted":
        by = next((b for b, ref in after.busts.items() if after.root(ref) == exec_id), "")
        why.append(f"bust {by} has come before it: it does not count")
    elif state == "corrected":
        new = next(
            e
            for x, (e, s) in after.executions.items()
            if s != "corrected" and after.root(x) == exec_id
        )
        why.append(
            f"correction {new.exec_id} has come before it: it counts as "
            f"{text_of(new.qty)} @ {text_of(new.px)}"
        )
    proven = before.view.provisional_qty - after.view.provisional_qty if before is not None else 0
    if proven > 0:
        why.append(f"it proves {text_of(proven)} that CumQty(14) had told before")
    return why


def _replaced_since(cl_ord_id: str | None, before: Standing | None) -> RequestView | None:
    """The first replace that we sent after the request ``cl_ord_id`` and that was not refused."""
    requests = before.view.requests if before is not None else ()
    names = [request.cl_ord_id for request in requests]
    if cl_ord_id not in names:
        return None
    later = requests[names.index(cl_ord_id) + 1 :]
    stands = ("accepted", "pending", "moot")
    return next((r for r in later if r.kind == "replace" and r.outcome in stands), None)


def _why_amended(ref: str, before: Standing | None, after: Standing, whose: str) -> list[str]:
    """Why a bust or a correction changes what it does; ``whose`` is said of what is gone."""
    root = after.root(ref)
    if root not in after.executions:
        return [f"fill {root} has not come yet; it waits for it"]
    if before is None:
        return []
    if any(before.root(r) == root for r in before.busts.values()):
        return ["it is busted already: nothing of it counts"]
    why = []
    change = _executed(after) - _executed(before)
    if change < 0:
        why.append(f"{whose}{text_of(-change)} no longer count")
    elif change > 0:
        why.append(f"{text_of(change)} more count")
    had, has = before.view, after.view
    if is_ended(has):
        why.append(f"the order stays {word(OrdStatus, has.ord_status)}")
    elif has.leaves_qty and not had.leaves_qty:
        why.append(f"the order is open again, with {text_of(has.leaves_qty)} left")
    return why


def _executed(standing: Standing) -> Fixed:
    return standing.view.cum_qty - standing.view.provisional_qty


# -- everything else -------------------------------------------------------------------------------


def _news(report: ExecutionReport, before: Standing | None, after: Standing) -> str:
    kind, named = report.exec_type, _named(report.cl_ord_id, after)
    match kind:
        case ExecType.NEW:
            return f"acknowledges the order as OrderID(37) {report.order_id}"
        case ExecType.CANCELED:
            return _canceled(named, before)
        case ExecType.REPLACED if named.startswith("replace"):
            return f"accepts {named}{_changes(before, after)}"
        case ExecType.REPLACED:
            return f"replaces the order{_changes(before, after)}"
        case ExecType.RESTATED:
            reason = word(ExecRestatementReason, report.exec_restatement_reason or "")
            return f"restates the order{f' ({reason})' if reason else ''}{_changes(before, after)}"
        case ExecType.PENDING_CANCEL | ExecType.PENDING_REPLACE:
            return f"has {named} in hand, and has not answered it yet"
        case ExecType.REJECTED:
            what = named if named.startswith(("replace", "cancel")) else "the order"
            reason = word(OrdRejReason, report.ord_rej_reason or "")
            return f"rejects {what}{f' ({reason})' if reason else ''}"
        case ExecType.ORDER_STATUS:
            return _status(report, before, after)
    return _SAYS.get(kind, f"reports {word(ExecType, kind)}")


def _canceled(named: str, before: Standing | None) -> str:
    if named.startswith("cancel"):
        return f"confirms {named}"
    asked = before is not None and "cancel" in before.view.pending
    return "cancels the order" if asked else "cancels the order, which we had not asked for"


def _status(report: ExecutionReport, before: Standing | None, after: Standing) -> str:
    if report.ord_status == OrdStatus.REJECTED and report.ord_rej_reason == "5":
        is_over = is_ended(after.view) and before is not None and not is_ended(before.view)
        return "does not know the order" + (": it never arrived" if is_over else "")
    told = [f"OrdStatus(39) {word(OrdStatus, report.ord_status)}"]
    for name, qty in (("CumQty(14)", report.cum_qty), ("LeavesQty(151)", report.leaves_qty)):
        told += [f"{name} {text_of(qty)}"] if qty is not None else []
    return f"tells the status: {', '.join(told)}"


def _named(cl_ord_id: str | None, standing: Standing | None) -> str:
    """The request by kind and ClOrdID(11): ``replace 1-2``."""
    requests = standing.view.requests if standing is not None else ()
    kind = next((r.kind for r in requests if r.cl_ord_id == cl_ord_id), "request")
    return f"{kind} {cl_ord_id}"


def _changes(before: Standing | None, after: Standing) -> str:
    """``: OrderQty(38) 100 -> 150, Price(44) 10 -> 10.02``; empty where no term changed."""
    if before is None:
        return ""
    was, now = before.view, after.view
    told = [
        f"{name} {_number(old)} -> {_number(new)}"
        for name, old, new in (
            ("OrderQty(38)", was.order_qty, now.order_qty),
            ("Price(44)", was.price, now.price),
            ("StopPx(99)", was.stop_px, now.stop_px),
        )
        if old != new
    ]
    if was.time_in_force != now.time_in_force:
        tifs = (word(TimeInForce, was.time_in_force), word(TimeInForce, now.time_in_force))
        told.append("TimeInForce(59) {} -> {}".format(*tifs))
    return f": {', '.join(told)}" if told else ""


def _number(value: Fixed | None) -> str:
    return "none" if value is None else text_of(value)
