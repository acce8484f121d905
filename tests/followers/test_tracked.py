"""What each record changes: a snapshot and the deltas behind it are the engine's state."""

from __future__ import annotations

from typing import Any, Final
from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.followers import whole
from fix_oms.followers.tracked import Tracked, Wants
from fix_oms.journal.scan import Record
from fix_oms.model import inputs
from fix_oms.model.stream import TOPICS, Delta, Subscribe
from tests.engine.algo_desk import AlgoDesk
from tests.engine.desk import Desk
from tests.engine.test_drop_copy import GRACE, fill
from tests.engine.test_drop_copy import settings as copied
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


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), tenths=st.integers(0, 9), size=st.integers(1, 3))
def test_of_small_pages_and_orders_whose_fills_fill_many(seed: int, tenths: int, size: int) -> None:
    desk = a_day(seed)
    begin = len(desk.log) * tenths // 10
    pages = "fix_oms.followers.whole."
    with patch(f"{pages}ORDERS_PAGE", size), patch(f"{pages}FILLS_PAGE", size):
        require_same(desk, begin, 40)


def test_of_breaks_with_a_drop_copy() -> None:
    desk = Desk(copied())
    order = desk.buy(1000)
    fill(desk, order, "E1")
    desk.wait(GRACE + 1)
    fill(desk, order, "E1", session="COPY")
    fill(desk, order, "E2", session="COPY", px="11")
    fill(desk, order, "E2")
    require_same(desk, 4, 1)


def test_of_algos() -> None:
    desk = AlgoDesk()
    desk.algo("echo", qty="100")
    child = desk.order(desk.of_algo("b1"))
    desk.report(child.cl_ord_id, "F", "2", cum=100, leaves=0, last=100)
    require_same(desk, 4, 1)


def test_of_thousands_of_fills_each_is_told_once() -> None:
    desk = Desk()
    order = desk.buy(200)
    for n in range(200):
        desk.report(order, "F", "1", exec_id=f"E{n}", cum=n + 1, last=1, px="10", leaves=199 - n)
    followed = Followed(desk)
    followed.subscribe()
    told = followed.held.fills_told = []
    while followed.taken < len(followed.log):
        followed.take()
    assert len(told) == 200


def test_at_a_step_that_failed_every_open_order_is_told_anew() -> None:
    desk = Desk()
    names = [desk.buy(1) for _ in range(3)]
    followed = Followed(desk)
    while followed.taken < len(followed.log):
        followed.take()
    desk.give(inputs.SetRate(by="ann", currency="EUR", rate=1))
    followed.held.orders.clear()
    with patch.dict(followed.engine._handlers, {inputs.SetRate: fails}):
        followed.take()
    assert sorted(followed.held.orders) == sorted(names)
    assert [alert.code for alert in followed.held.alerts][-1:] == ["fault"]


def fails(*_: object) -> None:
    raise RuntimeError("a defect")
