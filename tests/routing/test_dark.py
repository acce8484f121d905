"""What is learned of dark venues: consistent under censoring, and good enough to allocate by."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from itertools import product
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.routing import MILLION
from fix_oms.routing.dark import KNOWN, LONGEST, DarkBelief
from fix_oms.routing.pools import allocated

POOLS: Final = (
    (0.60, 0.10, 0.10, 0.05, 0.05, 0.03, 0.03, 0.04),
    (0.30, 0.30, 0.20, 0.10, 0.05, 0.03, 0.01, 0.01),
    (0.85, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.15),
    (0.10, 0.75, 0.10, 0.05, 0.00, 0.00, 0.00, 0.00),
)
"""The chance that exactly 0, 1, 2 … units are there: often none, now and then a whole block."""
VOLUME: Final = 8
ROUNDS: Final = 3_000


class Naive:
    """Learning that takes what was filled for what was there."""

    def __init__(self) -> None:
        self._orders = 0
        self._filled = [0] * VOLUME

    def observed(self, sent: int, filled: int) -> None:
        self._orders += sent > 0
        for place in range(filled):
            self._filled[place] += 1

    def tail(self) -> tuple[int, ...]:
        if self._orders < KNOWN:
            return (MILLION,) * VOLUME
        return tuple(count * MILLION // self._orders for count in self._filled)


def tail_of(chances: Sequence[float], places: int = VOLUME) -> list[float]:
    """The true chances that at least 1, 2, 3 … units are there."""
    return [sum(chances[s:]) for s in range(1, places + 1)]


def expected(allocation: Sequence[int]) -> float:
    """What an allocation fills on average."""
    return sum(
        sum(tail_of(chances)[:units]) for chances, units in zip(POOLS, allocation, strict=True)
    )


def best_possible() -> float:
    """The most that any allocation fills, by trying all."""
    every = product(range(VOLUME + 1), repeat=len(POOLS))
    return max(expected(choice) for choice in every if sum(choice) == VOLUME)


def learned(make: Callable[[], DarkBelief | Naive], seed: int) -> tuple[list[int], int]:
    """The last allocation, and all that was filled on the way."""
    chance, beliefs, total = Random(seed), [make() for _ in POOLS], 0
    allocation: list[int] = []
    for _ in range(ROUNDS):
        allocation = allocated(VOLUME, 1, [belief.tail() for belief in beliefs])
        for belief, chances, sent in zip(beliefs, POOLS, allocation, strict=True):
            there = chance.choices(range(len(chances)), chances)[0]
            filled = min(sent, there)
            total += filled
            belief.observed(sent, filled)
    return allocation, total


def test_greedy_by_the_true_chances_is_the_best_of_all_allocations() -> None:
    tails = [tuple(round(t * MILLION) for t in tail_of(chances)) for chances in POOLS]
    assert round(expected(allocated(VOLUME, 1, tails)), 9) == round(best_possible(), 9)


def test_learning_comes_to_the_best_allocation() -> None:
    regrets = [best_possible() - expected(learned(DarkBelief, seed)[0]) for seed in range(5)]
    assert max(regrets) <= 0.02 * best_possible()


def test_learning_fills_more_than_learning_that_ignores_censoring() -> None:
    censored = sum(learned(DarkBelief, seed)[1] for seed in range(5))
    assert censored > 1.02 * sum(learned(Naive, seed)[1] for seed in range(5))


def test_the_estimate_comes_to_the_truth_though_most_samples_are_censored() -> None:
    chance, belief = Random(11), DarkBelief()
    chances = POOLS[1]
    for _ in range(20_000):
        sent = chance.choice((1, 1, 1, 1, 2, 3, 8))
        belief.observed(sent, min(sent, chance.choices(range(len(chances)), chances)[0]))
    estimates = [t / MILLION for t in belief.tail()[: VOLUME - 1]]
    errors = [abs(e - t) for e, t in zip(estimates, tail_of(chances), strict=False)]
    assert max(errors) < 0.02


def test_full_fills_alone_say_nothing_of_where_liquidity_ends() -> None:
    belief = DarkBelief()
    for _ in range(KNOWN):
        belief.observed(3, 3)
    assert belief.tail()[:4] == (MILLION,) * 4


def test_of_a_venue_never_used_the_first_unit_is_taken_for_certain() -> None:
    assert DarkBelief().tail()[0] == MILLION


def test_the_next_unit_beyond_what_is_known_is_as_good_as_the_last_one_known() -> None:
    belief = DarkBelief()
    for n in range(2 * KNOWN):
        belief.observed(1, n % 2)
    assert belief.tail()[:2] == (MILLION // 2, MILLION // 2)


def test_a_venue_that_never_fills_is_nearly_given_up() -> None:
    belief = DarkBelief()
    for _ in range(50):
        belief.observed(1, 0)
    assert belief.tail()[0] == MILLION // 100


def test_what_is_given_up_is_tried_again_when_the_knowledge_has_faded() -> None:
    belief = DarkBelief()
    for _ in range(KNOWN):
        belief.observed(1, 0)
    belief.faded()
    assert belief.tail()[0] == MILLION


SAMPLES = st.lists(st.tuples(st.integers(-1, 80), st.integers(-1, 80)), max_size=60)


def believing(samples: list[tuple[int, int]]) -> DarkBelief:
    """What is believed after these orders."""
    belief = DarkBelief()
    for sent, filled in samples:
        belief.observed(sent, filled)
    return belief


@given(SAMPLES)
def test_chances_are_millionths_that_never_rise(samples: list[tuple[int, int]]) -> None:
    tail = believing(samples).tail()
    assert len(tail) <= LONGEST
    assert list(tail) == sorted(tail, reverse=True)
    assert all(0 < chance <= MILLION for chance in tail)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_the_order_in_which_orders_end_does_not_matter(
    samples: list[tuple[int, int]], chance: Random
) -> None:
    other = samples.copy()
    chance.shuffle(other)
    assert believing(samples).facts() == believing(other).facts()


@given(SAMPLES)
def test_a_belief_survives_a_snapshot(samples: list[tuple[int, int]]) -> None:
    belief = believing(samples)
    assert pickle.loads(pickle.dumps(belief)).facts() == belief.facts()
