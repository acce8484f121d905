"""FIX sessions that others log on to: the simulator's venues, and the peers of our tests.

The same border as for initiators: derived dictionaries, text in and out, a catch-all around each
callback. What was sent while nobody was logged on is kept, so ``send`` may be called then. (What
faces clients, who send us orders, is ``clients``.)
"""

from __future__ import annotations

import hmac
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from fix_oms.model.fix import MsgType
from fix_oms.sessions import admin
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import Refuse
from fix_oms.sessions.listening import AcceptorSpec, Listening

log = logging.getLogger(__name__)

LOOPBACK: Final = ("127.0.0.1",)


class AcceptorHandler(Protocol):
    """Who is told. ``received`` and ``logged_on`` are called on QuickFIX's threads, ``logged_out``
    on a thread of ours; one that raises ends its session."""

    def received(self, name: str, text: str) -> None: ...
    def logged_on(self, name: str) -> None: ...
    def logged_out(self, name: str) -> None: ...


class Acceptors:
    """Sessions that listen on ``port`` (or on the ports in their specs).

    Raises SessionError for two sessions of one name or identity, for a dictionary that cannot be
    used, and at ``start`` for a port that cannot be listened on.
    """

    def __init__(
        self,
        specs: Sequence[AcceptorSpec],
        handler: AcceptorHandler,
        *,
        port: int,
        work_dir: Path,
        allowed: Sequence[str] = LOOPBACK,
    ) -> None:
        self._handler: Final = handler
        self._port: Final = port
        self._listening: Final = Listening(
            specs, self, self, work_dir=work_dir, store=work_dir / "store", allowed=allowed
        )
        self._flows: Final = {spec.name: threading.Event() for spec in specs}
        for flows in self._flows.values():
            flows.set()
        self._posted: Final[queue.SimpleQueue[Callable[[], None] | None]] = queue.SimpleQueue()
        self._stopping = False

    def start(self) -> None:
        """Listen. Raises SessionError, naming the port, when that is not possible."""
        self._listening.start(self._port)
        threading.Thread(target=self._hand_on, name="acceptors", daemon=True).start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Log every session out, stop and drop. A second call does nothing."""
        self._stopping = self._listening.is_started
        for flows in self._flows.values():
            flows.set()
        if self._listening.stop(timeout_s):
            self._posted.put(None)

    def send(self, name: str, text: str) -> bool:
        """Send a body on a session; if nobody is logged on it is kept and sent at the next logon.

        False when it was not taken: its numbers start again at the next logon, or it has stopped.
        """
        served = self._listening.served[name]
        if served.session is None:
            return False
        return bool(served.session.send(served.build(text)))

    def is_logged_on(self, name: str) -> bool:
        """Whether the peer is there."""
        session = self._listening.served[name].session
        return session is not None and bool(session.isLoggedOn())

    def pause(self, name: str) -> None:
        """Stop reading what the peer sends, heartbeats and all, until ``unpause``."""
        self._flows[name].clear()

    def unpause(self, name: str) -> None:
        """Read on."""
        self._flows[name].set()

    def log_out(self, name: str, reason: str = "") -> None:
        """End a session with a Logout(5) that gives the reason; the peer may log on again."""
        self._listening.served[name].session.logout(reason)

    # -- QuickFIX's callbacks

    def created(self, sid: Any) -> None:
        self._listening.of(sid).session = fix.Session.lookupSession(sid)

    def logged_on(self, sid: Any) -> None:
        self._handler.logged_on(self._name(sid))

    def logged_out(self, sid: Any) -> None:
        name = self._name(sid)
        if not self._stopping:
            # Enabled again, whoever ended the session.
            self._listening.served[name].session.logon()
        self._posted.put(lambda: self._handler.logged_out(name))

    def to_admin(self, message: Any, sid: Any) -> None: ...

    def to_app(self, message: Any, sid: Any) -> None: ...

    def from_admin(self, message: Any, sid: Any) -> None:
        served = self._listening.of(sid)
        self._flows[served.spec.name].wait()
        text = message.toString()
        kind = fixtext.field(text, 35)
        wrong = admin.wrong(kind, text, served.session)
        if wrong is not None:
            raise wrong
        if kind == MsgType.LOGON and not knows(served.spec, text):
            raise Refuse("Username(553) or Password(554) is wrong")

    def from_app(self, message: Any, sid: Any) -> None:
        name = self._name(sid)
        self._flows[name].wait()
        self._handler.received(name, fixtext.application(message))

    def fault(self, where: str, error: BaseException, sid: Any) -> None:
        log.error("acceptor %s: %s: %r", sid.toString(), where, error)
        session = self._listening.of(sid).session
        if session is not None:
            session.logout("internal error")

    # -- parts

    def _hand_on(self) -> None:
        while (act := self._posted.get()) is not None:
            try:
                act()
            except Exception:  # the handler's own
                log.exception("acceptors: logged_out failed")

    def _name(self, sid: Any) -> str:
        return self._listening.of(sid).spec.name


def knows(spec: AcceptorSpec, logon: str) -> bool:
    """Whether a Logon's text has the user name and password that are asked for. FIX 4.2 has no
    Password(554): by custom it stands in RawData(96) there."""
    name_is_right = _same(spec.username, fixtext.field(logon, 553))
    password = fixtext.field(logon, 554) or fixtext.field(logon, 96)
    return _same(spec.password, password) and name_is_right


def _same(wanted: str | None, given: str | None) -> bool:
    """In constant time, whatever was given."""
    if wanted is None:
        return True
    found = (given or "").encode(errors="surrogateescape")
    return hmac.compare_digest(wanted.encode(), found)
