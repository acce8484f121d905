"""Whether a peer has said nothing that could be understood, for longer than it may.

QuickFIX looks at its own timers when nothing has come for a second, or when a whole message has. A
peer that sends bytes without a pause, and no message in them, is therefore never found silent: no
heartbeat is missed, no Logon(A) overdue, and the bytes are kept until the memory is gone (tried: a
BodyLength(9) of 2000000000, and text without ``8=``). So the session's own thread looks as well.

It counts only the time in which it could have listened: a process that was stopped for a minute, or
a disk that holds up everything, says nothing about the peer.
"""

from __future__ import annotations

from typing import Final


class Silence:
    """Looked at now and then. ``longest_ns`` is the most that one look counts for."""

    def __init__(self, longest_ns: int) -> None:
        self._longest_ns: Final = longest_ns
        self._heard = -1
        self._looked_ns = 0
        self._silent_ns = 0

    def begin(self, now: int) -> None:
        """From now on."""
        self._looked_ns, self._silent_ns = now, 0

    def look(self, heard: int, now: int) -> int:
        """For how long it has been silent, in ns.

        ``heard`` counts what has been taken in, twice each: an odd one is being taken in just now.
        """
        if heard != self._heard or heard % 2:
            self._heard, self._silent_ns = heard, 0
        else:
            self._silent_ns += min(now - self._looked_ns, self._longest_ns)
        self._looked_ns = now
        return self._silent_ns
