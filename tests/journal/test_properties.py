"""Whatever is done to a journal, it reads back a prefix of what was written, and says why."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fix_oms.journal.check import check
from fix_oms.journal.follower import Follower
from fix_oms.journal.format import HEADER_SIZE, OVERHEAD
from fix_oms.journal.segments import listed
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalCorrupt
from tests.journal.made import (
    NOW,
    flip,
    opened,
    overwrite,
    payloads,
    segment_paths,
    shorten,
)

PAYLOADS = st.binary(max_size=120)
DAYS = st.sampled_from(["2025-11-20", "2025-11-21", "2025-11-24"])
SEGMENT_BYTES = 800
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Nothing here loses power for true, and thousands of syncs to a disk would only take time."""


@contextmanager
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


class AnyHistory(RuleBasedStateMachine):
    """Appends, rolls, reopenings and crashes that cut the last segment anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self._made = tempfile.TemporaryDirectory(dir=MEMORY)
        self.path = Path(self._made.name)
        self.written: list[bytes] = []
        self.writer: JournalWriter | None = None
        self.follower = Follower(self.path)
        self.followed: list[bytes] = []

    @initialize(day=DAYS)
    def begin(self, day: str) -> None:
        self.writer = opened(self.path, day=day, segment_bytes=SEGMENT_BYTES)

    @precondition(lambda self: self.writer is not None)
    @rule(data=PAYLOADS)
    def append(self, data: bytes) -> None:
        assert self.writer is not None
        assert self.writer.append(NOW, data) == len(self.written)
        self.written.append(data)

    @precondition(lambda self: self.writer is not None)
    @rule(day=DAYS)
    def roll(self, day: str) -> None:
        assert self.writer is not None
        self.writer.roll(NOW, day)

    @precondition(lambda self: self.writer is not None)
    @rule(day=DAYS, durability=st.sampled_from(["process", "power"]))
    def reopen(self, day: str, durability: str) -> None:
        assert self.writer is not None
        self.writer.close()
        self.writer = opened(self.path, day=day, durability=durability, segment_bytes=SEGMENT_BYTES)
        assert self.writer.cut is None

    @precondition(lambda self: self.writer is not None)
    @rule(share=st.floats(0, 1), day=DAYS)
    def cut_anywhere(self, share: float, day: str) -> None:
        assert self.writer is not None
        self.writer.close()
        last = listed(self.path)[-1]
        size = round(last.path.stat().st_size * share)
        whole, end = last.first_index, HEADER_SIZE
        while whole < len(self.written) and end + OVERHEAD + len(self.written[whole]) <= size:
            end += OVERHEAD + len(self.written[whole])
            whole += 1
        shorten(last.path, size)
        self.writer = opened(self.path, day=day, segment_bytes=SEGMENT_BYTES)
        torn = size != end
        assert (self.writer.cut is not None, self.writer.next_index) == (torn, whole)
        del self.written[whole:]
        self.follow_anew()

    @rule()
    def follow(self) -> None:
        while batch := self.follower.poll():
            self.followed += [record.payload for record in batch]
        assert self.followed == self.written

    def follow_anew(self) -> None:
        self.follower.close()
        self.follower = Follower(self.path)
        self.followed = []

    @invariant()
    def reads_back(self) -> None:
        assert payloads(self.path) == self.written

    def teardown(self) -> None:
        if self.writer is not None:
            assert check(self.path).head == self.writer.head
            self.writer.close()
        self.follower.close()
        self._made.cleanup()


TestAnyHistory = AnyHistory.TestCase


@given(
    written=st.lists(PAYLOADS, min_size=1, max_size=12),
    where=st.floats(0, 1, exclude_max=True),
    mask=st.integers(1, 255),
)
def test_a_flipped_byte_anywhere_is_named_and_never_cut(
    written: list[bytes], where: float, mask: int
) -> None:
    with directory() as path:
        with opened(path, segment_bytes=SEGMENT_BYTES) as writer:
            for data in written:
                writer.append(NOW, data)
        segments = segment_paths(path)
        at = int(where * sum(segment.stat().st_size for segment in segments))
        for segment in segments:
            if at < segment.stat().st_size:
                break
            at -= segment.stat().st_size
        flip(segment, at, mask)
        found = check(path)
        assert (found.damage and found.damage.segment, found.cut) == (segment.name, None)
        assert found.damage is not None
        assert found.damage.offset <= at
        if segment == segments[-1]:
            with pytest.raises(JournalCorrupt, match=segment.name):
                opened(path, segment_bytes=SEGMENT_BYTES)


@given(
    synced=st.lists(PAYLOADS, max_size=20),
    pending=st.lists(PAYLOADS, min_size=1, max_size=20),
    lost=st.sets(st.integers(0, 10)),
    size=st.floats(0, 1),
)
def test_losing_power_never_costs_a_synced_record_nor_stops_the_next_open(
    synced: list[bytes], pending: list[bytes], lost: set[int], size: float
) -> None:
    with directory() as path:
        with opened(path) as writer:
            for data in synced:
                writer.append(NOW, data)
            writer.sync()
            (segment,) = segment_paths(path)
            safe = segment.stat().st_size
            for data in pending:
                writer.append(NOW, data)
        end = safe + round((segment.stat().st_size - safe) * size)
        shorten(segment, end)
        for block in lost:
            begin, stop = max(safe, block * 512), min(end, block * 512 + 512)
            assume(stop - begin != 1)  # one zero byte is taken for damage, on purpose
            if begin < stop:
                overwrite(segment, begin, bytes(stop - begin))
        with opened(path, durability="power") as writer:
            assert writer.next_index >= len(synced)
        found = payloads(path)
        assert found == (synced + pending)[: len(found)]
