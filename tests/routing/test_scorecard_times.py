"""Histograms of times: how far off a quantile may be, and how what was counted fades."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.routing.fading import STEPS, Clock, faded
from fix_oms.routing.latencies import ONE, Latencies, Median, bucket_of, middle_of

LARGEST = (1 << 42) - 1
TIMES = st.one_of(
    st.integers(0, LARGEST),
    st.integers(0, 42).map(lambda bits: (1 << bits) - 1),
    st.integers(200_000, 400_000),
)
HALF_LIFE = 3_600 * 10**9


def histogram(times: list[int]) -> tuple[Latencies, Median]:
    held, median = Latencies(), Median()
    for ns in times:
        median.added(held, held.add(ns))
    return held, median


def is_near(told: int, exact: int) -> bool:
    """Within 1/256 and 512 ns."""
    return abs(told - exact) <= exact // 256 + 512


@given(TIMES)
def test_the_middle_of_a_times_bucket_is_near_it(ns: int) -> None:
    assert is_near(middle_of(bucket_of(ns)), ns)


@given(TIMES, TIMES)
def test_a_longer_time_is_in_no_lower_bucket(a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert bucket_of(low) <= bucket_of(high)


@pytest.mark.parametrize(("ns", "bucket"), [(-5, 0), (0, 0), (1 << 42, 3327), (1 << 70, 3327)])
def test_what_is_out_of_range_is_in_the_first_or_the_last_bucket(ns: int, bucket: int) -> None:
    assert (bucket_of(ns), *histogram([ns])[0].counts) == (bucket, bucket)


@given(st.lists(TIMES, min_size=1, max_size=300), st.integers(0, 999))
def test_a_quantile_is_near_that_of_the_sorted_times(times: list[int], thousandths: int) -> None:
    exact = sorted(times)[len(times) * thousandths // 1000]
    assert is_near(histogram(times)[0].quantile(thousandths), exact)


@given(st.lists(TIMES, min_size=1, max_size=300))
def test_the_median_that_is_kept_is_the_one_that_is_counted(times: list[int]) -> None:
    held, median = Latencies(), Median()
    for ns in times:
        median.added(held, held.add(ns))
        assert median.ns == held.quantile(500)


def test_there_is_no_quantile_of_nothing() -> None:
    held, median = histogram([])
    assert (held.quantile(500), median.ns) == (0, 0)


@given(st.lists(TIMES, max_size=100), st.integers(1, 40))
def test_the_median_is_that_of_what_is_left(times: list[int], steps: int) -> None:
    held, median = histogram(times)
    held.fade(steps)
    median.find(held)
    assert median.ns == held.quantile(500)
    median.added(held, held.add(5_000_000))
    assert median.ns == held.quantile(500)


@given(st.lists(TIMES, min_size=1, max_size=100))
def test_a_half_life_leaves_half_of_each_bucket(times: list[int]) -> None:
    held, _ = histogram(times)
    before = dict(held.counts)
    held.fade(STEPS)
    assert held.counts == {bucket: count // 2 for bucket, count in before.items()}


def test_what_is_old_enough_is_gone() -> None:
    held, _ = histogram([5, 50_000])
    held.fade(STEPS * 17)
    assert held.counts == {}


# -- the clock -----------------------------------------------------------------------------------


@given(st.integers(0, 10**30), st.integers(0, 40))
def test_half_lives_halve(value: int, half_lives: int) -> None:
    assert faded(value, STEPS * half_lives) == value >> half_lives


@given(st.integers(0, 10**30), st.integers(0, 60), st.integers(0, 60))
def test_steps_one_after_the_other_come_to_the_same_as_at_once(value: int, a: int, b: int) -> None:
    once, twice = faded(value, a + b), faded(faded(value, a), b)
    assert abs(once - twice) <= 2 + (once >> 20)


@given(st.integers(-(10**30), 10**30), st.integers(0, 60))
def test_what_is_below_nothing_fades_like_what_is_above(value: int, steps: int) -> None:
    assert faded(-value, steps) == -faded(value, steps)


@given(st.lists(st.integers(0, 3 * HALF_LIFE), max_size=20), st.integers(0, 9 * HALF_LIFE))
def test_the_age_tells_the_time_since_the_beginning(goes: list[int], then: int) -> None:
    clock, now = Clock(), 10**18
    clock.set(HALF_LIFE, now)
    clock.begin(now)
    for gone in goes:
        now += gone
        clock.advance(now)
        clock.advance(now - gone)
    assert clock.age_at(now + then) == (now + then - 10**18) // (HALF_LIFE // STEPS)


def test_another_half_life_holds_from_then_on() -> None:
    clock = Clock()
    clock.set(HALF_LIFE, 0)
    clock.begin(0)
    clock.set(2 * HALF_LIFE, HALF_LIFE)
    assert clock.age_at(3 * HALF_LIFE) == 2 * STEPS


def test_one_event_is_counted_for_sixteen_half_lives() -> None:
    assert faded(ONE, 16 * STEPS) == 1
