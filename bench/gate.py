"""What the gate costs: one order through every control, its record, and its exposure.

Every control that a limit can name is on and matches the order; none refuses it. What is timed is
all that stands between the order's terms and its text: the candidate, the checks, the order's
record in the book, the worst case of every sum that it belongs to, and what is counted of it. The
rivals' gates are timed in the same run (``bench.peers.risk``), each with as much as it has. A
figure is that of the fastest of many short runs: what else runs on the machine can only add to it.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any, Final

from bench.engine import NOW
from bench.peers import environment
from bench.peers.risk_exchange import Job, read_answers
from bench.table import Row, Table
from fix_oms.engine import Engine
from fix_oms.engine.judging import Judge
from fix_oms.engine.leg import leg
from fix_oms.model import inputs
from fix_oms.model.controls import LIMITED
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, Terms
from fix_oms.model.outputs import Output, Refused
from fix_oms.model.units import SCALE
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request
from fix_oms.risk.pace import same_terms
from fix_oms.wire import Codec

WORK: Final = "gate: every control, order record, exposure"
RUNS: Final = 40
ORDERS: Final = 500
CENT: Final = SCALE // 100
REFERENCE: Final = 150 * SCALE
HUGE: Final = "90000000000"
_OWN: Final[dict[str, dict[str, Any]]] = {
    "permission": {"symbols": ["AAPL"], "ord_types": ["limit"]},
    "restricted": {"symbol": "MSFT"},
    "reduce_only": {"symbol": "MSFT"},
    "self_match": {},
    "buying_power": {"limit": "0"},
    "duplicate_order": {"limit": "1000000", "window_s": 1},
    "market_data": {"limit": "3600"},
    "price_collar": {"limit": "5"},
    "position_feed": {"limit": "86400"},
    "order_to_trade": {"limit": "4000"},
}
"""What some controls need to pass an order of AAPL; all others get a limit out of reach."""


def settings(*names: str) -> dict[str, Any]:
    """A configuration with these controls on (default: every one)."""
    limits = [{"control": name, **_OWN.get(name, {"limit": HUGE})} for name in (names or LIMITED)]
    broker = {
        "version": "FIX.4.4",
        "sender_comp_id": "US",
        "target_comp_id": "BROKER",
        "port": 20_001,
        "supports": {"market_data": True},
    }
    instrument = {"venues": ["BROKER"], "tick": "0.01", "lot": "1", "reference": "150"}
    return {
        "engine": {"default_account": "DESK"},
        "sessions": {"BROKER": broker},
        "venues": {"BROKER": {"session": "BROKER"}},
        "instruments": {"AAPL": instrument, "MSFT": instrument},
        "accounts": {"DESK": {}},
        "limits": limits,
    }


def desk(plain: dict[str, Any]) -> Engine:
    """An engine that may trade AAPL: ready, quoted, with a balance and a position feed."""
    engine = Engine()
    quote = MarketDataSnapshot(
        symbol="AAPL",
        entries=(
            MDEntry(entry_type="0", price=149 * SCALE, size=SCALE),
            MDEntry(entry_type="1", price=151 * SCALE, size=SCALE),
        ),
    )
    body = Codec(FixVersion.FIX44).encode(quote)
    flat = inputs.Holding(account="DESK", symbol="AAPL", quantity=0)
    for value in (
        inputs.Started(run=1, version="bench", settings=plain),
        inputs.SessionUp(session="BROKER"),
        inputs.SessionReady(session="BROKER"),
        inputs.FixIn(session="BROKER", text=f"8=FIX.4.4\x01{body}34=1\x0110=000\x01", expected=1),
        inputs.SetBalance(by="bench", account="DESK", currency="USD", available=9 * 10**18),
        inputs.TellPositions(by="bench", source="bench", rows=(flat,)),
    ):
        refused = [o for o in engine.step(NOW, value) if isinstance(o, Refused)]
        assert not refused, refused
    return engine


def gate_us(plain: dict[str, Any] | None = None) -> float:
    """Microseconds of one order through the gate of a configuration (default: every control)."""
    best = 1.0
    for _ in range(RUNS):
        engine = desk(plain or settings())
        best = min(best, _timed(engine))
    return best / ORDERS * 1e6


def _timed(engine: Engine) -> float:
    state = engine.state
    judge = Judge(state)
    venue = state.settings.venues["BROKER"]
    orders = [
        Terms(
            symbol="AAPL",
            side="1",
            order_qty=100 * SCALE,
            ord_type="2",
            price=140 * SCALE + n * CENT,
            account="DESK",
        )
        for n in range(ORDERS)
    ]
    names = [f"1-{n}" for n in range(ORDERS)]
    out: list[Output] = []
    gate = state.gate
    gate.lanes.screen(state.lane("DESK", "", "AAPL", venue))  # resolved once a day, not an order
    gc.collect()
    gc.disable()  # as in the engine's process, which keeps it off the orders' path
    begun = time.perf_counter()
    for terms, name in zip(orders, names, strict=True):
        lane = state.lane("DESK", "", "AAPL", venue)
        px, same = judge.worst_price(terms, REFERENCE) or 0, same_terms(terms)
        reserve = max(px, lane.line.position.valuation.mark)
        if gate.passes(terms, lane, True, px, reserve, REFERENCE, NOW, same):
            order = Order(Request(name, NEW, terms, NOW, 1, reserve), lane.scope)
            state.add_order(order, lane)
            gate.sent(lane, NOW, True, same, out)
    took = time.perf_counter() - begun
    gc.enable()
    assert len(state.book.orders) == ORDERS, "an order was refused: the benchmark is wrong"
    return took


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the gate's rows, with the rivals' beside them."""
    target = 1.0 if leg() == "compiled" else 4.0
    table.add(Row(work=WORK, value=gate_us(), unit="us", target=target))
    two = gate_us(settings("max_order_qty", "max_order_value"))
    table.add(Row(work="gate: quantity and value, order record, exposure", value=two, unit="us"))
    none = gate_us({**settings(), "limits": []})
    table.add(Row(work="gate: no control, order record, exposure", value=none, unit="us"))
    if leg() != "compiled":  # they are the same there, and their environment is this one's
        _add_rivals(table, max(1, int(1_000 * scale)))


def _add_rivals(table: Table, orders: int) -> None:
    """What others take for an order, measured now, in processes of their own environment."""
    job = asdict(Job([], orders))
    for adapter in ("risk_in_nautilus", "risk_in_openpit"):
        try:
            answers = read_answers(environment.ask(adapter, job))
        except (subprocess.CalledProcessError, OSError) as error:
            sys.stderr.write(f"{adapter}: cannot be measured here: {error}\n")
            continue
        for name, answer in answers.items():
            for kind, us in answer.us.items():
                table.add(Row(work=f"gate: {name}, {kind}", value=us, unit="us"))


if __name__ == "__main__":
    print(f"{gate_us():.2f} us")  # noqa: T201 - a figure for whoever runs this file
