"""An iceberg: of a large quantity one small order is shown at a time.

When what is shown has filled, the next is sent: ``display`` of it, or up to ``vary_pct`` percent
more or less, so that nobody reads the size of what comes from what has been. The variation is drawn
from ``seed`` and the order's number alone, and so is the same in a replay. Each order is one like
any other: no venue need know MaxFloor(111).

The price is ``price``; or it is pegged, within ``price`` where that is given: to the best price on
our own side of the book, ours aside (``peg`` = best), or to halfway between bid and offer (mid). A
pegged order follows at most once in ``every_s`` seconds (1 unless given). Without a venue the
router posts each order (policy ``post`` unless another is named).
"""

from __future__ import annotations

from collections.abc import Iterator

from fix_oms.algos.algo import Answer, Desk
from fix_oms.algos.asked import STAY
from fix_oms.algos.progress import rows_sent
from fix_oms.algos.sizes import least_of
from fix_oms.algos.sliced import Sliced
from fix_oms.algos.times import SECOND
from fix_oms.model.algos import AnyAct, Change
from fix_oms.model.routing import POST
from fix_oms.model.units import Fixed, text_of

BEST = "best"
MID = "mid"
_MASK = (1 << 64) - 1


class Iceberg(Sliced, kw_only=True):
    """See the module's docstring. It has an end only where one is given."""

    display: Fixed
    vary_pct: int = 0
    seed: int = 0
    peg: str = ""
    carry: str = STAY

    moved_ns: int = 0
    """When it was last pegged anew."""

    REMEMBERS = Sliced.REMEMBERS | {"moved_ns"}
    AMENDABLE = Sliced.AMENDABLE | {"display", "vary_pct", "peg"}

    def wrong_kind(self, desk: Desk, begins: int, ends: int) -> str:
        least = least_of(self, desk)
        if self.display < least:
            return f"display: {text_of(self.display)} is less than is taken: {text_of(least)}"
        if not 0 <= self.vary_pct < 100:
            return f"vary_pct: {self.vary_pct} is not from 0 to 99"
        if self.peg not in ("", BEST, MID):
            return f"peg: {self.peg!r} is none of {BEST}, {MID}"
        if self.price is None and not self.peg:
            return "price: what is shown rests at one: give it, or peg"
        return ""

    def watches(self) -> frozenset[str]:
        return frozenset({self.symbol}) if self.peg and not self.is_over else frozenset()

    def on_book(self, desk: Desk, symbol: str) -> Answer:
        return self.look(desk)

    def every(self, begins: int, ends: int) -> int:
        return (self.every_s or 1) * SECOND

    def following(self, desk: Desk) -> list[int]:
        moves = self.moved_ns + self.every_ns
        return [self.ends_ns, self.wait_ns, moves if self._is_off(desk) else 0]

    def target(self, desk: Desk) -> Fixed:
        at_work = sum([mine.open_qty for mine in desk.working()])
        return self.executed(desk) + (at_work or self._size(desk))

    def planned_by(self, desk: Desk, at_ns: int) -> Fixed:
        return self.executed(desk)

    def schedule(self, desk: Desk) -> tuple[dict[str, str], ...]:
        return rows_sent(self, desk)

    def routed_by(self) -> str:
        return self.policy or POST

    def price_now(self, desk: Desk) -> Fixed | None:
        if not self.peg:
            return self.price
        pegged = self._pegged(desk)
        if pegged is None or self.price is None:
            return pegged or self.price
        return min(pegged, self.price) if self.buys else max(pegged, self.price)

    def send(self, desk: Desk) -> Iterator[AnyAct]:
        wanted = self.price_now(desk)
        if wanted is None:
            return  # pegged, and there is nothing to peg to
        yield from super().send(desk)
        if not self._is_off(desk) or desk.now < self.moved_ns + self.every_ns:
            return
        for mine in desk.working():
            if not mine.pending and mine.price != wanted:
                self.moved_ns = desk.now
                yield Change(name=mine.name, price=wanted)

    # -- parts --------------------------------------------------------------------------------

    def _size(self, desk: Desk) -> Fixed:
        if not self.vary_pct:
            return self.display
        lot = desk.terms(self.symbol, self.venue).lot
        pct = 100 - self.vary_pct + drawn(self.seed, self.sent) % (2 * self.vary_pct + 1)
        return max(self.display * pct // 100 // lot * lot, least_of(self, desk))

    def _is_off(self, desk: Desk) -> bool:
        """Whether what works stands elsewhere than it should."""
        wanted = self.price_now(desk) if self.peg else None
        working = desk.working() if wanted is not None else ()
        return any(mine.price != wanted and not mine.pending for mine in working)

    def _pegged(self, desk: Desk) -> Fixed | None:
        if self.peg == MID:
            found = desk.middle(self.symbol)
        else:
            own = dict[Fixed | None, Fixed]()
            for mine in desk.working():
                own[mine.price] = own.get(mine.price, 0) + mine.open_qty
            levels = desk.levels(self.symbol, bids=self.buys, venue=self.venue)
            found = next((price for price, qty in levels if qty > own.get(price, 0)), None)
        return desk.terms(self.symbol, self.venue).price(found, self.buys) if found else None


def drawn(seed: int, number: int) -> int:
    """A number from 0 to 2^64-1 that looks like chance and is always the same (splitmix64: Steele,
    Lea and Flood, Fast splittable pseudorandom number generators, 2014)."""
    mixed = (seed + (number + 1) * 0x9E3779B97F4A7C15) & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31
