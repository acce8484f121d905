"""The journal's hot paths, and SQLite doing the same work beside it.

The record is 250 bytes, about one ExecutionReport with its stage times. ``process`` is one append;
``power`` is an append and the wait until it is on disk, by one thread. SQLite runs in WAL mode, one
row and one commit at a time, with ``synchronous`` OFF against ``process`` and FULL against
``power``: the same promises. A figure of one call is that of the fastest tenth of many short runs:
what else runs on the machine can only add to it.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.table import Row, Table
from fix_oms.journal.check import check
from fix_oms.journal.follower import records
from fix_oms.journal.latency import percentile
from fix_oms.journal.writer import JournalWriter

APPEND: Final = "journal: append, 250 bytes, process"
COMMIT: Final = "journal: append and wait, 250 bytes, power"
RECORD: Final = os.urandom(250)
_BATCH: Final = 500
_NOW: Final = 1_763_718_000_000_000_000


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the journal's rows."""
    batches = max(10, int(400 * scale))
    with _directory() as path:
        with _writer(path, "process") as writer:
            append = _each_us(partial(writer.append, _NOW, RECORD), batches, _BATCH)
        table.add(Row(work=APPEND, value=append, unit="us", target=3.0))
        count = batches * _BATCH
        read = _seconds(lambda: sum(1 for _ in records(path)))
        table.add(Row(work="journal: records read", value=count / read, unit="/s"))
        checked = _seconds(lambda: check(path))
        table.add(Row(work="journal: records checked", value=count / checked, unit="/s"))
    with _directory() as path, _writer(path, "power") as writer:
        commit = _each_us(
            lambda: writer.wait_durable(writer.append(_NOW, RECORD)), max(100, int(2000 * scale)), 1
        )
        table.add(Row(work=COMMIT, value=commit, unit="us"))
    for mode, beside, count, batch in (
        ("OFF", APPEND, batches, 100),
        ("FULL", COMMIT, max(100, int(1000 * scale)), 1),
    ):
        work = f"journal: SQLite WAL commit, synchronous {mode}"
        table.add(Row(work=work, value=_sqlite_us(mode, count, batch), unit="us", yardstick=beside))


def _sqlite_us(synchronous: str, batches: int, batch: int) -> float:
    insert = "INSERT INTO journal (time_ns, payload) VALUES (?, ?)"
    with _directory() as path, closing(sqlite3.connect(path / "journal.db")) as database:
        database.isolation_level = None  # each statement commits by itself
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        database.execute("CREATE TABLE journal (id INTEGER PRIMARY KEY, time_ns, payload)")
        return _each_us(partial(database.execute, insert, (_NOW, RECORD)), batches, batch)


@contextmanager
def _directory() -> Iterator[Path]:
    """On the disk where temporary files are: a file system in memory would flatter ``power``."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _writer(path: Path, durability: str) -> JournalWriter:
    return JournalWriter.open(path, durability=durability, now_ns=_NOW, day="2025-11-21")


def _each_us(work: Callable[[], object], batches: int, batch: int) -> float:
    """Microseconds of one call, in the fastest tenth of ``batches`` runs of ``batch`` calls."""
    times = []
    for _ in range(batches):
        begun = time.perf_counter_ns()
        for _ in range(batch):
            work()
        times.append(time.perf_counter_ns() - begun)
    return percentile(times, 0.1) / batch / 1000


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """``python -m bench.journal``: these rows alone."""
    table = Table()
    add_rows(table, 1.0)
    table.show(Console())


if __name__ == "__main__":
    main()
