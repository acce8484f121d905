"""Accounts' money, as a broker or a person states it: compared and used, never computed.

A balance says what an account can still use (``available``) at the moment it was stated, with what
was open and held then already taken off, by the broker's own margin rules. From then on what we do
uses it up: ``margin_at`` is the account's margin by our own sums at that moment, so that what has
been used since is a difference, until the next statement.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import Fixed
from fix_oms.positions.position import WORTH_OF_NOTIONAL, Worth


@final
class Balance:
    """One statement. Amounts are money of ``currency``; ``margin_at`` is a portfolio's margin."""

    __slots__ = (
        "account",
        "available",
        "currency",
        "margin_at",
        "margin_used",
        "source",
        "stated_ns",
        "total",
    )

    def __init__(
        self,
        account: str,
        currency: str,
        available: Fixed,
        total: Fixed,
        margin_used: Fixed,
        source: str,
        stated_ns: int,
        margin_at: int,
    ) -> None:
        self.account: Final = account
        self.currency: Final = currency
        self.available: Final = available
        self.total: Final = total
        self.margin_used: Final = margin_used
        self.source: Final = source
        self.stated_ns: Final = stated_ns
        self.margin_at: Final = margin_at

    def worth(self, rate: Fixed) -> Worth:
        """What was available, in the base currency."""
        return self.available * rate * WORTH_OF_NOTIONAL

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        stated = (self.account, self.currency, self.available, self.total, self.margin_used)
        return (*stated, self.source, self.stated_ns, self.margin_at)


class Balances:
    """The last statement of each account."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[str, Balance] = {}

    def state(self, balance: Balance) -> None:
        """Take a statement in place of the one before."""
        self.held[balance.account] = balance
