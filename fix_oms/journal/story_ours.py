"""Our side of an order's story in words: what people asked for, what left, what befell us."""

from __future__ import annotations

from typing import Final

from fix_oms.engine import Engine
from fix_oms.journal.story_theirs import Standing, answered_now
from fix_oms.model import inputs
from fix_oms.model.fix import DKReason, MsgType, OrdType, Side, TimeInForce, word
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.units import text_of
from fix_oms.wire import fields
from fix_oms.wire.text import peek

_QUESTIONS: Final = {
    MsgType.ORDER_STATUS_REQUEST: "ask {session} about the order",
    MsgType.ORDER_MASS_STATUS_REQUEST: "ask {session} about all its orders",
}


def words(
    engine: Engine,
    value: inputs.AnyInput,
    outputs: list[Output],
    before: Standing | None,
    after: Standing | None,
) -> str:
    """What happened here; empty where only the alerts tell it."""
    if isinstance(value, inputs.Sent):
        return _sent(value)
    if isinstance(value, inputs.ClientIn):
        kind, name = peek(value.text, "35"), peek(value.text, "11")
        return f"client {value.session} sends {word(MsgType, kind)} {name}"
    if isinstance(value, inputs.Command):
        told = _asked(engine, value, outputs, before, after)
        refused = [o.text for o in outputs if isinstance(o, Refused)]
        return f"{value.by} {told}" + "".join(f" - refused: {text}" for text in refused)
    return _befell(value)


def _asked(
    engine: Engine,
    value: inputs.Command,
    outputs: list[Output],
    before: Standing | None,
    after: Standing | None,
) -> str:
    name = next((f" {o.cl_ord_id}" for o in outputs if isinstance(o, Accepted)), "").rstrip()
    match value:
        case inputs.NewOrder():
            return f"asks for {_terms(engine, value.terms)}"
        case inputs.CancelOrder():
            return f"asks for cancel{name}"
        case inputs.ReplaceOrder():
            return f"asks for replace{name}: {_changes(value)}"
        case inputs.AskStatus():
            return "asks the broker for the status"
        case inputs.MassCancel():
            return "asks for a cancel of all orders in scope"
        case inputs.Resolve():
            decided = ", ".join(f"{r.kind} {r.cl_ord_id}" for r in answered_now(before, after))
            outcome = value.outcome if decided else value.outcome.capitalize()
            return f"decides that {decided or 'the order'} is {outcome}: {value.reason}"
        case inputs.DontKnow():
            reason = word(DKReason, value.dk_reason)
            counts = "it counts until it is busted"
            return f"does not accept execution {value.exec_id} ({reason}): {counts}"
        case inputs.SessionCommand():
            return f"does {value.action} on session {value.session}: {value.reason}"
    return f"asks for {type(value).__name__}"


def _terms(engine: Engine, terms: Terms) -> str:
    """``Buy 100 AAPL Limit @ 150.25 Day``, ``Buy AAPL for 10,000 EUR Market Day``."""
    told = [word(Side, terms.side)]
    if terms.cash_order_qty is None:
        told += [text_of(terms.order_qty), terms.symbol]
    else:
        instrument = engine.state.settings.instruments.get(terms.symbol)
        whole, point, rest = text_of(terms.cash_order_qty).partition(".")
        money = f"{int(whole):,}{point}{rest}"
        told += [terms.symbol, "for", money, instrument.currency if instrument else "in cash"]
    told.append(word(OrdType, terms.ord_type))
    if terms.price is not None:
        told.append(f"@ {text_of(terms.price)}")
    if terms.stop_px is not None:
        told.append(f"stop {text_of(terms.stop_px)}")
    return " ".join([*told, word(TimeInForce, terms.time_in_force)])


def _changes(value: inputs.ReplaceOrder) -> str:
    told = [
        f"{name} {text_of(number)}"
        for name, number in (
            ("OrderQty(38)", value.order_qty),
            ("Price(44)", value.price),
            ("StopPx(99)", value.stop_px),
        )
        if number is not None
    ]
    if value.time_in_force is not None:
        told.append(f"TimeInForce(59) {word(TimeInForce, value.time_in_force)}")
    return ", ".join(told)


def _sent(value: inputs.Sent) -> str:
    kind = value.text[3 : value.text.find("\x01")]
    took = (value.sent_ns - value.received_ns) / 1e6
    number = f"MsgSeqNum(34) {value.seq}, {took:.2f} ms after its cause"
    name = word(MsgType, kind)
    if kind in _QUESTIONS:
        return f"we {_QUESTIONS[MsgType(kind)].format(session=value.session)}: {name}, {number}"
    what = value.cl_ord_id
    if kind == MsgType.DONT_KNOW_TRADE:
        what = f"for execution {dict(fields(value.text)).get(17, '')}"
    return f"we send {name} {what} to {value.session}: {number}"


def _befell(value: inputs.AnyInput) -> str:
    match value:
        case inputs.NotSent():
            return f"what we asked for did not leave: {value.reason}"
        case inputs.Started():
            return f"the engine starts (run {value.run}, version {value.version})"
        case inputs.Stopped():
            return f"the engine stops ({value.reason})"
        case inputs.DayClosed():
            policy = f"by the standing policy of {value.by} its DAY orders end now"
            return f"{value.session} has closed and sends no Expired: {policy}"
        case inputs.SessionReady():
            return f"session {value.session} is ready again"
        case inputs.SessionDown():
            return f"session {value.session} goes down: {value.reason}"
        case inputs.SessionEpoch():
            return f"session {value.session} begins epoch {value.epoch}: {value.reason}"
    return ""
