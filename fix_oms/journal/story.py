"""The story of one order, told from the journal: each record that concerns it, in words and as FIX.

A story is a replay that listens: the engine says which order each record changed, so nothing is
guessed from texts. The state after each record is the engine's own. Whatever happened to the
order's session or to the process while the order was open belongs to the story too, because that
is where most questions come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, MessageError
from fix_oms.model.fix import CxlRejReason, ExecType, MsgType, OrdType, Side, TimeInForce, word
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    SessionReject,
    Terms,
)
from fix_oms.model.outputs import Accepted, Alert, Changed, Output
from fix_oms.model.units import text_of
from fix_oms.model.views import OrderView
from fix_oms.wire import shown

OUT: Final = "->"
IN: Final = "<-"
HERE: Final = "  "


class Event(NamedTuple):
    """One line of a story. ``way`` is OUT, IN or HERE; ``fix`` is empty where no message was."""

    record: int
    time_ns: int
    way: str
    words: str
    fix: str
    after: OrderView | None
    sort_ns: int


class Story(NamedTuple):
    """An order's events, and what it came to."""

    order: OrderView
    events: tuple[Event, ...]


def story(directory: Path, name: str) -> Story | None:
    """The story of the order called ``name`` (any ClOrdID of its chain, client_ref or OrderID).

    None when the journal knows no such order. Raises JournalCorrupt for a damaged journal.
    """
    engine = Engine()
    now = 0
    for record in records(directory):
        engine.step(record.time_ns, inputs.decode(record.payload))
        now = record.time_ns
    if not now or (final := engine.shown(now).order_view(name)) is None:
        return None
    return Story(final, tuple(sorted(_events(directory, final), key=lambda e: e.sort_ns)))


def _events(directory: Path, final: OrderView) -> Iterator[Event]:
    engine = Engine()
    chain = {request.cl_ord_id for request in final.requests} | {final.reference}
    before: OrderView | None = None
    for record in records(directory):
        value = inputs.decode(record.payload)
        outputs = engine.step(record.time_ns, value)
        told = _concerns(value, outputs, final, chain)
        around = before is not None and _is_open(before) and _surroundings(value, final.session)
        if not told and not around:
            continue
        after = engine.shown(record.time_ns).order_view(final.reference)
        way, words, fix = _tell(engine, value, final.session)
        alerts = [o.text for o in outputs if isinstance(o, Alert) and o.order == final.reference]
        changed = after is not None and (before is None or _facts(after) != _facts(before))
        if isinstance(value, inputs.FixIn) and not changed:
            words += " - nothing new: a repetition, or late"
        at = queued = record.time_ns
        if isinstance(value, inputs.Sent):
            # What left is recorded when there is time; it left before its answer came in.
            at, queued = value.sent_ns, value.stepped_ns
        yield Event(
            record.index,
            at,
            way,
            "; ".join([words, *alerts]) if words else "; ".join(alerts),
            fix,
            after if changed else None,
            queued,
        )
        before = after


def _concerns(
    value: inputs.AnyInput, outputs: list[Output], final: OrderView, chain: set[str]
) -> bool:
    if isinstance(value, inputs.Sent):
        return value.cl_ord_id in chain
    return any(
        isinstance(o, Changed | Accepted | Alert) and o.order == final.reference for o in outputs
    )


def _surroundings(value: inputs.AnyInput, session: str) -> bool:
    if isinstance(value, inputs.Started | inputs.Stopped):
        return True
    is_about = isinstance(
        value,
        inputs.SessionReady | inputs.SessionDown | inputs.SessionEpoch | inputs.SessionCommand,
    )
    return is_about and getattr(value, "session", "") == session


def _is_open(order: OrderView) -> bool:
    return bool(order.leaves_qty or order.pending)


def _facts(order: OrderView) -> tuple[object, ...]:
    return (
        order.ord_status,
        order.order_qty,
        order.price,
        order.cum_qty,
        order.leaves_qty,
        order.provisional_qty,
        order.pending,
        order.in_doubt,
        order.breaks,
        order.requests,
    )


# -- words -----------------------------------------------------------------------------------------


def _tell(engine: Engine, value: inputs.AnyInput, session: str) -> tuple[str, str, str]:
    if isinstance(value, inputs.Sent):
        return OUT, _sent_words(value), shown(value.text)
    if isinstance(value, inputs.FixIn):
        return IN, _received_words(engine, value), shown(value.text)
    if isinstance(value, inputs.NotSent):
        return HERE, f"did not leave: {value.reason}", shown(value.text)
    return HERE, _own_words(value, session), ""


def _own_words(value: inputs.AnyInput, session: str) -> str:
    match value:
        case inputs.NewOrder():
            return f"{value.by} asks for: {terms_words(value.terms)}"
        case inputs.CancelOrder():
            return f"{value.by} asks for a cancel"
        case inputs.ReplaceOrder():
            return f"{value.by} asks for a replace: {_changes(value)}"
        case inputs.AskStatus():
            return f"{value.by} asks the broker for the status"
        case inputs.MassCancel():
            return f"{value.by} cancels all orders in scope"
        case inputs.Started():
            return f"the engine starts (run {value.run}, version {value.version})"
        case inputs.Stopped():
            return f"the engine stops ({value.reason})"
        case inputs.SessionReady():
            return f"session {session} is ready again"
        case inputs.SessionDown():
            return f"session {session} goes down: {value.reason}"
        case inputs.SessionEpoch():
            return f"session {session} begins epoch {value.epoch}: {value.reason}"
        case inputs.SessionCommand():
            return f"{value.by} does {value.action} on {session}: {value.reason}"
    return ""


def terms_words(terms: Terms) -> str:
    """``Buy 100 AAPL Limit @ 150.25 Day``."""
    words = [word(Side, terms.side), text_of(terms.order_qty), terms.symbol]
    words.append(word(OrdType, terms.ord_type))
    if terms.price is not None:
        words.append(f"@ {text_of(terms.price)}")
    if terms.stop_px is not None:
        words.append(f"stop {text_of(terms.stop_px)}")
    return " ".join([*words, word(TimeInForce, terms.time_in_force)])


def _changes(value: inputs.ReplaceOrder) -> str:
    said = [
        f"{name} {text_of(number)}"
        for name, number in (
            ("OrderQty", value.order_qty),
            ("Price", value.price),
            ("StopPx", value.stop_px),
        )
        if number is not None
    ]
    if value.time_in_force is not None:
        said.append(word(TimeInForce, value.time_in_force))
    return ", ".join(said)


def _sent_words(value: inputs.Sent) -> str:
    kind = word(MsgType, value.text[3 : value.text.find("\x01")])
    took = (value.sent_ns - value.received_ns) / 1e6
    name = "" if kind == "OrderStatusRequest" else f" {value.cl_ord_id}"
    return (
        f"{kind}{name} leaves on {value.session} as MsgSeqNum(34) {value.seq}, "
        f"{took:.2f} ms after its cause came in"
    )


def _received_words(engine: Engine, value: inputs.FixIn) -> str:
    try:
        message = engine.state.codecs[value.session].decode(value.text)
    except (FieldError, MessageError) as error:
        return f"{value.session} sends what cannot be read: {error}"
    who = value.session + (" repeats (PossDup)" if getattr(message, "poss_dup", False) else "")
    match message:
        case ExecutionReport():
            return f"{who} reports {_report_words(message)}"
        case OrderCancelReject():
            reason = word(CxlRejReason, message.cxl_rej_reason or "") or "no reason given"
            text = f": {message.text}" if message.text else ""
            return f"{who} refuses request {message.cl_ord_id} ({reason}){text}"
        case BusinessMessageReject() | SessionReject():
            return f"{who} rejects MsgSeqNum(34) {message.ref_seq_num}: {message.text or ''}"
    return f"{who} sends {type(message).__name__}"


def _report_words(report: ExecutionReport) -> str:
    kind = word(ExecType, report.exec_type)
    words = [kind]
    executed = report.exec_type in (ExecType.TRADE, ExecType.TRADE_CORRECT)
    if executed and report.last_qty is not None and report.last_px is not None:
        words.append(f"{text_of(report.last_qty)} @ {text_of(report.last_px)}")
    if report.exec_id and report.exec_type in ("F", "G", "H"):
        words.append(f"(ExecID {report.exec_id})")
    if report.exec_ref_id:
        words.append(f"of ExecID {report.exec_ref_id}")
    if report.cl_ord_id and report.orig_cl_ord_id:
        words.append(f"for request {report.cl_ord_id}")
    if report.text:
        words.append(f'"{report.text}"')
    return " ".join(words)
