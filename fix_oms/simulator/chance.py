"""Random numbers that are the same on every machine: only sums and comparisons of uniform ones.

``random.expovariate`` and ``gauss`` take logarithms, whose last digit differs between C libraries;
one such digit in a venue's life is another venue.
"""

from __future__ import annotations

import random
from typing import Final

_MASK: Final = (1 << 64) - 1
_PART: Final = (1 << 16) - 1


def exponential(draw: random.Random) -> float:
    """With mean 1, by von Neumann's comparisons (Various techniques used in connection with random
    digits, 1951): the length of a falling run decides whether its first number is taken."""
    whole = 0
    while True:
        first = last = draw.random()
        length = 1
        while True:
            length += 1
            following = draw.random()
            if following > last:
                break
            last = following
        if length % 2 == 0:
            return whole + first
        whole += 1


def lots(draw: random.Random, mean: int) -> int:
    """A whole number from 1, geometric, with this mean."""
    return 1 + int(exponential(draw) * (mean - 0.5)) if mean > 1 else 1


def normal(*key: int) -> float:
    """A number with mean 0 and variance 1 that belongs to these whole numbers: the sum of twelve
    uniform ones less 6, of a hash of the key (splitmix64)."""
    state = 0
    for part in key:
        state = _mixed(state ^ part & _MASK)
    total = 0
    for _ in range(3):
        state = _mixed(state)
        total += sum(state >> shift & _PART for shift in (0, 16, 32, 48))
    return total / _PART - 6.0


def _mixed(state: int) -> int:
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
    return state ^ state >> 31
