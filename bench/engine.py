"""The engine alone, in this thread: what an order and a report cost without sockets or threads."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench.order_to_ack import CONFIG, ORDER, REPORT
from bench.table import Row, Table
from fix_oms.engine import Engine
from fix_oms.journal.replay import replay
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs
from fix_oms.model.outputs import Send
from fix_oms.model.settings_text import to_plain
from fix_oms.server.config_file import load

NOW: Final = 1_767_000_000_000_000_000
FILL: Final = (
    "35=8|37=O{id}|11={id}|17=F{id}|150=F|39=2|55=AAPL|54=1|38=100|44=150|32=100|31=150|151=0|"
    "14=100|6=150|60=20260102-14:30:00.000|"
).replace("|", "\x01")


def _settings(where: Path) -> dict[str, Any]:
    path = where / "bench.toml"
    path.write_text(CONFIG.format(port=20_001, durability="process"))
    return to_plain(load(path).settings)


def _inputs(settings: dict[str, Any]) -> list[inputs.Input]:
    return [
        inputs.Started(run=1, version="bench", settings=settings),
        inputs.SessionUp(session="PEER"),
        inputs.SessionReady(session="PEER"),
    ]


def _report(body: str, n: int) -> inputs.FixIn:
    text = body.replace("{id}", f"1-{n}")
    head = f"8=FIX.4.4\x019=200\x01{text[:5]}34={n}\x0149=ACPT0\x01"
    middle = "52=20260102-14:30:00.000\x0156=INIT0\x01"
    return inputs.FixIn(session="PEER", text=f"{head}{middle}{text[5:]}10=000\x01", expected=n)


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add the engine's rows."""
    n = max(1, int(20_000 * scale))
    with tempfile.TemporaryDirectory() as where:
        settings = _settings(Path(where))
        engine = Engine()
        for value in _inputs(settings):
            engine.step(NOW, value)
        begun = time.perf_counter()
        for _ in range(n):
            engine.step(NOW, ORDER)
        order_s = time.perf_counter() - begun
        acks = [_report(REPORT, i) for i in range(1, n + 1)]
        fills = [_report(FILL, i) for i in range(1, n + 1)]
        begun = time.perf_counter()
        for report in acks:
            engine.step(NOW, report)
        ack_s = time.perf_counter() - begun
        for report in fills:
            engine.step(NOW, report)
        filled = sum(o.ord_status == "2" for o in engine.state.book.orders)
        assert filled == n, f"{filled} of {n} orders filled: the benchmark is wrong"
        rate = _replay_rate(Path(where) / "journal", settings, n)
    us = 1e6 / n
    table.add(Row(work="step: gate, order, exposure, encode", value=order_s * us, unit="us"))
    table.add(Row(work="step: acknowledgement, text to state", value=ack_s * us, unit="us"))
    table.add(Row(work="replay", value=rate, unit="records/s", more_is_better=True))


def _replay_rate(directory: Path, settings: dict[str, Any], n: int) -> float:
    """Records per second of a journal of orders, what left, and their acknowledgements."""
    directory.mkdir()
    engine = Engine()
    with JournalWriter.open(
        directory, durability="process", now_ns=NOW, day="2026-01-02"
    ) as writer:

        def give(value: inputs.Input) -> None:
            writer.append(NOW, inputs.encode(value))
            for output in engine.step(NOW, value):
                if isinstance(output, Send):
                    give(_sent(output))

        for value in _inputs(settings):
            give(value)
        for i in range(1, n + 1):
            give(ORDER)
            give(_report(REPORT, i))
    again = Engine()
    begun = time.perf_counter()
    found = replay(directory, again)
    took = time.perf_counter() - begun
    assert not found.mismatches
    assert again.shown(NOW).hash() == engine.shown(NOW).hash()
    return found.records / took


def _sent(message: Send, now: int = NOW) -> inputs.Sent:
    return inputs.Sent(
        session=message.session,
        epoch=1,
        seq=int(message.cl_ord_id.partition("-")[2]),
        cl_ord_id=message.cl_ord_id,
        text=message.text,
        received_ns=now,
        stepped_ns=now,
        durable_ns=0,
        sent_ns=now,
    )
