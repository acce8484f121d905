"""The journal's disk fills up under load: the engine stops; a start with room has lost nothing."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from acceptance.kills.place import Place
from acceptance.kills.rounds import Rounds, rounds_at

ROOM: Final = 96 << 10


def fills_up(
    place: Place, rounds: Rounds, before: Callable[[], None], after: Callable[[], None]
) -> None:
    """Load until the engine ends; it says so by its exit code, and its clients are told why."""

    def fault() -> None:
        before()
        code = place.ends()
        assert code == 1, (code, place.log("engine"))
        after()

    rounds.endure(fault)
    said = " ".join(rounds.errors)
    assert "nothing was done" in said or "may or may not have been done" in said
    assert "the journal failed" in (place.directory / "engine.log").read_text()
    rounds.finish()


def nothing() -> None:
    """Room comes with the next process: the quota was the last one's."""


def test_a_journal_that_may_not_grow_stops_the_engine_and_loses_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with rounds_at(place, "quota") as rounds:

        def limit() -> None:
            grown = [*(tmp_path / "journal").glob("*.seg"), tmp_path / "engine.log"]
            quota = max(path.stat().st_size for path in grown) + ROOM
            resource.prlimit(place.pid("engine"), resource.RLIMIT_FSIZE, (quota, -1))

        fills_up(place, rounds, limit, nothing)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A directory whose journal is on a file system of its own, with little room."""
    journal = tmp_path / "journal"
    journal.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(journal)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"mounting a small file system takes root: {done.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(journal)], check=True)


def test_a_full_disk_stops_the_engine_and_loses_nothing(disk: Path) -> None:
    place = Place(disk)
    with rounds_at(place, "full") as rounds:
        ballast = disk / "journal" / "ballast"

        def fill() -> None:
            there = os.statvfs(disk / "journal")
            with contextlib.suppress(OSError), ballast.open("wb") as out:  # the load is faster
                out.write(bytes(max(0, there.f_bavail * there.f_frsize - ROOM)))

        fills_up(place, rounds, fill, ballast.unlink)
