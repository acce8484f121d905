"""One account, strategy, symbol, venue and session: what its orders have open, and its sums.

An open order is worth the more of what it was reserved at and of the mark, for it becomes a
position at the mark when it fills. So the line keeps how much is open at which price; when the
mark moves, each is worth what it is worth by now, and the sums are told the difference.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.scope import Scope
from fix_oms.model.units import Fixed, Notional
from fix_oms.positions.position import Position


@final
class Line:
    """``position`` is the account's in the symbol, ``own`` what the line's own orders have come to
    (the same object while there is no other line of them); both are in ``sums``. ``bids`` and
    ``offers`` are the open quantities by the price at which they were reserved.
    """

    __slots__ = ("bids", "offers", "own", "position", "scope", "sums")

    def __init__(self, scope: Scope, position: Position) -> None:
        self.scope: Final = scope
        self.position: Final = position
        self.own = position
        self.sums: tuple[Position, ...] = (position,)
        self.bids: dict[Fixed, Fixed] = {}
        self.offers: dict[Fixed, Fixed] = {}

    def split(self, own: Position) -> None:
        """There is another line of this account and symbol now."""
        self.own = own
        self.sums = (*self.sums, own)

    def reserved(self, buys: bool, qty0: Fixed, px0: Fixed, qty: Fixed, px: Fixed) -> None:
        """An order that was open for ``qty0``, reserved at ``px0``, is open for ``qty`` at ``px``:
        both 0 before it was sent and after its end."""
        value = self._moved(buys, qty0, px0, qty, px)
        for position in self.sums:
            position.reserved(buys, qty - qty0, value)

    def move(self, buys: bool, qty: Fixed, px: Fixed) -> None:
        """Reserve so much more, or less, at a price."""
        if qty > 0:
            self.reserved(buys, 0, 0, qty, px)
        else:
            self.reserved(buys, -qty, px, 0, 0)

    def learned(
        self,
        buys: bool,
        qty: Fixed,
        notional: Notional,
        fees: Fixed,
        open0: Fixed,
        px0: Fixed,
        opened: Fixed,
        px: Fixed,
    ) -> None:
        """Add an execution, or the (often negative) difference of a bust or correction, and with it
        the change of what is open, as :meth:`reserved`: no moment shows one without the other."""
        open_value = self._moved(buys, open0, px0, opened, px)
        open_qty = opened - open0
        for position in self.sums:
            if buys:
                position.bought += qty
                position.bought_notional += notional
                position.open_buy += open_qty
                position.open_buy_value += open_value
            else:
                position.sold += qty
                position.sold_notional += notional
                position.open_sell += open_qty
                position.open_sell_value += open_value
            if fees:
                position.fees += fees
            if position.portfolios:
                position.revalue()

    def _moved(self, buys: bool, qty0: Fixed, px0: Fixed, qty: Fixed, px: Fixed) -> Notional:
        """Keep the new price in place of the old one; returns what that adds to the value."""
        held = self.bids if buys else self.offers
        mark = self.position.valuation.mark
        if px == px0 and qty:  # as in nearly every report
            change = qty - qty0
            held[px] = held.get(px, 0) + change
            return change * (px if px > mark else mark)
        value: Notional = 0
        if qty0:
            left = held[px0] - qty0
            if left:
                held[px0] = left
            else:
                del held[px0]
            value = -qty0 * (px0 if px0 > mark else mark)
        if qty:
            held[px] = held.get(px, 0) + qty
            value += qty * (px if px > mark else mark)
        return value

    def remark(self, before: Fixed, mark: Fixed) -> None:
        """The mark has moved; whoever calls this revalues the sums."""
        bids, offers = _moves(self.bids, before, mark), _moves(self.offers, before, mark)
        for position in self.sums:
            position.open_buy_value += bids
            position.open_sell_value += offers

    def take(self, other: Line) -> None:
        """Hold what another line of the symbol has open as well; its value is in the sums."""
        for mine, others in ((self.bids, other.bids), (self.offers, other.offers)):
            for px, qty in others.items():
                mine[px] = mine.get(px, 0) + qty

    def _check(self) -> None:
        """Assert that what is kept by differences is what adding up anew gives."""
        mark, own = self.position.valuation.mark, self.own
        for held, qty, value in (
            (self.bids, own.open_buy, own.open_buy_value),
            (self.offers, own.open_sell, own.open_sell_value),
        ):
            assert min(held.values(), default=1) > 0, self.scope
            assert sum(held.values()) == qty, self.scope
            assert sum(q * max(px, mark) for px, q in held.items()) == value, self.scope


def _moves(held: dict[Fixed, Fixed], before: Fixed, mark: Fixed) -> Notional:
    """What a move of the mark changes: nothing for what was reserved above both."""
    higher = max(before, mark)
    return sum(q * (max(px, mark) - max(px, before)) for px, q in held.items() if px < higher)
