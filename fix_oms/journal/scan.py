"""Reading one segment forwards, record by record, checking each byte.

A scan holds its place (offset, index, head) and may be asked for more at any time: it reads from
where it stands and takes whole records only, so the same code serves the reader of a finished
journal, the follower of a live one, and the writer that looks for the end at open. It never locks
and never writes. Bytes that the kernel has counted into the file's size are complete, so a record
that is short is one still being written, or torn; it is not consumed, and is read anew next time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from zlib import crc32

import attrs
import msgspec

from fix_oms.journal import tail
from fix_oms.journal.format import (
    DIGEST_SIZE,
    FRAME,
    GENESIS,
    HEADER_SIZE,
    MARK,
    MAX_PAYLOAD,
    OVERHEAD,
    SEALED,
    UNSEALED,
    BadHeader,
    Header,
    NewerVersion,
    chained,
    decode_header,
)
from fix_oms.journal.segments import SegmentFile, os_errors_name
from fix_oms.model.errors import JournalCorrupt, JournalError

_CHUNK: Final = 1 << 20
_pread: Final = os.pread


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record and where it stands: ``index`` counts from 0, ``time_ns`` is UTC; ``digest`` is
    the chain's head after it."""

    index: int
    time_ns: int
    payload: bytes
    segment: str
    offset: int
    digest: bytes


class Torn(NamedTuple):
    """Bytes at the end of the last segment that a crash left half-written."""

    segment: str
    offset: int
    dropped: bytes
    reason: str


@attrs.frozen
class Cut:
    """A half-written tail: where it began, how long it was, why it is no record."""

    segment: str
    offset: int
    size: int
    reason: str
    kept: str = ""  # the file that holds the bytes, once they have been moved aside

    def __str__(self) -> str:
        kept = f"; kept in {self.kept}" if self.kept else ""
        return f"{self.segment}: cut {self.size} bytes at byte {self.offset}: {self.reason}{kept}"


def read_header(file: SegmentFile) -> Header:
    """The segment's header. Raises JournalCorrupt, or JournalError for a newer format."""
    with os_errors_name(file.path), file.path.open("rb") as opened:
        data = opened.read(HEADER_SIZE)
    try:
        header = decode_header(data)
    except NewerVersion as error:
        raise JournalError(f"{file.path}: {error}") from None
    except BadHeader as error:
        raise JournalCorrupt(file.path.name, 0, str(error)) from None
    if (header.first_index, header.day) != (file.first_index, file.day):
        stated = f"index {header.first_index} of day {header.day}"
        raise JournalCorrupt(file.path.name, 0, f"the header says {stated}: the file was renamed")
    return header


def require_join(before: SegmentFile, end: int, head: bytes, after: Header) -> None:
    """Raises JournalCorrupt unless ``after`` continues the chain that ends with ``head``.

    ``end`` is the size of the segment ``before``: where it should have gone on.
    """
    if after.prior != head:
        raise JournalCorrupt(
            before.path.name,
            end,
            f"the chain breaks here: the next segment, from index {after.first_index}, continues "
            "another record (a segment is missing, or one was cut or replaced)",
        )


def require_beginning(file: SegmentFile) -> None:
    """Raises JournalCorrupt unless the journal's chain begins with this segment."""
    if file.first_index > 0:
        reason = "the journal begins here: the segments before are missing"
        raise JournalCorrupt(file.path.name, 0, reason)
    if read_header(file).prior != GENESIS:
        reason = "index 0 is here, but the chain begins elsewhere: a segment is missing"
        raise JournalCorrupt(file.path.name, 0, reason)


def require_joined(files: Sequence[SegmentFile]) -> None:
    """Raises JournalCorrupt unless each segment continues the one before it, as far as the first
    header and the last digest of each can tell: a few reads a segment, however large.
    """
    if files:
        require_beginning(files[0])
    for before, after in pairwise(files):
        header = read_header(before)
        with os_errors_name(before.path), before.path.open("rb") as opened:
            end = opened.seek(0, os.SEEK_END)
            opened.seek(max(HEADER_SIZE, end - DIGEST_SIZE))
            head = opened.read() or header.head
        require_join(before, end, head, read_header(after))


class Scan:
    """One segment, read forwards."""

    def __init__(self, file: SegmentFile) -> None:
        header = read_header(file)
        self.file: Final = file
        self.header: Final = header
        self.offset = HEADER_SIZE
        self.index = header.first_index
        self.head = header.head
        self._name: Final = file.path.name
        self._drained = False  # the last read found nothing behind the last whole record
        with os_errors_name(file.path):
            self._fd = os.open(file.path, os.O_RDONLY)

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def resume(self, offset: int, index: int, head: bytes) -> None:
        """Go to where another scan stood; the digest that is stored there speaks for all before.

        Raises JournalError where this segment does not hold it there.
        """
        if offset > HEADER_SIZE:
            with os_errors_name(self.file.path):
                found = _pread(self._fd, DIGEST_SIZE, offset - DIGEST_SIZE)
        else:
            found = self.head if offset == HEADER_SIZE else b""
        if found != head:
            ended = " (it ends before)" if len(found) < DIGEST_SIZE else ""
            reason = f"record {index} does not follow the chain that is known{ended}"
            raise JournalError(f"{self._name} at byte {offset}: {reason}")
        self.offset, self.index, self.head = offset, index, head

    def more(self) -> list[Record]:
        """The next whole records, about a MiB of them; none when there is no further one."""
        size = _CHUNK
        while True:
            data = self._read(size)
            found = self._take(data)
            self._drained = not data
            if found or len(data) < size:
                return found
            needed = _needed(data)
            if needed <= size:
                return found
            size = needed

    def finish(self, *, last: bool) -> Torn | None:
        """What stands behind the last whole record, after ``more`` found none.

        Returns None for nothing at all (or for whole records that came in the meantime), Torn for
        what a crash or a write in progress explains. Raises JournalCorrupt for everything else.
        """
        if self._drained:
            self._require_length()
            return None
        rest = self._read(None)
        reason = tail.flaw(rest, self.index) if rest else ""
        if not reason:
            if rest and not self._continues(rest):
                raise self._corrupt(f"record {self.index} does not continue the chain")
            return None
        found = tail.damage(rest, self.offset, self.index) if last else reason
        if found:
            raise self._corrupt(found)
        return Torn(self._name, self.offset, rest, reason)

    def _take(self, data: bytes) -> list[Record]:
        """The whole records at the front of ``data``, which begins at ``offset``; moves past them.

        Stops without complaint at the first that does not check: ``finish`` says why.
        """
        records: list[Record] = []
        at, base, size = 0, self.offset, len(data)
        index, head, name = self.index, self.head, self._name
        unpack = FRAME.unpack_from
        while at + OVERHEAD <= size:
            mark, crc, length, found, _, time_ns = unpack(data, at)
            end = at + OVERHEAD + length
            if mark != MARK or found != index or end > size or length > MAX_PAYLOAD:
                break
            body, digest = data[at + SEALED : end - DIGEST_SIZE], data[end - DIGEST_SIZE : end]
            if crc32(digest, crc32(body)) != crc or chained(head, body) != digest:
                break
            records.append(Record(index, time_ns, body[UNSEALED:], name, base + at, digest))
            index, head, at = index + 1, digest, end
        self.offset, self.index, self.head = base + at, index, head
        return records

    def _continues(self, rest: bytes) -> bool:
        """Whether the whole record at the front of ``rest`` holds the digest that is due."""
        _, _, length, *_ = FRAME.unpack_from(rest)
        end = FRAME.size + length
        return chained(self.head, rest[SEALED:end]) == rest[end : end + DIGEST_SIZE]

    def _read(self, size: int | None) -> bytes:
        """``size`` bytes from ``offset`` on, or all of them; fewer only where the file ends."""
        with os_errors_name(self.file.path):
            wanted = os.fstat(self._fd).st_size - self.offset if size is None else size
            data = _pread(self._fd, max(wanted, 0), self.offset)
            while 0 < len(data) < wanted:
                further = _pread(self._fd, wanted - len(data), self.offset + len(data))
                if not further:
                    break
                data += further
        return data

    def _require_length(self) -> None:
        with os_errors_name(self.file.path):
            size = os.fstat(self._fd).st_size
        if size < self.offset:
            raise JournalCorrupt(self._name, size, "the segment was cut after it had been read")

    def _corrupt(self, reason: str) -> JournalCorrupt:
        return JournalCorrupt(self._name, self.offset, reason)


def _needed(data: bytes) -> int:
    """How many bytes the record at the front of ``data`` asks for, as far as it can be believed."""
    mark, _, length, *_ = FRAME.unpack_from(data)
    believable = mark == MARK and length <= MAX_PAYLOAD
    return OVERHEAD + length if believable else 0
