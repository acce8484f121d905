"""Order to acknowledgement through all of fix_oms, beside the bare text loop of the same run.

The same wire, the same counterparty work (one ready-made report, with the order's ClOrdID put in),
but on our side everything: command, gate with every kind of limit, order book, journal with CRC and
hash chain, encode, FIFO and sender thread, decode, evidence, position. Latency is from before the
command is submitted until the acknowledgement has changed the order's state.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.bare_loop import LATENCY, LOGON_TIMEOUT_S, SUSTAINED, End, free_port, running
from bench.table import Row, Table
from fix_oms.journal.latency import percentile
from fix_oms.model.inputs import FixIn, Input, NewOrder, SessionReady
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import load
from fix_oms.server.process import Server

RUN: Final = 0
"""The bare loop's acceptor names its sides by a run number; ours is none of its own."""
CONFIG: Final = """
[engine]
journal = "journal"
socket = "s.sock"
durability = "{durability}"

[sessions.PEER]
version = "FIX.4.4"
sender_comp_id = "INIT0"
target_comp_id = "ACPT0"
port = {port}
supports = {{ mass_status = false, market_data = false }}

[venues.PEER]
session = "PEER"

[instruments.AAPL]
venues = ["PEER"]
reference = "150"

[accounts.DESK]

[[limits]]
control = "max_order_qty"
limit = "1000000"

[[limits]]
control = "max_order_value"
limit = "1000000000"

[[limits]]
control = "price_collar"
limit = "10"

[[limits]]
control = "message_rate"
limit = "1000000"
"""
ORDER: Final = NewOrder(
    by="bench",
    terms=Terms(symbol="AAPL", side="1", order_qty=100 * SCALE, ord_type="2", price=150 * SCALE),
)
REPORT: Final = (
    "35=8|37=O{id}|11={id}|17=E{id}|150=0|39=0|55=AAPL|54=1|38=100|44=150|151=100|14=0|6=0|"
    "60=20260102-14:30:00.000|"
).replace("|", "\x01")


def acking_end() -> End:
    """A counterparty that acknowledges each order, and does nothing else."""

    def received(text: str) -> None:
        if "\x0135=D\x01" in text:
            cl_ord_id = text.partition("\x0111=")[2].partition("\x01")[0]
            end.send(REPORT.replace("{id}", cl_ord_id))

    end = End(received)
    return end


@contextmanager
def served(port: int, durability: str, acked: Callable[[], None]) -> Iterator[Server]:
    """An engine connected to the counterparty at ``port``; ``acked`` is called for each report."""
    ready = threading.Event()
    with tempfile.TemporaryDirectory() as where:
        path = Path(where) / "bench.toml"
        path.write_text(CONFIG.format(port=port, durability=durability))
        server = Server(load(path), before_start=lambda s: _listen(s, ready, acked))
        server.start()
        try:
            if not ready.wait(LOGON_TIMEOUT_S):
                raise TimeoutError(f"no session within {LOGON_TIMEOUT_S:.0f} s")
            yield server
        finally:
            server.stop("bench")


def _listen(server: Server, ready: threading.Event, acked: Callable[[], None]) -> None:
    take = server.runner.input

    def timed(value: Input, received_ns: int) -> None:
        take(value, received_ns)
        if type(value) is FixIn:
            acked()
        elif type(value) is SessionReady:
            ready.set()

    server.runner.input = timed  # type: ignore[method-assign]  # the stopwatch's only way in


def measure_latency(n: int, durability: str, warm_up: int = 500) -> list[int]:
    """``n`` times from command to acknowledged state, in ns, both ends in this process."""
    port = free_port()
    arrived = 0
    came = threading.Event()

    def acked() -> None:
        nonlocal arrived
        arrived = time.perf_counter_ns()
        came.set()

    times: list[int] = []
    with running("acceptor", acking_end(), port, RUN), served(port, durability, acked) as server:
        for _ in range(warm_up + n):
            came.clear()
            begun = time.perf_counter_ns()
            server.runner.submit(ORDER)
            came.wait(LOGON_TIMEOUT_S)
            times.append(arrived - begun)
    return times[warm_up:]


def measure_sustained(n: int, window: int = 64) -> float:
    """Round trips per second with ``window`` orders outstanding, counterparty in a process."""
    port = free_port()
    back = 0
    room = threading.Semaphore(window)
    done = threading.Event()

    def acked() -> None:
        nonlocal back
        back += 1
        room.release()
        if back >= n:
            done.set()

    with _acking_process(port), served(port, "process", acked) as server:
        begun = time.perf_counter()
        for _ in range(n):
            room.acquire()
            server.runner.submit(ORDER)
        if not done.wait(LOGON_TIMEOUT_S + n / 500):
            raise TimeoutError(f"{back} of {n} round trips came back")
        return n / (time.perf_counter() - begun)


@contextmanager
def _acking_process(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.order_to_ack", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.communicate(timeout=LOGON_TIMEOUT_S)


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add our rows beside the yardstick's."""
    for durability in ("process", "power"):
        times = measure_latency(int(10_000 * scale), durability)
        for share, name in ((0.5, "p50"), (0.99, "p99")):
            is_judged = durability == "process" and name == "p50"
            table.add(
                Row(
                    work=f"order to ack, fix_oms, durability {durability}, {name}",
                    value=percentile(times, share) / 1000,
                    unit="us",
                    target=1.5 * table[LATENCY] if is_judged else None,
                    yardstick="1.5 x the bare loop" if is_judged else "",
                )
            )
    table.add(
        Row(
            work="round trips, fix_oms, two processes",
            value=measure_sustained(int(50_000 * scale)),
            unit="/s",
            target=0.6 * table[SUSTAINED],
            more_is_better=True,
            yardstick="0.6 x the bare loop",
        )
    )


def _serve(port: int) -> None:
    with running("acceptor", acking_end(), port, RUN):
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
    os._exit(0)
