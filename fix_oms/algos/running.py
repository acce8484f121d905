"""What the engine keeps of each algo, and of all: state that a journal replays to.

An algo is *running*, *paused* by a person, *held* (a person has to look), *ending* (what works is
being taken out) or *ended*. What it is to be told waits in ``events``; it is told one at a time,
and no other before what it did about the last one stands in the journal (``pending``).

What its orders amount to is asked of the orders; here stands only which are its, and what they
have executed: all of one symbol and side, so that a bound of its own can be held to
(``Algo.most``), and all of one *leg*. The leg of an order is its name without the number at the
end: ``hedge7`` is of the leg ``hedge``. So what a leg has come to is known at once, also when its
orders are many or are not known any more.

*What the journal says, and what the code says.* A journal is replayed by other code than wrote it:
a later version of a class, or none at all. So whatever decides which orders there are comes from
records alone: that an algo was accepted (its first record), what it does, which books it is told
of, its bounds, that it is held because it failed. What its code makes of an event in between is
``mind``, ``algo`` and ``pending``: worked out again where the code is there, no part of the hash,
and given up for the record that follows. Acts that no record follows were never done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeAlias, final

from fix_oms.algos.algo import Algo
from fix_oms.algos.carried import CarriedBalances
from fix_oms.algos.kinds import KINDS, decoded
from fix_oms.model.algos import Acts
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.order import Order
from fix_oms.risk.parents import Parent

RUNNING: Final = "running"
PAUSED: Final = "paused"
HELD: Final = "held"
ENDING: Final = "ending"
ENDED: Final = "ended"

MOST_AT_ONCE: Final = 100
"""So many records of one algo may follow from one input; more is an answer to itself, endless."""
MOST_REFUSED: Final = 10
"""So many acts running may be refused before a person has to look."""
MOST_ACTS: Final = 200
"""What one event may be answered by; more is a defect."""
REMEMBERED: Final = 20
"""So many of its newest records are kept in memory; all are in the journal."""

START: Final = "it was started"
RESTART: Final = "the engine started"
BOOK: Final = "a book changed"
ORDER: Final = "its order changed"
FILL: Final = "its order executed"
REFUSED: Final = "an act was refused"
TIME: Final = "its time has come"
READY: Final = "a venue takes orders"
AMEND: Final = "it was amended"
TOLD: Final = "it was told"
PAUSE: Final = "it was paused"
RESUME: Final = "it was resumed"
STOP: Final = "it is to end"

OF_THE_MARKET: Final = frozenset({BOOK, TIME})
"""What an algo that is paused is not told."""


Moved: TypeAlias = tuple[int, int, int, int, int, int]
"""What an order has come to (``engine.measure``): executed quantity and notional come first."""


class Event(NamedTuple):
    """One thing to be told: ``kind`` in words, what it is about, and what comes with it."""

    kind: str
    subject: str = ""
    what: Any = ()


@final
class RunningAlgo:
    """One algo. ``mind`` is all that it remembers, encoded; ``algo`` the same as an object, None
    where its kind is not known here, or is another by now (``trouble`` says so). ``said`` is what
    it remembered by its last record. ``names`` are its orders: by its own name for each, the
    reference of the order or the ref of the parent. ``working`` are those that may fill, ``told``
    what it was last told of each. ``asked`` is what ``pending`` answers, and what it remembered
    before. ``most`` are its bounds: see ``Algo.most``. ``legs`` is what each leg has executed,
    quantity and notional; ``uncovered`` what a person was last told is not covered. ``at_once``
    counts its records of one moment. ``waits``: it
    is ending, and has asked to be told of a time before it ends."""

    __slots__ = (
        "account",
        "algo",
        "asked",
        "at_once",
        "by",
        "created_ns",
        "events",
        "executed",
        "kind",
        "legs",
        "mind",
        "most",
        "names",
        "newest",
        "number",
        "pending",
        "ref",
        "refused",
        "said",
        "state",
        "strategy",
        "told",
        "trouble",
        "uncovered",
        "updated_ns",
        "waits",
        "wake_ns",
        "watches",
        "why",
        "working",
    )

    def __init__(
        self, ref: str, kind: str, by: str, account: str, strategy: str, mind: bytes, now: int
    ) -> None:
        self.ref: Final = ref
        self.kind: Final = kind
        self.by: Final = by
        self.account: Final = account
        self.strategy: Final = strategy
        self.created_ns: Final = now
        self.updated_ns = now
        self.mind = mind
        self.algo: Algo | None = None
        self.state = RUNNING
        self.why = ""
        self.names: dict[str, str] = {}
        self.working: dict[str, None] = {}
        self.told: dict[str, tuple[object, ...]] = {}
        self.executed: dict[tuple[str, bool], int] = {}
        self.legs: dict[str, tuple[Fixed, Notional]] = {}
        self.uncovered: Fixed = 0
        self.waits = False
        self.events: deque[Event] = deque()
        self.watches: frozenset[str] = frozenset()
        self.wake_ns = 0
        self.number = 0
        self.refused = 0
        self.at_once = 0
        self.said = mind
        self.most: dict[tuple[str, bool], int] = {}
        self.pending: Acts | None = None
        self.asked: tuple[Event, bytes] | None = None
        self.trouble = ""
        self.newest: list[Acts] = []

    def remember(self) -> None:
        """Make the object from what is encoded, where its kind is known and can read it."""
        kind = KINDS.get(self.kind)
        self.algo, self.trouble = None, ""
        if kind is None:
            self.trouble = f"algo kind {self.kind} is not known here"
            return
        try:
            self.algo = decoded(kind, self.mind)
        except Exception as error:  # noqa: BLE001 - a class that has changed since it was written
            self.trouble = f"what it remembers is not of this {self.kind}: {error}"

    def facts(self) -> tuple[object, ...]:
        """All of it that decides what comes next, for the replay's state hash."""
        return (
            self.ref,
            self.kind,
            self.account,
            self.strategy,
            self.state,
            self.why,
            self.said.hex(),
            tuple(self.names.items()),
            tuple(self.working),
            tuple(sorted(self.told)),
            tuple(sorted((*key, qty) for key, qty in self.executed.items())),
            tuple(sorted((leg, *sums) for leg, sums in self.legs.items())),
            tuple(sorted((*key, qty) for key, qty in self.most.items())),
            tuple(f"{event.kind} {event.subject}" for event in self.events),
            self.wake_ns,
            self.waits,
            self.number,
            self.refused,
            self.at_once,
        )


@final
class RunningAlgos:
    """All of them, by ref. ``live`` are those that have not ended; ``of`` says whose an order or
    parent is, and by which name; ``watching`` by symbol who is told of its books; ``due`` who has
    something to be told; ``wake_ns`` is no later than the first Wake. ``proposed`` is one that was
    asked for and has no record yet, ``acting`` the ref of the one whose record is awaited.
    ``used``: there has been one. ``carried`` are the balances that they share. ``hedging`` are the
    orders and parents that may use what is reserved for hedges; ``sends_hedge`` is set while one of
    them is sent."""

    __slots__ = (
        "acting",
        "algos",
        "carried",
        "due",
        "hedging",
        "live",
        "of",
        "proposed",
        "sends_hedge",
        "used",
        "wake_ns",
        "watching",
    )

    def __init__(self) -> None:
        self.used = False
        self.acting = ""
        self.proposed: RunningAlgo | None = None
        self.algos: dict[str, RunningAlgo] = {}
        self.live: dict[str, RunningAlgo] = {}
        self.of: dict[str, tuple[str, str]] = {}
        self.watching: dict[str, dict[str, None]] = {}
        self.due: dict[str, None] = {}
        self.carried: Final = CarriedBalances()
        self.hedging: set[str] = set()
        self.sends_hedge = False
        self.wake_ns = 0

    def propose(self, running: RunningAlgo) -> None:
        """One is asked for; it is there when its first record says so."""
        self.used, self.proposed = True, running

    def adopt(self, ref: str) -> RunningAlgo | None:
        """The first record of the one that was asked for."""
        running = self.proposed
        if running is not None and running.ref == ref:
            self.proposed = None
            self.algos[ref] = self.live[ref] = running
            return running
        return None

    def tell(self, running: RunningAlgo, event: Event) -> None:
        """It is to be told; of its market, its time and one order's change not twice at once."""
        if event.kind in _ONCE and event in running.events:
            return
        running.events.append(event)
        self.due[running.ref] = None

    def owns(self, running: RunningAlgo, name: str, ref: str) -> None:
        """It has sent an order, or a parent, under that name."""
        running.names[name] = ref
        running.working[name] = None
        self.of[ref] = (running.ref, name)

    def moved(self, symbol: str) -> None:
        """A book of the symbol has changed."""
        for ref in self.watching.get(symbol, ()):
            self.tell(self.live[ref], Event(BOOK, symbol))

    def changed(self, ref: str, fill: Event | None = None) -> None:
        """An order or parent of somebody's has changed, by an execution or else."""
        owner = self.of.get(ref)
        running = self.algos.get(owner[0]) if owner is not None else None
        if owner is None or running is None:
            return
        if fill is not None:
            self.tell(running, fill._replace(subject=owner[1]))
        else:
            self.tell(running, Event(ORDER, owner[1]))

    def learned(
        self, order: Order, parent: Parent | None, before: Moved, after: Moved, exec_id: str
    ) -> None:
        """Evidence of an order has been added; the algo that it or its parent is of is told."""
        ref = order.reference
        if ref not in self.of:
            if parent is None or parent.ref not in self.of:
                return
            ref = parent.ref
        qty, notional = after[0] - before[0], after[1] - before[1]
        if qty or notional:
            running = self.algos.get(self.of[ref][0])
            if running is not None:
                place = (order.symbol, order.buys)
                running.executed[place] = running.executed.get(place, 0) + qty
                leg = leg_of(self.of[ref][1])
                was = running.legs.get(leg, (0, 0))
                running.legs[leg] = (was[0] + qty, was[1] + notional)
            self.changed(ref, Event(FILL, what=(qty, notional, exec_id)))
        self.changed(ref)

    def time_has_come(self, now: int) -> None:
        """Those that waited for this time. One that is paused or held is told once it goes on; one
        that is ending is asked once more to take out what works."""
        for running in self.live.values():
            if 0 < running.wake_ns <= now and running.state in _TIMED:
                running.wake_ns, running.waits = 0, False
                self.tell(running, Event(TIME if running.state == RUNNING else STOP))
        waiting = [r.wake_ns for r in self.live.values() if r.wake_ns and r.state in _TIMED]
        self.wake_ns = min(waiting, default=0)

    def watch(self, running: RunningAlgo, symbols: frozenset[str]) -> None:
        """It is told of the books of these from now on, and of no others; of new ones at once."""
        for symbol in running.watches - symbols:
            watchers = self.watching[symbol]
            del watchers[running.ref]
            if not watchers:
                del self.watching[symbol]
        for symbol in symbols - running.watches:
            self.watching.setdefault(symbol, {})[running.ref] = None
        added, running.watches = symbols - running.watches, symbols
        self.look(running, added)

    def look(self, running: RunningAlgo, symbols: frozenset[str]) -> None:
        """It is told of these books as they stand."""
        for symbol in sorted(symbols):
            self.tell(running, Event(BOOK, symbol))

    def wake(self, running: RunningAlgo, at_ns: int) -> None:
        """Tell it when that time has come; 0: not any more."""
        running.wake_ns = at_ns
        running.waits = running.state == ENDING and at_ns > 0
        if at_ns and not 0 < self.wake_ns <= at_ns:
            self.wake_ns = at_ns

    def ended(self, running: RunningAlgo, why: str) -> None:
        """It has ended."""
        running.state, running.why = ENDED, why
        self.watch(running, frozenset())
        running.wake_ns, running.waits = 0, False
        self.live.pop(running.ref, None)

    def goes_on(self, running: RunningAlgo) -> None:
        """It had ended, and an execution that came late has given it something to do."""
        running.state, running.why = RUNNING, ""
        self.live[running.ref] = running

    def forget_order(self, ref: str) -> None:
        """The order or parent is not known any more."""
        self.hedging.discard(ref)
        owner = self.of.pop(ref, None)
        running = self.algos.get(owner[0]) if owner is not None else None
        if owner is not None and running is not None:
            for held in (running.names, running.working, running.told):
                held.pop(owner[1], None)

    def restored(self) -> None:
        """Make the objects that a state from before did not keep."""
        for running in (*self.algos.values(), *([self.proposed] if self.proposed else [])):
            running.remember()

    def forget_old(self, before_ns: int, parents: Iterable[str]) -> None:
        """Forget those that ended before then and whose orders are all forgotten, as these parents
        are."""
        for ref in parents:
            self.forget_order(ref)
        old = [
            ref
            for ref, running in self.algos.items()
            if running.state == ENDED and running.updated_ns < before_ns and not running.names
        ]
        for ref in old:
            del self.algos[ref]
            self.carried.forget(ref)

    def facts(self) -> tuple[object, ...]:
        """For the replay's state hash."""
        return (
            tuple(running.facts() for _, running in sorted(self.algos.items())),
            tuple(sorted((ref, *owner) for ref, owner in self.of.items())),
            tuple(sorted((symbol, *sorted(refs)) for symbol, refs in self.watching.items())),
            tuple(self.due),
            self.wake_ns,
            self.carried.facts(),
            tuple(sorted(self.hedging)),
        )


def leg_of(name: str) -> str:
    """The leg of an order of that name."""
    return name.rstrip("0123456789")


_ONCE: Final = frozenset({BOOK, TIME, ORDER, READY, RESTART, STOP})
_TIMED: Final = frozenset({RUNNING, ENDING})
