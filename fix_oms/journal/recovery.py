"""An engine out of a journal: from the newest good snapshot and the tail behind it, or the whole.

A snapshot that cannot be used is named, with the reason, and the next older one is tried. Whichever
serves, the state is the same (DESIGN: invariant 6); ``verify`` proves it of each that is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import fix_oms
from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal import snapshot
from fix_oms.journal.follower import Follower, Place
from fix_oms.journal.freeze import WHOLE_JOURNAL, Layouts
from fix_oms.journal.lock import Lock
from fix_oms.journal.replay import Replayer
from fix_oms.journal.scan import Record
from fix_oms.journal.segments import os_errors_name
from fix_oms.journal.snapshot import About, Unusable
from fix_oms.model.errors import JournalError
from fix_oms.model.settings import Snapshots

KEEP: Final = 3
"""So many snapshots are kept: should the newest be unusable, older ones are there."""


class Recovery:
    """An engine that has been brought to the journal's end, and may follow it further.

    ``begun_at`` is the index that its snapshot was of, 0 where the whole journal was replayed.
    """

    def __init__(self, replayer: Replayer, follower: Follower) -> None:
        self.replayer: Final = replayer
        self.begun_at: Final = replayer.index
        self._follower: Final = follower

    @classmethod
    def of(cls, directory: Path, warn: Callable[[str], None]) -> Self:
        """Begin, from the newest snapshot that can be used; nothing is replayed yet."""
        for path in snapshot.listed(directory):
            try:
                return cls.from_snapshot(directory, path)
            except Unusable as error:
                warn(str(error))
        return cls(Replayer(Engine()), Follower(directory))

    @classmethod
    def from_snapshot(cls, directory: Path, path: Path) -> Self:
        """Begin from this one. Raises Unusable."""
        try:
            follower = Follower(directory, at=snapshot.header_of(path).place)
        except Unusable:
            raise
        except JournalError as error:
            raise Unusable(path, str(error)) from error
        try:
            read = snapshot.read(path)
            about, engine = read.about, Engine.resumed(read.state)
            found = engine.shown(read.last_ns).live_hash()
            # Another version may count other facts: there the digest has to do.
            if about.version == fix_oms.__version__ and found != about.live_hash:
                raise Unusable(path, f"its live state is {found}, written was {about.live_hash}")
        except BaseException:
            follower.close()
            raise
        replayer = Replayer(engine)
        replayer.index, replayer.last_ns = read.place.next_index, read.last_ns
        replayer.sent, replayer.mismatches = about.sent, list(about.mismatches)
        replayer.asked = Counter({(s, c, t): count for s, c, t, count in about.asked})
        return cls(replayer, follower)

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self.replayer.engine

    @property
    def day(self) -> str:
        """The trading day of the segment in which it stands, or empty."""
        return self._follower.day

    @property
    def place(self) -> Place | None:
        """Where it stands in the journal; None before the first segment is there."""
        return self._follower.place

    def poll(self) -> list[Record]:
        """The next whole records, some MiB at most; nothing has taken them yet."""
        return self._follower.poll()

    def catch_up(self) -> int:
        """Take what the journal has by now; returns how many records that were."""
        before = self.replayer.index
        self.replayer.follow(self._follower)
        return self.replayer.index - before

    def close(self) -> None:
        """Let go of the journal."""
        self._follower.close()

    def save(self, directory: Path) -> Path | None:
        """Write a snapshot of where it stands; None for a journal without records."""
        place, replayer = self._follower.place, self.replayer
        if place is None or not replayer.index:
            return None
        self.engine.pack(replayer.last_ns, after_ns=0)
        state = self.engine.state

        def tells(layouts: Layouts, unused: int) -> About:
            return About(
                version=fix_oms.__version__,
                sent=replayer.sent,
                mismatches=replayer.mismatches,
                asked=[(*key, count) for key, count in sorted(replayer.asked.items())],
                live_hash=self.engine.shown(replayer.last_ns).live_hash(),
                unused=unused,
                layouts=layouts,
            )

        return snapshot.write(directory, state, place, replayer.last_ns, tells)


class Snapshotter:
    """The one who writes a journal's snapshots: follows it, and knows when the next one is due.

    Raises JournalLocked while another does, JournalError on the compiled leg. ``now_s`` is a time
    that only grows, in seconds.
    """

    def __init__(
        self, directory: Path, policy: Snapshots, warn: Callable[[str], None], now_s: float
    ) -> None:
        self._directory: Final = directory
        self._policy: Final = policy
        if leg() == COMPILED:
            raise JournalError(WHOLE_JOURNAL)
        where = snapshot.folder(directory)
        with os_errors_name(where):
            where.mkdir(mode=0o750, exist_ok=True)
        self._lock: Final = Lock(where, "snapshots are")
        try:
            snapshot.prune(directory, KEEP)
            self._recovery: Final = Recovery.of(directory, warn)
        except BaseException:
            self._lock.release()
            raise
        self._saved_index = self._recovery.begun_at
        self._tried_index, self._tried_day = self._recovery.begun_at, self._recovery.day
        self._tried_s = now_s

    def poll(self, now_s: float) -> Path | None:
        """Take what is new, and write a snapshot if one is due; its path if so."""
        recovery, policy = self._recovery, self._policy
        recovery.catch_up()
        new = recovery.replayer.index - self._tried_index
        due = new and (
            new >= policy.every_records
            or now_s - self._tried_s >= policy.every_s
            or recovery.replayer.at_rest
            or recovery.day != self._tried_day
        )
        return self.save(now_s) if due else None

    def save(self, now_s: float) -> Path | None:
        """Write one of where it stands, unless that is where the last one was written. Where that
        fails, the next one is due when it would have been."""
        recovery = self._recovery
        recovery.catch_up()
        index = recovery.replayer.index
        self._tried_index, self._tried_day, self._tried_s = index, recovery.day, now_s
        if index == self._saved_index:
            return None
        path = recovery.save(self._directory)
        snapshot.prune(self._directory, KEEP)
        self._saved_index = index
        return path

    @property
    def found(self) -> Replayer:
        """What has been replayed so far."""
        return self._recovery.replayer

    def close(self) -> None:
        """Let another write them."""
        self._recovery.close()
        self._lock.release()
