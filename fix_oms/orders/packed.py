"""An order as a few hundred bytes: what a closed one is kept as, in memory and in snapshots.

A firm's day closes a million orders and asks for few of them again. As objects each weighs near a
kilobyte and costs microseconds to make, so a closed one is kept as the bytes below and made anew
when somebody asks: a late fill, a page, a question. Nothing may tell the two forms apart, so what
is packed is everything that an order holds, its projection too: it is put back, not worked out.

**The form** is MessagePack, and so data and never code: whatever stands in a file, reading it runs
nothing. One order is an array of rows, and each row the attributes of one object, in the order of
the tables below. An object that several others hold (the terms that a request asked for and that
hold; a statement that is both a restatement and the newest report) stands once, and the others
name its place, since the code asks whether two are the *same* one.

**Old bytes stay readable** because the tables only ever grow at their ends: a row that is shorter
than its table is from an older version, and what it lacks keeps the value that a new object has.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import msgspec

from fix_oms.model.messages import Terms
from fix_oms.model.scope import Scope
from fix_oms.orders.aside import EMPTY, Aside
from fix_oms.orders.execution import Execution, Split
from fix_oms.orders.executions import NOTHING, Executions
from fix_oms.orders.lifecycle import BLANK, Lifecycle
from fix_oms.orders.order import Order
from fix_oms.orders.requests import Request
from fix_oms.orders.said import Said

ORDER: Final = (
    "updated_ns",
    "external",
    "order_id",
    "order_id_rank",
    "text",
    "acked",
    "acked_when",
    "last_when",
    "reported",
    "cum_told",
    "avg_told",
    "terms_largest",
    "ended",
    "uncertain",
    "sound",
    "ord_status",
    "cum_qty",
    "leaves_qty",
    "open_qty",
    "provisional",
    "unexplained",
)
ASKED: Final = ("cl_ord_id", "kind", "created_ns", "epoch", "worst_px")
"""Of a request, what it is made with beside its terms."""
ANSWERED: Final = ("seq", "accepted", "refused", "pending", "unsent", "doubt", "text")
SUMS: Final = ("plain", "tied", "larger", "smaller", "conflicts", "qty", "fees", "gross")
EXECUTION: Final = (
    "exec_id",
    "qty",
    "px",
    "time",
    "ref",
    "told",
    "order_qty",
    "day",
    "status",
    "arrival",
    "fee",
)
SPLIT: Final = ("before", "after", "time", "told")
LIFE: Final = (
    "ended",
    "told_end",
    "decided",
    "rejected",
    "canceled",
    "expired",
    "uncertain",
    "ended_cum",
)
ASIDE: Final = (
    "unknown_told",
    "unbookable",
    "last_date",
    "cash_estimate",
    "cash_multiplier",
)
SAID: Final = (
    "status",
    "exec_type",
    "exec_id",
    "told",
    "leaves",
    "order_qty",
    "price",
    "stop_px",
    "avg",
    "reason",
    "when",
    "index",
    "arrival",
)
TERMS: Final = Terms.__struct_fields__

_order: Final = attrgetter(*ORDER)
_asked: Final = attrgetter(*ASKED)
_answered: Final = attrgetter(*ANSWERED)
_sums: Final = attrgetter(*SUMS)
_execution: Final = attrgetter(*EXECUTION)
_split: Final = attrgetter(*SPLIT)
_life: Final = attrgetter(*LIFE)
_aside: Final = attrgetter(*ASIDE)
_said: Final = attrgetter(*SAID)
_terms: Final = msgspec.structs.astuple

_WIDE: Final = 1
"""MessagePack's code for an integer beyond 64 bits: its bytes, little-endian, two's complement."""


def pack(order: Order, ids: tuple[str, ...]) -> bytes:
    """All of an order. ``ids`` are the OrderIDs(37) under which its book finds it."""
    rows = _rows(order, ids)
    try:
        return _encode(rows)
    except OverflowError:
        return _encode(_narrow(rows))


def unpack(data: bytes) -> tuple[Order, tuple[str, ...]]:
    """The order, in every respect the one that was packed, and its ``ids``."""
    rows = _decode(data)
    ids, scope, client_ref, plain, terms, saids, requests, executions, life, aside, holds = rows
    said = [Said(*row) for row in saids]
    held = [Terms(**dict(zip(TERMS, row, strict=False))) for row in terms]
    first, *later = (_made_request(row, held, said) for row in requests)
    order = Order(first, Scope(*scope), client_ref)
    order.later = tuple(later)
    _put(order, ORDER, plain)
    order.terms = held[holds]
    if executions is not None:
        order.executions = _made_executions(executions)
    if life is not None:
        order.lifecycle = _made_lifecycle(life, said)
    if aside is not None:
        order.aside = _made_aside(aside, said)
    return order, tuple(ids)


# -- packing -----------------------------------------------------------------------------------


class _Places:
    """Objects that several others hold, each once; who holds one names its place."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: list[Any] = []

    def of(self, value: object) -> int:
        for place, known in enumerate(self.held):
            if known is value:
                return place
        self.held.append(value)
        return len(self.held) - 1

    def all_of(self, values: tuple[Said, ...]) -> tuple[int, ...]:
        return tuple([self.of(value) for value in values])


def _rows(order: Order, ids: tuple[str, ...]) -> tuple[Any, ...]:
    terms, said = _Places(), _Places()
    requests = [_request_row(request, terms, said) for request in order.requests]
    done, life, aside = order.executions, order.lifecycle, order.aside
    lived = None if life is BLANK else _life_row(life, said)
    apart = None if aside is EMPTY else _aside_row(aside, said)
    holds = terms.of(order.terms)
    return (
        ids,
        order.scope,
        order.client_ref,
        _order(order),
        [_terms(held) for held in terms.held],
        [_said(held) for held in said.held],
        requests,
        None if done is NOTHING else _executions_row(done),
        lived,
        apart,
        holds,
    )


def _request_row(request: Request, terms: _Places, said: _Places) -> tuple[Any, ...]:
    meant = -1 if request.meant is None else said.of(request.meant)
    return _asked(request), terms.of(request.terms), _answered(request), meant


def _executions_row(done: Executions) -> tuple[Any, ...]:
    return (
        _sums(done),
        _int_bytes(done.notional),
        [(key, _execution(e)) for key, e in done.trades.items()],
        [(key, _execution(e)) for key, e in done.corrections.items()],
        [(key, _execution(e)) for key, e in done.busts.items()],
        [_split(split) for split in done.splits],
        sorted(done.refs),
    )


def _life_row(life: Lifecycle, said: _Places) -> tuple[Any, ...]:
    special, latest = said.all_of(life.special), said.all_of(life.latest)
    return _life(life), life.ended_last, special, latest


def _aside_row(aside: Aside, said: _Places) -> tuple[Any, ...]:
    stated, loose = said.all_of(aside.stated), said.all_of(aside.loose)
    unknown = sorted(aside.unknown_ids)
    return _aside(aside), aside.rejections, aside.dk, unknown, stated, loose, aside.order_ids


def _int_bytes(value: int) -> bytes:
    """An integer of any size."""
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)


def _narrow(value: Any) -> Any:
    """The same with each integer beyond 64 bits as the bytes that stand for it."""
    if isinstance(value, list | tuple):
        return [_narrow(one) for one in value]
    if isinstance(value, int) and value.bit_length() > 63:
        return msgspec.msgpack.Ext(_WIDE, _int_bytes(value))
    return value


# -- unpacking ---------------------------------------------------------------------------------


def _wide(code: int, data: memoryview) -> int:
    if code != _WIDE:
        raise ValueError(f"a packed order holds MessagePack extension {code}, which is none of its")
    return int.from_bytes(data, "little", signed=True)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(ext_hook=_wide).decode


def _put(holder: object, names: tuple[str, ...], values: list[Any]) -> None:
    for name, value in zip(names, values, strict=False):
        setattr(holder, name, value)


def _made_request(row: list[Any], terms: list[Terms], said: list[Said]) -> Request:
    (cl_ord_id, kind, created_ns, epoch, worst_px), holds, answered, meant = row
    request = Request(cl_ord_id, kind, terms[holds], created_ns, epoch, worst_px)
    _put(request, ANSWERED, answered)
    if meant >= 0:
        request.meant = said[meant]
    return request


def _made_executions(row: list[Any]) -> Executions:
    sums, notional, trades, corrections, busts, splits, refs = row
    done = Executions()
    _put(done, SUMS, sums)
    done.notional = int.from_bytes(notional, "little", signed=True)
    for name, held in (("trades", trades), ("corrections", corrections), ("busts", busts)):
        if held:
            setattr(done, name, {key: Execution(*values) for key, values in held})
    done.splits = tuple([Split(*values) for values in splits])
    if refs:
        done.refs = frozenset(refs)
    return done


def _made_lifecycle(row: list[Any], said: list[Said]) -> Lifecycle:
    plain, (when, told), special, latest = row
    life = Lifecycle()
    _put(life, LIFE, plain)
    life.ended_last = when, told
    life.special = tuple([said[place] for place in special])
    life.latest = tuple([said[place] for place in latest])
    return life


def _made_aside(row: list[Any], said: list[Said]) -> Aside:
    plain, rejections, dk, unknown_ids, stated, loose, order_ids = row
    aside = Aside()
    _put(aside, ASIDE, plain)
    aside.rejections = tuple([(cl_ord_id, told, when) for cl_ord_id, told, when in rejections])
    aside.dk, aside.order_ids = tuple(dk), tuple(order_ids)
    aside.unknown_ids = frozenset(unknown_ids)
    aside.stated = tuple([said[place] for place in stated])
    aside.loose = tuple([said[place] for place in loose])
    return aside
