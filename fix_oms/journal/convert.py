"""Writing a journal anew, record by record, into another directory.

Two uses. A journal of an older format becomes one of today's; there is none yet, and the first
format that follows brings its reading of this one here (``tests/journal/test_kept.py`` asks for
it). And a damaged journal, which no engine starts on, becomes one of all that is whole before the
damage, on the word of a person who has seen what is left out.

The old journal is only read. The new one has a chain of its own: indices, times and payloads are
the old ones, so it replays to the same state, and its first header names the old chain's head after
the last record that was taken over (``origin``). It appears under its name when it is complete.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from fix_oms.journal import tail
from fix_oms.journal.check import Check, check
from fix_oms.journal.follower import records
from fix_oms.journal.format import FRAME
from fix_oms.journal.segments import SegmentFile, listed, os_errors_name, sync_directory
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalCorrupt, JournalError
from fix_oms.model.inputs import decode

_SECOND: Final = 1_000_000_000


class Converted(NamedTuple):
    """The new journal, and in words what of the old one is not in it."""

    records: int
    head: str
    origin: str
    left_out: tuple[str, ...]


def converted(old: Path, new: Path, *, now_ns: int, until_damage: bool) -> Converted:
    """Write ``old`` anew as ``new``, which must not exist; nobody may be writing ``old``.

    A half-written tail is left out, as at a start. Raises JournalCorrupt for any other damage,
    unless ``until_damage`` leaves it out with all that follows; JournalError for what cannot be
    read or written.
    """
    if new.exists():
        raise JournalError(f"{new}: is there already")
    found = check(old)
    if found.damage is not None and not until_damage:
        raise JournalCorrupt(found.damage.segment, found.damage.offset, found.damage.reason)
    if not found.records:
        raise JournalError(f"{old}: there is no whole record to take over")
    partial = new.with_name(f"{new.name}.partial")
    with os_errors_name(partial):
        partial.mkdir()
    try:
        head = _written(old, partial, found, now_ns)
        with os_errors_name(new):
            os.rename(partial, new)
            sync_directory(new.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Converted(found.records, head, found.head, tuple(_left_out(old, found)))


def _written(old: Path, into: Path, found: Check, now_ns: int) -> str:
    """Copies the whole records; the new chain's head."""
    days = {file.path.name: file.day for file in listed(old)}
    source = records(old)
    first = next(source)
    with JournalWriter.open(
        into,
        durability="process",
        now_ns=now_ns,
        day=days[first.segment],
        origin=bytes.fromhex(found.head),
    ) as writer:
        segment = first.segment
        writer.append(first.time_ns, first.payload)
        while writer.next_index < found.records:
            record = next(source)
            if record.segment != segment:
                segment = record.segment
                writer.roll(record.time_ns, days[segment])
            writer.append(record.time_ns, record.payload)
        return writer.head


def _left_out(old: Path, found: Check) -> Iterator[str]:
    """One line for each stretch of the old journal that was not taken over."""
    if found.cut is not None:
        yield f"{found.cut.segment} from byte {found.cut.offset} on: {found.cut.size} bytes, torn"
    if found.damage is None:
        return
    files = listed(old)
    names = [file.path.name for file in files]
    at = names.index(found.damage.segment)
    yield _stretch(files[at], found.damage.offset, found.damage.reason)
    for file in files[at + 1 :]:
        yield _stretch(file, 0, "behind the damage")


def _stretch(file: SegmentFile, offset: int, reason: str) -> str:
    """What stands in a segment from ``offset`` on: bytes, and the whole records among them."""
    with os_errors_name(file.path):
        rest = file.path.read_bytes()[offset:]
    where = f"{file.path.name} from byte {offset} on: {len(rest)} bytes ({reason})"
    rest = b"\0" + rest  # the search begins behind the first byte
    kinds: Counter[str] = Counter()
    times: list[int] = []
    indices: list[int] = []
    for at, index, _ in tail.whole_records(rest, 0):
        _, _, length, _, _, time_ns = FRAME.unpack_from(rest, at)
        kinds[_kind(rest[at + FRAME.size : at + FRAME.size + length])] += 1
        times.append(time_ns)
        indices.append(index)
    if not indices:
        return f"{where}, no whole record among them"
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return (
        f"{where}, among them {len(indices)} whole records, {min(indices)} to {max(indices)}, of "
        f"{_time(min(times))} to {_time(max(times))}: {counted}"
    )


def _kind(payload: bytes) -> str:
    try:
        return type(decode(payload)).__name__
    except msgspec.MsgspecError:
        return "unknown"


def _time(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // _SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
