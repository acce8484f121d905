"""Torn by a crash, or damaged? What may be cut from the end of a log, and what must never be.

A log that always cuts at the first bad byte loses every acknowledged record behind one flipped
bit, silently. A log that never cuts cannot be opened after a crash. So the two are told apart by
what a crash can do to bytes that were only ever appended:

1. A *process* that dies leaves what the kernel took, in order: at most a strict prefix of one
   record at the end of the file.
2. A *machine* that loses power may also lose blocks that were written but not yet synced, in any
   order. The file then holds zeros where a block is missing, to the end of that block (512 bytes
   at least) or of the file, and whole records may follow. Nothing in there had been acknowledged,
   and the log knows it: each record carries how many records were on disk when it was written
   (``durable``), so a record behind the hole that says the missing one was on disk proves damage.

Everything else is damage: a whole record follows with no hole between, the CRC of a record of full
length differs, an index is out of order. Only the last segment is judged here; in the others,
which were synced before their successor was made, every bad byte is damage.

What stays undecidable: a bad byte inside a payload that itself holds 512 aligned zeros passes for
a hole, if no later record vouches for it; and a file cut short from outside looks like a crash.
The first is cut, but kept aside and reported; the second is what anchored heads are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from fix_oms.journal.format import FRAME, MARK, MAX_PAYLOAD, OVERHEAD, SEALED

_SECTOR: Final = 512
_LENGTH_END: Final = SEALED + 4
_INDEX_END: Final = _LENGTH_END + 8


def flaw(rest: bytes, index: int) -> str:
    """Why ``rest`` does not open with a whole record of that index; empty when it does."""
    if len(rest) < FRAME.size:
        return f"the file ends inside record {index}"
    mark, crc, length, found, _, _ = FRAME.unpack_from(rest)
    end = OVERHEAD + length
    if mark != MARK:
        return f"no record begins here, where record {index} is due"
    if length > MAX_PAYLOAD:
        return f"record {index} claims {length} bytes, over the maximum of {MAX_PAYLOAD}"
    if end > len(rest):
        return f"the file ends inside record {index}"
    if crc32(rest[SEALED:end]) != crc:
        return f"the CRC of record {index} does not match"
    if found != index:
        return f"record {found} stands where record {index} is due"
    return ""


def damage(rest: bytes, offset: int, index: int) -> str:
    """What is wrong with ``rest``, all bytes from ``offset`` where record ``index`` is not whole.

    Empty when a crash explains it: the bytes may then be cut.
    """
    reason = flaw(rest, index)
    later = list(whole_records(rest, index))
    if not later:
        if _strict_prefix(rest, index) or _has_hole(rest, offset, ends_file=True):
            return ""
        return reason
    at, found, _ = later[0]
    vouched = max(durable for _, _, durable in later)
    if vouched > index:
        return f"{reason}, though a later record says that it was on disk"
    if _has_hole(rest[:at], offset, ends_file=False):
        return ""
    return f"{reason}, and the whole record {found} follows at byte {offset + at}"


def whole_records(rest: bytes, index: int) -> Iterator[tuple[int, int, int]]:
    """(position, index, durable) of each whole record of a later index than the missing one."""
    at = rest.find(MARK, 1)
    while 0 <= at <= len(rest) - OVERHEAD:
        _, crc, length, found, durable, _ = FRAME.unpack_from(rest, at)
        end = at + OVERHEAD + length
        whole = end <= len(rest) and crc32(rest[at + SEALED : end]) == crc
        if whole and found >= index:
            yield at, found, durable
        at = rest.find(MARK, end if whole else at + 1)


def _strict_prefix(rest: bytes, index: int) -> bool:
    """Whether ``rest`` is the beginning of record ``index``, and not all of it."""
    due = index.to_bytes(8, "little")
    stated = rest[_LENGTH_END:_INDEX_END]
    if rest[: len(MARK)] != MARK[: len(rest)] or stated != due[: len(stated)]:
        return False
    if len(rest) < FRAME.size:
        return True
    _, crc, length, *_ = FRAME.unpack_from(rest)
    if length > MAX_PAYLOAD or len(rest) >= OVERHEAD + length:
        return False
    # A whole record whose length was damaged upwards would pass for one cut short.
    held = max(0, len(rest) - OVERHEAD)
    return bool(crc32(held.to_bytes(4, "little") + rest[_LENGTH_END:]) != crc)


def _has_hole(gap: bytes, offset: int, *, ends_file: bool) -> bool:
    """Whether a block in ``gap`` was never written: zeros from its beginning to its end.

    One zero byte is no hole, so that no single damaged byte is taken for one.
    """
    start = 0
    while start < len(gap):
        end = start + _SECTOR - (offset + start) % _SECTOR
        if end > len(gap):
            if not ends_file:
                return False
            end = len(gap)
        if end - start > 1 and gap.count(0, start, end) == end - start:
            return True
        start = end
    return False
