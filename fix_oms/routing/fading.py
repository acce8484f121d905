"""How what was counted fades: half of it within each half-life, by the inputs' own time.

Time goes in steps of an eighth of the half-life. A counter notes the step at which it was last
brought up to date, its *age*, and is multiplied by what the steps since then come to when it is
next touched: a counter that nobody touches costs nothing. The factors are fixed fractions, so
that a replay fades as the engine did; eight steps at once are exactly a half.
"""

from __future__ import annotations

from typing import Final, final

STEPS: Final = 8
"""So many steps to a half-life: within one a counter is at most 9 % too high."""
_BITS: Final = 24
_FACTORS: Final = (
    16777216,
    15384775,
    14107901,
    12937002,
    11863283,
    10878679,
    9975792,
    9147842,
)
"""2^(-n/8) for n steps, in units of 2^-24."""


@final
class Clock:
    """Which step it is: ``age`` counts them, the present one ends at ``until_ns``."""

    __slots__ = ("_step_ns", "age", "until_ns")

    def __init__(self) -> None:
        self._step_ns = 1
        self.age = 0
        self.until_ns = 0

    def set(self, half_life_ns: int, now: int) -> None:
        """From ``now`` on another half-life; what has faded so far has faded by the old one."""
        step_ns = max(1, half_life_ns // STEPS)
        if step_ns != self._step_ns:
            self.advance(now)
            self._step_ns = step_ns
            self.until_ns = now + step_ns

    def begin(self, now: int) -> None:
        """There is nothing yet that could fade."""
        self.age = 0
        self.until_ns = now + self._step_ns

    def advance(self, now: int) -> None:
        """It is ``now``; an earlier time changes nothing."""
        if now >= self.until_ns:
            steps = (now - self.until_ns) // self._step_ns + 1
            self.age += steps
            self.until_ns += steps * self._step_ns

    def age_at(self, now: int) -> int:
        """The age that :meth:`advance` would come to."""
        if now < self.until_ns:
            return self.age
        return self.age + (now - self.until_ns) // self._step_ns + 1

    def facts(self) -> tuple[int, int, int]:
        """All of it, for the replay's state hash."""
        return self.age, self.until_ns, self._step_ns


def faded(value: int, steps: int) -> int:
    """What is left of a counter after so many steps; rounded towards 0."""
    if steps <= 0 or not value:
        return value
    factor, shift = _FACTORS[steps % STEPS], _BITS + steps // STEPS
    return value * factor >> shift if value > 0 else -(-value * factor >> shift)


def half_lives(age: int) -> int:
    """How many have gone by at that age: for what can only be halved."""
    return age // STEPS
