"""All sessions to brokers of one process, behind the strict adapter (D7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fix_oms.model.counterparty import Session
from fix_oms.model.errors import SessionError
from fix_oms.sessions import binding
from fix_oms.sessions.link import Link, Secrets
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.numbers import SessionState
from fix_oms.sessions.way import Outlet

AFTER_S = 10.0
"""How much longer than asked a stop may take before the session is given up as stuck."""


class Initiators:
    """Sessions to any number of brokers at once.

    ``restored`` holds what the journal knows of each session by name; ``secrets`` gives the
    user name and password of a session, or None for each; ``work_dir`` takes derived dictionaries;
    ``outlets`` are those of the sessions that do not connect to their brokers themselves.
    Raises SessionError for two sessions of one identity and for a dictionary that cannot be used.
    """

    def __init__(
        self,
        sessions: Sequence[Session],
        restored: Mapping[str, SessionState],
        listener: Listener,
        *,
        work_dir: Path,
        secrets: Secrets,
        clock_ns: Callable[[], int] = time.time_ns,
        outlets: Mapping[str, Outlet] | None = None,
    ) -> None:
        self._links: dict[str, Link] = {}
        self._identities: dict[tuple[str, str, str], str] = {}
        self._running = False
        for session in sessions:
            link = Link(
                session,
                restored.get(session.name, SessionState()),
                listener,
                work_dir=work_dir,
                secrets=secrets,
                clock_ns=clock_ns,
                outlet=(outlets or {}).get(session.name),
            )
            self._add(link)

    def _add(self, link: Link) -> None:
        name = link.session.name
        if name in self._links:
            raise SessionError(f"sessions.{name}: is there twice")
        if link.identity in self._identities:
            raise SessionError(
                f"sessions.{name}: has the same identity as "
                f"sessions.{self._identities[link.identity]}: {binding.described(link.identity)}"
            )
        self._links[name] = link
        self._identities[link.identity] = f"sessions.{name}"

    def start(self) -> None:
        """Let every session log on when its schedule says so. Raises SessionError."""
        if self._running:
            raise SessionError("the sessions have been started before")
        binding.claim(self._identities)
        self._running = True
        binding.started(self)
        try:
            for link in self._links.values():
                link.start()
        except BaseException:
            self.stop(0.0)
            raise

    def stop(self, timeout_s: float = 5.0) -> dict[str, int]:
        """Log out, wait for the answers, stop and drop every session.

        Returns each session's exact next outgoing number; one that is stuck past all patience is
        left out, and its number is the end of its reserved block. A second call changes nothing.
        """
        if self._running:
            for link in self._links.values():
                link.stop(timeout_s)
            by = time.monotonic() + timeout_s + AFTER_S
            waited = [link.wait(max(0.0, by - time.monotonic())) for link in self._links.values()]
            if all(waited):
                self._running = False
                binding.release(self._identities)
                binding.stopped(self)
        return {n: x.next_out for n, x in self._links.items() if x.next_out is not None}

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        """The epoch and MsgSeqNum(34) under which ``text`` left; None when it did not leave,
        because the session is not ready, and never will."""
        return self._link(name).traffic.send(text)

    def is_ready(self, name: str) -> bool:
        """Whether orders may leave on this session now."""
        return self._link(name).traffic.is_ready

    def act(
        self, name: str, action: str, next_in: int | None = None, next_out: int | None = None
    ) -> None:
        """Do to a session what an operator asked for; what comes of it is told to the Listener.

        ``logon`` and ``logout`` hold until the schedule's next change; ``logon`` and ``enable``
        also lift the hold after a fault. ``disable`` holds until ``enable``. ``reset`` logs on
        with ResetSeqNumFlag(141)=Y; ``set-next`` sets our side's numbers only. Both are a new
        epoch. Raises SessionError for an unknown session or action, and for a missing number.
        """
        self._link(name).act(action, next_in, next_out)

    def _link(self, name: str) -> Link:
        try:
            return self._links[name]
        except KeyError:
            raise SessionError(f"{name!r} is no session") from None
