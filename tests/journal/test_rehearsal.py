"""An algo tried out against a broker on paper, and with the market of a journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fix_oms.algos.algo import Algo, Answer, Desk
from fix_oms.journal.rehearsal import NotRehearsed, Rehearsal, rehearse
from fix_oms.model import inputs
from fix_oms.model.algos import AnyAct, Cancel, Change, Place, Wake
from fix_oms.model.units import SCALE, Fixed, fixed, text_of
from tests.algos.kept_desk import KeptDesk
from tests.journal.made import opened


class One(Algo, kw_only=True):
    """Sends one order at its start, and does with it as it is told."""

    symbol: str = "AAPL"
    side: str = "1"
    qty: Fixed = 100 * SCALE
    price: Fixed | None = 10 * SCALE
    stop_px: Fixed | None = None
    tif: str = "0"

    def watches(self) -> frozenset[str]:
        return frozenset({self.symbol})

    def on_start(self, desk: Desk) -> Answer:
        yield Place(
            name="o",
            symbol=self.symbol,
            side=self.side,
            qty=self.qty,
            price=self.price,
            stop_px=self.stop_px,
            time_in_force=self.tif,
        )

    def on_time(self, desk: Desk) -> Answer:
        yield Cancel(name="o")

    def on_tell(self, desk: Desk, word: str, params: Any) -> Iterator[AnyAct]:
        if word == "wait":
            yield Wake(at_ns=desk.now + 10**9)
        elif word == "cancel":
            yield Cancel(name="o")
        else:
            yield Change(name="o", price=fixed(word))


@pytest.fixture
def stage() -> Rehearsal:
    found = Rehearsal.alone("AAPL")
    found.book("AAPL", [("9.99", 100)], [("10.01", 60), ("10.02", 100)])
    return found


def done(stage: Rehearsal) -> list[str]:
    return [f"{text_of(fill.qty)} @ {text_of(fill.px)}" for fill in stage.fills]


@pytest.mark.parametrize(
    ("params", "fills", "working"),
    [
        ({}, [], ["o buy 100 AAPL @ 10"]),
        ({"price": "10.01"}, ["60 @ 10.01"], ["o buy 40 AAPL @ 10.01"]),
        ({"price": "10.02"}, ["60 @ 10.01", "40 @ 10.02"], []),
        ({"price": None}, ["60 @ 10.01", "40 @ 10.02"], []),
        ({"price": "10.01", "tif": "3"}, ["60 @ 10.01"], []),
        ({"side": "2", "price": "9.99"}, ["100 @ 9.99"], []),
        ({"price": None, "stop_px": "10.05"}, [], ["o buy 100 AAPL"]),
        ({"price": None, "stop_px": "10.01"}, ["60 @ 10.01", "40 @ 10.02"], []),
    ],
)
def test_an_order_takes_what_its_limit_lets_it(
    stage: Rehearsal, params: dict[str, Any], fills: list[str], working: list[str]
) -> None:
    stage.start(One, **params)
    assert (done(stage), stage.working()) == (fills, working)


def test_what_rests_fills_when_the_other_side_reaches_it(stage: Rehearsal) -> None:
    stage.start(One)
    stage.book("AAPL", [("9.97", 100)], [("10.00", 5)])
    assert (done(stage), stage.position("AAPL")) == (["100 @ 10"], 100 * SCALE)


def test_a_stop_is_triggered_by_the_price_that_it_would_trade_at(stage: Rehearsal) -> None:
    stage.start(One, side="2", price=None, stop_px="9.90")
    stage.book("AAPL", [("9.89", 200)], [("9.95", 100)])
    assert done(stage) == ["100 @ 9.89"]


def test_a_change_and_a_cancel_are_taken(stage: Rehearsal) -> None:
    stage.start(One)
    stage.do(inputs.TellAlgo(by="t", ref="A1", word="9.98"))
    changed = stage.working()
    stage.do(inputs.TellAlgo(by="t", ref="A1", word="cancel"))
    assert (changed, stage.working()) == (["o buy 100 AAPL @ 9.98"], [])


def test_time_passes_only_when_it_is_said(stage: Rehearsal) -> None:
    stage.start(One)
    stage.do(inputs.TellAlgo(by="t", ref="A1", word="wait"))
    stage.wait(0.9)
    before = stage.working()
    stage.wait(0.2)
    assert (len(before), stage.working()) == (1, [])


def test_parameters_that_are_no_good_are_refused(stage: Rehearsal) -> None:
    with pytest.raises(NotRehearsed, match="qty: 'ten' is not a FIX number"):
        stage.start(One, qty="ten")


# -- with the market of a journal -----------------------------------------------------------------


def written(directory: Path, desk: KeptDesk) -> Path:
    """What the desk has lived through, as a journal."""
    directory.mkdir()
    with opened(directory) as writer:
        for now, value in desk.log:
            writer.append(now, inputs.encode(value))
    return directory


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    desk = KeptDesk()
    desk.begin("peg", price=None)
    for bid in ("10.00", "9.98", "9.99"):
        desk.market(bid, text_of(fixed(bid) + fixed("0.02")))
        desk.takes()
    desk.restarts()
    desk.market("9.96", "9.98")
    return written(tmp_path / "journal", desk)


def test_the_market_of_a_journal_is_taken_and_nothing_else(journal: Path) -> None:
    stage = rehearse(journal, One, {"price": "9.98"})
    assert [act.algo for act in stage.acts] == ["A1"]
    assert (done(stage), stage.algo.kind) == (["100 @ 9.98"], "rehearsed")


def test_it_comes_to_the_same_each_time(journal: Path) -> None:
    one, other = (rehearse(journal, One, {"price": "9.98"}) for _ in range(2))
    assert one.engine.shown(one.now).hash() == other.engine.shown(other.now).hash()


def test_a_market_that_is_never_told_is_said(journal: Path) -> None:
    with pytest.raises(NotRehearsed, match="it never has books of all that it watches \\(GOLD\\)"):
        rehearse(journal, One, {"symbol": "GOLD"})
