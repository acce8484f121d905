"""One side of a venue's book: its levels, best first.

Entries are kept by MDEntryID(278), or by price where the venue sends none, so that a change or a
delete finds what it means. Several entries may stand at one price: their sizes add up. A size that
nobody told is no size: such a level is a price for risk, and nothing that could be traded with.
"""

from __future__ import annotations

from typing import Final, final

from sortedcontainers import SortedDict

from fix_oms.model.units import Fixed

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
            if price is None:
                price = before[0]
            if size is None and price == before[0]:
                size = before[1]
            self._take(before)
        if price is None:
            return
        self.entries[key] = (price, size)
        rank = price * self._sign
        total, count = self._levels.get(rank, (0, 0))
        self._levels[rank] = (total + (size or 0), count + 1)
        self._moved()

    def drop(self, key: str) -> None:
        """The entry has gone; one that was never there changes nothing."""
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._take(entry)
            self._moved()

    def clear(self) -> None:
        """Nothing is left."""
        self.entries.clear()
        self._levels.clear()
        self._moved()

    def levels(self) -> tuple[Level, ...]:
        """(price, quantity) of each price with a quantity told, best first; kept until a change."""
        shown = self._shown
        if shown is None:
            sign = self._sign
            shown = self._shown = tuple(
                [(rank * sign, level[0]) for rank, level in self._levels.items() if level[0] > 0]
            )
        return shown

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        told = sorted(self.entries.items())
        return tuple([(key, price, -1 if size is None else size) for key, (price, size) in told])

    def _take(self, entry: tuple[Fixed, Fixed | None]) -> None:
        price, size = entry
        rank = price * self._sign
        total, count = self._levels[rank]
        if count == 1:
            del self._levels[rank]
        else:
            self._levels[rank] = (total - (size or 0), count - 1)

    def _moved(self) -> None:
        self._shown = None
        levels = self._levels
        self.best = levels.peekitem(0)[0] * self._sign if levels else None

    def check(self) -> None:
        """Raises AssertionError where the levels are not the sums of the entries."""
        sums: dict[int, tuple[Fixed, int]] = {}
        for price, size in self.entries.values():
            total, count = sums.get(price * self._sign, (0, 0))
            sums[price * self._sign] = (total + (size or 0), count + 1)
        assert dict(self._levels) == sums, (dict(self._levels), sums)
        assert self.best == (min(sums) * self._sign if sums else None), self.best
