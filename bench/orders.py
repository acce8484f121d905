"""What a report costs, and what an order weighs, from a thousand orders to a million.

A fill is taken from FIX text to the new state and position by the engine's own step, and once more
without its decoding: evidence, projection, position, exposure, book. A figure of one report is that
of the fastest of many short runs: what else runs on the machine can only add to it.

Weight is what Python's allocator gave out between two moments, over the orders made between them:
each acknowledged, with terms, ClOrdID, OrderID and times of its own, as the wire brings them. It
counts the book, the exposure and whatever else a live order makes the engine hold.

``python -m bench.orders 1000000`` takes minutes and over a gigabyte.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench.engine import FILL, NOW, _inputs, _report, _sent, _settings
from bench.order_to_ack import REPORT
from bench.table import Row, Table
from fix_oms.engine import Engine
from fix_oms.engine.leg import leg
from fix_oms.engine.measure import measure
from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.outputs import Output, Refused, Send
from fix_oms.model.units import SCALE

STEP: Final = "report: fill, FIX text to state and position"
DECODED: Final = "report: fill, decoded, to state and position"
CENT: Final = SCALE // 100
MILLISECOND: Final = 1_000_000
QTY: Final = 100
_RUN: Final = 500
_RUNS: Final = 12
_SIZES: Final = (1_000, 10_000, 100_000)


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows of reports and orders."""
    with tempfile.TemporaryDirectory() as where:
        settings = _settings(Path(where))
        text_us, decoded_us = _reports(settings)
        table.add(Row(work=STEP, value=text_us, unit="us", target=4.0))
        target = 1.5 if leg() == "compiled" else None
        table.add(Row(work=DECODED, value=decoded_us, unit="us", target=target))
        for size in _SIZES:
            _add_size(table, settings, max(100, int(size * scale)))


def _add_size(table: Table, settings: dict[str, Any], size: int) -> None:
    weight, cost = _orders(settings, size)
    live = f"{size:,} live orders"
    table.add(Row(work=f"{live}: a new one and its ack", value=cost, unit="us"))
    table.add(Row(work=f"{live}: each weighs", value=weight, unit="bytes", target=1024))


def _desk(settings: dict[str, Any]) -> Engine:
    engine = Engine()
    for value in _inputs(settings):
        engine.step(NOW, value)
    return engine


def _order(n: int) -> inputs.NewOrder:
    """With numbers of its own, as each command that is decoded has."""
    price = 150 * SCALE + n % 500 * CENT
    terms = Terms(symbol="AAPL", side="1", order_qty=QTY * SCALE, ord_type="2", price=price)
    return inputs.NewOrder(by="bench", terms=terms)


def _give(engine: Engine, now: int, n: int) -> None:
    """One order, its leaving and its acknowledgement."""
    for output in engine.step(now, _order(n)):
        assert not isinstance(output, Refused), output.text
        if isinstance(output, Send):
            engine.step(now + 1, _sent(output, now + 1))
    engine.step(now + 2, _report(REPORT, n))


def _reports(settings: dict[str, Any]) -> tuple[float, float]:
    """Microseconds of a fill, with and without decoding."""
    text_s = decoded_s = 1.0
    for _ in range(_RUNS):
        engine = _desk(settings)
        for n in range(1, 2 * _RUN + 1):
            _give(engine, NOW + n, n)
        fills = [_report(FILL, n) for n in range(1, _RUN + 1)]
        text_s = min(text_s, _timed(engine, fills))
        decoded_s = min(decoded_s, _timed_decoded(engine))
    return text_s / _RUN * 1e6, decoded_s / _RUN * 1e6


def _timed(engine: Engine, fills: list[inputs.FixIn]) -> float:
    begun = time.perf_counter()
    for fill in fills:
        engine.step(NOW, fill)
    return time.perf_counter() - begun


def _timed_decoded(engine: Engine) -> float:
    state = engine.state
    codec = state.codecs["PEER"]
    found = [codec.decode(_report(FILL, n).text) for n in range(_RUN + 1, 2 * _RUN + 1)]
    reports = [report for report in found if isinstance(report, ExecutionReport)]
    begun = time.perf_counter()
    for report in reports:
        out: list[Output] = []
        order = state.book.meant("PEER", report)
        if order is not None:
            before = measure(order)
            order.add_report(report, 1)
            state.learned(order, before, NOW, out, report.order_id)
    took = time.perf_counter() - begun
    done = sum(order.ord_status == "2" for order in state.book.orders)
    assert done == 2 * _RUN, f"{done} orders filled: the benchmark is wrong"
    return took


def _orders(settings: dict[str, Any], size: int) -> tuple[float, float]:
    """Bytes of a live order, and microseconds of a new one when there are so many."""
    engine = _desk(settings)
    tracemalloc.start(1)
    _give(engine, NOW, 1)
    begun = tracemalloc.get_traced_memory()[0]
    for n in range(2, size + 2):
        _give(engine, NOW + n * MILLISECOND, n)
    weight = (tracemalloc.get_traced_memory()[0] - begun) / size
    tracemalloc.stop()
    best = 1.0
    for run in range(_RUNS):
        first = size + 2 + run * _RUN
        begun_s = time.perf_counter()
        for n in range(first, first + _RUN):
            _give(engine, NOW + n * MILLISECOND, n)
        best = min(best, time.perf_counter() - begun_s)
    return weight, best / _RUN * 1e6


def main() -> None:
    """The rows of one number of orders, given on the command line."""
    table = Table()
    with tempfile.TemporaryDirectory() as where:
        _add_size(table, _settings(Path(where)), int(sys.argv[1]))
    table.show(Console())


if __name__ == "__main__":
    main()
