"""How often: what has happened within a window of time, and the controls that only count.

A measure is one figure of one limit over one bucket of the flow (an account, a strategy, a symbol,
whatever the limit is stated for). It is told what leaves and what executes, and says at any moment
what the figure is. It decides nothing: the gate compares, blocks, and keeps the block until a named
person takes it away; what follows begins with a new measure.

**The window.** An event at ``t`` counts at ``now`` while ``now - window < t``: exactly one window
later it is gone. Asking changes nothing, not even what is kept, because a question is not in the
journal and must not change what a replay decides; what has left the window is dropped when the
next event comes. A sum is the difference of two running totals, found by bisection.

**What is kept is bounded.** A count is only compared with its limit, so the newest ``most + 1``
events tell all of it: a figure of ``most + 1`` reads "more than the limit".

- ``order_rate``: new orders and replaces. ``cancel_rate``: cancels. A cancel always takes risk
  away, so a gate that blocks on it lets cancels go on and stops what they follow.
- ``order_to_trade``: messages for each execution, in hundredths. Too few messages make no ratio:
  the first quotes of a morning have not executed either. So it is 0 below ``LEAST_MESSAGES``. No
  execution at all counts as one, which makes the ratio the number of messages.
- ``repeated_execution``: orders that executed on one side in a row (RTS 6 Art 15(3)). Each is
  counted at its first fill, however many follow; one on the other side starts the row again. It
  sees a loop that fires again and again, as Knight Capital's did on 1 August 2012: 4 million
  executions in 154 stocks in 45 minutes, 10 a second in each (SEC 34-70694). A slow one looks like
  a liquidation, and is for the position limit to stop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import Final, final

from fix_oms.model.units import Fixed

NEW: Final = "new"
REPLACE: Final = "replace"
CANCEL: Final = "cancel"

LEAST_MESSAGES: Final = 300
"""With fewer in the window order_to_trade says nothing."""
MOST_EVENTS: Final = 4096
"""Of messages and of executions, the newest that order_to_trade looks at."""
_HUNDREDTHS: Final = 100
_SLACK: Final = 64


@final
class Window:
    """Amounts with the time of each, oldest first, and their sum over the window."""

    __slots__ = ("_befores", "_first", "_times", "_total", "window_ns")

    def __init__(self, window_ns: int) -> None:
        self.window_ns: Final = window_ns
        self._times: list[int] = []
        self._befores: list[int] = []  # what the total was before each
        self._total = 0
        self._first = 0  # what stands before it is dropped

    @property
    def entries(self) -> int:
        """How many are kept."""
        return len(self._times) - self._first

    def add(self, now: int, amount: int = 1) -> None:
        """An amount that comes now."""
        times, first = self._times, self._first
        if first < len(times) and times[first] <= now - self.window_ns:
            self._expire(now)
        times.append(now)
        self._befores.append(self._total)
        self._total += amount

    def take_back(self, now: int, amount: int) -> None:
        """Take off the newest what it cancels out, never to below nothing: no credit is kept."""
        self._expire(now)
        while amount > 0 and self.entries:
            newest = self._total - self._befores[-1]
            if amount < newest:
                self._total -= amount
                return
            amount -= newest
            self._total = self._befores.pop()
            self._times.pop()

    def sum(self, now: int) -> int:
        """Of the window that ends now."""
        return self.sum_after(now - self.window_ns)

    def sum_after(self, since: int) -> int:
        """Of all that came later than ``since``."""
        times, first = self._times, self._first
        if first == len(times):
            return 0
        if times[first] <= since:
            first = bisect_right(times, since, first)
        return self._total - self._befores[first] if first < len(times) else 0

    def drop_oldest(self) -> int:
        """Forget the oldest; its time."""
        at = self._times[self._first]
        self._skip_to(self._first + 1)
        return at

    def merge_oldest(self) -> None:
        """The two oldest become one at the later's time: nothing is forgotten early."""
        self._befores[self._first + 1] = self._befores[self._first]
        self._skip_to(self._first + 1)

    def clear(self) -> None:
        """Forget everything."""
        self._times.clear()
        self._befores.clear()
        self._total = self._first = 0

    def facts(self) -> tuple[object, ...]:
        """Each time with its amount, whatever was before."""
        ends = [*self._befores[self._first + 1 :], self._total]
        kept = zip(self._times[self._first :], self._befores[self._first :], ends, strict=False)
        return tuple((at, after - before) for at, before, after in kept)

    def _expire(self, now: int) -> None:
        times, first, since = self._times, self._first, now - self.window_ns
        while first < len(times) and times[first] <= since:
            first += 1
        if first != self._first:
            self._skip_to(first)

    def _skip_to(self, first: int) -> None:
        # Deleting from the front of a list moves the rest, so it waits until half is dead.
        if first > _SLACK and 2 * first > len(self._times):
            del self._times[:first]
            del self._befores[:first]
            first = 0
        self._first = first


class Measure:
    """One figure of one limit and bucket. ``now`` is ns UTC and never runs backwards.

    ``most`` is in the figure's own unit: a count, a Notional, or hundredths of a ratio. Raises
    ValueError where ``most`` is negative or the window is no time at all.
    """

    __slots__ = ("_window", "most", "window_ns")
    EACH: int = 1
    """The most that one entry can add to the figure."""

    def __init__(self, most: int, window_ns: int) -> None:
        if most < 0:
            raise ValueError(f"most is {most}: a limit cannot be negative")
        if window_ns <= 0:
            raise ValueError(f"window_ns is {window_ns}: a window must last")
        self.most = most
        self.window_ns: Final = window_ns
        self._window: Final = Window(window_ns)

    def rebound(self, most: int) -> None:
        """Count against another limit from here on."""
        self.most = most

    def sent(self, now: int, kind: str, buys: bool) -> None:
        """A message of ours has left: ``new``, ``replace`` or ``cancel``."""

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """An execution; ``first``: of its order. A bust takes nothing back: it was done."""

    def found(self, now: int) -> int:
        """The present figure, in the limit's unit."""
        return self._window.sum(now)

    def exceeds(self, now: int) -> bool:
        """Whether the figure is beyond the limit; at the limit it is not.

        What is kept bounds the figure from above, and nearly always says no by itself.
        """
        return self._window.entries * self.EACH > self.most and self.found(now) > self.most

    def would_exceed(self, now: int, ahead: int) -> bool:
        """Whether it would with so many new orders more; False where they do not count."""
        return False

    def facts(self) -> tuple[object, ...]:
        """All that a later figure depends on, for the state hash."""
        return (self.most, self.window_ns, self._window.facts())

    def _count(self, now: int) -> None:
        self._window.add(now)
        if self._window.entries > self.most + 1:
            self._window.drop_oldest()


class Tally(Measure):
    """A plain count: the times of the newest ``most + 1`` tell all of it, so each costs one append
    and the question whether it exceeds one comparison."""

    __slots__ = ("_times",)

    def __init__(self, most: int, window_ns: int) -> None:
        super().__init__(most, window_ns)
        self._times: deque[int] = deque(maxlen=most + 1)

    def rebound(self, most: int) -> None:
        """Count against another limit from here on."""
        super().rebound(most)
        self._times = deque(self._times, maxlen=most + 1)

    def _add(self, now: int) -> None:
        # One is forgotten for each that comes, so that a limit out of reach keeps no whole day.
        times = self._times
        if times and times[0] <= now - self.window_ns:
            times.popleft()
        times.append(now)

    def found(self, now: int) -> int:
        """How many are within the window."""
        since = now - self.window_ns
        return sum(1 for at in self._times if at > since)

    def exceeds(self, now: int) -> bool:
        """Whether the oldest of ``most + 1`` is within the window."""
        return len(self._times) > self.most and self._times[0] > now - self.window_ns

    def facts(self) -> tuple[object, ...]:
        """All that a later figure depends on."""
        return (self.most, self.window_ns, tuple(self._times))


@final
class OrderRate(Tally):
    """New orders and replaces within the window."""

    __slots__ = ()
    CONTROL: Final = "order_rate"

    def sent(self, now: int, kind: str, buys: bool) -> None:
        """Count what brings risk."""
        if kind != CANCEL:
            self._add(now)

    def would_exceed(self, now: int, ahead: int) -> bool:
        """Whether those and what is within the window are more than the limit."""
        return len(self._times) + ahead > self.most and self.found(now) + ahead > self.most


@final
class CancelRate(Tally):
    """Cancels within the window."""

    __slots__ = ()
    CONTROL: Final = "cancel_rate"

    def sent(self, now: int, kind: str, buys: bool) -> None:
        """Count a cancel."""
        if kind == CANCEL:
            self._add(now)


@final
class RepeatedExecution(Measure):
    """Orders that executed on one side in a row, within the window."""

    __slots__ = ("_buys",)
    CONTROL: Final = "repeated_execution"

    def __init__(self, most: int, window_ns: int) -> None:
        super().__init__(most, window_ns)
        self._buys = True

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """Count an order at its first fill."""
        if not first:
            return
        if buys != self._buys:
            self._window.clear()
            self._buys = buys
        self._count(now)

    def facts(self) -> tuple[object, ...]:
        """With the side of the row."""
        return (*super().facts(), self._buys)


@final
class OrderToTrade(Measure):
    """Messages for each execution within the window, in hundredths.

    Beyond ``MOST_EVENTS`` messages in the window it is the ratio of the newest of them. Raises
    ValueError for a limit that so many can never exceed.
    """

    __slots__ = ("_executions", "_since")
    CONTROL: Final = "order_to_trade"
    EACH = _HUNDREDTHS

    def __init__(self, most: int, window_ns: int) -> None:
        super().__init__(most, window_ns)
        if most >= MOST_EVENTS * _HUNDREDTHS:
            raise ValueError(f"most is {most}: {MOST_EVENTS} messages without a trade are less")
        self._executions: Final = Window(window_ns)
        self._since = 0  # the time of the newest message that was dropped for space

    def sent(self, now: int, kind: str, buys: bool) -> None:
        """Count a message of any kind."""
        self._window.add(now)
        if self._window.entries > MOST_EVENTS:
            self._since = self._window.drop_oldest()

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """Count each execution."""
        self._executions.add(now)
        if self._executions.entries > MOST_EVENTS:
            self._executions.drop_oldest()

    def found(self, now: int) -> int:
        """Hundredths of messages for each execution; 0 below ``LEAST_MESSAGES``."""
        return self._ratio(now, 0)

    def would_exceed(self, now: int, ahead: int) -> bool:
        """Whether those and what is within the window are too many for each execution."""
        return self._ratio(now, ahead) > self.most

    def _ratio(self, now: int, more: int) -> int:
        messages = self._window.sum(now) + more
        if messages < LEAST_MESSAGES:
            return 0
        executions = self._executions.sum_after(max(now - self.window_ns, self._since))
        return messages * _HUNDREDTHS // max(1, executions)

    def facts(self) -> tuple[object, ...]:
        """With the executions."""
        return (*super().facts(), self._executions.facts(), self._since)
