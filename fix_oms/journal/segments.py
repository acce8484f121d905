"""The files of a journal's directory: names, listing, and the few operations that change them.

    00000000000000000000-2025-11-21.seg     a segment: index of its first record, trading day
    00000000000000000000-2025-11-21.seg.4711.cut
                                            bytes found half-written at byte 4711, kept for ever
    *.new                                   a segment that a crash kept from being born
    lock                                    who writes (see ``lock``)
    snapshots/                              states on the way (see ``snapshot``)

The index comes first in the name, so that names sort as records do even if a day's date were set
backwards; the day follows, for the person who looks for one. Anything else in the directory is not
ours: it is left alone, and ``check`` names it.

A segment is born whole: written as ``.new``, synced, renamed, and the directory synced. So no
reader and no crash ever meets a segment without its header.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.model.errors import JournalError

_NAME: Final = re.compile(r"(\d{20})-(\d{4}-?\d{2}-?\d{2})\.seg", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}", re.ASCII)
_CUT: Final = re.compile(_NAME.pattern + r"\.\d+(\.\d+)?\.cut", re.ASCII)
_OTHERS: Final = re.compile(rf"lock|snapshots|{_NAME.pattern}\.new", re.ASCII)
_MODE: Final = 0o640


class SegmentFile(NamedTuple):
    """A segment by its name alone. Sorts in the order of the records."""

    first_index: int
    day: str
    path: Path


@contextmanager
def os_errors_name(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into a JournalError with the path and its reason."""
    try:
        yield
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror or error}") from error


def check_day(day: str) -> str:
    """``day`` if it can stand in a file name: 2025-11-21 or 20251121. Raises ValueError."""
    if not _DAY.fullmatch(day):
        raise ValueError(f"{day!r} is no trading day: YYYY-MM-DD or YYYYMMDD")
    return day


def segment_file(directory: Path, first_index: int, day: str) -> SegmentFile:
    return SegmentFile(first_index, day, directory / f"{first_index:020d}-{day}.seg")


def listed(directory: Path) -> list[SegmentFile]:
    """The journal's segments, in order. Raises JournalError when there is no such directory."""
    found = [(match, name) for name in _names(directory) if (match := _NAME.fullmatch(name))]
    return sorted(SegmentFile(int(match[1]), match[2], directory / name) for match, name in found)


def cut_files(directory: Path) -> tuple[str, ...]:
    """Names of the files that hold tails cut at earlier opens."""
    return tuple(sorted(name for name in _names(directory) if _CUT.fullmatch(name)))


def foreign(directory: Path) -> tuple[str, ...]:
    """Names in the directory that are no part of a journal."""
    ours = (_NAME, _CUT, _OTHERS)
    return tuple(
        sorted(name for name in _names(directory) if not any(p.fullmatch(name) for p in ours))
    )


def create(file: SegmentFile, header: bytes) -> int:
    """Makes the segment, durably, and returns a descriptor that appends to it."""
    unborn = file.path.with_name(file.path.name + ".new")
    with os_errors_name(file.path):
        fd = os.open(unborn, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC, _MODE)
        try:
            if os.write(fd, header) != len(header):
                raise JournalError(f"{file.path}: no room for the segment's header")
            os.fdatasync(fd)
            os.rename(unborn, file.path)
            sync_directory(file.path.parent)
        except BaseException:
            os.close(fd)
            with suppress(OSError):
                os.unlink(unborn)
            raise
    return fd


def put_back(fd: int, path: Path) -> None:
    """Write the file that ``fd`` still holds, and that has no name any more, where it was.

    Raises OSError where that cannot be done: its directory is gone as well.
    """
    again = path.with_name(path.name + ".new")
    copy = os.open(again, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
    with open(f"/proc/self/fd/{fd}", "rb") as removed, open(copy, "wb") as file:
        shutil.copyfileobj(removed, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(again, path)
    sync_directory(path.parent)


def forget_cached(path: Path) -> None:
    """Asks the kernel to write out and drop its copy of the file, so that the disk is read."""
    with os_errors_name(path):
        fd = os.open(path, os.O_WRONLY)
        try:
            os.fdatasync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)


def cut_aside(path: Path, offset: int, dropped: bytes) -> Path:
    """Moves the bytes from ``offset`` on into a ``.cut`` file, durably; returns its path.

    A segment cut at byte 0 is no segment any more and is renamed as a whole.
    """
    aside = _unused(path, offset)
    with os_errors_name(aside):
        if offset == 0:
            os.rename(path, aside)
        else:
            _write_all(aside, dropped)
            sync_directory(path.parent)
            _truncate(path, offset)
        sync_directory(path.parent)
    return aside


def _names(directory: Path) -> list[str]:
    with os_errors_name(directory):
        return os.listdir(directory)


def sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unused(path: Path, offset: int) -> Path:
    """A name that no earlier cut has taken: a crash during a cut makes the next one repeat it."""
    candidate = path.with_name(f"{path.name}.{offset}.cut")
    again = 0
    while candidate.exists():
        again += 1
        candidate = path.with_name(f"{path.name}.{offset}.{again}.cut")
    return candidate


def _write_all(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _truncate(path: Path, size: int) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(fd, size)
        os.fdatasync(fd)
    finally:
        os.close(fd)
