"""Positions from executions, and the open quantity that could still change them.

A position is four sums: bought and sold quantity, bought and sold notional. Sums do not care about
order, so a late fill, a bust or a correction (a negative and a positive addend) leaves the same
position as if everything had come on time. What is derived from them does not care either:

- quantity = bought - sold;
- the entry price of what is open is the average price of its side;
- realised = the quantity both bought and sold, at the difference of the two averages.

This is the average-cost reading over the whole ledger, not a matching of lots in time, which would
let the same fills earn different profits by their order of arrival.

Beside it stand the worst-case open quantities of each side (DESIGN: exposure), kept by difference:
each order says what it could still execute, and the ledger adds the change.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.units import Fixed, Notional, average


class Position:
    """The sums of one account and instrument. ``open_buy``/``open_sell`` are worst case."""

    __slots__ = (
        "account",
        "bought",
        "bought_notional",
        "open_buy",
        "open_sell",
        "sold",
        "sold_notional",
        "symbol",
    )

    def __init__(self, account: str, symbol: str) -> None:
        self.account: Final = account
        self.symbol: Final = symbol
        self.bought: Fixed = 0
        self.sold: Fixed = 0
        self.bought_notional: Notional = 0
        self.sold_notional: Notional = 0
        self.open_buy: Fixed = 0
        self.open_sell: Fixed = 0

    @property
    def quantity(self) -> Fixed:
        """Bought less sold: positive is long."""
        return self.bought - self.sold

    @property
    def average_px(self) -> Fixed:
        """The entry price of the open quantity; 0 when flat."""
        if self.quantity > 0:
            return average(self.bought_notional, self.bought)
        return average(self.sold_notional, self.sold) if self.quantity < 0 else 0

    @property
    def realised(self) -> Notional:
        """Profit of what was both bought and sold, before fees, in the instrument's currency."""
        closed = min(self.bought, self.sold)
        if not closed:
            return 0
        return (
            self.sold_notional * closed // self.sold - self.bought_notional * closed // self.bought
        )


class Ledger:
    """All positions, keyed by (account, symbol)."""

    __slots__ = ("positions",)

    def __init__(self) -> None:
        self.positions: dict[tuple[str, str], Position] = {}

    def position(self, account: str, symbol: str) -> Position:
        """The position of the account in the symbol, flat if there was none."""
        key = (account, symbol)
        found = self.positions.get(key)
        if found is None:
            found = self.positions[key] = Position(account, symbol)
        return found

    def learned(
        self,
        account: str,
        symbol: str,
        buys: bool,
        qty: Fixed,
        notional: Notional,
        open_change: Fixed = 0,
    ) -> None:
        """Add an execution, or the (often negative) difference that a bust or correction makes,
        and with it the change of the open quantity: no moment shows one without the other."""
        position = self.position(account, symbol)
        if buys:
            position.bought += qty
            position.bought_notional += notional
            position.open_buy += open_change
        else:
            position.sold += qty
            position.sold_notional += notional
            position.open_sell += open_change

    def reserved(self, account: str, symbol: str, buys: bool, change: Fixed) -> None:
        """Change the worst-case open quantity of one side."""
        position = self.position(account, symbol)
        if buys:
            position.open_buy += change
        else:
            position.open_sell += change
