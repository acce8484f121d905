"""What the live stream costs the engine, and how long after a record it is told.

The engine of ``order_to_ack``, given one order every five milliseconds, so that neither processor
is full: first alone, then with its mirror and ten subscribers of everything, all ten in one process
of their own. Alone and watched take turns, so that whatever else the machine does meets both.

The delay is from a record's time, taken before it is appended, until a subscriber has decoded the
delta of it: append, the mirror's wait, its step, views and encoding, two sockets, and nine others
who are told the same.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.bare_loop import LOGON_TIMEOUT_S, free_port, running
from bench.order_to_ack import ORDER, RUN, acking_end, served
from bench.table import Row, Table
from fix_oms.client import Client, Stream
from fix_oms.journal.latency import percentile
from fix_oms.model.stream import Delta, Snapshot
from fix_oms.server.process import Server

SUBSCRIBERS: Final = 10
GAP_S: Final = 0.005
ROUNDS: Final = 4
SHARES: Final = ((0.5, "p50"), (0.99, "p99"))


def measure(n: int) -> tuple[list[int], list[int], list[int]]:
    """``n`` times from order to acknowledgement alone, as many while ten watch, and the delays of
    the deltas, all in ns."""
    port = free_port()
    arrived = 0
    came = threading.Event()

    def acked() -> None:
        nonlocal arrived
        arrived = time.perf_counter_ns()
        came.set()

    def trade(server: Server, orders: int) -> list[int]:
        times = []
        for _ in range(orders):
            came.clear()
            begun = time.perf_counter_ns()
            server.runner.submit(ORDER)
            came.wait(LOGON_TIMEOUT_S)
            times.append(arrived - begun)
            time.sleep(GAP_S)
        return times

    alone: list[int] = []
    watched: list[int] = []
    delays: list[int] = []
    with running("acceptor", acking_end(), port, RUN), served(port, "process", acked) as server:
        trade(server, n // 4)
        for _ in range(ROUNDS):
            alone += trade(server, n // ROUNDS)
            with watching(server.loaded.socket, delays):
                watched += trade(server, n // ROUNDS)
    return alone, watched, delays


@contextmanager
def watching(path: Path, delays: list[int]) -> Iterator[None]:
    """Ten subscribers; what they waited is added at the end. The mirror stays, unwatched."""
    with Client(path) as client:
        client.stream()
    command = [sys.executable, "-m", "bench.stream", str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            said, _ = process.communicate(timeout=LOGON_TIMEOUT_S)
            delays += json.loads(said)


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows."""
    alone, watched, delays = measure(int(4_000 * scale))
    for share, name in SHARES:
        before = percentile(alone, share) / 1000
        table.add(Row(work=f"order to ack, one in 5 ms, alone, {name}", value=before, unit="us"))
        table.add(
            Row(
                work=f"order to ack, one in 5 ms, mirror and {SUBSCRIBERS} subscribers, {name}",
                value=percentile(watched, share) / 1000,
                unit="us",
                target=1.1 * before,
                yardstick="1.1 x alone",
            )
        )
    for share, name in SHARES:
        work = f"record to delta received, {SUBSCRIBERS} subscribers, {name}"
        table.add(Row(work=work, value=percentile(delays, share) / 1000, unit="us"))


async def _watch(path: str) -> None:
    delays: list[int] = []
    complete = asyncio.Semaphore(0)

    async def follow() -> None:
        async with Stream(path) as stream:
            async for event in stream:
                if isinstance(event, Snapshot) and event.last:
                    complete.release()
                elif isinstance(event, Delta) and event.orders:
                    delays.append(time.time_ns() - event.time_ns)

    tasks = [asyncio.create_task(follow()) for _ in range(SUBSCRIBERS)]
    for _ in tasks:
        await complete.acquire()
    delays.clear()
    sys.stdout.write("watching\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    sys.stdout.write(json.dumps(delays))
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(_watch(sys.argv[1]))
