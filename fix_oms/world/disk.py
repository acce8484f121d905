"""The journal of a simulated process, and the moment at which that process is killed.

The disk holds what was appended, as the bytes that the journal's writer would write. What is synced
survives anything; what is only written survives the process, and a power failure may take any of
the end of it, never of the middle.

A :class:`Fuse` kills at a point of the code that writes, steps or sends, once it has been passed
so many times: so that every write, and everything between two writes, is a place to die.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from fix_oms.model.outputs import Output

POINTS: Final = (
    "before append",
    "after append",
    "after step",
    "before sync",
    "after sync",
    "before send",
    "after send",
)
"""Where a process may die in the middle of something."""


class Killed(BaseException):
    """The process is dead; nothing of it runs on. No ``except Exception`` can hold it."""


class Fuse:
    """Kills at ``point`` when it is passed for the ``count``-th time; ``power`` fails with it."""

    def __init__(self) -> None:
        self.point = ""
        self.count = 0
        self.power = False
        self.burnt: Final[Counter[str]] = Counter()

    def set(self, point: str, count: int, *, power: bool) -> None:
        """Die there."""
        self.point, self.count, self.power = point, count, power

    def passes(self, point: str, what: str) -> None:
        """The code is at this point, with this record or message."""
        if point == self.point:
            self.count -= 1
            if self.count <= 0:
                self.point = ""
                self.burnt[f"{point} of {what}"] += 1
                raise Killed


class Disk:
    """Stands where the runner expects the journal's writer. Record numbers begin at 0."""

    failed = False

    def __init__(self, fuse: Fuse, *, power: bool) -> None:
        self.records: Final[list[tuple[int, bytes]]] = []
        self.outputs: Final[list[list[Output] | None]] = []
        """What each record's step said; None where the process died before it could."""
        self.synced = 0
        self.is_power: Final = power
        self._fuse: Final = fuse

    def append(self, now_ns: int, payload: bytes) -> int:
        """Write a record. Returns its number."""
        kind = kind_of(payload) if self._fuse.point else ""
        self._fuse.passes("before append", kind)
        self.records.append((now_ns, payload))
        self.outputs.append(None)
        self._fuse.passes("after append", kind)
        return len(self.records) - 1

    def wait_durable(self, index: int) -> int:
        """Return when that record is durable; when that was, in ns."""
        if not self.is_power:
            return 0
        if index >= self.synced:
            self.sync()
        return self.records[index][0]

    def sync(self) -> None:
        """Make durable what is written."""
        self._fuse.passes("before sync", "journal")
        self.synced = len(self.records)
        self._fuse.passes("after sync", "journal")

    def roll(self, _now_ns: int, _day: str) -> None:
        """A new segment: nothing that is modelled."""

    def lose(self, share: float) -> int:
        """The power has failed: of what was not synced only this share is found again."""
        kept = self.synced + int((len(self.records) - self.synced) * share)
        lost = len(self.records) - kept
        del self.records[kept:]
        del self.outputs[kept:]
        return lost


def kind_of(payload: bytes) -> str:
    """The tag of an encoded input, for a count of what was being written."""
    start = payload.find(b"\xa1k") + 2
    length = payload[start] - 0xA0
    return payload[start + 1 : start + 1 + length].decode()
