"""Controls over the worst case: what a position, a portfolio, an account could come to.

Every bound is asked of the state that would hold if this order and every open order of its side
filled, in any order and to any part: quantities by the ends of the position (``longest``,
``shortest``), money by the same ends at the prices at which the orders are reserved. So a position
is never taken past its limit by fills within accepted terms, however they race; and what a broker
does beyond the terms is seen as a breach at once, and refuses whatever would add to it.

An order that adds nothing to the end that is bounded passes, also while that end is beyond its
limit: the way back is never shut. Sums of money need a price for each order and a rate for each
currency; where one is missing the order is refused.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.market.references import References
from fix_oms.model.limits import Limit
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import notional_text, text_of
from fix_oms.positions.balances import Balance, Balances
from fix_oms.positions.position import (
    HUNDRED,
    WORTH_OF_NOTIONAL,
    Portfolio,
    Position,
    Worth,
)
from fix_oms.risk.check import Candidate, Check
from fix_oms.risk.order_checks import money, no_reference

UNBOUNDED: Final = (
    "no reference price (no fresh quote, none set, none configured): how much the money may buy "
    "cannot be known"
)


@final
class PositionLimit(Check):
    """``position_limit``: neither end further than that from zero."""

    __slots__ = ("position",)

    def __init__(self, limit: Limit, bucket: Key, position: Position) -> None:
        super().__init__(limit, bucket)
        self.position: Final = position

    def refuse(self, order: Candidate) -> Refused | None:
        change = order.open_change
        position = self.position
        if order.unbounded:
            return self.says(UNBOUNDED, text_of(self.most), "", "CashOrderQty(152)")
        could = position.longest + change if order.buys else change - position.shortest
        if could <= self.most or change <= 0:
            return None
        way = "long" if order.buys else "short"
        held, opened = position.quantity, position.open_buy if order.buys else position.open_sell
        return self.says(
            f"the position of {self.where} could come to {text_of(could)} {way} (it is "
            f"{text_of(held)}, {text_of(opened)} more are open), beyond the position limit",
            text_of(self.most),
            text_of(could),
            "OrderQty(38)",
        )

    def breach(self, now: int) -> str:
        position = self.position
        could = max(position.longest, -position.shortest)
        if could <= self.most:
            return ""
        way = "long" if could == position.longest else "short"
        return (
            f"the position of {self.where} is {text_of(position.quantity)} and could come to "
            f"{text_of(could)} {way}, beyond the position limit {text_of(self.most)}"
        )

    def found(self, now: int) -> str:
        position = self.position
        return f"{text_of(position.shortest)} to {text_of(position.longest)}"


@final
class ShortSaleLocate(Check):
    """``short_sale_locate``: no sale leaves the account shorter than was located."""

    __slots__ = ("position",)

    def __init__(self, limit: Limit, bucket: Key, position: Position) -> None:
        super().__init__(limit, bucket)
        self.position: Final = position

    def refuse(self, order: Candidate) -> Refused | None:
        if order.buys or order.open_change <= 0:
            return None
        short = order.open_change - self.position.shortest
        if short <= self.most:
            return None
        return self.says(
            f"the sale could leave {self.where} short of {text_of(short)}, and "
            f"{text_of(self.most)} were located",
            text_of(self.most),
            text_of(short),
            "OrderQty(38)",
        )

    def breach(self, now: int) -> str:
        short = -self.position.shortest
        if short <= self.most:
            return ""
        return (
            f"{self.where} could be short of {text_of(short)}, and {text_of(self.most)} were "
            "located"
        )

    def found(self, now: int) -> str:
        return text_of(max(0, -self.position.shortest))


@final
class ReduceOnly(Check):
    """``reduce_only``: only what is certain to bring the bucket's position nearer to zero."""

    __slots__ = ("position",)

    def __init__(self, limit: Limit, bucket: Key, position: Position) -> None:
        super().__init__(limit, bucket)
        self.position: Final = position

    def refuse(self, order: Candidate) -> Refused | None:
        position, change = self.position, order.open_change
        if order.unbounded:
            return self.says(UNBOUNDED, "", "", "CashOrderQty(152)")
        reduces = position.longest + change <= 0 if order.buys else position.shortest >= change
        if reduces or change <= 0:
            return None
        return self.says(*not_reducing(order, position))


def not_reducing(order: Candidate, position: Position) -> tuple[str, str, str, str]:
    """Text, limit, value and field of the refusal of an order that may do more than reduce."""
    if order.buys:
        could, room = position.longest + order.open_change, -position.longest
    else:
        could, room = position.shortest - order.open_change, position.shortest
    most = text_of(max(0, room))
    text = (
        f"the order is to reduce only: the position is {text_of(position.quantity)} and could "
        f"come to {text_of(could)}; {most} can be sure to reduce it"
    )
    return text, most, text_of(order.terms.order_qty), "OrderQty(38)"


class PortfolioCheck(Check):
    """The base of controls over a portfolio. ``positions`` are its symbols' by symbol."""

    __slots__ = ("_currency", "_prices", "portfolio", "positions")

    def __init__(
        self, limit: Limit, bucket: Key, portfolio: Portfolio, prices: References, currency: str
    ) -> None:
        super().__init__(limit, bucket)
        self.portfolio: Final = portfolio
        self.positions: dict[str, Position] = {}
        self._prices: Final = prices
        self._currency: Final = currency

    @property
    def bound(self) -> Worth:
        """The limit in the base currency; 0 where its own currency has no rate."""
        return self.most * self._prices.rate(self._currency) * WORTH_OF_NOTIONAL

    def own(self, worth: Worth) -> str:
        """Money in the limit's currency, as programs read it."""
        rate = self._prices.rate(self._currency)
        return money(worth * 100_000_000 // (rate * WORTH_OF_NOTIONAL)) if rate else ""

    def judged(self, order: Candidate, could: Worth, now: Worth, what: str) -> Refused | None:
        """Refuse if it could come to more than the limit, and this order adds to it."""
        unrated = self.unrated(order)
        if not order.px or unrated:
            if order.reduces:
                return None  # what only reduces is never shut in by a price or a rate
            if not order.px:
                return no_reference(self, "its value cannot be known")
            text = f"{unrated} has no rate: the {what} of {self.where} cannot be known"
            return self.says(text, text_of(self.most), "", "Price(44)")
        if could <= self.bound or could <= now:
            return None
        return self.says(
            f"the {what} of {self.where} could come to {self._told(could)}, beyond the limit",
            text_of(self.most),
            self.own(could),
            "OrderQty(38)",
        )

    def broken(self, could: Worth, what: str) -> str:
        """The breach in words, if there is one."""
        if could <= self.bound:
            return ""
        return (
            f"the {what} of {self.where} could come to {self._told(could)}, beyond the limit "
            f"{text_of(self.most)}"
        )

    def _told(self, worth: Worth) -> str:
        rate = self._prices.rate(self._currency)
        value = worth * 100_000_000 // (rate * WORTH_OF_NOTIONAL) if rate else 0
        return f"{notional_text(value)} {self._currency}"

    def unrated(self, order: Candidate | None = None) -> str:
        """A currency without a rate that keeps this sum from being known; empty for none."""
        known = [p.valuation for p in self.positions.values()]
        if order is not None and not self.positions[order.scope.symbol].valuation.rate:
            return self.positions[order.scope.symbol].valuation.currency
        if not self.rated:
            return self._currency
        if not self.portfolio.unrated:
            return ""
        return next((v.currency for v in known if not v.rate), "a currency in it")

    @property
    def rated(self) -> bool:
        """Whether the limit's own currency has a rate."""
        return self._prices.rate(self._currency) != 0

    def added(self, order: Candidate) -> Worth:
        """What the order adds to one end's worth."""
        return order.value_change * self.positions[order.scope.symbol].valuation.weight

    def gross_added(self, order: Candidate) -> Worth:
        """What the order adds to the gross worth of its symbol."""
        position = self.positions[order.scope.symbol]
        added = self.added(order)
        if order.buys:
            return max(abs(position.long + added), abs(position.short)) - position.gross
        return max(abs(position.long), abs(position.short - added)) - position.gross


@final
class GrossNotional(PortfolioCheck):
    """``gross_notional``."""

    def refuse(self, order: Candidate) -> Refused | None:
        gross = self.portfolio.gross
        return self.judged(order, gross + self.gross_added(order), gross, "gross notional")

    def breach(self, now: int) -> str:
        return self.broken(self.portfolio.gross, "gross notional")

    def found(self, now: int) -> str:
        return self.own(self.portfolio.gross)


@final
class NetNotional(PortfolioCheck):
    """``net_notional``: neither end of the net further than that from zero."""

    def refuse(self, order: Candidate) -> Refused | None:
        end = self.portfolio.long if order.buys else -self.portfolio.short
        return self.judged(order, end + self.added(order), end, "net notional")

    def breach(self, now: int) -> str:
        return self.broken(max(self.portfolio.long, -self.portfolio.short), "net notional")

    def found(self, now: int) -> str:
        return f"{self.own(self.portfolio.short)} to {self.own(self.portfolio.long)}"


@final
class UnexecutedValue(PortfolioCheck):
    """``unexecuted_value``: what all open orders could come to."""

    def refuse(self, order: Candidate) -> Refused | None:
        opened = self.portfolio.long - self.portfolio.short
        return self.judged(order, opened + self.added(order), opened, "value of open orders")

    def breach(self, now: int) -> str:
        return self.broken(self.portfolio.long - self.portfolio.short, "value of open orders")

    def found(self, now: int) -> str:
        return self.own(self.portfolio.long - self.portfolio.short)


@final
class LossLimit(PortfolioCheck):
    """``loss_limit``: the day's loss at the marks, fees included. It is no latch: an account whose
    loss is within the limit again may trade; whoever wants it shut halts it."""

    def refuse(self, order: Candidate) -> Refused | None:
        loss, unrated = -self.portfolio.profit, self.unrated()
        if unrated:
            text = f"{unrated} has no rate: the loss of {self.where} cannot be known"
            return self.says(text, text_of(self.most), "")
        if loss <= self.bound:
            return None
        text = f"{self.where} has lost {self._told(loss)}, more than the loss limit"
        return self.says(text, text_of(self.most), self.own(loss))

    def breach(self, now: int) -> str:
        loss = -self.portfolio.profit
        if loss <= self.bound:
            return ""
        return (
            f"{self.where} has lost {self._told(loss)}, more than the loss limit "
            f"{text_of(self.most)}: no new risk"
        )

    def found(self, now: int) -> str:
        return self.own(max(0, -self.portfolio.profit))


@final
class BuyingPower(PortfolioCheck):
    """``buying_power``: what the account's last balance left available, less a reserve.

    The balance knows of what was open and held when it was stated; what counts against it is the
    margin of everything since.
    """

    __slots__ = ("_account", "_balances")

    def __init__(
        self,
        limit: Limit,
        bucket: Key,
        portfolio: Portfolio,
        prices: References,
        currency: str,
        balances: Balances,
    ) -> None:
        super().__init__(limit, bucket, portfolio, prices, currency)
        self._account: Final = bucket[0] or ""
        self._balances: Final = balances

    def refuse(self, order: Candidate) -> Refused | None:
        balance = self._balances.held.get(self._account)
        if balance is None:
            text = f"no balance of {self.where} has been stated: its buying power is not known"
            return self.says(text, text_of(self.most), "", "Account(1)")
        if not order.px:
            return no_reference(self, "its value cannot be known")
        unrated = self.unrated(order) or ("" if self._left(balance) else balance.currency)
        if unrated:
            text = f"{unrated} has no rate: the buying power of {self.where} cannot be known"
            return self.says(text, text_of(self.most), "", "Account(1)")
        margin = self.positions[order.scope.symbol].valuation.margin
        used = self._used(balance) + self.gross_added(order) * margin
        available = self._available(balance)
        if used <= available * HUNDRED:
            return None
        return self.says(
            f"the order would take {self._told(used // HUNDRED)} of what {self.where} has "
            "available since its last balance, more than is left",
            self.own(max(0, available)),
            self.own(used // HUNDRED),
            "OrderQty(38)",
        )

    def breach(self, now: int) -> str:
        balance = self._balances.held.get(self._account)
        if balance is None or not self._left(balance):
            return ""
        used = self._used(balance)
        if used <= max(0, self._available(balance)) * HUNDRED:
            return ""
        return (
            f"{self.where} has used {self._told(used // HUNDRED)} since its last balance, more "
            "than that left available"
        )

    def _left(self, balance: Balance) -> bool:
        """Whether the balance can be compared: its currency has a rate."""
        return self._prices.rate(balance.currency) != 0

    def _used(self, balance: Balance) -> int:
        """Margin used since, times a hundred."""
        return self.portfolio.margin - balance.known.portfolio.margin

    def _available(self, balance: Balance) -> Worth:
        return balance.worth(self._prices.rate(balance.currency)) - self.bound

    def basis(self) -> tuple[Portfolio | None, int]:
        """What the balance knew, and the most margin that may be used beyond it; below 0 where
        nobody knows."""
        balance = self._balances.held.get(self._account)
        if balance is None or not (self._left(balance) and self.rated):
            return None, -1
        return balance.known.portfolio, self._available(balance) * HUNDRED

    def found(self, now: int) -> str:
        balance = self._balances.held.get(self._account)
        return "" if balance is None else self.own(self._used(balance) // HUNDRED)
