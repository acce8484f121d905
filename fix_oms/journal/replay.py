"""Replay: the journal's inputs through an engine, once more.

A replay sends nothing. It compares: each message that left (a Sent record) must be one that the
engine asked for, text for text, before that record. A message that was asked for and has no Sent
record may or may not have left (the process died in between): its request is in doubt, and the
engine asks about it; a Sent record that no step asked for is a mismatch, and a mismatch means that
this engine is not the one that wrote the journal.

Routing decisions, and what algos did, are carried out as they stand in the journal. That this
version would decide otherwise (a policy has been improved) is no mismatch: it is counted, and that
is all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from fix_oms.engine import Engine
from fix_oms.journal.follower import Follower
from fix_oms.journal.scan import Record
from fix_oms.journal.uncollected import uncollected
from fix_oms.model.errors import JournalCorrupt, JournalError, SettingsError
from fix_oms.model.inputs import Acted, Decided, Input, NotSent, Sent, Started, Stopped, decode
from fix_oms.model.outputs import Acted as ActedOutput
from fix_oms.model.outputs import Alert, Output, Send
from fix_oms.model.outputs import Decided as Told

MOST_MISMATCHES: Final = 100
Watch = Callable[[Record, Input, list[Output]], None]


class Replay(NamedTuple):
    """What a replay found. ``last_ns`` is the time of the last record, 0 for an empty journal."""

    records: int
    sent: int
    last_ns: int
    mismatches: tuple[str, ...]
    otherwise: int = 0
    """So many routing decisions, and acts of algos, would be made otherwise now, or not at all."""


class Replayer:
    """An engine that is given a journal's records. ``asked`` counts what it has asked to be sent
    and has not been seen to leave. ``watch`` is told of each record, and of what came of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine: Final = engine
        self.asked: Counter[tuple[str, str, str]] = Counter()
        self.mismatches: list[str] = []
        self.index = 0
        """Of the record that is due next; so many have been taken."""
        self.sent = 0
        self.last_ns = 0
        self.otherwise = 0
        self.watch: Watch | None = None
        self._due: Output | None = None
        self._untaken = ""
        self.at_rest = False
        """The last record says that the process stopped."""

    @property
    def found(self) -> Replay:
        """What has been found so far."""
        mismatches = tuple(self.mismatches)
        return Replay(self.index, self.sent, self.last_ns, mismatches, self.otherwise)

    def follow(self, follower: Follower) -> None:
        """Feed what the follower finds, to the end that the journal has by then; closed orders are
        packed on the way. Raises JournalCorrupt, and what the follower raises."""
        with uncollected():
            while batch := follower.poll():
                self.take(batch)
                self.engine.pack(self.last_ns)

    def take(self, records: Iterable[Record]) -> None:
        """Feed records to the engine and compare what left with its outputs.

        Raises JournalCorrupt for a record that holds no input that we know, JournalError for a
        configuration that this version cannot take.
        """
        step, asked = self.engine.step, self.asked
        value: Input | None = None
        for record in records:
            try:
                value = decode(record.payload)
            except msgspec.MsgspecError as error:
                reason = f"record {record.index} is no input that this version knows: {error}"
                raise JournalCorrupt(str(record.segment), record.offset, reason) from None
            kind = type(value)
            if kind is Sent or kind is NotSent:
                self._left(record, value)
            elif isinstance(value, Decided | Acted):
                self.otherwise += not _is_due(self._due, value)
            if kind is Started:
                asked.clear()  # what was queued when the process before this one ended never left
                outputs = self._start(record, value)
            elif self._untaken:
                raise JournalError(self._untaken)
            else:
                self._due = None
                outputs = step(record.time_ns, value)
            for output in outputs:
                if type(output) is Send:
                    asked[(output.session, output.cl_ord_id, output.text)] += 1
                elif type(output) in _BACK:
                    self._due = output
            self.index, self.last_ns = record.index + 1, record.time_ns
            if self.watch is not None:
                self.watch(record, value, outputs)
        if value is not None:
            self.at_rest = type(value) is Stopped

    def _start(self, record: Record, value: Any) -> list[Output]:
        """A process began to write. The configuration that it went on with must be read here too:
        one that its own engine could not take ended its start, so that nothing else follows.
        """
        where = f"{record.segment}: record {record.index}, written by fix_oms {value.version}"
        refused = f"{where}, holds a configuration that this version cannot take"
        try:
            outputs = self.engine.step(record.time_ns, value)
        except SettingsError as error:
            raise JournalError(f"{refused}: {error}") from None
        reasons = [o.text for o in outputs if type(o) is Alert and o.code == "fault"]
        taken = self.engine.run == value.run
        self._untaken = "" if taken else f"{refused}: {'; '.join(reasons)}"
        return outputs

    def _left(self, record: Record, value: Any) -> None:
        """A message left, or is known never to: it must have been asked for."""
        key = (value.session, value.cl_ord_id, value.text)
        self.sent += type(value) is Sent
        count = self.asked[key]
        if count > 1:
            self.asked[key] = count - 1
        elif count:
            del self.asked[key]
        elif len(self.mismatches) < MOST_MISMATCHES:
            shown = value.text.replace("\x01", "|")
            self.mismatches.append(f"record {record.index}: the engine did not ask for {shown}")


_BACK: Final = frozenset({Told, ActedOutput})
"""What comes back as an input."""


def _is_due(told: Output | None, value: Decided | Acted) -> bool:
    """Whether this engine would do the same."""
    if isinstance(value, Decided):
        return isinstance(told, Told) and told.decision == value.decision
    return isinstance(told, ActedOutput) and told.acts == value.acts


def replay(directory: Path, engine: Engine) -> Replay:
    """Feed every record of a journal to ``engine`` and compare what left with its outputs.

    Raises JournalCorrupt for a record that is damaged or holds no input that we know.
    """
    replayer = Replayer(engine)
    with Follower(directory) as follower:
        replayer.follow(follower)
    return replayer.found
