"""The story of one order, told from the journal: each record that concerns it, in words and as FIX.

A story is a replay that listens: the engine says which order each record changed, so nothing is
guessed from texts. The state after each record is the engine's own. Whatever happened to the
order's session or to the process while the order was open belongs to the story too, because that
is where most questions come from; and so do the commands about it that were refused.

A line says who did what, with the numbers that changed, and why the state became what it is. Our
side is put into words by ``story_ours``, the broker's by ``story_theirs``. What began or ceased not
to add up, and what else a person was alerted to, are the *notes* under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.engine import Engine
from fix_oms.journal import story_ours, story_theirs
from fix_oms.journal.follower import records
from fix_oms.journal.scan import Record
from fix_oms.journal.story_theirs import Standing, is_ended
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Alert, Changed, Output, Refused
from fix_oms.model.views import OrderView
from fix_oms.wire import shown

OUT: Final = "->"
IN: Final = "<-"
HERE: Final = "  "

_TOLD_OTHERWISE: Final = frozenset({"break", "resolved", "not_sent"})
"""Codes of alerts that repeat what the event's own words, or the breaks, say."""


class Event(NamedTuple):
    """One line of a story. ``way`` is OUT, IN or HERE; ``fix`` is empty where no message was.

    ``was`` and ``after`` are the order before and after, both None where nothing of it changed
    (``was`` also where it began).
    """

    record: int
    time_ns: int
    way: str
    words: str
    notes: tuple[str, ...]
    fix: str
    was: OrderView | None
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
    before: Standing | None = None
    for record in records(directory):
        value = inputs.decode(record.payload)
        outputs = engine.step(record.time_ns, value)
        around = before is not None and _is_open(before.view) and _surrounds(value, final.session)
        if not around and not _concerns(engine, value, outputs, final):
            continue
        after = _standing(engine, record.time_ns, final.reference)
        yield _event(engine, record, value, outputs, final, before, after)
        before = after


def _event(
    engine: Engine,
    record: Record,
    value: inputs.AnyInput,
    outputs: list[Output],
    final: OrderView,
    before: Standing | None,
    after: Standing | None,
) -> Event:
    alerts = _alerts(outputs, final)
    notes = _breaks(before, after)
    fix, way = "", HERE
    at = queued = record.time_ns
    if isinstance(value, inputs.ClientIn):
        way, fix = IN, shown(value.text)
        words = story_ours.words(engine, value, outputs, before, after)
    elif isinstance(value, inputs.FixIn):
        way, fix = IN, shown(value.text)
        words = story_theirs.words(engine, value, before, after)
    else:
        words = story_ours.words(engine, value, outputs, before, after)
    if isinstance(value, inputs.Sent):
        # What left is recorded when there is time; it left before its answer came in.
        way, fix = OUT, shown(value.text)
        at, queued = value.sent_ns, value.stepped_ns
    elif isinstance(value, inputs.NotSent):
        fix = shown(value.text)
    if not words:
        words, alerts = "; ".join(alerts), []
    changed = after is not None and (before is None or _facts(after.view) != _facts(before.view))
    return Event(
        record.index,
        at,
        way,
        words,
        (*alerts, *notes),
        fix,
        before.view if changed and before is not None else None,
        after.view if changed and after is not None else None,
        queued,
    )


def _standing(engine: Engine, now: int, reference: str) -> Standing | None:
    order = engine.state.book.find(reference)
    view = engine.shown(now).order_view(reference)
    if order is None or view is None:
        return None
    done = order.executions
    return Standing(
        view,
        {execution.exec_id: (execution, state) for execution, state in done.states()},
        {bust.exec_id: bust.ref for bust in done.busts.values()},
    )


# -- what belongs to it ----------------------------------------------------------------------------


def _concerns(
    engine: Engine, value: inputs.AnyInput, outputs: list[Output], final: OrderView
) -> bool:
    chain = {request.cl_ord_id for request in final.requests} | {final.reference}
    if isinstance(value, inputs.Sent):
        mine = value.cl_ord_id in chain or _is_dont_know(value, final)
        return mine or _tells_client(engine, value, final)
    if isinstance(value, inputs.FixIn) and _names(value, chain, final.session):
        return True
    if any(isinstance(o, Refused) for o in outputs):
        named = getattr(value, "order", None)
        order = engine.state.book.find(named) if named else None
        return order is not None and order.reference == final.reference
    return any(
        isinstance(o, Changed | Accepted | Alert) and o.order == final.reference for o in outputs
    )


def _names(value: inputs.FixIn, chain: set[str], session: str) -> bool:
    """Also what could not be read names the order, where the engine cannot say so."""
    told = any(f"\x0111={cl_ord_id}\x01" in value.text for cl_ord_id in chain)
    return told and value.session == session


def _tells_client(engine: Engine, value: inputs.Sent, final: OrderView) -> bool:
    """Whether a client, and not a drop copy, was told of the order."""
    peer = engine.state.clients.peers.get(value.session)
    told = f"\x0137={final.reference}\x01" in value.text
    return peer is not None and not peer.settings.drop_copy and told


def _is_dont_know(value: inputs.Sent, final: OrderView) -> bool:
    named = f"\x0137={final.order_id or 'NONE'}\x01"
    return value.session == final.session and value.text.startswith(f"35=Q{named}")


def _surrounds(value: inputs.AnyInput, session: str) -> bool:
    if isinstance(value, inputs.Started | inputs.Stopped):
        return True
    if isinstance(value, inputs.Sent):
        return value.session == session and value.text.startswith("35=AF\x01")
    is_about = isinstance(
        value,
        inputs.SessionReady | inputs.SessionDown | inputs.SessionEpoch | inputs.SessionCommand,
    )
    return is_about and getattr(value, "session", "") == session


def _is_open(order: OrderView) -> bool:
    is_cash = order.cash_order_qty is not None and not order.order_qty
    return bool(order.leaves_qty or order.pending or (is_cash and not is_ended(order)))


# -- what changed ----------------------------------------------------------------------------------


def _facts(order: OrderView) -> tuple[object, ...]:
    return (
        order.ord_status,
        order.order_qty,
        order.price,
        order.stop_px,
        order.cum_qty,
        order.avg_px,
        order.leaves_qty,
        order.provisional_qty,
        order.unexplained_qty,
        order.uncertain,
        order.pending,
        order.in_doubt,
        order.breaks,
        order.requests,
    )


def _alerts(outputs: list[Output], final: OrderView) -> list[str]:
    """What a person was alerted to, without the name of the order that the story is of."""
    told = [
        o.text
        for o in outputs
        if isinstance(o, Alert) and o.order == final.reference and o.code not in _TOLD_OTHERWISE
    ]
    return [text.replace(f" of order {final.reference}", "", 1) for text in told]


def _breaks(before: Standing | None, after: Standing | None) -> tuple[str, ...]:
    """The breaks that opened and closed."""
    had = before.view.breaks if before is not None else ()
    has = after.view.breaks if after is not None else ()
    opened = [f"break: {text}" for text in has if text not in had]
    closed = [f"break closed: {text}" for text in had if text not in has]
    return (*opened, *closed)
