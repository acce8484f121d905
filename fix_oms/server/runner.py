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
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from fix_oms.engine import Engine
from fix_oms.engine.shown import Shown
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError
from fix_oms.model.inputs import (
    Command,
    FixIn,
    Input,
    Sent,
    SeqReserved,
    SessionDown,
    Started,
    Stopped,
    encode,
)
from fix_oms.model.outputs import Alert, Output, Refused, Send, SessionAct
from fix_oms.server.outbox import Outbox

T = TypeVar("T")
Aside = Outbox | Alert | SessionAct
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
        self._left: Final[deque[Sent]] = deque()

    def attach(self, outboxes: dict[str, Outbox], act: Callable[[SessionAct], None]) -> None:
        """Where messages leave by, and who does what is asked of a session."""
        self._outboxes = outboxes
        self._act = act

    # -- inputs -------------------------------------------------------------------------------

    def submit(self, value: Input) -> list[Output]:
        """Journal and do one input; returns its outputs when they may be told.

        Raises JournalError when the input could not be journaled: then nothing was done.
        """
        received_ns = self._clock_ns()
        aside: list[Aside] = []
        with self._lock:
            index, outputs = self._do(value, received_ns, aside)
        self._make_durable(value, index)
        self._settle(aside, may_block=True)
        return outputs

    def submit_all(self, values: Sequence[Input]) -> list[list[Output]]:
        """The same for many, in order and with nothing else in between."""
        received_ns = self._clock_ns()
        aside: list[Aside] = []
        done = []
        with self._lock:
            for value in values:
                index, outputs = self._do(value, received_ns, aside)
                done.append(outputs)
        if values:
            self._make_durable(values[-1], index)
        self._settle(aside, may_block=True)
        return done

    def input(self, value: Input, received_ns: int) -> None:
        """An input from a session's callback, with the time at which it was received.

        What it sends is left to the sender threads: a callback never sends.
        """
        aside: list[Aside] = []
        with self._lock:
            index, _ = self._do(value, received_ns, aside)
        self._make_durable(value, index)
        self._settle(aside, may_block=False)

    def left(self, value: Sent) -> None:
        """A message has left. Recorded with the next input, or by :meth:`record_left`.

        Not at once: its answer is on the way, and this record may wait where that may not, so a
        FIX message is taken before it, anything else after it. What a crash loses of it, some
        milliseconds, leaves the request in doubt, as it was before.
        """
        self._left.append(value)

    def record_left(self) -> None:
        """Journal what has left. Called by the timer every few milliseconds."""
        if self._left:
            aside: list[Aside] = []
            with self._lock:
                self._record_left(aside)
            self._settle(aside, may_block=False)

    def tick(self, value: Input) -> None:
        """The timer's input, left out of the journal while it could change nothing."""
        aside: list[Aside] = []
        with self._lock:
            now = self._clock_ns()
            if not self._engine.is_due(max(now, self._last_ns)):
                return
            self._do(value, now, aside)
        self._settle(aside, may_block=False)

    def roll(self, day: str) -> None:
        """A new day (YYYY-MM-DD): its records go into a segment of their own."""
        with self._lock:
            self._writer.roll(max(self._clock_ns(), self._last_ns), day)

    def _do(self, value: Input, received_ns: int, aside: list[Aside]) -> tuple[int, list[Output]]:
        """Under the lock: append, step, queue. What is to be done after it is put ``aside``."""
        if self._left and type(value) is not FixIn:
            self._record_left(aside)
        index, outputs = self._take(value, received_ns)
        if outputs:
            self._queue(outputs, index, received_ns, aside)
        if self._left:
            self._record_left(aside)
        return index, outputs

    def _take(self, value: Input, received_ns: int) -> tuple[int, list[Output]]:
        # The clock may be set back; time in the journal never runs backwards.
        now = self._last_ns = max(received_ns, self._last_ns)
        try:
            index = self._writer.append(now, encode(value))
        except JournalError as error:
            if self._writer.failed:  # else it was this record alone: absurdly large
                self._failed(error)
            raise
        if type(value) is SessionDown and value.session in self._outboxes:
            self._outboxes[value.session].disconnected()
        return index, self._engine.step(now, value)

    def _record_left(self, aside: list[Aside]) -> None:
        while self._left:
            value = self._left.popleft()
            index, outputs = self._take(value, value.sent_ns)
            self._queue(outputs, index, value.sent_ns, aside)

    def _queue(
        self, outputs: list[Output], index: int, received_ns: int, aside: list[Aside]
    ) -> None:
        for output in outputs:
            if type(output) is Send:
                outbox = self._outboxes.get(output.session)
                if outbox is not None:
                    outbox.put(output, index, received_ns, self._clock_ns())
                    if outbox not in aside:
                        aside.append(outbox)
            elif type(output) is Alert or type(output) is SessionAct:
                aside.append(output)

    def _make_durable(self, value: Input, index: int) -> None:
        if isinstance(value, Command):
            self._writer.wait_durable(index)
        elif isinstance(value, _SYNCED):
            self._writer.sync()

    def _settle(self, aside: list[Aside], *, may_block: bool) -> None:
        """After the lock: send, or let the sender threads send; tell alerts; do acts.

        What goes to several sessions is left to their threads: a peer that does not read must not
        hold up the cancels to the others.
        """
        outboxes = [thing for thing in aside if isinstance(thing, Outbox)]
        if may_block and len(outboxes) == 1:
            outboxes[0].flush()
        else:
            for outbox in outboxes:
                outbox.wake()
        for thing in aside:
            if type(thing) is Alert:
                self._alert(thing)
            elif type(thing) is SessionAct and self._act is not None:
                self._act(thing)

    # -- questions ----------------------------------------------------------------------------

    def check(self, commands: Sequence[Command]) -> Sequence[Refused | None]:
        """For each command what would refuse it now, or None; nothing is done."""
        with self._lock:
            return self._engine.check(max(self._clock_ns(), self._last_ns), commands)

    def read(self, fn: Callable[[Shown], T]) -> T:
        """``fn`` of the engine's views, with nothing moving meanwhile."""
        with self._lock:
            return fn(self._engine.shown(max(self._clock_ns(), self._last_ns)))
