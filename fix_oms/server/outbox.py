"""What leaves: the waiting messages of each session, and who sends them (D7a).

The engine's outputs are put into a session's lanes (``lanes``: urgent ones first, no order of a
chain ever changed) while the engine's lock is held, so that the order on the wire follows from the
order in the journal. They are taken out with that lock released, because a QuickFIX call may block
for as long as a peer does not read. One thread at a time takes them out:

- the thread that brought the input, where it is one of ours that may block and asked for this one
  message (``flush``): a command's own thread sends its own order. A hand-over between threads costs
  30 to 50 us, a third of a round trip, and buys nothing here. It sends what goes before its own
  message and no more: nobody who sends one order is kept with sending those of others;
- else the session's sender thread (``wake``): for what QuickFIX's callbacks cause, which must not
  call QuickFIX's send themselves; for acts of many messages; where another thread is just sending;
  and where the counterparty wants an interval kept.

Which message is next is decided at the last moment: after the wait for the disk and for the
counterparty's interval, so that an urgent one that comes meanwhile is not behind the one that was
being waited for. A message leaves only when its input is durable, and only over the same connection
for which it was meant: one that waited while the session went down is reported as not sent, never
sent late. So is one that is withdrawn, after the urgent ones have left and before any other does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from fix_oms.model.inputs import Fault, Input, NotSent, Sent
from fix_oms.model.outputs import Send
from fix_oms.server.lanes import Lanes, Parcel


class Wire(Protocol):
    """What takes a message to the peer: the sessions' adapter."""

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        """Epoch and MsgSeqNum(34) under which it left, or None when it did not leave."""


class Outbox:
    """The lanes of one session and its sender thread."""

    def __init__(
        self,
        session: str,
        wire: Wire,
        *,
        min_interval_ms: int,
        wait_durable: Callable[[int], int],
        tell: Callable[[Input], object],
        left: Callable[[Sent], None],
        clock_ns: Callable[[], int],
    ) -> None:
        self._session: Final = session
        self._wire: Final = wire
        self._interval_ns: Final = min_interval_ms * 1_000_000
        self._wait_durable: Final = wait_durable
        self._tell: Final = tell
        self._note: Final = left
        self._clock_ns: Final = clock_ns
        self._lanes: Final = Lanes()
        self._sending: Final = threading.Lock()
        self._woken: Final = threading.Semaphore(0)
        self._is_woken = False
        self._stopping = False
        self._connection = 0
        self._next_ns = 0
        self._thread: Final = threading.Thread(
            target=self._run, name=f"sender-{session}", daemon=True
        )

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, message: Send, index: int, received_ns: int, stepped_ns: int) -> None:
        """Queue a message. Called with the engine's lock held; never blocks."""
        self._lanes.put(Parcel(message, index, self._connection, received_ns, stepped_ns))

    def withdraw(self, chain: str, reason: str) -> bool:
        """Let nothing that waits of this chain leave; the sender thread tells it as not sent.

        Called with the engine's lock held; never blocks. Whether anything waited.
        """
        return self._lanes.withdraw(chain, reason)

    def waiting(self) -> tuple[int, int]:
        """How many messages wait, and when the input of the next one was received (ns UTC)."""
        first = self._lanes.first()
        return (len(self._lanes), first.received_ns) if first is not None else (0, 0)

    def flush(self) -> None:
        """Send what was just queued, on this thread, if no other does and no interval is kept."""
        if self._interval_ns or not self._sending.acquire(blocking=False):
            # Whoever sends now may have looked into the lanes before our message was in them.
            self.wake()
            return
        try:
            for _ in range(self._lanes.ahead()):
                self._deliver_first()
        finally:
            self._sending.release()
        if self._lanes:
            self.wake()

    def wake(self) -> None:
        """Let the sender thread send what is queued. Never blocks."""
        if not self._is_woken:
            self._is_woken = True
            self._woken.release()

    def disconnected(self) -> None:
        """The session went down: what is still queued was meant for the connection that ended."""
        self._connection += 1

    def stop(self, timeout_s: float) -> None:
        """Send what is queued, then end the thread."""
        self._stopping = True
        self._woken.release()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping:
            self._woken.acquire()
            self.drain()
        self.drain()  # what came after the last look

    def drain(self) -> None:
        """One turn of the sender thread: send what waits. The simulated world calls it."""
        self._is_woken = False  # before the look into the lanes: see wake
        with self._sending:
            self._drain()

    def _drain(self) -> None:
        """Deliver until nothing waits. The caller holds ``_sending``."""
        while self._lanes:
            self._drain_first()

    def _drain_first(self) -> None:
        gone = None if self._lanes.hurry else self._lanes.withdrawn()
        if gone is None:
            self._deliver_first()
        else:
            parcel, reason = gone
            self._tell_not_sent(parcel.message, reason)

    def _deliver_first(self) -> None:
        """Send what is first, unless something else is by then. The caller holds ``_sending``."""
        parcel = self._lanes.first()
        if parcel is None:
            return
        try:
            durable_ns = self._wait_durable(parcel.record)
            if self._interval_ns and parcel.connection == self._connection:
                self._pace()
            if self._lanes.take(parcel):
                self._deliver(parcel, durable_ns)
        except Exception as error:  # noqa: BLE001 - a sender that dies would hold orders back
            self._lanes.take(parcel)
            where = f"sender of {self._session}"
            self._tell(Fault(where=where, error=f"{type(error).__name__}: {error}"))

    def _deliver(self, parcel: Parcel, durable_ns: int) -> None:
        message = parcel.message
        if self._interval_ns:
            self._next_ns = time.monotonic_ns() + self._interval_ns
        number = None
        if parcel.connection == self._connection:
            number = self._wire.send(self._session, message.text)
        if number is None:
            self._tell_not_sent(message, f"{self._session} went down before it was handed over")
            return
        self._note(
            Sent(
                session=self._session,
                epoch=number[0],
                seq=number[1],
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                received_ns=parcel.received_ns,
                stepped_ns=parcel.stepped_ns,
                durable_ns=durable_ns,
                sent_ns=self._clock_ns(),
            )
        )

    def _tell_not_sent(self, message: Send, reason: str) -> None:
        self._tell(
            NotSent(
                session=self._session,
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                reason=reason,
            )
        )

    def _pace(self) -> None:
        """Wait until the counterparty's shortest interval since the last message is over."""
        now = time.monotonic_ns()
        if now < self._next_ns:
            time.sleep((self._next_ns - now) / 1e9)
