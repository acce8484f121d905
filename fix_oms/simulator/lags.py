"""How long each thing is on its way, and that nothing overtakes on one session's line."""

from __future__ import annotations

import random
from typing import Final

from fix_oms.simulator.chance import exponential
from fix_oms.simulator.settings import Latency

Line = tuple[str, str]
"""What travels (requests, reports or data), and on which session."""
_US: Final = 1_000


class Lags:
    """The lines of one venue. ``seed`` is that of the jitter."""

    def __init__(self, seed: str) -> None:
        self._draw: Final = random.Random(seed)
        self._last: dict[Line, int] = {}

    def arrival(self, now_ns: int, line: Line, latency: Latency, more_ns: int = 0) -> int:
        """When what enters ``line`` now comes out of it; ``more_ns`` later for reasons of its own.
        Never before what entered earlier."""
        wait_ns = latency.us * _US + more_ns
        if latency.jitter_us:
            wait_ns += int(exponential(self._draw) * latency.jitter_us * _US)
        at_ns = self._last[line] = max(now_ns + wait_ns, self._last.get(line, 0))
        return at_ns
