"""Is this journal whole? Every byte of every segment, and what the directory holds besides.

``check`` never raises for what it finds: a damaged journal is its answer, not its failure. It
needs no lock and may run beside the writer; a record that is just being written then shows as a
half-written tail.
"""

from __future__ import annotations

from pathlib import Path

import attrs

from fix_oms.journal.follower import Follower
from fix_oms.journal.scan import Cut
from fix_oms.journal.segments import cut_files, foreign, listed
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

    @property
    def whole(self) -> bool:
        """Every byte is accounted for: no damage and nothing half-written."""
        return self.damage is None and self.cut is None


def check(directory: Path) -> Check:
    """Reads the whole journal. Raises JournalError where it cannot be read at all."""
    damage = None
    records = 0
    with Follower(directory) as follower:
        try:
            while batch := follower.poll():
                records += len(batch)
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
    )
