"""Replay: the journal's inputs through an engine, once more.

A replay sends nothing. It compares: each message that left (a Sent record) must be one that the
engine asked for, text for text, before that record. A message that was asked for and has no Sent
record may or may not have left (the process died in between): its request is in doubt, and the
engine asks about it; a Sent record that no step asked for is a mismatch, and a mismatch means that
this engine is not the one that wrote the journal.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.model.errors import JournalCorrupt
from fix_oms.model.inputs import NotSent, Sent, Started, decode
from fix_oms.model.outputs import Send

MOST_MISMATCHES: Final = 100


class Replay(NamedTuple):
    """What a replay found. ``last_ns`` is the time of the last record, 0 for an empty journal."""

    records: int
    sent: int
    last_ns: int
    mismatches: tuple[str, ...]


def replay(directory: Path, engine: Engine) -> Replay:
    """Feed every record of a journal to ``engine`` and compare what left with its outputs.

    Raises JournalCorrupt for a record that is damaged or holds no input that we know.
    """
    count = sent = last_ns = 0
    asked: Counter[tuple[str, str, str]] = Counter()
    mismatches: list[str] = []
    for record in records(directory):
        try:
            value = decode(record.payload)
        except msgspec.MsgspecError as error:
            reason = f"record {record.index} is no input that this version knows: {error}"
            raise JournalCorrupt(str(record.segment), record.offset, reason) from None
        if isinstance(value, Sent | NotSent):
            key = (value.session, value.cl_ord_id, value.text)
            sent += isinstance(value, Sent)
            if asked[key]:
                asked[key] -= 1
                if not asked[key]:
                    del asked[key]
            elif len(mismatches) < MOST_MISMATCHES:
                shown = value.text.replace("\x01", "|")
                mismatches.append(f"record {record.index}: the engine did not ask for {shown}")
        elif isinstance(value, Started):
            asked.clear()  # what was queued when the process before this one ended never left
        for output in engine.step(record.time_ns, value):
            if type(output) is Send:
                asked[(output.session, output.cl_ord_id, output.text)] += 1
        count, last_ns = count + 1, record.time_ns
    return Replay(count, sent, last_ns, tuple(mismatches))
