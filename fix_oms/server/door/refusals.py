"""What is told of those who were sent away: at once the first time, then added up.

An attempt may come a thousand times a second, and a person must be told of it once. So the first
of each kind (address, client, reason) is told as it happens, and those after it as one number, a
minute later. The number of kinds is bounded: what does not fit is counted together.
"""

from __future__ import annotations

from typing import Final

from fix_oms.server.door.words import Refused

AGAIN_S: Final = 60.0
MOST: Final = 256
_OTHERS: Final = ("others", "", "of more than are told one by one", False)

_Kind = tuple[str, str, str, bool]


class Refusals:
    """Times are seconds of any steady clock, given by the caller."""

    def __init__(self) -> None:
        self._counted: Final[dict[_Kind, tuple[int, float]]] = {}
        """How often since it was last told, and when that was; longest ago first."""

    def add(
        self, address: str, client: str, reason: str, *, severe: bool, now_s: float
    ) -> Refused | None:
        """Count one; what is to be told of it now, or None."""
        kind: _Kind = (address, client, reason, severe)
        if kind not in self._counted and len(self._counted) >= MOST:
            kind = _OTHERS
        counted = self._counted.get(kind)
        if counted is None:
            self._counted[kind] = 0, now_s
            return _refused(kind, 1)
        self._counted[kind] = counted[0] + 1, counted[1]
        return None

    def due(self, now_s: float) -> list[Refused]:
        """What has been counted for a minute. What was not tried again is forgotten."""
        told = []
        for kind, (times, since_s) in list(self._counted.items()):
            if now_s - since_s < AGAIN_S:
                continue
            del self._counted[kind]
            if times:
                self._counted[kind] = 0, now_s
                told.append(_refused(kind, times))
        return told


def _refused(kind: _Kind, times: int) -> Refused:
    address, client, reason, severe = kind
    return Refused(address=address, client=client, reason=reason, times=times, severe=severe)
