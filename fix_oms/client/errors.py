"""What can go wrong between a client and the engine.

ClientError
├── NotRunning     nobody listens at the path
├── Incompatible   the engine speaks another version of the control protocol
├── Unsendable     the request fits no frame: nothing was sent
├── BadArgument    an argument makes no sense, named (a ValueError too): nothing was sent
├── NoPrice        the order book has no such price: nothing was sent
├── AskRefused     the engine refuses what is asked for, and says why
├── NoReply        the reply did not come
│   ├── NoAnswer       in time
│   └── Disconnected   before the connection ended
└── EngineFailed   the engine could not serve the request, and says why
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model.errors import FixOmsError
from fix_oms.model.outputs import Refused

FOREIGN: Final = "another user's program does, and is told nothing"
IN_DOUBT: Final = "it may or may not have been done: look before you send it again"


class ClientError(FixOmsError):
    """A request that did not get its reply."""


class NotRunning(ClientError):
    """Nobody listens at the path."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"no engine listens at {path} ({reason}): is `fix-oms run` up?")
        self.path: Final = path


class Incompatible(ClientError):
    """The engine speaks another version of the control protocol."""


class Unsendable(ClientError):
    """The request fits no frame. Nothing was sent."""


class BadArgument(ClientError, ValueError):
    """An argument makes no sense. Nothing was sent."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name: Final = name


class NoPrice(ClientError):
    """The order book has no price at that place. Nothing was sent."""


class AskRefused(ClientError):
    """The engine refuses what is asked for. ``refused`` has the control, the field and the bound.

    A new order that is refused is no exception: it is an order, and REJECTED.
    """

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.control}: {refused.text}")
        self.refused: Final = refused


class NoReply(ClientError):
    """The reply did not come. ``in_doubt``: what was asked for may or may not have been done."""

    def __init__(self, reason: str, *, in_doubt: bool) -> None:
        super().__init__(f"{reason}: {IN_DOUBT}" if in_doubt else reason)
        self.in_doubt: Final = in_doubt


class NoAnswer(NoReply):
    """No reply in time."""


class Disconnected(NoReply):
    """The connection ended before the reply."""


class EngineFailed(ClientError):
    """The engine could not serve the request. ``code`` as in the protocol's Failed.

    ``in_doubt``: what was asked for may or may not have been done.
    """

    def __init__(self, code: str, text: str) -> None:
        self.in_doubt: Final = code == "journal"
        doubt = f": {IN_DOUBT}" if self.in_doubt else ""
        super().__init__(f"the engine could not serve the request: {text}{doubt}")
        self.code: Final = code
