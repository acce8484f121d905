"""Controls that count what leaves: throttles, and the same order again.

A window is what is younger than it: a message that left exactly a window ago is outside. What is
remembered is bounded by the limit itself: of ``n`` allowed messages only the times of the last
``n`` can decide.

A share of a message rate may be reserved for hedges: what covers a fill must not wait because a
quoter has used the second up. Others then have what is left beside it, and hedges all of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE, Fixed
from fix_oms.risk.check import NEW, REPLACE, SECOND, Candidate, Check, Same

LEAST_KEPT: Final = 1024
"""Fewer terms than this are not looked through for what is old."""


@final
class MessageRate(Check):
    """``message_rate``. New orders and replaces are counted apart; cancels are never counted, so
    they can never starve. ``free`` is what others than hedges may use, ``others`` when they did;
    nothing is kept there while nothing is reserved."""

    __slots__ = ("count", "free", "others", "times", "window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self.count: Final = limit.limit // SCALE
        self.window_ns: Final = limit.seconds * SECOND
        self.times: dict[str, deque[int]] = {
            NEW: deque(maxlen=self.count),
            REPLACE: deque(maxlen=self.count),
        }
        self.free: Final = self.count - reserved(self.count, limit.reserve_hedge_pct)
        kinds = (NEW, REPLACE) if self.free < self.count else ()
        self.others: dict[str, deque[int]] = {kind: deque(maxlen=self.free) for kind in kinds}

    def refuse(self, order: Candidate) -> Refused | None:
        ahead, since = order.ahead.get((id(self), ()), 0), order.now - self.window_ns
        used = _reached(self.times[order.kind], self.count, ahead, since)
        if used is None:
            if order.is_hedge or not self.others:
                return None
            return self._beside(order.kind, ahead, since)
        return self.says(
            f"{used} {order.kind} messages within {self.limit.seconds} s reach the maximum "
            "message rate; cancels still leave",
            str(self.count),
            str(used + 1),
        )

    def _beside(self, kind: str, ahead: int, since: int) -> Refused | None:
        """Whether others have used up what is left beside the share of hedges."""
        used = _reached(self.others[kind], self.free, ahead, since)
        if used is None:
            return None
        return self.says(
            f"{used} {kind} messages within {self.limit.seconds} s are all that may leave beside "
            f"the {self.count - self.free} reserved for hedges; cancels still leave",
            str(self.free),
            str(used + 1),
        )

    def sent(self, now: int, kind: str, buys: bool, same: Same | None) -> None:
        self.times[kind].append(now)

    def sent_by_others(self, now: int, kind: str) -> None:
        """What has left was no hedge."""
        if self.others:
            self.others[kind].append(now)

    def found(self, now: int) -> str:
        since = now - self.window_ns
        found = [
            f"{sum(1 for at in times if at > since)} {kind}" for kind, times in self.times.items()
        ]
        if self.others:
            found.append(f"{self.count - self.free} reserved for hedges")
        return ", ".join(found)

    def facts(self) -> tuple[object, ...]:
        held = (*self.times.items(), *self.others.items())
        return tuple((kind, tuple(times)) for kind, times in held)

    def take_over(self, old: Check) -> None:
        if isinstance(old, MessageRate):
            _join(self.times, old.times)
            _join(self.others, old.others or old.times)


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


def reserved(count: int, share: Fixed) -> int:
    """The messages of a rate that only hedges may use, rounded up; never all of them."""
    return min(-(-count * share // (100 * SCALE)), count - 1)


def _join(mine: dict[str, deque[int]], others: dict[str, deque[int]]) -> None:
    """Add the times of one to those of another, as far as it keeps them."""
    for kind, held in mine.items():
        both = sorted((*held, *others[kind]))
        held.clear()
        held.extend(both)


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
