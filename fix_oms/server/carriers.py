"""How a notice is taken to a command or a webhook: one JSON object, the same for both.

``text`` is a whole sentence with severity and code, which is what chat services show of a POST; the
other fields are for programs. Times are ISO 8601 UTC.

*The command* is started without a shell, gets the object on its standard input and has
``command_timeout_s``; then it is killed with all that it started. Exit code 0 says that the notice
is delivered. The environment variables that hold our secrets are kept from it. Of what it writes,
the end of its standard error is repeated in the log when it fails.

*The webhook* gets a POST over a connection of its own, which is cut when it takes longer than
``webhook_timeout_s`` as a whole, whatever the peer does. 2xx says that it is delivered; another 4xx
than 408 and 429 that it never will be. Certificates are verified, redirections are not followed, no
proxy is used. Of its address only the host is ever said: the rest may be a secret.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import fix_oms
from fix_oms.server.notices import Notice
from fix_oms.server.sinks import Undelivered

SECOND: Final = 1_000_000_000
SAID: Final = 200
"""So much of what a command or peer says of a failure is repeated."""
_AGAIN: Final = frozenset({408, 429})


def payload(notice: Notice, engine: str, lost: int = 0) -> dict[str, Any]:
    """What is told. ``engine`` says whose alert it is; ``lost`` alerts before it did not arrive."""
    before = f" ({lost} alerts before this one did not arrive)" if lost else ""
    return {
        "text": f"{notice.severity}: {notice.text} [{notice.code}] on {engine}{before}",
        "kind": notice.kind,
        "severity": notice.severity,
        "was": notice.was or None,
        "code": notice.code,
        "message": notice.text,
        "session": notice.session or None,
        "subjects": list(notice.examples),
        "count": notice.count,
        "since": _iso(notice.since_ns),
        "time": _iso(notice.at_ns),
        "engine": engine,
        "version": fix_oms.__version__,
        "lost_before": lost,
    }


class Command:
    """Starts a program for each notice."""

    name: str = "command"

    def __init__(
        self, words: Sequence[str], engine: str, timeout_s: float, secret_env: Collection[str]
    ) -> None:
        self._words: Final = list(words)
        self._engine: Final = engine
        self._timeout_s: Final = timeout_s
        self._env: Final = {k: v for k, v in os.environ.items() if k not in secret_env}
        self._lock: Final = threading.Lock()
        self._running: Final[set[int]] = set()

    def carry(self, notice: Notice, lost: int) -> None:
        told = json.dumps(payload(notice, self._engine, lost)).encode()
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
            given.write(told + b"\n")
            given.seek(0)
            try:
                process = subprocess.Popen(
                    self._words,
                    stdin=given,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env=self._env,
                    start_new_session=True,
                )
            except OSError as error:
                reason = error.strerror or str(error)
                raise Undelivered(f"{self._words[0]} cannot be started: {reason}") from error
            code = self._awaited(process)
            if code == 0:
                return
            ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            raise Undelivered(f"{self._words[0]} {ended}{_end_of(said)}")

    def cut(self) -> None:
        with self._lock:
            for pid in self._running:
                _kill_group(pid)

    def _awaited(self, process: subprocess.Popen[bytes]) -> int:
        with self._lock:
            self._running.add(process.pid)
        try:
            return process.wait(self._timeout_s)
        except subprocess.TimeoutExpired:
            _kill_group(process.pid)
            process.wait()
            reason = f"{self._words[0]} did not end within {self._timeout_s:g} s"
            raise Undelivered(reason) from None
        finally:
            with self._lock:
                self._running.discard(process.pid)


class Webhook:
    """Posts each notice."""

    name: str = "webhook"

    def __init__(self, address: str, token: str | None, engine: str, timeout_s: float) -> None:
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        self._made: Final = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._tls: Final = ssl.create_default_context() if secure else None
        self._host: Final = parts.hostname or ""
        self._port: Final = parts.port
        self._target: Final = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._engine: Final = engine
        self._timeout_s: Final = timeout_s
        self._headers: Final = {
            "Content-Type": "application/json",
            "User-Agent": f"fix-oms/{fix_oms.__version__}",
        }
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._lock: Final = threading.Lock()
        self._under_way: socket.socket | None = None

    def carry(self, notice: Notice, lost: int) -> None:
        told = json.dumps(payload(notice, self._engine, lost)).encode()
        late = threading.Timer(self._timeout_s, self.cut)
        late.daemon = True
        late.start()
        try:
            status = self._posted(told)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Undelivered(f"{self._host}: {reason}") from None
        finally:
            late.cancel()
        if not 200 <= status < 300:
            final = 400 <= status < 500 and status not in _AGAIN
            raise Undelivered(f"{self._host} answers {status}", final=final)

    def cut(self) -> None:
        with self._lock:
            if self._under_way is not None:
                with contextlib.suppress(OSError):
                    self._under_way.shutdown(socket.SHUT_RDWR)

    def _posted(self, told: bytes) -> int:
        """The status of the answer."""
        connection = self._made(self._host, self._port, timeout=self._timeout_s)
        with socket.create_connection((self._host, connection.port), self._timeout_s) as plain:
            # A second name of the connection, by which it is cut also while TLS shakes hands.
            with self._lock:
                self._under_way = plain.dup()
            try:
                connection.sock = self._wrapped(plain)
                connection.request("POST", self._target, told, self._headers)
                return connection.getresponse().status
            finally:
                connection.close()
                with self._lock:
                    self._under_way.close()
                    self._under_way = None

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        if self._tls is None:
            return plain
        return self._tls.wrap_socket(plain, server_hostname=self._host)


def _kill_group(pid: int) -> None:
    """End a command and all that it has started: it leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _end_of(said: Any) -> str:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - SAID))
    text = said.read().decode(errors="replace").strip()
    return f": {' '.join(text.split())}" if text else ""


def _iso(ns: int) -> str | None:
    if ns <= 0:
        return None
    whole, rest = divmod(ns, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1_000_000:03d}Z"
