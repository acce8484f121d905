"""What the measures make of a stream, how that adds up, and how sure one can be of the sums.

**Caught**: of a bad stream, at least one measure trips after it went bad and before it ends, which
is where the harm is done. A trip before it went bad is no catch: a good strategy was stopped.

**False block**: a good order refused. The gate blocks from the trip until a person takes the block
away, so every new order and replace of a good stream after its first trip counts, to its end.

**Bounds** are exact ones at 95 % (Clopper and Pearson 1934), one-sided: for recall from below, for
false blocks from above; where none was seen in ``n`` that is the rule of three, 3 / n. The orders
of one stream fall together, so a bound that takes them for independent is too good to be true. The
one of streams is not: a good stream that trips loses at most all of its orders.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import Final

import attrs

from bench.conduct.market import FILL
from bench.conduct.streams import Stream
from bench.conduct.thresholds import Threshold
from fix_oms.risk.tempo import CANCEL

DOUBT: Final = 0.05


@attrs.frozen
class Verdict:
    """``tripped``: the index of the event at which a measure tripped, ``by`` which.
    ``orders`` are the new orders and replaces of the good part, ``refused`` those after a trip.
    """

    stream: Stream
    tripped: int | None
    by: str
    orders: int
    refused: int

    @property
    def caught(self) -> bool:
        """Whether it went bad and was stopped after that, in time."""
        begun = self.stream.bad_from
        return begun is not None and self.tripped is not None and self.tripped >= begun

    @property
    def events_to_catch(self) -> int:
        """How many events there were from when it went bad."""
        return (self.tripped or 0) - (self.stream.bad_from or 0) + 1


def judge(stream: Stream, limits: list[Threshold]) -> Verdict:
    """Run the stream through all measures, up to the first that trips."""
    tripped, by = _first_trip(stream, limits)
    good = stream.events[: stream.bad_from]
    after = good if tripped is None else good[: tripped + 1]
    orders, left = (sum(e.kind not in (FILL, CANCEL) for e in part) for part in (good, after))
    return Verdict(stream, tripped, by, orders, orders - left)


def _first_trip(stream: Stream, limits: list[Threshold]) -> tuple[int | None, str]:
    measures = [limit.measure(stream.position_value) for limit in limits]
    for index, event in enumerate(stream.events):
        for measure, limit in zip(measures, limits, strict=True):
            if event.kind == FILL:
                measure.filled(event.at, event.buys, event.qty, event.px, event.first)
            else:
                measure.sent(event.at, event.kind, event.buys)
            if measure.exceeds(event.at):
                return index, f"{limit.control} {limit.window_s} s"
    return None, ""


@attrs.define
class Tally:
    """The verdicts on many streams of one kind."""

    streams: int = 0
    caught: int = 0
    good_streams: int = 0
    false_trips: int = 0
    orders: int = 0
    refused: int = 0
    waits: list[int] = attrs.Factory(list)
    by: Counter[str] = attrs.Factory(Counter)

    def add(self, verdict: Verdict) -> None:
        """Count one."""
        self.streams += 1
        self.caught += verdict.caught
        self.orders += verdict.orders
        self.refused += verdict.refused
        if verdict.tripped is not None:
            self.by[verdict.by] += 1
        if verdict.stream.bad_from != 0:
            self.good_streams += 1
            self.false_trips += verdict.tripped is not None and not verdict.caught
        if verdict.caught:
            self.waits.append(verdict.events_to_catch)

    def merge(self, other: Tally) -> None:
        """Count all that the other counted."""
        self.streams += other.streams
        self.caught += other.caught
        self.good_streams += other.good_streams
        self.false_trips += other.false_trips
        self.orders += other.orders
        self.refused += other.refused
        self.waits += other.waits
        self.by += other.by

    @property
    def median_wait(self) -> float:
        """Events from going bad to the trip; 0 where nothing was caught."""
        return median(self.waits) if self.waits else 0.0

    @property
    def recall_at_least(self) -> float:
        """With 95 % confidence."""
        return 1 - at_most(self.streams - self.caught, self.streams)

    @property
    def refused_at_most(self) -> float:
        """The share of good orders, with 95 % confidence, were orders independent."""
        return at_most(self.refused, self.orders)

    @property
    def false_trips_at_most(self) -> float:
        """The share of good streams, with 95 % confidence."""
        return at_most(self.false_trips, self.good_streams)


def at_most(seen: int, of: int) -> float:
    """The largest share that would show no more than ``seen`` in one of twenty trials."""
    if seen >= of:
        return 1.0
    low, high = seen / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(seen, of, middle) > DOUBT else (low, middle)
    return high


def _tail(seen: int, of: int, share: float) -> float:
    """The probability of no more than ``seen`` of ``of``; by logarithms, since ``of`` is large."""
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(k + 1)
        - math.lgamma(of - k + 1)
        + k * math.log(share)
        + (of - k) * math.log1p(-share)
        for k in range(seen + 1)
    )
    return math.fsum(math.exp(x) for x in logs)
