"""A labelled stream: one strategy's events, and from when on it was bad.

A stream is drawn from its behaviour and a seed and from nothing else. More than half of the bad
ones were something good before: a measure meets them with an inventory, with messages and
executions in its window, with wins behind it.
"""

from __future__ import annotations

from random import Random
from typing import Final

import attrs

from bench.conduct.bad import BAD
from bench.conduct.good import BEFORE, GOOD
from bench.conduct.market import Event, Tape
from fix_oms.model.units import Notional

_WAS_GOOD: Final = 0.6
_VOLATILE: Final = frozenset({"news day"})
_LIQUID: Final = frozenset({"hedger"})  # nobody hedges where the spread is wide


@attrs.frozen
class Stream:
    """``bad_from``: the index of the first bad event, None where all are good. ``position_value``:
    that of the largest position that the desk lets the strategy hold."""

    behaviour: str
    seed: int
    events: list[Event]
    bad_from: int | None
    position_value: Notional


def draw(behaviour: str, seed: int) -> Stream:
    """The stream of a behaviour and a seed. Raises KeyError for a behaviour that is none."""
    random = Random(f"{behaviour} {seed}")
    tape = Tape(random, calm=behaviour not in _VOLATILE, liquid=behaviour in _LIQUID)
    bad_from = None
    if behaviour in GOOD:
        least, most = (30, 250) if behaviour == "manual" else (150, 1500)
        GOOD[behaviour](tape, random.randint(least, most))
    else:
        act = BAD[behaviour]
        if random.random() < _WAS_GOOD:
            GOOD[random.choice(BEFORE)](tape, random.randint(20, 300))
        bad_from = len(tape.events)
        act(tape)
    return Stream(behaviour, seed, tape.events, bad_from, tape.position_value)
