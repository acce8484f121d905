"""Where an engine may be killed: the instants at which something is half done, by name.

A point is reached each time that the product's own code passes it (``armed`` wraps that code); the
engine dies when it is reached for the n-th time. The groups are the questions that a round asks;
the deck deals 20 rounds so that every group is among them, and 35 of 100 fall on either side of the
two borders that matter most: an order that is in the journal and not on the wire, and one that is
on the wire and has no answer in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

import attrs

APPEND_SEND: Final = "between append and send"
SEND_ANSWER: Final = "between send and acknowledgement"
FILL: Final = "while a fill comes in"
NUMBERS: Final = "while numbers are written"
START: Final = "during start and logon"
STOP: Final = "during stop"
RANDOM: Final = "at a random moment"
VENUE: Final = "the venues, or both sides at once"

POINTS: Final[dict[str, tuple[str, ...]]] = {
    APPEND_SEND: ("order appended", "message queued", "number taken"),
    SEND_ANSWER: ("message sent", "departure noted", "departure appended", "answer arrived"),
    FILL: ("fill arrived", "fill appended"),
    NUMBERS: ("epoch unwritten", "epoch written", "block unwritten", "block unsynced"),
    START: (
        "replaying",
        "start unwritten",
        "start unsynced",
        "logon leaves",
        "session up",
        "resend asked",
        "ready unwritten",
        "ready written",
    ),
    STOP: ("stop begun", "sessions out", "stop unwritten", "stop written"),
}
"""The points of each group that the engine dies at by itself; the other groups have none."""

AT_START: Final = frozenset({*POINTS[START], "block unwritten", "block unsynced"})
"""Points that a start passes: the engine is started with the trap set."""

DECK: Final = (
    *(APPEND_SEND, SEND_ANSWER) * 7,
    FILL,
    NUMBERS,
    START,
    STOP,
    RANDOM,
    VENUE,
)
"""The groups of 20 rounds."""

MOST_PASSES: Final[dict[str, int]] = {
    **dict.fromkeys((*POINTS[APPEND_SEND], *POINTS[SEND_ANSWER]), 80),
    **dict.fromkeys(POINTS[FILL], 40),
    **dict.fromkeys(("block unwritten", "block unsynced", "logon leaves", "session up"), 2),
    "replaying": 100,
}
"""Up to the how-manieth pass a trap may wait; 1 for the others: they come once in a process."""


@attrs.frozen(kw_only=True)
class Plan:
    """What one round is for: a group, and (unless the harness itself kills) a point and which of
    its passes is the last."""

    round: int
    group: str
    point: str = ""
    passes: int = 1

    @property
    def trap(self) -> str:
        """As the armed engine reads it."""
        return f"{self.point}:{self.passes}" if self.point else ""


def plans(rounds: int, seed: int) -> Iterator[Plan]:
    """The rounds of a campaign: whole decks, each shuffled, the points of a group in turn."""
    random = Random(seed)
    turn = {group: random.randrange(len(points)) for group, points in POINTS.items()}
    deck: list[str] = []
    for number in range(1, rounds + 1):
        if not deck:
            deck = list(DECK)
            random.shuffle(deck)
        group = deck.pop()
        if group not in POINTS:
            yield Plan(round=number, group=group)
            continue
        point = POINTS[group][turn[group] % len(POINTS[group])]
        turn[group] += 1
        most = MOST_PASSES.get(point, 1)
        yield Plan(round=number, group=group, point=point, passes=random.randint(1, most))
