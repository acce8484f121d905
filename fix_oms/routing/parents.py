"""A parent order that the router sends to market: its life, and all of them.

**Theory.** A parent has no reports of its own. What it has filled is what its children have, moved
in the step that moves them (``risk.parents.Parent``), so busts, corrections, late and provisional
fills are in it as they are in the child. Its life is three small machines beside that sum:

- *ending*: it was asked to end (a cancel, a kill, the day, nothing more to be had). It ends when no
  child can trade any more, and then for good: Filled where all of it has executed, else as asked.
- *wanted*: other terms were asked for. They hold once the children allow it.
- *suspended*: a person has to look. Nothing more is sent; children that work go on working.

OrdStatus(39) is a projection of these, in FIX's precedence: what has ended, Pending Cancel, Pending
Replace, Suspended, Partially Filled, New.

What is not committed to any child is *unrouted*. A quantity that a child holds comes back only when
it is certain that the child cannot fill it (its LeavesQty is confirmed zero); a child that its
broker has cut down without being asked keeps the difference until it ends, because a broker that
cuts an order may restore it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, final

import msgspec

from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.routing import Decision
from fix_oms.model.units import Fixed
from fix_oms.orders.order import Order
from fix_oms.orders.requests import REPLACE
from fix_oms.risk.parents import Parent

MARKET: Final = "the market moved"
"""The cause of a look by which nothing need have changed."""
ITS_TIME: Final = "its time has come"
"""The cause of a look that was waited for."""
MOST_DECISIONS: Final = 20
"""So many of a parent's newest decisions are kept in memory; all are in the journal."""
MOST_AT_ONCE: Final = 50
"""So many decisions about one parent may follow from one input: it has a handful of venues, and
each that refuses is left alone. More is a defect of ours, which must not take the process."""
Wanted: TypeAlias = tuple[Fixed, Fixed | None]
"""An OrderQty(38) and a Price(44) that were asked for."""


Place: TypeAlias = tuple[str, str, bool]
"""A venue, a symbol and a side: whether it is that of our buys."""


@final
class ParentOrder:
    """One routed parent. ``held`` is its sum, and holds its address and OrderQty(38).

    ``shuts`` are the venues that it leaves alone: until when (ns UTC), and why. ``tries`` counts
    the decisions running that sent something without any execution in between. ``asked`` is when
    each child was last asked to go or to be less, ``because`` what posted quantity was taken back
    for. ``waits`` says why what is unrouted is not sent, ``told`` when (ns UTC) and what the last
    decision said of it, ``wake_ns`` when time alone may change that (0: never). ``reserved`` is
    what the gate counts of the unrouted, at ``reserved_px``; ``reserve_px`` is what more of it is
    to be reserved at. ``reworked_ns`` is when something of it was last sent, or taken back to be
    sent elsewhere. ``at_once`` counts its decisions of one moment,
    ``decisions`` are the newest, encoded.
    """

    __slots__ = (
        "arrival_px",
        "asked",
        "at_once",
        "because",
        "created_ns",
        "decisions",
        "ended",
        "ending",
        "held",
        "number",
        "policy",
        "price",
        "reserve_px",
        "reserved",
        "reserved_px",
        "reworked_ns",
        "shuts",
        "suspended",
        "text",
        "time_in_force",
        "told",
        "tried_at",
        "tries",
        "updated_ns",
        "venue",
        "waits",
        "wake_ns",
        "wanted",
    )

    def __init__(
        self,
        held: Parent,
        policy: str,
        price: Fixed | None,
        time_in_force: str,
        venue: str,
        now: int,
    ) -> None:
        self.held: Final = held
        self.policy: Final = policy
        self.price = price
        self.time_in_force: Final = time_in_force
        self.venue: Final = venue
        self.created_ns: Final = now
        self.updated_ns = now
        self.arrival_px: Fixed = 0
        self.ended = ""
        self.ending = ""
        self.text = ""
        self.suspended = ""
        self.wanted: Wanted | None = None
        self.shuts: dict[str, tuple[int, str]] = {}
        self.tries = 0
        self.tried_at: Fixed = 0
        self.asked: dict[str, int] = {}
        self.waits = ""
        self.because = ""
        self.told: tuple[int, str] = (0, "")
        self.wake_ns = 0
        self.reserved: Fixed = 0
        self.reserved_px: Fixed = 0
        self.reserve_px: Fixed = 0
        self.reworked_ns = 0
        self.number = 0
        self.at_once = 0
        self.decisions: list[bytes] = []

    # -- what it amounts to ---------------------------------------------------------------------

    @property
    def largest(self) -> Fixed:
        """OrderQty(38), or the larger one that was asked for."""
        qty = self.held.order_qty
        return qty if self.wanted is None else max(qty, self.wanted[0])

    @property
    def leaves_qty(self) -> Fixed:
        """LeavesQty(151): 0 once it has ended."""
        return 0 if self.ended else max(0, self.held.order_qty - self.held.executed)

    def unrouted(self, working: Iterable[Order]) -> Fixed:
        """What may be sent, given its children that may trade: not what the gate's sum alone would
        leave, see the module's theory."""
        kept = sum([_kept_back(order) for order in working])
        return max(0, self.held.order_qty - self.held.committed - kept)

    def ord_status(self, provisional: Fixed = 0) -> str:
        """OrdStatus(39); ``provisional`` is what children are told to have filled beside."""
        if self.ended:  # a late fill of all that was left makes it filled, as it does an order
            is_full = self.held.executed >= self.held.order_qty
            return OrdStatus.FILLED.value if is_full else self.ended
        if self.ending:
            return OrdStatus.PENDING_CANCEL.value
        if self.wanted is not None:
            return OrdStatus.PENDING_REPLACE.value
        if self.suspended:
            return OrdStatus.SUSPENDED.value
        done = self.held.executed + provisional
        return (OrdStatus.PARTIALLY_FILLED if done else OrdStatus.NEW).value

    def wake_at(self, at: int) -> None:
        """Have it looked at again at that time, if at no earlier."""
        if not self.wake_ns or at < self.wake_ns:
            self.wake_ns = at

    def keep(self, decision: Decision) -> None:
        """Remember a decision; the oldest goes where there are too many."""
        self.number = decision.number
        self.at_once = self.at_once + 1 if decision.view.now == self.told[0] else 0
        self.told = (decision.view.now, decision.plan.why)
        self.decisions.append(msgspec.msgpack.encode(decision))
        del self.decisions[:-MOST_DECISIONS]

    def remembered(self) -> tuple[Decision, ...]:
        """Its newest decisions, the oldest first."""
        return tuple(msgspec.msgpack.decode(held, type=Decision) for held in self.decisions)

    def facts(self) -> tuple[object, ...]:
        """All of it that decides what comes next, for the replay's state hash."""
        wanted = self.wanted or (0, 0)
        return (
            self.held.ref,
            self.policy,
            self.price or 0,
            self.time_in_force,
            self.venue,
            self.created_ns,
            self.arrival_px,
            self.ended,
            self.ending,
            bool(self.suspended),
            wanted[0],
            wanted[1] or 0,
            tuple(sorted((venue, until) for venue, (until, _) in self.shuts.items())),
            self.tries,
            self.tried_at,
            self.told,
            self.because,
            tuple(sorted(self.asked.items())),
            self.wake_ns,
            self.reserved,
            self.reserved_px,
            self.reserve_px,
            self.reworked_ns,
            self.number,
            self.at_once,
        )

    def _check(self) -> None:
        """Assert what must hold at every moment."""
        held = self.held
        assert self.leaves_qty >= 0
        assert not (self.ended and self.reserved)
        assert held.executed <= held.committed
        assert self.reserved <= max(0, self.largest - held.committed)


def _kept_back(order: Order) -> Fixed:
    """What a child was sent for and neither has executed nor could by what its broker says now."""
    if not order.open_qty:
        return 0
    asked = order.first.terms.order_qty
    if order.later:
        accepted = order.cl_ord_id
        asked = max(
            [
                r.terms.order_qty
                for r in order.requests
                if r.cl_ord_id == accepted
                or (r.kind == REPLACE and r.may_hold and not r.accepted_somehow)
            ]
        )
    return max(0, asked - order.executions.qty - order.open_qty)


@final
class RoutedParents:
    """All parents that the router sends, by ref; ``live`` are those that have not ended.

    ``due`` are those to be looked at before the step ends, and why; ``watching`` by symbol those
    that the market may give something to do; ``wake_ns`` is no later than the first that waits for
    a time. ``slow`` are venues that have let an order wait, and until when they are left alone.

    Two things may stand in a book that is not told anew yet, by venue, symbol and side: ``hits``
    are what our orders on the way will have taken (when, how much), ``out`` what rested there of a
    parent and does no more (when it went, at which price, how much). ``sending`` is the parent
    whose child is being sent: nobody else sends children of a routed parent; ``rests``: that child
    is to wait, and not to take.
    """

    __slots__ = (
        "due",
        "hits",
        "live",
        "out",
        "parents",
        "rests",
        "sending",
        "slow",
        "wake_ns",
        "watching",
    )

    def __init__(self) -> None:
        self.parents: dict[str, ParentOrder] = {}
        self.live: dict[str, ParentOrder] = {}
        self.due: dict[str, str] = {}
        self.watching: dict[str, dict[str, None]] = {}
        self.slow: dict[str, int] = {}
        self.hits: dict[Place, list[tuple[int, Fixed]]] = {}
        self.out: dict[Place, list[tuple[int, Fixed, Fixed]]] = {}
        self.wake_ns = 0
        self.sending = ""
        self.rests = False

    def add(self, parent: ParentOrder) -> None:
        """A new one."""
        self.parents[parent.held.ref] = self.live[parent.held.ref] = parent
        self.due[parent.held.ref] = "it came"

    def parent_of(self, parent: Parent | None) -> str:
        """The name of the parent, if the router sends it; else empty."""
        return parent.ref if parent is not None and parent.ref in self.parents else ""

    def child_changed(self, parent: Parent | None) -> None:
        """Something was learned of an order, which may be a child of this parent."""
        if parent is not None and parent.ref in self.parents:
            self.due[parent.ref] = "a child changed"

    def moved(self, symbol: str, cause: str = MARKET) -> None:
        """A book of the symbol has changed, or what else those wait for that watch it."""
        for ref in self.watching.get(symbol, ()):
            self.due.setdefault(ref, cause)

    def all_due(self, cause: str, *, anew: bool) -> None:
        """Something has changed that may let any of them go on; ``anew``: at any venue."""
        for ref, parent in self.live.items():
            self.due.setdefault(ref, cause)
            if anew:
                parent.shuts.clear()

    def time_has_come(self, now: int) -> None:
        """Those that waited for this time."""
        for ref, parent in self.live.items():
            if 0 < parent.wake_ns <= now:
                self.due.setdefault(ref, ITS_TIME)
        self.wake_ns = min([p.wake_ns for p in self.live.values() if p.wake_ns > now], default=0)
        self.slow = {venue: until for venue, until in self.slow.items() if until > now}

    def day_ended(self, now: int) -> None:
        """The firm's day has ended: so have the DAY orders that were made in it."""
        for ref, parent in self.live.items():
            if parent.time_in_force == TimeInForce.DAY and parent.created_ns < now:
                parent.ending = parent.ending or OrdStatus.EXPIRED.value
                self.due[ref] = "the day ended"

    def forget_old(self, before_ns: int) -> list[str]:
        """Forget those that ended before then and whose children are all forgotten; returns their
        refs."""
        old = [
            ref
            for ref, parent in self.parents.items()
            if parent.ended and parent.updated_ns < before_ns and not parent.held.children
        ]
        for ref in old:
            del self.parents[ref]
        return old

    def looked_at(self, parent: ParentOrder, *, watches: bool) -> None:
        """It has been seen to; whether it watches the market from here on."""
        ref, symbol = parent.held.ref, parent.held.symbol
        watchers = self.watching.get(symbol)
        if watches:
            if watchers is None:
                watchers = self.watching[symbol] = {}
            watchers[ref] = None
        elif watchers is not None and watchers.pop(ref, 0) is None and not watchers:
            del self.watching[symbol]
        if parent.ended:
            self.live.pop(ref, None)
        elif parent.wake_ns and not 0 < self.wake_ns <= parent.wake_ns:
            self.wake_ns = parent.wake_ns

    def hit(self, at: Place, now: int, qty: Fixed, told_ns: int) -> None:
        """An order is on its way to take so much from a book, which was told at ``told_ns``."""
        held = [hit for hit in self.hits.get(at, ()) if hit[0] >= told_ns]
        self.hits[at] = [*held, (now, qty)]

    def left(self, at: Place, now: int, px: Fixed, qty: Fixed, told_ns: int) -> None:
        """What rested there of a parent is out, and its book may show it for a while."""
        held = [out for out in self.out.get(at, ()) if out[0] >= told_ns]
        self.out[at] = [*held, (now, px, qty)]

    def gone(self, at: Place, told_ns: int) -> list[tuple[Fixed, Fixed]]:
        """Price and quantity of what is out, and may be in a book as it was told at ``told_ns``."""
        out = self.out.get(at)
        return [] if out is None else [(px, qty) for went, px, qty in out if went >= told_ns]

    def taken(self, at: Place, told_ns: int) -> Fixed:
        """What orders of ours will have taken from a book as it was told at ``told_ns``."""
        hits = self.hits.get(at)
        return 0 if hits is None else sum([qty for left, qty in hits if left >= told_ns])

    def facts(self) -> tuple[object, ...]:
        """For the replay's state hash."""
        return (
            tuple(p.facts() for _, p in sorted(self.parents.items())),
            tuple(sorted(self.live)),
            tuple(sorted((symbol, *sorted(refs)) for symbol, refs in self.watching.items())),
            tuple(sorted(self.slow.items())),
            tuple(sorted((*key, *hits) for key, hits in self.hits.items())),
            tuple(sorted((*key, *out) for key, out in self.out.items())),
        )
