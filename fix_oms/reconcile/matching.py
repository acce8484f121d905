"""Which row of theirs and which execution of ours speak of the same thing.

In passes, from what proves it to what only fits:

1. *ExecID(17)*, any of a chain's, within the counterparty. An ExecID that names another order in
   another instrument is another execution: ExecIDs are unique to an order, not to a broker.
2. *Terms*: symbol, side, quantity, price, account, the order where both name it, and the time
   within the tolerance. Back offices re-book a trade under a new number; nothing is wrong with it.
3. *Sums*: one line for many fills of an order at their average price, or many lines for one fill.
4. *All but one*: for a row without an ExecID(17) the execution that differs from it in one thing
   only; that one thing is the break. A row with an ExecID that we do not have is never paired so:
   by its own word it is another execution.

Before pass 2 a row whose ExecID another row has used is set aside as a duplicate. What is left
after pass 4 is missing on one side, except an execution after the file's cut-off, which is pending.

All executions of ours that are known take part in pass 1, so that a line dated a day late finds
its own; only those of the file's day are expected to be in it. Prices agree when the file's is
ours rounded to the decimals that the file has: it cannot say more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from fix_oms.model.units import Fixed, average
from fix_oms.reconcile.breaks import Break, BreakClass, differences, found, key_of, pair
from fix_oms.reconcile.trades import Trade

Distance = tuple[int, bool, bool, int, Fixed, int]
_FAR: Final[Distance] = (1 << 30, True, True, 0, 0, 0)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How the two sides are compared. ``day`` (YYYYMMDD) is the one whose executions the file must
    show, those after ``cut_off_ns`` (0: none) excepted; not ``is_whole``: it need not show any.
    ``sums``: each line is the sum of an order's fills, whether or not it adds up."""

    day: int
    px_tolerance: Fixed = 0
    avg_tolerance: Fixed = 0
    time_tolerance_ns: int = 0
    cut_off_ns: int = 0
    is_whole: bool = True
    sums: bool = False
    multipliers: Mapping[str, Fixed] = {}


class Compared(msgspec.Struct, kw_only=True):
    """What came of it. ``agreed`` are the keys of what is no break (any more); ``passes`` how many
    of their rows each pass has matched; ``unseen`` ours that a file that is not whole leaves out.
    """

    breaks: list[Break]
    pending: list[Trade]
    agreed: set[str]
    passes: dict[str, int]
    unseen: int = 0


def compare(ours: Sequence[Trade], theirs: Sequence[Trade], terms: Terms) -> Compared:
    """The breaks between our executions (of every day) and theirs."""
    matching = _Matching(ours, theirs, terms)
    matching.by_exec_id()
    matching.duplicates()
    if terms.sums:
        matching.by_sums()
        matching.by_terms()
    else:
        matching.by_terms()
        matching.by_sums()
    matching.all_but_one()
    return matching.leftovers()


class _Matching:
    def __init__(self, ours: Sequence[Trade], theirs: Sequence[Trade], terms: Terms) -> None:
        self._terms: Final = terms
        self._ours: Final = ours
        self._mine: Final = dict(enumerate(ours))
        """Ours that no row has been found for yet, by place."""
        self._rows: Final = dict(enumerate(theirs))
        """Theirs that no execution of ours has been found for yet."""
        self._taken: Final[dict[str, list[Trade]]] = defaultdict(list)
        """Their rows that were matched, by each ExecID."""
        self._matched: Final[list[Trade]] = []
        self._again: Final[Counter[str]] = Counter()
        self._done: Final = Compared(breaks=[], pending=[], agreed=set(), passes={})
        told = {name for row in theirs for name in row.orders}
        self._same_names: Final = any(name in told for trade in ours for name in trade.orders)
        """Whether they call any order as we do; if not, their names of orders tell nothing."""

    # -- the passes -------------------------------------------------------------------------------

    def by_exec_id(self) -> None:
        places: dict[str, list[int]] = defaultdict(list)
        for n, trade in self._mine.items():
            for exec_id in trade.exec_ids:
                places[exec_id].append(n)
        # First those that differ in nothing and name the order, so that no other takes their place.
        for is_strict in (True, False):
            for m, row in list(self._rows.items()):
                named = {n for e in row.exec_ids for n in places.get(e, ()) if n in self._mine}
                candidates = [n for n in named if _may_be(self._mine[n], row)]
                best = min(candidates, key=lambda n: self._distance(n, row), default=None)
                if best is not None and not (is_strict and any(self._distance(best, row)[:3])):
                    self._match("ExecID", [best], [m])

    def duplicates(self) -> None:
        """Set aside what one side has under one ExecID a second time."""
        for m, row in list(self._rows.items()):
            if row.exec_ids and not row.gone:
                taken = self._taken[row.exec_ids[0]]
                again = next((other for other in taken if _is_of_one_order(other, row)), None)
                if again is not None:
                    self._twice(None, self._rows.pop(m), f"stands at {again.where} already")
                else:
                    taken.append(row)
        held = Counter(trade.exec_ids[0] for trade in self._ours if trade.exec_ids)
        for n, trade in list(self._mine.items()):
            first = trade.exec_ids[0] if trade.exec_ids else ""
            if held[first] > 1 and self._taken.get(first) and self._is_due(trade):
                self._twice(self._mine.pop(n), None, "we hold two executions under one ExecID(17)")

    def by_terms(self) -> None:
        places = _Places()
        for n, trade in self._mine.items():
            if not trade.gone:
                key = trade.symbol, trade.buys, trade.qty, trade.day
                places.add(key, self._names(trade), trade.time_ns, n)
        places.sort()
        for m, row in self._open_rows():
            key = row.symbol, row.buys, row.qty, row.day or self._terms.day
            best = self._nearest(
                places.near(key, self._names(row), row.time_ns, self._terms), row, 0
            )
            if best is not None:
                self._match("terms", [best], [m])

    def by_sums(self) -> None:
        """One line for many fills of an order, then many lines for one fill."""
        mine = _by_name((n, self._mine[n]) for n in self._expected())
        for m, row in self._open_rows():
            group = [n for n in _of(row, mine) if n in self._mine and self._is_like(n, row)]
            same_px = [n for n in group if self._mine[n].px == row.px]
            for part in (group, same_px):
                if len(part) > 1 and self._adds_up([self._mine[n] for n in part], row):
                    self._match("sums", part, [m])
                    break
            else:
                if self._terms.sums and len(group) > 1:
                    self._match("sums", group, [m])
        rows = _by_name(self._open_rows())
        for n in self._expected():
            trade = self._mine[n]
            lines = [m for m in _of(trade, rows) if m in self._rows]
            parts = [m for m in lines if self._is_like(n, self._rows[m])]
            if len(parts) > 1 and self._adds_up([self._rows[m] for m in parts], trade):
                self._match("sums", [n], parts)

    def all_but_one(self) -> None:
        places = _Places()
        for n in self._expected():
            trade = self._mine[n]
            key = () if self._names(trade) else (trade.symbol,)
            places.add(key, self._names(trade), trade.time_ns, n)
        places.sort()
        for m, row in self._open_rows():
            if row.exec_ids:
                continue
            names = self._names(row)
            near = places.near(() if names else (row.symbol,), names, row.time_ns, self._terms)
            best = self._nearest(near, row, 1)
            if best is not None:
                self._match("all but one", [best], [m])

    def leftovers(self) -> Compared:
        done, terms = self._done, self._terms
        rows = Counter(_row_of(row) for row in self._matched if not row.exec_ids)
        for row in self._rows.values():
            if row.gone:
                done.agreed.add(key_of(row))  # busted there and never here
            elif row.time_ns and rows[_row_of(row)]:
                self._twice(None, row, "the same row stands there already")
            else:
                done.breaks.append(found(BreakClass.MISSING_HERE, None, row, terms.multipliers))
        for n in self._expected():
            trade = self._mine[n]
            if self._is_pending(trade):
                done.pending.append(trade)
            elif terms.is_whole:
                done.breaks.append(found(BreakClass.MISSING_THERE, trade, None, terms.multipliers))
            else:
                done.unseen += 1
        done.agreed -= {one.key for one in done.breaks}
        return done

    # -- what a match says ------------------------------------------------------------------------

    def _match(self, how: str, mine: list[int], rows: list[int]) -> None:
        ours = [self._mine.pop(n) for n in mine]
        theirs = [self._rows.pop(m) for m in rows]
        for row in theirs:
            self._matched.append(row)
            for exec_id in row.exec_ids:
                self._taken[exec_id].append(row)
        done, terms = self._done, self._terms
        counted = sum(not row.gone for row in theirs)
        if counted:
            done.passes[how] = done.passes.get(how, 0) + counted
        single = len(ours) == len(theirs) == 1
        tolerance = terms.px_tolerance if single else terms.avg_tolerance
        wrong = pair(summed(ours), summed(theirs), terms.multipliers, tolerance)
        done.agreed.update(key_of(trade) for trade in (*ours, *theirs))
        if wrong is not None:
            done.breaks.append(wrong)

    def _twice(self, ours: Trade | None, theirs: Trade | None, note: str) -> None:
        one = found(BreakClass.DUPLICATE, ours, theirs, self._terms.multipliers, note=note)
        self._again[one.key] += 1
        if self._again[one.key] > 1:
            one = msgspec.structs.replace(one, key=f"{one.key} ({self._again[one.key]})")
        self._done.breaks.append(one)

    # -- what fits --------------------------------------------------------------------------------

    def _expected(self) -> list[int]:
        return [n for n, trade in self._mine.items() if self._is_due(trade)]

    def _is_due(self, trade: Trade) -> bool:
        return trade.day == self._terms.day and not trade.gone

    def _open_rows(self) -> list[tuple[int, Trade]]:
        return [(m, row) for m, row in self._rows.items() if not row.gone]

    def _is_pending(self, trade: Trade) -> bool:
        """Executed after the file was cut, or so near it that clocks decide."""
        cut = self._terms.cut_off_ns
        return cut > 0 and trade.time_ns >= cut - self._terms.time_tolerance_ns

    def _differs(self, n: int, row: Trade) -> tuple[BreakClass, ...]:
        mine = self._mine[n]
        if mine.gone or row.gone:
            return ()
        return differences(mine, row, self._terms.px_tolerance)

    def _names(self, trade: Trade) -> tuple[str, ...]:
        """The names of its order, where the two sides use the same."""
        return trade.orders if self._same_names else ()

    def _nearest(self, near: Iterable[int], row: Trade, most: int) -> int | None:
        """Of ours that are left the nearest that fits and differs in ``most`` things."""
        best, least = None, _FAR
        for n in near:
            if n not in self._mine or not self._fits(n, row):
                continue
            distance = self._distance(n, row)
            if distance[0] == most and distance < least:
                best, least = n, distance
                if not any(distance[:-1]):
                    break
        return best

    def _fits(self, n: int, row: Trade) -> bool:
        """Whether nothing speaks against it: the order's name, the time."""
        mine = self._mine[n]
        if (
            self._same_names
            and mine.orders
            and row.orders
            and not set(mine.orders) & set(row.orders)
        ):
            return False
        apart = abs(mine.time_ns - row.time_ns) if mine.time_ns and row.time_ns else 0
        return apart <= self._terms.time_tolerance_ns

    def _is_like(self, n: int, row: Trade) -> bool:
        mine = self._mine[n]
        if (mine.symbol, mine.buys, mine.day) != (row.symbol, row.buys, row.day or mine.day):
            return False
        return self._terms.sums or not row.account or mine.account == row.account

    def _adds_up(self, parts: list[Trade], whole: Trade) -> bool:
        one = summed(parts)
        return one.qty == whole.qty and abs(one.px - whole.px) <= self._terms.avg_tolerance

    def _distance(self, n: int, row: Trade) -> Distance:
        mine = self._mine[n]
        return (
            len(self._differs(n, row)),
            mine.day != row.day,
            self._same_names and not set(mine.orders) & set(row.orders),
            abs(mine.time_ns - row.time_ns) if mine.time_ns and row.time_ns else 0,
            abs(mine.qty - row.qty),
            n,
        )


class _Places:
    """Places of executions under a key and a name of their order, in the order of their times.

    Under each key all of them stand once more under no name, for rows that tell none.
    """

    def __init__(self) -> None:
        self._by: Final[dict[object, list[tuple[int, int]]]] = defaultdict(list)

    def add(self, key: object, names: tuple[str, ...], time_ns: int, n: int) -> None:
        for name in (*names, ""):
            self._by[key, name].append((time_ns, n))

    def sort(self) -> None:
        for places in self._by.values():
            places.sort()

    def near(
        self, key: object, names: tuple[str, ...], time_ns: int, terms: Terms
    ) -> Iterator[int]:
        """Those whose time is within the tolerance, or is not told; each name's own."""
        for name in names or ("",):
            places = self._by.get((key, name), [])
            if not time_ns:
                yield from (n for _, n in places)
                continue
            tolerance = terms.time_tolerance_ns
            start = bisect_left(places, (time_ns - tolerance, 0))
            stop = bisect_left(places, (time_ns + tolerance + 1, 0))
            untimed = bisect_left(places, (1, 0))
            yield from (n for _, n in places[start:stop])
            yield from (n for _, n in places[: min(untimed, start)])


def summed(trades: Sequence[Trade]) -> Trade:
    """Several executions of one order as one, at their average price."""
    first, *others = trades
    if not others:
        return first
    qty = sum(t.qty for t in trades)
    return msgspec.structs.replace(
        first,
        exec_ids=tuple(e for t in trades for e in t.exec_ids),
        qty=qty,
        px=average(sum(t.qty * t.px for t in trades), qty),
        time_ns=max(t.time_ns for t in trades),
        where=f"{first.where} and {len(others)} more",
    )


def _may_be(ours: Trade, row: Trade) -> bool:
    """Whether one ExecID means one execution: it does, but for another order's other symbol."""
    return ours.symbol == row.symbol or _is_of_one_order(ours, row)


def _is_of_one_order(one: Trade, other: Trade) -> bool:
    """Whether the names of their orders, where both have some, have one in common."""
    return not one.orders or not other.orders or bool(set(one.orders) & set(other.orders))


def _row_of(row: Trade) -> tuple[object, ...]:
    return row.orders, row.account, row.symbol, row.buys, row.qty, row.px, row.time_ns


def _by_name(trades: Iterable[tuple[int, Trade]]) -> dict[str, list[int]]:
    named: dict[str, list[int]] = defaultdict(list)
    for n, trade in trades:
        for name in trade.orders:
            named[name].append(n)
    return named


def _of(trade: Trade, named: Mapping[str, list[int]]) -> list[int]:
    """The places under any name of the trade's order, each once."""
    return list(dict.fromkeys(n for name in trade.orders for n in named.get(name, ())))
