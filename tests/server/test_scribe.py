"""Snapshots beside a running engine: written by a process of their own, which harms nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import snapshot
from fix_oms.journal.check import check
from fix_oms.journal.freeze import WHOLE_JOURNAL
from fix_oms.model.inputs import Fault
from fix_oms.server import scribe
from fix_oms.server.process import Server
from tests.server.lone import CONFIG, lone, started, until

pytestmark = pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)

SNAPSHOTS = "[engine.snapshots]\nevery_records = {records}\n"


def an_engine(directory: Path, records: int = 1) -> Server:
    return lone(directory, engine=SNAPSHOTS.format(records=records))


def configured(records: int) -> str:
    """The configuration of such an engine."""
    return CONFIG.format(engine=SNAPSHOTS.format(records=records), durability="process")


def newest(directory: Path) -> int:
    """The index that the newest snapshot goes on from; 0 while there is none."""
    paths = snapshot.listed(directory / "journal")
    return snapshot.header_of(paths[0]).place.next_index if paths else 0


def writing(server: Server) -> int:
    assert server.scribe is not None
    return until(lambda: server.scribe and server.scribe.pid) or 0


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_one_is_written_whenever_it_is_due_and_a_last_one_at_the_stop(tmp_path: Path) -> None:
    with started(an_engine(tmp_path)) as server:
        first = until(lambda: newest(tmp_path))
        server.runner.submit(Fault(where="test", error="one record more"))
        assert until(lambda: newest(tmp_path) > first)
        pid = writing(server)
    assert is_gone(pid)
    assert newest(tmp_path) == check(tmp_path / "journal").records


def test_the_next_start_begins_from_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with started(an_engine(tmp_path)) as server:
        writing(server)
        until(lambda: newest(tmp_path))
    end = newest(tmp_path)
    capsys.readouterr()
    with started(lone(tmp_path)):
        assert f"snapshot_of={end}" in capsys.readouterr().out


def test_the_death_of_the_writer_harms_nobody_and_another_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe, "AGAIN_S", 0.0)
    with started(an_engine(tmp_path, records=1_000_000)) as server:
        first = writing(server)
        os.kill(first, signal.SIGKILL)
        assert until(lambda: writing(server) != first)
        server.runner.submit(Fault(where="test", error="the engine lives"))


def test_one_that_dies_at_once_is_a_trouble_that_is_told(tmp_path: Path) -> None:
    found = scribe.Scribe(tmp_path / "none.toml")

    def trouble() -> str:
        found.tick()
        return found.trouble

    assert until(trouble) == "the process that writes snapshots ended with 2"


def test_one_that_a_person_runs_follows_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with started(lone(tmp_path)):
        (tmp_path / "oms.toml").write_text(configured(records=1))
        words = ["-c", str(tmp_path / "oms.toml"), "snapshot", "--follow"]
        with subprocess.Popen([sys.executable, "-m", "fix_oms", *words]) as process:
            try:
                assert until(lambda: newest(tmp_path))
                process.terminate()
                assert process.wait() == 0
            finally:
                process.kill()


def test_after_a_kill_of_the_engine_the_last_snapshot_is_written_and_nobody_stays(
    tmp_path: Path,
) -> None:
    config = tmp_path / "oms.toml"
    snapshots = SNAPSHOTS.format(records=1_000_000)
    config.write_text(CONFIG.format(engine=snapshots, durability="process"))
    command = [sys.executable, "-m", "fix_oms", "run", str(config)]
    engine = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pid = until(lambda: child(engine.pid))
        until((tmp_path / "oms.sock").exists)
    finally:
        engine.kill()
        engine.wait()
    until(lambda: is_gone(pid))
    assert newest(tmp_path) == check(tmp_path / "journal").records


def child(pid: int) -> int:
    """The process that ``pid`` has started, 0 while there is none."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return int(found[0]) if found else 0
