"""Who finds the engine taken has its work done for it: urgent first, in order, and none lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fix_oms.server.turns import Turn, Turns

PATIENCE_S = 60.0


class Noted(deque[Turn]):
    """A queue that says when a turn has been written down."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Semaphore(0)

    def append(self, turn: Turn) -> None:
        super().append(turn)
        self.written.release()


class Watched(Turns):
    """Turns whose queues say when one has been written down."""

    def __init__(self) -> None:
        super().__init__()
        self.noted = {False: Noted(), True: Noted()}
        self.others, self.urgent = self.noted[False], self.noted[True]  # type: ignore[misc]  # the same queues, with a bell
        self.done: list[str] = []
        self._threads: list[threading.Thread] = []

    def asked_for(self, name: str, *, urgent: bool = False) -> None:
        """A thread that finds the lock taken wants ``name`` done; returns when that is noted."""
        self.waits(lambda: self.done.append(name), urgent=urgent)

    def waits(self, act: Callable[[], Any], *, urgent: bool = False) -> None:
        thread = threading.Thread(target=lambda: self.wait(act, urgent=urgent))
        self._threads.append(thread)
        thread.start()
        assert self.noted[urgent].written.acquire(timeout=PATIENCE_S)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The lock is held, and let go as everybody does."""
        with self.lock:
            yield
        self.relieve()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@pytest.fixture
def turns() -> Watched:
    return Watched()


def test_an_urgent_turn_is_done_before_those_that_waited_already(turns: Watched) -> None:
    with turns.taken():
        turns.asked_for("order")
        turns.asked_for("kill", urgent=True)
    assert turns.done == ["kill", "order"]


def test_turns_are_done_in_the_order_in_which_they_came(turns: Watched) -> None:
    with turns.taken():
        for name in "abcdef":
            turns.asked_for(name)
    assert turns.done == list("abcdef")


def test_urgent_turns_are_done_in_the_order_in_which_they_came(turns: Watched) -> None:
    with turns.taken():
        for name in "abcdef":
            turns.asked_for(name, urgent=True)
    assert turns.done == list("abcdef")


def test_a_batch_does_the_work_of_those_who_wait_between_two_of_its_pieces(
    turns: Watched,
) -> None:
    def piece(number: int) -> None:
        turns.done.append(f"piece {number}")
        if number == 1:
            turns.asked_for("report")
            turns.asked_for("kill", urgent=True)

    for number in range(3):
        turns.take(lambda number=number: piece(number))  # type: ignore[misc]  # binds the number
    turns.join()
    assert turns.done == ["piece 0", "piece 1", "kill", "report", "piece 2"]


def test_who_finds_the_lock_free_does_the_work_of_those_before_it(turns: Watched) -> None:
    with turns.lock:
        turns.asked_for("first")
    turns.take(lambda: turns.done.append("newcomer"))
    turns.join()
    assert turns.done == ["first", "newcomer"]


def test_an_urgent_turn_that_is_written_down_while_others_are_done_goes_before_the_rest(
    turns: Watched,
) -> None:
    with turns.taken():
        turns.waits(lambda: turns.asked_for("kill", urgent=True))
        turns.asked_for("order")
    assert turns.done == ["kill", "order"]


def test_what_a_turn_gives_comes_back_to_who_asked_for_it(turns: Watched) -> None:
    given: list[str] = []
    with turns.lock:
        waiting = threading.Thread(target=lambda: given.append(turns.wait(lambda: "mine")))
        waiting.start()
        assert turns.noted[False].written.acquire(timeout=PATIENCE_S)
    turns.relieve()
    waiting.join(PATIENCE_S)
    assert given == ["mine"]


def test_what_a_turn_raises_is_raised_to_who_asked_for_it_alone(turns: Watched) -> None:
    raised: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    def ask() -> None:
        try:
            turns.wait(fail)
        except ValueError as error:
            raised.append(str(error))

    with turns.lock:
        waiting = threading.Thread(target=ask)
        waiting.start()
        assert turns.noted[False].written.acquire(timeout=PATIENCE_S)
    found = turns.take(lambda: "mine")
    waiting.join(PATIENCE_S)
    assert (found, raised) == ("mine", ["no"])


def test_the_lock_is_free_after_work_that_fails(turns: Watched) -> None:
    with pytest.raises(ZeroDivisionError):
        turns.take(lambda: 1 // 0)
    assert turns.take(lambda: "again") == "again"


def test_of_many_threads_every_turn_is_done_once_and_alone(turns: Watched) -> None:
    """Without the lock some of the additions would be lost."""
    count = 0

    def add() -> None:
        nonlocal count
        before = count
        for _ in range(20):  # gives the interpreter time to go to another thread
            pass
        count = before + 1

    def work(is_urgent: bool) -> None:
        for n in range(500):
            if is_urgent and n % 3 == 0:
                turns.wait(add, urgent=True)
            else:
                turns.take(add)

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert count == 4000
