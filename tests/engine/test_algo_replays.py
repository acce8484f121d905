"""A journal decides what algos did, whatever code reads it: the same, another, or none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fix_oms.algos.algo import Desk, Filled
from fix_oms.algos.kinds import KINDS
from fix_oms.engine import Engine
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model import inputs
from fix_oms.model.algos import AnyAct
from fix_oms.model.outputs import Acted, Refused
from fix_oms.model.units import Fixed
from tests.engine.algo_desk import AlgoDesk, Echo


class Strict(Echo, kw_only=True):
    """Refuses what the first version took, and says nothing at executions."""

    def wrong(self, desk: Desk) -> str:
        return "qty: too much"

    def on_fill(self, desk: Desk, fill: Filled) -> Iterator[AnyAct]:
        return iter(())


class Loose(Echo, kw_only=True):
    """Sends at each book, which the first version did not."""

    def on_book(self, desk: Desk, symbol: str) -> Iterator[AnyAct]:
        yield from self._buy(self.qty)


class Other(Echo, kw_only=True):
    """Remembers something that the first version did not write."""

    more: int


class Bounded(Echo, kw_only=True):
    """May come to twice its quantity."""

    def most(self) -> dict[tuple[str, bool], Fixed]:
        return {("AAPL", True): 2 * self.qty}


def fill(desk: AlgoDesk, name: str, cum: int, last: int) -> None:
    order = desk.order(desk.of_algo(name))
    qty = order.order_qty // 10**8
    desk.report(order.cl_ord_id, "F", "1", cum=cum, leaves=qty - cum, last=last)


def story() -> AlgoDesk:
    """Accepted, refused, filled, amended, told; books that it watches."""
    desk = AlgoDesk()
    desk.algo("echo", qty="100")
    assert isinstance(desk.algo("echo", "A2", qty="ten"), Refused)
    fill(desk, "b1", 30, 30)
    desk.book("ALPHA", [("9.99", 100)], [("10.01", 100)])
    desk.answer(inputs.AmendAlgo(by="ann", ref="A1", params={"qty": "7"}))
    desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="again"))
    desk.algo("echo", "A3", qty="5", breaks=True)
    order = desk.order(desk.of_algo("b1", "A3"))
    desk.report(order.cl_ord_id, "F", "1", cum=2, leaves=3, last=2)
    return desk


def replayed(log: list[tuple[int, inputs.Input]]) -> tuple[Engine, int]:
    engine, now = Engine(), 0
    for now, value in log:
        engine.step(now, inputs.decode(inputs.encode(value)))
    return engine, now


@pytest.mark.parametrize("kind", [Echo, Strict, Loose, Other, None])
def test_a_replay_by_other_code_comes_to_the_same_hash(
    kind: type[Echo] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = story()
    if kind is None:
        monkeypatch.delitem(KINDS, "echo")
    else:
        monkeypatch.setitem(KINDS, "echo", kind)
    engine, now = replayed(desk.log)
    assert engine.shown(now).hash() == desk.shown.hash()


def test_what_another_version_would_have_done_is_not_done_by_the_next_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = story()
    monkeypatch.setitem(KINDS, "echo", Loose)
    engine, now = replayed(desk.log)
    start = inputs.Started(run=2, version="test", settings=desk.settings)
    assert not [o for o in engine.step(now + 1, start) if isinstance(o, Acted)]


def test_one_that_was_refused_is_not_there_where_a_later_version_would_take_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "echo", Strict)
    desk = AlgoDesk()
    refused = desk.algo("echo", qty="100")
    desk.wait(1)
    monkeypatch.setitem(KINDS, "echo", Echo)
    engine, now = replayed(desk.log)
    assert (type(refused), engine.shown(now).algos.algo("A1").algo) == (Refused, None)


def test_one_that_was_accepted_starts_although_its_first_record_was_lost() -> None:
    desk = AlgoDesk()
    desk.algo("echo", qty="100")
    cut = next(n for n, (_, value) in enumerate(desk.log) if isinstance(value, inputs.Acted))
    engine, now = replayed(desk.log[:cut])
    start = inputs.Started(run=2, version="test", settings=desk.settings)
    acted = [o.acts for o in engine.step(now + 1, start) if isinstance(o, Acted)]
    assert acted == [desk.acts[0]]


def test_a_snapshot_whose_class_has_changed_loads_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = story()
    frozen = freeze(desk.engine.state)
    monkeypatch.setitem(KINDS, "echo", Other)
    engine = Engine.resumed(thaw(*frozen))
    engine.state.restored()
    told = [a.text for a in engine.shown(desk.now).open_alerts() if a.code == "algo_held"]
    assert any(text.startswith("algo A1 does nothing: what it remembers") for text in told), told


def test_a_bound_holds_in_a_replay_without_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "bounded", Bounded)
    desk = AlgoDesk()
    desk.algo("bounded", qty="100")
    for _ in range(3):
        desk.answer(inputs.TellAlgo(by="ann", ref="A1", word="again"))
    monkeypatch.delitem(KINDS, "bounded")
    engine, now = replayed(desk.log)
    found = engine.shown(now).order_views(False, 100, "")
    assert (len(found), engine.shown(now).hash()) == (2, desk.shown.hash())
