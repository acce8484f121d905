"""Means with their intervals."""

from __future__ import annotations

import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.world.figures import interval, paired

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30)


@given(st.floats(-1e3, 1e3), st.integers(1, 30))
def test_of_equal_values_nothing_is_uncertain(value: float, count: int) -> None:
    found = interval([value] * count)
    assert found.high - found.low <= 1e-9
    assert found.mean == pytest.approx(value)


@given(VALUES)
def test_the_bounds_are_in_order_and_within_the_values(values: list[float]) -> None:
    found = interval(values)
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_the_interval_is_the_normal_one_where_the_values_are_normal() -> None:
    draw = Random(5)
    values = [draw.gauss(3, 2) for _ in range(400)]
    found, error = interval(values), 1.96 * statistics.stdev(values) / 20
    assert found.mean - found.low == pytest.approx(error, rel=0.1)
    assert found.high - found.mean == pytest.approx(error, rel=0.1)


def test_pairs_take_away_what_the_trials_have_in_common() -> None:
    draw = Random(5)
    common = [draw.gauss(0, 50) for _ in range(100)]
    found = paired([value + 1 for value in common], common)
    assert [found.low, found.high] == pytest.approx([1, 1])
    assert found.excludes_zero


def test_series_of_other_lengths_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="not of the same trials"):
        paired([1.0], [1.0, 2.0])


def test_the_same_seed_gives_the_same_interval() -> None:
    assert interval([1.0, 5.0, 9.0], 3) == interval([1.0, 5.0, 9.0], 3)
