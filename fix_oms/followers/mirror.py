"""The mirror: a process that follows a journal and serves the live stream of it (``model.stream``).

It only ever reads the journal, as any follower does, so whatever becomes of it the engine neither
waits nor knows. It brings an engine of its own to the journal's end, from the newest snapshot that
can be used, and from there on takes each record as it is appended. So it works beside a running
engine, and as well beside one that is dead.

One thread does everything in turn: take what is new (a few records), queue what that changes,
send what sockets take without waiting, look who has asked for something. Nothing in it blocks but
the one wait for sockets, which is as long as the journal has been still: half a millisecond at
first, five after a while. That costs some percent of a processor while records come, and less than
one when none do.

Whoever connects must be our user or root, as at the control socket.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

import fix_oms
from fix_oms.followers.feed import PAGE_ROOM, Feed
from fix_oms.followers.recent import MOST_BYTES, Recent
from fix_oms.followers.subscriber import Subscriber
from fix_oms.followers.tracked import Tracked, head_of
from fix_oms.journal.follower import Place
from fix_oms.journal.recovery import Recovery
from fix_oms.journal.segments import listed
from fix_oms.journal.uncollected import uncollected
from fix_oms.local.unix_socket import Listener, SocketInUse, is_ours, peer
from fix_oms.model import protocol, stream
from fix_oms.model.stream import ALIVE_S, MOST_QUEUED, SWEPT_S

MOST_SUBSCRIBERS: Final = 64
GREET_S: Final = 10.0
"""Who has not subscribed by then is shown out."""
FEW: Final = 50
"""Records taken in one piece: some milliseconds."""
TAIL_BYTES: Final = 16 << 20
"""Of so much of the journal before its end the deltas are kept at the start, for who comes back."""
PAUSES_S: Final = ((0.25, 0.0005), (2.0, 0.002), (float("inf"), 0.005))
"""How long to wait for sockets, by how long the journal has been still."""
SWEEP_SHARE: Final = 20
"""Of the time, no more than one part in so many goes into sweeping."""
THOROUGH_S: Final = 0.25
PACKED: Final = 1_000
PATIENCE_S: Final = 10.0
"""So long the mirror of a dead engine may take to let go of the socket."""
_QUICKEST_SWEEP_S: Final = 0.002
_AGAIN_S: Final = 0.02
_NICE: Final = 5
_STDIN: Final = 0
_READ: Final = selectors.EVENT_READ
_WRITE: Final = selectors.EVENT_WRITE
_log = structlog.get_logger("mirror")


class Mirror:
    """Serves the journal in ``directory`` at the socket ``path`` from :meth:`start` to
    :meth:`close`. Raises JournalError, SocketError."""

    def __init__(
        self,
        directory: Path,
        path: Path,
        *,
        settle: Callable[[], None] = lambda: None,
        most_queued: int = MOST_QUEUED,
        most_recent: int = MOST_BYTES,
    ) -> None:
        """``settle`` is called now and then, when there is time (``server.memory``)."""
        self._directory: Final = directory
        self._path: Final = path
        self._settle: Final = settle
        self._most_queued: Final = most_queued
        self._most_recent: Final = most_recent
        self._selector: Final = selectors.SelectSelector()  # epoll cannot wait half a millisecond
        self._listener: Listener | None = None
        self._stopping = False
        self._taken_s = self._swept_s = self._thorough_s = self._settled_s = time.monotonic()
        self._sweep_due_s = 0.0
        self._unswept = self._unlooked = True
        self._mismatches = 0

    # -- start and stop -------------------------------------------------------------------------

    def start(self, patience_s: float = 0.0) -> None:
        """Come to the journal's end, then listen. So long it waits for another that still does."""
        began_s = time.monotonic()
        recovery = self._recovery = Recovery.of(self._directory, _tell_unusable)
        try:
            with uncollected():
                while _bytes_behind(self._directory, recovery.place) > TAIL_BYTES:
                    batch = recovery.poll()
                    if not batch:
                        break
                    recovery.replayer.take(batch)
                    recovery.engine.pack(recovery.replayer.last_ns)
                self.feed = self._fed()
                recovery.replayer.watch = self.feed.took
                while self._follow():
                    recovery.engine.pack(recovery.replayer.last_ns)
            self._listener = self._listening(time.monotonic() + patience_s)
        except BaseException:
            recovery.close()
            raise
        self._listener.socket.setblocking(False)
        self._selector.register(self._listener.socket, _READ)
        took_s = round(time.monotonic() - began_s, 2)
        records = recovery.replayer.index
        _log.info("the mirror listens", path=str(self._path), records=records, seconds=took_s)

    def _fed(self) -> Feed:
        """What is told begins with the record after the one where the recovery stands."""
        replayer, place = self._recovery.replayer, self._recovery.place
        head = head_of(place.head) if place is not None else ""
        through = replayer.index - 1
        tracked = Tracked(self._recovery.engine, through, replayer.last_ns, head)
        return Feed(tracked, Recent(through, head, self._most_recent))

    def _listening(self, until_s: float) -> Listener:
        while True:
            try:
                what, shorten = "mirror's socket", "engine.socket, or give --socket"
                return Listener(
                    self._path, MOST_SUBSCRIBERS, what=what, owner="a mirror", shorten=shorten
                )
            except SocketInUse:
                if time.monotonic() > until_s:
                    raise
            time.sleep(_AGAIN_S)
            self._follow()

    def run(self, *, while_stdin: bool) -> None:
        """Serve until :meth:`stop`, or until standard input ends. Raises JournalError."""
        if while_stdin:
            self._selector.register(_STDIN, _READ)
        while not self._stopping:
            self.turn()
        self._follow_all()  # what the engine wrote at its end
        for subscriber in self.feed.subscribers:
            subscriber.send()

    def stop(self) -> None:
        """Let :meth:`run` return. Safe in a signal handler."""
        self._stopping = True

    def close(self) -> None:
        """Let go of everybody, and of the journal."""
        for subscriber in list(self.feed.subscribers):
            self._drop(subscriber)
        if self._listener is not None:
            self._listener.unlink()
            self._listener.socket.close()
        self._selector.close()
        self._recovery.close()

    # -- one turn -------------------------------------------------------------------------------

    def turn(self) -> None:
        """Take what is new, tell it, send it, listen."""
        now_s = self.feed.now_s = time.monotonic()
        taken = self._follow_all()
        if taken:
            self._taken_s, self._unswept, self._unlooked = now_s, True, True
        self._sweep(still=not taken)
        self.feed.tend()
        self._send()
        for key, events in self._selector.select(self._pause_s()):
            self._attend(key, events)
        if now_s - self._settled_s >= ALIVE_S:
            self._settled_s = now_s
            self._recovery.engine.pack(self._recovery.replayer.last_ns, most=PACKED)
            self._settle()

    def _follow_all(self) -> int:
        """Take what the journal has by now, a few records at a time, and send what that changes."""
        taken = 0
        for batch in iter(self._recovery.poll, []):
            for begin in range(0, len(batch), FEW):
                self._recovery.replayer.take(batch[begin : begin + FEW])
                self.feed.settle()
                self._send()
            taken += len(batch)
            if self.feed.subscribers:
                break  # whoever waits for a page or to be heard has a turn
        self._tell_mismatches()
        return taken

    def _follow(self) -> int:
        """The same before anybody listens."""
        batch = self._recovery.poll()
        self._recovery.replayer.take(batch)
        return len(batch)

    def _tell_mismatches(self) -> None:
        """This engine is not the one that wrote the journal: what it shows may differ."""
        found = self._recovery.replayer.mismatches
        for text in found[self._mismatches :]:
            _log.error("the replay differs from what left", what=text)
        self._mismatches = len(found)

    def _sweep(self, *, still: bool) -> None:
        """As soon as the journal is still, and now and then while it is not."""
        now_s = time.monotonic()
        since_s = now_s - self._thorough_s
        thorough = since_s >= ALIVE_S or (self._unlooked and since_s >= THOROUGH_S)
        now = still or now_s - self._swept_s >= SWEPT_S
        if not (thorough or (self._unswept and now)) or now_s < self._sweep_due_s:
            return
        passed_ns = int((now_s - self._taken_s) * 1e9)  # time goes on for books and quotes
        self.feed.sweep(self.feed.tracked.time_ns + passed_ns, thorough=thorough)
        self._swept_s, self._unswept = now_s, False
        if thorough:
            self._thorough_s, self._unlooked = now_s, False
        took_s = time.monotonic() - now_s
        self._sweep_due_s = now_s + max(_QUICKEST_SWEEP_S, SWEEP_SHARE * took_s)

    def _pause_s(self) -> float:
        if any(s.pages is not None and s.queued < PAGE_ROOM for s in self.feed.subscribers):
            return 0.0
        still_s = time.monotonic() - self._taken_s
        return next(pause_s for for_s, pause_s in PAUSES_S if still_s < for_s)

    # -- sockets --------------------------------------------------------------------------------

    def _send(self) -> None:
        for subscriber in list(self.feed.subscribers):
            late = not subscriber.subscribed and self.feed.now_s - subscriber.since_s > GREET_S
            gone = bool(subscriber.queued) and not subscriber.send()
            if late or gone or (subscriber.closing and not subscriber.queued):
                self._drop(subscriber)
            elif subscriber.waits != bool(subscriber.queued):
                subscriber.waits = bool(subscriber.queued)
                events = _READ | _WRITE if subscriber.waits else _READ
                self._selector.modify(subscriber.connection, events, subscriber)

    def _attend(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj == _STDIN:
            if not os.read(_STDIN, 4096):
                self._stopping = True
        elif isinstance(key.data, Subscriber):
            if events & _READ and key.data in self.feed.subscribers:
                self._hear(key.data)
        elif self._listener is not None:
            self._accept(self._listener.socket)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError as error:
            _log.warning("accept failed", error=str(error))
            return
        pid, uid = peer(connection)
        if not is_ours(uid):
            _log.warning("a foreign user was refused", uid=uid, pid=pid, path=str(self._path))
            connection.close()
            return
        subscriber = Subscriber(connection, self.feed.now_s, self._most_queued)
        self.feed.subscribers.append(subscriber)
        self._selector.register(connection, _READ, subscriber)
        if len(self.feed.subscribers) > MOST_SUBSCRIBERS:
            self._fail(subscriber, "busy", f"there are {MOST_SUBSCRIBERS} subscribers already")

    def _hear(self, subscriber: Subscriber) -> None:
        try:
            bodies = subscriber.read()
        except protocol.FrameError as error:
            self._fail(subscriber, "frame", str(error))
            return
        if bodies is None:
            self._drop(subscriber)
            return
        for body in bodies:
            if subscriber.closing:
                return
            try:
                asked = stream.stream_request(body)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                code = "request" if subscriber.greeted else "frame"
                self._fail(subscriber, code, f"not a request of the stream: {error}")
                return
            self._answer(subscriber, asked)

    def _answer(self, subscriber: Subscriber, asked: stream.StreamRequest) -> None:
        wrong = ""
        if not subscriber.greeted:
            self._greet(subscriber, asked)
        elif isinstance(asked, stream.Subscribe):
            wrong = self.feed.subscribe(subscriber, asked)
        elif isinstance(asked, stream.WatchBooks):
            wrong = self.feed.watch(subscriber, asked)
        else:
            wrong = "Hello was said already"
        if wrong:
            self._fail(subscriber, "request", wrong)

    def _greet(self, subscriber: Subscriber, hello: stream.StreamRequest) -> None:
        if not isinstance(hello, protocol.Hello):
            self._fail(subscriber, "frame", "the first frame must be Hello")
        elif hello.protocol != protocol.PROTOCOL:
            text = (
                f"the mirror (fix_oms {fix_oms.__version__}) speaks protocol {protocol.PROTOCOL}, "
                f"the client (fix_oms {hello.version}) speaks {hello.protocol}: use one release"
            )
            self._fail(subscriber, "protocol", text)
        else:
            subscriber.greeted = True
            welcome = protocol.Welcome(
                protocol=protocol.PROTOCOL, version=fix_oms.__version__, pid=os.getpid()
            )
            subscriber.give(protocol.frame(welcome), self.feed.now_s)

    def _fail(self, subscriber: Subscriber, code: str, text: str) -> None:
        """Tell it, and end it: what it asks for would be refused again."""
        failed = protocol.Failed(code=code, text=text)
        subscriber.give(protocol.frame(failed), self.feed.now_s)
        subscriber.closing = True

    def _drop(self, subscriber: Subscriber) -> None:
        self.feed.subscribers.remove(subscriber)
        with contextlib.suppress(KeyError):
            self._selector.unregister(subscriber.connection)
        subscriber.connection.close()


def serve(mirror: Mirror, quieten: Callable[[], None], *, while_stdin: bool) -> None:
    """Start it and serve until a signal says stop, or standard input ends, which is how an engine
    holds its own mirror. Raises JournalError, SocketError.
    """
    if while_stdin:
        os.nice(_NICE)
    mirror.start(PATIENCE_S if while_stdin else 0.0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: mirror.stop())
    quieten()
    try:
        mirror.run(while_stdin=while_stdin)
    finally:
        mirror.close()


def _bytes_behind(directory: Path, place: Place | None) -> int:
    """How much of the journal is still to be read."""
    size = 0
    for file in listed(directory):
        if place is None or file.path.name >= place.segment:
            size += file.path.stat().st_size
    return size - (place.offset if place is not None else 0)


def _tell_unusable(text: str) -> None:
    _log.warning("a snapshot cannot be used", what=text)
