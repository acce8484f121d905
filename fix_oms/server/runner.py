"""The one writer at work: journal, step, queue, under one lock (D7a).

Whichever thread brings an input - a QuickFIX callback, the control socket, the timer, a sender that
tells what left - has the same done under the lock: append the input to the journal, step the
engine, put what it sends into the sessions' lanes. Nothing is sent and nothing waited for under the
lock. Afterwards, where durability is ``power``, a command's thread waits until its record is
durable before anybody is told that the command was taken.

Where several want the engine, :mod:`~fix_oms.server.turns` says who is next. What takes risk out
(:data:`URGENT`) passes every command that waits, and a batch lets it, the sessions' reports and all
who wait in between any two of its commands. What it spoils of the batch is refused alone, and says
so. A batch's messages leave while it goes on; each answer still means what it means for one.

The check of a batch, before any of it is done, is one piece of work: while it goes on the engine
holds reserved what the batch would, which no input may see. It is given up for an urgent command
and begun again after it, but no more than :data:`MOST_RESTARTS` times.

When the journal fails (a full disk, an error of the device) nothing more may happen: an input that
is not durable must have no effect. The runner then refuses everything and asks the process to stop.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter_ns
from typing import Final, TypeVar, overload

from fix_oms.engine import Engine
from fix_oms.engine.shown import Shown
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import JournalError, NotJournaled
from fix_oms.model.inputs import Acted as ActedInput
from fix_oms.model.inputs import (
    CancelOrder,
    ClientIn,
    Command,
    FixIn,
    Halt,
    Input,
    Kill,
    MassCancel,
    Resume,
    Sent,
    SeqReserved,
    SessionDown,
    Started,
    Stopped,
    encode,
)
from fix_oms.model.inputs import Decided as DecidedInput
from fix_oms.model.outputs import Acted, Alert, Decided, Output, Refused, Send, SessionAct, Withdraw
from fix_oms.server.anchors import Stand
from fix_oms.server.outbox import Outbox
from fix_oms.server.turns import Turn, Turns

T = TypeVar("T")
Aside = Outbox | Alert | SessionAct
_SYNCED: Final = (SeqReserved, Started, Stopped)
"""Durable before anything goes on, whatever the setting: they keep numbers from being reused."""
URGENT: Final = frozenset({CancelOrder, Halt, Kill, MassCancel, Resume})
"""They pass the other commands that wait: what takes risk out, and the desk's word that it may go
on, which must not come behind what it is for."""
PACKED_AT_ONCE: Final = 8
"""Closed orders are packed so many at a time: some 100 us under the lock."""
MOST_PACKED: Final = 128
"""So many, one lot after the other, each time: more than can close in 5 ms. What closes faster than
it is packed stays whole in memory, a kilobyte each (1,600 a second were too few for 3,700)."""
MOST_RESTARTS: Final = 3
"""Of one check: a stream of cancels must not keep a batch from its answer."""


class _Interrupted(Exception):
    """An urgent turn waits: the check is given up."""


class _Yielding(Sequence[Command]):
    """Commands to be checked, which end with an error as soon as an urgent turn waits.

    The engine gives back what it has reserved for them, as for any error.
    """

    def __init__(self, commands: Sequence[Command], urgent: deque[Turn]) -> None:
        self._commands: Final = commands
        self._waiting: Final = urgent

    def __len__(self) -> int:
        return len(self._commands)

    @overload
    def __getitem__(self, at: int) -> Command: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Command]: ...
    def __getitem__(self, at: int | slice) -> Command | Sequence[Command]:
        return self._commands[at]

    def __iter__(self) -> Iterator[Command]:
        for command in self._commands:
            if self._waiting:
                raise _Interrupted
            yield command


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
        self._turns: Final = Turns()
        self._lock: Final = self._turns.lock
        self._urgent: Final = self._turns.urgent
        self._others: Final = self._turns.others
        self._outboxes: dict[str, Outbox] = {}
        self._act: Callable[[SessionAct], None] | None = None
        self._left: Final[deque[Sent]] = deque()
        self._slowest_ns = 0

    def attach(self, outboxes: dict[str, Outbox], act: Callable[[SessionAct], None]) -> None:
        """Where messages leave by, and who does what is asked of a session."""
        self._outboxes = outboxes
        self._act = act

    # -- inputs -------------------------------------------------------------------------------

    def submit(self, value: Input) -> list[Output]:
        """Journal and do one input; returns its outputs when they may be told.

        Raises NotJournaled when the input could not be written: then nothing was done. Any other
        JournalError is the disk's after that: whether it was done, nobody knows.
        """
        return self.taken(value)[1]

    def taken(self, value: Input) -> tuple[int, list[Output]]:
        """As :meth:`submit`, with the index of the input's record."""
        received_ns = self._clock_ns()
        aside: list[Aside] = []
        index, outputs = self._turn(value, received_ns, aside)
        self._make_durable(value, index)
        self._settle(aside, may_block=True)
        return index, outputs

    def taken_all(self, values: Sequence[Input]) -> tuple[int, list[list[Output]]]:
        """The same for many, in order, with the index of the last one's record (-1: there is none).
        Who waits meanwhile has its turn between any two of them."""
        received_ns = self._clock_ns()
        index = -1
        done: list[list[Output]] = []
        acts: list[Aside] = []
        for value in values:
            aside: list[Aside] = []
            try:
                index, outputs = self._turn(value, received_ns, aside)
            except NotJournaled as error:
                if not done:
                    raise
                raise JournalError(f"{error} ({len(done)} of {len(values)} were)") from error
            done.append(outputs)
            acts += [thing for thing in aside if type(thing) is SessionAct]
            self._settle([t for t in aside if type(t) is not SessionAct], may_block=False)
        if values:
            self._make_durable(values[-1], index)
        self._settle(acts, may_block=False)
        return index, done

    def head(self) -> int:
        """The index of the last record."""
        return self._writer.next_index - 1

    def input(self, value: Input, received_ns: int) -> None:
        """An input from a session's callback, with the time at which it was received.

        What it sends is left to the sender threads: a callback never sends. What a client says is
        durable when this returns, or its session's own store could be ahead of the journal.
        """
        aside: list[Aside] = []
        index, _ = self._turn(value, received_ns, aside)
        self._make_durable(value, index)
        self._settle(aside, may_block=False)
        if type(value) is ClientIn:
            self._writer.wait_durable(index)

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
            self._turns.take(lambda: self._record_left(aside))
            self._settle(aside, may_block=False)

    def tick(self, value: Input) -> None:
        """The timer's input, left out of the journal while it could change nothing."""
        aside: list[Aside] = []
        self._turns.take(lambda: self._tick(value, aside))
        self._settle(aside, may_block=False)

    def _tick(self, value: Input, aside: list[Aside]) -> None:
        now = self._clock_ns()
        if self._engine.is_due(max(now, self._last_ns)):
            self._do(value, now, aside)

    def slowest_append_ns(self) -> int:
        """The longest append to the journal since this was last asked."""
        slowest, self._slowest_ns = self._slowest_ns, 0
        return slowest

    def pack(self) -> None:
        """Let the engine pack what has closed; whoever waits has a turn after each few."""
        now = max(self._clock_ns(), self._last_ns)
        for _ in range(MOST_PACKED // PACKED_AT_ONCE):
            packed = self._turns.take(lambda: self._engine.pack(now, most=PACKED_AT_ONCE))
            if packed < PACKED_AT_ONCE:
                return

    def roll(self, day: str) -> None:
        """A new day (YYYY-MM-DD): its records go into a segment of their own."""
        self._turns.take(lambda: self._writer.roll(max(self._clock_ns(), self._last_ns), day))

    def require_untouched(self) -> None:
        """Look after the journal's file. Raises JournalError where somebody else has changed it."""
        self._turns.take(self._writer.require_untouched)

    def stand(self) -> Stand:
        """Where the journal stands, between two inputs."""
        writer = self._writer
        return self._turns.take(
            lambda: Stand(writer.next_index, writer.head, self._last_ns, writer.segment)
        )

    def _turn(self, value: Input, received_ns: int, aside: list[Aside]) -> tuple[int, list[Output]]:
        """Have it done under the lock in its turn: as ``Turns.take``, written out for speed."""
        if not self._lock.acquire(False):
            return self._waited(value, received_ns, aside)
        try:
            if self._urgent or self._others:
                self._turns.let_in()
            return self._do(value, received_ns, aside)
        finally:
            self._lock.release()
            if self._urgent or self._others:
                self._turns.relieve()

    def _waited(
        self, value: Input, received_ns: int, aside: list[Aside]
    ) -> tuple[int, list[Output]]:
        if type(value) not in URGENT:
            return self._turns.wait(lambda: self._do(value, received_ns, aside))

        def hasten() -> tuple[int, list[Output]]:
            done = self._do(value, received_ns, aside)
            for thing in aside:
                if isinstance(thing, Outbox):
                    thing.wake()  # before our own thread wakes up to see to it
            return done

        return self._turns.wait(hasten, urgent=True)

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
        began = perf_counter_ns()
        try:
            index = self._writer.append(now, encode(value))
        except JournalError as error:
            if self._writer.failed:  # else it was this record alone: absurdly large
                self._failed(error)
            raise NotJournaled(str(error)) from error
        took = perf_counter_ns() - began
        if took > self._slowest_ns:
            self._slowest_ns = took
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
        """Queue what is sent. A decision, or what an algo does, is carried out by a record of its
        own, before anything else. Should that fail, the writer has refused everything that would
        come after it; a restart decides anew."""
        back = self._put(outputs, index, received_ns, aside)
        while back is not None:
            try:
                index, outputs = self._take(back, received_ns)
            except NotJournaled:
                return
            back = self._put(outputs, index, received_ns, aside)

    def _put(
        self, outputs: list[Output], index: int, received_ns: int, aside: list[Aside]
    ) -> Input | None:
        """Put each where it goes; returns what is to come back at once as an input."""
        back: Input | None = None
        withdrawn: list[Outbox] = []
        for output in outputs:
            if type(output) is Send:
                outbox = self._outboxes.get(output.session)
                if outbox is not None:
                    outbox.put(output, index, received_ns, self._clock_ns())
                    aside.append(outbox)
            elif type(output) is Alert or type(output) is SessionAct:
                aside.append(output)
            elif type(output) is Decided:
                back = DecidedInput(decision=output.decision)
            elif type(output) is Acted:
                back = ActedInput(acts=output.acts)
            elif type(output) is Withdraw:
                outbox = self._outboxes.get(output.session)
                if outbox is not None and outbox.withdraw(output.chain, output.reason):
                    withdrawn.append(outbox)
        for outbox in withdrawn:
            outbox.wake()  # it is told by the sender thread: ours must not wait for that
        return back

    def _make_durable(self, value: Input, index: int) -> None:
        if isinstance(value, Command):
            self._writer.wait_durable(index)
        elif isinstance(value, _SYNCED):
            self._writer.sync()

    def _settle(self, aside: list[Aside], *, may_block: bool) -> None:
        """After the lock: send, or let the sender threads send; tell alerts; do acts.

        More than one message is left to the sender threads: a peer that does not read must not
        hold up the cancels to the others, nor a long act its own answer.
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
        yielding = _Yielding(commands, self._urgent)
        for _ in range(MOST_RESTARTS):
            with contextlib.suppress(_Interrupted):
                return self._turns.take(lambda: self._check(yielding))
        return self._turns.take(lambda: self._check(commands))

    def _check(self, commands: Sequence[Command]) -> Sequence[Refused | None]:
        return self._engine.check(max(self._clock_ns(), self._last_ns), commands)

    def read(self, fn: Callable[[Shown], T]) -> T:
        """``fn`` of the engine's views, with nothing moving meanwhile."""
        return self._turns.take(
            lambda: fn(self._engine.shown(max(self._clock_ns(), self._last_ns)))
        )
