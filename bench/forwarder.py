"""What TLS costs a message: to a broker and back, in plain, in TLS, and in TLS by the forwarder.

200 bytes go to a process that sends them back, one at a time, so each way is passed twice. The
broker's side is the same for both kinds of TLS (Python's ``ssl``); what the forwarder adds to it is
a hop on loopback and a process of its own, each way.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trustme

from bench.table import Row, Table
from fix_oms.forwarder import talk
from fix_oms.forwarder.contexts import context
from fix_oms.forwarder.supervised import Forwarder, listening
from fix_oms.journal.latency import percentile
from fix_oms.model.tls import BrokerTls, ClientTls

NAME: Final = "broker.example"
MESSAGE: Final = b"8=FIX.4.4\x019=176\x01" + 176 * b"x" + b"10=000\x01"
WAIT_S: Final = 20.0


@contextmanager
def broker(tls: ClientTls | None) -> Iterator[int]:
    """The port of a process that sends everything back."""
    command = [sys.executable, "-m", "bench.forwarder", tls.cert_file if tls else ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.communicate(timeout=WAIT_S)


@contextmanager
def forwarded(port: int, tls: BrokerTls) -> Iterator[int]:
    """The port on loopback behind which the forwarder has dialled the broker."""
    dialled = threading.Event()

    def told(event: talk.Event) -> None:
        if isinstance(event, talk.Dialled):
            dialled.set()

    listener = listening("127.0.0.1", 0)
    inner = int(listener.getsockname()[1])
    door = talk.Outward(name="B", key="tls", host="127.0.0.1", port=port, heartbeat_s=30, tls=tls)
    forwarder = Forwarder([(listener, door)], told=told, down=lambda _: None)
    forwarder.start()
    forwarder.dial("B")
    try:
        if not dialled.wait(WAIT_S):
            raise TimeoutError("the forwarder has not dialled")
        yield inner
    finally:
        forwarder.stop()


def measure(sock: socket.socket, n: int, warm_up: int = 500) -> list[int]:
    """``n`` times there and back, in ns."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times: list[int] = []
    for _ in range(warm_up + n):
        begun = time.perf_counter_ns()
        sock.sendall(MESSAGE)
        missing = len(MESSAGE)
        while missing:
            missing -= len(sock.recv(missing))
        times.append(time.perf_counter_ns() - begun)
    return times[warm_up:]


def add_rows(table: Table, scale: float) -> None:
    """Measure the three ways, one after the other."""
    n = int(10_000 * scale)
    with tempfile.TemporaryDirectory() as where:
        authority, ca_file, cert_file = trustme.CA(), Path(where) / "ca", Path(where) / "cert"
        authority.cert_pem.write_to_path(ca_file)
        authority.issue_cert(NAME).private_key_and_cert_chain_pem.write_to_path(cert_file)
        cert_file.chmod(0o600)
        theirs = ClientTls(cert_file=str(cert_file))
        ours = BrokerTls(ca_file=str(ca_file), server_name=NAME)
        with broker(None) as port, socket.create_connection(("127.0.0.1", port)) as sock:
            _add(table, "in plain", measure(sock, n))
        with broker(theirs) as port:
            with (
                socket.create_connection(("127.0.0.1", port)) as sock,
                context(ours, "tls").wrap_socket(sock, server_hostname=NAME) as sealed,
            ):
                _add(table, "in TLS", measure(sealed, n))
            with (
                forwarded(port, ours) as inner,
                socket.create_connection(("127.0.0.1", inner)) as sock,
            ):
                _add(table, "in TLS by the forwarder", measure(sock, n))


def _add(table: Table, how: str, times: list[int]) -> None:
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        work = f"200 bytes to a broker and back, {how}, {name}"
        table.add(Row(work=work, value=percentile(times, share) / 1000, unit="us"))


def _serve(cert_file: str) -> None:
    made = context(ClientTls(cert_file=cert_file), "tls") if cert_file else None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        threading.Thread(target=_accept, args=(listener, made), daemon=True).start()
        sys.stdin.read()


def _accept(listener: socket.socket, made: ssl.SSLContext | None) -> None:
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with sock if made is None else made.wrap_socket(sock, server_side=True) as one:
            while data := one.recv(1 << 16):
                one.sendall(data)


if __name__ == "__main__":
    _serve(sys.argv[1])
