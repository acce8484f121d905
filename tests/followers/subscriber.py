"""A subscriber for tests, over a real socket: it says what the test says, and reads when asked to.

The mirror lives in the same thread and takes its turns by hand, so a test decides who acts when.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fix_oms.followers.mirror import Mirror
from fix_oms.journal.writer import JournalWriter
from fix_oms.model import inputs, protocol, stream
from fix_oms.model.stream import Delta, Lagging, Snapshot, Subscribe
from tests.followers.held import Held
from tests.journal.days import Log
from tests.journal.made import opened


class Beside:
    """A journal that grows by a desk's inputs, and a mirror of it."""

    def __init__(self, directory: Path, log: Log, **limits: Any) -> None:
        self.journal: Final = directory / "journal"
        self.path: Final = directory / "m.stream"
        self.log: Final = log
        self.written = 0
        self._limits: Final[dict[str, Any]] = limits
        self.journal.mkdir(exist_ok=True)
        self._writer: Final[JournalWriter] = opened(self.journal)
        self.mirror = self._mirror()

    def _mirror(self) -> Mirror:
        made = Mirror(self.journal, self.path, **self._limits)
        made.start()
        return made

    def write(self, count: int) -> None:
        """The engine goes on."""
        for now, value in self.log[self.written : self.written + count]:
            self._writer.append(now, inputs.encode(value))
            self.written += 1

    def turns(self, count: int = 3) -> None:
        for _ in range(count):
            self.mirror.turn()

    def again(self) -> None:
        """The mirror ends, and another one starts."""
        self.mirror.close()
        self.mirror = self._mirror()

    def close(self) -> None:
        self.mirror.close()
        self._writer.close()

    def shown(self) -> Any:
        """The mirror's engine, which the journal's own tests compare with the engine's."""
        tracked = self.mirror.feed.tracked
        return tracked.engine.shown(tracked.time_ns)


class Peer:
    """One connection, and what came of it by now."""

    def __init__(self, beside: Beside, held: Held | None = None, *, hello: bool = True) -> None:
        self._beside: Final = beside
        self.held: Final = held if held is not None else Held()
        self.said: Final[list[Any]] = []
        self._received = bytearray()
        self._socket: Final = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(beside.path))
        self._socket.setblocking(False)
        beside.turns()
        self._mine: Final = beside.mirror.feed.subscribers[-1]
        if hello:
            self.say(protocol.Hello(protocol=protocol.PROTOCOL, version="test"))
            self.read()

    def say(self, message: Any) -> None:
        self.send(protocol.frame(message))

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)
        self._beside.turns()

    def subscribe(self, **asked: Any) -> None:
        """From where it stands, if it is complete."""
        held = self.held
        if held.complete:
            asked = {"after": held.through, "head": held.head} | asked
        self.say(Subscribe(**asked))

    def read(self) -> bool:
        """Take what has come; the mirror has a turn whenever the socket is empty. False when the
        mirror has closed it."""
        while True:
            try:
                data = self._socket.recv(1 << 20)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                return False
            if not data:
                return False
            self._received += data
            self._events()
            self._beside.turns(1)

    def read_until(self, true: Callable[[], bool]) -> None:
        """The mirror has as many turns as that takes: a few hundred at most."""
        for _ in range(2_000):
            assert self.read(), self.said
            if true():
                return
            self._beside.turns(1)
        raise AssertionError(f"never came: {self.said[-5:]}")

    def up_to_date(self) -> None:
        """Until it has heard of all that is written, swept included."""
        self.read_until(lambda: self.held.complete and self.held.through == self._index())
        feed = self._beside.mirror.feed
        feed.sweep(feed.tracked.time_ns, thorough=True)
        self.read_until(lambda: not self._mine.queued)

    def _index(self) -> int:
        return self._beside.written - 1

    def _events(self) -> None:
        while len(self._received) >= protocol.HEAD_SIZE:
            end = protocol.HEAD_SIZE + protocol.body_size(bytes(self._received[:4]))
            if len(self._received) < end:
                return
            event = stream.stream_event(bytes(self._received[protocol.HEAD_SIZE : end]))
            del self._received[:end]
            if isinstance(event, Snapshot | Delta):
                self.held.take(event)
            elif isinstance(event, Lagging):
                self.held.complete = False
            self.said.append(event)

    def cut(self) -> None:
        self._socket.close()
        self._beside.turns()
