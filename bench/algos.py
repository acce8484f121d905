"""What algos cost: nothing where none runs, and how long a quoter takes from a book to its quotes.

The order path is measured with two engines in turn: one in which there never was an algo, and one
in which an algo watches another symbol. A re-quote is the book's text into the engine, the algo
told, its two changes into the record, and both carried out through the gate as text for the venue;
journal and socket are measured elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.table import Row, Table
from fix_oms.algos.algo import Algo, Desk
from fix_oms.algos.kinds import register
from fix_oms.journal.rehearsal import Rehearsal
from fix_oms.model import inputs
from fix_oms.model.algos import AnyAct
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, Terms
from fix_oms.model.units import SCALE
from fix_oms.server.algo_code import load_code

NONE: Final = "algos: an order's step, no algo"
ELSEWHERE: Final = "algos: an order's step, one runs on another symbol"
REQUOTE: Final = "algos: a book's text to a market maker's two replaces"
CROWD: Final = "algos: a book update, for each of 500 that watch it"
_ORDER: Final = inputs.NewOrder(
    by="bench",
    terms=Terms(symbol="AAPL", side="1", order_qty=SCALE, ord_type="2", price=9 * SCALE),
)
_MANY: Final = 500
_EXAMPLES: Final = Path(__file__).parents[1] / "config/examples"


class Watcher(Algo, kw_only=True):
    """Looks at the book, and lets it be."""

    symbol: str
    seen: int = 0
    REMEMBERS = frozenset({"seen"})

    def watches(self) -> frozenset[str]:
        return frozenset({self.symbol})

    def on_book(self, desk: Desk, symbol: str) -> Iterator[AnyAct]:
        self.seen += 1
        desk.middle(symbol)
        return iter(())


def _stage(*watched: str) -> Rehearsal:
    stage = Rehearsal.alone("AAPL", "MSFT")
    register("watcher", Watcher)
    for n, symbol in enumerate(watched):
        params = {"symbol": symbol}
        stage.give(inputs.NewAlgo(by="bench", ref=f"W{n}", kind="watcher", params=params))
    return stage


def _book(stage: Rehearsal, cents: int) -> inputs.FixIn:
    entries = [
        MDEntry(entry_type=side, price=(cents + away) * SCALE // 100, size=500 * SCALE)
        for side, away in (("0", -3), ("0", -4), ("1", 3), ("1", 4))
    ]
    message = MarketDataSnapshot(symbol="AAPL", entries=tuple(entries))
    body = stage.engine.state.codecs["SIM"].encode(message)
    return inputs.FixIn(session="SIM", text=f"8=FIX\x019=0\x01{body}34=1\x0110=000\x01", expected=1)


def _orders_us(stages: list[Rehearsal], count: int) -> list[float]:
    """Microseconds of an order's step in each engine, taken in turn: the best of ten rounds."""
    best = [1.0] * len(stages)
    for _ in range(10):
        for n, stage in enumerate(stages):
            engine, now = stage.engine, stage.now
            begun = time.perf_counter()
            for _ in range(count):
                engine.step(now, _ORDER)
            best[n] = min(best[n], (time.perf_counter() - begun) / count)
    return [seconds * 1e6 for seconds in best]


def _requote_us(count: int) -> float:
    """The middle one of many re-quotes."""
    maker = load_code("market_maker:Maker", (_EXAMPLES,))
    stage = Rehearsal.alone("AAPL")
    stage.give(_book(stage, 1000))
    stage.start(maker, symbol="AAPL", venue="SIM", qty="100", most_held="500")
    took = []
    for n in range(count):
        value = _book(stage, 1000 + n % 2)
        stage.now += 1_000_000
        before = len(stage.acts)
        begun = time.perf_counter()
        stage.step(value)
        took.append(time.perf_counter() - begun)
        stage.arrive()
        assert len(stage.acts) > before, "nothing was quoted anew: the benchmark is wrong"
    return sorted(took)[count // 2] * 1e6


def _crowd_us(count: int) -> float:
    """What each of many watchers adds to a book update."""
    took = []
    for watched in ((), ("AAPL",) * _MANY):
        stage, best = _stage(*watched), 1.0
        for n in range(count):
            value = _book(stage, 1000 + n % 2)
            begun = time.perf_counter()
            stage.step(value)
            best = min(best, time.perf_counter() - begun)
        took.append(best)
    return (took[1] - took[0]) / _MANY * 1e6


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add a row for each."""
    none, elsewhere = _orders_us([_stage(), _stage("MSFT")], max(10, int(1000 * scale)))
    table.add(Row(work=NONE, value=none, unit="us"))
    table.add(Row(work=ELSEWHERE, value=elsewhere, unit="us", target=none * 1.1, yardstick=NONE))
    table.add(Row(work=REQUOTE, value=_requote_us(max(20, int(2000 * scale))), unit="us"))
    table.add(Row(work=CROWD, value=_crowd_us(max(5, int(200 * scale))), unit="us"))
