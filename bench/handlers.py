"""The engine's latency with a program of 1,000 handlers beside it: one sleeps, one raises.

Engine, venue, mirror and the program are processes of their own. The orders, one after another at a
pace that leaves everybody time, come from here; their times are the journal's. First nobody
listens; then a program is connected whose 1,000 handlers, half of them coroutine functions and half
plain ones, are told each change of each order; then its one handler that sleeps holds a thread and
its one that raises does so at every change. At the end the program says what its handlers were
told, and who of them was reported.

The engine does nothing for such a program, but shares its processors with it: so the program runs
at a lower priority (nice 10), as any that shares a machine with an engine should. At the engine's
own priority, on two processors with five other jobs waiting, the bursts of 1,000 calls at each
change doubled the engine's median (2.6 to 5.3 ms); so it went from 2.0 to 2.5 ms.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import structlog

from bench.connected import write_line
from bench.table import Row, Table
from fix_oms.client import Accepted, Client, Delta, Oms, Order, connect
from fix_oms.examples.stage import CONFIGS
from fix_oms.journal.latency import latency, percentile
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE
from fix_oms.site import Site, running

HANDLERS: Final = 1_000
ORDERS: Final = 300
PACE_S: Final = 0.05
WAIT_S: Final = 60.0
ROOT: Final = Path(__file__).resolve().parents[1]


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows."""
    orders = max(20, int(ORDERS * scale))
    with (
        tempfile.TemporaryDirectory(prefix="fix-oms-") as where,
        running(CONFIGS, Path(where), "oms.toml", "venues.toml") as site,
    ):
        _send(site, 20)
        alone = _send(site, orders)
        program = _program(site)
        beside = _send(site, orders)
        told = _end(program)
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        work = f"command to acknowledgement, nobody listens, {name}"
        table.add(Row(work=work, value=percentile(alone, share) / 1e3, unit="us"))
        table.add(
            Row(
                work=f"the same beside {HANDLERS:,} handlers, {name}",
                value=percentile(beside, share) / 1e3,
                unit="us",
                target=percentile(alone, share) / 1e3 * 1.1,
                yardstick="nobody listens",
            )
        )
    served, rate = told["served"], told["calls"] / (orders * PACE_S)
    table.add(Row(work="handlers that were told everything", value=served, unit="handlers"))
    table.add(Row(work="calls of handlers", value=rate, unit="/s", more_is_better=True))
    table.add(Row(work="faulty handlers reported", value=len(told["faults"]), unit="handlers"))


def _send(site: Site, count: int) -> tuple[int, ...]:
    """Send so many orders and cancel them; the times from command to acknowledgement."""
    terms = Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=149 * SCALE)
    with Client(site.path) as client:
        for _ in range(count):
            said = client.submit(NewOrder(by="bench", terms=terms, venue="NORTH"))
            assert isinstance(said, Accepted), said
            client.settled(said.order, said.cl_ord_id, WAIT_S)
            time.sleep(PACE_S)
    return latency(site.where / "var/journal").to_acknowledged[-count:]


# -- the program, in its own process ---------------------------------------------------------------


def _program(site: Site) -> subprocess.Popen[str]:
    made = subprocess.Popen(
        [sys.executable, "-m", "bench.handlers", str(site.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert made.stdout is not None
    made.stdout.readline()  # all of them listen
    return made


def _end(program: subprocess.Popen[str]) -> dict[str, Any]:
    assert program.stdout is not None
    write_line(program.stdin, "end")
    told: dict[str, Any] = json.loads(program.stdout.readline())
    program.kill()
    program.wait()
    return told


async def _listen(oms: Oms) -> dict[str, Any]:
    """Until there is a line: who was told what."""
    counts = [0] * HANDLERS

    def plain(n: int) -> Any:
        def told(change: Delta[Order]) -> None:
            counts[n] += 1

        return told

    def coroutine(n: int) -> Any:
        async def told(change: Delta[Order]) -> None:
            counts[n] += 1

        return told

    def sleeps(change: Delta[Order]) -> None:
        time.sleep(3600)

    def raises(change: Delta[Order]) -> None:
        raise LookupError("at every change")

    for n in range(2, HANDLERS):
        oms.orders.on_delta((plain if n % 2 else coroutine)(n))
    oms.orders.on_delta(sleeps)
    oms.orders.on_delta(raises)
    print("listening", flush=True)  # noqa: T201 - a line to who started us
    await asyncio.to_thread(sys.stdin.readline)
    await oms.synced()
    most = max(counts)
    await oms.until(lambda: counts[2:].count(max(most, *counts)) == HANDLERS - 2, WAIT_S)
    return {
        "served": sum(count == max(counts) for count in counts[2:]),
        "calls": sum(counts),
        "faults": sorted({fault.handler.rpartition(".")[2] for fault in oms.faults}),
    }


async def _run(path: str) -> None:
    async with await connect(path, by="bench", timeout_s=WAIT_S) as oms:
        print(json.dumps(await _listen(oms)), flush=True)  # noqa: T201 - a line to who started us


if __name__ == "__main__":
    os.nice(10)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_run(sys.argv[1]))
