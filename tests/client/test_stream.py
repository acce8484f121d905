"""The stream on an event loop: it comes back by itself, and no hole is handed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from fix_oms.client import ClientError, Incompatible, Stream, StreamDown, StreamUp
from fix_oms.client.frames import read_frame
from fix_oms.model import protocol, stream
from fix_oms.model.stream import Delta, Lagging, Snapshot, Subscribe
from tests.followers.held import Held, shown_facts
from tests.followers.subscriber import Beside
from tests.journal.days import a_day

WHOLE: Final = Snapshot(through=9, time_ns=9, head="09", first=True, last=True)


def delta(after: int, through: int) -> Delta:
    return Delta(after=after, through=through, time_ns=through, head=f"{through:02}")


class Scripted:
    """A mirror that says to each connection what stands in the script, and then is silent; it keeps
    what it was asked for."""

    def __init__(self, path: Path, *script: list[Any]) -> None:
        self.path: Final = path
        self.script: Final = list(script)
        self.asked: Final[list[Subscribe]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await read_frame(reader)
            said = self.script.pop(0) if self.script else []
            if said == [OTHER]:
                writer.write(protocol.frame(OTHER))
                return
            writer.write(protocol.frame(greeting()))
            body = await read_frame(reader)
            if body is not None:
                asked = stream.stream_request(body)
                assert isinstance(asked, Subscribe)
                self.asked.append(asked)
            for event in said:
                if event is CLOSE:
                    return
                writer.write(event if isinstance(event, bytes) else protocol.frame(event))
            await reader.read()
        finally:
            writer.close()


CLOSE: Final = object()
OTHER: Final = protocol.Failed(code="protocol", text="use one release")


def greeting() -> protocol.Welcome:
    return protocol.Welcome(protocol=protocol.PROTOCOL, version="x", pid=1)


def heard(scripted: Scripted, count: int, **more: Any) -> list[Any]:
    """The first ``count`` events, but for the ups and downs, which are in between by kind."""

    async def run() -> list[Any]:
        events: list[Any] = []
        server = await asyncio.start_unix_server(scripted, scripted.path)
        async with server, Stream("none", mirror=scripted.path, **more) as found:
            async for event in found:
                events.append(event)
                if len(events) == count:
                    return events
        raise AssertionError("the stream ended")

    return asyncio.run(run())


def test_what_comes_in_order_is_handed_on(tmp_path: Path) -> None:
    said = [WHOLE, delta(9, 10), delta(10, 10), delta(10, 14)]
    events = heard(Scripted(tmp_path / "m", said), 5)
    assert events[0] == StreamUp(tmp_path / "m", 1)
    assert events[1:] == said


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (delta(11, 12), "the stream went on behind record 11 where 9 was due"),
        (delta(8, 12), "the stream went on behind record 8 where 9 was due"),
        (Snapshot(through=12, time_ns=1), "the stream went on behind record 12 where 9 was due"),
    ],
)
def test_a_hole_is_not_handed_on_and_is_closed_by_a_snapshot(
    tmp_path: Path, event: Any, why: str
) -> None:
    scripted = Scripted(tmp_path / "m", [WHOLE, event], [WHOLE])
    events = heard(scripted, 5)
    assert events[1:] == [WHOLE, StreamDown(why), events[0], WHOLE]
    assert [asked.after for asked in scripted.asked] == [None, None]


def test_after_a_cut_it_asks_for_what_it_has_missed(tmp_path: Path) -> None:
    scripted = Scripted(tmp_path / "m", [WHOLE, delta(9, 12), CLOSE], [delta(12, 15)])
    events = heard(scripted, 6)
    assert events[3:] == [
        StreamDown("the mirror closed the connection"),
        events[0],
        delta(12, 15),
    ]
    assert [(asked.after, asked.head) for asked in scripted.asked] == [(None, ""), (12, "12")]


@pytest.mark.parametrize(
    "said",
    [
        [Snapshot(through=9, time_ns=9, first=True), CLOSE],
        [WHOLE, Lagging(dropped=7), CLOSE],
    ],
    ids=["half a snapshot", "lagging"],
)
def test_what_is_not_whole_is_asked_for_as_a_whole(tmp_path: Path, said: list[Any]) -> None:
    scripted = Scripted(tmp_path / "m", said, [WHOLE])
    heard(scripted, len(said) + 3)
    assert scripted.asked[1].after is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\x00\x00\x00\x01\xc1", "what the mirror sent cannot be read"),
        (b"\xff\xff\xff\xff", "over the limit"),
        (protocol.Failed(code="busy", text="full"), "full"),
        (greeting(), "the mirror said: Welcome"),
    ],
)
def test_whatever_it_cannot_use_is_an_outage_with_its_reason(
    tmp_path: Path, said: Any, why: str
) -> None:
    events = heard(Scripted(tmp_path / "m", [WHOLE, said], [WHOLE]), 5)
    assert isinstance(events[2], StreamDown)
    assert why in events[2].reason


def test_a_mirror_that_is_silent_is_left(tmp_path: Path) -> None:
    silent = StreamDown("the mirror was silent for 0.05 s")

    async def run() -> None:
        scripted = Scripted(tmp_path / "m")
        server = await asyncio.start_unix_server(scripted, scripted.path)
        async with server, Stream("none", mirror=scripted.path, timeout_s=0.05) as found:
            while await anext(found.__aiter__()) != silent:
                pass

    asyncio.run(run())


def test_what_would_be_refused_again_is_an_error(tmp_path: Path) -> None:
    refused = protocol.Failed(code="request", text="topics: 'x' is none of these")
    with pytest.raises(ClientError, match="topics: 'x' is none of these"):
        heard(Scripted(tmp_path / "m", [WHOLE, refused]), 9)


def test_another_release_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Incompatible, match="use one release"):
        heard(Scripted(tmp_path / "m", [OTHER]), 9)


def test_an_outage_is_told_once_however_long_it_is(tmp_path: Path) -> None:
    async def run() -> list[Any]:
        events = []
        async with Stream(tmp_path / "none.sock", first_pause_s=0.001) as found:
            reading = asyncio.create_task(anext(found.__aiter__()))
            events.append(await reading)
            waiting = asyncio.create_task(anext(found.__aiter__()))
            done, _ = await asyncio.wait((waiting,), timeout=0.1)
            assert not done
            await found.close()
            with pytest.raises(StopAsyncIteration):
                await waiting
        return events

    (down,) = asyncio.run(run())
    assert "no engine listens" in down.reason


def test_closing_ends_it_where_another_task_waits_for_the_next_event(tmp_path: Path) -> None:
    async def run() -> list[Any]:
        scripted = Scripted(tmp_path / "m", [WHOLE])
        async with await asyncio.start_unix_server(scripted, scripted.path):
            async with Stream("none", mirror=scripted.path) as found:
                first = [await anext(found.__aiter__()), await anext(found.__aiter__())]
                reading = asyncio.create_task(rest(found))
                await asyncio.sleep(0.01)
            return first + await reading

    async def rest(found: Stream) -> list[Any]:
        return [event async for event in found]

    assert asyncio.run(run())[1:] == [WHOLE]


# -- over a mirror ---------------------------------------------------------------------------------


@asynccontextmanager
async def turning(beside: Beside) -> AsyncIterator[None]:
    """The mirror takes its turns on this loop."""

    async def turn() -> None:
        while True:
            beside.mirror.turn()
            await asyncio.sleep(0)

    task = asyncio.create_task(turn())
    try:
        yield
    finally:
        task.cancel()


async def follow(found: Stream, held: Held, goal: Callable[[], bool]) -> None:
    """Take what comes until that is so."""
    async for event in found:
        if isinstance(event, Snapshot | Delta):
            held.take(event)
            assert held.through == found.through
        if goal():
            return


def streaming(tmp_path: Path, act: Callable[[Beside, Stream, Held], Awaitable[None]]) -> None:
    async def run() -> None:
        beside = Beside(tmp_path, a_day(3, 150).log)
        try:
            stream_of = Stream("none", mirror=beside.path, first_pause_s=0.001)
            async with turning(beside), stream_of as found:
                await act(beside, found, Held())
        finally:
            beside.close()

    asyncio.run(run())


def test_what_it_hands_on_is_the_engines_state(tmp_path: Path) -> None:
    async def act(beside: Beside, found: Stream, held: Held) -> None:
        beside.write(20)
        await follow(found, held, lambda: held.complete)
        beside.write(len(beside.log))
        last = len(beside.log) - 1
        await follow(found, held, lambda: held.through == last)
        facts = {"orders": held.orders, "fills": held.fills}
        expected = shown_facts(beside.shown())
        assert facts == {name: expected[name] for name in facts}

    streaming(tmp_path, act)


def test_over_a_mirrors_death_it_goes_on_with_deltas(tmp_path: Path) -> None:
    async def act(beside: Beside, found: Stream, held: Held) -> None:
        beside.write(20)
        await follow(found, held, lambda: held.complete)
        beside.again()
        beside.write(len(beside.log))
        last = len(beside.log) - 1
        await follow(found, held, lambda: held.through == last)
        assert held.begun == [19]
        assert held.by_record()["orders"] == shown_facts(beside.shown())["orders"]

    streaming(tmp_path, act)


def test_other_books_can_be_watched_while_it_runs(tmp_path: Path) -> None:
    async def act(beside: Beside, found: Stream, held: Held) -> None:
        beside.write(len(beside.log))
        await follow(found, held, lambda: held.complete)
        await found.watch(["AAPL"])
        await follow(found, held, lambda: "AAPL" in held.books)
        assert list(held.books) == ["AAPL"]

    streaming(tmp_path, act)
