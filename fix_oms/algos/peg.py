"""Peg: one order that is kept where the queue is.

It waits at a place of the book (``to``):

    best          the best price of its own side; queue_1 is the same
    queue_N       the N-th level of its own side (the last one, where there are fewer)
    mid           halfway between the best bid and offer, rounded away from the other side
    opposite      the best price of the other side, where it trades at once; opponent_1 is the same
    opponent_N    the N-th level of the other side

``offset_ticks`` moves it from there: above 0 towards the other side, below 0 away. Never beyond
``price``, its limit; and never onto the other side (one tick before it), unless it pegs to it. What
the algo has there itself is not what it pegs to: its own quantity is taken off the level it stands
at, else it would hold itself up.

It is moved where its place is ``move_ticks`` or more away, and not more often than every
``every_ms``. It looks at the books of all venues (``across``) or of its own venue. Where there is
nothing to peg to it stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from fix_oms.algos.algo import Desk, Mine
from fix_oms.algos.asked import SIDES
from fix_oms.algos.careful import MILLISECOND, RUNNING, Careful, wrong_word
from fix_oms.model.algos import AnyAct, Done
from fix_oms.model.units import Fixed, text_of

_TO: Final = re.compile(r"(queue|opponent)_([1-9][0-9]{0,3})")
_WORDS: Final = ("best", "mid", "opposite", "queue_N", "opponent_N")


class Peg(Careful, kw_only=True):
    """See the module's docstring."""

    to: str = "best"
    price: Fixed | None = None
    offset_ticks: int = 0
    move_ticks: int = 1
    every_ms: int = 250
    across: bool = False

    AMENDABLE = frozenset({"qty", "to", "price", "offset_ticks", "move_ticks", "every_ms"})

    def most(self) -> Mapping[tuple[str, bool], Fixed]:
        return {(self.symbol, self.buys): self.qty}

    def wrong(self, desk: Desk) -> str:
        wrong = self.wrong_place(desk) or self.wrong_price(desk, "price", self.price)
        if wrong:
            return wrong
        if not _TO.fullmatch(self.to) and (bad := wrong_word("to", self.to, _WORDS[:3])):
            return bad.replace(", ".join(_WORDS[:3]), ", ".join(_WORDS))
        if self.qty < desk.filled(self.symbol, buys=self.buys):
            return f"qty: {text_of(self.qty)} is less than has executed already"
        if not -10_000 <= self.offset_ticks <= 10_000:
            return f"offset_ticks: {self.offset_ticks} is not from -10000 to 10000"
        if not 1 <= self.move_ticks <= 10_000:
            return f"move_ticks: {self.move_ticks} is not from 1 to 10000"
        if not 1 <= self.every_ms <= 3_600_000:
            return f"every_ms: {self.every_ms} is not from 1 to 3600000"
        return ""

    def shown(self, desk: Desk) -> dict[str, str]:
        executed = desk.filled(self.symbol, buys=self.buys)
        found = {"executed": text_of(executed), "left": text_of(self.qty - executed)}
        for mine in desk.working():
            found["at"] = text_of(mine.price or 0)
        wanted = self.target(desk)
        return found if wanted is None else found | {"target": text_of(wanted)}

    # -- what is done -------------------------------------------------------------------------

    def decide(self, desk: Desk) -> Iterator[AnyAct]:
        left = self.qty - desk.filled(self.symbol, buys=self.buys)
        working = desk.working()
        if desk.state != RUNNING:
            return
        if left <= 0 and not working:
            yield Done(why="all of it has executed")
        elif not working:
            yield from self._begin(desk, left)
        else:
            yield from self._keep(desk, working[0], left)

    def _begin(self, desk: Desk, left: Fixed) -> Iterator[AnyAct]:
        price = self.target(desk)
        if price is None or not self.may_send(desk):
            yield from self.wake(desk)
            return
        self.next_ns = desk.now + self.every_ms * MILLISECOND
        yield self.place("p", SIDES[self.side], left, price)

    def _keep(self, desk: Desk, mine: Mine, left: Fixed) -> Iterator[AnyAct]:
        price, tick = self.target(desk), desk.terms(self.symbol, self.venue).tick
        if price is None or mine.price is None or mine.pending:
            return
        is_away = abs(price - mine.price) >= self.move_ticks * tick
        is_beyond = self.price is not None and _beyond(mine.price, self.price, self.buys)
        if not (is_away or is_beyond or mine.open_qty != left):
            return
        if desk.now < self.next_ns:
            yield from self.wake(desk)
        elif self.may_send(desk):
            self.next_ns = desk.now + self.every_ms * MILLISECOND
            yield from self.change(mine, mine.executed + left, price)

    def target(self, desk: Desk) -> Fixed | None:
        """Where it should stand; None where there is nothing to peg to."""
        found = self._place_of(desk)
        if found is None:
            return None
        terms = desk.terms(self.symbol, self.venue)
        towards = terms.tick if self.buys else -terms.tick
        price = terms.price(found, self.buys) + self.offset_ticks * towards
        if not self._takes:
            far = self._side(desk, own=False)
            if far and _beyond(price, far[0] - towards, self.buys):
                price = far[0] - towards
        if self.price is not None and _beyond(price, self.price, self.buys):
            price = self.price
        return terms.price(price, self.buys) if price >= terms.tick else None

    @property
    def _takes(self) -> bool:
        return self.to.startswith(("opposite", "opponent"))

    def _place_of(self, desk: Desk) -> Fixed | None:
        named = _TO.fullmatch(self.to)
        if self.to == "mid":
            own, far = self._side(desk, own=True), self._side(desk, own=False)
            return _between(own[0], far[0], self.buys) if own and far else None
        levels = self._side(desk, own=not self._takes)
        number = int(named[2]) if named else 1
        return levels[min(number, len(levels)) - 1] if levels else None

    def _side(self, desk: Desk, *, own: bool) -> list[Fixed]:
        """The prices of one side, best first, without what is there of the algo itself."""
        venue = "" if self.across else self.venue
        found = desk.levels(self.symbol, bids=self.buys == own, venue=venue, others=own)
        return [price for price, _ in found]


def _beyond(price: Fixed, limit: Fixed, buys: bool) -> bool:
    return price > limit if buys else price < limit


def _between(own: Fixed, far: Fixed, buys: bool) -> Fixed:
    return (own + far) // 2 if buys else -(-(own + far) // 2)
