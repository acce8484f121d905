"""A whole engine on a damaged journal: it does not start, and says where; or it starts with a
prefix, says what was cut, and lets nothing new out where more had been anchored."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from fix_oms.journal.follower import records
from fix_oms.journal.segments import listed
from fix_oms.model.errors import JournalCorrupt
from fix_oms.model.inputs import Halt, decode
from tests.journal.made import flip, shorten
from tests.server.lone import journaled, lone, started

COMMANDS: Final = 8
STEP: Final = 29


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory in which an engine has run and taken some commands."""
    with started(lone(tmp_path)) as server:
        for number in range(COMMANDS):
            server.runner.submit(Halt(by="t", reason=str(number)))
    return tmp_path


def segment(directory: Path) -> Path:
    return listed(directory / "journal")[-1].path


def copied(site: Path) -> Path:
    at = site / "copy"
    shutil.rmtree(at, ignore_errors=True)
    shutil.copytree(site, at, ignore=shutil.ignore_patterns("copy", "*.sock"))
    return at


def test_a_flipped_byte_anywhere_lets_no_engine_start(site: Path) -> None:
    refused_in = set()
    for offset in range(0, segment(site).stat().st_size, STEP):
        directory = copied(site)
        flip(segment(directory), offset)
        with pytest.raises(JournalCorrupt) as caught:
            lone(directory).start()
        refused_in.add(caught.value.segment)
    assert refused_in == {segment(site).name}


def test_a_tail_that_is_cut_anywhere_leaves_a_prefix_and_a_halt(site: Path) -> None:
    held = [record.payload for record in records(site / "journal")]
    wrong = []
    for offset in range(0, segment(site).stat().st_size, STEP):
        directory = copied(site)
        shorten(segment(directory), offset)
        with started(lone(directory)):
            pass
        now = [record.payload for record in records(directory / "journal")]
        known = next((n for n, (a, b) in enumerate(zip(held, now, strict=False)) if a != b), 0)
        halts = [value for value in journaled(directory, Halt) if value.by == "fix-oms"]
        added = [type(decode(payload)).__name__ for payload in now[known:]]
        if len(halts) != 1 or added[0] != "Started":
            wrong.append((offset, added))
    assert wrong == []


@pytest.mark.parametrize("words", [("run", "oms.toml"), ("verify", "journal")])
def test_the_command_ends_with_1_and_names_segment_and_byte(
    site: Path, words: tuple[str, str]
) -> None:
    path = segment(site)
    flip(path, path.stat().st_size // 2)
    done = subprocess.run(
        [sys.executable, "-m", "fix_oms", *words],
        cwd=site,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, f"{path.name} at byte " in done.stderr) == (1, True)
