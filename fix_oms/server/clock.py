"""The engine's time: what the wall clock says, for as long as that can be believed.

Two clocks: the wall clock (CLOCK_REALTIME), which anybody may set, and the steady one
(CLOCK_BOOTTIME: it counts on while the machine sleeps), which nobody can. The engine's time is the
steady clock plus an offset, and the offset is learned anew from the wall clock at each ``look`` of
the timer. So a wall clock that is set reaches nothing between two looks, and a look decides:

- *Back*, by any amount: time goes on, at nine tenths of its pace, until the wall clock has caught
  up. It never stands still, so timeouts and throttles go on; it never runs backwards, so the
  journal stays in order. More than TELL_NS is told as severe.
- *Forward, by at most TRUST_NS*: followed at once, and told when it is more than TELL_NS.
- *Forward, by more*: not followed. A following engine would time every request out, reopen its
  throttles, roll the trading day, end DAY orders by a standing policy and reset sequence numbers,
  all by the word of a clock that somebody may have mistyped. Its time runs on with the steady clock
  and that is told as severe. Should the wall clock come back, it is followed again; should it be
  right, a restart takes its word: that is a person's decision.
- *At the start* (``begin``) there is nothing but the wall clock and the journal's last record. A
  record from the future means that one of the two was wrong: up to a tolerance the engine goes on
  from the record's time, at nine tenths of the pace as above; beyond it, it does not start.

TransactTime(60) and the journal's times are the engine's time. While they differ from the wall
clock they are therefore ahead of it after a step back, and behind it after one forward that is not
followed. SendingTime(52) is QuickFIX's and is always the wall clock's.

Reading both clocks is not one instant: a look that was interrupted in between decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

SECOND_NS: Final = 1_000_000_000
TELL_NS: Final = SECOND_NS
TRUST_NS: Final = 60 * SECOND_NS
_APART_NS: Final = 10_000_000
"""Between the two readings of a look; after more the look is left to the next."""


class Jump(NamedTuple):
    """The wall clock was set, or agrees again: what each said at that look, ns UTC.

    ``followed``: from now on the engine's time is the wall clock's.
    """

    wall_ns: int
    engine_ns: int
    followed: bool


class Clock:
    """``now_ns`` is for any thread, ``begin`` and ``look`` for one at a time."""

    def __init__(self, wall_ns: Callable[[], int], steady_ns: Callable[[], int]) -> None:
        self._wall_ns: Final = wall_ns
        self._steady_ns: Final = steady_ns
        self._apart = False
        steady = steady_ns()
        self._offset = self._trusted = wall_ns() - steady
        self._line = (0, steady, self._offset)

    def now_ns(self) -> int:
        """The engine's time, ns UTC. Never less than it was."""
        steady = self._steady_ns()
        floor, since, offset = self._line  # _at(), without the call
        return max(floor + (steady - since) * 9 // 10, steady + offset)

    def begin(self, last_ns: int, tolerance_s: int) -> tuple[Jump | None, str]:
        """Go on from ``last_ns``, the journal's last time.

        What there is to tell of it, and why one should not, where that is so.
        """
        steady = self._steady_ns()
        wall = steady + self._offset
        self._line = (last_ns, steady, self._offset)
        ahead = last_ns - wall
        self._apart = ahead > TELL_NS
        jump = Jump(wall, last_ns, followed=False) if self._apart else None
        if ahead > tolerance_s * SECOND_NS:
            return jump, (
                f"the journal's last record is {ahead / SECOND_NS:,.1f} s in the future of this "
                f"machine's clock, and engine.clock_tolerance_s is {tolerance_s}: set the clock "
                "right, wait, or allow so much"
            )
        return jump, ""

    def look(self) -> Jump | None:
        """Learn what the wall clock says now. What people should know of it, if anything."""
        steady = self._steady_ns()
        wall = self._wall_ns()
        if self._steady_ns() - steady > _APART_NS:
            return None
        engine = self._at(steady)
        offset = wall - steady
        followed = min(wall - engine, offset - self._trusted) <= TRUST_NS
        self._line = (engine, steady, offset if followed else self._line[2])
        stepped = abs(offset - self._offset) > TELL_NS
        self._offset = offset
        apart = abs(wall - self._at(steady)) > TELL_NS
        told = stepped or apart is not self._apart
        self._apart = apart
        if not apart:
            self._trusted = offset
        return Jump(wall, engine, followed and not apart) if told else None

    def _at(self, steady: int) -> int:
        floor, since, offset = self._line
        return max(floor + (steady - since) * 9 // 10, steady + offset)
