"""Is this journal whole? Every byte of every segment, and what the directory holds besides.

``check`` never raises for what it finds: a damaged journal is its answer, not its failure. It
needs no lock and may run beside the writer; a record that is just being written then shows as a
half-written tail.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from fix_oms.journal.follower import Follower
from fix_oms.journal.format import DIGEST_SIZE, FRAME
from fix_oms.journal.scan import Cut, Record, read_header
from fix_oms.journal.segments import cut_files, foreign, listed, os_errors_name
from fix_oms.model.errors import JournalCorrupt


@attrs.frozen
class Damage:
    """The first thing that is wrong, and where."""

    segment: str
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.segment} at byte {self.offset}: {self.reason}"


@attrs.frozen
class Check:
    """What a journal holds. Counts and ``head`` reach up to the damage, if there is any."""

    segments: int
    records: int
    head: str
    """The chain's head after the last whole record, in hex; to compare with one kept elsewhere."""
    cut: Cut | None
    """A half-written tail: the next writer will move it aside."""
    damage: Damage | None
    kept: tuple[str, ...]
    """Files that hold tails cut at earlier opens."""
    foreign: tuple[str, ...]
    """Names in the directory that are no part of a journal."""
    heads: Mapping[int, tuple[str, ...]] = attrs.field(factory=dict)
    """The heads, in hex, that the chain had at each count asked for, as far as it reaches."""

    @property
    def whole(self) -> bool:
        """Every byte is accounted for: no damage and nothing half-written."""
        return self.damage is None and self.cut is None


def check(directory: Path, counts: Iterable[int] = ()) -> Check:
    """Reads the whole journal; tells its heads after each of ``counts`` records.

    Raises JournalError where it cannot be read at all.
    """
    damage = None
    records = 0
    wanted = sorted(set(counts))
    last_of: dict[int, Record] = {}
    with Follower(directory) as follower:
        try:
            while batch := follower.poll():
                first = batch[0].index + 1
                records += len(batch)
                found = wanted[bisect_left(wanted, first) : bisect_right(wanted, records)]
                last_of.update((count, batch[count - first]) for count in found)
        except JournalCorrupt as error:
            damage = Damage(error.segment, error.offset, error.reason)
        torn = follower.torn
        head = follower.head
    cut = Cut(torn.segment, torn.offset, len(torn.dropped), torn.reason) if torn else None
    return Check(
        segments=len(listed(directory)),
        records=records,
        head=head,
        cut=cut,
        damage=damage,
        kept=cut_files(directory),
        foreign=foreign(directory),
        heads=_heads(directory, last_of, [count for count in wanted if count <= records]),
    )


def heads_at(directory: Path, count: int) -> tuple[str, ...]:
    """The heads after ``count`` records, by reading the one segment that holds the last of them.

    Empty where the journal does not reach so far. Raises JournalCorrupt for damage on the way.
    """
    last_of: dict[int, Record] = {}
    if count:
        holding = max((f for f in listed(directory) if f.first_index < count), default=None)
        if holding is None:
            return ()
        with Follower(directory, holding.first_index) as follower:
            while not last_of and (batch := follower.poll()):
                if batch[-1].index + 1 >= count:
                    last_of[count] = batch[count - 1 - batch[0].index]
        if not last_of:
            return ()
    return _heads(directory, last_of, [count])[count]


def _heads(
    directory: Path, last_of: Mapping[int, Record], counts: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """The digest of the last record at each count, and of each header that follows it."""
    heads: dict[int, tuple[str, ...]] = dict.fromkeys(counts, ())
    for count, record in last_of.items():
        heads[count] = (_digest(directory, record),)
    for file in listed(directory):
        if file.first_index in heads:
            try:
                heads[file.first_index] += (read_header(file).head.hex(),)
            except JournalCorrupt:
                continue  # it is the damage, or lies behind it
    return heads


def _digest(directory: Path, record: Record) -> str:
    path = directory / record.segment
    with os_errors_name(path), path.open("rb") as opened:
        end = record.offset + FRAME.size + len(record.payload)
        return os.pread(opened.fileno(), DIGEST_SIZE, end).hex()
