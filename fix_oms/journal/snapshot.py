"""Snapshots: the state at some record, written beside the log so that a start need not replay it.

A snapshot is never truth: the log is. Each says which record comes next, what the chain's head was,
and where in which segment that stands; one whose head is not the journal's at that place is of
another journal, or of a tail that was lost, and is passed over, as is one that is cut, damaged or
from a newer version. Then the next older one serves, and in the end the log alone.

    <journal>/snapshots/00000000000004711000.snap      the index of the record that is due next
                        00000000000004711000.snap.new  one that was not finished
                        lock                           who writes them

A file is a header of 192 bytes and a body. Numbers are little-endian.

      0   8  magic "FIXOMSS\\n"                    64  48  the segment's name, zero-filled
      8   4  format version                      112   8  offset in it of the record due next
     12   4  CRC-32 of the other 188 bytes       120   8  length of the body
     16   8  index of the record due next        128  32  BLAKE2b-256 of the body
     24   8  time of the last record, ns UTC     160  32  zero
     32  32  the chain's head so far

The body is sections, each with its length in 8 bytes before it:

    about       JSON: who wrote it, what the replay found so far, the hash of what is live, and the
                attributes of each class (see ``freeze``)
    live        the state without the packed orders (``freeze``)
    marks       when each 64th order was made (``kept``), 8 bytes each, ns UTC
    begins      where each packed order begins (``shelf``), 8 bytes each
    counts      how many names each of the 4,096 parts has, 4 bytes each
    names       all of them, 8 bytes each
    sizes       how long each piece of the shelf is, 4 bytes each
    pieces      all of them

So what a start pays for closed orders is the reading of a few large pieces.
"""

from __future__ import annotations

import os
import re
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from itertools import accumulate, pairwise
from pathlib import Path
from struct import Struct
from typing import IO, Any, Final, NamedTuple
from zlib import crc32

import msgspec

from fix_oms.engine.state import State
from fix_oms.journal.follower import Place
from fix_oms.journal.freeze import Layouts, Unfrozen, freeze, thaw
from fix_oms.journal.segments import os_errors_name, sync_directory
from fix_oms.model.errors import JournalError
from fix_oms.orders.kept import STEP
from fix_oms.orders.shelf import PARTS, Shelf

FOLDER: Final = "snapshots"
MAGIC: Final = b"FIXOMSS\n"
VERSION: Final = 1
HEADER_SIZE: Final = 192
ROOM: Final = 256 << 20
"""What a snapshot must leave free for the journal, in bytes: a full disk stops the engine."""
_HEADER: Final = Struct("<8sIIQq32s48sQQ32s32x")
_LENGTH: Final = Struct("<Q")
_NAME: Final = re.compile(r"(\d{20})\.snap", re.ASCII)
_MODE: Final = 0o640
_DIGEST: Final = 32
_SECTIONS: Final = 8


class Unusable(JournalError):
    """A snapshot that this start cannot begin from: names the file and the reason."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"snapshot {path.name}: {reason}")
        self.path: Final = path
        self.reason: Final = reason


class Header(NamedTuple):
    """What a snapshot says of itself. ``place`` is where the journal goes on."""

    place: Place
    last_ns: int
    length: int
    digest: bytes


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the state. ``asked`` are session, ClOrdID, text and count of what the
    engine had asked to be sent and had not been seen to leave."""

    version: str
    sent: int
    mismatches: list[str]
    asked: list[tuple[str, str, str, int]]
    live_hash: str
    unused: int
    layouts: Layouts


class Snapshot(NamedTuple):
    """One that has been read, or is to be written."""

    place: Place
    last_ns: int
    about: About
    state: State


def folder(journal: Path) -> Path:
    """Where a journal's snapshots are."""
    return journal / FOLDER


def listed(journal: Path) -> list[Path]:
    """The snapshots, newest first; none where there is no folder."""
    where = folder(journal)
    if not where.is_dir():
        return []
    with os_errors_name(where):
        names = sorted((name for name in os.listdir(where) if _NAME.fullmatch(name)), reverse=True)
    return [where / name for name in names]


def prune(journal: Path, keep: int) -> None:
    """Remove all but the newest ``keep``, and what was left unfinished. Under the lock only."""
    where = folder(journal)
    with os_errors_name(where):
        unfinished = [where / name for name in os.listdir(where) if name.endswith(".snap.new")]
        for path in [*listed(journal)[keep:], *unfinished]:
            path.unlink()


# -- writing -----------------------------------------------------------------------------------


def write(
    journal: Path,
    state: State,
    place: Place,
    last_ns: int,
    tells: Callable[[Layouts, int], About],
) -> Path:
    """Write one, durably, and return its path. ``tells`` makes what it says of itself, of the
    layouts and of how many bytes on the shelf are unused.

    The folder must be there. Raises JournalError where it cannot be written, or where what is left
    of the disk would be too little for the journal.
    """
    shelf = state.book.orders.shelf
    if shelf.unused > sum(map(len, shelf.pieces)):
        shelf.drop_unused()
    shelf.seal()
    layouts, live = freeze(state)
    sections = _sections(state, msgspec.json.encode(tells(layouts, shelf.unused)), live)
    path = folder(journal) / f"{place.next_index:020d}.snap"
    unborn = path.with_name(path.name + ".new")
    with os_errors_name(path):
        _require_room(path, sum(len(part) for part in sections))
        try:
            with open(os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as file:
                _write_body(file, sections, place, last_ns)
            os.rename(unborn, path)
            sync_directory(path.parent)
        except BaseException:
            with suppress(OSError):
                os.unlink(unborn)
            raise
    return path


def _require_room(path: Path, size: int) -> None:
    disk = os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize < size + ROOM:
        raise JournalError(
            f"{path}: {size >> 20} MiB would leave less than {ROOM >> 20} MiB for the journal"
        )


def _sections(state: State, about: bytes, live: bytes) -> list[bytes]:
    shelf, parts = state.book.orders.shelf, state.book.orders.shelf.names.parts
    names = array("Q")
    for part in parts:
        names.extend(part)
    return [
        about,
        live,
        _little(state.book.orders.marks),
        _little(shelf.begins),
        _little(array("I", map(len, parts))),
        _little(names),
        _little(array("I", map(len, shelf.pieces))),
        b"".join(shelf.pieces),
    ]


def _write_body(file: IO[bytes], sections: list[bytes], place: Place, last_ns: int) -> None:
    file.write(bytes(HEADER_SIZE))
    digest, length = blake2b(digest_size=_DIGEST), 0
    for section in sections:
        for part in (_LENGTH.pack(len(section)), section):
            digest.update(part)
            file.write(part)
            length += len(part)
    file.flush()
    os.fsync(file.fileno())  # the body before the header: a header never speaks for less
    file.seek(0)
    file.write(_header(place, last_ns, length, digest.digest()))
    file.flush()
    os.fsync(file.fileno())


def _header(place: Place, last_ns: int, length: int, digest: bytes) -> bytes:
    name = place.segment.encode("ascii")
    fields = (place.next_index, last_ns, place.head, name, place.offset, length, digest)
    crc = _crc(_HEADER.pack(MAGIC, VERSION, 0, *fields))
    return _HEADER.pack(MAGIC, VERSION, crc, *fields)


def _crc(header: bytes) -> int:
    return crc32(header[16:], crc32(header[:12]))


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


# -- reading -----------------------------------------------------------------------------------


def header_of(path: Path) -> Header:
    """What a snapshot says of itself. Raises Unusable."""
    with os_errors_name(path), path.open("rb") as file:
        return _read_header(path, file)


def read(path: Path) -> Snapshot:
    """A snapshot with its state. Raises Unusable where anything of it does not check."""
    with os_errors_name(path), path.open("rb") as file:
        header = _read_header(path, file)
        sections = _read_body(path, file, header)
    try:
        about = msgspec.json.decode(sections[0], type=About)
        state = thaw(about.layouts, sections[1])
        _shelve(state, sections, about.unused)
    except (Unfrozen, msgspec.MsgspecError, ValueError) as error:
        raise Unusable(path, str(error)) from error
    state.restored()
    return Snapshot(header.place, header.last_ns, about, state)


def _read_header(path: Path, file: IO[bytes]) -> Header:
    data = file.read(HEADER_SIZE)
    if len(data) < HEADER_SIZE or data[:8] != MAGIC:
        raise Unusable(path, "this is no snapshot of fix_oms: its header is missing")
    _, version, crc, index, last_ns, head, name, offset, length, digest = _HEADER.unpack(data)
    if crc != _crc(data):
        raise Unusable(path, "its header is damaged: the CRC does not match")
    if version > VERSION:
        raise Unusable(path, f"format {version} is newer than {VERSION}, the newest read here")
    segment = name.rstrip(b"\0").decode("ascii", "replace")
    return Header(Place(segment, offset, index, head), last_ns, length, digest)


def _read_body(path: Path, file: IO[bytes], header: Header) -> list[bytes]:
    size = os.fstat(file.fileno()).st_size - HEADER_SIZE
    if size != header.length:
        raise Unusable(path, f"its body has {size} bytes where the header says {header.length}")
    digest, left, sections = blake2b(digest_size=_DIGEST), size, []
    while left >= _LENGTH.size:
        stated = file.read(_LENGTH.size)
        length = min(_LENGTH.unpack(stated)[0], left - _LENGTH.size)
        section = file.read(length)
        digest.update(stated)
        digest.update(section)
        sections.append(section)
        left -= _LENGTH.size + length
    if digest.digest() != header.digest or len(sections) != _SECTIONS:
        raise Unusable(path, "its body is damaged: the digest does not match")
    return sections


def _shelve(state: State, sections: list[bytes], unused: int) -> None:
    """Put the packed orders back."""
    _, _, marks, begins, counts, names, sizes, pieces = sections
    shelf = Shelf()
    parts = list(_cut(_array("Q", names), _array("I", counts)))
    shelf.restore(list(_cut(pieces, _array("I", sizes))), _array("Q", begins), parts, unused)
    orders = state.book.orders
    orders.marks, orders.shelf = _array("q", marks), shelf
    if len(orders.marks) != -(-len(orders) // STEP) or len(shelf.begins) > len(orders):
        raise ValueError("its sections do not speak of the same orders")
    if len(parts) not in (0, PARTS):
        raise ValueError(f"its names are in {len(parts)} parts")


def _array(kind: str, data: bytes) -> array[int]:
    values = array(kind)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _cut(whole: Any, sizes: array[int]) -> Iterator[Any]:
    """The whole in parts of these sizes."""
    for begin, end in pairwise(accumulate(sizes, initial=0)):
        yield whole[begin:end]
