"""Cancel on disconnect: what becomes of a client's orders when the client is gone.

A program that trades may ask, on its control connection, that the working orders of a scope are
cancelled when that connection ends: by ``close``, by the death of the process (kill -9 too, for the
kernel then closes the socket), by a crash in the middle of a frame. The connection belongs to a
person or program and the orders do not, so it is the scope that says which orders are meant: give
each program an account or a strategy of its own.

It does not happen when the engine itself stops: then nobody is there to see the cancels through,
and the orders are the engine's to find again at its next start. It cannot happen for a client that
only hangs and keeps its socket open, or whose socket a forked child still holds: to the kernel that
is a client that has nothing to say. Such a client needs a watchdog of its own.

The mass cancel is a command like any other, in the journal, by ``NAME (disconnected)``. Where the
engine refuses it because no session could take it, it is tried again until one does: nobody else is
left to see that the orders still work.
"""

from __future__ import annotations

import threading
from typing import Final

import structlog

from fix_oms.model import protocol
from fix_oms.model.inputs import MassCancel
from fix_oms.model.outputs import Refused
from fix_oms.server.answers import Running, said

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
_log = structlog.get_logger("control")


class Departure:
    """What one connection has asked to be done when it ends. Used by its own thread alone."""

    def __init__(self, engine: Running, stopping: threading.Event) -> None:
        self._engine: Final = engine
        self._stopping: Final = stopping
        self._command: MassCancel | None = None

    def ask(self, asked: protocol.CancelOnDisconnect) -> str:
        """Remember it, in place of what was asked before. Why it cannot be, or nothing."""
        if not asked.armed:
            self._command = None
            return ""
        if not asked.by.strip():
            return "by: must name who asks"
        command = MassCancel(
            by=f"{asked.by} (disconnected)",
            venue=asked.venue,
            symbol=asked.symbol,
            account=asked.account,
            strategy=asked.strategy,
        )
        refused = next(iter(self._engine.check((command,))), None)
        if refused is not None:
            return refused.text
        self._command = command
        return ""

    def gone(self) -> None:
        """The connection has ended. Returns when the cancels were taken, or the server stops."""
        command = self._command
        pause_s = FIRST_PAUSE_S
        while command is not None and not self._stopping.is_set():
            try:
                answer = said(self._engine.submit(command))
            except Exception as error:  # noqa: BLE001 - told and tried again: nobody else will
                answer = Refused(control="engine", text=f"{type(error).__name__}: {error}")
            if not isinstance(answer, Refused):
                _log.warning(
                    "a client is gone: its orders are cancelled", **_about(command, answer.text)
                )
                return
            _log.error("a client is gone and its orders still work", **_about(command, answer.text))
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _about(command: MassCancel, text: str) -> dict[str, str]:
    given = ("venue", "symbol", "account", "strategy")
    scope = {name: held for name in given if (held := getattr(command, name)) is not None}
    return {"by": command.by, "said": text, **scope}
