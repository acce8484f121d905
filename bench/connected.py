"""A connection to an engine in a process of its own, and lines to such a process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fix_oms.client import Client, ClientError


@contextmanager
def connected(path: Path, wait_s: float) -> Iterator[Client]:
    """A connection to the engine, once its session is ready."""
    limit = time.monotonic() + wait_s
    while True:
        try:
            with Client(path, timeout_s=wait_s) as client:
                while client.sessions()[0].state != "ready":
                    time.sleep(0.05)
                yield client
                return
        except ClientError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)


def write_line(stream: IO[str] | None, text: str) -> None:
    """One line to a process that reads it at once."""
    assert stream is not None
    stream.write(text + "\n")
    stream.flush()
