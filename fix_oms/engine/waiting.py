"""What the engine has asked for and has no answer to: requests, mass cancels, mass status."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from fix_oms.model.scope import Key
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request

SECOND: Final = 1_000_000_000
WAITING: Final = "waiting"
TOLD: Final = "told"
REFUSED: Final = "refused"
LOST: Final = "lost"
MOST_STANDING: Final = 100
"""Questions about positions whose outcome is kept, of each session."""


class MassCancelAsked(NamedTuple):
    """A mass cancel without an answer: where, of what scope, and when it was asked for."""

    session: str
    key: Key
    asked_ns: int


class MassStatusAsked:
    """A mass status request: the open orders it has not been answered for, and how far it is."""

    __slots__ = ("asked_ns", "heard", "req_id", "silent")

    def __init__(self, req_id: str, silent: dict[str, Order], now: int) -> None:
        self.req_id: Final = req_id
        self.silent: Final = silent
        self.asked_ns: Final = now
        self.heard = 0


class Unheard:
    """An open order of which the broker has to speak: how often and when it was asked, and whether
    new orders like it are held until then."""

    __slots__ = ("asked", "asked_ns", "holds", "order")

    def __init__(self, order: Order, holds: bool) -> None:
        self.order: Final = order
        self.holds: Final = holds
        self.asked = 0
        self.asked_ns = 0


class StandingAsked:
    """A question about an account's positions: how many reports of it have come, of how many that
    were announced (0: nobody has said), and what has come of it."""

    __slots__ = ("account", "heard", "outcome", "text", "total")

    def __init__(self, account: str) -> None:
        self.account: Final = account
        self.outcome = WAITING
        self.heard = 0
        self.total = 0
        self.text = ""

    def announced(self, total: int | None) -> None:
        """So many reports there will be."""
        if total is not None and total > 0:
            self.total = total


class Inquiry:
    """What one session is asked beside single requests.

    ``held`` counts the unheard orders that hold others, by account and symbol, and ``holding`` is
    with how many the round began. ``pace_ns`` is when the next question may leave, ``next_ns`` when
    one is due, ``orders_ns`` and ``positions_ns`` when all orders and positions are to be checked.
    ``standing`` are the newest questions about positions that somebody put, by PosReqID(710).
    """

    __slots__ = (
        "held",
        "holding",
        "mass",
        "next_ns",
        "orders_ns",
        "pace_ns",
        "positions_ns",
        "standing",
        "unheard",
    )

    def __init__(self) -> None:
        self.unheard: dict[str, Unheard] = {}
        self.held: Counter[tuple[str, str]] = Counter()
        self.holding = 0
        self.mass: MassStatusAsked | None = None
        self.pace_ns = 0
        self.next_ns = self.orders_ns = self.positions_ns = 1 << 63
        self.standing: dict[str, StandingAsked] = {}

    def clear(self) -> None:
        """The session has gone, or has come: whatever was asked is asked anew."""
        self.unheard.clear()
        self.held.clear()
        self.holding = 0
        self.mass = None
        self.next_ns = self.orders_ns = self.positions_ns = 1 << 63
        for asked in self.standing.values():
            if asked.outcome == WAITING:
                asked.outcome = LOST

    def next_name(self, base: str) -> str:
        """A name for a question that none has yet."""
        names = [base, *(f"{base}-{n}" for n in range(2, len(self.standing) + 2))]
        return next(name for name in names if name not in self.standing)

    def ask(self, name: str, asked: StandingAsked) -> None:
        """A question was put."""
        self.standing[name] = asked
        while len(self.standing) > MOST_STANDING:
            del self.standing[next(iter(self.standing))]

    def add(self, order: Order, *, holds: bool = False) -> Unheard:
        """The broker has to speak of the order from now on."""
        found = self.unheard.get(order.reference)
        if found is None:
            found = self.unheard[order.reference] = Unheard(order, holds)
            if holds:
                self.held[order.account, order.symbol] += 1
        return found

    def drop(self, order: Order) -> None:
        """The broker has spoken of it, or it matters no more."""
        found = self.unheard.pop(order.reference)
        if found.holds:
            key = order.account, order.symbol
            self.held[key] -= 1
            if not self.held[key]:
                del self.held[key]

    def holder(self, account: str, symbol: str) -> Order | None:
        """An order that holds new ones of its account and symbol."""
        if (account, symbol) not in self.held:
            return None
        held = (u.order for u in self.unheard.values() if u.holds and u.order.is_open())
        return next((o for o in held if (o.account, o.symbol) == (account, symbol)), None)

    def spend(self, now: int, per_second: int) -> None:
        """A question leaves: after a pause a second's worth may leave at once."""
        self.pace_ns = max(self.pace_ns, now - SECOND) + SECOND // per_second

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        mass = self.mass
        asked = (mass.req_id, mass.heard, *sorted(mass.silent)) if mass is not None else ()
        times = (self.pace_ns, self.next_ns, self.orders_ns, self.positions_ns, self.holding)
        unheard = sorted((r, u.asked, u.asked_ns, u.holds) for r, u in self.unheard.items())
        found = (*times, asked, tuple(unheard))
        standing = [(n, a.account, a.outcome, a.heard, a.total) for n, a in self.standing.items()]
        return (*found, tuple(standing)) if standing else found


class MarketAsked:
    """What a session is asked of market data: by which MDReqID(262) it is ``subscribed`` to, how
    often and when a snapshot was asked for since, and whether it refuses such requests."""

    __slots__ = ("count", "last_ns", "resubscribes", "subscribed")

    def __init__(self) -> None:
        self.subscribed = ""
        self.count = 0
        self.last_ns = 0
        self.resubscribes = False

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return (self.subscribed, self.count, self.last_ns, self.resubscribes)


class Waiting:
    """A request without an answer. ``asked`` counts our questions, the last at ``asked_ns``."""

    __slots__ = ("asked", "asked_ns", "order", "request")

    def __init__(self, order: Order, request: Request) -> None:
        self.order: Final = order
        self.request: Final = request
        self.asked = 0
        self.asked_ns = 0

    @property
    def is_settled(self) -> bool:
        """Nothing is waited for any more: an answer, a report of a new one, or no use for one."""
        order, request = self.order, self.request
        return (
            request.answered or (request.kind == NEW and order.reported) or order.is_moot(request)
        )
