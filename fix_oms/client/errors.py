"""What can go wrong between a client and the engine.

ClientError
├── NotRunning     nobody listens at the path
├── Incompatible   the engine speaks another version of the control protocol
├── Unsendable     the request fits no frame: nothing was sent
├── NoReply        the reply did not come
│   ├── NoAnswer       in time
│   └── Disconnected   before the connection ended
└── EngineFailed   the engine could not serve the request, and says why
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model.errors import FixOmsError

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
