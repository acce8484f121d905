"""From an execution to what hedges it: the steps, and the hedge on the wire.

*Steps* is all that the engine does between a maker's ExecutionReport and the hedge's text:
evidence, position, the algo, its record, the gate, encoding. *On the wire* is from before the
counterparty (another thread of this process) sends the report until it has the hedge in hand, with
TCP, journal, queue and sender thread in between.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from bench.bare_loop import LOGON_TIMEOUT_S, End, free_port, running
from bench.engine import NOW
from bench.order_to_ack import RUN, served
from bench.table import Row, Table
from bench.yardstick import alone, beside
from fix_oms.engine import Engine
from fix_oms.journal.latency import percentile
from fix_oms.model import inputs
from fix_oms.model.outputs import Acted, Output, Refused, Send

STEPS: Final = "execution to hedge: all steps of the engine"
ON_THE_WIRE: Final = "execution to its hedge on the wire, p50"
EACH: Final = 10
"""So much executes each time."""
MOST: Final = 900_000
REPORT: Final = (
    "35=8|37=O{id}|11={id}|17=E{n}|150={kind}|39={status}|55=AAPL|54={side}|38={qty}|44=150|"
    "32={last}|31=150|151={left}|14={cum}|6=150|60=20260102-14:30:00.000|"
).replace("|", "\x01")
HEDGE: Final[dict[str, Any]] = {
    "maker_symbol": "AAPL",
    "maker_side": "1",
    "maker_qty": str(MOST),
    "maker_price": "150",
    "maker_venue": "PEER",
    "hedge_symbol": "AAPL",
    "hedge_venue": "PEER",
    "slippage_from": "reference",
}


def _report(cl_ord_id: str, n: int, side: str, qty: int, cum: int, last: int) -> str:
    status = "2" if cum == qty else "1" if cum else "0"
    kind = "F" if last else "0"
    return REPORT.format(
        id=cl_ord_id,
        n=n,
        kind=kind,
        status=status,
        side=side,
        qty=qty,
        last=last,
        left=qty - cum,
        cum=cum,
    )


def _settings() -> dict[str, Any]:
    return {
        "engine": {"default_account": "DESK"},
        "sessions": {
            "PEER": {
                "version": "FIX.4.4",
                "sender_comp_id": "US",
                "target_comp_id": "PEER",
                "port": 20001,
            }
        },
        "venues": {"PEER": {"session": "PEER"}},
        "instruments": {"AAPL": {"venues": ["PEER"], "reference": "150"}},
        "accounts": {"DESK": {}},
        "limits": [
            {"control": "max_order_qty", "limit": 1_000_000},
            {"control": "max_order_value", "limit": 1_000_000_000},
            {"control": "price_collar", "limit": "10"},
            {"control": "message_rate", "limit": 1_000_000},
        ],
    }


class _Stepped:
    """An engine that is fed by hand. ``sent`` are the orders that it has sent."""

    def __init__(self) -> None:
        self._engine: Final = Engine()
        self._seq = self._now = 0
        self.sent: Final[list[str]] = []
        for value in (
            inputs.Started(run=1, version="bench", settings=_settings()),
            inputs.SessionUp(session="PEER"),
            inputs.SessionReady(session="PEER"),
            inputs.NewAlgo(by="bench", ref="H", kind="hedge", params=HEDGE),
        ):
            self.step(value)

    def step(self, value: inputs.Input) -> None:
        """One input, and what comes back of it."""
        self._now += 1000
        out: list[Output] = self._engine.step(NOW + self._now, value)
        for one in out:
            if type(one) is Acted:
                self.step(inputs.Acted(acts=one.acts))
            elif type(one) is Send and one.text.startswith("35=D"):
                self.sent.append(one.cl_ord_id)
            assert type(one) is not Refused, one

    def hear(self, body: str) -> int:
        """A message; how long all of it took, in ns."""
        self._seq += 1
        text = f"8=FIX\x019=0\x01{body}34={self._seq}\x0110=000\x01"
        value = inputs.FixIn(session="PEER", text=text, expected=self._seq)
        begun = time.perf_counter_ns()
        self.step(value)
        return time.perf_counter_ns() - begun


def measure_steps(runs: int) -> float:
    """Microseconds of all that the engine does for one hedge, the middle of all runs."""
    desk = _Stepped()
    (maker,) = desk.sent
    desk.hear(_report(maker, 0, "1", MOST, 0, 0))
    times = []
    for n in range(1, runs + 1):
        times.append(desk.hear(_report(maker, 2 * n, "1", MOST, n * EACH, EACH)))
        assert len(desk.sent) == n + 1
        desk.hear(_report(desk.sent[-1], 2 * n + 1, "2", EACH, EACH, EACH))
    return percentile(times, 0.5) / 1000


class _Peer:
    """A counterparty that acknowledges the maker and executes hedges at once."""

    def __init__(self) -> None:
        self.maker, self.arrived, self._n = "", 0, 0
        self.came: Final = threading.Event()
        self.end: Final = End(self._received)

    def _received(self, text: str) -> None:
        if "\x0135=D\x01" not in text:
            return
        self.arrived = time.perf_counter_ns()
        self._n += 1
        cl_ord_id = text.partition("\x0111=")[2].partition("\x01")[0]
        if self.maker:
            self.end.send(_report(cl_ord_id, -self._n, "2", EACH, EACH, EACH))
        else:
            self.maker = cl_ord_id
            self.end.send(_report(cl_ord_id, -self._n, "1", MOST, 0, 0))
        self.came.set()

    def executes(self, n: int) -> int:
        """The maker executes once more; how long until the hedge is here, in ns."""
        self.came.clear()
        begun = time.perf_counter_ns()
        self.end.send(_report(self.maker, n, "1", MOST, n * EACH, EACH))
        if not self.came.wait(LOGON_TIMEOUT_S):
            raise TimeoutError("no hedge came")
        return self.arrived - begun


def measure_on_the_wire(n: int, warm_up: int = 200) -> list[int]:
    """``n`` times from an execution to its hedge at the counterparty, in ns."""
    port, peer = free_port(), _Peer()
    with (
        running("acceptor", peer.end, port, RUN),
        served(port, "process", lambda: None) as server,
    ):
        server.runner.submit(inputs.NewAlgo(by="bench", ref="H", kind="hedge", params=HEDGE))
        if not peer.came.wait(LOGON_TIMEOUT_S):
            raise TimeoutError("no maker came")
        return [peer.executes(k) for k in range(1, warm_up + n + 1)][warm_up:]


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the rows of hedges."""
    table.add(Row(work=STEPS, value=measure_steps(max(200, int(3_000 * scale))), unit="us"))
    times = measure_on_the_wire(max(50, int(3_000 * scale)))
    beside(table, ON_THE_WIRE, times)


def main() -> None:
    """These rows alone: ``python -m bench.hedges``."""
    alone(add_rows)


if __name__ == "__main__":
    main()
