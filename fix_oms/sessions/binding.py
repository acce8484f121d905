"""The one import of quickfix, and what its Python binding leaves untyped or undone.

Importing quickfix sets SIGINT back to the system's default, which would make Ctrl-C kill the
process in the middle of a session: the handler that was there before is put back. The names that
the adapter uses are re-exported from here, all of them untyped (the binding is a SWIG module).

Two engines with the same session identity in one process crash it (QUICKFIX's sessions live in one
global map), so live identities are claimed here. Leaving the interpreter with a live engine crashes
as well: every live engine is stopped at exit.
"""

from __future__ import annotations

import atexit
import signal
import threading
from typing import Any, Final, Protocol

from fix_oms.model.errors import SessionError


def _imported() -> Any:
    handler = signal.getsignal(signal.SIGINT)
    import quickfix

    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)
    return quickfix


fix: Final = _imported()

EXIT_STOP_S: Final = 3.0
"""How long a forgotten engine may take to log out when the interpreter ends."""


class Engine(Protocol):
    """Something with QuickFIX threads in it that must be stopped before the interpreter ends."""

    def stop(self, timeout_s: float) -> object: ...


_guard = threading.Lock()
_claimed: Final[dict[tuple[str, str, str], str]] = {}
_live: Final[list[Engine]] = []


def claim(identities: dict[tuple[str, str, str], str]) -> None:
    """Take session identities (8, 49, 56 -> name) for an engine. Raises SessionError if one is in
    use by another engine of this process."""
    with _guard:
        for identity, name in identities.items():
            if identity in _claimed:
                raise SessionError(
                    f"{name}: the session {described(identity)} is already run by "
                    f"{_claimed[identity]} in this process"
                )
        _claimed.update(identities)


def release(identities: dict[tuple[str, str, str], str]) -> None:
    """Give identities back: only after the engine that used them has been dropped."""
    with _guard:
        for identity in identities:
            _claimed.pop(identity, None)


def started(engine: Engine) -> None:
    """Remember a live engine, to stop it at exit at the latest."""
    with _guard:
        _live.append(engine)


def stopped(engine: Engine) -> None:
    """Forget an engine that has been stopped and dropped."""
    with _guard:
        if engine in _live:
            _live.remove(engine)


def described(identity: tuple[str, str, str]) -> str:
    """``BeginString(8)=… SenderCompID(49)=… TargetCompID(56)=…``."""
    return "BeginString(8)={} SenderCompID(49)={} TargetCompID(56)={}".format(*identity)


@atexit.register
def _stop_all() -> None:
    for engine in tuple(_live):  # stopping takes it out
        engine.stop(EXIT_STOP_S)
