"""How much of the engine's process one program may take through the control socket.

Whoever may connect may trade, so these bounds are not against a stranger. They are against the
program of our own that has gone mad, because the person who must stop it comes by the same socket:

- a process has at most :data:`MOST_OF_ONE` connections, so that one that leaks them leaves room;
- its requests are read at :data:`REQUESTS_PER_S` at most, all its connections together; what it
  asks faster waits in its own socket, and none is refused. Each costs the interpreter that every
  order needs (with 16 connections asking without a pause an order took 4 ms for 0.1).

What one request may cost is bounded elsewhere: the size of a frame, of a page, of a batch
(``model.protocol``); how long one may take to be read and its reply to be taken, in ``control``.
"""

from __future__ import annotations

from typing import Final

MOST_OF_ONE: Final = 32
REQUESTS_PER_S: Final = 5_000
BURST: Final = 10_000
"""So many at once cost nothing."""


class Callers:
    """The processes that are connected, by pid. The caller holds a lock around each call, and says
    what the time is (seconds of any steady clock)."""

    def __init__(self) -> None:
        self._connections: Final[dict[int, int]] = {}
        self._free_s: Final[dict[int, float]] = {}
        """When all that was asked so far would be through, at the pace."""

    def may_enter(self, pid: int) -> bool:
        """Whether the process may have one more connection; then it has."""
        held = self._connections.get(pid, 0)
        if held >= MOST_OF_ONE:
            return False
        self._connections[pid] = held + 1
        return True

    def leave(self, pid: int) -> None:
        """One of its connections has ended; with the last one it is forgotten."""
        held = self._connections[pid] - 1
        if held:
            self._connections[pid] = held
        else:
            del self._connections[pid]
            self._free_s.pop(pid, None)

    def wait_s(self, pid: int, now_s: float) -> float:
        """One more request of this process: how long it must wait before the next is read."""
        free_s = max(self._free_s.get(pid, 0.0), now_s) + 1 / REQUESTS_PER_S
        self._free_s[pid] = free_s
        return max(0.0, free_s - now_s - BURST / REQUESTS_PER_S)
