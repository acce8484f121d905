"""A day's journal, damaged anywhere: a start refuses it by name, or goes on from a true prefix and
says what was cut. It never comes up with another state."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from fix_oms.engine import Engine
from fix_oms.journal.replay import replay
from fix_oms.journal.verify import verified
from fix_oms.model.errors import JournalCorrupt
from fix_oms.model.inputs import encode
from tests.journal.made import DAY, flip, opened, segment_paths, shorten
from tests.properties.floor import Floor

ACTS: Final = 40
STEP: Final = 61
"""Every so many bytes; each one under ``make soak``."""
SECTOR: Final = 512
MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
MASKS: Final = (0x01, 0x80, 0xFF)


class Day(NamedTuple):
    """A journal of two segments; ``hashes`` are the state's after each count of records."""

    directory: Path
    hashes: tuple[str, ...]

    def places(self, step: int) -> Iterator[tuple[str, int]]:
        """(segment, byte), every ``step`` bytes."""
        for path in segment_paths(self.directory):
            yield from ((path.name, offset) for offset in range(0, path.stat().st_size, step))

    def copied(self, at: Path) -> Path:
        shutil.rmtree(at, ignore_errors=True)
        shutil.copytree(self.directory, at)
        return at


class Start(NamedTuple):
    """How a start took a journal: the segment that it refused, or what it went on with."""

    refused: str
    is_cut: bool
    is_prefix: bool


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory in memory: thousands of syncs to a disk would only take time."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    floor = Floor(7)
    for _ in range(ACTS):
        floor.acts(beyond=True)
    directory = tmp_path_factory.mktemp("day")
    log = floor.desk.log
    engine, hashes = Engine(), [""]
    with opened(directory) as writer:
        for number, (now, value) in enumerate(log):
            if number == len(log) // 2:
                writer.roll(now, DAY)
            writer.append(now, encode(value))
            engine.step(now, value)
            hashes.append(engine.shown(now).hash())
    return Day(directory, tuple(hashes))


def started(day: Day, directory: Path) -> Start:
    try:
        with opened(directory) as writer:
            is_cut, count = writer.cut is not None, writer.next_index
        engine = Engine()
        found = replay(directory, engine)
    except JournalCorrupt as error:
        return Start(error.segment, is_cut=False, is_prefix=False)
    state = engine.shown(found.last_ns).hash() if count else ""
    is_prefix = (found.records, state) == (count, day.hashes[count])
    return Start("", is_cut, is_prefix)


def test_the_undamaged_day_starts_whole(day: Day, memory: Path) -> None:
    directory = day.copied(memory / "j")
    assert started(day, directory) == Start("", is_cut=False, is_prefix=True)
    assert verified(directory).state_hash == day.hashes[-1]


def flipped_wrongly(day: Day, at: Path, step: int) -> list[str]:
    """A flipped byte is always refused, and in its own segment."""
    wrong = []
    for number, (name, offset) in enumerate(day.places(step)):
        directory = day.copied(at)
        flip(directory / name, offset, MASKS[number % len(MASKS)])
        if started(day, directory).refused != name:
            wrong.append(f"{name} byte {offset}")
    return wrong


def cut_wrongly(day: Day, at: Path, step: int) -> list[str]:
    """A tail that is cut is a prefix, and said unless it ends with a whole record; in the segment
    before the last it is refused.
    """
    wrong = []
    last = segment_paths(day.directory)[-1].name
    for name, offset in day.places(step):
        directory = day.copied(at)
        shorten(directory / name, offset)
        found = started(day, directory)
        whole = found.is_cut or offset == _end_of_records(directory / name)
        if not (found.is_prefix and whole if name == last else found.refused == name):
            wrong.append(f"{name} at {offset}: {found}")
    return wrong


def _end_of_records(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def zeroed_wrongly(day: Day, at: Path, step: int) -> list[str]:
    """A block of zeros is a hole that a power cut left, or damage: a prefix, or refused."""
    wrong = []
    for name, start in day.places(SECTOR):
        directory = day.copied(at)
        path = directory / name
        held = path.read_bytes()
        end = min(len(held), start + SECTOR + step)  # of the next block too, so much
        path.write_bytes(held[:start] + bytes(end - start) + held[end:])
        found = started(day, directory)
        if found.refused != name and not (found.is_cut and found.is_prefix):
            wrong.append(f"{name} block at {start}: {found}")
    return wrong


HARMS: Final = {"flipped": flipped_wrongly, "cut": cut_wrongly, "zeroed": zeroed_wrongly}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_no_damage_makes_a_start_with_another_state(day: Day, memory: Path, harm: object) -> None:
    assert callable(harm)
    assert harm(day, memory / "j", STEP) == []


@pytest.mark.soak
@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_no_damage_at_any_byte_makes_a_start_with_another_state(
    day: Day, memory: Path, harm: object
) -> None:
    assert callable(harm)
    assert harm(day, memory / "j", 1) == []
