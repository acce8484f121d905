"""A market that wanders, and the tape of what one strategy does in it.

The middle is a random walk in ticks, the spread is fixed; prices on the tape are exact. Sizes of
moves are in basis points, because that is how a move compares with another instrument's: a share of
30 % yearly volatility moves by 1.2 bp in a second (0.30 / sqrt(252 days x 23,400 s)).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.risk.tempo import CANCEL, NEW, REPLACE

SECOND: Final = 1_000_000_000
FILL: Final = "fill"
_TICKS: Final = (SCALE // 10_000, SCALE // 100, SCALE // 20, SCALE // 4)


class Event(NamedTuple):
    """A message of ours (``kind`` new, replace, cancel) or a fill, which alone has the rest."""

    at: int
    kind: str
    buys: bool
    qty: Fixed = 0
    px: Fixed = 0
    first: bool = False


def log_uniform(random: Random, least: float, most: float) -> float:
    """Between the two, each order of magnitude as likely as another."""
    return math.exp(random.uniform(math.log(least), math.log(most)))


class Tape:
    """One strategy in one instrument: its clock, its market, its position, what it has done.

    ``clip`` is its usual order, ``largest`` the position limit that its desk has set: 1.2 to 2.5
    times what its behaviours say that they may come to hold.
    """

    def __init__(self, random: Random, calm: bool = True, liquid: bool = False) -> None:
        self.random: Final = random
        self.events: Final[list[Event]] = []
        self.now = 34_200 * SECOND
        self.tick: Final[Fixed] = random.choice(_TICKS)
        self.bp: Final = log_uniform(random, 0.3, 1.5 if liquid else 5)  # of one tick
        self.spread: Final = random.randint(1, 2 if liquid or self.bp > 2 else 4)
        self.volatility: Final = log_uniform(random, 0.6, 2.5) if calm else random.uniform(3, 8)
        self.middle = 10_000 / self.bp
        self.clip: Final[Fixed] = random.choice((1, 10, 100, 500, 2_000)) * SCALE
        self._price: Final[Fixed] = int(self.middle) * self.tick
        self._slack: Final = random.randint(120, 250)
        self.largest: Fixed = 0
        self.holds(1.5)
        self.position: Fixed = 0

    def holds(self, clips: float) -> None:
        """The behaviour may come to hold so many usual orders."""
        self.largest = max(self.largest, self.clip * int(clips * self._slack) // 100)

    @property
    def position_value(self) -> Notional:
        """The value of the largest position, at the first price."""
        return self.largest * self._price

    # -- the market -------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Time passes and the market moves."""
        self.now += max(1, int(seconds * SECOND))
        self.middle += self.random.gauss(0, self.moves(seconds))
        self.middle = max(self.middle, 100.0)

    def moves(self, seconds: float) -> float:
        """The standard deviation of the middle's move, in ticks."""
        return self.volatility / self.bp * math.sqrt(seconds)

    @property
    def bid(self) -> int:
        """In ticks."""
        return math.floor(self.middle - self.spread / 2 + 0.5)

    def near(self, buys: bool) -> int:
        """What a taker pays or gets, in ticks."""
        return self.bid + self.spread if buys else self.bid

    # -- what the strategy does -------------------------------------------------------------------

    def new(self, buys: bool) -> None:
        """A new order leaves."""
        self.events.append(Event(self.now, NEW, buys))

    def replace(self, buys: bool) -> None:
        """A replace leaves."""
        self.events.append(Event(self.now, REPLACE, buys))

    def cancel(self, buys: bool) -> None:
        """A cancel leaves."""
        self.events.append(Event(self.now, CANCEL, buys))

    def fill(self, buys: bool, qty: Fixed, ticks: int, parts: int = 1) -> None:
        """An order executes, in so many fills."""
        part = qty // parts
        for n in range(parts):
            size = part if n else qty - part * (parts - 1)
            self.events.append(Event(self.now, FILL, buys, size, ticks * self.tick, n == 0))
            self.now += self.random.randrange(1, 2_000_000)
        self.position += qty if buys else -qty

    def take(self, buys: bool, qty: Fixed, worse: int = 0) -> None:
        """An order that crosses the spread and fills at once, ``worse`` ticks beyond the near."""
        self.new(buys)
        self.now += int(log_uniform(self.random, 0.0003, 0.02) * SECOND)
        parts = self.random.choice((1, 1, 1, 2, 3))
        self.fill(buys, qty, self.near(buys) + (worse if buys else -worse), parts)

    def size(self) -> Fixed:
        """About the usual size."""
        return self.clip * self.random.randint(50, 150) // 100


Behaviour = Callable[[Tape, int], None]
"""Acts on the tape until so many events are on it."""
