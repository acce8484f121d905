"""The process of the doors: ``python -m fix_oms.forwarder``, started by the engine only.

Its standard input is the engine: when that ends, however the engine ends, so does this process.
Its standard output is what the engine is told; nothing else is written there.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from fix_oms.forwarder import talk
from fix_oms.forwarder.outward import Outward

LOOK_S: Final = 3600.0
"""How often certificates are looked at."""
LONGEST_LINE: Final = 1 << 24


class Process:
    """The doors of one process, and its talk with the engine."""

    def __init__(self) -> None:
        self._doors: dict[str, Outward] = {}

    async def run(self) -> None:
        """Until the engine is gone."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        setup = talk.order(await reader.readline())
        assert isinstance(setup, talk.Setup)
        for fd, door in setup.doors:
            listener = socket.socket(fileno=fd)
            listener.setblocking(False)
            made = Outward(door, listener, self.tell)
            self._doors[door.name] = made
            await made.start()
        self._every(LOOK_S, self._look)
        self._every(talk.BEAT_S, self._beat)
        while line := await reader.readline():
            said = talk.order(line)
            if isinstance(said, talk.Dial):
                self._doors[said.door].dial()

    def tell(self, event: talk.Event) -> None:
        """Write a line. An engine that is gone ends us by our input."""
        sys.stdout.buffer.write(talk.line(event))
        sys.stdout.buffer.flush()

    def _every(self, seconds: float, act: Callable[[], None]) -> None:
        act()
        asyncio.get_running_loop().call_later(seconds, self._every, seconds, act)

    def _look(self) -> None:
        for door in self._doors.values():
            door.look()

    def _beat(self) -> None:
        carried = sum(len(door.carried) for door in self._doors.values())
        self.tell(talk.Beat(carried=carried))


def main() -> int:
    """The exit code: 0 when the engine has gone, 1 when what it said makes no sense."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the engine's: it still has to log out through us
    try:
        asyncio.run(Process().run())
    except BrokenPipeError:
        return 0
    except msgspec.DecodeError as error:
        sys.stderr.write(f"fix_oms.forwarder: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
