"""Virtual time: what is to happen when, ties in the order of planning."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from typing import Final

MS: Final = 1_000_000
SECOND: Final = 1_000_000_000
Act = Callable[[], object]


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
