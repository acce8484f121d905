"""The control connection, made again whenever it ended, and a command that is surely sent once.

One connection serves all tasks. It is made when it is first needed and again when something is to
be asked after it broke; a request itself is never put twice by it. What may be put twice is a
command that the engine takes only once, by its client_ref (:meth:`Link.once`).
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final, TypeVar

from fix_oms.client.control import AsyncControl
from fix_oms.client.errors import NoReply, NotRunning
from fix_oms.model import protocol
from fix_oms.model.commands import AnyCommand
from fix_oms.model.outputs import Refused
from fix_oms.model.protocol import Outcome

R = TypeVar("R")
PAUSE_S: Final = 0.05


class Link:
    """To the engine at ``path``. ``timeout_s`` bounds each request."""

    def __init__(self, path: Path | str, timeout_s: float) -> None:
        self.path: Final = Path(path)
        self.timeout_s: Final = timeout_s
        self._control: AsyncControl | None = None
        self._making: Final = asyncio.Lock()

    @property
    def pid(self) -> int:
        """The engine's process that was spoken to last; 0: none yet."""
        return self._control.engine_pid if self._control is not None else 0

    async def control(self) -> AsyncControl:
        """A connection that stands. Raises NotRunning, Incompatible."""
        async with self._making:
            if self._control is None or self._control.closed:
                if self._control is not None:
                    await self._control.close()
                self._control = await AsyncControl.connect(self.path, self.timeout_s)
            return self._control

    async def ask(self, asked: protocol.Request, expected: type[R]) -> R:
        """Put a request; its reply must be ``expected``. Raises ClientError."""
        return await (await self.control()).ask(asked, expected)

    async def outcome(self, command: AnyCommand) -> Outcome:
        """Do this. Raises ClientError."""
        return await (await self.control()).outcome(command)

    async def once(self, command: AnyCommand, moot: str) -> tuple[Outcome, bool]:
        """Do this, and where the reply is lost do it again until there is one, for ``timeout_s``.

        For commands of which the second one is refused, by the control ``moot``. Returns whether
        it was so refused: then the first one had been taken, and the answer is the second one's.
        Raises ClientError; NoReply with ``in_doubt`` where nobody knows.
        """
        until = time.monotonic() + self.timeout_s
        lost: NoReply | None = None
        while True:
            try:
                outcome = await self.outcome(command)
            except NoReply as error:
                if not error.in_doubt and lost is None:
                    raise
                lost = error if error.in_doubt else lost
            except NotRunning:
                if lost is None:
                    raise
            else:
                answer = outcome.answer
                was_taken = isinstance(answer, Refused) and answer.control == moot
                return outcome, lost is not None and was_taken
            if lost is not None and time.monotonic() + PAUSE_S >= until:
                raise lost
            await asyncio.sleep(PAUSE_S)

    async def close(self) -> None:
        """End the connection."""
        if self._control is not None:
            await self._control.close()
