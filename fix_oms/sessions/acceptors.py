"""FIX sessions that others log on to: the simulator's venues, and the peers of our tests.

The same border as for initiators: derived dictionaries, text in and out, a catch-all around each
callback. What differs is the store: a file store under the work directory and PersistMessages=Y,
because ExecutionReports sent while the other side is down must reach it by resend. So ``send`` may
be called while nobody is logged on. All acceptors of one object share QuickFIX's threads, one per
connection; several sessions may share a port.

QuickFIX binds every interface; only the addresses in ``allowed`` are let in.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion, MsgType
from fix_oms.sessions import admin, binding, config, sockets
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import Callbacks, Refuse
from fix_oms.sessions.dictionaries import Dictionaries, derived

log = logging.getLogger(__name__)

LOOPBACK: Final = ("127.0.0.1",)
IN_USE: Final = "errno[98]"
PORT_S: Final = 8.0
"""How long to wait for a port: now and then the listening socket of an acceptor that has just
stopped is still there (1 restart in 8 on a busy machine)."""
STOP_S: Final = 20.0
"""QuickFIX gives its peers ten seconds to answer a Logout, and its threads some more to end."""


@attrs.frozen(kw_only=True)
class AcceptorSpec:
    """One session that somebody may log on to. ``sender_comp_id`` is ours, as in our messages.

    ``username`` and ``password``, where given, are what the Logon must carry.
    """

    name: str
    version: FixVersion
    sender_comp_id: str
    target_comp_id: str
    port: int | None = None
    """Where it differs from the port of the whole."""
    heartbeat_s: int = 30
    reset_on_logon: bool = False
    dictionary: str | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)


class AcceptorHandler(Protocol):
    """Who is told. ``received`` and ``logged_on`` are called on QuickFIX's threads, ``logged_out``
    on a thread of ours; one that raises ends its session."""

    def received(self, name: str, text: str) -> None: ...
    def logged_on(self, name: str) -> None: ...
    def logged_out(self, name: str) -> None: ...


class _Served:
    """One session while it is served."""

    def __init__(self, spec: AcceptorSpec, dictionaries: Dictionaries) -> None:
        self.spec: Final = spec
        self.dictionaries: Final = dictionaries
        self.build: Final = fixtext.builder(dictionaries)
        self.identity: Final = config.identity(
            spec.version, spec.sender_comp_id, spec.target_comp_id
        )
        self.session: Any = None
        self.flows: Final = threading.Event()
        self.flows.set()


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
        self._store_dir: Final = work_dir / "store"
        self._allowed: Final = ",".join(allowed)
        self._served: dict[str, _Served] = {}
        self._names: dict[str, str] = {}
        self._identities: dict[tuple[str, str, str], str] = {}
        self._posted: Final[queue.SimpleQueue[Callable[[], None] | None]] = queue.SimpleQueue()
        self._engine: Any = None
        self._kept: tuple[Any, ...] = ()
        self._stopping = False
        for spec in specs:
            self._add(_Served(spec, derived(spec.version, spec.dictionary, work_dir)))

    def _add(self, served: _Served) -> None:
        name = served.spec.name
        if name in self._served:
            raise SessionError(f"{name}: is there twice")
        if served.identity in self._identities:
            raise SessionError(
                f"{name}: has the same identity as {self._identities[served.identity]}: "
                f"{binding.described(served.identity)}"
            )
        self._served[name] = served
        self._identities[served.identity] = name
        self._names[fix.SessionID(*served.identity).toString()] = name

    def start(self) -> None:
        """Listen. Raises SessionError, naming the port, when that is not possible."""
        if self._engine is not None:
            raise SessionError("the acceptors have been started before")
        binding.claim(self._identities)
        by = time.monotonic() + PORT_S
        while (failed := self._failure()) is not None:
            if IN_USE not in failed or time.monotonic() > by:
                self._drop()
                raise SessionError(f"cannot accept sessions: {failed}")
            time.sleep(0.05)
        binding.started(self)
        threading.Thread(target=self._hand_on, name="acceptors", daemon=True).start()
        for served in self._served.values():
            sockets.limit_listening(self._port_of(served), served.spec.heartbeat_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Log every session out, stop and drop. A second call does nothing."""
        if self._engine is None:
            return
        self._stopping = True
        for served in self._served.values():
            served.flows.set()
        stopping = threading.Thread(target=self._engine.stop, name="acceptors stop", daemon=True)
        stopping.start()
        stopping.join(timeout_s + STOP_S)
        if stopping.is_alive():
            raise SessionError("the acceptors do not stop: a handler does not return")
        self._drop()
        self._posted.put(None)
        binding.stopped(self)

    def send(self, name: str, text: str) -> bool:
        """Send a body on a session; if nobody is logged on it is kept and sent at the next logon.

        False when it was not taken: its numbers start again at the next logon, or it has stopped.
        """
        served = self._served[name]
        if served.session is None:
            return False
        return bool(served.session.send(served.build(text)))

    def is_logged_on(self, name: str) -> bool:
        """Whether the peer is there."""
        session = self._served[name].session
        return session is not None and bool(session.isLoggedOn())

    def pause(self, name: str) -> None:
        """Stop reading what the peer sends, heartbeats and all, until ``unpause``."""
        self._served[name].flows.clear()

    def unpause(self, name: str) -> None:
        """Read on."""
        self._served[name].flows.set()

    def log_out(self, name: str, reason: str = "") -> None:
        """End a session with a Logout(5) that gives the reason; the peer may log on again."""
        self._served[name].session.logout(reason)

    # -- QuickFIX's callbacks

    def created(self, sid: Any) -> None:
        self._of(sid).session = fix.Session.lookupSession(sid)

    def logged_on(self, sid: Any) -> None:
        self._handler.logged_on(self._of(sid).spec.name)

    def logged_out(self, sid: Any) -> None:
        name = self._of(sid).spec.name
        if not self._stopping:
            self._served[name].session.logon()  # enabled again, whoever ended the session
        self._posted.put(lambda: self._handler.logged_out(name))

    def to_admin(self, message: Any, sid: Any) -> None: ...

    def to_app(self, message: Any, sid: Any) -> None: ...

    def from_admin(self, message: Any, sid: Any) -> None:
        served = self._of(sid)
        served.flows.wait()
        spec = served.spec
        text = message.toString()
        wrong = admin.wrong(fixtext.field(text, 35), text, served.session)
        if wrong is not None:
            raise wrong
        if spec.username is None and spec.password is None:
            return
        if fixtext.field(text, 35) == MsgType.LOGON:
            given = (fixtext.field(text, 553), fixtext.field(text, 554))
            if given != (spec.username, spec.password):
                raise Refuse("Username(553) or Password(554) is wrong")

    def from_app(self, message: Any, sid: Any) -> None:
        served = self._of(sid)
        served.flows.wait()
        self._handler.received(served.spec.name, fixtext.application(message))

    def fault(self, where: str, error: BaseException, sid: Any) -> None:
        log.error("acceptor %s: %s: %r", sid.toString(), where, error)
        session = self._of(sid).session
        if session is not None:
            session.logout("internal error")

    # -- parts

    def _failure(self) -> str | None:
        """Try to listen: None when that works, else why not, with nothing left behind."""
        try:
            self._make()
        except (fix.ConfigError, fix.RuntimeError) as error:
            self._engine = None
            return str(error)
        return None

    def _make(self) -> None:
        settings = config.session_settings(
            {
                served.identity: config.acceptor(
                    served.dictionaries,
                    port=self._port_of(served),
                    store=self._store_dir,
                    reset_on_logon=served.spec.reset_on_logon,
                )
                | {"AllowedRemoteAddresses": self._allowed}
                for served in self._served.values()
            }
        )
        callbacks, store = Callbacks(self), fix.FileStoreFactory(str(self._store_dir))
        self._kept = (callbacks, store, settings)
        self._engine = fix.ThreadedSocketAcceptor(callbacks, store, settings)
        self._engine.start()

    def _drop(self) -> None:
        for served in self._served.values():
            served.session = None
        self._engine = None  # the engine before what it was made of
        self._kept = ()
        binding.release(self._identities)

    def _hand_on(self) -> None:
        while (act := self._posted.get()) is not None:
            try:
                act()
            except Exception:  # the handler's own
                log.exception("acceptors: logged_out failed")

    def _of(self, sid: Any) -> _Served:
        return self._served[self._names[sid.toString()]]

    def _port_of(self, served: _Served) -> int:
        return self._port if served.spec.port is None else served.spec.port
