"""The efficient price: what the thing is worth, as all venues of a symbol are taken to know it.

It is a function of a seed and the time alone, so venues in processes of their own, started at
different moments, follow the same one, and a venue that was down continues where the price is by
now. Over each UTC day it is a Brownian bridge: it starts and ends at the reference, so days join.
Between is Levy's construction: the middle of a stretch is the mean of its ends and a normal number
of its own, down to stretches of about 80 ms, within which it is a straight line. Any moment is
found in 20 halvings, most of them remembered from the moment before.
"""

from __future__ import annotations

import math
from typing import Final

from fix_oms.model.units import Fixed
from fix_oms.simulator.chance import normal

_DAY_S: Final = 86_400
_DAY_NS: Final = _DAY_S * 1_000_000_000
_DEPTH: Final = 20


class EfficientPrice:
    """``volatility`` is the standard deviation of its change in one second, in ticks."""

    def __init__(self, seed: int, reference: Fixed, tick: Fixed, volatility: float) -> None:
        self._seed: Final = seed
        self._reference: Final = reference
        self._tick: Final = tick
        # the middle of a bridge over d seconds varies by d / 4
        self._spread: Final = [
            volatility * tick * math.sqrt(_DAY_S / 4 / 2**level) for level in range(_DEPTH)
        ]
        self._path: list[tuple[int, float]] = [(-1, 0.0)] * _DEPTH
        self._day = -1

    def at(self, now_ns: int) -> Fixed:
        """The price at a time, at least one tick."""
        day, within = divmod(now_ns, _DAY_NS)
        if not self._spread[0]:
            return self._reference
        if day != self._day:
            self._day, self._path = day, [(-1, 0.0)] * _DEPTH
        start, length, low, high = 0, _DAY_NS, 0.0, 0.0
        index = 0
        for level in range(_DEPTH):
            middle = self._middle(level, index, low, high)
            length //= 2
            index *= 2
            if within < start + length:
                high = middle
            else:
                start, low, index = start + length, middle, index + 1
        moved = low + (high - low) * ((within - start) / length)
        return max(self._tick, self._reference + round(moved))

    def _middle(self, level: int, index: int, low: float, high: float) -> float:
        known = self._path[level]
        if known[0] != index:
            step = normal(self._seed, self._day, level, index) * self._spread[level]
            known = self._path[level] = (index, (low + high) / 2 + step)
        return known[1]
