"""The story of one parent, from the journal: every decision, and what its children came to."""

from __future__ import annotations

from pathlib import Path

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.protocol import ParentFound
from fix_oms.model.routing import Decision


def parent_story(directory: Path, ref: str) -> ParentFound | None:
    """The parent as it stands at the journal's end, with all of its decisions.

    A running engine keeps but the newest of them. None when the journal knows no such parent.
    Raises JournalCorrupt for a damaged journal.
    """
    engine = Engine()
    decisions: list[Decision] = []
    now = 0
    for record in records(directory):
        value = inputs.decode(record.payload)
        engine.step(record.time_ns, value)
        now = record.time_ns
        if type(value) is inputs.Decided and value.decision.parent == ref:
            decisions.append(value.decision)
    if not now:
        return None
    found = engine.shown(now).routing.parent(ref)
    if found.parent is None:
        return None
    return ParentFound(parent=found.parent, children=found.children, decisions=tuple(decisions))
