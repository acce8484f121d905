"""The order system under test, as its users run it: ``fix-oms run CONFIG``, in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from fix_oms.client.client import Client
from fix_oms.client.errors import NotRunning
from fix_oms.model.settings import Engine, Settings
from fix_oms.model.settings_text import to_plain

ROOT: Final = Path(__file__).resolve().parents[1]
COMMAND: Final = (sys.executable, "-m", "fix_oms", "run")
READY_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 30.0


@contextmanager
def running(settings: Settings, directory: Path) -> Iterator[Client]:
    """Run it until the block ends; begins when every session is ready for orders.

    ``directory`` holds configuration, journal and log: run there again, it goes on where it was.
    Raises RuntimeError, with the end of the log, when it does not come up or does not end cleanly.
    """
    settings = attrs.evolve(
        settings, engine=Engine(journal="journal", socket="oms.sock", durability="process")
    )
    config, log = directory / "oms.toml", directory / "oms.log"
    config.write_text(toml(to_plain(settings)), encoding="utf-8")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*COMMAND, str(config)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    try:
        with _connected(process, directory / "oms.sock", log) as client:
            _await_ready(client, log)
            yield client
    finally:
        code = _stop(process)
    if code != 0:
        raise RuntimeError(f"fix-oms ended with {code}: {_end_of(log)}")


def _connected(process: subprocess.Popen[bytes], path: Path, log: Path) -> Client:
    limit = time.monotonic() + READY_TIMEOUT_S
    while process.poll() is None and time.monotonic() < limit:
        try:
            return Client(path)
        except NotRunning:
            time.sleep(0.02)
    raise RuntimeError(f"fix-oms did not come up: {_end_of(log)}")


def _await_ready(client: Client, log: Path) -> None:
    limit = time.monotonic() + READY_TIMEOUT_S
    while any(session.state != "ready" for session in client.sessions()):
        if time.monotonic() > limit:
            states = {s.name: f"{s.state} ({s.reason})" for s in client.sessions()}
            raise RuntimeError(f"sessions not ready: {states}: {_end_of(log)}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


def toml(plain: dict[str, Any], at: tuple[str, ...] = ()) -> str:
    """Plain data as TOML: values first, then tables. (JSON's values are TOML's, for our kinds.)"""
    tables = {key: value for key, value in plain.items() if isinstance(value, dict)}
    lines = [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in plain.items() if k not in tables]
    for key, table in tables.items():
        path = (*at, key)
        lines += [f"[{'.'.join(map(json.dumps, path))}]", toml(table, path)]
    return "\n".join(lines) + "\n"
