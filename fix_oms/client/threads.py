"""Threads for handlers that are plain functions, which may block without holding up others.

A few threads serve all of them, each handler by one thread at a time. What has waited for longer
than :data:`PATIENCE_S` gets another thread, so that a handler that sleeps costs a thread of its own
and those behind it are held up no longer than that, however many sleep. Threads above the first few
end when they have had nothing to do for a while. All are daemons: a handler that never returns does
not keep the program from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

FIRST: Final = 2
PATIENCE_S: Final = 0.02
IDLE_S: Final = 5.0
Job = Callable[[], None]


class Threads:
    """Runs jobs in the order in which they are given. Used from one event loop."""

    def __init__(self) -> None:
        self._jobs: Final[queue.SimpleQueue[tuple[float, Job] | None]] = queue.SimpleQueue()
        self._lock: Final = threading.Lock()
        self._threads = 0
        self._took = 0.0
        self._watching: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._said: Final[deque[Job]] = deque()
        self._is_telling = False

    @property
    def count(self) -> int:
        """How many there are now."""
        return self._threads

    def submit(self, job: Job) -> None:
        """Run this soon. A job does not raise."""
        if self._closed:
            return
        self._loop = self._loop or asyncio.get_running_loop()
        self._jobs.put((time.monotonic(), job))
        if self._threads < FIRST:
            self._start()
        elif self._watching is None:
            self._watching = self._loop.call_later(PATIENCE_S, self._watch)

    def tell(self, told: Job) -> None:
        """From a job: do this on the event loop. Many are told at once, for waking a loop costs a
        system call. Where the loop has ended there is nobody to tell."""
        self._said.append(told)
        loop = self._loop
        if not self._is_telling and loop is not None:
            self._is_telling = True
            with contextlib.suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._is_telling = False  # before the first is taken: one that is said now is not forgotten
        while self._said:
            self._said.popleft()()

    def close(self) -> None:
        """Run nothing more. A job that runs is left to itself."""
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)

    def _watch(self) -> None:
        """Another thread, if none has taken anything for so long while something waits."""
        self._watching = None
        if self._closed or self._jobs.empty() or self._loop is None:
            return
        if time.monotonic() - self._took >= PATIENCE_S:
            self._start()
        self._watching = self._loop.call_later(PATIENCE_S, self._watch)

    def _start(self) -> None:
        with self._lock:
            self._threads += 1
            name = f"handlers-{self._threads}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                found = self._jobs.get(timeout=IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._threads > FIRST:
                        self._threads -= 1
                        return
                continue
            if found is None:
                return
            self._took = time.monotonic()
            found[1]()
