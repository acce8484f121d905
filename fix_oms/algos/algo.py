"""How an algo is written: one class, told events, returning acts.

    class Iceberg(Algo, kw_only=True):
        symbol: str
        qty: Fixed
        shown: Fixed
        sent: int = 0                      # remembered
        REMEMBERS = frozenset({"sent"})

        def on_start(self, desk):
            return self.next(desk)
        ...

An algo is a msgspec Struct. Its fields are the *parameters* that whoever starts it gives (those
typed ``Fixed``, quantities and prices, as text), and what it *remembers* (``REMEMBERS``), which has
defaults. That is all of its state: it is written into the journal with each record of what it did,
so nothing may be hidden elsewhere (no globals, no clock, no random number, no file), and whole
numbers stay within 64 bits. ``AMENDABLE`` names the parameters that may be changed while it runs.

Each method is told one event, sees the world by the :class:`Desk`, and returns acts
(``model.algos``), or yields them. They are carried out afterwards, in order; what came of them is
told by further events: ``on_order`` when an order of the algo has changed, ``on_fill`` for each
execution (a bust is one of negative quantity), ``on_refused`` for an act that was refused.

Events may be told once for several changes, and after a restart once more: decide by what the desk
*shows* (``desk.mine``), not by counting events. One that raises is held, and a person is told; so
is one whose acts are refused again and again (``MOST_REFUSED`` running).

*Paused, held, ending.* While it is paused it is told of its orders, and not of the market or time:
a Wake whose time has come meanwhile comes when it goes on. While it is held it is not told of
executions either: ``on_resume`` is where to catch up. Places and Changes that it returns while it
is paused, held, ending or ended are left out, unless a person's word asked for them (``on_tell``)
or its class names that state in ``SENDS_WHILE``; what it cancels is cancelled always. What works of
one that is ending is asked out again (``on_stop``) until it is out. One that asks for a Wake while
it is ending is told ``on_stop`` then, and does not end before. One that has ended and sends
something, or asks for a Wake, because an order of it executed late, is running again.

*Parameters* are of the types that msgspec reads from plain data: text, whole numbers, booleans,
lists, mappings; no floats, which no price or quantity is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

import msgspec

from fix_oms.algos.carried import CarryKey
from fix_oms.market.contracts import TradingTerms
from fix_oms.market.volumes import Traded
from fix_oms.model.algos import AnyAct, Cancel, Done
from fix_oms.model.curves import Curve
from fix_oms.model.routing import LevelSeen
from fix_oms.model.units import Fixed, Notional

Answer: TypeAlias = Iterable[AnyAct]
NOTHING: tuple[AnyAct, ...] = ()


class Mine(NamedTuple):
    """An order of the algo as it stands: a single order, or a parent that the router sends.

    ``open_qty`` is what it could still fill, in doubt or not; 0 says that it is out for certain.
    ``executed`` and ``notional`` are proven executions; ``provisional`` is told beside, and not
    proven. ``status`` is its OrdStatus(39). ``pending`` is what was asked of it and has no answer
    (new, replace, cancel, or empty). ``venue`` is empty for a parent. ``changes`` is how many
    requests about it have left after the first: one that has been moved hundreds of times costs
    more with each, and had better be cancelled and sent anew.
    """

    name: str
    ref: str
    symbol: str
    side: str
    qty: Fixed
    price: Fixed | None
    status: str
    executed: Fixed
    notional: Notional
    provisional: Fixed
    open_qty: Fixed
    pending: str
    in_doubt: bool
    venue: str
    text: str
    account: str = ""
    stop_px: Fixed | None = None
    changes: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it may fill yet."""
        return self.open_qty > 0


class Filled(NamedTuple):
    """An execution of the order ``name``: ``qty`` at ``px``. A bust takes back: ``qty`` below 0. A
    correction of the price alone is of quantity 0, and ``notional`` says by how much."""

    name: str
    qty: Fixed
    px: Fixed
    notional: Notional
    exec_id: str


class Refusal(NamedTuple):
    """An act on ``name`` that was refused: which ``control`` of the gate, and why."""

    name: str
    act: str
    control: str
    text: str


class Desk(Protocol):
    """What an algo sees. Nothing of it can be changed; times are ns UTC."""

    @property
    def now(self) -> int: ...
    @property
    def ref(self) -> str:
        """The algo's own."""

    @property
    def account(self) -> str: ...
    @property
    def state(self) -> str:
        """Its own: running, paused, held, ending or ended."""

    def filled(self, symbol: str, *, buys: bool) -> Fixed:
        """What all of its orders of that side have executed together, also those that are not
        known any more; busts taken off."""

    def mine(self, name: str) -> Mine | None:
        """The algo's order of that name; None where it was refused, or is not known any more."""

    def working(self) -> tuple[Mine, ...]:
        """Its orders that may fill yet, oldest first."""

    def all_mine(self) -> tuple[Mine, ...]:
        """All of its orders that are known, which may be very many: see :meth:`working`."""

    def executed(self, leg: str) -> tuple[Fixed, Notional]:
        """What all orders of that leg (``hedge`` of ``hedge1``, ``hedge2`` ...) have executed, also
        those that are not known any more: quantity and notional."""

    def carried(self, key: CarryKey) -> tuple[Fixed, Fixed]:
        """The balance that is carried there, and what of it is the algo's own."""

    def takes(self, symbol: str, venue: str = "", account: str = "") -> str:
        """Why the venue (empty: any) cannot take an order now: its session is down or busy, it is
        closed, somebody has halted or killed there. Empty where it can."""

    def unknown(self, symbol: str, venue: str = "", account: str = "", policy: str = "") -> str:
        """What of these is not configured, or does not trade there, in words. Empty: all is."""

    def terms(self, symbol: str, venue: str = "") -> TradingTerms:
        """Tick, lot, bounds and rounding; at a venue, or by the instrument's own table."""

    def venues(self, symbol: str) -> tuple[str, ...]:
        """Where it trades."""

    def levels(
        self, symbol: str, *, bids: bool, venue: str = "", others: bool = False
    ) -> tuple[LevelSeen, ...]:
        """Price and quantity of one side of the fresh books, best first, equal prices added up; of
        one venue or of all. ``others``: without what its own single orders show there, so that a
        quoter does not run after itself."""

    def last(self, symbol: str, venue: str = "") -> Fixed | None:
        """The newest trade that was told, if it is fresh; of one venue or of any."""

    def ready(self, symbol: str, venue: str = "") -> bool:
        """Whether an order could leave now as far as sessions, hours, halts and kills go; to that
        venue, or to any. An algo that looks here first is not held for being refused there."""

    def stops(self, symbol: str, venue: str) -> bool:
        """Whether the venue takes stop orders."""

    def middle(self, symbol: str) -> Fixed | None:
        """Halfway between the best bid and offer of the fresh books."""

    def reference(self, symbol: str) -> Fixed | None:
        """The middle, else the price that was stated."""

    def traded(self, symbol: str, venue: str = "") -> Traded:
        """What has traded since we have been told, by anybody: at a venue, or at all where the
        symbol trades. The sum only grows."""

    def curve(self, name: str) -> Curve | None:
        """The volume curve that is configured under that name."""

    def position(self, symbol: str, account: str = "") -> Fixed:
        """What the account holds, by executions."""


class Algo(msgspec.Struct, kw_only=True):
    """The base of all algos. See the module's docstring."""

    REMEMBERS: ClassVar[frozenset[str]] = frozenset()
    AMENDABLE: ClassVar[frozenset[str]] = frozenset()
    SENDS_WHILE: ClassVar[frozenset[str]] = frozenset()
    """States beside running in which it may send and change orders: paused, held, ending, ended."""

    def watches(self) -> frozenset[str]:
        """The symbols whose books it is told of. Asked for after each event."""
        return frozenset()

    def most(self) -> Mapping[tuple[str, bool], Fixed]:
        """By symbol and whether it buys, the most that all orders of the algo together may come
        to, executed and open. The engine refuses what goes beyond. Not named: no bound. Asked
        for after each event."""
        return {}

    def wrong(self, desk: Desk) -> str:
        """What is wrong with the parameters, naming one; empty: nothing. Asked at the start and
        for each amendment, before anything is done."""
        return ""

    def shown(self, desk: Desk) -> dict[str, str]:
        """Its progress for people, by name."""
        return {}

    def schedule(self, desk: Desk) -> tuple[dict[str, str], ...]:
        """What it plans to do and has done of it, a row each."""
        return ()

    def uncovered(self, desk: Desk) -> tuple[Fixed, str]:
        """What it should have covered and has not (below 0: it has covered too much), and the words
        for it. A person is told, severely, in the step in which it comes about."""
        return 0, ""

    # -- events -------------------------------------------------------------------------------

    def on_start(self, desk: Desk) -> Answer:
        """It begins."""
        return NOTHING

    def on_restart(self, desk: Desk) -> Answer:
        """The process has been started again; sessions may not be ready yet."""
        return NOTHING

    def on_book(self, desk: Desk, symbol: str) -> Answer:
        """The books of a symbol that it watches have changed; or it begins to watch them, or goes
        on after a pause."""
        return NOTHING

    def on_order(self, desk: Desk, mine: Mine) -> Answer:
        """An order of its own has changed in something else than its executions."""
        return NOTHING

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        """An order of its own has executed, or an execution was taken back."""
        return NOTHING

    def on_refused(self, desk: Desk, refusal: Refusal) -> Answer:
        """An act was refused, and nothing left."""
        return NOTHING

    def on_time(self, desk: Desk) -> Answer:
        """The time that a Wake named has come."""
        return NOTHING

    def on_ready(self, desk: Desk, place: str) -> Answer:
        """A session is ready, a venue has opened, or (empty) a halt was lifted."""
        return NOTHING

    def on_amend(self, desk: Desk) -> Answer:
        """It has other parameters now."""
        return NOTHING

    def on_tell(self, desk: Desk, word: str, params: Mapping[str, Any]) -> Answer:
        """Somebody says something to it. Raise ValueError, with the reason, for what it does not
        understand: the command is then refused."""
        raise ValueError(f"{type(self).__name__} understands no words")

    def on_pause(self, desk: Desk) -> Answer:
        """It is paused: by default what works is taken out."""
        return out(desk)

    def on_resume(self, desk: Desk) -> Answer:
        """It goes on after a pause or a hold."""
        return NOTHING

    def on_stop(self, desk: Desk) -> Answer:
        """It is to end; it ends when nothing of it works any more."""
        return out(desk)


def out(desk: Desk) -> tuple[AnyAct, ...]:
    """Take out all that works and has not been asked to go."""
    return tuple([Cancel(name=m.name) for m in desk.working() if m.pending != "cancel"])


def done(why: str) -> tuple[AnyAct, ...]:
    """Nothing more to do."""
    return (Done(why=why),)
