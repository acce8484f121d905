"""Virtual time: what is to happen when, ties in the order of planning."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

MS: Final = 1_000_000
SECOND: Final = 1_000_000_000
Act = Callable[[], object]
T = TypeVar("T")
_MASK: Final = (1 << 64) - 1


def chance(seed: int, of: str) -> random.Random:
    """A generator of its own for one source of chance; the same in every process."""
    return random.Random(f"{seed} {of}")


class Clock:
    """``now`` in ns; ``done`` counts what has happened."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.done = 0
        self._heap: list[tuple[int, int, Act]] = []
        self._planned = 0

    def at(self, at_ns: int, act: Act) -> None:
        """Do this then."""
        self._planned += 1
        heapq.heappush(self._heap, (max(at_ns, self.now), self._planned, act))

    def after_ms(self, ms: float, act: Act) -> None:
        """Do this in so many milliseconds."""
        self.at(self.now + int(ms * MS), act)

    def next(self, until: int) -> Act | None:
        """Let time pass to the next thing that happens by then; None, and the time, if nothing."""
        if self._heap and self._heap[0][0] <= until:
            self.now, _, act = heapq.heappop(self._heap)
            self.done += 1
            return act
        self.now = max(self.now, until)
        return None

    def run(self, until: int, after_each: Act) -> None:
        """Let time pass, and everything happen that is planned by then."""
        while (act := self.next(until)) is not None:
            act()
            after_each()


class Draw(Protocol):
    """What a line asks of its source of chance."""

    def uniform(self, a: float, b: float) -> float: ...


class Moments:
    """Chance by the moment: what is drawn depends on when, and not on what was drawn before.

    So what is left out of a story changes nothing of what else happens at its own time.
    """

    def __init__(self, clock: Clock, seed: int, of: str) -> None:
        self._clock: Final = clock
        self._salt: Final = chance(seed, of).getrandbits(64)
        self._last = -1
        self._same = 0

    def random(self) -> float:
        """From 0 up to 1."""
        now = self._clock.now
        self._same = self._same + 1 if now == self._last else 0
        self._last = now
        mixed = ((now + self._same) ^ self._salt) * 0x9E3779B97F4A7C15 & _MASK
        mixed = (mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93 & _MASK
        mixed = (mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93 & _MASK
        return (mixed >> 11) / (1 << 53)

    def uniform(self, a: float, b: float) -> float:
        """Between the two."""
        return a + (b - a) * self.random()

    def choice(self, of: Sequence[T]) -> T:
        """One of them."""
        return of[int(self.random() * len(of))]
