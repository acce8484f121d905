"""What a venue will do later, in virtual time: a heap of moments, ties in the order of planning."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Act = Callable[[int], None]
"""Called with the moment that it was planned for, in ns."""


class Timers:
    def __init__(self) -> None:
        self.now_ns = 0
        self._heap: list[tuple[int, int, Act]] = []
        self._planned = 0

    def at(self, at_ns: int, act: Act) -> None:
        self._planned += 1
        heapq.heappush(self._heap, (at_ns, self._planned, act))

    @property
    def next_ns(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def run(self, now_ns: int) -> None:
        """Do all that is due by ``now_ns``, what becomes due on the way included.

        Time never goes back here: a clock that does is read as standing still.
        """
        while self._heap and self._heap[0][0] <= max(now_ns, self.now_ns):
            at_ns, _, act = heapq.heappop(self._heap)
            self.now_ns = max(at_ns, self.now_ns)
            act(self.now_ns)
        self.now_ns = max(now_ns, self.now_ns)
