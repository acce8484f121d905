"""A restart in the middle of a large day: from the whole journal, and from a snapshot.

The day is written by the engine itself: each order, its leaving, its acknowledgement and its fill
are a record, and the last hundredth of the orders stays open. Then, each in a process of its own as
a restart is:

- *replay*: the whole journal through a new engine, every message that left compared;
- *snapshot*: what the follower costs that takes it all in and writes the first one;
- *restart*: from the birth of the process until the engine has recovered from the snapshot, has
  journaled its start and is ready to open its sessions.

``python -m bench.restart 1000000`` takes some ten minutes and 1.3 GB of disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench.engine import FILL, NOW, _inputs, _report, _sent, _settings
from bench.order_to_ack import REPORT
from bench.orders import _order
from bench.table import Row, Table
from fix_oms.engine import Engine
from fix_oms.journal.recovery import Recovery, Snapshotter
from fix_oms.journal.replay import replay
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.model.outputs import Send
from fix_oms.model.settings import Snapshots
from fix_oms.server.config_file import load
from fix_oms.server.process import Server

GAP_NS: Final = 20_000_000
OPEN: Final = 100
"""Of so many orders one stays open."""
TAIL: Final = 1_000
"""Records that come after the snapshot."""


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows of a day of 20,000 orders."""
    add_size(table, max(1_000, int(20_000 * scale)))


def add_size(table: Table, size: int) -> None:
    """The rows of a day of so many orders."""
    of = f"{size:,} orders"
    with tempfile.TemporaryDirectory() as name:
        where = Path(name)
        tail = _day(where, size)
        replayed = _in_a_process(where, "replay")
        written = _in_a_process(where, "snapshot")
        _append(where / "journal", tail)
        restarted = _in_a_process(where, "restart")
    rows = (
        (
            "replay of the journal",
            replayed["records"] / replayed["s"],
            "records/s",
            300_000.0,
            True,
        ),
        ("snapshot, follower and all", written["s"], "s", None, False),
        ("snapshot, the writing alone", written["write_s"], "s", None, False),
        ("snapshot, its size", written["bytes"] / 1e6, "MB", None, False),
        ("restart, process and all", restarted["s"], "s", 5.0, False),
        ("restart, the recovery alone", restarted["recovery_s"], "s", None, False),
        ("each closed one weighs", written["weight"], "bytes", 400.0, False),
    )
    for work, value, unit, target, more in rows:
        work = f"{of}: {work}"
        table.add(Row(work=work, value=value, unit=unit, target=target, more_is_better=more))


def _day(where: Path, size: int) -> list[tuple[int, inputs.Input]]:
    """Write the journal of the day, but for its last records, which are returned."""
    engine, held = Engine(), list[tuple[int, inputs.Input]]()
    journal = where / "journal"
    journal.mkdir()
    settings = _settings(where)
    with JournalWriter.open(journal, durability="process", now_ns=NOW, day="2025-12-29") as writer:

        def give(now: int, value: inputs.Input) -> None:
            held.append((now, value))
            if len(held) > TAIL:
                at, first = held.pop(0)
                writer.append(at, inputs.encode(first))
            for output in engine.step(now, value):
                if isinstance(output, Send):
                    give(now + 1_000_000, _sent(output))

        for value in _inputs(settings):
            give(NOW, value)
        for n in range(1, size + 1):
            now = NOW + n * GAP_NS
            give(now, _order(n))
            give(now + 2_000_000, _report(REPORT, n))
            if n <= size - size // OPEN:
                give(now + 5_000_000, _report(FILL, n))
            if not n % 1_000:
                engine.pack(now)
    return held


def _append(journal: Path, records: list[tuple[int, inputs.Input]]) -> None:
    now = records[0][0]
    with JournalWriter.open(journal, durability="process", now_ns=now, day="2025-12-29") as writer:
        for at, value in records:
            writer.append(at, inputs.encode(value))


def _in_a_process(where: Path, work: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.restart", work, str(where), str(time.time())]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    told: dict[str, float] = json.loads(found.splitlines()[-1])
    return told


# -- what a process does -------------------------------------------------------------------------


def _replay(where: Path, _: float) -> dict[str, float]:
    begun = time.perf_counter()
    found = replay(where / "journal", Engine())
    assert not found.mismatches, found.mismatches[0]
    return {"s": time.perf_counter() - begun, "records": found.records}


def _snapshot(where: Path, _: float) -> dict[str, float]:
    journal = where / "journal"
    begun = time.perf_counter()
    snapshotter = Snapshotter(journal, Snapshots(), print, 0.0)
    path = snapshotter.save(0.0)
    assert path is not None
    took = time.perf_counter() - begun
    snapshotter.close()
    recovery = Recovery.from_snapshot(journal, path)
    begun = time.perf_counter()
    recovery.save(journal)
    write_s = time.perf_counter() - begun
    shelf = recovery.engine.state.book.orders.shelf
    arrays = [shelf.begins, *shelf.names.parts]
    held = sum(map(sys.getsizeof, shelf.pieces)) + sum(map(sys.getsizeof, arrays))
    pointers = 8 * len(shelf.begins)
    weight = (held + pointers) / shelf.count
    return {"s": took, "write_s": write_s, "bytes": path.stat().st_size, "weight": weight}


def _restart(where: Path, born_s: float) -> dict[str, float]:
    recovered_s = 0.0

    def up(_: Server) -> None:
        nonlocal recovered_s
        recovered_s = time.time()

    server = Server(load(where / "bench.toml"), before_start=up)
    begun_s = time.time()
    server.start()
    server.stop("bench")
    return {"s": recovered_s - born_s, "recovery_s": recovered_s - begun_s}


WORKS: Final[dict[str, Any]] = {"replay": _replay, "snapshot": _snapshot, "restart": _restart}


def main() -> None:
    """``python -m bench.restart ORDERS``: the rows of a day of that many orders."""
    work, *more = sys.argv[1:]
    if work in WORKS:
        sys.stdout.write(json.dumps(WORKS[work](Path(more[0]), float(more[1]))) + "\n")
        return
    table = Table()
    add_size(table, int(work))
    table.show(Console())


if __name__ == "__main__":
    main()
