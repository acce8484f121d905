"""When a venue with trading hours of its own is open, told to the engine.

The engine knows no time zones, so this looks at the venue's own clock and gives the engine each
opening and closing as an input: at the start, before any session opens, how each venue stands, and
then each change, by the timer. What the engine was told is what holds, so a process that starts at
noon knows at once that the venue is open, and a replay needs no clock.

The hours are read as a session's schedule is (``sessions.schedule``): ``logon`` is the opening and
``logout`` the close, on the venue's weekdays but not on its holidays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fix_oms.model.counterparty import Schedule
from fix_oms.model.inputs import VenueHours
from fix_oms.model.settings import Venue
from fix_oms.sessions.schedule import SECOND_NS, is_open, next_change

LOOK_NS: Final = 86_400 * SECOND_NS
"""Where no change is in sight, the calendar is looked at again after so long."""


class Hours:
    """Watches the venues that have hours."""

    def __init__(
        self,
        venues: Iterable[Venue],
        tell: Callable[[VenueHours], object],
        *,
        clock_ns: Callable[[], int],
    ) -> None:
        """The time zones must be known: reading the configuration file makes sure of it."""
        self._tell: Final = tell
        self._clock_ns: Final = clock_ns
        self._watched: Final = [
            _Watched(venue.name, venue.hours) for venue in venues if venue.hours is not None
        ]

    def tick(self) -> None:
        """Tell what has changed; the first time, how each venue stands.

        Called at the start and by the timer; raises what ``tell`` does.
        """
        now = self._clock_ns()
        for watched in self._watched:
            change = watched.look(now)
            if change is not None:
                self._tell(VenueHours(venue=watched.venue, is_open=change))


class _Watched:
    """One venue: what was told of it, and from when to when that holds."""

    __slots__ = ("_from_ns", "_hours", "_told", "_until_ns", "venue")

    def __init__(self, venue: str, hours: Schedule) -> None:
        self.venue: Final = venue
        self._hours: Final = hours
        self._told: bool | None = None
        self._from_ns = self._until_ns = 0

    def look(self, now: int) -> bool | None:
        """Whether it is open, where that is news. A clock that was set back is looked at anew."""
        if self._from_ns <= now < self._until_ns:
            return None
        found = is_open(self._hours, now)
        change = next_change(self._hours, now)
        self._from_ns, self._until_ns = now, change if change is not None else now + LOOK_NS
        if found == self._told:
            return None
        self._told = found
        return found
