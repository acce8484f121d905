"""One counterparty's process: started on a free port, awaited, and stopped by its pid.

Ports are drawn below the range that the kernel gives to outgoing connections, and a process that
ends before it listens (its port was taken in between) is started again on another one.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

STARTS: Final = 5
LISTEN_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 10.0


@attrs.frozen(kw_only=True)
class Peer:
    """A running counterparty. The CompIDs are its own view: a client of it swaps them."""

    name: str
    version: str
    port: int
    sender_comp_id: str
    target_comp_id: str
    pid: int
    log: Path

    @property
    def begin_string(self) -> str:
        """BeginString(8) of its session."""
        return "FIXT.1.1" if self.version.startswith("FIX.5.0") else self.version


def freeze(pid: int) -> None:
    """SIGSTOP, and wait until every thread has stopped: the signal is only asked for by ``kill``,
    and a thread on the other processor may do a millisecond's work more, such as an answer."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while not all(_is_stopped(stat) for stat in Path(f"/proc/{pid}/task").glob("*/stat")):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} does not stop")
        time.sleep(0.001)


def _is_stopped(stat: Path) -> bool:
    """Whether the thread is stopped, or gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] in "TtZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def free_port() -> int:
    """A port that could be listened on just now."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port


@contextmanager
def listening(
    command: Callable[[int], Sequence[str]],
    *,
    log: Path,
    env: Mapping[str, str],
    port: int | None = None,
) -> Iterator[tuple[int, int]]:
    """Run ``command(port)`` until the block ends; gives (port, pid). Output goes to ``log``.

    A ``port`` that is given is kept. Raises RuntimeError, with the end of the log, if the process
    does not come to listen.
    """
    for _ in range(STARTS):
        chosen = port or free_port()
        with log.open("ab") as out:
            process = subprocess.Popen(
                command(chosen),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                env=dict(env),
            )
        try:
            if _listens(process, chosen):
                yield chosen, process.pid
                return
        finally:
            _stop(process)
    said = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{log}: did not listen within {LISTEN_TIMEOUT_S:.0f} s: {said}")


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    limit = time.monotonic() + LISTEN_TIMEOUT_S
    while process.poll() is None and time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.poll() is None
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it: asked first, then not. Its standard input stays open until then."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()
