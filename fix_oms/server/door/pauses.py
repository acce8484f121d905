"""How long an address that has failed must wait before it is listened to again.

The first failures cost nothing: a person mistypes a password. From the third on the wait doubles
each time, up to a minute, so that guessing a password takes years and a client with an old one
comes back by itself soon after it was put right. A logon that is let in forgives what was before,
and so do ten quiet minutes.

The number of addresses remembered is bounded; the one that failed longest ago is forgotten first.
"""

from __future__ import annotations

from typing import Final

FREE: Final = 2
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
FORGIVEN_S: Final = 600.0
MOST: Final = 4096


class Pauses:
    """Times are seconds of any steady clock, given by the caller."""

    def __init__(self) -> None:
        self._failed: Final[dict[str, tuple[int, float]]] = {}
        """How often in a row, and when last; longest ago first."""

    def until(self, address: str) -> float:
        """From when on the address is listened to."""
        times, last_s = self._failed.get(address, (0, 0.0))
        return last_s + _pause_s(times)

    def failed(self, address: str, now_s: float) -> float:
        """Count a failure. How long the pause is that follows it, in seconds."""
        times, last_s = self._failed.pop(address, (0, now_s))
        times = 1 if now_s - last_s > FORGIVEN_S else times + 1
        self._failed[address] = times, now_s
        if len(self._failed) > MOST:
            del self._failed[next(iter(self._failed))]
        return _pause_s(times)

    def forgive(self, address: str) -> None:
        """It has been let in."""
        self._failed.pop(address, None)


def _pause_s(times: int) -> float:
    if times <= FREE:
        return 0.0
    return float(min(FIRST_S * 2 ** min(times - FREE - 1, 30), LONGEST_S))
