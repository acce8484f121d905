"""What somebody else says that our position is, compared with our own sum and never obeyed.

Our *points* are the positions that we held after each execution, oldest first. A true statement is
one of them, some executions ago, or one that we come to when the report of a fill that the broker
has counted already gets here. So a statement *fits* if some point equals it.

What one proves. A feed does not go backwards: each statement reflects the point of the one before
or a later one. So the earliest point that fits, from the last such one on, is the least that the
broker has counted: the *floor*. True statements never contradict it, whichever points they meant.

What it does not prove. Busts, corrections and opposite fills bring a position back to where it
was, and then several points fit. Two counts say what is known, and without a clock the truth lies
between them:

- ``unconfirmed`` counts from the latest point that fits: the fewest that the broker may lack;
- ``unproven`` counts from the floor: the most. It is the safe one. A desk that comes back to flat
  after each trade, and a feed stuck at 0, look the same to ``unconfirmed``; only this one grows.
  But an honest feed of quantities alone cannot bring it down for such a desk; ExecID(17) can.

Nor does a difference of 0 say that the books agree, only that there is a way to read the statement
by which they do. They agree for certain when ``unproven`` is 0 too.

- *By ExecID(17)*: one that we hold names its point, and that point must equal the statement, except
  for executions that came to us after it and that the broker counted before it: they are moved
  there. One that we do not hold is waited for. A statement that names a point before the floor, and
  equals it, is an old one and ignored.
- *By time*: the broker's clock is not ours, a report travels, and a stamp may be when the message
  was made. So ``as_of`` only chooses the ``unconfirmed`` point among those that fit: the one whose
  time as newest is nearest, on either side. It never moves the floor and never makes a difference.
  A date is no time: it is given as 0.
- *By quantity* otherwise. If no point fits, the difference is the smallest at a point allowed (of
  equals, the newest): no more is certain. Such a statement confirms nothing. If an execution comes
  that makes it fit, at the end of ours or right after what we held when it came, the broker was
  ahead: the difference goes, and our points are in the broker's order from there on.

A statement that fits only a point before the floor is either an old one, repeated, or the broker's
position did go back, by a bust that we have not been told of. The second costs money, so it is a
difference, unless seq or ExecID(17) says that it is old, or its ``as_of`` is before one already
heard: that compares the broker's clock with itself. It never lowers the floor. What is ignored does
not count as heard either, so a feed that repeats itself goes stale by ``told_ns``.

The quantity alone cannot tell a fill missing here from an opposite one that the broker lacks, nor a
fill that the broker has lost from one that it counts later than others: both are differences, and
:meth:`Feed.missing` says what would explain them. Two wrongs that cancel each other are not seen.

Memory: at most ``MOST`` executions since the floor. Beyond, the oldest are forgotten and their
points fit no more; both counts go on counting until a statement fits one that is kept.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import Fixed, text_of

MOST: Final = 1024
"""Executions kept since the floor; a quarter is forgotten at a time, so that one costs little."""
PAST: Final = 64
"""Executions kept from before the floor, to know an old statement by; at times twice as many."""
RUN: Final = 8
"""So many executions in a row, at most, are taken together for what explains a difference."""
_NOWHERE: Final = -1


@final
class Feed:
    """What is said of one account and symbol, beside our own sum.

    ``difference`` is what was told less what we held at the point it is compared with; ``told_ns``
    is when the last statement came (0: none yet). A point ``i`` is the position after the first
    ``i`` of the executions kept.
    """

    __slots__ = (
        "_as_of",
        "_at",
        "_awaited",
        "_base",
        "_changes",
        "_floor",
        "_forgotten",
        "_gap",
        "_ids",
        "_named",
        "_seq",
        "_times",
        "_told",
        "difference",
        "quantity",
        "told_ns",
        "unconfirmed",
    )

    def __init__(self) -> None:
        self.quantity: Fixed = 0
        self.unconfirmed = 0
        self.difference: Fixed = 0
        self.told_ns = 0
        self._base: Fixed = 0  # the position at point 0
        self._changes: list[Fixed] = []
        self._ids: list[str] = []
        self._times: list[int] = []
        self._floor = 0
        self._forgotten = 0  # executions after the floor that are kept no more
        self._told: Fixed = 0
        self._seq = 0
        self._as_of = 0  # the latest heard
        self._awaited = ""  # the ExecID(17) of the last statement, while we do not hold it
        self._named = False  # whether it named a point
        self._at = _NOWHERE  # the point where executions that came after it may belong
        self._gap: Fixed = 0  # what they then have to add up to

    @property
    def stated(self) -> Fixed:
        """What the last statement said."""
        return self._told

    @property
    def unproven(self) -> int:
        """Executions since the earliest point that the statements can mean: the most unconfirmed.

        Before the first statement, all; but an opening position is no execution.
        """
        return self._forgotten + len(self._changes) - self._floor

    def executed(self, now: int, exec_id: str, change: Fixed) -> None:
        """Our position changed: a fill, a bust (minus), a correction's difference.

        An opening position has no ExecID(17). If it comes first, nothing lies before it: a broker
        that says 0 then is not late, it lacks the position.
        """
        self.quantity += change
        if not exec_id and not self._changes and not self.told_ns:
            self._base += change
            return
        self._changes.append(change)
        self._ids.append(exec_id)
        self._times.append(now)
        self.unconfirmed += 1
        if self.difference or self._awaited:
            self._again(exec_id)
        if len(self._changes) - self._floor > MOST:
            self._forget(self._floor + MOST // 4)

    def told(
        self, now: int, quantity: Fixed, *, as_of: int = 0, exec_id: str = "", seq: int = 0
    ) -> None:
        """A statement of our position, received at ``now``.

        ``as_of`` (ns UTC; 0: not stated) is the time that it speaks of, ``exec_id`` the last
        execution that it includes ("": not stated), ``seq`` its running number (0: none).
        """
        if seq and seq <= self._seq:
            return
        point = self._point_of(exec_id, quantity) if exec_id else _NOWHERE
        earlier = not seq and 0 < as_of < self._as_of
        if self._is_old(point, quantity, earlier):
            return
        self._seq = seq or self._seq
        self._as_of = max(self._as_of, as_of)
        self.told_ns = now
        self._told = quantity
        self._awaited = exec_id if point == _NOWHERE else ""
        if point >= self._floor:
            self._align(point)
        else:
            self._read(as_of)

    def renumbered(self) -> None:
        """The feed's running numbers start again, as on a new day or a new session epoch."""
        self._seq = 0

    # -- reading a statement ------------------------------------------------------------------

    def _point_of(self, exec_id: str, told: Fixed) -> int:
        """The point after that execution. Where trade and bust share an id: one that fits, or the
        later."""
        found = _NOWHERE
        if exec_id in self._ids:
            position = self.quantity
            for i in range(len(self._ids), 0, -1):
                if self._ids[i - 1] == exec_id:
                    if position == told:
                        return i
                    found = max(found, i)
                position -= self._changes[i - 1]
        return found

    def _is_old(self, point: int, told: Fixed, earlier: bool) -> bool:
        """Whether it says again what was true before the floor."""
        if point != _NOWHERE:
            return point < self._floor and self._position(point) == told
        return earlier and 0 <= self._latest(told) < self._floor

    def _align(self, point: int) -> None:
        """The statement names this point."""
        self._named = True
        self._at = point
        self._gap = self.difference = self._told - self._position(point)
        newest = len(self._changes)
        if self._gap:
            for end in range(point + 1, newest + 1):
                if self._came_late(end):
                    return
        self._confirm(point, newest - point)

    def _read(self, as_of: int) -> None:
        """The statement names no point: look for those that fit, from the newest back."""
        newest = len(self._changes)
        position = self.quantity
        smallest = gap = self._told - position
        earliest = chosen = _NOWHERE
        distance = 0
        for i in range(newest, self._floor - 1, -1):
            gap = self._told - position
            if not gap:
                away = self._away(i, as_of) if as_of else 0
                if chosen == _NOWHERE or away < distance:
                    chosen, distance = i, away
                earliest = i
            elif abs(gap) < abs(smallest):
                smallest = gap
            if i:
                position -= self._changes[i - 1]
        self._named = False
        self._at = newest
        self._gap = self._told - self.quantity
        if chosen == _NOWHERE:
            self.difference = smallest
        else:
            self.difference = 0
            self._confirm(earliest, newest - chosen)

    def _away(self, point: int, as_of: int) -> int:
        """How far that time is from the times at which the point was our newest."""
        if point and as_of < self._times[point - 1]:
            return self._times[point - 1] - as_of
        if point < len(self._times) and as_of > self._times[point]:
            return as_of - self._times[point]
        return 0

    def _again(self, exec_id: str) -> None:
        """An execution came while the last statement does not fit, or names what we lacked."""
        newest = len(self._changes)
        if exec_id and exec_id == self._awaited:
            self._awaited = ""
            self._align(newest)
            return
        if not self.difference or (self._at != _NOWHERE and self._came_late(newest)):
            return
        gap = self._told - self.quantity
        if not self._named and abs(gap) <= abs(self.difference):
            self.difference = gap
            if not gap:
                self._confirm(newest, 0)

    def _came_late(self, end: int) -> bool:
        """Whether a run of executions that ends there is what the statement has and we lacked.

        If so, it is moved to where the broker counted it: before the one named, or after the point
        that was our newest.
        """
        total: Fixed = 0
        for start in range(end - 1, max(self._at, end - RUN) - 1, -1):
            total += self._changes[start]
            if total == self._gap:
                to = self._at - 1 if self._named else self._at
                for values in (self._changes, self._times):
                    values[to:end] = values[start:end] + values[to:start]
                self._ids[to:end] = self._ids[start:end] + self._ids[to:start]
                self.difference = 0
                point = self._at + end - start
                self._confirm(point, len(self._changes) - point)
                return True
        return False

    # -- what is kept -------------------------------------------------------------------------

    def _confirm(self, floor: int, unconfirmed: int) -> None:
        """Everything up to ``floor`` is counted by the broker."""
        self._forgotten = 0
        self._floor = floor
        self.unconfirmed = unconfirmed
        if floor > 2 * PAST:
            self._forget(floor - PAST)

    def _forget(self, count: int) -> None:
        """Keep the oldest no more."""
        self._base += sum(self._changes[:count])
        del self._changes[:count], self._ids[:count], self._times[:count]
        self._forgotten += max(0, count - self._floor)
        self._floor = max(0, self._floor - count)
        self._at = max(_NOWHERE, self._at - count)

    def _position(self, point: int) -> Fixed:
        return self.quantity - sum(self._changes[point:])

    def _points(self) -> list[Fixed]:
        points = [self._base]
        for change in self._changes:
            points.append(points[-1] + change)
        return points

    def _latest(self, position: Fixed) -> int:
        """The latest point of that position, from before the floor too."""
        points = self._points()
        for i in range(len(points) - 1, -1, -1):
            if points[i] == position:
                return i
        return _NOWHERE

    # -- for people ---------------------------------------------------------------------------

    def missing(self) -> str:
        """What would explain the difference, in words; "" when the statement fits."""
        if not self.difference:
            return ""
        points = self._points()
        ours = self._told - self.difference
        point = self._at if self._named else self._latest(ours)
        ago = len(self._changes) - point
        held = f"held {text_of(ours)} {_executions(ago)} ago" if ago else f"hold {text_of(ours)}"
        if point == _NOWHERE:
            held = f"held {text_of(ours)} before the executions that are kept"
        here, there = ("buy", "sell") if self.difference > 0 else ("sell", "buy")
        size = text_of(abs(self.difference))
        words = (
            f"the broker says {text_of(self._told)}, we {held}: a {here} of {size} is missing here,"
            f" or the broker has not counted a {there} of {size}"
        )
        if uncounted := self._run(points, 0, point, -self.difference):
            words += f", such as {uncounted}"
        if ahead := self._run(points, max(0, point), len(self._changes), self.difference):
            words += f", or it has counted {ahead} but not what we got before"
        if self._awaited:
            words += f"; it includes ExecID(17) {self._awaited}, which is none of our last ones"
        if self._told in points[: self._floor]:
            before = self._ids[points.index(self._told)] or "(none)"
            words += (
                f"; it is what we held before ExecID(17) {before}, which it had counted since:"
                " an old statement, or a bust is missing here"
            )
        return words

    def _run(self, points: list[Fixed], low: int, high: int, total: Fixed) -> str:
        """The ExecID(17)s of the shortest, then latest, run of executions between two points that
        add up to ``total``."""
        for length in range(1, RUN + 1):
            for end in range(high, low + length - 1, -1):
                if points[end] - points[end - length] == total:
                    first, last = self._ids[end - length] or "(none)", self._ids[end - 1]
                    return f"ExecID(17) {first}" + f" to {last or '(none)'}" * (length > 1)
        return ""

    # -- for the replay and the tests ---------------------------------------------------------

    def facts(self) -> tuple[object, ...]:
        """All that decides what it will say next."""
        return (
            self.quantity,
            self.unconfirmed,
            self.difference,
            self.told_ns,
            self._floor,
            self._forgotten,
            self._told,
            self._seq,
            self._as_of,
            self._awaited,
            self._named,
            self._at,
            self._gap,
            tuple(self._changes),
            tuple(self._ids),
            tuple(self._times),
        )

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        points = self._points()
        newest = len(self._changes)
        assert newest == len(self._ids) == len(self._times)
        assert points[-1] == self.quantity, "the sum differs from its addends"
        assert 0 <= self._floor <= newest
        assert newest - self._floor <= MOST
        assert self._floor <= 2 * PAST
        assert 0 <= self.unconfirmed <= self.unproven
        if not self.told_ns:
            assert not self.difference, "a difference from nothing"
            return
        if not self.difference:
            assert self.unconfirmed > newest or points[newest - self.unconfirmed] == self._told
        elif not self._named:
            assert self._told not in points[self._floor :], "a point fits"
        if self.difference and self._at != _NOWHERE:
            assert self._gap == self._told - points[self._at]


def _executions(count: int) -> str:
    return "1 execution" if count == 1 else f"{count} executions"
