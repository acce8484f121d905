"""Controls that count what leaves: throttles, and the same order again.

A window is what is younger than it: a message that left exactly a window ago is outside. What is
remembered is bounded by the limit itself: of ``n`` allowed messages only the times of the last
``n`` can decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE
from fix_oms.risk.check import NEW, REPLACE, SECOND, Candidate, Check, Same

LEAST_KEPT: Final = 1024
"""Fewer terms than this are not looked through for what is old."""


@final
class MessageRate(Check):
    """``message_rate``. New orders and replaces are counted apart; cancels are never counted, so
    they can never starve."""

    __slots__ = ("count", "times", "window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self.count: Final = limit.limit // SCALE
        self.window_ns: Final = limit.seconds * SECOND
        self.times: dict[str, deque[int]] = {
            NEW: deque(maxlen=self.count),
            REPLACE: deque(maxlen=self.count),
        }

    def refuse(self, order: Candidate) -> Refused | None:
        ahead = order.ahead.get((id(self), ()), 0)
        used = _reached(self.times[order.kind], self.count, ahead, order.now - self.window_ns)
        if used is None:
            return None
        return self.says(
            f"{used} {order.kind} messages within {self.limit.seconds} s reach the maximum "
            "message rate; cancels still leave",
            str(self.count),
            str(used + 1),
        )

    def sent(self, now: int, kind: str, buys: bool, same: Same | None) -> None:
        self.times[kind].append(now)

    def found(self, now: int) -> str:
        since = now - self.window_ns
        return ", ".join(
            f"{sum(1 for at in times if at > since)} {kind}" for kind, times in self.times.items()
        )

    def facts(self) -> tuple[object, ...]:
        return tuple((kind, tuple(times)) for kind, times in self.times.items())

    def take_over(self, old: Check) -> None:
        if isinstance(old, MessageRate):
            for kind, times in old.times.items():
                both = sorted((*self.times[kind], *times))
                self.times[kind].clear()
                self.times[kind].extend(both)


@final
class DuplicateOrder(Check):
    """``duplicate_order``: orders of the same terms. Children of one parent are slices, and no
    duplicates; a replace is none either."""

    __slots__ = ("_purge_at", "count", "times", "window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self.count: Final = limit.limit // SCALE
        self.window_ns: Final = limit.seconds * SECOND
        self.times: dict[Same, tuple[int, ...]] = {}
        self._purge_at = LEAST_KEPT

    def refuse(self, order: Candidate) -> Refused | None:
        if order.kind != NEW or order.is_child:
            return None
        same = same_terms(order.terms)
        ahead = order.ahead.get((id(self), same), 0)
        times = self.times.get(same, ())
        used = _reached(times, self.count, ahead, order.now - self.window_ns)
        if used is None:
            return None
        return self.says(
            f"{used} of the same terms left within {self.limit.seconds} s: a duplicate",
            str(self.count),
            str(used + 1),
            "OrderQty(38)",
            "6",
        )

    def sent(self, now: int, kind: str, buys: bool, same: Same | None) -> None:
        if same is None:
            return
        known = self.times.get(same)
        # Only the newest so many can decide, as of a rate.
        self.times[same] = (now,) if known is None else (*known, now)[-self.count :]
        if len(self.times) >= self._purge_at:
            self._purge(now)

    def _purge(self, now: int) -> None:
        """Forget what has left the window; again when as much has been added as is left."""
        since = now - self.window_ns
        self.times = {same: times for same, times in self.times.items() if times[-1] > since}
        self._purge_at = max(LEAST_KEPT, 2 * len(self.times))

    def facts(self) -> tuple[object, ...]:
        # By the words themselves: a StrEnum has another repr than the text that it equals.
        held = sorted(self.times.items(), key=lambda one: [str(word) for word in one[0]])
        return (self._purge_at, *held)

    def take_over(self, old: Check) -> None:
        if isinstance(old, DuplicateOrder):
            self.times = {same: times[-self.count :] for same, times in old.times.items()}
            self._purge_at = old._purge_at


def _reached(times: Sequence[int], count: int, ahead: int, since: int) -> int | None:
    """How many left after ``since``, with those ahead in a batch, where that is the ``count`` that
    may; None where there is room for one more."""
    room = count - ahead
    if len(times) < room or (room > 0 and times[len(times) - room] <= since):
        return None
    return sum(1 for at in times if at > since) + ahead


def same_terms(terms: Terms) -> Same:
    """What makes two orders the same."""
    return (
        terms.symbol,
        terms.side,
        terms.order_qty if terms.cash_order_qty is None else 0,
        terms.cash_order_qty,
        terms.ord_type,
        terms.price,
        terms.stop_px,
        terms.time_in_force,
    )
