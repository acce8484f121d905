"""In which orders the reports of a run may arrive, and which of them arrive twice.

A report is never there before its request was sent, nor before its trading day began; late is
always allowed. Our requests leave in published order, each as early as the engine takes it, so any
order of the reports of a day is one that a slow network could make; the requests of a later day
leave when that day begins, with the first of its reports.

Up to seven reports all orders are played, beyond that five thousand by seed: the published one, its
reverse, every one with a single report out of place, and then shuffles.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import permutations
from math import factorial
from random import Random
from typing import Final, NamedTuple

ALL_UP_TO: Final = 7
SAMPLE: Final = 5_000
_REPEATED: Final = 0.25
"""How likely a report is to come twice."""

Order = tuple[int, ...]
"""Reports of a run, by their place among its reports, in the order in which they arrive."""


class Repeat(Enum):
    """How a report comes: for the first time, retransmitted with PossDupFlag(43) and its old
    MsgSeqNum(34), or sent once more with PossResend(97) and a new one."""

    FIRST = 0
    POSS_DUP = 1
    POSS_RESEND = 2


class Delivery(NamedTuple):
    report: int
    repeat: Repeat


def orders(count: int, seed: int, most: int | None = None) -> Iterator[Order]:
    """The orders of ``count`` reports. ``most`` bounds their number below what is the rule."""
    limit = SAMPLE if count > ALL_UP_TO else factorial(count)
    limit = limit if most is None else min(limit, most)
    if limit >= factorial(count):
        yield from permutations(range(count))
        return
    seen: set[Order] = set()
    for order in _particular_then_shuffled(count, Random(seed)):
        if order not in seen:
            seen.add(order)
            yield order
        if len(seen) >= limit:
            return


def _particular_then_shuffled(count: int, random: Random) -> Iterator[Order]:
    published = list(range(count))
    yield tuple(published)
    yield tuple(reversed(published))
    for source in published:
        for target in published:
            moved = [n for n in published if n != source]
            moved.insert(target, source)
            yield tuple(moved)
    while True:
        random.shuffle(published)
        yield tuple(published)


def repeated(order: Order, random: Random) -> list[Delivery]:
    """The order with some reports coming once more, at any later place."""
    found = [Delivery(report, Repeat.FIRST) for report in order]
    for report in order:
        if random.random() < _REPEATED:
            first = found.index(Delivery(report, Repeat.FIRST))
            how = random.choice((Repeat.POSS_DUP, Repeat.POSS_RESEND))
            found.insert(random.randint(first + 1, len(found)), Delivery(report, how))
    return found


def once(order: Order) -> list[Delivery]:
    """The order without repetitions."""
    return [Delivery(report, Repeat.FIRST) for report in order]


def inversions(order: Order) -> int:
    """How many pairs of reports arrive the other way round than published."""
    return sum(a > b for n, a in enumerate(order) for b in order[n + 1 :])


def nearer(order: Order) -> Iterator[Order]:
    """The orders one exchange of neighbours nearer to the published one."""
    for n in range(len(order) - 1):
        if order[n] > order[n + 1]:
            yield (*order[:n], order[n + 1], order[n], *order[n + 2 :])
