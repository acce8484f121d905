"""From a parent to its children: the decision, the step, and the first child on the wire.

*Decision* is what a parent costs before any order of it exists: the view of ten venues with ten
levels each, and the plan. *Step* is all that the engine does for it: that, the gate for the whole
and for each of ten children, exposure, encoding. *On the wire* is from before the command is
submitted until a counterparty (another thread of this process) has the first child in hand, with
journal, queue, sender thread and TCP in between.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.bare_loop import LOGON_TIMEOUT_S, End, free_port, running
from bench.engine import NOW
from bench.order_to_ack import CONFIG, REPORT, RUN
from bench.table import Row, Table
from bench.yardstick import alone, beside
from fix_oms.engine import Engine
from fix_oms.engine.dispatch import policy_of
from fix_oms.engine.sight import Sight
from fix_oms.model import inputs
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import Input
from fix_oms.model.messages import MarketDataSnapshot, MDEntry
from fix_oms.model.outputs import Decided, Refused, Send
from fix_oms.model.units import SCALE
from fix_oms.routing.plan import plan
from fix_oms.server.config_file import load
from fix_oms.server.process import Server
from fix_oms.wire import Codec

DECISION: Final = "parent: view and plan, 10 venues x 10 levels"
STEP: Final = "parent: whole step, 10 children through the gate"
FIRST_CHILD: Final = "parent to its first child on the wire, p50"
VENUES: Final = 10
LEVELS: Final = 10
QTY: Final = 100
_CENT: Final = SCALE // 100
_RUNS: Final = 300


def _settings() -> dict[str, Any]:
    names = [f"V{n}" for n in range(VENUES)]
    return {
        "engine": {"default_account": "DESK"},
        "sessions": {
            name: {
                "version": "FIX.4.4",
                "sender_comp_id": "US",
                "target_comp_id": name,
                "port": 20001 + n,
                "supports": {"market_data": True},
            }
            for n, name in enumerate(names)
        },
        "venues": {name: {"session": name, "fees": {"taker": "0.003"}} for name in names},
        "instruments": {"AAPL": {"venues": names, "reference": "150"}},
        "accounts": {"DESK": {}},
        "limits": [
            {"control": "max_order_qty", "limit": 1_000_000},
            {"control": "max_order_value", "limit": 1_000_000_000},
            {"control": "price_collar", "limit": "10"},
            {"control": "position_limit", "limit": 1_000_000_000},
        ],
    }


def _book(n: int) -> MarketDataSnapshot:
    """Ten levels a side; venues differ by a tick at most, so that a sweep is of all of them."""
    bids = [
        MDEntry(entry_type="0", price=150 * SCALE - (k + 1 + n % 2) * _CENT, size=QTY * SCALE)
        for k in range(LEVELS)
    ]
    offers = [
        MDEntry(entry_type="1", price=150 * SCALE + (k + 1 + n % 2) * _CENT, size=QTY * SCALE)
        for k in range(LEVELS)
    ]
    return MarketDataSnapshot(symbol="AAPL", entries=tuple(bids + offers))


def _text(codec: Codec, n: int, seq: int) -> str:
    return f"8=FIX\x019=0\x01{codec.encode(_book(n))}34={seq}\x0110=000\x01"


def _desk() -> Engine:
    engine = Engine()
    engine.step(NOW, inputs.Started(run=1, version="bench", settings=_settings()))
    for n in range(VENUES):
        engine.step(NOW, inputs.SessionUp(session=f"V{n}"))
        engine.step(NOW, inputs.SessionReady(session=f"V{n}"))
    _tell(engine, 1)
    return engine


def _tell(engine: Engine, seq: int) -> None:
    """Every venue tells its book."""
    codec = engine.state.codecs["V0"]
    for n in range(VENUES):
        text = _text(codec, n, seq)
        engine.step(NOW + 10 * seq, inputs.FixIn(session=f"V{n}", text=text, expected=seq))


def _parent(ref: str, qty: int) -> inputs.NewParent:
    return inputs.NewParent(
        by="bench",
        ref=ref,
        symbol="AAPL",
        side="1",
        order_qty=qty * SCALE,
        routed=True,
        price=151 * SCALE,
    )


def measure_decision(runs: int) -> float:
    """Microseconds of view and plan, of the fastest run."""
    engine = _desk()
    state = engine.state
    engine.step(NOW, _parent("P", VENUES * LEVELS * QTY))
    parent, sight = state.routed.parents["P"], Sight(state)
    policy = policy_of(state, parent)
    _tell(engine, 2)
    best = 1 << 62
    for _ in range(runs):
        begun = time.perf_counter_ns()
        view = sight.view(NOW + 30, parent, policy, parent.held.order_qty)
        decided = plan(policy, view)
        best = min(best, time.perf_counter_ns() - begun)
    assert len(decided.legs) == VENUES
    return best / 1000


def measure_step(runs: int) -> float:
    """Microseconds of the step that takes a parent and sends ten children, of the fastest run."""
    engine = _desk()
    best = 1 << 62
    for n in range(runs):
        command, now = _parent(f"P{n}", VENUES * 3 * QTY), NOW + 10 * n + 15
        begun = time.perf_counter_ns()
        (decided,) = [o for o in engine.step(now, command) if type(o) is Decided]
        out = engine.step(now, inputs.Decided(decision=decided.decision))
        best = min(best, time.perf_counter_ns() - begun)
        assert not any(isinstance(o, Refused) for o in out)
        assert sum(isinstance(o, Send) for o in out) == VENUES
        _tell(engine, n + 2)
    return best / 1000


class _Peer:
    """A counterparty that acknowledges orders and tells its book again after each. ``arrived`` is
    when the last one came."""

    def __init__(self) -> None:
        self.arrived = 0
        self.came: Final = threading.Event()
        self.end: Final = End(self._received)
        self._codec: Final = Codec(FixVersion.FIX44)

    def _received(self, text: str) -> None:
        if "\x0135=D\x01" in text:
            self.arrived = time.perf_counter_ns()
            self.came.set()
            cl_ord_id = text.partition("\x0111=")[2].partition("\x01")[0]
            self.end.send(REPORT.replace("{id}", cl_ord_id))
            self.tell()

    def tell(self) -> None:
        """Its whole book: one offer, since a QuickFIX end without a dictionary mixes up groups of
        more."""
        offer = MDEntry(entry_type="1", price=150 * SCALE, size=QTY * SCALE)
        book = MarketDataSnapshot(symbol="AAPL", entries=(offer,))
        self.end.send(self._codec.encode(book))


@contextmanager
def _served(port: int, peer: _Peer) -> Iterator[tuple[Server, threading.Semaphore]]:
    """An engine connected to the peer, and how often the peer has told its book since."""
    told = threading.Semaphore(0)

    def listen(server: Server) -> None:
        take = server.runner.input

        def watched(value: Input, received_ns: int) -> None:
            take(value, received_ns)
            if type(value) is inputs.SessionReady:
                peer.tell()
            elif type(value) is inputs.FixIn and "\x0135=W\x01" in value.text:
                told.release()

        server.runner.input = watched  # type: ignore[method-assign]  # the stopwatch's only way in

    with tempfile.TemporaryDirectory() as where:
        path = Path(where) / "bench.toml"
        text = CONFIG.format(port=port, durability="process")
        path.write_text(text.replace("market_data = false", "market_data = true"))
        server = Server(load(path), before_start=listen)
        server.start()
        try:
            yield server, told
        finally:
            server.stop("bench")


def measure_first_child(n: int, warm_up: int = 200) -> list[int]:
    """``n`` times from command to the first child at the counterparty, in ns."""
    port, peer = free_port(), _Peer()
    times: list[int] = []
    with running("acceptor", peer.end, port, RUN), _served(port, peer) as (server, told):
        for k in range(warm_up + n):
            if not told.acquire(timeout=LOGON_TIMEOUT_S):
                raise TimeoutError("the counterparty did not tell its book")
            peer.came.clear()
            command = _parent(f"P{k}", QTY)
            begun = time.perf_counter_ns()
            server.runner.submit(command)
            if not peer.came.wait(LOGON_TIMEOUT_S):
                raise TimeoutError("no child came")
            times.append(peer.arrived - begun)
    return times[warm_up:]


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows of parents."""
    runs = max(20, int(_RUNS * scale))
    table.add(Row(work=DECISION, value=measure_decision(runs), unit="us", target=50.0))
    table.add(Row(work=STEP, value=measure_step(runs), unit="us"))
    times = measure_first_child(max(50, int(3_000 * scale)))
    beside(table, FIRST_CHILD, times)


def main() -> None:
    """These rows alone: ``python -m bench.parents``."""
    alone(add_rows)


if __name__ == "__main__":
    main()
