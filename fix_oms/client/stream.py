"""The live stream of a running engine, on an event loop: snapshot, deltas, and no holes.

    async with Stream("config/var/fix-oms.sock", books=["AAPL"]) as stream:
        async for event in stream:
            match event:
                case Snapshot() | Delta():
                    ...  # values that replace those of the same name: see model.stream
                case StreamDown(reason=reason):
                    ...  # what is held may be out of date from here on, until StreamUp and a page

It asks the engine where its mirror is, subscribes there, and hands on what comes. When anything
breaks - the mirror died, the engine was restarted, nothing came for ``timeout_s`` - it says so
(:class:`StreamDown`) and connects again, at once and then with growing pauses, asking for what was
missed since the last event handed on. That continuity is checked here and not believed: a delta
that does not begin where the event before it ended is not handed on, and closed by a snapshot.

Nothing is read ahead but what the socket's buffers hold: a consumer that is slow for long is told
Lagging and gets a snapshot. Whoever must not be slow hands events to a queue of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import attrs
import msgspec

import fix_oms
from fix_oms.client.control import AsyncControl
from fix_oms.client.errors import ClientError, Incompatible
from fix_oms.client.frames import read_frame
from fix_oms.local.unix_socket import is_engines
from fix_oms.model import protocol, stream
from fix_oms.model.fix import OrdStatus
from fix_oms.model.stream import Delta, Lagging, Snapshot, StreamEvent

_READS_S: Final = 0.1
"""The longest pause while a mirror has yet to come up."""
_ENDED: Final = frozenset(
    {OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED}
)


@attrs.frozen
class StreamUp:
    """Connected to the mirror at ``path``, process ``pid``. A page or a delta follows."""

    path: Path
    pid: int


@attrs.frozen
class StreamDown:
    """Not connected, for this ``reason``; told once for each outage."""

    reason: str


Event = StreamUp | StreamDown | Snapshot | Delta | Lagging


class Stream:
    """What the engine at the control socket ``path`` shows, as it changes: an async iterator.

    ``topics``, ``books``, ``depth`` and ``history`` are those of ``model.stream.Subscribe``. A
    ``mirror`` is the socket of one started by hand: then no engine is asked, and none need run.
    The iterator ends by :meth:`close`; it raises Incompatible for a release that speaks otherwise,
    and ClientError where the mirror refuses what is asked for: both would be so again.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        topics: Iterable[str] = stream.TOPICS,
        books: Iterable[str] = (),
        depth: int = 0,
        history: int = stream.HISTORY,
        mirror: Path | str | None = None,
        timeout_s: float = 5.0,
        first_pause_s: float = 0.02,
        longest_pause_s: float = 2.0,
    ) -> None:
        self.path: Final = Path(path)
        self.through = -1
        """The last record that the events handed on account for."""
        self._topics: Final = tuple(topics)
        self._books = tuple(books)
        self._depth = depth
        self._history: Final = history
        self._mirror: Final = Path(mirror) if mirror is not None else None
        self._timeout_s: Final = timeout_s
        self._first_pause_s: Final = first_pause_s
        self._longest_pause_s: Final = longest_pause_s
        self._head = ""
        self._complete = False
        self._open: set[str] = set()
        self._open_parents: set[str] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._closed: Final = asyncio.Event()
        self._events: Final = self._run()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncGenerator[Event]:
        return self._events

    async def close(self) -> None:
        """End the connection, and the iterator, also where another task waits for an event."""
        self._closed.set()
        self._let_go()
        with contextlib.suppress(RuntimeError):  # another task is in it: it sees that it is over
            await self._events.aclose()

    async def watch(self, books: Iterable[str], depth: int = 0) -> None:
        """From now on the books of these symbols and no others."""
        self._books, self._depth = tuple(books), depth
        if self._writer is not None:
            asked = stream.WatchBooks(books=self._books, depth=depth)
            self._writer.write(protocol.frame(asked))

    # -- connecting -----------------------------------------------------------------------------

    async def _run(self) -> AsyncGenerator[Event]:
        pause_s, told = self._first_pause_s, False
        while not self._closed.is_set():
            longest_s = self._longest_pause_s
            try:
                reader, up = await self._connected()
                yield up
                told = False
                while (event := await self._next(reader)) is not None:
                    pause_s = self._first_pause_s
                    yield self._accepted(event)
                reason = "the mirror closed the connection"
            except Incompatible:
                raise
            except _Refused as error:
                raise ClientError(str(error)) from None
            except _NotYet as error:
                reason, longest_s = str(error), min(longest_s, _READS_S)
            except (ClientError, OSError, protocol.FrameError, _Broken) as error:
                reason = str(error) or type(error).__name__
            finally:
                self._let_go()
            if not (told or self._closed.is_set()):
                told = True
                yield StreamDown(reason)
            pause_s = min(pause_s, longest_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), pause_s)
            pause_s = min(2 * pause_s, self._longest_pause_s)

    async def _connected(self) -> tuple[asyncio.StreamReader, StreamUp]:
        path = self._mirror
        if path is None:
            async with await AsyncControl.connect(self.path, self._timeout_s) as control:
                at = await control.ask(protocol.GetStream(), protocol.StreamAt)
            path = Path(at.path)
        try:
            reader, self._writer = await asyncio.open_unix_connection(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise _NotYet(f"the mirror does not listen at {path} ({reason})") from None
        if not is_engines(self._writer.get_extra_info("socket")):
            raise _Broken(f"another user's program listens at {path}, and is told nothing")
        hello = protocol.Hello(protocol=protocol.PROTOCOL, version=fix_oms.__version__)
        self._writer.write(protocol.frame(hello))
        welcome = await self._next(reader)
        if isinstance(welcome, protocol.Failed) and welcome.code == "protocol":
            raise Incompatible(welcome.text)
        if not isinstance(welcome, protocol.Welcome):
            raise _Broken(f"the mirror does not greet: {_said(welcome)}")
        self._writer.write(protocol.frame(self._subscribe()))
        return reader, StreamUp(path, welcome.pid)

    def _subscribe(self) -> stream.Subscribe:
        return stream.Subscribe(
            topics=self._topics,
            books=self._books,
            depth=self._depth,
            after=self.through if self._complete else None,
            head=self._head if self._complete else "",
            history=self._history,
            orders=tuple(sorted(self._open))[: stream.MOST_NAMES],
            parents=tuple(sorted(self._open_parents))[: stream.MOST_NAMES],
        )

    def _let_go(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    # -- reading --------------------------------------------------------------------------------

    async def _next(self, reader: asyncio.StreamReader) -> StreamEvent | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await read_frame(reader)
        except TimeoutError:
            raise _Broken(f"the mirror was silent for {self._timeout_s:g} s") from None
        if body is None:
            return None
        try:
            return stream.stream_event(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _Broken(f"what the mirror sent cannot be read: {error}") from None

    def _accepted(self, event: StreamEvent) -> Snapshot | Delta | Lagging:
        """The event, if nothing is missing before it. Raises _Broken, _Refused."""
        match event:
            case Snapshot():
                self._page(event)
            case Delta():
                self._delta(event)
            case Lagging():
                self._complete = False
            case protocol.Failed(code="request"):
                raise _Refused(f"the mirror refuses what is asked for: {event.text}")
            case _:
                raise _Broken(f"the mirror said: {_said(event)}")
        return event

    def _page(self, page: Snapshot) -> None:
        if page.first:
            self._complete = False
            self._open.clear()
            self._open_parents.clear()
        elif page.through != self.through:
            self._hole(page.through)
        self._complete = self._complete or page.last
        self._note(page)

    def _delta(self, delta: Delta) -> None:
        if delta.after != self.through:
            self._hole(delta.after)
        self._note(delta)

    def _hole(self, begins: int) -> None:
        ended, self._complete = self.through, False
        raise _Broken(f"the stream went on behind record {begins} where {ended} was due")

    def _note(self, pages: stream.Pages) -> None:
        self.through = pages.through
        self._head = pages.head
        for order in pages.orders:
            if order.ord_status in _ENDED and not order.pending:
                self._open.discard(order.reference)
            else:
                self._open.add(order.reference)
        for parent in pages.parents:
            if parent.ord_status in _ENDED:
                self._open_parents.discard(parent.ref)
            else:
                self._open_parents.add(parent.ref)


class _Broken(Exception):
    """The connection is of no use any more; another one may be."""


class _NotYet(Exception):
    """The mirror is there and does not listen: it reads the journal first."""


class _Refused(Exception):
    """The mirror refuses what is asked for: it would again."""


def _said(event: StreamEvent | None) -> str:
    if isinstance(event, protocol.Failed):
        return event.text
    return type(event).__name__ if event is not None else "nothing"
