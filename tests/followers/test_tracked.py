"""What each record changes: a snapshot and the deltas behind it are the engine's state."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.followers import whole
from fix_oms.followers.tracked import Tracked, Wants
from fix_oms.journal.scan import Record
from fix_oms.model.stream import TOPICS, Delta, Subscribe
from tests.engine.desk import Desk
from tests.engine.test_parent_laws import ACTS, lived
from tests.followers.held import Held, shown_by_record, shown_facts
from tests.journal.days import a_day

BOOKS: Final = ("AAPL",)
WANTS: Final = Wants(frozenset(TOPICS), frozenset((symbol, 0) for symbol in BOOKS))
ALL: Final = Subscribe(history=-1, books=BOOKS)


class Followed:
    """An engine that is given a desk's inputs, and one subscriber who is told all of it."""

    def __init__(self, desk: Desk, begin: int = 0) -> None:
        self.log: Final = desk.log
        self.engine: Final = Engine()
        for now, value in self.log[:begin]:
            self.engine.step(now, value)
        last_ns = self.log[begin - 1][0] if begin else 0
        self.tracked: Final = Tracked(self.engine, begin - 1, last_ns, "")
        self.held: Final = Held()
        self.taken = begin

    def subscribe(self) -> None:
        """The whole, page by page; a record is taken between any two of them."""
        self.sweep()
        for page in whole.pages(self.tracked, ALL, ""):
            self.held.take(page)
            if self.taken < len(self.log):
                self.take()
        assert self.held.complete

    def take(self) -> None:
        """The next record."""
        now, value = self.log[self.taken]
        outputs = self.engine.step(now, value)
        record = Record(self.taken, now, b"", "", 0, b"digest00")
        self.taken += 1
        self._tell(self.tracked.took(record, value, outputs) or self._nothing())

    def sweep(self) -> None:
        """All that moves with the market."""
        swept = self.tracked.sweep(self.tracked.time_ns, WANTS, thorough=True)
        self._tell(msgspec.structs.replace(swept.delta, books=tuple(swept.books.values())))

    def _nothing(self) -> Delta:
        return Delta(after=-1, **self.tracked.stamp())

    def _tell(self, delta: Delta) -> None:
        wired = msgspec.msgpack.encode(msgspec.structs.replace(delta, after=self.held.through))
        self.held.take(msgspec.msgpack.decode(wired, type=Delta))

    def shown(self) -> Any:
        return self.engine.shown(self.tracked.time_ns)


def require_same(desk: Desk, begin: int, every: int) -> None:
    """Every record's orders and fills are as told at once, and everything as swept."""
    followed = Followed(desk, begin)
    followed.subscribe()
    while followed.taken < len(followed.log):
        followed.take()
        assert followed.held.by_record() == shown_by_record(followed.shown())
        if followed.taken % every == 0:
            followed.sweep()
            assert followed.held.facts() == shown_facts(followed.shown(), BOOKS)
    followed.sweep()
    assert followed.held.facts() == shown_facts(followed.shown(), BOOKS)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), tenths=st.integers(0, 9), every=st.integers(1, 40))
def test_of_orders_whatever_brokers_say_of_them(seed: int, tenths: int, every: int) -> None:
    desk = a_day(seed)
    require_same(desk, len(desk.log) * tenths // 10, every)


@settings(max_examples=25)
@given(acts=ACTS, tenths=st.integers(0, 9), every=st.integers(1, 40))
def test_of_parents_and_books(acts: list[tuple[str, int, int]], tenths: int, every: int) -> None:
    desk = lived(acts)
    require_same(desk, len(desk.log) * tenths // 10, every)
