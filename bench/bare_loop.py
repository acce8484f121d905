"""The yardstick: QuickFIX from Python with nothing of ours, as fast as its text border allows.

An order goes out as ``fix.Message(text, False)``, comes in as ``toString()``, and is answered with
one ready-made ExecutionReport the same way. MemoryStore, no logs, no dictionary, no application
logic. What fix_oms adds (codec, gate, order book, journal) is judged as a ratio to this loop in the
same run, so this file stays as it is: a slow yardstick would prove nothing.

- Latency: both ends in one process, one order at a time, from before the message is built until the
  text of its report is there.
- Sustained: two processes, a fixed number of orders outstanding, each report sends the next order.

Import this module before installing signal handlers: importing quickfix resets SIGINT.
"""

from __future__ import annotations

import itertools
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import quickfix as fix

from bench.table import Row, Table
from fix_oms.journal.latency import percentile

ORDER: Final = (
    "35=D|11=R1-1|21=1|38=100|40=2|44=150.25|54=1|55=AAPL|59=0|60=20260102-14:30:00.000|"
).replace("|", "\x01")
REPORT: Final = (
    "35=8|6=0|11=R1-1|14=0|17=E1|37=O1|38=100|39=0|54=1|55=AAPL|150=0|151=100|"
).replace("|", "\x01")
LATENCY: Final = "order to ack, bare text loop, one process, p50"
SUSTAINED: Final = "round trips, bare text loop, two processes"
LOGON_TIMEOUT_S: Final = 20.0

_runs: Final = itertools.count(1)


class End(fix.Application):  # type: ignore[misc]  # quickfix ships no types, so its base is Any
    """One end of the loop. ``received`` is called with the text of each application message."""

    def __init__(self, received: Callable[[str], None]) -> None:
        super().__init__()
        self.received = received
        self.session: Any = None
        self.logged_on: Final = threading.Event()
        self.logged_out: Final = threading.Event()

    def send(self, text: str) -> None:
        """Send a message that has no header yet."""
        fix.Session.sendToTarget(fix.Message(text, False), self.session)

    def onCreate(self, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        self.session = session

    def onLogon(self, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        self.logged_on.set()

    def onLogout(self, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        self.logged_out.set()

    def toAdmin(self, message: Any, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        pass

    def fromAdmin(self, message: Any, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        pass

    def toApp(self, message: Any, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        pass

    def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802 - QuickFIX's name
        self.received(message.toString())


def acceptor_end() -> End:
    """The end that answers every message with the one report."""
    end = End(lambda text: end.send(REPORT))
    return end


def free_port() -> int:
    """A port that nothing listens on, below the range that outgoing connections take."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def _settings(kind: str, port: int, run: int) -> Any:
    here, there = ("INIT", "ACPT") if kind == "initiator" else ("ACPT", "INIT")
    default = fix.Dictionary()
    session = fix.Dictionary()
    for key, value in {
        "ConnectionType": kind,
        "SocketConnectHost": "127.0.0.1",
        "SocketConnectPort": str(port),
        "SocketAcceptPort": str(port),
        "SocketReuseAddress": "Y",
        "SocketNodelay": "Y",
        "NonStopSession": "Y",
        "HeartBtInt": "30",
        "ReconnectInterval": "1",
        "UseDataDictionary": "N",
    }.items():
        session.setString(key, value)
    settings = fix.SessionSettings()
    settings.set(default)
    settings.set(fix.SessionID("FIX.4.4", f"{here}{run}", f"{there}{run}"), session)
    return settings


@contextmanager
def running(kind: str, end: End, port: int, run: int) -> Iterator[None]:
    """Run one end. On leaving, the engine is dropped before its factory, or it would crash."""
    settings = _settings(kind, port, run)
    store = fix.MemoryStoreFactory()
    make = fix.ThreadedSocketInitiator if kind == "initiator" else fix.ThreadedSocketAcceptor
    engine = make(end, store, settings)
    engine.start()
    try:
        yield
    finally:
        engine.stop()
        del engine


def _await_logon(end: End) -> None:
    if not end.logged_on.wait(LOGON_TIMEOUT_S):
        raise TimeoutError(f"no logon within {LOGON_TIMEOUT_S:.0f} s")


def measure_latency(n: int, warm_up: int = 500) -> list[int]:
    """``n`` times from order to ack, in ns, one order at a time, both ends in this process."""
    run, port = next(_runs), free_port()
    arrived = 0
    acked = threading.Event()

    def received(text: str) -> None:
        nonlocal arrived
        arrived = time.perf_counter_ns()
        acked.set()

    end = End(received)
    times: list[int] = []
    with running("acceptor", acceptor_end(), port, run), running("initiator", end, port, run):
        _await_logon(end)
        for _ in range(warm_up + n):
            acked.clear()
            begun = time.perf_counter_ns()
            end.send(ORDER)
            acked.wait(LOGON_TIMEOUT_S)
            times.append(arrived - begun)
    return times[warm_up:]


def measure_sustained(n: int, window: int = 64) -> float:
    """Round trips per second with ``window`` orders outstanding and the acceptor in a process."""
    run, port = next(_runs), free_port()
    left, back = n - window, 0
    done = threading.Event()

    def received(text: str) -> None:
        nonlocal left, back
        back += 1
        if left > 0:
            left -= 1
            end.send(ORDER)
        elif back >= n:
            done.set()

    end = End(received)
    with _acceptor_process(port, run), running("initiator", end, port, run):
        _await_logon(end)
        begun = time.perf_counter()
        for _ in range(window):
            end.send(ORDER)
        if not done.wait(LOGON_TIMEOUT_S + n / 500):
            raise TimeoutError(f"{back} of {n} round trips came back")
        return n / (time.perf_counter() - begun)


@contextmanager
def _acceptor_process(port: int, run: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.bare_loop", str(port), str(run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.communicate(timeout=LOGON_TIMEOUT_S)


def _serve(port: int, run: int) -> None:
    """The acceptor's process: until standard input closes."""
    with running("acceptor", acceptor_end(), port, run):
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.flush()


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the yardstick's rows."""
    times = measure_latency(int(10_000 * scale))
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        work = LATENCY.replace("p50", name)
        table.add(Row(work=work, value=percentile(times, share) / 1000, unit="us"))
    table.add(Row(work=SUSTAINED, value=measure_sustained(int(100_000 * scale)), unit="/s"))


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
