"""Each measure at its limit, at the edge of its window, and after any history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.risk.conduct import MEASURES, MOST_LOSSES, MOST_LOTS, Trips
from fix_oms.risk.tempo import LEAST_MESSAGES, MOST_EVENTS, Measure, OrderToTrade, Window

WINDOW = 1_000
T0 = 1_800_000_000_000_000_000
Feed = Callable[[Measure, int], None]
Step = tuple[int, str, bool, int, int]
"""Nanoseconds later, what (new, replace, cancel, first, more), buys, quantity, price."""


def _sends(kind: str, times: int) -> Feed:
    def feed(measure: Measure, now: int) -> None:
        for _ in range(times):
            measure.sent(now, kind, True)

    return feed


def _trades(*fills: tuple[bool, int, int]) -> Feed:
    def feed(measure: Measure, now: int) -> None:
        for buys, qty, px in fills:
            measure.filled(now, buys, qty, px, True)

    return feed


LOOP = ((True, 100, 11), (False, 100, 10))
WIN = ((True, 100, 10), (False, 100, 11))

FIGURES: dict[str, tuple[str, Feed, int]] = {
    "new orders": ("order_rate", _sends("new", 5), 5),
    "replaces": ("order_rate", _sends("replace", 4), 4),
    "cancels": ("cancel_rate", _sends("cancel", 5), 5),
    "messages and no trade": ("order_to_trade", _sends("new", 301), 30_100),
    "orders of one side": ("repeated_execution", _trades(*[(True, 1, 1)] * 6), 6),
    "orders of the other side": ("repeated_execution", _trades(*[(False, 1, 1)] * 6), 6),
    "trips that lost": ("flip_flop", _trades(*LOOP * 7), 7),
    "trips of a short that lost": ("flip_flop", _trades((False, 5, 10), (True, 5, 11)), 1),
    "money of one trip": ("round_trip_loss", _trades(*LOOP), 100),
    "money of many": ("round_trip_loss", _trades(*LOOP * 7), 700),
}

OTHERS: dict[str, tuple[str, Feed]] = {
    "a cancel brings no risk": ("order_rate", _sends("cancel", 9)),
    "a new order is no cancel": ("cancel_rate", _sends("new", 9)),
    "a trip that won": ("flip_flop", _trades(*WIN)),
    "a trip that came to nothing": ("flip_flop", _trades((True, 9, 10), (False, 9, 10))),
    "a trip that is not over": ("flip_flop", _trades((True, 9, 10), (False, 8, 1))),
    "a win before a loss is no credit": ("round_trip_loss", _trades(*LOOP, *WIN)),
    "too few messages make no ratio": ("order_to_trade", _sends("new", LEAST_MESSAGES - 1)),
}


def measure_of(control: str, most: int = 10_000) -> Measure:
    return MEASURES[control](most, WINDOW)


# -- at the limit ------------------------------------------------------------------------------


@pytest.mark.parametrize(("control", "feed", "figure"), FIGURES.values(), ids=FIGURES.keys())
def test_the_figure_is_found(control: str, feed: Feed, figure: int) -> None:
    measure = measure_of(control, 100_000)
    feed(measure, T0)
    assert measure.found(T0) == figure


@pytest.mark.parametrize(("control", "feed", "figure"), FIGURES.values(), ids=FIGURES.keys())
def test_a_figure_at_the_limit_passes(control: str, feed: Feed, figure: int) -> None:
    measure = measure_of(control, figure)
    feed(measure, T0)
    assert not measure.exceeds(T0)


@pytest.mark.parametrize(("control", "feed", "figure"), FIGURES.values(), ids=FIGURES.keys())
def test_a_figure_one_unit_beyond_the_limit_exceeds(control: str, feed: Feed, figure: int) -> None:
    measure = measure_of(control, figure - 1)
    feed(measure, T0)
    assert measure.exceeds(T0)


@pytest.mark.parametrize(("control", "feed"), OTHERS.values(), ids=OTHERS.keys())
def test_what_a_measure_does_not_count(control: str, feed: Feed) -> None:
    measure = measure_of(control)
    feed(measure, T0)
    assert measure.found(T0) == 0


def test_every_control_is_tested_at_its_limit() -> None:
    assert {control for control, _, _ in FIGURES.values()} == set(MEASURES)


@pytest.mark.parametrize("control", MEASURES)
def test_a_measure_bears_the_name_of_its_control(control: str) -> None:
    assert getattr(MEASURES[control], "CONTROL") == control  # noqa: B009 - the base has none


# -- the window --------------------------------------------------------------------------------


@pytest.mark.parametrize(("control", "feed", "figure"), FIGURES.values(), ids=FIGURES.keys())
def test_the_last_nanosecond_of_the_window_counts(control: str, feed: Feed, figure: int) -> None:
    measure = measure_of(control, 100_000)
    feed(measure, T0)
    assert measure.found(T0 + WINDOW - 1) == figure


@pytest.mark.parametrize(("control", "feed", "figure"), FIGURES.values(), ids=FIGURES.keys())
def test_one_window_later_nothing_is_left(control: str, feed: Feed, figure: int) -> None:
    measure = measure_of(control, figure)
    feed(measure, T0)
    assert measure.found(T0 + WINDOW) == 0


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 9)), max_size=60))
def test_a_window_holds_the_sum_of_what_came_in_it(steps: list[tuple[int, int]]) -> None:
    window, held, now = Window(WINDOW), [], T0
    for later, amount in steps:
        now += later
        window.add(now, amount)
        held.append((now, amount))
        assert window.sum(now + 250) == sum(x for at, x in held if at > now + 250 - WINDOW)


def test_what_is_taken_back_comes_off_the_newest() -> None:
    window = Window(WINDOW)
    window.add(T0, 5)
    window.add(T0 + 1, 3)
    window.take_back(T0 + 2, 4)
    assert window.facts() == ((T0, 4),)


def test_two_that_become_one_stay_until_the_later_leaves() -> None:
    window = Window(WINDOW)
    window.add(T0, 5)
    window.add(T0 + 10, 3)
    window.merge_oldest()
    assert (window.sum(T0 + WINDOW + 9), window.sum(T0 + WINDOW + 10)) == (8, 0)


# -- trips -------------------------------------------------------------------------------------

B, S = True, False
TRIPS: dict[str, tuple[list[tuple[bool, int, int]], list[int]]] = {
    "there and back": ([(B, 10, 5), (S, 10, 7)], [20]),
    "a short and back": ([(S, 10, 5), (B, 10, 7)], [-20]),
    "in parts it is one trip": ([(B, 4, 5), (B, 6, 5), (S, 3, 4), (S, 7, 4)], [-10]),
    "through zero ends one and begins one": ([(B, 10, 5), (S, 15, 4), (B, 5, 5)], [-10, -5]),
    "on top of an inventory": ([(B, 50, 1), (S, 1, 1), (B, 10, 5), (S, 10, 4)], [0, -10]),
    "the position turns back": ([(B, 10, 5), (S, 6, 4), (B, 6, 5)], [-6]),
    "a turn does not judge twice": ([(B, 10, 5), (S, 6, 4), (B, 6, 5), (S, 10, 4)], [-6, -6, -4]),
    "parts at different prices": ([(B, 10, 5), (B, 10, 7), (S, 20, 6)], [0]),
    "prices below zero": ([(B, 10, -5), (S, 10, -7)], [-20]),
    "an execution of nothing": ([(B, 10, 5), (S, 0, 4), (B, 10, 5), (S, 20, 5)], [0]),
}


@pytest.mark.parametrize(("fills", "results"), TRIPS.values(), ids=TRIPS.keys())
def test_what_each_trip_comes_to(fills: list[tuple[bool, int, int]], results: list[int]) -> None:
    trips = Trips()
    assert [result for fill in fills for result in trips.executed(*fill)] == results


FILLS = st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.integers(-9, 99)), max_size=80)


@given(FILLS)
def test_trips_and_open_lots_account_for_every_fill(fills: list[tuple[bool, int, int]]) -> None:
    trips = Trips()
    earned = sum(sum(trips.executed(*fill)) for fill in fills)
    bought, _, lots = trips.facts()
    assert isinstance(lots, tuple)
    sign = 1 if bought else -1
    quantity = sign * sum(qty for qty, _, _ in lots)
    held = sign * sum(notional for _, notional, _ in lots)
    earned += sum(result for _, _, result in lots)
    assert quantity == sum(qty if buys else -qty for buys, qty, _ in fills)
    assert earned - held == sum(-qty * px if buys else qty * px for buys, qty, px in fills)


def test_a_win_takes_one_loss_back() -> None:
    measure = measure_of("flip_flop")
    _trades(*LOOP * 3, *WIN)(measure, T0)
    assert measure.found(T0) == 2


def test_what_one_trip_wins_is_taken_off_what_others_lost() -> None:
    measure = measure_of("round_trip_loss")
    _trades(*LOOP * 3, (True, 50, 10), (False, 50, 11))(measure, T0)
    assert measure.found(T0) == 250


# -- rates and ratios --------------------------------------------------------------------------


def test_executions_make_the_ratio_smaller() -> None:
    measure = measure_of("order_to_trade", 100_000)
    _sends("replace", 600)(measure, T0)
    _trades(*[(True, 1, 1)] * 7)(measure, T0)
    assert measure.found(T0) == 600 * 100 // 7


def test_beyond_what_is_kept_the_ratio_is_that_of_the_newest_messages() -> None:
    measure = measure_of("order_to_trade", 100_000)
    _trades(*[(True, 1, 1)] * 50)(measure, T0)
    _sends("new", MOST_EVENTS + 1)(measure, T0 + 1)
    assert measure.found(T0 + 1) == MOST_EVENTS * 100


def test_an_order_on_the_other_side_starts_the_row_again() -> None:
    measure = measure_of("repeated_execution")
    _trades(*[(True, 1, 1)] * 6, (False, 1, 1))(measure, T0)
    assert measure.found(T0) == 1


def test_an_order_counts_at_its_first_fill_only() -> None:
    measure = measure_of("repeated_execution")
    for first in (True, False, False):
        measure.filled(T0, True, 1, 1, first)
    assert measure.found(T0) == 1


# -- any history -------------------------------------------------------------------------------

KINDS = ("new", "replace", "cancel", "first", "more")
STEPS = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.sampled_from(KINDS),
        st.booleans(),
        st.integers(1, 20),
        st.integers(1, 5),
    ),
    max_size=60,
)


def _play(measure: Measure, steps: list[Step], asks: bool = False) -> int:
    now = T0
    for later, kind, buys, qty, px in steps:
        now += later
        if kind in ("first", "more"):
            measure.filled(now, buys, qty, px, kind == "first")
        else:
            measure.sent(now, kind, buys)
        if asks:
            measure.exceeds(now)
            measure.found(now + 3 * WINDOW)
    return now


@pytest.mark.parametrize("control", MEASURES)
@given(steps=STEPS)
def test_equal_histories_give_equal_facts(control: str, steps: list[Step]) -> None:
    first, second = measure_of(control, 7), measure_of(control, 7)
    _play(first, steps)
    _play(second, steps)
    assert first.facts() == second.facts()


@pytest.mark.parametrize("control", MEASURES)
@given(steps=STEPS)
def test_asking_changes_nothing(control: str, steps: list[Step]) -> None:
    asked, left = measure_of(control, 7), measure_of(control, 7)
    _play(asked, steps, asks=True)
    _play(left, steps)
    assert asked.facts() == left.facts()


@given(STEPS)
def test_a_rate_is_what_was_sent_in_the_window_up_to_one_beyond_the_limit(
    steps: list[Step],
) -> None:
    measure = measure_of("order_rate", 3)
    now = _play(measure, steps)
    at, times = T0, []
    for later, kind, *_ in steps:
        at += later
        times += [at] if kind in ("new", "replace") else []
    assert measure.found(now) == min(4, sum(t > now - WINDOW for t in times))


# -- memory ------------------------------------------------------------------------------------


def _size(facts: object) -> int:
    return sum(_size(x) for x in facts) if isinstance(facts, tuple) else 1


@pytest.mark.parametrize("control", MEASURES)
def test_what_is_kept_is_bounded(control: str) -> None:
    measure = measure_of(control, 50)
    sizes = []
    for n in range(4 * MOST_EVENTS):
        for kind in ("new", "cancel"):
            measure.sent(T0, kind, True)
        measure.filled(T0, n % 8 < 4, 1 + n % 7, 2 if n % 8 < 4 else 1, True)
        sizes.append(_size(measure.facts()) if n % MOST_EVENTS == MOST_EVENTS - 1 else 0)
    assert max(sizes) <= 2 * 2 * MOST_EVENTS + 3 * MOST_LOTS + 10


def test_losses_beyond_what_is_kept_still_add_up() -> None:
    measure = measure_of("round_trip_loss", 10**9)
    _trades(*LOOP * (MOST_LOSSES + 10))(measure, T0)
    assert measure.found(T0) == 100 * (MOST_LOSSES + 10)


def test_lots_beyond_what_is_kept_are_held_together() -> None:
    trips = Trips()
    for _ in range(MOST_LOTS + 10):  # each leg leaves one more open
        trips.executed(True, 2, 5)
        trips.executed(False, 1, 5)
    _, _, lots = trips.facts()
    assert isinstance(lots, tuple)
    assert len(lots) == MOST_LOTS


def test_a_window_lets_go_of_what_has_left_it() -> None:
    window = Window(WINDOW)
    for n in range(10_000):
        window.add(T0 + n * WINDOW // 10)
    assert (window.entries, len(window._times) < 200) == (10, True)


# -- bad limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "window_ns", "reason"),
    [(-1, 1, "negative"), (0, 0, "must last"), (0, -1, "must last")],
)
def test_a_limit_that_means_nothing_is_refused(most: int, window_ns: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MEASURES["order_rate"](most, window_ns)


def test_a_ratio_that_can_never_be_exceeded_is_refused() -> None:
    with pytest.raises(ValueError, match="without a trade are less"):
        OrderToTrade(100 * MOST_EVENTS, WINDOW)
