"""The feeds of market data: a thread each that reads a file as it grows, or datagrams.

Each message becomes one input of the engine, journaled as every other. What cannot be read is told
and left out, and the feed goes on: the first of it at once, then at most once in
:data:`TOLD_EVERY_S`, with how much else there was. A feed whose messages are numbered has a gap
then, by which the engine knows that its book is not whole.

A file is read from its start, so that a book is there after a restart. One that is cut, or replaced
by another (rotated), is read from its start again, with an alert.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Final, Protocol

from fix_oms.model.errors import FixOmsError, JournalError
from fix_oms.model.feeds import Feed, udp_address
from fix_oms.model.inputs import BookUpdate, Input
from fix_oms.model.outputs import Alert
from fix_oms.model.settings import Settings
from fix_oms.server.feed_text import told

TOLD_EVERY_S: Final = 10.0
LONGEST: Final = 1 << 20
"""A message may be so many bytes; a longer line is left out."""
_LOOK_S: Final = 0.05
"""How often a file is looked at, and a thread sees that it is to stop."""
_RECEIVED: Final = 4 << 20
"""Room for datagrams that wait, as far as the system grants it."""


class Takes(Protocol):
    """Who takes the inputs: the runner."""

    def input(self, value: Input, received_ns: int) -> None: ...


class Feeds:
    """All feeds of a configuration. Raises FixOmsError where an address cannot be listened at."""

    def __init__(
        self,
        settings: Settings,
        runner: Takes,
        *,
        clock_ns: Callable[[], int],
        alert: Callable[[Alert], None],
    ) -> None:
        self._stopping: Final = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        try:
            for feed in settings.feeds.values():
                symbols = {
                    i.symbol for i in settings.instruments.values() if feed.venue in i.venues
                }
                intake = Intake(feed, symbols, runner, clock_ns, alert)
                run = self._udp(feed, intake) if feed.udp is not None else self._file(feed, intake)
                name = f"feed {feed.name}"
                self._threads.append(threading.Thread(target=run, name=name, daemon=True))
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float) -> None:
        """End. What has not been read by then is not taken."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)
        self.close()

    def close(self) -> None:
        """Listen no more."""
        for opened in self._sockets:
            opened.close()

    def _file(self, feed: Feed, intake: Intake) -> Callable[[], None]:
        return Follower(Path(feed.file or ""), intake, self._stopping).run

    def _udp(self, feed: Feed, intake: Intake) -> Callable[[], None]:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sockets.append(opened)
        host, port = udp_address(feed.udp or "")
        try:
            if IPv4Address(host).is_multicast:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((host, port))
            if IPv4Address(host).is_multicast:
                group = struct.pack("4sL", socket.inet_aton(host), socket.INADDR_ANY)
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        except OSError as error:
            at = f"feeds.{feed.name}.udp: cannot listen at {feed.udp}"
            raise FixOmsError(f"{at}: {error.strerror or error}") from None
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
        opened.settimeout(_LOOK_S)
        return lambda: _receive(opened, intake, self._stopping)


class Intake:
    """Makes inputs of one feed's messages, and tells what is wrong with the others."""

    def __init__(
        self,
        feed: Feed,
        symbols: Collection[str],
        runner: Takes,
        clock_ns: Callable[[], int],
        alert: Callable[[Alert], None],
    ) -> None:
        self.feed: Final = feed
        self._symbols: Final = symbols
        self._runner: Final = runner
        self._clock_ns: Final = clock_ns
        self._alert: Final = alert
        self._told_s = float("-inf")
        self._untold = 0
        self._strange = False

    def take(self, data: bytes, where: str) -> bool:
        """One message, of which ``where`` says where it stood. False: the journal takes no more."""
        try:
            update = told(data, self.feed)
        except ValueError as error:
            self.wrong(f"{where}: {error}")
            return True
        if update.symbol not in self._symbols:
            self._unknown(update, where)
            return True
        try:
            self._runner.input(update, self._clock_ns())
        except JournalError:
            return False  # who wrote it has told, and the process ends
        return True

    def wrong(self, text: str) -> None:
        """Something cannot be taken: told, unless that was just done."""
        now = time.monotonic()
        if now - self._told_s < TOLD_EVERY_S:
            self._untold += 1
            return
        more = f" (and {self._untold} more since)" if self._untold else ""
        self._told_s, self._untold = now, 0
        self.tell(f"{text}{more}")

    def tell(self, text: str) -> None:
        """Tell people, each time."""
        name = self.feed.name
        self._alert(
            Alert(severity="warning", code="feed", text=f"feed {name}: {text}", subject=name)
        )

    def _unknown(self, update: BookUpdate, where: str) -> None:
        """Said once: a feed of a whole market tells of thousands that nobody here trades."""
        if not self._strange:
            self._strange = True
            self.tell(
                f"{where}: symbol: {update.symbol[:40]!r} is no instrument that trades at "
                f"{self.feed.venue}: it is left out, and others like it"
            )


def _receive(opened: socket.socket, intake: Intake, stopping: threading.Event) -> None:
    number = 0
    while not stopping.is_set():
        try:
            data = opened.recv(1 << 16)
        except TimeoutError:
            continue
        except OSError as error:
            if not stopping.is_set():
                intake.wrong(f"{intake.feed.udp} cannot be read: {error.strerror or error}")
                stopping.wait(_LOOK_S)
            continue
        number += 1
        if not intake.take(data, f"datagram {number}"):
            return


class Follower:
    """Reads the lines of a file from its start, and goes on as it grows."""

    def __init__(self, path: Path, intake: Intake, stopping: threading.Event) -> None:
        self._path: Final = path
        self._intake: Final = intake
        self._stopping: Final = stopping
        self._file: IO[bytes] | None = None
        self._line = 0
        self._begun = b""
        self._too_long = False
        self._lost = False

    def run(self) -> None:
        """Until it is to stop."""
        while not self._stopping.is_set():
            try:
                if not self._look():
                    return
                self._lost = False
            except OSError as error:
                self._close()
                if not self._lost:  # once, however long it stays away
                    self._lost = True
                    self._intake.tell(f"{self._path} cannot be read: {error.strerror or error}")
            self._stopping.wait(_LOOK_S)
        self._close()

    def _look(self) -> bool:
        """Read what is there by now. False: the journal takes no more."""
        if self._file is None:
            self._file = self._path.open("rb")
            self._line, self._begun, self._too_long = 0, b"", False
        if not self._read(self._file):
            return False
        there, read = os.stat(self._path), os.fstat(self._file.fileno())
        if (there.st_dev, there.st_ino) != (read.st_dev, read.st_ino):
            if not self._read(self._file):  # what came before the other took its name
                return False
            self._again("was replaced by another file")
        elif there.st_size < self._file.tell():
            self._again(f"was cut from {self._file.tell()} to {there.st_size} bytes")
        return True

    def _again(self, what: str) -> None:
        self._close()
        self._intake.tell(f"{self._path} {what} after line {self._line}: read from its start again")

    def _read(self, file: IO[bytes]) -> bool:
        while not self._stopping.is_set() and (piece := file.read(LONGEST)):
            *whole, self._begun = (self._begun + piece).split(b"\n")
            for line in whole:
                self._line += 1
                where = f"{self._path}:{self._line}"
                if self._too_long or len(line) > LONGEST:
                    self._too_long = False
                    self._intake.wrong(f"{where}: the line is longer than {LONGEST} bytes")
                elif line.strip() and not self._intake.take(line, where):
                    return False
            if len(self._begun) > LONGEST:
                self._begun, self._too_long = b"", True
        return True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
