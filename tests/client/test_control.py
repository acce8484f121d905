"""The control connection on an event loop: pipelined, each reply to whom it belongs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import fix_oms
from fix_oms.client import (
    Accepted,
    AsyncControl,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.client.frames import read_frame
from fix_oms.model import protocol
from fix_oms.model.inputs import Halt
from fix_oms.server.control import ControlServer
from tests.client.test_client import order
from tests.server.standin import Standin

Said = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def asking(server: ControlServer, ask: Callable[[AsyncControl], Awaitable[None]]) -> None:
    """Connect, do this, and leave."""

    async def run() -> None:
        async with await AsyncControl.connect(server.path, timeout_s=60.0) as engine:
            await ask(engine)

    asyncio.run(run())


@asynccontextmanager
async def peer(path: Path, said: Said) -> AsyncIterator[None]:
    """A server that greets and then does as it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader)
        welcome = protocol.Welcome(protocol=protocol.PROTOCOL, version="x", pid=1)
        writer.write(protocol.frame(welcome))
        try:
            await said(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_unix_server(serve, path):
        yield


def test_the_engines_release_and_pid_are_known_after_the_hello(server: ControlServer) -> None:
    async def ask(engine: AsyncControl) -> None:
        assert (engine.engine_version, engine.engine_pid) == (fix_oms.__version__, os.getpid())

    asking(server, ask)


def test_an_outcome_tells_the_record_of_its_command(
    server: ControlServer, standin: Standin
) -> None:
    async def ask(engine: AsyncControl) -> None:
        first, second = await engine.outcome(order()), await engine.outcome(order())
        assert isinstance(first.answer, Accepted)
        assert (first.index, second.index) == (0, 1)
        batch = await engine.outcomes([order(), order()])
        assert batch.index == len(standin.submitted) - 1

    asking(server, ask)


def test_what_was_only_checked_has_no_record(server: ControlServer) -> None:
    async def ask(engine: AsyncControl) -> None:
        assert (await engine.outcomes([order()], check_only=True)).index == -1

    asking(server, ask)


def test_many_tasks_may_ask_at_once_and_each_gets_its_own_reply(server: ControlServer) -> None:
    async def ask(engine: AsyncControl) -> None:
        books = [engine.ask(protocol.GetBook(symbol=f"S{n}"), protocol.Book) for n in range(50)]
        found = await asyncio.gather(*books)
        assert [book.symbol for book in found] == [f"S{n}" for n in range(50)]

    asking(server, ask)


def test_who_gives_up_waiting_takes_nobody_elses_reply(server: ControlServer) -> None:
    async def ask(engine: AsyncControl) -> None:
        given_up = asyncio.create_task(engine.ask(protocol.GetBook(symbol="A"), protocol.Book))
        await asyncio.sleep(0)
        given_up.cancel()
        book = await engine.ask(protocol.GetBook(symbol="B"), protocol.Book)
        assert book.symbol == "B"

    asking(server, ask)


def test_a_failure_inside_the_engine_is_said_and_the_connection_goes_on(
    server: ControlServer, standin: Standin
) -> None:
    async def ask(engine: AsyncControl) -> None:
        standin.broken = True
        with pytest.raises(EngineFailed, match="a defect"):
            await engine.ask(protocol.GetHalts(), protocol.Halts)
        standin.broken = False
        assert await engine.ask(protocol.GetHalts(), protocol.Halts)

    asking(server, ask)


def test_an_engine_without_a_mirror_says_so(server: ControlServer) -> None:
    async def ask(engine: AsyncControl) -> None:
        with pytest.raises(EngineFailed, match="starts no mirror") as failed:
            await engine.ask(protocol.GetStream(), protocol.StreamAt)
        assert failed.value.code == "stream"

    asking(server, ask)


def test_what_fits_no_frame_is_not_sent(server: ControlServer, standin: Standin) -> None:
    async def ask(engine: AsyncControl) -> None:
        with pytest.raises(Unsendable, match="nothing was sent"):
            await engine.outcome(Halt(by="ann", reason="x" * (protocol.MAX_FRAME + 1)))
        assert standin.submitted == []
        assert isinstance((await engine.outcome(order())).answer, Accepted)

    asking(server, ask)


def test_nobody_there_is_not_running(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="no engine listens"):
        asyncio.run(AsyncControl.connect(tmp_path / "none.sock"))


def test_another_protocol_is_incompatible(tmp_path: Path) -> None:
    path = tmp_path / "older.sock"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader)
        writer.write(protocol.frame(protocol.Failed(code="protocol", text="I speak 1")))
        writer.close()

    async def run() -> None:
        async with await asyncio.start_unix_server(refuse, path):
            await AsyncControl.connect(path)

    with pytest.raises(Incompatible, match="I speak 1"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("asked", "in_doubt"),
    [(protocol.Submit(command=order()), True), (protocol.GetStatus(), False)],
    ids=["order", "question"],
)
def test_a_reply_that_comes_too_late_ends_the_connection_for_all(
    tmp_path: Path, asked: protocol.Request, in_doubt: bool
) -> None:
    path = tmp_path / "slow.sock"

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def run() -> None:
        async with peer(path, silent), await AsyncControl.connect(path) as engine:
            other = asyncio.create_task(engine.ask(protocol.GetHalts(), protocol.Halts))
            with pytest.raises(NoAnswer, match=r"no answer within 0\.05 s") as late:
                await engine.ask(asked, protocol.Status, timeout_s=0.05)
            assert late.value.in_doubt == in_doubt
            with pytest.raises(Disconnected, match="did not come in time"):
                await other
            with pytest.raises(Disconnected, match="nothing was sent"):
                await engine.ask(protocol.GetStatus(), protocol.Status)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the engine closed the connection"),
        (b"\x00\x00", "ended inside a frame"),
        (b"\x00\x00\x00\x09abc", "ended inside a frame"),
        (b"\xff\xff\xff\xff", "over the limit"),
    ],
)
def test_a_connection_that_breaks_says_how(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "mad.sock"

    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader)
        writer.write(data)

    async def run() -> None:
        async with peer(path, break_off), await AsyncControl.connect(path) as engine:
            with pytest.raises(Disconnected, match=why):
                await engine.ask(protocol.GetStatus(), protocol.Status)

    asyncio.run(run())


def test_a_reply_that_nobody_asked_for_ends_the_connection(tmp_path: Path) -> None:
    path = tmp_path / "mad.sock"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(protocol.frame(protocol.Halts(halts=())))
        await reader.read()

    async def run() -> None:
        async with peer(path, talk), await AsyncControl.connect(path) as engine:
            while not engine.closed:
                await asyncio.sleep(0)
            assert engine.closed == "the engine sent a reply that nobody asked for"

    asyncio.run(run())
