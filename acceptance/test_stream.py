"""The live stream over real processes: engine, venue and mirror, each killed in turn.

A program holds what the stream told it. Whatever died meanwhile, in the end it holds what the
engine says when it is asked, and it has been told how each order ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from acceptance.site import Site, site
from fix_oms.client import Client, Stream, StreamDown, StreamUp
from fix_oms.model import inputs
from fix_oms.model.stream import Delta, Snapshot
from fix_oms.model.units import SCALE
from fix_oms.simulator.acts import Fill
from tests.followers.held import Held
from tests.server.test_scribe import is_gone

WAIT_S: Final = 60.0


class Program:
    """A program that shows what it was told. ``mirror`` is the pid of its mirror, 0: none."""

    def __init__(self) -> None:
        self.held: Final = Held()
        self.mirror = 0
        self.downs = 0
        self.changed: Final = asyncio.Condition()

    async def follow(self, stream: Stream) -> None:
        async for event in stream:
            async with self.changed:
                if isinstance(event, Snapshot | Delta):
                    self.held.take(event)
                elif isinstance(event, StreamUp):
                    self.mirror = event.pid
                elif isinstance(event, StreamDown):
                    self.mirror, self.downs = 0, self.downs + 1
                self.changed.notify_all()

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_S), self.changed:
            await self.changed.wait_for(true)


@asynccontextmanager
async def following(running: Site) -> AsyncIterator[Program]:
    program = Program()
    async with Stream(running.directory / "oms.sock") as stream:
        task = asyncio.create_task(program.follow(stream))
        await program.until(lambda: program.held.complete)
        yield program
    await task


def said(client: Client) -> dict[str, Any]:
    """What the engine answers when asked."""
    return {
        "orders": {order.reference: order for order in client.orders()},
        "fills": {(fill.order, fill.key): fill for fill in client.fills()},
        "positions": {(p.account, p.symbol): p for p in client.positions()},
    }


def fill(name: str, qty: int) -> Fill:
    return Fill(order=name, quantity=qty * SCALE, price=149 * SCALE)


async def same(running: Site, program: Program) -> None:
    """Wait until the program has what the engine says."""
    with running.client() as client:
        index = client.outcome(inputs.SetReference(by="t", symbol="AAPL", price=150 * SCALE))
        await program.until(lambda: program.held.complete and program.held.through >= index.index)
        facts = said(client)
        await program.until(lambda: {n: program.held.facts()[n] for n in facts} == facts)


async def lives(running: Site) -> None:
    """Orders and fills; the mirror is killed; more; the engine is killed and comes back; more."""
    do = asyncio.to_thread
    async with following(running) as program:
        names = [await do(running.buy), await do(running.buy)]
        await do(running.venue, fill(names[0], 30))
        await same(running, program)

        first = program.mirror
        os.kill(first, signal.SIGKILL)
        await do(running.venue, fill(names[0], 70))
        names.append(await do(running.buy))
        await program.until(lambda: program.mirror not in (0, first))
        await same(running, program)

        second = program.mirror
        running.kill("engine")
        await program.until(lambda: program.mirror == 0)
        await do(running.until, lambda: is_gone(second))
        await do(running.venue, fill(names[1], 100))
        await do(running.start, "engine")
        await program.until(lambda: program.mirror != 0)
        names.append(await do(running.buy))
        await same(running, program)
        ended = [program.held.states[name][-1][0] for name in names[:2]]
        assert ended == ["2", "2"]
        assert program.downs >= 2


def test_what_a_program_holds_is_right_whatever_is_killed(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.start("venue", "engine")
        asyncio.run(lives(running))
