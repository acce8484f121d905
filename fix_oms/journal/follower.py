"""Following a journal from any process: read-only, never in the writer's way.

Each poll costs what is new, and two system calls when nothing is: one read at the place where it
stands, and one look at the directory's time of change, which tells whether a new segment was born.
(A change in the same clock tick as the last listing would not move that time; so a listing is only
trusted once the directory has been still for a second before it, as git does with its index.)

A follower sees whole records only, each checked by CRC and chain, and rolls from segment to
segment by the chain: the next one must continue the very record it read last. ``records`` is the
same thing run until there is nothing new.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from fix_oms.journal.format import GENESIS, HEADER_SIZE
from fix_oms.journal.scan import (
    Record,
    Scan,
    Torn,
    read_header,
    require_beginning,
    require_join,
)
from fix_oms.journal.segments import SegmentFile, listed, os_errors_name
from fix_oms.model.errors import JournalCorrupt, JournalError

_STILL_NS: Final = 1_000_000_000


class Place(NamedTuple):
    """Between two records: behind ``offset`` bytes of a segment, where ``next_index`` is due
    and ``head`` the chain's head so far."""

    segment: str
    offset: int
    next_index: int
    head: bytes


def records(directory: Path, start: int = 0) -> Iterator[Record]:
    """Every whole record from index ``start`` on, to the end that the journal has when reached.

    Stops at a torn tail. Raises JournalCorrupt for damage anywhere else, JournalError for a
    directory that cannot be read or a format newer than this code.
    """
    with Follower(directory, start) as follower:
        while batch := follower.poll():
            yield from batch


class Follower:
    """A place in a journal that moves forward. The directory must exist; it may still be empty.

    It begins with record ``start``, or where another follower stood: ``at``. That place is looked
    at first: what is not the same journal, or not so far, raises JournalError.
    """

    def __init__(self, directory: Path, start: int = 0, *, at: Place | None = None) -> None:
        self._start: Final = start if at is None else at.next_index
        self._listing: Final = _Listing(directory)
        self._scan: Scan | None = None
        self.torn: Torn | None = None  # what the last poll found half-written at the very end
        self.segments = 0  # how many have been opened
        self._listing.files()  # a missing directory is said now, not at the first poll
        if at is not None:
            self._scan = self._resumed(at)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._scan is not None:
            self._scan.close()

    @property
    def next_index(self) -> int:
        """The index of the record that is expected next."""
        return self._start if self._scan is None else max(self._start, self._scan.index)

    @property
    def place(self) -> Place | None:
        """Where it stands; None before the first segment is there."""
        scan = self._scan
        if scan is None:
            return None
        return Place(scan.file.path.name, scan.offset, scan.index, scan.head)

    @property
    def day(self) -> str:
        """The trading day of the segment in which it stands, or empty."""
        return "" if self._scan is None else self._scan.file.day

    @property
    def head(self) -> str:
        """The chain's head after the records read so far, in hex."""
        return (GENESIS if self._scan is None else self._scan.head).hex()

    def poll(self) -> list[Record]:
        """Whole records since the last poll, some MiB at most; empty when there is nothing new.

        Raises JournalCorrupt where the log is damaged, and does so again at each later poll.
        """
        self.torn = None
        while True:
            scan = self._scan or self._first()
            if scan is None:
                return []
            found = scan.more()
            if not found:
                following = self._listing.after(scan.file)
                if following is None:
                    self.torn = scan.finish(last=True)
                    return []
                found = scan.more()  # what was appended before the roll and after the look above
                if not found:
                    scan.finish(last=False)
                    if not self._enter(following, scan):
                        return []
            if found and found[-1].index >= self._start:
                return [record for record in found if record.index >= self._start]

    def _first(self) -> Scan | None:
        """The segment that holds ``start``, if the journal has any segment yet."""
        files = self._listing.files()
        if not files:
            return None
        if files[0].first_index > self._start:
            reason = f"the journal begins here: the segments with record {self._start} are missing"
            raise JournalCorrupt(files[0].path.name, 0, reason)
        index = max(file.first_index for file in files if file.first_index <= self._start)
        # Of several that begin at one index, all but the last are empty: the chain needs each.
        self._enter(next(file for file in files if file.first_index == index), None)
        return self._scan

    def _resumed(self, at: Place) -> Scan:
        named = [file for file in self._listing.files() if file.path.name == at.segment]
        if not named:
            raise JournalError(f"{at.segment} is no segment of this journal")
        scan = Scan(named[0])
        try:
            scan.resume(at.offset, at.next_index, at.head)
        except BaseException:
            scan.close()
            raise
        self.segments = 1
        return scan

    def _enter(self, file: SegmentFile, before: Scan | None) -> bool:
        """Moves to a segment; False where it is last and shorter than a header."""
        self.torn = torn_header(file) if self._listing.after(file) is None else None
        if self.torn is not None:
            return False
        if before is None:
            if file.first_index == 0:
                require_beginning(file)
            self._scan = Scan(file)
        else:
            header = read_header(file)
            require_join(before.file, before.offset, before.head, header)
            if header.first_index != before.index:
                reason = f"the header says index {header.first_index}, due is {before.index}"
                raise JournalCorrupt(file.path.name, 0, reason)
            self._scan = Scan(file)
            before.close()
        self.segments += 1
        return True


def torn_header(file: SegmentFile) -> Torn | None:
    """The segment's bytes if they are fewer than a header: nothing in it can be a whole record."""
    with os_errors_name(file.path):
        if os.stat(file.path).st_size >= HEADER_SIZE:
            return None
        held = file.path.read_bytes()
    return Torn(file.path.name, 0, held, "the file ends inside the segment's header")


class _Listing:
    """The directory's segments, listed again only when the directory has changed."""

    def __init__(self, directory: Path) -> None:
        self._directory: Final = directory
        self._files: list[SegmentFile] = []
        self._changed_ns = -1

    def files(self) -> list[SegmentFile]:
        with os_errors_name(self._directory):
            changed_ns = os.stat(self._directory).st_mtime_ns
        if changed_ns != self._changed_ns:
            still = time.time_ns() - changed_ns > _STILL_NS
            self._files = listed(self._directory)
            self._changed_ns = changed_ns if still else -1
        return self._files

    def after(self, file: SegmentFile) -> SegmentFile | None:
        files = self.files()
        if files and files[-1] == file:
            return None
        return next((other for other in files if other > file), None)
