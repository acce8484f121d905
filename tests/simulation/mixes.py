"""The mixes of faults that a run can be given, and what stands in front of the market."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import attrs

from tests.simulation.links import Lateness

LIMIT: Final = 40
"""The position limit of every run, in lots, long or short."""


class Guard(StrEnum):
    """Who decides whether an order of the bot leaves.

    The naive ones compare the limit with the last position message plus this order: without what
    is open, or with what the bot believes to be open.
    """

    GATE = "the gate"
    LAST_POSITION = "last position, open orders not counted"
    OWN_VIEW = "last position, open orders by the bot's own view"


_PROMPT: Final = Lateness(delay=(95, 105))
_AT_ONCE: Final = Lateness(delay=(10, 20))
NAIVE: Final = (Guard.LAST_POSITION, Guard.OWN_VIEW)


@attrs.frozen(kw_only=True)
class Mix:
    """One mix.

    ``positions`` is the channel of position messages, one each ``period_ms``, marked with what is
    in ``marks`` (as_of, exec_id, seq). In the (from, to) seconds of ``outages`` it is silent, or
    says over and over what was true at the beginning (``sticks``). ``orders`` is the channel that
    tells the bot of its orders.

    ``wire_ms`` is one way on the FIX sessions, which are cut so often ``cuts_per_min``, noticed
    after ``noticed_ms`` and back after ``back_ms``; the gate is killed and started again
    ``kills_per_min``. ``repeats`` is the share of reports that the venue says again.

    A taker comes each ``taker_ms`` on average; ``flips`` is how often he is on the other side than
    the one before. ``behaviour`` is the venue's, which may find orders by OrigClOrdID(41) alone
    (``by_orig``); ``habits`` are the bot's: a ``careful`` one stops short of the limit, any other
    quotes until its position is there.
    """

    name: str
    venues: tuple[str, ...] = ("ALPHA",)
    period_ms: float = 250
    positions: Lateness = _PROMPT
    marks: tuple[str, ...] = ("as_of",)
    outages: tuple[tuple[float, float], ...] = ()
    sticks: bool = False
    orders: Lateness = _AT_ONCE
    wire_ms: tuple[float, float] = (2, 10)
    cuts_per_min: float = 0
    noticed_ms: tuple[float, float] = (0, 2000)
    back_ms: tuple[float, float] = (500, 4000)
    kills_per_min: float = 0
    repeats: float = 0.0
    taker_ms: float = 250
    flips: float = 0.02
    behaviour: dict[str, Any] = attrs.Factory(dict)
    by_orig: bool = False
    habits: dict[str, Any] = attrs.Factory(dict)
    careful: bool = False


_LATE: Final = Lateness(delay=(1000, 5000), loss=0.2, again=0.2)
_DEAF: Final = Lateness(delay=(50, 3000), loss=0.3, again=0.2)
_BOTH: Final = ("ALPHA", "BETA")
_SILENCES: Final = ((6, 20), (28, 42))

HEALTHY: Final = Mix(name="healthy", careful=True)
OUTAGE: Final = Mix(name="an outage", careful=True, outages=((20, 40),))
STUCK: Final = Mix(
    name="a feed that repeats itself",
    careful=True,
    outages=((20, 80),),
    sticks=True,
    flips=1.0,
)
FAULTS: Final = (
    Mix(name="healthy, bot without care"),
    Mix(name="late positions", positions=Lateness(delay=(4000, 5000)), period_ms=1000),
    Mix(name="lost positions", positions=Lateness(delay=(100, 300), loss=0.9, again=0.5), marks=()),
    Mix(name="silent positions", outages=_SILENCES),
    Mix(name="stuck positions", outages=_SILENCES, sticks=True, marks=()),
    Mix(name="deaf bot", orders=_DEAF, habits={"amends": False}),
    Mix(name="deaf bot, late positions", orders=_DEAF, positions=_LATE, habits={"sweep": 11}),
    Mix(
        name="slow venue",
        wire_ms=(20, 400),
        positions=_LATE,
        behaviour={"ack_delay_ms": 300, "pending_reports": True, "cancel_reject_rate": 0.1},
    ),
    Mix(
        name="cut sessions",
        venues=_BOTH,
        cuts_per_min=12,
        repeats=0.1,
        positions=_LATE,
        habits={"levels": 2, "sweep": 17},
    ),
    Mix(
        name="cut sessions, found by OrigClOrdID",
        venues=_BOTH,
        cuts_per_min=12,
        positions=_LATE,
        by_orig=True,
        habits={"levels": 2, "sweep": 17},
    ),
    Mix(
        name="killed gate",
        venues=_BOTH,
        wire_ms=(20, 200),
        kills_per_min=6,
        marks=("exec_id",),
        habits={"levels": 2, "sweep": 19},
    ),
    Mix(
        name="everything",
        venues=_BOTH,
        wire_ms=(5, 300),
        cuts_per_min=12,
        kills_per_min=3,
        repeats=0.2,
        positions=_LATE,
        marks=(),
        orders=_DEAF,
        outages=((8, 14), (30, 38)),
        behaviour={"ack_delay_ms": 100, "cancel_reject_rate": 0.1, "reject_rate": 0.02},
        habits={"levels": 2, "amends": False, "sweep": 23},
    ),
)
