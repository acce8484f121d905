"""How a session gets to its broker: straight there, or by an outlet that dials first.

An outlet (``forwarder``) speaks TLS to the broker and is connected to on loopback. It is asked to
dial before QuickFIX may connect, because a Logon(A) takes a number as soon as anybody accepts the
connection, and because only who has dialled knows why there is no broker. The session's own thread
paces the attempts then: QuickFIX connects at once to what has been dialled.

What an outlet said last stands as the reason for which the session is down until it has dialled
again: a broker that turns our certificate down does so by closing the connection, and QuickFIX
knows no more than that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from fix_oms.model.counterparty import Session

SECOND_NS: Final = 1_000_000_000
ANSWER_NS: Final = 30 * SECOND_NS
"""An outlet that has not answered for so long is asked again."""
FRESH_NS: Final = 8 * SECOND_NS
"""For so long a broker that was dialled is still there: an outlet keeps him no longer than ten."""
LOOPBACK: Final = "127.0.0.1"

Told = Callable[[str | None], None]
"""What became of a dialling: None, the broker is there; else why not. May be called from any
thread, and again when a broker that was there is lost before the session has come for it."""


class Outlet(Protocol):
    """Where QuickFIX connects (``port``, on loopback), and who dials the broker first."""

    port: int

    def dial(self, told: Told) -> None: ...


class Way:
    """One session's way; used on the session's own thread. ``post`` brings an outlet's answer
    there, ``tell`` says why the session is down."""

    def __init__(
        self,
        session: Session,
        outlet: Outlet | None,
        *,
        post: Callable[[Callable[[], None]], None],
        tell: Callable[[str], None],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._outlet: Final = outlet
        self._post: Final = post
        self._tell: Final = tell
        self._clock_ns: Final = clock_ns
        self._pause_ns: Final = session.reconnect_s * SECOND_NS
        self.host: Final = session.host if outlet is None else LOOPBACK
        self.port: Final = session.port if outlet is None else outlet.port
        """Where QuickFIX connects."""
        self.reconnect_s: Final = session.reconnect_s if outlet is None else 1
        """How often QuickFIX tries."""
        self.where: Final = f"{session.host}:{session.port}"
        self.trouble: str | None = None
        """What the outlet said last, where that was no good."""
        self._dialled_ns: int | None = None
        self._next_ns = 0

    def is_open(self) -> bool:
        """Whether QuickFIX may connect now; if not, the broker is being dialled, or soon will."""
        if self._outlet is None:
            return True
        now = self._clock_ns()
        dialled_ns, self._dialled_ns = self._dialled_ns, None
        if dialled_ns is not None and now - dialled_ns < FRESH_NS:
            return True
        if now >= self._next_ns:
            self._next_ns = now + ANSWER_NS
            self._outlet.dial(lambda why: self._post(lambda: self._took(why)))
        return False

    def _took(self, why: str | None) -> None:
        now = self._clock_ns()
        self._dialled_ns = now if why is None else None
        self.trouble = why
        self._next_ns = now + self._pause_ns
        if why is not None:
            self._tell(why)
