"""The orders in which reports may arrive."""

from __future__ import annotations

from itertools import islice
from math import factorial
from random import Random

import pytest

from fix_oms.conformance.delivery import (
    SAMPLE,
    Delivery,
    Repeat,
    inversions,
    nearer,
    once,
    orders,
    repeated,
)


@pytest.mark.parametrize("count", range(1, 8))
def test_up_to_seven_reports_come_in_every_order(count: int) -> None:
    assert len(set(orders(count, seed=1))) == factorial(count)


def test_beyond_seven_a_sample_is_drawn_in_which_no_order_comes_twice() -> None:
    found = list(orders(8, seed=1))
    assert (len(found), len(set(found))) == (SAMPLE, SAMPLE)


def test_a_sample_begins_with_the_published_order_and_its_reverse() -> None:
    assert list(islice(orders(9, seed=1), 2)) == [tuple(range(9)), tuple(reversed(range(9)))]


def test_a_sample_holds_every_order_with_one_report_out_of_place() -> None:
    found = set(orders(8, seed=1))
    assert (7, 0, 1, 2, 3, 4, 5, 6) in found
    assert (1, 2, 3, 4, 5, 6, 7, 0) in found


def test_a_seed_gives_the_same_sample_and_another_seed_another() -> None:
    assert list(orders(9, 1, 200)) == list(orders(9, 1, 200))
    assert list(orders(9, 1, 200)) != list(orders(9, 2, 200))


BOUNDED: list[tuple[int, int, int]] = [(3, 100, 6), (5, 100, 100), (9, 100, 100), (8, 9999, SAMPLE)]


@pytest.mark.parametrize(("count", "most", "expected"), BOUNDED)
def test_a_bound_never_adds_orders(count: int, most: int, expected: int) -> None:
    assert len(list(orders(count, 1, most))) == expected


def test_every_order_is_of_all_reports() -> None:
    assert all(sorted(order) == list(range(8)) for order in orders(8, 1, 500))


def test_repetitions_come_later_than_what_they_repeat() -> None:
    kinds = set()
    for seed in range(50):
        way = repeated((2, 0, 1), Random(seed))
        assert [d.report for d in way if d.repeat is Repeat.FIRST] == [2, 0, 1]
        for n, delivery in enumerate(way):
            kinds.add(delivery.repeat)
            assert Delivery(delivery.report, Repeat.FIRST) in way[: n + 1]
    assert kinds == set(Repeat)


def test_once_repeats_nothing() -> None:
    assert once((1, 0)) == [Delivery(1, Repeat.FIRST), Delivery(0, Repeat.FIRST)]


def test_inversions_count_the_pairs_out_of_order() -> None:
    assert [inversions(order) for order in ((0, 1, 2), (1, 0, 2), (2, 1, 0))] == [0, 1, 3]


def test_nearer_orders_are_one_exchange_away() -> None:
    assert list(nearer((2, 1, 0))) == [(1, 2, 0), (2, 0, 1)]
