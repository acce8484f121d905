"""When a trading day begins, the firm's and each venue's, told to the engine.

The engine knows no time zones and no calendars, so this looks at them and gives the engine each
trading day as an input: at the start, before any session opens, the ones that hold, and then each
as it begins. The firm's begins at ``engine.day_starts``; a venue's at the close of the one before,
by the calendar of its ``hours`` (a venue without hours has the firm's). The journal begins a new
segment with each of the firm's days.

A day is never told twice, and never one before the last: a clock that was set back changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fix_oms.model.counterparty import Schedule
from fix_oms.model.inputs import TradingDay
from fix_oms.model.settings import Engine, Venue
from fix_oms.sessions.schedule import SECOND_NS, trading_day

LONG_NS: Final = 370 * 86_400 * SECOND_NS
FIRM: Final = ""
"""The firm's own days, among those of the venues."""


def firm_day(engine: Engine, now: int) -> tuple[str, int]:
    """The firm's trading day (ISO date) at ``now``, and when it ends (ns UTC)."""
    calendar = Schedule(timezone=engine.timezone, logon=engine.day_starts, logout=engine.day_starts)
    found = trading_day(calendar, now)
    assert found is not None, "it has every day of the week and no holidays"
    return found


class Days:
    """Watches the calendars. ``roll`` lets the journal begin a day's segment: at the start it has
    done so already."""

    def __init__(
        self,
        engine: Engine,
        venues: Iterable[Venue],
        tell: Callable[[TradingDay], object],
        roll: Callable[[str], object],
        *,
        clock_ns: Callable[[], int],
    ) -> None:
        """The time zones must be known: reading the configuration file makes sure of it."""
        self._engine: Final = engine
        self._tell: Final = tell
        self._roll: Final = roll
        self._clock_ns: Final = clock_ns
        self._hours: Final = {v.name: v.hours for v in venues if v.hours is not None}
        self._told: Final = dict.fromkeys((FIRM, *self._hours), ("", 0))

    def tick(self) -> None:
        """Tell the days that have begun; the first time, those that hold.

        Called at the start and by the timer; raises what ``tell`` and ``roll`` do.
        """
        now = self._clock_ns()
        for name, (told, until) in self._told.items():
            if now < until:
                continue
            day, ends_ns = self._look(name, now)
            self._told[name] = (max(day, told), ends_ns)
            if day > told:
                if name == FIRM and told:
                    self._roll(day)
                self._tell(TradingDay(venue=name, day=day, ends_ns=ends_ns))

    def _look(self, name: str, now: int) -> tuple[str, int]:
        if name == FIRM:
            return firm_day(self._engine, now)
        return trading_day(self._hours[name], now) or ("", now + LONG_NS)
