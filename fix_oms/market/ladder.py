"""One side of a venue's book: its levels, best first.

Entries are kept by MDEntryID(278), or by price where the venue sends none, so that a change or a
delete finds what it means. Several entries may stand at one price: their sizes add up. A size that
nobody told is no size: such a level is a price for risk, and nothing that could be traded with.
"""

from __future__ import annotations

from typing import Final, final

from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it ships no types

from fix_oms.model.units import LARGEST, Fixed

Level = tuple[Fixed, Fixed]
"""A price, and the quantity at it."""


@final
class Ladder:
    """``best`` is None while there is none. ``entries`` are (price, size told or None) by key.

    The levels are sorted by rank, which is the price, or minus it for bids: so the best is the
    first on both sides. Each holds the sizes' sum and the number of its entries.
    """

    __slots__ = ("_levels", "_shown", "_sign", "best", "entries")

    def __init__(self, is_bid: bool) -> None:
        self._sign: Final = -1 if is_bid else 1
        self.entries: dict[str, tuple[Fixed, Fixed | None]] = {}
        self._levels = SortedDict()
        self.best: Fixed | None = None
        self._shown: tuple[Level, ...] | None = ()

    def put(self, key: str, price: Fixed | None, size: Fixed | None) -> None:
        """A new entry, or a change of one: what a change leaves out stays as it was."""
        before = self.entries.get(key)
        if before is not None:
            if price is None or price == before[0]:  # as most changes
                self._resize(key, before, size)
                return
            self._take(before)
        if price is None:
            return
        self.entries[key] = (price, size)
        self._shown = None
        rank = price * self._sign
        total, count = self._levels.get(rank, (0, 0))
        self._levels[rank] = (total + (size or 0), count + 1)
        best = self.best
        if best is None or rank < best * self._sign:
            self.best = price

    def drop(self, key: str) -> None:
        """The entry has gone; one that was never there changes nothing."""
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._take(entry)

    def clear(self) -> None:
        """Nothing is left."""
        self.entries.clear()
        self._levels.clear()
        self._shown, self.best = (), None

    def levels(self) -> tuple[Level, ...]:
        """(price, quantity) of each price with a quantity told, best first; kept until a change.

        A sum of more than any order can be is garbage, and counts as the most that one can be.
        """
        shown = self._shown
        if shown is None:
            sign, levels = self._sign, self._levels
            shown = self._shown = tuple(
                [
                    (rank * sign, size if size < LARGEST else LARGEST)
                    for rank in levels
                    if (size := levels[rank][0]) > 0
                ]
            )
        return shown

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        told = sorted(self.entries.items())
        return tuple([(key, price, -1 if size is None else size) for key, (price, size) in told])

    def _resize(self, key: str, before: tuple[Fixed, Fixed | None], size: Fixed | None) -> None:
        if size is not None:
            price, old = before
            self.entries[key] = (price, size)
            self._shown = None
            rank = price * self._sign
            total, count = self._levels[rank]
            self._levels[rank] = (total + size - (old or 0), count)

    def _take(self, entry: tuple[Fixed, Fixed | None]) -> None:
        price, size = entry
        self._shown = None
        levels, rank = self._levels, price * self._sign
        total, count = levels[rank]
        if count > 1:
            levels[rank] = (total - (size or 0), count - 1)
            return
        del levels[rank]
        if price == self.best:
            self.best = levels.peekitem(0)[0] * self._sign if levels else None

    def check(self) -> None:
        """Raises AssertionError where the levels are not the sums of the entries."""
        sums: dict[int, tuple[Fixed, int]] = {}
        for price, size in self.entries.values():
            total, count = sums.get(price * self._sign, (0, 0))
            sums[price * self._sign] = (total + (size or 0), count + 1)
        assert dict(self._levels) == sums, (dict(self._levels), sums)
        assert self.best == (min(sums) * self._sign if sums else None), self.best
