"""A kill while everything is busy: how long until it is answered, and until the last cancel left.

Engine and simulated venue are processes of their own on a FIX session over TCP. A third process is
the load: four threads that send orders as fast as they are answered, each on its own connection,
and one that sends them in the largest batches that there are. Then a kill comes on a connection of
this process. It comes at another moment of the load each time, so that it meets a batch while it is
read, checked and sent.

Two times are told. *Answer* is what the person who pulls the switch waits for. *Last cancel* is
from the request until the last cancel of that kill was handed to the peer, by the journal's stamp:
one mass cancel where the broker takes it (FIX 4.4), else one cancel for each working order (4.2).

All three processes want the whole machine, so on two cores the figures are of an overloaded one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import attrs

from bench.bare_loop import free_port
from bench.connected import connected, write_line
from bench.table import Row, Table
from fix_oms.client import Client
from fix_oms.journal.follower import records
from fix_oms.journal.latency import percentile
from fix_oms.model.inputs import Kill, NewOrder, Resume, Sent, decode
from fix_oms.model.messages import Terms
from fix_oms.model.protocol import MOST_COMMANDS
from fix_oms.model.units import SCALE

KILLS: Final = 20
BATCH: Final = MOST_COMMANDS
THREADS: Final = 4
LAST_S: Final = 2.0
"""The kills come evenly spread over so long from when each of the four has its first answer."""
WAIT_S: Final = 120.0
VENUE: Final = """
work_dir = "venues"
[venues.PEER]
version = "{version}"
port = {port}
comp_id = "PEER"
clients = ["FIXOMS"]
[venues.PEER.listings.AAPL]
reference = "150.00"
"""
ENGINE: Final = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "process"
[sessions.PEER]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "PEER"
port = {port}
reconnect_s = 1
answer_timeout_s = 60
[venues.PEER]
session = "PEER"
[instruments.AAPL]
venues = ["PEER"]
reference = "150.00"
[accounts.DESK]
[[limits]]
control = "max_order_qty"
limit = "1000000"
[[limits]]
control = "price_collar"
limit = "10"
"""
ORDER: Final = NewOrder(
    by="bench",
    terms=Terms(symbol="AAPL", side="1", order_qty=100 * SCALE, ord_type="2", price=149 * SCALE),
)


@attrs.frozen(kw_only=True)
class Times:
    """Of each kill, in ns; ``cancels`` is how many cancels left for it."""

    answer: list[int]
    last_cancel: list[int]
    cancels: list[int]


def measure(version: str, kills: int) -> Times:
    """Kill that often, each time under full load."""
    with tempfile.TemporaryDirectory() as where, ExitStack() as running:
        directory, port = Path(where), free_port()
        for name, text in (("venues.toml", VENUE), ("oms.toml", ENGINE)):
            (directory / name).write_text(text.format(version=version, port=port))
        running.enter_context(_process(directory, "fix_oms", "venue", "venues.toml"))
        with (
            _process(directory, "fix_oms", "run", "oms.toml"),
            connected(directory / "oms.sock", WAIT_S) as client,
        ):
            load = running.enter_context(_process(directory, "bench.kill_under_load", "oms.sock"))
            asked, answer = [], []
            for n in range(kills):
                begun, took = _kill_once(client, load, LAST_S * n / max(1, kills - 1))
                asked.append(begun)
                answer.append(took)
        return _with_the_journal(directory / "journal", asked, answer)


def _kill_once(client: Client, load: subprocess.Popen[str], delay_s: float) -> tuple[int, int]:
    """When it was asked for (ns UTC), and how long until the answer."""
    assert load.stdout is not None
    write_line(load.stdin, "go")
    load.stdout.readline()  # it is under way
    time.sleep(delay_s)
    begun, at = time.time_ns(), time.perf_counter_ns()
    client.kill(by="bench", reason="measured")
    took = time.perf_counter_ns() - at
    load.stdout.readline()  # each of its threads has been refused
    limit = time.monotonic() + WAIT_S
    while any(halt.unconfirmed for halt in client.halts()):
        if time.monotonic() > limit:
            raise TimeoutError("the venue has not reported all orders out")
        time.sleep(0.1)
    client.resume(by="bench", reason="the next one")
    return begun, took


def _with_the_journal(directory: Path, asked: list[int], answer: list[int]) -> Times:
    """The cancels that left for each kill: those between it and its resume."""
    last_cancel: list[int] = []
    cancels: list[int] = []
    is_killed = False
    for record in records(directory):
        value = decode(record.payload)
        if isinstance(value, Kill):
            last_cancel.append(0)
            cancels.append(0)
            is_killed = True
        elif isinstance(value, Resume):
            is_killed = False
        elif isinstance(value, Sent) and is_killed and value.text[3] in "Fq":
            last_cancel[-1] = max(last_cancel[-1], value.sent_ns)
            cancels[-1] += 1
    taken = [last - begun for last, begun in zip(last_cancel, asked, strict=True) if last]
    return Times(answer=answer, last_cancel=taken, cancels=cancels)


@contextmanager
def _process(directory: Path, module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the site, ended with SIGTERM; its log is beside its configuration."""
    with (directory / f"{words[0]}.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
            env={"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        )
        try:
            yield child
        finally:
            child.terminate()
            child.communicate(timeout=WAIT_S)


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows."""
    kills = max(3, int(KILLS * scale))
    for version in ("FIX.4.4", "FIX.4.2"):
        times, at = measure(version, kills), f"kill under full load, {version}"
        for what, found in (("answer", times.answer), ("last cancel", times.last_cancel)):
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                table.add(
                    Row(
                        work=f"{at}, {what}, {name} of {kills}",
                        value=percentile(found, share) / 1e6,
                        unit="ms",
                    )
                )
        most = max(times.cancels)
        table.add(Row(work=f"{at}, most cancels of one kill", value=most, unit="messages"))


# -- the load, in its own process ------------------------------------------------------------------


def _load(path: str) -> None:
    """At each line: send until everybody has been refused, and say when it is so."""
    for _ in sys.stdin:
        begun = threading.Barrier(THREADS + 1)
        threads = [threading.Thread(target=_one_by_one, args=(path, begun)) for _ in range(THREADS)]
        threads.append(threading.Thread(target=_all_at_once, args=(path,)))
        for thread in threads:
            thread.start()
        begun.wait(WAIT_S)
        write_line(sys.stdout, "under way")
        for thread in threads:
            thread.join()
        write_line(sys.stdout, "refused")


def _one_by_one(path: str, begun: threading.Barrier) -> None:
    with Client(path, timeout_s=WAIT_S) as client:
        client.submit(ORDER)
        begun.wait(WAIT_S)
        while getattr(client.submit(ORDER), "control", "") != "kill":
            pass


def _all_at_once(path: str) -> None:
    with Client(path, timeout_s=WAIT_S) as client:
        while client.submit_all([ORDER] * BATCH).submitted:
            pass


if __name__ == "__main__":
    _load(sys.argv[1])
