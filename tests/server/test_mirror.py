"""The mirror of a running engine: who asks first starts it, it is replaced when it dies, and it
goes with the engine."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fix_oms.client import Client, Stream
from fix_oms.model import protocol
from fix_oms.model.inputs import Fault, Halt
from fix_oms.model.stream import Snapshot
from fix_oms.server import mirror
from fix_oms.server.mirror import MirrorProcess
from tests.server.lone import lone, started, until
from tests.server.test_scribe import is_gone


def asked(path: Path) -> protocol.StreamAt:
    """Where the engine says that its mirror is."""
    with Client(path) as client:
        return client.stream()


def test_who_asks_first_starts_it_others_find_it_and_it_goes_with_the_engine(
    tmp_path: Path,
) -> None:
    with started(lone(tmp_path)) as server:
        first = asked(server.loaded.socket)
        assert first.path == str(tmp_path / "oms.live")
        assert asked(server.loaded.socket) == first
        until(Path(first.path).exists)
    assert is_gone(first.pid)
    assert not Path(first.path).exists()


def test_its_death_harms_nobody_and_who_asks_then_has_another_one_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "AGAIN_S", 0.0)
    with started(lone(tmp_path)) as server:
        first = asked(server.loaded.socket)
        until(Path(first.path).exists)
        os.kill(first.pid, signal.SIGKILL)
        server.runner.submit(Fault(where="test", error="the engine lives"))
        until(lambda: is_gone(first.pid))
        second = asked(server.loaded.socket)
        assert second.pid != first.pid


def ended(process: MirrorProcess) -> Callable[[], str]:
    """What is said once it has ended."""

    def said() -> str:
        found = process.where()
        return found.text if isinstance(found, protocol.Failed) else ""

    return said


def test_one_that_ends_at_once_is_not_started_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "AGAIN_S", 30.0)
    process = MirrorProcess(tmp_path / "none.toml", tmp_path / "oms.sock")
    assert isinstance(process.where(), protocol.StreamAt)
    assert until(ended(process)).startswith("the mirror has ended; another can be started in ")
    process.stop(1.0)
    assert ended(process)() == "the engine stops"


def test_one_that_a_person_runs_shows_a_journal_whose_engine_is_dead(tmp_path: Path) -> None:
    with started(lone(tmp_path)) as server:
        server.runner.submit(Halt(by="ann", reason="lunch"))
    words = ["mirror", str(tmp_path / "oms.toml"), "--socket", str(tmp_path / "look")]
    with subprocess.Popen([sys.executable, "-m", "fix_oms", *words]) as process:
        try:
            page = asyncio.run(first_page(tmp_path / "look"))
            process.terminate()
            assert process.wait() == 0
        finally:
            process.kill()
    assert [halt.reason for halt in page.halts or ()] == ["lunch"]


async def first_page(path: Path) -> Snapshot:
    async with Stream("nobody", mirror=path) as stream:
        async for event in stream:
            if isinstance(event, Snapshot):
                return event
    raise AssertionError("it ended")
