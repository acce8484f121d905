"""Whether each snapshot kept, with the tail behind it, is the journal: hash for hash.

A snapshot that cannot be used says nothing against the journal, which is the truth, so it is noted
and no finding. One that can be used and leads elsewhere is a finding: an engine that starts from it
is not the engine that stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from fix_oms.journal import snapshot
from fix_oms.journal.recovery import Recovery
from fix_oms.journal.replay import Replay
from fix_oms.journal.snapshot import Unusable


class Compared(NamedTuple):
    """``same`` of them are the journal; ``notes`` say of others why they cannot be used."""

    same: int
    notes: tuple[str, ...]
    findings: tuple[str, ...]


NONE: Final = Compared(0, (), ())


def compared(directory: Path, whole: Replay, state_hash: str) -> Compared:
    """Replay each snapshot's tail. ``whole`` and its hash are of the journal as it was replayed."""
    same, notes, findings = 0, [], []
    for path in snapshot.listed(directory):
        try:
            recovery = Recovery.from_snapshot(directory, path)
        except Unusable as error:
            notes.append(str(error))
            continue
        try:
            recovery.catch_up()
        finally:
            recovery.close()
        found = recovery.engine.shown(recovery.replayer.last_ns).hash()
        if (recovery.replayer.found, found) == (whole, state_hash):
            same += 1
        else:
            findings.append(f"snapshot {path.name}: with its tail it replays to state hash {found}")
    return Compared(same, tuple(notes), tuple(findings))
