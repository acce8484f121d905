"""Whose turn it is at the engine: one lock, and a rule for those who find it taken.

A plain ``threading.Lock`` is not enough. It knows no order: whoever asks at the right moment has
it. A thread that lets it go and takes it again at once, as one that works through a batch does,
takes it nearly every time, because those who wait must first be woken by the kernel (some 50 us)
and then be given the interpreter. So a batch that holds the lock from end to end keeps a kill
waiting for seconds, and one that lets it go after each order does hardly better. Handing the lock
over to a thread that sleeps would be fair, and would let the engine idle while it wakes up.

So it is not the lock that is handed over but the work. Who finds the lock taken writes down what it
wants done, a :class:`Turn`, and sleeps. **Whoever has the lock does, before anything of its own,
what is written down**: the urgent turns first, then the others in the order in which they came. (It
is known as flat combining: Hendler, Incze, Shavit and Tzafrir, 2010.) What follows from it:

- An urgent turn waits for the one piece of work that is being done, and for urgent ones before it.
- A batch is many pieces of work: the turns of others are taken between every two of them. Its own
  order stays. It ends, because between two pieces each thread can have one turn, and no more.
- Nobody overtakes the others: a newcomer who finds the lock free does their work before its own.
- No turn is lost. A turn is written down *before* its thread tries the lock a second time. If that
  fails, somebody holds the lock, and everybody who lets it go looks *after* that whether a turn is
  written down: then it does the urgent ones, and wakes the first of the others, which takes the
  lock or finds that it was done. With one interpreter lock all threads see these in one order.

The usual case, nobody else there, costs one ``acquire`` and two looks at an empty queue: callers
for whom that matters write it out themselves, as in :meth:`Turns.take`.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final, TypeVar

T = TypeVar("T")


class Turn:
    """Work that some thread will do for another, which sleeps on ``news`` until it is done."""

    __slots__ = ("act", "error", "is_done", "news", "result")

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act: Final = act
        self.is_done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.news: Final[SimpleQueue[None]] = SimpleQueue()

    def do(self) -> None:
        """Do the work; what it raises is its own thread's. The caller holds the lock."""
        try:
            self.result = self.act()
        except BaseException as error:
            self.error = error
            if not isinstance(error, Exception):
                raise  # a signal's: it struck the thread that works, and ends that as well
        finally:
            self.is_done = True
            self.news.put(None)


class Turns:
    """``lock`` guards the engine; ``urgent`` and ``others`` are the turns written down."""

    def __init__(self) -> None:
        self.lock: Final = threading.Lock()
        self.urgent: Final[deque[Turn]] = deque()
        self.others: Final[deque[Turn]] = deque()

    def take(self, act: Callable[[], T]) -> T:
        """Do ``act`` as soon as it may be done. Returns or raises what it does."""
        if not self.lock.acquire(blocking=False):
            return self.wait(act)
        try:
            if self.urgent or self.others:
                self.let_in()
            return act()
        finally:
            self.lock.release()
            if self.urgent or self.others:
                self.relieve()

    def wait(self, act: Callable[[], T], *, urgent: bool = False) -> T:
        """The same for one who has found the lock taken."""
        turn = Turn(act)
        (self.urgent if urgent else self.others).append(turn)
        while not turn.is_done:
            if self.lock.acquire(blocking=False):
                try:
                    self._serve(turn)
                finally:
                    self.lock.release()
                    if self.urgent or self.others:
                        self.relieve()
            else:
                turn.news.get()
        if turn.error is not None:
            raise turn.error
        result: T = turn.result
        return result

    def let_in(self) -> None:
        """Do what is written down now. The caller holds the lock."""
        last = self.others[-1] if self.others else None
        self._serve(last)

    def relieve(self) -> None:
        """Look after those who wait. Called by everybody who has let the lock go.

        The urgent ones are done here and now; the first of the others is woken to look itself, so
        that a thread that has its order to send is not kept with the work of others.
        """
        while self.urgent and self.lock.acquire(blocking=False):
            try:
                self._serve(None)
            finally:
                self.lock.release()
        with contextlib.suppress(IndexError):  # somebody may have done it meanwhile
            self.others[0].news.put(None)

    def _serve(self, last: Turn | None) -> None:
        """Do all urgent turns, then the others through ``last``. The caller holds the lock."""
        while True:
            while self.urgent:
                self.urgent.popleft().do()
            if last is None or last.is_done:
                return
            self.others.popleft().do()
