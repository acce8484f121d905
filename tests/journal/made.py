"""Journals made for tests, and what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.journal.follower import records
from fix_oms.journal.format import HEADER_SIZE, OVERHEAD
from fix_oms.journal.segments import listed
from fix_oms.journal.writer import SEGMENT_BYTES, JournalWriter

DAY: Final = "2025-11-21"
NEXT_DAY: Final = "2025-11-24"
NOW: Final = 1_763_718_000_000_000_000


def payload(index: int) -> bytes:
    """A payload that tells its index, of a length that varies with it."""
    return b"%d:" % index + b"35=8|39=1|" * (index % 7)


def opened(
    directory: Path,
    *,
    day: str = DAY,
    durability: str = "process",
    segment_bytes: int = SEGMENT_BYTES,
) -> JournalWriter:
    return JournalWriter.open(
        directory, durability=durability, now_ns=NOW, day=day, segment_bytes=segment_bytes
    )


def made(directory: Path, count: int, *, segment_bytes: int = SEGMENT_BYTES) -> list[Path]:
    """A closed journal of ``count`` records; its segments."""
    with opened(directory, segment_bytes=segment_bytes) as writer:
        for index in range(count):
            writer.append(NOW + index, payload(index))
    return segment_paths(directory)


def segment_paths(directory: Path) -> list[Path]:
    return [file.path for file in listed(directory)]


def payloads(directory: Path, start: int = 0) -> list[bytes]:
    return [record.payload for record in records(directory, start)]


def offset_of(index: int) -> int:
    """Where record ``index`` of a journal with one segment begins."""
    return HEADER_SIZE + sum(OVERHEAD + len(payload(i)) for i in range(index))


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def flip(path: Path, offset: int, mask: int = 0xFF) -> None:
    """Damages one byte."""
    overwrite(path, offset, bytes([path.read_bytes()[offset] ^ mask]))


def shorten(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)
