"""Accounts' money, as a broker or a person states it: compared and used, never computed.

A balance says what an account can still use (``available``) at the moment it was stated, with what
was held and open then already taken off, by the broker's own margin rules. From then on what we do
uses it up. ``known`` is the account of that moment, by our own sums, less the orders and replaces
that the broker had not answered and so cannot have known. What has been used is the margin of the
account now less the margin of that, both at the marks and rates of now: so that a price that falls
neither makes buying power nor takes it, until the next statement says what it did.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.commands import Funds
from fix_oms.model.units import Fixed
from fix_oms.positions.ledger import Frozen
from fix_oms.positions.position import WORTH_OF_NOTIONAL, Worth


@final
class Balance:
    """One statement. Amounts are money of ``currency``."""

    __slots__ = (
        "account",
        "available",
        "currency",
        "known",
        "margin_used",
        "source",
        "stated_ns",
        "total",
    )

    def __init__(self, stated: Funds, source: str, stated_ns: int, known: Frozen) -> None:
        self.account: Final[str] = stated.account
        self.currency: Final[str] = stated.currency
        self.available: Final[Fixed] = stated.available
        self.total: Final[Fixed] = stated.total
        self.margin_used: Final[Fixed] = stated.margin_used
        self.source: Final = source
        self.stated_ns: Final = stated_ns
        self.known: Final = known

    def worth(self, rate: Fixed) -> Worth:
        """What was available, in the base currency."""
        return self.available * rate * WORTH_OF_NOTIONAL

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        stated = (self.account, self.currency, self.available, self.total, self.margin_used)
        return (*stated, self.source, self.stated_ns, self.known.portfolio.margin)


class Balances:
    """The last statement of each account."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[str, Balance] = {}

    def state(self, balance: Balance) -> None:
        """Take a statement in place of the one before."""
        before = self.held.get(balance.account)
        if before is not None:
            before.known.thaw()
        self.held[balance.account] = balance
