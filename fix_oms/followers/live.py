"""What the engine's own comparison with a drop copy has found, as breaks of the ledger.

The engine holds what differs now (``engine.drop_copy``); here it becomes the breaks that a
comparison with a file makes, under the same keys, so that both are one line in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs
import msgspec

from fix_oms.engine.copied import BUST, TRADE, Copied, Copies, Difference, Key
from fix_oms.engine.state import State
from fix_oms.followers.ours import OurSide
from fix_oms.model.units import Fixed
from fix_oms.reconcile.breaks import Break, BreakClass, found, key_of
from fix_oms.reconcile.broker import Clock
from fix_oms.reconcile.trades import Trade

SOURCE: Final = "drop copy "
"""What the name of such a comparison in the ledger begins with."""


@attrs.frozen(kw_only=True)
class Live:
    """One session and its copy. ``ours`` executions of ours are known; ``waiting`` of either side
    are within the grace; ``uncompared`` were too many; ``agreed`` are the keys of what agrees."""

    session: str
    copy: str
    ours: int
    waiting: int
    uncompared: int
    breaks: list[Break]
    agreed: frozenset[str]


def live_of(state: State, clock: Clock) -> list[Live]:
    """Every session that has a drop copy."""
    return [_live(state, name, copies, clock) for name, copies in sorted(state.copies.items())]


def _live(state: State, session: str, copies: Copies, clock: Clock) -> Live:
    ours = OurSide(state, (session,), clock.day)
    named = {(name, e): t for t in ours.trades for name in t.orders for e in t.exec_ids}
    breaks = [
        _break(key, one, _ours(state, session, key, one, named), clock, ours.multipliers())
        for key, one in copies.open_breaks().items()
    ]
    open_keys = {one.key for one in breaks}
    waiting = set(_waiting(copies, named))
    agreed = {key_of(trade) for trade in ours.trades}
    return Live(
        session=session,
        copy=copies.copy,
        ours=sum(not trade.gone for trade in ours.trades),
        waiting=len(copies.unseen) + len(copies.untold),
        uncompared=copies.uncompared,
        breaks=breaks,
        agreed=frozenset(agreed - open_keys - waiting),
    )


def _waiting(copies: Copies, named: Mapping[tuple[str, str], Trade]) -> Iterator[str]:
    """The keys of ours of which it is not known that they agree."""
    for order, _, exec_id in (*copies.unseen, *copies.untold, *copies.breaks):
        trade = named.get((order, exec_id))
        if trade is not None:
            yield key_of(trade)


def _ours(
    state: State,
    session: str,
    key: Key,
    one: Difference,
    named: Mapping[tuple[str, str], Trade],
) -> Trade | None:
    """Our side of a break: the chain that the execution, or what it amends, is a member of."""
    order, _, exec_id = key
    ref = one.copied.ref if one.copied is not None else ""
    known = state.book.find(order)
    if not ref and known is not None and exec_id in known.executions.busts:
        ref = known.executions.busts[exec_id].ref
    return named.get((order, exec_id)) or named.get((order, ref))


def _break(
    key: Key,
    one: Difference,
    ours: Trade | None,
    clock: Clock,
    multipliers: Mapping[str, Fixed],
) -> Break:
    theirs = _theirs(key, one.copied, ours, clock) if one.copied is not None else None
    if theirs is None and key[1] == BUST and ours is not None:
        theirs = msgspec.structs.replace(ours, gone="", where="the drop copy")
    if ours is None and theirs is None:
        theirs = Trade(  # an order that has left the book
            exec_ids=(key[2],), orders=(key[0],), account="", symbol="", buys=True, qty=0, px=0
        )
    return found(BreakClass(one.kind), ours, theirs, multipliers, fields=one.fields)


def _theirs(key: Key, copied: Copied, ours: Trade | None, clock: Clock) -> Trade:
    _, what, exec_id = key
    is_bust = what == BUST
    day = copied.day or (clock.day(copied.time_ns) if copied.time_ns else 0)
    ids = (exec_id,) if what == TRADE else (copied.ref, exec_id)
    return Trade(
        exec_ids=tuple(i for i in ids if i),
        orders=copied.orders,
        account=copied.account,
        symbol=copied.symbol,
        buys=copied.buys,
        qty=ours.qty if is_bust and ours is not None else copied.qty,
        px=ours.px if is_bust and ours is not None else copied.px,
        time_ns=copied.time_ns,
        day=ours.day if ours is not None else day,
        gone=f"busted by {exec_id}" if is_bust else "",
        where="the drop copy",
    )
