"""The way to a broker by an outlet: when QuickFIX may connect, and what is told when it may not."""

from __future__ import annotations

import pytest

from fix_oms.sessions import Told
from fix_oms.sessions.way import ANSWER_NS, FRESH_NS, SECOND_NS, Way
from tests.sessions.peers import broker


class Outlet:
    """One that is answered by hand."""

    port = 4711

    def __init__(self) -> None:
        self.asked: list[Told] = []

    def dial(self, told: Told) -> None:
        self.asked.append(told)


class Desk:
    """A way, with a clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_ns = 10**15
        self.outlet = Outlet()
        self.told: list[str] = []
        self.way = Way(
            broker(port=9000),
            self.outlet,
            post=lambda act: act(),
            tell=self.told.append,
            clock_ns=lambda: self.now_ns,
        )

    def after(self, ns: int) -> bool:
        """Whether it is open so much later."""
        self.now_ns += ns
        return self.way.is_open()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_without_an_outlet_the_way_is_straight_and_always_open() -> None:
    way = Way(broker(port=9000), None, post=lambda act: act(), tell=print)
    assert (way.is_open(), way.port, way.reconnect_s) == (True, 9000, 1)


def test_it_opens_once_for_each_time_that_the_broker_is_dialled(desk: Desk) -> None:
    before = desk.after(0)
    desk.outlet.asked[0](None)
    assert (before, desk.after(0), desk.after(0)) == (False, True, False)


def test_it_is_asked_once_until_it_has_answered_or_never_will(desk: Desk) -> None:
    counts = []
    for ns in (0, SECOND_NS, ANSWER_NS - SECOND_NS):
        desk.after(ns)
        counts.append(len(desk.outlet.asked))
    assert counts == [1, 1, 2]


def test_after_a_failure_it_waits_as_the_session_says_and_the_reason_stands(desk: Desk) -> None:
    desk.after(0)
    desk.outlet.asked[0]("nobody there")
    counts = []
    for ns in (SECOND_NS - 1, 1):
        desk.after(ns)
        counts.append(len(desk.outlet.asked))
    assert (counts, desk.told, desk.way.trouble) == ([1, 2], ["nobody there"], "nobody there")


def test_a_broker_that_is_there_ends_the_reason(desk: Desk) -> None:
    desk.after(0)
    desk.outlet.asked[0]("nobody there")
    desk.after(SECOND_NS)
    desk.outlet.asked[1](None)
    assert desk.way.trouble is None


def test_one_that_was_lost_before_it_was_used_is_dialled_again(desk: Desk) -> None:
    desk.after(0)
    desk.outlet.asked[0](None)
    desk.outlet.asked[0]("it closed the connection")
    assert (desk.after(0), desk.told) == (False, ["it closed the connection"])


def test_one_that_has_waited_for_too_long_is_dialled_again(desk: Desk) -> None:
    desk.after(0)
    desk.outlet.asked[0](None)
    assert (desk.after(FRESH_NS), len(desk.outlet.asked)) == (False, 2)
