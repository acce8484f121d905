"""Who is told when something changes: any number of functions, none of which can hold up another.

``on_delta`` is told each change, in order: what was before and what is now. ``on_update`` is told
the whole page, as it is when the call begins; changes that come during a call are one next call.
Both may be plain functions or coroutine functions.

*Each handler has its own queue.* A change is put into every queue and nobody is waited for. A
coroutine function runs as a task of the event loop, a plain one in a thread (``threads``), so that
it may block; either is called again only when it has returned. A coroutine function that blocks
(``time.sleep``) blocks the event loop, as anywhere in asyncio: make it a plain function.

*A slow handler lags alone.* Up to ``MOST_WAITING`` changes wait for it and none is lost. One more,
and those before it are dropped: it says in ``missed`` how many, and the page has what came of them.
 The engine never knows of any of this: it speaks to a mirror, not to us.

*A raising handler* is called again at the next change. Faults are reported (``faults``).

What a call costs beside the function itself, measured with 1,000 handlers (3.11, on two shared
processors): 5 us of a thread for a plain function, 10 us of the event loop for a coroutine one.
Alone, a plain function is called 25 us after the change, a coroutine function 11.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from fix_oms.client.faults import LAGGED, RAISED, SLOW, Faults
from fix_oms.client.threads import Threads

V = TypeVar("V")
MOST_WAITING: Final = 10_000
SLOW_S: Final = 1.0
LOOK_S: Final = 0.25
"""How often it is looked who is slow."""
_numbers = itertools.count(1)


class Delta(msgspec.Struct, Generic[V], frozen=True):
    """One change. ``before`` is None for something new, ``now`` for what is no longer there.
    ``missed`` changes before this one were dropped, because the handler was too slow."""

    before: V | None
    now: V | None
    missed: int = 0


class Whole(Protocol):
    """What ``on_update`` is told of."""

    def whole(self) -> Any:
        """The page as it is now; it never changes."""


Function = Callable[[Any], Awaitable[object] | object]


class Crew:
    """All handlers of one connection: their threads, their faults, and who watches them."""

    def __init__(self) -> None:
        self.faults: Final = Faults()
        self.threads: Final = Threads()
        self.most_waiting = MOST_WAITING
        self.slow_s = SLOW_S
        self._handlers: Final[set[Handler]] = set()
        self._look: asyncio.TimerHandle | None = None

    def add(self, handler: Handler) -> None:
        self._handlers.add(handler)
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(LOOK_S, self._who_is_slow)

    def remove(self, handler: Handler) -> None:
        self._handlers.discard(handler)

    async def drained(self, timeout_s: float) -> bool:
        """Wait until every handler has been told all there is. False: not in time."""
        until = time.monotonic() + timeout_s
        while any(handler.is_behind for handler in self._handlers):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.001)
        return True

    async def close(self) -> None:
        """Nobody is told anything more. A call that runs in a thread is left to itself."""
        if self._look is not None:
            self._look.cancel()
        tasks = [task for handler in tuple(self._handlers) if (task := handler.stop()) is not None]
        me = asyncio.current_task()
        await asyncio.gather(*(t for t in tasks if t is not me), return_exceptions=True)
        self.threads.close()

    def _who_is_slow(self) -> None:
        now = time.monotonic()
        for handler in self._handlers:
            handler.look(now, self.slow_s)
        self._look = asyncio.get_running_loop().call_later(LOOK_S, self._who_is_slow)


class Handler:
    """One function and what waits for it. ``page`` None: it is told deltas, else the page."""

    def __init__(self, function: Function, of: str, crew: Crew, page: Whole | None) -> None:
        self.name: Final = getattr(function, "__qualname__", repr(function))
        self.of: Final = of
        self.number: Final = next(_numbers)
        self.calls = 0
        self.function: Final = function
        self._crew: Final = crew
        self._page: Final = page
        self._is_async: Final = is_coroutine_function(function)
        self._waiting: deque[Delta[Any]] = deque()
        self._missed = 0
        self._due = False
        self._running = False
        self._stopped = False
        self._began = 0.0
        self._told_slow = False
        self._lock: Final = threading.Lock()
        self._loop: Final = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        crew.add(self)

    @property
    def is_behind(self) -> bool:
        """Whether it has not been told all there is, or its last call still runs."""
        return self._running

    def stop(self) -> asyncio.Task[None] | None:
        """Tell it nothing more. Returns the task of a call that was broken off."""
        self._stopped = True
        self._crew.remove(self)
        if self._task is not None:
            self._task.cancel()
        return self._task

    # -- on the event loop ------------------------------------------------------------------------

    def put(self, changes: list[Delta[Any]]) -> None:
        """These have happened."""
        if self._stopped:
            return
        if self._page is not None:
            self._due = True
        else:
            with self._lock:
                self._waiting.extend(changes)
                dropped = len(self._waiting) - 1
                if dropped >= self._crew.most_waiting:
                    newest = self._waiting.pop()
                    self._waiting.clear()
                    self._waiting.append(newest)
                    self._missed += dropped
            if dropped >= self._crew.most_waiting:
                self._fault(LAGGED, f"{dropped} changes waited for it and were dropped")
        self._wake()

    def _wake(self) -> None:
        if self._running or self._stopped:
            return
        self._running = True
        if self._is_async:
            self._task = self._loop.create_task(self._run())
        else:
            self._crew.threads.submit(self._work)

    def _rest(self) -> None:
        """All that there was has been told."""
        self._running = False
        if self._due or self._waiting:
            self._wake()

    def look(self, now: float, slow_s: float) -> None:
        """Report it once for each call that takes too long."""
        began = self._began
        if began and now - began > slow_s and not self._told_slow:
            self._told_slow = True
            self._fault(SLOW, f"it has been in one call for {now - began:.1f} s")

    def _fault(self, kind: str, text: str, error: BaseException | None = None) -> None:
        self._crew.faults.report(self.number, self.name, self.of, kind, text, error)

    async def _run(self) -> None:
        while not self._stopped and (found := self._next()) is not None:
            self._begin()
            try:
                await self.function(found)  # type: ignore[misc]  # it is a coroutine function
            except Exception as error:  # noqa: BLE001 - a user's function: reported, called again
                self._fault(RAISED, f"{type(error).__name__}: {error}", error)
            self._began = 0.0
            if self._due or self._waiting:
                await asyncio.sleep(0)  # one that never waits must not keep others from their turn
        self._rest()

    # -- on either -------------------------------------------------------------------------------

    def _next(self) -> Any:
        """What it is to be told next, or None."""
        if self._page is not None:
            due, self._due = self._due, False
            return self._page.whole() if due else None
        with self._lock:
            if not self._waiting:
                return None
            delta = self._waiting.popleft()
            missed, self._missed = self._missed, 0
        return Delta(delta.before, delta.now, missed) if missed else delta

    def _begin(self) -> None:
        self.calls += 1
        self._began, self._told_slow = time.monotonic(), False

    # -- in a thread -----------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopped and (found := self._next()) is not None:
            self._begin()
            try:
                if inspect.isawaitable(made := self.function(found)):
                    getattr(made, "close", int)()
                    raise TypeError("it returned an awaitable: make it a coroutine function")
            except Exception as error:  # noqa: BLE001 - a user's function: reported, called again
                text = f"{type(error).__name__}: {error}"
                self._crew.threads.tell(partial(self._fault, RAISED, text, error))
            self._began = 0.0
        self._crew.threads.tell(self._rest)


def is_coroutine_function(function: Function) -> bool:
    """Whether calling it makes something to await: an ``async def``, or an object whose call is."""
    call = getattr(type(function), "__call__", None)  # noqa: B004 - asked for what it is
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
