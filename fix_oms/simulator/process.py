"""A venue on real FIX sessions: an acceptor, a journal, a clock, a desk.

Every input, from whichever thread, is taken under one lock: appended to the venue's journal, then
stepped, and what leaves is put into the queue of its session. The put is inside the lock, so what a
session is told is in the order in which it came to be; the send is outside, on one thread for each
session, so a client that stops reading holds up nobody else.

The journal (durability ``process``) is all that a venue remembers; at start it is replayed, and
what it would send is not sent again: QuickFIX keeps sent reports in its file store and repeats them
when asked. A report that a kill -9 caught between journal and store is never sent; whoever misses
it asks for the order's status and is told the truth. What came due while the process was down
happens at the start.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from fix_oms.journal.follower import records
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import FixOmsError, Garbled, SettingsError
from fix_oms.sessions import Acceptors, AcceptorSpec
from fix_oms.simulator import acts, views
from fix_oms.simulator.control import (
    AskBooks,
    AskOrders,
    AskPlay,
    AskState,
    ControlServer,
    Done,
    PlayView,
    Reply,
    Request,
    Say,
)
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.settings import VenueSettings
from fix_oms.simulator.station import (
    Did,
    Gone,
    Input,
    Opened,
    Outgoing,
    Received,
    Station,
    Tick,
    decode,
    encode,
)
from fix_oms.wire import fields

log = logging.getLogger(__name__)

_NS: Final = 1_000_000_000
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def run_name(now_ns: int) -> str:
    """A short text that no other start of a venue has: its millisecond in base 36."""
    number, text = now_ns // 1_000_000, ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


class _Sender(threading.Thread):
    """Sends what is put into its queue, until None."""

    def __init__(self, name: str, send: Callable[[str, str], bool]) -> None:
        super().__init__(name=f"venue to {name}", daemon=True)
        self.queue: Final[queue.SimpleQueue[str | None]] = queue.SimpleQueue()
        self._to: Final = name
        self._send: Final = send

    def run(self) -> None:
        while (text := self.queue.get()) is not None:
            try:
                if not self._send(self._to, text):
                    log.warning("%s: a report was not taken by the session", self._to)
            except Exception as error:  # noqa: BLE001 - QuickFIX's own too: one bad `say` ends no sender
                log.error("%s: a report could not be sent: %s", self._to, error)


class VenueProcess:
    """One venue, from :meth:`start` to :meth:`stop`. ``directory`` is its own."""

    def __init__(
        self,
        name: str,
        settings: VenueSettings,
        directory: Path,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name: Final = name
        self.settings: Final = settings
        self.directory: Final = directory
        self._clock: Final = clock_ns
        self._station: Final = Station(name, settings.version)
        self._lock: Final = threading.Lock()
        self._changed: Final = threading.Condition(self._lock)
        self._logged_on: set[str] = set()
        self._stopping = False
        self._journal: JournalWriter | None = None
        self._control: ControlServer | None = None
        self._timer: Final = threading.Thread(
            target=self._watch_time, name=f"{name} timer", daemon=True
        )
        self._acceptors: Final = Acceptors(
            [
                AcceptorSpec(
                    name=client,
                    version=settings.version,
                    sender_comp_id=settings.comp_id,
                    target_comp_id=client,
                )
                for client in settings.clients
            ],
            self,
            port=settings.port,
            work_dir=directory,
        )
        self._senders: Final = {
            client: _Sender(client, self._acceptors.send) for client in settings.clients
        }

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Remember, listen, answer. Raises JournalError and SessionError; then nothing runs."""
        journal_dir = self.directory / "journal"
        journal_dir.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        now_ns = self._clock()
        day = datetime.fromtimestamp(now_ns / _NS, UTC).date().isoformat()
        self._journal = JournalWriter.open(
            journal_dir, durability="process", now_ns=now_ns, day=day
        )
        try:
            self._replay(journal_dir)
            self._take(Opened(run=run_name(now_ns), settings=self.settings))
            self._acceptors.start()
            self._control = ControlServer(self.directory, self._answer)
        except BaseException:
            self._acceptors.stop()
            self._journal.close()
            raise
        for sender in self._senders.values():
            sender.start()
        self._timer.start()
        self._control.begin()

    def stop(self) -> None:
        """Answer nobody any more, log every session out, close the journal."""
        if self._control is not None:
            self._control.end()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._timer.is_alive():
            self._timer.join()
        for sender in self._senders.values():
            sender.queue.put(None)
            if sender.is_alive():
                sender.join(timeout=2.0)
        self._acceptors.stop()
        if self._journal is not None:
            self._journal.close()

    def _replay(self, journal_dir: Path) -> None:
        for record in records(journal_dir):
            with contextlib.suppress(ActRefused, SettingsError):  # refused then, refused again
                self._station.step(record.time_ns, decode(record.payload))

    # -- what the sessions tell --------------------------------------------------------------------

    def received(self, name: str, text: str) -> None:
        self._take(Received(session=name, text=text))

    def logged_on(self, name: str) -> None:
        self._logged_on.add(name)

    def logged_out(self, name: str) -> None:
        self._logged_on.discard(name)
        if not self._stopping:
            self._take(Gone(session=name))

    # -- inputs ----------------------------------------------------------------------------------

    def _take(self, value: Input) -> int:
        """Journal it, step it, queue what leaves; how many messages that is."""
        with self._changed:
            return self._take_held(value)

    def _take_held(self, value: Input) -> int:
        if self._stopping or self._journal is None:
            return 0  # its sender is told nothing, as by a venue that died a moment earlier
        now_ns = self._clock()
        self._journal.append(now_ns, encode(value))
        before = self._station.next_due(), self._station.stage.moves
        said = self._station.step(now_ns, value)
        self._queue(said)
        if (self._station.next_due(), self._station.stage.moves) != before:
            self._changed.notify_all()
        return len(said)

    def _queue(self, said: list[Outgoing]) -> None:
        for session, text in said:
            sender = self._senders.get(session)
            if sender is not None:  # a client that is no longer in the file is told nothing
                sender.queue.put(text)
        for fault in self._station.unsaid:
            log.error("%s: cannot be said in %s: %s", self.name, self.settings.version, fault)
        self._station.unsaid.clear()

    def _watch_time(self) -> None:
        with self._changed:
            while not self._stopping:
                due_ns = self._station.next_due()
                if due_ns is None:
                    self._changed.wait()
                elif (wait_ns := due_ns - self._clock()) > 0:
                    self._changed.wait(wait_ns / _NS)
                else:
                    self._tick()

    def _tick(self) -> None:
        try:
            self._take_held(Tick())
        except FixOmsError as error:
            log.error("%s: %s; nothing that is due will happen", self.name, error)
            self._changed.wait()

    # -- the desk --------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Reply:
        match request:
            case AskBooks():
                with self._lock:
                    return views.books(self._station.venue, request.symbol)
            case AskOrders():
                with self._lock:
                    return views.orders(self._station.venue)
            case AskState():
                with self._lock:
                    return views.state(self._station.venue, tuple(sorted(self._logged_on)))
            case AskPlay():
                return self._play(request)
            case Say():
                return self._say(request)
            case acts.Play():
                self._must_serve(request.session)
                return Done(sent=self._take(Did(act=request)))
            case _:
                return Done(sent=self._take(Did(act=request)))

    def _say(self, request: Say) -> Done:
        try:
            found = fields(request.text)
        except Garbled as error:
            raise ActRefused(f"is no FIX text: {error}") from None
        if not found or found[0][0] != 35:
            raise ActRefused("a message to say begins with MsgType(35)")
        self._must_serve(request.session)
        with self._lock:
            self._senders[request.session].queue.put(request.text)
        return Done(sent=1)

    def _must_serve(self, session: str) -> None:
        if session not in self._senders:
            known = ", ".join(self._senders)
            raise ActRefused(f"there is no session {session} (there is {known})")

    def _play(self, asked: AskPlay) -> PlayView:
        self._must_serve(asked.session)
        with self._changed:
            view = partial(self._station.stage.view, asked.session)
            self._changed.wait_for(
                lambda: self._stopping or view().at > asked.after or view().is_over,
                asked.wait_ms / 1000,
            )
            return view()


@attrs.frozen
class Fleet:
    """The venues of one file in one process: all of them run, or none."""

    venues: tuple[VenueProcess, ...]

    def start(self) -> None:
        started: list[VenueProcess] = []
        try:
            for venue in self.venues:
                venue.start()
                started.append(venue)
        except BaseException:
            for venue in started:
                venue.stop()
            raise

    def stop(self) -> None:
        stopping = [threading.Thread(target=venue.stop) for venue in self.venues]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
