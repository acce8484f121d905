"""The engine's time under a wall clock that is set: what it does, and what is told."""

from __future__ import annotations

import time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.server.clock import TRUST_NS, Clock, Jump

SECOND: Final = 1_000_000_000
NOW: Final = 1_763_718_000 * SECOND


class Machine:
    """A wall clock that anybody may set, and a steady one."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW, 77 * SECOND
        self.between = 0  # how long a look is interrupted between its readings
        self.clock = Clock(lambda: self.wall, self._steady)

    def _steady(self) -> int:
        found = self.steady
        self.steady += self.between
        self.wall += self.between
        return found

    def passes(self, seconds: float) -> int:
        """Time passes; the engine's time afterwards, in seconds since the beginning."""
        self.steady += int(seconds * SECOND)
        self.wall += int(seconds * SECOND)
        return self.now()

    def set(self, seconds: float) -> Jump | None:
        """The wall clock is set by so much; what the next look tells."""
        self.wall += int(seconds * SECOND)
        return self.clock.look()

    def now(self) -> int:
        return (self.clock.now_ns() - NOW) // SECOND


def test_an_undisturbed_clock_is_the_wall_clock_and_nothing_is_told() -> None:
    machine = Machine()
    machine.passes(100)
    assert (machine.clock.now_ns(), machine.clock.look()) == (machine.wall, None)


def test_a_clock_that_is_set_reaches_nothing_before_a_look() -> None:
    machine = Machine()
    machine.wall += 3600 * SECOND
    assert machine.passes(5) == 5


def test_a_clock_set_back_is_told_with_both_times() -> None:
    machine = Machine()
    assert machine.set(-3600) == Jump(NOW - 3600 * SECOND, NOW, followed=False)


def test_after_a_step_back_time_goes_on_slower_until_the_wall_clock_has_caught_up() -> None:
    machine = Machine()
    machine.set(-60)
    found = [machine.passes(100), machine.passes(400), machine.passes(100), machine.passes(100)]
    assert found == [90, 450, 540, 640]  # 60 s are made good in 600


def test_that_the_wall_clock_has_caught_up_is_told_once() -> None:
    machine = Machine()
    machine.set(-60)
    machine.passes(595)
    assert machine.clock.look() == Jump(machine.wall, machine.clock.now_ns(), followed=True)
    assert machine.clock.look() is None


def test_a_step_back_that_stands_is_told_once() -> None:
    machine = Machine()
    machine.set(-3600)
    machine.passes(60)
    assert machine.clock.look() is None


def test_a_second_step_back_is_told_too() -> None:
    machine = Machine()
    machine.set(-3600)
    assert machine.set(-60) == Jump(NOW - 3660 * SECOND, NOW, followed=False)


@pytest.mark.parametrize("seconds", [-0.9, 0.9])
def test_a_small_step_is_not_told(seconds: float) -> None:
    assert Machine().set(seconds) is None


def test_small_steps_back_are_told_when_they_add_up() -> None:
    machine = Machine()
    assert [machine.set(-0.6) is None, machine.set(-0.6) is None] == [True, False]


def test_a_clock_set_forward_a_little_is_followed_and_told() -> None:
    machine = Machine()
    told = machine.set(30)
    assert (told, machine.now()) == (Jump(NOW + 30 * SECOND, NOW, followed=True), 30)


def test_a_clock_set_far_forward_is_told_and_not_followed() -> None:
    machine = Machine()
    told = machine.set(61)
    assert (told, machine.passes(100)) == (Jump(NOW + 61 * SECOND, NOW, followed=False), 100)


def test_a_clock_that_stays_far_forward_is_told_once() -> None:
    machine = Machine()
    machine.set(3600)
    machine.passes(1)
    assert machine.clock.look() is None


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_a_clock_that_is_set_right_again_is_followed_and_told(seconds: float) -> None:
    machine = Machine()
    machine.set(seconds)
    machine.passes(3000)
    machine.clock.look()
    told = machine.set(-seconds)
    assert told is not None
    assert (told.followed, machine.now()) == (True, 3000)


def test_the_begin_goes_on_from_a_record_in_the_future_and_tells_it() -> None:
    machine = Machine()
    told = machine.clock.begin(NOW + 20 * SECOND, 300)
    assert (told, machine.passes(10)) == ((Jump(NOW, NOW + 20 * SECOND, followed=False), ""), 29)


def test_a_record_a_second_ahead_is_no_news() -> None:
    assert Machine().clock.begin(NOW + SECOND, 300) == (None, "")


def test_a_record_further_ahead_than_is_tolerated_says_how_far() -> None:
    _, refused = Machine().clock.begin(NOW + 301 * SECOND, 300)
    assert refused.partition(":")[0] == (
        "the journal's last record is 301.0 s in the future of this machine's clock, and "
        "engine.clock_tolerance_s is 300"
    )


def test_a_journal_of_the_past_is_no_news() -> None:
    machine = Machine()
    assert (machine.clock.begin(NOW - 86_400 * SECOND, 300), machine.now()) == ((None, ""), 0)


def test_a_look_that_was_interrupted_decides_nothing() -> None:
    machine = Machine()
    machine.between = 2 * SECOND
    machine.wall += 3600 * SECOND
    assert machine.clock.look() is None
    machine.between = 0
    assert machine.clock.look() is not None


steps = st.tuples(st.floats(0, 5000), st.sampled_from([0, 0, 0.5, -0.5, 30, -30, 500, -500]))


@given(st.lists(steps, max_size=20))
def test_time_never_runs_backwards_and_never_slower_than_nine_tenths(
    story: list[tuple[float, float]],
) -> None:
    machine = Machine()
    for seconds, step in story:
        machine.set(step)
        before, steady = machine.clock.now_ns(), machine.steady
        machine.passes(seconds)
        assert machine.clock.now_ns() - before >= (machine.steady - steady) * 9 // 10 - 1


@given(st.lists(steps, max_size=20))
def test_a_look_moves_time_forward_by_no_more_than_is_trusted(
    story: list[tuple[float, float]],
) -> None:
    machine = Machine()
    for seconds, step in story:
        machine.passes(seconds)
        before = machine.clock.now_ns()
        machine.set(step)
        # What a step back has slowed is given back as well: at most a tenth of what passed.
        slowed = sum(s for s, _ in story) * SECOND / 10
        assert 0 <= machine.clock.now_ns() - before <= TRUST_NS + slowed


def test_the_machines_own_clocks_agree() -> None:
    clock = Clock(time.time_ns, lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME))
    assert abs(clock.now_ns() - time.time_ns()) < SECOND
    assert clock.look() is None
