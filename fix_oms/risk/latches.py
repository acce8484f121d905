"""Controls that stop a desk by what it has done, or by what is said of it.

*Latches* count acts (conduct, what a broker did beyond the terms). When the count is over the limit
they shut, and stay shut until a named person re-arms them: a strategy that has gone wrong must not
come back because a window has passed (RTS 6 Art 15(3)). Re-arming counts anew from nothing.

*Feeds* need no person: what a position feed says is compared with our executions, and the block
lifts by itself when it is confirmed.

Neither ever holds up a cancel, or an order that can only reduce.
"""

from __future__ import annotations

from collections import deque
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE, Fixed, text_of
from fix_oms.positions.feed import Feed
from fix_oms.risk.check import SECOND, Candidate, Check, Same
from fix_oms.risk.conduct import MEASURES
from fix_oms.risk.order_checks import money
from fix_oms.risk.tempo import Measure

_HUNDREDTHS: Final = 100


class Latch(Check):
    """The base of latches. ``shut_ns`` is when it shut, 0 while it is open."""

    __slots__ = ("shut_ns",)

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self.shut_ns = 0

    def refuse(self, order: Candidate) -> Refused | None:
        if not (self.shut_ns or self.would_shut(order.now, order.ahead.get((id(self), ()), 0))):
            return None
        return self.says(f"{self.why} until it is re-armed", self.limit_text, self.count, "", "99")

    @property
    def why(self) -> str:
        """The sentence that a person reads."""
        text = f"{self.count} {self.limit.text.partition(' ')[2]}"
        return f"{self.where} is stopped by {self.name} ({text}, the limit is {self.limit_text})"

    @property
    def limit_text(self) -> str:
        """The limit as text."""
        return text_of(self.most)

    @property
    def count(self) -> str:
        """What was found when it shut, or is by now."""
        raise NotImplementedError

    def exceeds(self, now: int) -> bool:
        """Whether the count is over the limit."""
        raise NotImplementedError

    def would_shut(self, now: int, ahead: int) -> bool:
        """Whether so many orders more, those ahead in a batch, would shut it."""
        return False

    def shuts(self, now: int) -> bool:
        """Shut it if the count is over the limit. Returns whether it shut just now."""
        if self.shut_ns or not self.exceeds(now):
            return False
        self.shut_ns = now
        return True


@final
class Conduct(Latch):
    """One measure of conduct over one bucket."""

    __slots__ = ("_bound", "_measure", "_multiplier", "_shut_at", "_window_ns")

    def __init__(self, limit: Limit, bucket: Key, multiplier: Fixed) -> None:
        super().__init__(limit, bucket)
        self._window_ns: Final = limit.seconds * SECOND
        self._multiplier: Final = multiplier
        self._bound: Final[int] = _bound(limit, multiplier)
        self._measure: Measure = MEASURES[limit.control](self._bound, self._window_ns)
        self._shut_at = 0

    def sent(self, now: int, kind: str, buys: bool, same: Same | None) -> None:
        self._measure.sent(now, kind, buys)

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        self._measure.filled(now, buys, qty, px, first)

    def exceeds(self, now: int) -> bool:
        if not self._measure.exceeds(now):
            return False
        self._shut_at = self._measure.found(now)
        return True

    def would_shut(self, now: int, ahead: int) -> bool:
        return ahead > 0 and self._measure.would_exceed(now, ahead)

    @property
    def count(self) -> str:
        return self._said(self._shut_at)

    def found(self, now: int) -> str:
        return self._said(self._measure.found(now))

    def facts(self) -> tuple[object, ...]:
        return (self.shut_ns, *self._measure.facts())

    def rearm(self) -> bool:
        was_shut = self.shut_ns != 0
        self.shut_ns = 0
        self._measure = MEASURES[self.control](self._bound, self._window_ns)
        return was_shut

    def take_over(self, old: Check) -> None:
        """The measure goes on, if it is over the same window; what was shut stays shut."""
        if isinstance(old, Conduct):
            self.shut_ns, self._shut_at = old.shut_ns, old._shut_at
            if old._window_ns == self._window_ns:
                self._measure = old._measure
                self._measure.rebound(self._bound)

    def _said(self, found: int) -> str:
        if self.control == "order_to_trade":
            return text_of(found * SCALE // _HUNDREDTHS)
        if self.control == "round_trip_loss":
            return money(found * self._multiplier // SCALE)
        return str(found)


def _bound(limit: Limit, multiplier: Fixed) -> int:
    """The limit in the measure's unit: a count, hundredths, or money before the multiplier."""
    if limit.control == "round_trip_loss":
        return limit.limit * SCALE * SCALE // multiplier
    if limit.control == "order_to_trade":
        return limit.limit * _HUNDREDTHS // SCALE
    return limit.limit // SCALE


@final
class BeyondTerms(Latch):
    """``beyond_terms``: how often the broker did what no request of ours had allowed it."""

    __slots__ = ("_count", "_times", "_window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self._count: Final = limit.limit // SCALE
        self._window_ns: Final = limit.seconds * SECOND
        self._times: deque[int] = deque(maxlen=self._count + 1)

    def beyond(self, now: int) -> None:
        self._times.append(now)

    def exceeds(self, now: int) -> bool:
        return len(self._times) > self._count and self._times[0] > now - self._window_ns

    @property
    def count(self) -> str:
        return str(len(self._times))

    def found(self, now: int) -> str:
        return str(sum(1 for at in self._times if at > now - self._window_ns))

    def facts(self) -> tuple[object, ...]:
        return (self.shut_ns, *self._times)

    def rearm(self) -> bool:
        was_shut = self.shut_ns != 0
        self.shut_ns = 0
        self._times.clear()
        return was_shut

    def take_over(self, old: Check) -> None:
        if isinstance(old, BeyondTerms):
            self.shut_ns = old.shut_ns
            self._times.extend(old._times)


class FeedCheck(Check):
    """The base of what a position feed can stop. ``feed`` is of the bucket's account and symbol."""

    __slots__ = ("feed", "since_ns")

    def __init__(self, limit: Limit, bucket: Key, feed: Feed, since_ns: int) -> None:
        super().__init__(limit, bucket)
        self.feed: Final = feed
        self.since_ns = since_ns

    def refuse(self, order: Candidate) -> Refused | None:
        why = self.breach(order.now)
        if not why:
            return None
        return self.says(why, text_of(self.most), self.found(order.now), "", "99")

    def take_over(self, old: Check) -> None:
        if isinstance(old, FeedCheck):
            self.since_ns = old.since_ns


@final
class UnconfirmedFills(FeedCheck):
    """``unconfirmed_fills``: by the fewest that the feed may lack, or by the most (``certain``).

    A desk that comes back to flat after each trade, and a feed that is stuck at 0, look the same to
    the first; the second sees it, and takes longer to come down where quantities alone are told.
    """

    __slots__ = ("certain",)

    def __init__(self, limit: Limit, bucket: Key, feed: Feed, since_ns: int) -> None:
        super().__init__(limit, bucket, feed, since_ns)
        self.certain: Final = limit.against == "certain"

    @property
    def count(self) -> int:
        """How many are not confirmed."""
        return self.feed.unproven if self.certain else self.feed.unconfirmed

    def breach(self, now: int) -> str:
        count = self.count
        if count * SCALE <= self.most:
            return ""
        return f"{count} executions of {self.where} are not confirmed by its position feed"

    def found(self, now: int) -> str:
        return str(self.count)


@final
class PositionBreak(FeedCheck):
    """``position_break``."""

    def breach(self, now: int) -> str:
        if abs(self.feed.difference) <= self.most:
            return ""
        return f"the position feed of {self.where} differs from our executions: " + (
            self.feed.missing() or text_of(self.feed.difference)
        )

    def found(self, now: int) -> str:
        return text_of(self.feed.difference)


@final
class PositionFeed(FeedCheck):
    """``position_feed``: silent for too long, counted from the start where it never spoke."""

    def breach(self, now: int) -> str:
        silent = now - (self.feed.told_ns or self.since_ns)
        if silent * SCALE <= self.most * SECOND:
            return ""
        return f"the position feed of {self.where} has been silent for {silent // SECOND} s"

    def found(self, now: int) -> str:
        silent = now - (self.feed.told_ns or self.since_ns)
        return f"{silent // SECOND} s"
