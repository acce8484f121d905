"""The control socket without blocking an event loop: requests pipelined, replies in their order.

    async with await AsyncControl.connect("config/var/fix-oms.sock") as engine:
        outcome = await engine.outcome(NewOrder(by="ann", terms=Terms(...)))
        status = await engine.ask(protocol.GetStatus(), protocol.Status)

Any number of tasks may ask at once. Each request leaves as soon as it is asked, and the engine
answers one connection's requests one after the other, so the first reply belongs to the request
that has waited longest. That is why a reply that comes too late ends the connection, as it does for
``Client``: whatever came after it would be taken for another's. A task that is cancelled while it
waits gives up its reply and nothing else.

The errors are those of ``Client`` (:mod:`fix_oms.client.errors`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import fix_oms
from fix_oms.client.client import expected_reply
from fix_oms.client.errors import (
    FOREIGN,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.client.frames import read_frame
from fix_oms.local.unix_socket import is_engines
from fix_oms.model import protocol
from fix_oms.model.commands import AnyCommand
from fix_oms.model.protocol import Outcome, Outcomes

R = TypeVar("R")


class AsyncControl:
    """A connection to the engine that listens at ``path``; made by :meth:`connect`.

    ``closed`` is why it has ended, or empty while it stands. One that has ended stays so.
    """

    def __init__(
        self,
        path: Path,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        timeout_s: float,
    ) -> None:
        self.path: Final = path
        self.engine_version = ""
        self.engine_pid = 0
        self.closed = ""
        self._reader: Final = reader
        self._writer: Final = writer
        self._timeout_s: Final = timeout_s
        self._waiting: Final[deque[tuple[asyncio.Future[bytes], bool]]] = deque()
        self._reading: Final = asyncio.create_task(self._read(), name=f"control {path.name}")

    @classmethod
    async def connect(cls, path: Path | str, timeout_s: float = 10.0) -> Self:
        """Connect and greet. ``timeout_s`` bounds each request. Raises NotRunning, Incompatible."""
        path = Path(path)
        try:
            reader, writer = await asyncio.open_unix_connection(path)
        except OSError as error:
            raise NotRunning(path, error.strerror or str(error)) from None
        if not is_engines(writer.get_extra_info("socket")):
            writer.close()
            raise NotRunning(path, FOREIGN)
        made = cls(path, reader, writer, timeout_s)
        try:
            await made._greet()
        except BaseException:
            await made.close()
            raise
        return made

    async def _greet(self) -> None:
        hello = protocol.Hello(protocol=protocol.PROTOCOL, version=fix_oms.__version__)
        try:
            welcome = await self.ask(hello, protocol.Welcome)
        except EngineFailed as error:
            if error.code == "protocol":
                raise Incompatible(str(error)) from None
            raise
        except Disconnected:
            raise NotRunning(self.path, "it closed the connection at once") from None
        self.engine_version, self.engine_pid = welcome.version, welcome.pid

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection. Who still waits for a reply is told Disconnected."""
        self._end("it was closed here")
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    # -- asking ---------------------------------------------------------------------------------

    async def outcome(self, command: AnyCommand) -> Outcome:
        """Do this; returns when the engine has it durably, with its record's index."""
        return await self.ask(protocol.Submit(command=command), Outcome)

    async def outcomes(
        self, commands: Sequence[AnyCommand], *, check_only: bool = False
    ) -> Outcomes:
        """All of these, or none: the engine checks every one before the first is done."""
        asked = protocol.SubmitAll(commands=tuple(commands), check_only=check_only)
        return await self.ask(asked, Outcomes)

    async def ask(
        self, asked: protocol.Request, expected: type[R], *, timeout_s: float | None = None
    ) -> R:
        """Send a request and return its reply, which must be ``expected``.

        Raises Unsendable, NoAnswer, Disconnected, EngineFailed.
        """
        in_doubt = isinstance(asked, protocol.Submit | protocol.SubmitAll)
        try:
            framed = protocol.frame(asked)
        except protocol.FrameError as error:
            raise Unsendable(f"nothing was sent: {error}") from None
        if self.closed:
            raise Disconnected(f"nothing was sent: {self.closed}", in_doubt=False)
        body: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, in_doubt))
        self._writer.write(framed)  # with the line above in one piece: order is what pairs them
        allowed_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            done, _ = await asyncio.wait((body,), timeout=allowed_s)
        except asyncio.CancelledError:
            body.cancel()
            raise
        if not done:
            self._end("a reply did not come in time")
            body.exception()  # it is told here, in other words
            raise NoAnswer(f"no answer within {allowed_s:g} s", in_doubt=in_doubt)
        return expected_reply(body.result(), expected)

    # -- the wire -------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Hand each reply to whoever has waited longest, until the connection ends."""
        reason = "the engine closed the connection"
        try:
            while (body := await read_frame(self._reader)) is not None:
                if not self._waiting:
                    reason = "the engine sent a reply that nobody asked for"
                    break
                waiting, _ = self._waiting.popleft()
                if not waiting.done():
                    waiting.set_result(body)
        except (OSError, protocol.FrameError) as error:
            reason = f"the connection to the engine broke ({error})"
        self._end(reason)

    def _end(self, reason: str) -> None:
        if self.closed:
            return
        self.closed = reason
        self._writer.close()
        while self._waiting:
            waiting, in_doubt = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(Disconnected(reason, in_doubt=in_doubt))
