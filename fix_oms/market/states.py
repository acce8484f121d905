"""What a venue's book may be worth, and what is known of changes that are missing."""

from __future__ import annotations

from typing import Final, final

NO_SEQ: Final = -1
NEVER: Final = 1 << 63

FRESH: Final = "fresh"
STALE: Final = "stale"
CROSSED: Final = "crossed"
GAP: Final = "gap"
MISSING: Final = "missing"
STATES: Final = (FRESH, STALE, CROSSED, GAP, MISSING)
"""What a venue's book may be. Only a fresh one is traded with."""


@final
class Gap:
    """Changes of a book are missing: since when, how often a snapshot was asked for, and when it
    will be next."""

    __slots__ = ("asked", "next_ns", "since_ns")

    def __init__(self, since_ns: int, next_ns: int) -> None:
        self.since_ns: Final = since_ns
        self.asked = 0
        self.next_ns = next_ns

    def facts(self) -> tuple[int, ...]:
        """All of it, for the replay's state hash."""
        return (self.since_ns, self.asked, self.next_ns)
