"""An engine in this process without any session: for what concerns its journal, clock and threads.

It starts in some 30 ms, on a real journal in the directory that a test gives it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.server.config_file import load
from fix_oms.server.process import Server

T = TypeVar("T")
WAIT_S = 30.0
CONFIG = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "{durability}"
{engine}
[sessions]
[venues]
[instruments]
[accounts.DESK]
"""


def lone(
    directory: Path,
    *,
    engine: str = "",
    durability: str = "process",
    wall_ns: Callable[[], int] = time.time_ns,
) -> Server:
    """Not yet started. ``engine`` is more TOML of that section."""
    config = directory / "oms.toml"
    config.write_text(CONFIG.format(engine=engine, durability=durability))
    return Server(load(config), wall_ns=wall_ns)


@contextmanager
def started(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop("the test is over")


def journaled(directory: Path, kind: type[T]) -> list[T]:
    """The inputs of one kind in the journal, in order."""
    found = (inputs.decode(record.payload) for record in records(directory / "journal"))
    return [value for value in found if isinstance(value, kind)]


def until(true: Callable[[], T]) -> T:
    """Wait until ``true()`` is, and return it."""
    limit = time.monotonic() + WAIT_S
    while not (found := true()):
        if time.monotonic() > limit:
            raise TimeoutError("waited in vain")
        time.sleep(0.01)
    return found
