"""QuickFIX's acceptor while it lives: sessions that somebody may log on to, and the ports of them.

A file store keeps what was sent (PersistMessages=Y), because ExecutionReports sent while the other
side is down must reach it by resend. All sessions of one object share QuickFIX's threads, one per
connection; several may share a port. QuickFIX binds every interface; only the addresses in
``allowed`` are let in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion
from fix_oms.sessions import binding, config, sockets
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import Callbacks, Traffic
from fix_oms.sessions.dictionaries import Dictionaries, derived

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


class Served:
    """One session while it is served. ``session`` is QuickFIX's, None before and after."""

    def __init__(self, spec: AcceptorSpec, dictionaries: Dictionaries) -> None:
        self.spec: Final = spec
        self.dictionaries: Final = dictionaries
        self.build: Final = fixtext.builder(dictionaries)
        self.identity: Final = config.identity(
            spec.version, spec.sender_comp_id, spec.target_comp_id
        )
        self.session: Any = None


class Listening:
    """The sessions of ``specs`` on ``port`` (or on the ports in their specs); ``traffic`` is told
    what QuickFIX calls back. ``owner`` is stopped at the interpreter's end, if it is forgotten.

    Raises SessionError for two sessions of one name or identity, and for a dictionary that cannot
    be used.
    """

    def __init__(
        self,
        specs: Sequence[AcceptorSpec],
        traffic: Traffic,
        owner: binding.Engine,
        *,
        work_dir: Path,
        store: Path,
        allowed: Sequence[str],
    ) -> None:
        self._traffic: Final = traffic
        self._owner: Final = owner
        self._store: Final = store
        self._allowed: Final = ",".join(allowed)
        self._port = 0
        self.served: Final[dict[str, Served]] = {}
        self._names: Final[dict[str, str]] = {}
        self._identities: Final[dict[tuple[str, str, str], str]] = {}
        self._engine: Any = None
        self._kept: tuple[Any, ...] = ()
        for spec in specs:
            self._add(Served(spec, derived(spec.version, spec.dictionary, work_dir)))

    def _add(self, served: Served) -> None:
        name = served.spec.name
        if name in self.served:
            raise SessionError(f"{name}: is there twice")
        if served.identity in self._identities:
            raise SessionError(
                f"{name}: has the same identity as {self._identities[served.identity]}: "
                f"{binding.described(served.identity)}"
            )
        self.served[name] = served
        self._identities[served.identity] = name
        self._names[fix.SessionID(*served.identity).toString()] = name

    @property
    def is_started(self) -> bool:
        """Whether there is an engine of QuickFIX's."""
        return self._engine is not None

    def of(self, sid: Any) -> Served:
        """The session that a callback is about."""
        return self.served[self._names[sid.toString()]]

    def start(self, port: int) -> None:
        """Listen. Raises SessionError, naming the port, when that is not possible."""
        if self._engine is not None:
            raise SessionError("the acceptors have been started before")
        self._port = port
        binding.claim(self._identities)
        by = time.monotonic() + PORT_S
        while (failed := self._failure()) is not None:
            if IN_USE not in failed or time.monotonic() > by:
                self._drop()
                raise SessionError(f"cannot accept sessions: {failed}")
            time.sleep(0.05)
        binding.started(self._owner)
        for served in self.served.values():
            sockets.limit_listening(self._port_of(served), served.spec.heartbeat_s)

    def stop(self, timeout_s: float) -> bool:
        """Log every session out, stop and drop. Whether there was anything to stop."""
        if self._engine is None:
            return False
        stopping = threading.Thread(target=self._engine.stop, name="acceptors stop", daemon=True)
        stopping.start()
        stopping.join(timeout_s + STOP_S)
        if stopping.is_alive():
            raise SessionError("the acceptors do not stop: a handler does not return")
        self._drop()
        binding.stopped(self._owner)
        return True

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
                    store=self._store,
                    reset_on_logon=served.spec.reset_on_logon,
                )
                | {"AllowedRemoteAddresses": self._allowed}
                for served in self.served.values()
            }
        )
        callbacks, store = Callbacks(self._traffic), fix.FileStoreFactory(str(self._store))
        self._kept = (callbacks, store, settings)
        self._engine = fix.ThreadedSocketAcceptor(callbacks, store, settings)
        self._engine.start()

    def _drop(self) -> None:
        for served in self.served.values():
            served.session = None
        self._engine = None  # the engine before what it was made of
        self._kept = ()
        binding.release(self._identities)

    def _port_of(self, served: Served) -> int:
        return self._port if served.spec.port is None else served.spec.port
