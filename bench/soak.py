"""Ten minutes of twice what can be sustained: does the backlog drain, is memory flat, is all told?

    python -m bench.soak --minutes 10

Engine and counterparty are processes of their own on a FIX session over TCP. First the sustained
rate of this machine is measured (``order_to_ack``). Then clients of the control socket offer twice
that, in batches, in bursts: each second has half a second of three times the sustained rate and
half a second of once. No engine can work off what comes faster than it sustains, so the upstream
has a limit of its own, as every FIX client has: no more than ``WINDOW`` orders without an answer.
What is over it is held back, so the engine's queues stand full for the whole time. Each order is
acknowledged and filled at once, so orders end, and what is kept of them is what memory grows by:
whole for a minute, packed from then on.

Every so often the counterparty says something that makes no sense (a BusinessMessageReject of
nothing), which is an alert. *Drains*: after the last order all are filled in the engine's own
position, nothing is open. *Flat*: from ``STEADY_S`` on, when as many orders are packed as end, the
engine's resident memory grows by no more than ``KEPT`` bytes for each. *Told*: what the
counterparty said, what stands in the journal and what stands in the log are the same number. The
exit code is 1 where one fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table as Grid

from bench.bare_loop import End, free_port, running
from bench.connected import connected, write_line
from bench.order_to_ack import CONFIG, ORDER, REPORT, RUN, measure_sustained
from fix_oms.client import Client
from fix_oms.journal.follower import records
from fix_oms.model.units import SCALE

WINDOW: Final = 20_000
"""Orders without an answer, at most."""
BATCH: Final = 500
CLIENTS: Final = 2
TICK_S: Final = 0.02
STEADY_S: Final = 150.0
KEPT: Final = 512
"""Bytes that an ended order may cost in the long run, indexes and fragmentation included."""
WHOLE: Final = 2560
"""Bytes that it may cost in its first minute, and so in a run that is over before it is packed."""
NOISE: Final = 16 << 20
"""Bytes of resident memory that come and go with the allocator."""
ODD_EVERY: Final = 997
WAIT_S: Final = 300.0
FILL: Final = (
    "35=8|37=O{id}|11={id}|17=F{id}|150=F|39=2|55=AAPL|54=1|38=100|44=150|151=0|14=100|6=150|"
    "31=150|32=100|60=20260102-14:30:00.000|"
).replace("|", "\x01")
ODD: Final = "35=j|45=1|372=D|380=0|58=odd {n}|".replace("|", "\x01")
ODD_IN_JOURNAL: Final = b"\x0135=j\x01"
ODD_IN_LOG: Final = "rejects our D 1: odd "


@attrs.frozen(kw_only=True)
class Sample:
    """The state of things at one moment of the run."""

    at_s: float
    taken: int
    """Orders that the engine has accepted."""
    answered: int
    """Of those, answered by the counterparty."""
    rss: int
    """Resident bytes of the engine."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What a run came to."""

    rate: float
    samples: Sequence[Sample]
    drained_s: float
    """From the last order until all were filled in the engine's position; negative: never."""
    odd_said: int
    odd_journaled: int
    odd_logged: int

    @property
    def bytes_an_order(self) -> float:
        """Growth of resident memory for each order, in the steady part of the run."""
        return _slope(self._judged)

    @property
    def _is_long(self) -> bool:
        return self.samples[-1].at_s > 2 * STEADY_S

    @property
    def _judged(self) -> Sequence[Sample]:
        return [s for s in self.samples if s.at_s >= STEADY_S] if self._is_long else self.samples

    @property
    def findings(self) -> list[str]:
        """What is not as it must be; empty for a pass."""
        found = []
        if self.drained_s < 0:
            found.append(f"the backlog did not drain within {WAIT_S:.0f} s")
        judged, bound = self._judged, KEPT if self._is_long else WHOLE
        if _grown(judged) > bound * _more(judged) + NOISE:
            found.append(f"memory grows by {self.bytes_an_order:.0f} bytes for each order")
        if not self.odd_said == self.odd_journaled == self.odd_logged:
            found.append(
                f"alerts: {self.odd_said} causes said, {self.odd_journaled} journaled, "
                f"{self.odd_logged} logged"
            )
        return found


def _grown(samples: Sequence[Sample]) -> int:
    return samples[-1].rss - samples[0].rss


def _more(samples: Sequence[Sample]) -> int:
    return samples[-1].answered - samples[0].answered


def _slope(samples: Sequence[Sample]) -> float:
    return _grown(samples) / max(1, _more(samples))


# -- the run -------------------------------------------------------------------------------------


class Upstream:
    """The clients: they offer what is due, within the window, until they are told to stop."""

    def __init__(self, directory: Path, peer: Peer, rate: float, window: int) -> None:
        self.taken = 0
        self.refused = 0
        self._path: Final = directory / "s.sock"
        self._peer: Final = peer
        self._rate: Final = rate
        self._window: Final = window
        self._lock: Final = threading.Lock()
        self._stop: Final = threading.Event()
        self._threads: Final = [threading.Thread(target=self._offer) for _ in range(CLIENTS)]

    def __enter__(self) -> Upstream:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _offer(self) -> None:
        begun = before = time.monotonic()
        with Client(self._path, timeout_s=WAIT_S) as client:
            while not self._stop.wait(TICK_S):
                now = time.monotonic()
                burst = 3 if (now - begun) % 1 < 0.5 else 1
                due = int((now - before) * burst * self._rate / CLIENTS)
                before = now
                self._submit(client, due)

    def _submit(self, client: Client, due: int) -> None:
        while due > 0 and not self._stop.is_set():
            with self._lock:
                count = min(due, BATCH, self._window - self.taken + self._peer.answered)
                if count <= 0:
                    return  # held back
                self.taken += count
            answers = client.submit_all([ORDER] * count)
            if not answers.submitted:
                with self._lock:
                    self.taken -= count
                    self.refused += count
            due -= count


class Peer:
    """The counterparty's process. ``answered`` is as of the last look."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process: Final = process
        self.answered = 0
        self.odd = 0

    def look(self) -> None:
        """Ask it how many orders it has answered, and how many odd messages it has sent."""
        write_line(self._process.stdin, "")
        assert self._process.stdout is not None
        answered, _, odd = self._process.stdout.readline().partition(" ")
        self.answered, self.odd = int(answered), int(odd)


def soak(seconds: float, *, rate: float, window: int = WINDOW) -> Outcome:
    """Offer ``2 * rate`` orders a second for so long, and see what is left of it."""
    with tempfile.TemporaryDirectory(prefix="fix-oms-soak-") as where, ExitStack() as stack:
        directory, port = Path(where), free_port()
        (directory / "oms.toml").write_text(CONFIG.format(port=port, durability="process"))
        peer_process = stack.enter_context(_process(directory, "bench.soak", "--peer", str(port)))
        assert peer_process.stdout is not None
        peer_process.stdout.readline()
        engine = stack.enter_context(_process(directory, "fix_oms", "run", "oms.toml"))
        peer = Peer(peer_process)
        with connected(directory / "s.sock", WAIT_S) as client:
            samples, taken = _run(directory, peer, engine.pid, seconds, rate, window)
            drained_s = _drain(client, peer, taken)
            samples.append(_sample(seconds, taken, peer, engine.pid))
        _stop(engine)
        return Outcome(
            rate=rate,
            samples=samples,
            drained_s=drained_s,
            odd_said=peer.odd,
            odd_journaled=sum(ODD_IN_JOURNAL in r.payload for r in records(directory / "journal")),
            odd_logged=_lines(directory / "engine.log", ODD_IN_LOG),
        )


def _run(
    directory: Path, peer: Peer, pid: int, seconds: float, rate: float, window: int
) -> tuple[list[Sample], int]:
    """A sample each second, from when the window was full once."""
    samples: list[Sample] = []
    begun = time.monotonic()
    with Upstream(directory, peer, rate, window) as upstream:
        while (at_s := time.monotonic() - begun) < seconds:
            peer.look()
            is_filled = samples or peer.answered >= window or at_s > seconds / 3
            if is_filled and (not samples or at_s - samples[-1].at_s >= 1):
                samples.append(_sample(at_s, upstream.taken, peer, pid))
            time.sleep(TICK_S / 2)
    return samples, upstream.taken


def _drain(client: Client, peer: Peer, taken: int) -> float:
    """How long until all that was taken has been filled, by the engine's own position."""
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < WAIT_S:
        held = client.positions()
        if held and held[0].bought == taken * 100 * SCALE and held[0].open_buy == 0:
            peer.look()
            return waited
        time.sleep(TICK_S)
    return -1.0


def _sample(at_s: float, taken: int, peer: Peer, pid: int) -> Sample:
    status = Path(f"/proc/{pid}/status").read_text()
    rss = int(status.partition("VmRSS:")[2].split()[0]) << 10
    return Sample(at_s=at_s, taken=taken, answered=peer.answered, rss=rss)


def _lines(log: Path, text: str) -> int:
    with log.open(errors="replace") as lines:
        return sum(text in line for line in lines)


def _stop(engine: subprocess.Popen[str]) -> None:
    engine.terminate()
    if engine.wait(WAIT_S) != 0:
        raise RuntimeError(f"the engine ended with {engine.returncode}")


@contextmanager
def _process(directory: Path, module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    name = "engine.log" if module == "fix_oms" else "peer.log"
    with (directory / name).open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=log if module == "fix_oms" else subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()
            child.communicate(timeout=WAIT_S)


# -- the counterparty, in its own process ------------------------------------------------------


def _serve(port: int) -> None:
    """Acknowledge and fill each order; say how many at each line of standard input."""
    answered = odd = 0

    def received(text: str) -> None:
        nonlocal answered, odd
        if "\x0135=D\x01" not in text:
            return
        cl_ord_id = text.partition("\x0111=")[2].partition("\x01")[0]
        end.send(REPORT.replace("{id}", cl_ord_id))
        end.send(FILL.replace("{id}", cl_ord_id))
        answered += 1
        if answered % ODD_EVERY == 0:
            odd += 1
            end.send(ODD.replace("{n}", str(odd)))

    end = End(received)
    with running("acceptor", end, port, RUN):
        write_line(sys.stdout, "listening")
        for _ in sys.stdin:
            write_line(sys.stdout, f"{answered} {odd}")


# -- for people ----------------------------------------------------------------------------------


def shown(outcome: Outcome) -> Grid:
    """The run by minute; ``waiting`` is the most that waited for an answer in it."""
    grid = Grid("minute", "taken", "a second", "waiting", "RSS, MB", "bytes an order", box=None)
    before, waiting = outcome.samples[0], 0
    for sample in outcome.samples:
        waiting = max(waiting, sample.taken - sample.answered)
        if sample.at_s - before.at_s < 60 and sample is not outcome.samples[-1]:
            continue
        rate = (sample.taken - before.taken) / max(sample.at_s - before.at_s, 1e-9)
        grid.add_row(
            f"{sample.at_s / 60:.1f}",
            f"{sample.taken:,}",
            f"{rate:,.0f}",
            f"{waiting:,}",
            f"{sample.rss / 2**20:,.1f}",
            f"{_slope([before, sample]):,.0f}",
        )
        before, waiting = sample, 0
    return grid


def main() -> int:
    """``python -m bench.soak [--minutes 10] [--rate N]``; 1 where something is not right."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, help="orders a second; default: measured first")
    parser.add_argument("--peer", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peer is not None:
        _serve(asked.peer)
        sys.stdout.flush()
        os._exit(0)
    console = Console(width=100)
    rate = asked.rate or measure_sustained(20_000)
    console.print(f"sustained {rate:,.0f}/s; offered for {asked.minutes:g} minutes: twice that")
    outcome = soak(60 * asked.minutes, rate=rate)
    console.print(shown(outcome))
    console.print(
        f"drained {outcome.drained_s:.1f} s after the last order; each order kept costs "
        f"{outcome.bytes_an_order:.0f} bytes; alerts told: {outcome.odd_logged} of "
        f"{outcome.odd_said}"
    )
    for finding in outcome.findings:
        console.print(f"FAILED {finding}", style="bold")
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())
