"""The one writer at work: journal, step, queue, under one lock (D7a).

Whichever thread brings an input - a QuickFIX callback, the control socket, the timer, a sender that
tells what left - does the same under the lock: append the input to the journal, step the engine,
put what it sends into the sessions' FIFOs. Nothing is sent and nothing waited for under the lock.
Afterwards, where durability is ``power``, a command's thread waits until its record is durable
before anybody is told that the command was taken.

When the journal fails (a full disk, an error of the device) nothing more may happen: an input that
is not durable must have no effect. The runner then refuses everything and asks the process to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from fix_oms.engine import Engine
from fix_oms.engine.shown import Shown
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from fix_oms.model.inputs import Command, Input, SeqReserved, SessionDown, Started, Stopped, encode
from fix_oms.model.outputs import Alert, Output, Refused, Send, SessionAct
from fix_oms.server.outbox import Outbox

T = TypeVar("T")
_SYNCED: Final = (SeqReserved, Started, Stopped)
"""Durable before anything goes on, whatever the setting: they keep numbers from being reused."""


class Runner:
    """Feeds one engine. ``act`` does what the engine asks of a session; ``alert`` tells people."""

    def __init__(
        self,
        engine: Engine,
        writer: JournalWriter,
        *,
        clock_ns: Callable[[], int],
        last_ns: int,
        alert: Callable[[Alert], None],
        failed: Callable[[JournalError], None],
    ) -> None:
        self._engine: Final = engine
        self._writer: Final = writer
        self._clock_ns: Final = clock_ns
        self._last_ns = last_ns
        self._alert: Final = alert
        self._failed: Final = failed
        self._lock: Final = threading.Lock()
        self._outboxes: dict[str, Outbox] = {}
        self._act: Callable[[SessionAct], None] | None = None

    def attach(self, outboxes: dict[str, Outbox], act: Callable[[SessionAct], None]) -> None:
        """Where messages leave by, and who does what is asked of a session."""
        self._outboxes = outboxes
        self._act = act

    # -- inputs -------------------------------------------------------------------------------

    def submit(self, value: Input) -> list[Output]:
        """Journal and do one input; returns its outputs when they may be told.

        Raises JournalError when the input could not be journaled: then nothing was done.
        """
        return self.submit_all((value,))[0]

    def submit_all(self, values: Sequence[Input]) -> list[list[Output]]:
        """The same for many, in order and with nothing else in between."""
        received_ns = self._clock_ns()
        done = []
        with self._lock:
            for value in values:
                index, outputs = self._do(value, received_ns)
                done.append(outputs)
        self._after(values, index, done)
        for session in {o.session for outputs in done for o in outputs if type(o) is Send}:
            if session in self._outboxes:
                self._outboxes[session].flush()
        return done

    def input(self, value: Input, received_ns: int) -> None:
        """An input from a session's callback, with the time at which it was received.

        What it sends is left to the sender threads: a callback never sends.
        """
        with self._lock:
            index, outputs = self._do(value, received_ns)
        self._after((value,), index, [outputs])
        self._wake(outputs)

    def tick(self, value: Input) -> None:
        """The timer's input, left out of the journal while it could change nothing."""
        with self._lock:
            if self._engine.idle:
                return
            index, outputs = self._do(value, self._clock_ns())
        self._after((value,), index, [outputs])
        self._wake(outputs)

    def _wake(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if type(output) is Send and output.session in self._outboxes:
                self._outboxes[output.session].wake()

    def roll(self, day: str) -> None:
        """A new day (YYYY-MM-DD): its records go into a segment of their own."""
        with self._lock:
            self._writer.roll(max(self._clock_ns(), self._last_ns), day)

    def _do(self, value: Input, received_ns: int) -> tuple[int, list[Output]]:
        # The clock may be set back; time in the journal never runs backwards.
        now = self._last_ns = max(received_ns, self._last_ns)
        try:
            index = self._writer.append(now, encode(value))
        except JournalError as error:
            self._failed(error)
            raise
        if type(value) is SessionDown and value.session in self._outboxes:
            self._outboxes[value.session].disconnected()
        outputs = self._engine.step(now, value)
        stepped_ns = 0
        for output in outputs:
            if type(output) is Send and output.session in self._outboxes:
                stepped_ns = stepped_ns or self._clock_ns()
                self._outboxes[output.session].put(output, index, received_ns, stepped_ns)
        return index, outputs

    def _after(self, values: Sequence[Input], index: int, done: Sequence[Sequence[Output]]) -> None:
        last = values[-1]
        if isinstance(last, _SYNCED):
            self._writer.sync()
        elif isinstance(last, Command):
            self._writer.wait_durable(index)
        for outputs in done:
            for output in outputs:
                if type(output) is Alert:
                    self._alert(output)
                elif type(output) is SessionAct and self._act is not None:
                    self._act(output)

    # -- questions ----------------------------------------------------------------------------

    def check(self, commands: Sequence[Command]) -> Sequence[Refused | None]:
        """For each command what would refuse it now, or None; nothing is done."""
        with self._lock:
            return self._engine.check(max(self._clock_ns(), self._last_ns), commands)

    def read(self, fn: Callable[[Shown], T]) -> T:
        """``fn`` of the engine's views, with nothing moving meanwhile."""
        with self._lock:
            return fn(self._engine.shown(max(self._clock_ns(), self._last_ns)))
