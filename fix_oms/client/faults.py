"""What goes wrong in a user's handlers, told to whoever asked: a log line, a list, hooks.

A *fault* is a handler that raised, one that is slow (so long in one call), or one that lagged (more
changes waited for it than may wait, and were dropped). One of a kind stands once for a handler,
with how often it happened; it is logged at the first, the tenth, the hundredth time and so on, for
a handler that raises at every change must not bury all other news.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import structlog

RAISED: Final = "raised"
SLOW: Final = "slow"
LAGGED: Final = "lagged"
_log = structlog.get_logger("client")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """``handler`` is the function's name, ``of`` what it listens to. ``kind`` is raised, slow or
    lagged; ``text`` and ``error`` (what was raised) are those of the last of ``count`` times."""

    handler: str
    of: str
    kind: str
    text: str
    count: int
    at_ns: int
    error: BaseException | None = None


Hook = Callable[[Fault], object]


class Faults:
    """All faults so far, by handler and kind, and the hooks that are told of each time."""

    def __init__(self) -> None:
        self._held: Final[dict[tuple[int, str], Fault]] = {}
        self._hooks: Final[list[Hook]] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._held.values()))

    def __len__(self) -> int:
        return len(self._held)

    def hook(self, told: Hook) -> None:
        """Call this at each fault from now on, on the event loop: it must not block."""
        self._hooks.append(told)

    def report(
        self,
        whose: int,
        handler: str,
        of: str,
        kind: str,
        text: str,
        error: BaseException | None = None,
    ) -> None:
        """One more of this kind, of the handler with this number."""
        before = self._held.get((whose, kind))
        count = 1 if before is None else before.count + 1
        fault = Fault(
            handler=handler,
            of=of,
            kind=kind,
            text=text,
            count=count,
            at_ns=time.time_ns(),
            error=error,
        )
        self._held[whose, kind] = fault
        if str(count).rstrip("0") == "1":
            _log.warning("a handler is at fault", handler=handler, of=of, kind=kind, text=text)
        for hook in self._hooks:
            try:
                hook(fault)
            except Exception:  # noqa: BLE001 - whose hook it is must not stop what it is told of
                _log.error("a fault hook failed", exc_info=True)
