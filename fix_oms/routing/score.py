"""What is counted of a venue, and of a symbol at a venue; and the rates that come of it.

What each figure is, and when it is counted, stands in ``scorecard``. Whatever counts orders does so
in units of ``ONE``, so that there is something left of one when it has faded.
"""

from __future__ import annotations

from typing import Final, NamedTuple, final

from fix_oms.market.ladder import Level
from fix_oms.model.messages import Terms
from fix_oms.model.routing import MILLION
from fix_oms.model.units import Fixed, Notional
from fix_oms.routing.dark import DarkBelief
from fix_oms.routing.fading import faded, half_lives
from fix_oms.routing.latencies import ONE, Latencies, Median

PRIOR_ORDERS: Final = 4
PRIOR_FILL: Final = MILLION
PRIOR_POST: Final = MILLION // 2
TAKES: Final = 1
POSTS: Final = 2
NEITHER: Final = 0
UNKNOWN_TAIL: Final = DarkBelief().tail()
"""What is believed of a dark venue of which nothing is known."""
NOTHING_SEEN: Final[tuple[Level, ...]] = ()
_AT_ONCE: Final = frozenset({"3", "4"})
"""TimeInForce(59): immediate or cancel, fill or kill."""
_MARKET: Final = "1"
_GONE: Final = 64
"""After so many half-lives nothing is left of a belief."""


@final
class Dealt:
    """What was sent in one of the two ways and is over, what of it filled and for how much, and of
    how many orders (in units of ``ONE``)."""

    __slots__ = ("filled", "notional", "orders", "sent")

    def __init__(self) -> None:
        self.orders = 0
        self.sent: Fixed = 0
        self.filled: Fixed = 0
        self.notional: Notional = 0

    def fade(self, steps: int) -> None:
        """So many steps have gone by."""
        self.orders = faded(self.orders, steps)
        self.sent = faded(self.sent, steps)
        self.filled = faded(self.filled, steps)
        self.notional = faded(self.notional, steps)

    def rate(self, prior: int, steps: int) -> int:
        """The share that filled, in millionths, blended with the prior."""
        if self.sent <= 0:
            return prior
        rate = MILLION * min(max(self.filled, 0), self.sent) // self.sent
        return blended(faded(self.orders, steps), rate, prior)

    def facts(self) -> tuple[int, ...]:
        """All of it, for the replay's state hash."""
        return self.orders, self.sent, self.filled, self.notional


@final
class VenueScore:
    """One venue: orders answered and rejected (in units of ``ONE``); the times to the answer, with
    their median, to the first fill of orders that take, to the last of those that were posted."""

    __slots__ = ("ack_median", "acks", "age", "fills", "name", "orders", "rejected", "waits")

    def __init__(self, name: str, age: int) -> None:
        self.name: Final = name
        self.age = age
        self.orders = 0
        self.rejected = 0
        self.acks: Final = Latencies()
        self.ack_median: Final = Median()
        self.fills: Final = Latencies()
        self.waits: Final = Latencies()

    def fade(self, age: int) -> None:
        """It is that step by now."""
        steps, self.age = age - self.age, age
        self.orders = faded(self.orders, steps)
        self.rejected = faded(self.rejected, steps)
        for times in (self.acks, self.fills, self.waits):
            times.fade(steps)
        self.ack_median.find(self.acks)

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        times = [times.facts() for times in (self.acks, self.fills, self.waits)]
        return (self.name, self.age, self.orders, self.rejected, *times)


class Rates(NamedTuple):
    """In millionths; ``of`` is the age, and the venue's orders and rejects, that they are of."""

    of: tuple[int, int, int]
    fill: int
    post: int
    reject: int


@final
class Card:
    """One symbol at one venue. ``improvement`` is in units of 10^-16, before the multiplier.

    Until ``until_ns`` it is up to date, and so is its venue. ``dark`` is what a dark venue is
    believed to fill, by whether it is bought there, and by the unit of quantity that is counted.
    ``rates`` and ``tails`` are what was last worked out of all that, until it changes.
    """

    __slots__ = (
        "age",
        "dark",
        "improvement",
        "orders",
        "post",
        "rates",
        "rejected",
        "symbol",
        "tails",
        "take",
        "until_ns",
        "venue",
    )

    def __init__(self, venue: VenueScore, symbol: str, age: int) -> None:
        self.venue: Final = venue
        self.symbol: Final = symbol
        self.age = age
        self.until_ns = 0
        self.orders = 0
        self.rejected = 0
        self.take: Final = Dealt()
        self.post: Final = Dealt()
        self.improvement: Notional = 0
        self.dark: Final[dict[tuple[bool, Fixed], DarkBelief]] = {}
        self.rates: Rates | None = None
        self.tails: Final[dict[tuple[bool, Fixed], tuple[int, ...]]] = {}

    def fade(self, age: int, until_ns: int) -> None:
        """It is that step by now, until then."""
        self.until_ns = until_ns
        self.rates = None
        self.tails.clear()
        steps, self.age = age - self.age, age
        self.orders = faded(self.orders, steps)
        self.rejected = faded(self.rejected, steps)
        self.improvement = faded(self.improvement, steps)
        self.take.fade(steps)
        self.post.fade(steps)
        for belief in self.dark.values():
            for _ in range(min(half_lives(age) - half_lives(age - steps), _GONE)):
                belief.faded()
        if self.venue.age != age:
            self.venue.fade(age)

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        counted = (self.age, self.orders, self.rejected, self.improvement)
        address = self.venue.name, self.symbol
        dark = tuple((key, self.dark[key].facts()) for key in sorted(self.dark))
        return (*address, *counted, self.take.facts(), self.post.facts(), dark)

    def observed(self, buys: bool, unit: Fixed, sent: Fixed, filled: Fixed) -> None:
        """An order that took there is over; what is less than a unit says nothing."""
        belief = self.dark.get((buys, unit))
        if belief is None:
            belief = self.dark[buys, unit] = DarkBelief()
        belief.observed(sent // unit, filled // unit)
        self.tails.clear()

    def tail(self, buys: bool, unit: Fixed) -> tuple[int, ...]:
        """The chances, in millionths, that 1, 2, 3 … units fill there."""
        key = buys, unit
        found = self.tails.get(key)
        if found is None:
            belief = self.dark.get(key)
            found = self.tails[key] = belief.tail() if belief is not None else UNKNOWN_TAIL
        return found

    def rated(self, age: int) -> Rates:
        """The rates at that age."""
        venue, held = self.venue, self.rates
        now = age, venue.orders, venue.rejected
        if held is None or held.of != now:
            steps = age - self.age
            all_of_it = blended_share(venue.rejected, venue.orders, 0, age - venue.age)
            held = self.rates = Rates(
                now,
                self.take.rate(PRIOR_FILL, steps),
                self.post.rate(PRIOR_POST, steps),
                blended_share(self.rejected, self.orders, all_of_it, steps),
            )
        return held


@final
class Trip:
    """An order that takes, while it is open or its leaving is still to be told (``over``).

    ``seen`` are the levels that it could trade with when it was made. Of the times 0 is "not yet";
    ``sent_ns`` is 1 where nobody will ever know. ``card`` is set where the fill was told before
    the leaving.
    """

    __slots__ = ("card", "filled_ns", "over", "seen", "sent_ns", "session")

    def __init__(self, session: str, seen: tuple[Level, ...]) -> None:
        self.session: Final = session
        self.seen: Final = seen
        self.card: Card | None = None
        self.sent_ns = 0
        self.filled_ns = 0
        self.over = False

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        name = self.card.venue.name if self.card is not None else ""
        return (name, self.session, self.seen, self.sent_ns, self.filled_ns, self.over)


def way_of(terms: Terms) -> int:
    """In which way an order of these terms deals, whatever the book shows."""
    if terms.stop_px is not None or terms.cash_order_qty is not None:
        return NEITHER
    if terms.time_in_force in _AT_ONCE or terms.ord_type == _MARKET:
        return TAKES
    return POSTS


def blended(orders: int, rate: int, prior: int) -> int:
    """A rate that so many orders have shown (in units of ``ONE``), with what was believed before
    them."""
    weight = PRIOR_ORDERS * ONE
    return (orders * rate + weight * prior) // (orders + weight)


def blended_share(part: int, orders: int, prior: int, steps: int) -> int:
    """As :func:`blended`, of the orders of which ``part`` were so."""
    if orders <= 0:
        return prior
    rate = MILLION * min(part, orders) // orders
    return blended(faded(orders, steps), rate, prior)


def walked(levels: tuple[Level, ...], qty: Fixed) -> Notional:
    """What so much costs, or fetches, from the best of the levels on; the last of them has any
    quantity."""
    total: Notional = 0
    price: Fixed = 0
    for price, shown in levels:
        part = min(shown, qty)
        total += price * part
        qty -= part
        if not qty:
            break
    return total + price * qty
