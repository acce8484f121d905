"""A whole house in this process: a real engine on a real journal, its control socket, its mirror.

The broker is the test: it sees what leaves, and says what it wants by FIX text. The control socket
has a door in front, which can lose replies, refuse, and cut everybody off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fix_oms.client import Oms, Order, connect
from fix_oms.followers.mirror import Mirror
from fix_oms.model import inputs, protocol
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import ExecutionReport, MarketDataSnapshot, MDEntry, Message
from fix_oms.model.units import SCALE, fixed
from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from fix_oms.wire import Codec, fields
from tests.server.world import World

WAIT_S: Final = 20.0


class House:
    """``world`` is the engine's: its runner, its journal, the peer behind ALPHA."""

    def __init__(self, directory: Path) -> None:
        self.directory: Final = directory
        self.path: Final = directory / "door.sock"
        (directory / "journal").mkdir()
        self.world: Final = World(directory / "journal")
        self._behind: Final = directory / "oms.sock"
        at = protocol.StreamAt(path=str(directory / "m.stream"), pid=os.getpid())
        process = Process(run=1, config="c", journal="j", durability="process", stream=lambda: at)
        self.control: Final = ControlServer(self._behind, self.world.runner, process)
        self._seq = 0
        self._execs = 0
        self.loses = 0
        """So many replies to orders and cancels are lost, with their connection."""
        self.drops = 0
        """So many orders and cancels never arrive."""
        self._open: Final[set[asyncio.StreamWriter]] = set()

    async def start(self) -> None:
        self.control.start()
        self.start_mirror()
        self._door = await asyncio.start_unix_server(self._pass, self.path)

    def start_mirror(self) -> None:
        made = Mirror(self.directory / "journal", self.directory / "m.stream")
        made.start()
        self._mirror, self._stops = made, threading.Event()
        self._turning = threading.Thread(target=self._turn, args=(made, self._stops), daemon=True)
        self._turning.start()

    @staticmethod
    def _turn(mirror: Mirror, stops: threading.Event) -> None:
        while not stops.is_set():
            mirror.turn()
        mirror.close()

    def stop_mirror(self) -> None:
        self._stops.set()
        self._turning.join(WAIT_S)

    async def stop(self) -> None:
        self._door.close()
        self.cut()
        self.stop_mirror()
        self.control.stop()
        self.world.close()

    # -- the door -------------------------------------------------------------------------------

    def cut(self) -> None:
        """Every connection to the engine ends."""
        for writer in self._open:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, engine = await asyncio.open_unix_connection(self._behind)
        self._open.update((writer, engine))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                asked = await self._frame(reader)
                is_order = b"submit" in asked[:20]
                if is_order and self.drops:
                    self.drops -= 1
                    break
                engine.write(asked)
                reply = await self._frame(behind)
                if is_order and self.loses:
                    self.loses -= 1
                    break
                writer.write(reply)
                await writer.drain()
        writer.close()
        engine.close()
        self._open.difference_update((writer, engine))

    @staticmethod
    async def _frame(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readexactly(protocol.HEAD_SIZE)
        return head + await reader.readexactly(protocol.body_size(head))

    # -- the broker -----------------------------------------------------------------------------

    def left(self, msg_type: str = "D") -> list[dict[int, str]]:
        """The messages of this type that have left, as fields."""
        found = [dict(fields(text)) for text in tuple(self.world.peer.got)]
        return [message for message in found if message[35] == msg_type]

    def say(self, message: Message) -> None:
        """The broker says this."""
        self._seq += 1
        body = Codec(FixVersion.FIX44).encode(message)
        text = f"8=FIX\x019=0\x01{body}34={self._seq}\x0110=000\x01"
        self.world.runner.submit(inputs.FixIn(session="ALPHA", text=text, expected=self._seq))

    def report(self, cl_ord_id: str, exec_type: str, status: str, **more: Any) -> None:
        """An ExecutionReport; ``cum``, ``leaves`` and ``last`` are whole, ``px`` is text."""
        self._execs += 1
        told = {"cum": 0, "leaves": 0, "last": None, "px": "10", "side": "1", **more}
        last, px = told.pop("last"), told.pop("px")
        cum, leaves = told.pop("cum"), told.pop("leaves")
        self.say(
            ExecutionReport(
                cl_ord_id=cl_ord_id,
                order_id=f"O-{cl_ord_id}",
                exec_id=f"E{self._execs}",
                exec_type=exec_type,
                ord_status=status,
                cum_qty=cum * SCALE,
                leaves_qty=leaves * SCALE,
                avg_px=fixed(px) if cum else 0,
                last_qty=None if last is None else last * SCALE,
                last_px=None if last is None else fixed(px),
                symbol="AAPL",
                transact_time=self.world.clock_ns,
                **told,
            )
        )

    def quote(self, bid: str, offer: str) -> None:
        """A book of AAPL, some levels of 100 deep."""
        entries = []
        for kind, best, step in (("0", bid, -1), ("1", offer, 1)):
            for n in range(3):
                px = fixed(best) + step * n * SCALE // 100
                entries.append(MDEntry(entry_type=kind, price=px, size=100 * SCALE))
        self.say(MarketDataSnapshot(symbol="AAPL", entries=tuple(entries)))


@asynccontextmanager
async def house(directory: Path, **options: Any) -> AsyncIterator[tuple[House, Oms]]:
    """A house, and a program that is connected to it."""
    made = House(directory)
    try:
        await made.start()
        async with await connect(made.path, by="ann", **{"timeout_s": WAIT_S, **options}) as oms:
            yield made, oms
    finally:
        await made.stop()


Body = Callable[[House, Oms], Awaitable[None]]


def run(directory: Path, body: Body, **options: Any) -> None:
    async def all_of_it() -> None:
        async with house(directory, **options) as (made, oms):
            await body(made, oms)

    asyncio.run(all_of_it())


async def working(made: House, oms: Oms, qty: int = 100, **more: Any) -> Order:
    """An order that the broker has acknowledged."""
    order = await oms.limit_order("AAPL", qty, "10", venue="ALPHA", **more)
    side = "1" if qty > 0 else "2"
    made.report(order.cl_ord_id, "0", "0", leaves=abs(qty), side=side)
    return await oms.answered(order)
