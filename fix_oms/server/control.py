"""The control socket: how a person or a program on this machine speaks to the running engine.

It is a Unix socket that only the engine's user and root may use (``local.unix_socket``).

A thread per connection: a client that is slow, silent or mad costs its own thread, and no lock is
held while one is read from or written to. What cannot be read is answered by a Failed frame and the
connection is closed; nothing that comes in can end the server. A connection may be silent for as
long as it likes between two requests; one that begins a frame and does not end it, or does not take
its reply, is closed, and one that does not say Hello. How much one program may take is bounded
(``callers``).

What a connection asks to be done when it ends (``departures``) is done on its thread, after it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import Final

import msgspec
import structlog

import fix_oms
from fix_oms.local.unix_socket import Listener, is_ours, peer
from fix_oms.model import protocol
from fix_oms.model.errors import JournalError, NotJournaled
from fix_oms.server.answers import Process, Running, answer
from fix_oms.server.callers import MOST_OF_ONE, Callers
from fix_oms.server.departures import Departure

MAX_CONNECTIONS: Final = 64
PATIENCE_S: Final = 30.0
"""How long a Hello, the rest of a frame, and the taking of a reply may take."""
_ACCEPT_PAUSE_S: Final = 0.1
"""After a failed accept (out of file descriptors), so as not to spin."""
_log = structlog.get_logger("control")


class ControlServer:
    """Listens at ``path`` from :meth:`start` to :meth:`stop`."""

    def __init__(
        self, path: Path, engine: Running, process: Process, *, patience_s: float = PATIENCE_S
    ) -> None:
        self.path: Final = path
        self._patience_s: Final = patience_s
        self._callers: Final = Callers()
        self._engine = engine
        self._process = process
        self._listener: Listener | None = None
        self._accepting: threading.Thread | None = None
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._departed: set[threading.Thread] = set()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Open the socket and serve it on threads of its own. Raises SocketError."""
        self._listener = Listener(
            self.path, MAX_CONNECTIONS, what="control socket", shorten="engine.socket"
        )
        self._accepting = threading.Thread(target=self._accept, name="control", daemon=True)
        self._accepting.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Close every connection and remove the socket file, if it is still ours."""
        self._stopping.set()  # before any connection ends by it
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.unlink()
        _shut(listener.socket)
        if self._accepting is not None:
            self._accepting.join(timeout_s)
        with self._lock:
            open_now = dict(self._connections)
            threads = {*open_now.values(), *self._departed}
        for connection in open_now:
            _shut(connection)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout_s)

    def _accept(self) -> None:
        while (listener := self._listener) is not None:
            try:
                connection, _ = listener.socket.accept()
            except OSError as error:
                if self._listener is not None:
                    _log.error("accept failed", path=str(self.path), error=str(error))
                    time.sleep(_ACCEPT_PAUSE_S)
                continue
            self._welcome(connection)

    def _welcome(self, connection: socket.socket) -> None:
        """Give the connection a thread, or refuse it: who is not us is told nothing."""
        pid, uid = peer(connection)
        if not is_ours(uid):
            _log.warning("a foreign user was refused", uid=uid, pid=pid, path=str(self.path))
            connection.close()
            return
        thread = threading.Thread(
            target=self._serve, args=(connection, pid), name=f"control-{pid}", daemon=True
        )
        with self._lock:
            busy = self._busy(pid)
            if not busy:
                self._connections[connection] = thread
        if busy:
            connection.settimeout(0.0)  # so short a reply fits the buffer
            with contextlib.suppress(OSError):
                _send(connection, protocol.Failed(code="busy", text=busy))
            connection.close()
        else:
            thread.start()

    def _busy(self, pid: int) -> str:
        """Why there is no room for one more connection of a process; else it has one more."""
        if len(self._connections) >= MAX_CONNECTIONS:
            return f"there are {MAX_CONNECTIONS} connections already"
        if not self._callers.may_enter(pid):
            return f"process {pid} has {MOST_OF_ONE} connections already"
        return ""

    def _serve(self, connection: socket.socket, pid: int) -> None:
        departure = Departure(self._engine, self._stopping)
        mine = threading.current_thread()
        try:
            self._converse(connection, departure, pid)
        except (OSError, protocol.FrameError) as error:
            _log.info("a control connection ended", error=str(error))
        finally:
            with self._lock:
                self._connections.pop(connection, None)
                self._callers.leave(pid)
                self._departed.add(mine)
            connection.close()
            try:
                departure.gone()
            finally:
                with self._lock:
                    self._departed.discard(mine)

    def _converse(self, connection: socket.socket, departure: Departure, pid: int) -> None:
        greeted = False
        reader = _Reader(connection, self._patience_s)
        while True:
            try:
                body = reader.frame(may_idle=greeted)
            except protocol.FrameError as error:
                connection.settimeout(self._patience_s)
                _send(connection, protocol.Failed(code="frame", text=str(error)))
                return
            if body is None:
                return
            reply = self._reply(body, departure) if greeted else _greeting(body)
            connection.settimeout(self._patience_s)
            _send(connection, reply)
            self._pace(pid)
            if isinstance(reply, protocol.Failed) and reply.code in ("protocol", "frame"):
                return
            greeted = True

    def _pace(self, pid: int) -> None:
        """Let a program wait that asks too fast; a stop does not wait for it."""
        with self._lock:
            wait_s = self._callers.wait_s(pid, time.monotonic())
        if wait_s > 0:
            self._stopping.wait(wait_s)

    def _reply(self, body: bytes, departure: Departure) -> protocol.Reply:
        try:
            asked = protocol.request(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return protocol.Failed(code="request", text=f"not a request of ours: {error}")
        try:
            if isinstance(asked, protocol.CancelOnDisconnect):
                wrong = departure.ask(asked)
                failed = protocol.Failed(code="request", text=wrong)
                return failed if wrong else self._process.status()
            return answer(asked, self._engine, self._process)
        except NotJournaled as error:
            return protocol.Failed(code="not_journaled", text=f"{error}: nothing was done")
        except JournalError as error:
            return protocol.Failed(code="journal", text=str(error))
        except Exception as error:  # noqa: BLE001 - the last line: the client is told, the server lives
            _log.error("a request failed", request=type(asked).__name__, exc_info=True)
            return protocol.Failed(code="engine", text=f"{type(error).__name__}: {error}")


class _Reader:
    """Reads frames from a connection that may be silent between two of them, and not within one."""

    def __init__(self, connection: socket.socket, patience_s: float) -> None:
        self._connection: Final = connection
        self._patience_s: Final = patience_s
        self._by_s: float | None = None

    def frame(self, *, may_idle: bool) -> bytes | None:
        """The next frame's body, None at the end. Raises FrameError, OSError."""
        self._by_s = None if may_idle else time.monotonic() + self._patience_s
        try:
            return protocol.read_frame(self._receive, protocol.MAX_REQUEST)
        except TimeoutError:
            text = f"no whole frame came within {self._patience_s:g} s"
            raise protocol.FrameError(text) from None

    def _receive(self, size: int) -> bytes:
        if self._by_s is None:
            self._connection.settimeout(None)
        else:
            self._connection.settimeout(max(0.001, self._by_s - time.monotonic()))
        data = self._connection.recv(size)
        if self._by_s is None:
            self._by_s = time.monotonic() + self._patience_s
        return data


def _greeting(body: bytes) -> protocol.Welcome | protocol.Failed:
    """The answer to a connection's first frame."""
    try:
        hello = protocol.request(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return protocol.Failed(code="frame", text="the first frame must be Hello: this is none")
    if not isinstance(hello, protocol.Hello):
        return protocol.Failed(code="frame", text="the first frame must be Hello")
    if hello.protocol != protocol.PROTOCOL:
        return protocol.Failed(
            code="protocol",
            text=f"the engine (fix_oms {fix_oms.__version__}) speaks control protocol "
            f"{protocol.PROTOCOL}, the client (fix_oms {hello.version}) speaks {hello.protocol}: "
            "use the release that the engine runs",
        )
    return protocol.Welcome(
        protocol=protocol.PROTOCOL, version=fix_oms.__version__, pid=os.getpid()
    )


def _send(connection: socket.socket, reply: protocol.Reply) -> None:
    try:
        framed = protocol.frame(reply)
    except protocol.FrameError as error:
        _log.error("a reply cannot be sent", reply=type(reply).__name__, error=str(error))
        framed = protocol.frame(protocol.Failed(code="engine", text=f"the reply: {error}"))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(framed)


def _shut(connection: socket.socket) -> None:
    """End a socket that another thread may be blocked on: close alone would not wake it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
