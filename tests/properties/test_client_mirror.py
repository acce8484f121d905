"""A client's picture of its order is ours: whatever a broker says, in whatever order, over kills.

A model broker lives the order's life and is heard late and twice; the client sends cancels and
replaces, the desk takes a hand, the process is killed between asking for a report and knowing that
it left. The client is an order of a fix_oms book of its own, which holds what our reports say as if
we were its broker. After every step the two are the same; and what the last report says, for a
client that reads no more, is what holds, also where a broker has told and not proven it. (A book
that weighs all CumQty ever told, as ours does, may still miss what a correction has made moot.)
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import decode, encode
from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Terms
from fix_oms.model.scope import Scope
from fix_oms.orders.order import Order
from fix_oms.orders.projection import status_for
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from tests.engine.client import ClientDesk, Upstream, client_settings
from tests.properties.lives import Step, acts_of, hear
from tests.properties.timed_broker import TIMED, TimedBroker

A_WHILE: Final = 2_000_000
OURS: Final = ("ask_cancel", "ask_replace", "desk_cancel", "kill", "hold", "away", "back")
OFTEN: Final = (*("ask_replace", "grant_replace", "accept", "fill", "pend", "fill") * 2, *OURS)


class Book:
    """The client's own picture, of what has reached it."""

    def __init__(self, up: Upstream) -> None:
        self._up = up
        self._read = 0
        first = Request("c1", NEW, up.terms(60, time_in_force="1"), up.desk.now, 0)
        self.order = Order(first, Scope("A", "", "AAPL", "V", "S"))
        self.last: ExecutionReport

    def asked(self, cl_ord_id: str, kind: str, terms: Terms) -> None:
        self.order.add_request(Request(cl_ord_id, kind, terms, self._up.desk.now, 0))

    def hear(self) -> None:
        """All that has left to the client since."""
        texts = self._up.texts[self._read :]
        for number, text in enumerate(texts, self._read):
            message = self._up.codec.decode(text)
            if isinstance(message, ExecutionReport):
                self.last = message
                message.msg_seq_num = number + 1
                self.order.add_report(message)
            elif isinstance(message, OrderCancelReject):
                request = self.order.request(message.cl_ord_id)
                assert request is not None
                self.order.refuse(request, message.text or "", message.ord_status)
        self._read += len(texts)


class World:
    """A client, the desk and a broker, and what is on the way between the last two."""

    def __init__(self, version: str, broker: str) -> None:
        configured = client_settings(version, watched=True)
        configured["sessions"]["ALPHA"]["version"] = broker
        self.desk = ClientDesk(configured)
        self.up = Upstream(self.desk)
        self.watch = Upstream(self.desk, "WATCH")
        self.broker = TimedBroker()
        self.book = Book(self.up)
        self.ids = 1
        self._received = 0
        self._prices = 0
        self.up.order(qty=60, time_in_force="1")
        self.carry()

    @property
    def ours(self) -> Order:
        order = self.desk.engine.state.book.find(self.up.ours())
        assert order is not None
        return order

    def carry(self) -> None:
        """What has left for the broker reaches it."""
        sent = [m for m in self.desk.sent if m.session == "ALPHA"]
        for message in sent[self._received :]:
            self.broker.receive(message.text)
        self._received = len(sent)

    def act(self, name: str, n: int) -> None:
        if name in OURS:
            getattr(self, name)(n)
        else:
            acts_of(self.broker)[name](self.broker, n)
        self.carry()

    def ask_cancel(self, _n: int) -> None:
        self.ids += 1
        name = f"c{self.ids}"
        terms = self.up.terms(60)
        self.book.asked(name, CANCEL, self.book.order.terms)
        message = self.book.order.orig_cl_ord_id
        self.up.cancel(name, message, order_qty=terms.order_qty)

    def ask_replace(self, n: int) -> None:
        self.ids += 1
        self._prices += 1
        name, orig = f"c{self.ids}", self.book.order.orig_cl_ord_id
        price = str(10 + self._prices / 100)
        terms = self.up.terms(10 + 10 * (n % 15), price, time_in_force="1")
        self.book.asked(name, REPLACE, terms)
        self.up.replace(name, orig, 10 + 10 * (n % 15), price, time_in_force="1")

    def desk_cancel(self, _n: int) -> None:
        self.desk.cancel(self.up.ours())

    def kill(self, _n: int) -> None:
        self.desk.restart()

    def hold(self, _n: int) -> None:
        """From here on nothing that is asked for leaves, until the process is killed."""
        self.desk.lost.add("UP")

    def away(self, _n: int) -> None:
        self.desk.log_off("UP")

    def back(self, _n: int) -> None:
        self.desk.log_on("UP")

    def hear(self, index: int, flag: str = "") -> None:
        hear(self.desk, self.broker.said[index], flag)
        self.carry()

    def check(self) -> None:
        """Once everything has left, the client knows what we know."""
        if self.desk.lost:
            return
        self.book.hear()
        mine, theirs, last = self.ours, self.book.order, self.book.last
        mirror = self.desk.engine.state.clients.mirrors[self.up.ours()]
        facts = (mine.cum_qty, mine.leaves_qty, mine.avg_px)
        assert (last.cum_qty, last.leaves_qty, last.avg_px) == facts
        assert mirror.told.status == status_for(mine, {ask.ours for ask in mirror.asks})
        assert sums(theirs) == sums(mine)
        if not (mine.provisional or theirs.provisional):
            assert (theirs.cum_qty, theirs.leaves_qty, theirs.avg_px) == facts
            assert theirs.ord_status == mirror.told.status
            assert theirs.cl_ord_id == mirror.cl_ord_id or theirs.ended


def events(up: Upstream) -> dict[str, tuple[Any, ...]]:
    """What it was told of events, each once."""
    told = [up.codec.decode(text) for text in up.texts]
    return {
        m.exec_id: (m.exec_type, m.ord_status, m.cum_qty, m.leaves_qty, m.avg_px, m.last_qty)
        for m in told
        if isinstance(m, ExecutionReport) and m.exec_id is not None
    }


def sums(order: Order) -> list[tuple[Any, ...]]:
    """What has executed: the versions that count."""
    return sorted((version.qty, version.px) for version, _, _ in order.executions.counted())


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """A seed deals forty steps, each of which may be left out."""
    names = [*OFTEN, *(act.__name__ for act in TIMED)]
    chance = Random(draw(st.integers(0, 2**32 - 1)))
    kept = draw(st.lists(st.integers(0, 9), min_size=40, max_size=40))
    dealt = [
        Step(chance.choice(names), chance.randrange(21), chance.choice((0, 0, 0, 1, 2, 5)))
        for _ in kept
    ]
    return [step for step, keep in zip(dealt, kept, strict=True) if keep]


VERSIONS: Final = st.sampled_from([v.value for v in FixVersion])


@given(version=VERSIONS, broker=VERSIONS, acts=steps())
def test_the_clients_picture_is_ours_after_every_step(
    version: str, broker: str, acts: Sequence[Step]
) -> None:
    play(World(version, broker), acts)


@given(version=VERSIONS, broker=VERSIONS, acts=steps())
def test_nothing_stays_unproven_where_a_broker_is_heard_in_order(
    version: str, broker: str, acts: Sequence[Step]
) -> None:
    world = World(version, broker)
    play(world, [step._replace(delay=0) for step in acts])
    assert not world.book.order.provisional


@settings(max_examples=settings().max_examples // 3)
@given(version=VERSIONS, broker=VERSIONS, acts=steps())
def test_a_drop_copy_and_a_replay_come_to_the_same(
    version: str, broker: str, acts: Sequence[Step]
) -> None:
    world = World(version, broker)
    play(world, acts)
    assert events(world.watch) == events(world.up)
    engine, now = Engine(), 0
    for now, value in world.desk.log:
        engine.step(now, decode(encode(value)))
    assert engine.shown(now).hash() == world.desk.engine.shown(now).hash()


def play(world: World, acts: Sequence[Step]) -> None:
    """Live it, with the delays of the steps; each third report is heard twice."""
    under_way: list[tuple[int, int]] = []
    for now, step in enumerate(acts):
        told = len(world.broker.said)
        world.desk.passes(A_WHILE)
        world.act(step.act, step.n)
        under_way += [(now + step.delay, n) for n in range(told, len(world.broker.said))]
        for due, n in sorted(under_way):
            if due <= now:
                under_way.remove((due, n))
                world.desk.passes(A_WHILE)
                world.hear(n)
                if n % 3 == 0:
                    world.hear(n, "43=Y\x01")
        world.check()
    for _, n in sorted(under_way):
        world.desk.passes(A_WHILE)
        world.hear(n)
    if world.desk.lost:
        world.kill(0)
    world.check()
