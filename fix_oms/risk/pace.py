"""Controls that count what leaves: throttles, and the same order again.

A window is what is younger than it: a message that left exactly a window ago is outside. What is
remembered is bounded by the limit itself: of ``n`` allowed messages only the times of the last
``n`` can decide.
"""

from __future__ import annotations

from collections import deque
from typing import Final, final

from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE
from fix_oms.risk.check import CANCEL, NEW, REPLACE, SECOND, Candidate, Check

_Terms = tuple[object, ...]


@final
class MessageRate(Check):
    """``message_rate``. New orders and replaces are counted apart; cancels are never counted, so
    they can never starve."""

    __slots__ = ("_count", "_times", "_window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self._count: Final = limit.limit // SCALE
        self._window_ns: Final = limit.seconds * SECOND
        self._times: dict[str, deque[int]] = {
            NEW: deque(maxlen=self._count),
            REPLACE: deque(maxlen=self._count),
        }

    def refuse(self, order: Candidate) -> Refused | None:
        times, room = self._times[order.kind], self._count - order.ahead
        if len(times) < room:
            return None
        since = order.now - self._window_ns
        if room > 0 and times[len(times) - room] <= since:
            return None
        used = sum(1 for at in times if at > since) + order.ahead
        return self.says(
            f"{used} {order.kind} messages within {self.limit.seconds} s reach the maximum "
            "message rate; cancels still leave",
            str(self._count),
            str(used + 1),
        )

    def sent(self, now: int, kind: str, order: Candidate | None) -> None:
        if kind != CANCEL:
            self._times[kind].append(now)

    def found(self, now: int) -> str:
        since = now - self._window_ns
        return ", ".join(
            f"{sum(1 for at in times if at > since)} {kind}" for kind, times in self._times.items()
        )

    def facts(self) -> tuple[object, ...]:
        return tuple((kind, tuple(times)) for kind, times in self._times.items())

    def take_over(self, old: Check) -> None:
        if isinstance(old, MessageRate):
            for kind, times in old._times.items():
                self._times[kind].extend(times)


@final
class DuplicateOrder(Check):
    """``duplicate_order``: orders of the same terms. Children of one parent are slices, and no
    duplicates; a replace is none either."""

    __slots__ = ("_count", "_recent", "_times", "_window_ns")

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self._count: Final = limit.limit // SCALE
        self._window_ns: Final = limit.seconds * SECOND
        self._times: dict[_Terms, deque[int]] = {}
        self._recent: deque[tuple[int, _Terms]] = deque()

    def refuse(self, order: Candidate) -> Refused | None:
        if order.kind != NEW or order.is_child:
            return None
        times = self._times.get(same_terms(order))
        room = self._count - order.same_ahead
        if times is None:
            if room > 0:
                return None
            times = deque()
        if len(times) < room:
            return None
        since = order.now - self._window_ns
        if room > 0 and times[len(times) - room] <= since:
            return None
        used = sum(1 for at in times if at > since) + order.same_ahead
        return self.says(
            f"{used} of the same terms left within {self.limit.seconds} s: a duplicate",
            str(self._count),
            str(used + 1),
            "OrderQty(38)",
            "6",
        )

    def sent(self, now: int, kind: str, order: Candidate | None) -> None:
        if order is None or kind != NEW or order.is_child:
            return
        since = now - self._window_ns
        while self._recent and self._recent[0][0] <= since:
            at, terms = self._recent.popleft()
            times = self._times[terms]
            if times[-1] == at:
                del self._times[terms]
        terms = same_terms(order)
        found = self._times.get(terms)
        if found is None:
            found = self._times[terms] = deque(maxlen=self._count)
        found.append(now)
        self._recent.append((now, terms))

    def facts(self) -> tuple[object, ...]:
        return tuple(self._recent)

    def take_over(self, old: Check) -> None:
        if isinstance(old, DuplicateOrder):
            for at, terms in old._recent:
                self._times.setdefault(terms, deque(maxlen=self._count)).append(at)
                self._recent.append((at, terms))


def same_terms(order: Candidate) -> _Terms:
    """What makes two orders the same."""
    terms = order.terms
    return (
        terms.symbol,
        terms.side,
        terms.order_qty,
        terms.ord_type,
        terms.price,
        terms.stop_px,
        terms.time_in_force,
    )
