"""Means of paired trials, with their uncertainty."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

import attrs

RESAMPLES: Final = 2_000


@attrs.frozen
class Interval:
    """A mean, and the bounds between which 95 of 100 resampled means lie."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def interval(values: Sequence[float], seed: int = 1) -> Interval:
    """The bootstrap's percentile interval (Efron 1979): it asks nothing of the distribution, and
    shortfall has long tails. The same values and seed give the same interval."""
    count = len(values)
    draw = random.Random(f"{seed} bootstrap")
    means = sorted(sum(draw.choices(values, k=count)) / count for _ in range(RESAMPLES))
    edge = RESAMPLES // 40
    return Interval(sum(values) / count, means[edge], means[-edge - 1])


def paired(values: Sequence[float], others: Sequence[float], seed: int = 1) -> Interval:
    """Of the differences of two series of the same trials, the first less the second."""
    if len(values) != len(others):
        raise ValueError("the series are not of the same trials")
    return interval([a - b for a, b in zip(values, others, strict=True)], seed)
