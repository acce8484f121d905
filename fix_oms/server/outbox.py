"""What leaves: one FIFO for each session, and who empties it (D7a).

The engine's outputs are put into a session's FIFO while the engine's lock is held, so the order on
the wire is the order in the journal. They are taken out with that lock released, because a QuickFIX
call may block for as long as a peer does not read. One thread at a time empties a FIFO, in order:

- the thread that brought the input, where it is one of ours that may block (``flush``): a command's
  own thread sends its own order. A hand-over between threads costs 30 to 50 us, a third of a round
  trip, and buys nothing here;
- else the session's sender thread (``wake``): for what QuickFIX's callbacks cause, which must not
  call QuickFIX's send themselves; where another thread is just sending; and where the counterparty
  wants an interval kept.

A message leaves only when its input is durable, and only over the same connection for which it was
meant: one that waited while the session went down is reported as not sent, never sent late.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from fix_oms.model.inputs import Fault, Input, NotSent, Sent
from fix_oms.model.outputs import Send


class Parcel(NamedTuple):
    """A message on its way out, with its input's record in the journal and its stage times (ns)."""

    message: Send
    record: int
    connection: int
    received_ns: int
    stepped_ns: int


class Wire(Protocol):
    """What takes a message to the peer: the sessions' adapter."""

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        """Epoch and MsgSeqNum(34) under which it left, or None when it did not leave."""


class Outbox:
    """The FIFO of one session and its sender thread."""

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
        self._fifo: Final[deque[Parcel]] = deque()
        self._sending: Final = threading.Lock()
        self._woken: Final = threading.Semaphore(0)
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
        self._fifo.append(Parcel(message, index, self._connection, received_ns, stepped_ns))

    def flush(self) -> None:
        """Send what is queued on this thread, if no other thread does and no interval is kept."""
        if self._interval_ns or not self._sending.acquire(blocking=False):
            # Whoever sends now may have looked into the FIFO before our message was in it.
            self._woken.release()
            return
        try:
            self._drain()
        finally:
            self._sending.release()

    def wake(self) -> None:
        """Let the sender thread send what is queued. Never blocks."""
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
            with self._sending:
                self._drain()

    def _drain(self) -> None:
        """Deliver until the FIFO is empty. The caller holds ``_sending``."""
        while self._fifo:
            parcel = self._fifo.popleft()
            try:
                self._deliver(parcel)
            except Exception as error:  # noqa: BLE001 - a sender that dies would hold orders back
                where = f"sender of {self._session}"
                self._tell(Fault(where=where, error=f"{type(error).__name__}: {error}"))

    def _deliver(self, parcel: Parcel) -> None:
        message = parcel.message
        durable_ns = self._wait_durable(parcel.record)
        if self._interval_ns and parcel.connection == self._connection:
            self._pace()
        number = None
        if parcel.connection == self._connection:
            number = self._wire.send(self._session, message.text)
        if number is None:
            reason = f"{self._session} went down before it was handed over"
            self._tell(
                NotSent(
                    session=self._session,
                    cl_ord_id=message.cl_ord_id,
                    text=message.text,
                    reason=reason,
                )
            )
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

    def _pace(self) -> None:
        """Keep the counterparty's shortest interval between two messages."""
        now = time.monotonic_ns()
        if now < self._next_ns:
            time.sleep((self._next_ns - now) / 1e9)
            now = self._next_ns
        self._next_ns = now + self._interval_ns
