"""One instrument's position over one scope: what executed, what is open, and what both are worth.

A position is sums: bought and sold quantity, bought and sold notional, fees. Sums do not care about
order, so a late fill, a bust or a correction (a negative and a positive addend) leaves the same
position as if everything had come on time. What is derived from them does not care either:

- quantity = opening + bought - sold;
- the entry price of what is open is the average price of its side, the opening one included;
- realised = the quantity both bought and sold, at the difference of the two averages. This is the
  average-cost reading over the whole ledger, not a matching of lots in time, which would let the
  same fills earn different profits by their order of arrival.

Beside it stand the worst-case open quantity and value of each side, kept by difference: each order
says what it could still execute and at most for how much, and the change is added. ``longest`` and
``shortest`` are the ends of what the position could come to: the maximum and the minimum over every
subset of what could fill.

An open order is worth what it was reserved at, and never less than the mark (``line``): an order
that fills becomes a position at the mark, and the fill must not be what takes a sum past its limit.
Without any mark what is held counts at cost, and a fill at another price changes that.

A *day* begins at its own worth: what was gained before is no licence for what is lost now.

The same class serves an account's position, a strategy's, a venue's, the firm's: whoever sums over
more adds up more. A position that belongs to portfolios tells them each change of its worth. Worth
is never rounded (quantity x price x multiplier x rate, all of them integers), so what is added up
by differences is exactly what adding up anew would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, final

from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE, Fixed, Notional, average

if TYPE_CHECKING:
    from fix_oms.positions.line import Line

Worth: TypeAlias = Annotated[int, "units of 10^-32"]
"""Money in the base currency, exact: notional (10^-16) x multiplier (10^-8) x rate (10^-8)."""
WORTH_OF_NOTIONAL: Final = SCALE * SCALE
HUNDRED: Final = 100 * SCALE


@final
class Valuation:
    """What one unit of an instrument is worth: shared by all positions in it.

    ``mark`` is its price for profit and exposure, 0 while there is none. ``rate`` is its currency
    in the base currency, 0 while it is not known. ``weight`` is multiplier times rate. ``margin``
    is the part of value, in percent, that uses up buying power.
    """

    __slots__ = (
        "currency",
        "lines",
        "margin",
        "mark",
        "multiplier",
        "positions",
        "rate",
        "symbol",
        "weight",
    )

    def __init__(self, symbol: str) -> None:
        self.symbol: Final = symbol
        self.currency = ""
        self.multiplier: Fixed = SCALE
        self.margin: Fixed = HUNDRED
        self.mark: Fixed = 0
        self.rate: Fixed = SCALE
        self.weight = SCALE * SCALE
        self.positions: list[Position] = []
        self.lines: list[Line] = []

    def set(self, multiplier: Fixed, margin: Fixed, currency: str, rate: Fixed) -> None:
        """The contract and its currency's rate; what is worth what by now is told."""
        for position in self.positions:
            position.withdraw()
        self.multiplier, self.margin, self.currency = multiplier, margin, currency
        self.rate, self.weight = rate, multiplier * rate
        for position in self.positions:
            position.enter()

    def marked(self, price: Fixed) -> None:
        """A new mark."""
        if price != self.mark:
            before, self.mark = self.mark, price
            for line in self.lines:
                line.remark(before, price)
            for position in self.positions:
                position.revalue()


@final
class Portfolio:
    """Sums over the instruments of one scope, in the base currency, each over the worst case.

    ``gross`` adds up the larger of what each could be worth long or short; ``long`` and ``short``
    are the ends of the net, so that open orders are worth ``long - short``; ``margin`` is gross
    times each one's margin in percent; ``profit`` is realised and unrealised, less fees.
    ``unrated`` counts instruments in it whose currency has no rate: while there is one, no sum can
    be trusted.
    """

    __slots__ = ("gross", "key", "long", "margin", "profit", "short", "unrated")

    def __init__(self, key: Key) -> None:
        self.key: Final = key
        self.gross: Worth = 0
        self.long: Worth = 0
        self.short: Worth = 0
        self.margin = 0
        self.profit: Worth = 0
        self.unrated = 0

    def facts(self) -> tuple[int, ...]:
        """All sums, to compare."""
        return (self.gross, self.long, self.short, self.margin, self.profit, self.unrated)


@final
class Position:
    """The sums of one instrument over one scope (``key``). ``open_*`` are worst case.

    ``bought`` and ``sold`` are executions alone; ``opening`` (signed, worth ``opening_notional``)
    is what the day started with, by the word of ``opening_source``. ``carried``: it was there on a
    day before this one. ``day_base`` and ``day_fees`` are profit and fees of the executions when
    the day began, ``opening_base`` is the profit of the opening position then.
    ``long`` and ``short`` are the worth of the two ends, ``gross`` the larger of them, ``profit``
    the day's: what its portfolios have been told.
    """

    __slots__ = (
        "_buy_worth",
        "_sell_worth",
        "_unrated",
        "bought",
        "bought_notional",
        "carried",
        "day_base",
        "day_fees",
        "fees",
        "gross",
        "key",
        "long",
        "open_buy",
        "open_buy_value",
        "open_sell",
        "open_sell_value",
        "opening",
        "opening_base",
        "opening_notional",
        "opening_source",
        "portfolios",
        "profit",
        "short",
        "sold",
        "sold_notional",
        "valuation",
    )

    def __init__(self, key: Key, valuation: Valuation) -> None:
        self.key: Final = key
        self.valuation: Final = valuation
        self.bought: Fixed = 0
        self.sold: Fixed = 0
        self.bought_notional: Notional = 0
        self.sold_notional: Notional = 0
        self.fees: Fixed = 0
        self.open_buy: Fixed = 0
        self.open_sell: Fixed = 0
        self.open_buy_value: Notional = 0
        self.open_sell_value: Notional = 0
        self.opening: Fixed = 0
        self.opening_notional: Notional = 0
        self.opening_base: Notional = 0
        self.opening_source = ""
        self.carried = False
        self.day_base: Notional = 0
        self.day_fees: Fixed = 0
        self.portfolios: tuple[Portfolio, ...] = ()
        self._buy_worth: Worth = 0
        self._sell_worth: Worth = 0
        self._unrated = False
        self.long: Worth = 0
        self.short: Worth = 0
        self.gross: Worth = 0
        self.profit: Worth = 0

    # -- derived ------------------------------------------------------------------------------

    @property
    def quantity(self) -> Fixed:
        """Opening and bought less sold: positive is long."""
        return self.opening + self.bought - self.sold

    @property
    def longest(self) -> Fixed:
        """The most that it could come to, if every open buy fills and no open sell."""
        return self.opening + self.bought - self.sold + self.open_buy

    @property
    def shortest(self) -> Fixed:
        """The least that it could come to, if every open sell fills and no open buy."""
        return self.opening + self.bought - self.sold - self.open_sell

    @property
    def average_px(self) -> Fixed:
        """The entry price of the open quantity; 0 when flat."""
        quantity = self.quantity
        if quantity > 0:
            paid = self.bought_notional + max(self.opening_notional, 0)
            return average(paid, self.bought + max(self.opening, 0))
        if quantity < 0:
            got = self.sold_notional + max(-self.opening_notional, 0)
            return average(got, self.sold + max(-self.opening, 0))
        return 0

    @property
    def realised(self) -> Notional:
        """Profit of what was both bought and sold, before fees, in the instrument's currency."""
        bought, sold = self.bought + max(self.opening, 0), self.sold + max(-self.opening, 0)
        closed = min(bought, sold)
        if not closed:
            return 0
        paid = self.bought_notional + max(self.opening_notional, 0)
        got = self.sold_notional + max(-self.opening_notional, 0)
        gained = got * closed // sold - paid * closed // bought
        return gained * self.valuation.multiplier // SCALE

    @property
    def unrealised(self) -> Notional:
        """What the open quantity has gained at the mark since its entry; 0 without a mark."""
        mark = self.valuation.mark
        if not mark:
            return 0
        gained = self.quantity * (mark - self.average_px)
        return gained * self.valuation.multiplier // SCALE

    # -- changes ------------------------------------------------------------------------------

    def reserved(self, buys: bool, qty: Fixed, value: Notional) -> None:
        """Change the worst-case open quantity of one side, and the most that it may be worth."""
        if buys:
            self.open_buy += qty
            self.open_buy_value = worst = self.open_buy_value + value
        else:
            self.open_sell += qty
            self.open_sell_value = worst = self.open_sell_value + value
        if not self.portfolios:
            return
        known = self.valuation
        worth = worst * known.weight
        if buys:
            change = worth - self._buy_worth
            self._buy_worth = worth
            self._tell(change, 0, 0)
        else:
            change = self._sell_worth - worth
            self._sell_worth = worth
            self._tell(0, change, 0)
        if not known.weight:
            self._mind_rate()

    def opened(self, quantity: Fixed, notional: Notional, base: Notional = 0) -> None:
        """Add to what the day started with; ``base``: what it had gained when the day began."""
        self.opening += quantity
        self.opening_notional += notional
        self.opening_base += base
        self.revalue()

    def add(self, other: Position) -> None:
        """Add what a part of this one's scope has executed and has open; not its opening."""
        self.bought += other.bought
        self.sold += other.sold
        self.bought_notional += other.bought_notional
        self.sold_notional += other.sold_notional
        self.fees += other.fees
        self.open_buy += other.open_buy
        self.open_sell += other.open_sell
        self.open_buy_value += other.open_buy_value
        self.open_sell_value += other.open_sell_value
        self.day_base += other.day_base
        self.day_fees += other.day_fees
        self.revalue()

    # -- worth --------------------------------------------------------------------------------

    def join(self, portfolio: Portfolio) -> None:
        """Belong to a portfolio from now on."""
        if portfolio not in self.portfolios:
            self.withdraw()
            self.portfolios = (*self.portfolios, portfolio)
            self.enter()

    def withdraw(self) -> None:
        """Take back all that the portfolios have been told."""
        if self.portfolios:
            self._tell(-self.long, -self.short, -self.profit)
            if self._unrated:
                self._count_unrated(False)
            self._buy_worth = self._sell_worth = 0

    def enter(self) -> None:
        """Tell the portfolios everything, after :meth:`withdraw`."""
        self.revalue()

    def _mind_rate(self) -> None:
        """A currency without a rate makes its portfolios unknowable, while anything is in it."""
        there = bool(self.open_buy or self.open_sell or self.quantity)
        unrated = there and not self.valuation.rate
        if unrated != self._unrated:
            self._count_unrated(unrated)

    def _count_unrated(self, unrated: bool) -> None:
        self._unrated = unrated
        for portfolio in self.portfolios:
            portfolio.unrated += 1 if unrated else -1

    def _gained(self) -> Notional:
        """What all executions and the opening position have come to since the day began, at the
        mark or at cost."""
        cash = self.sold_notional - self.bought_notional - self.opening_notional
        return cash + self.quantity * self._price() - self.day_base - self.opening_base

    def _price(self) -> Fixed:
        return self.valuation.mark or (self.average_px if self.quantity else 0)

    def new_day(self) -> None:
        """What is gained and paid from here on is another day's."""
        self.carried = self.carried or bool(self.bought or self.sold or self.opening)
        price = self._price()
        self.day_base = self.sold_notional - self.bought_notional
        self.day_base += (self.bought - self.sold) * price
        self.opening_base = self.opening * price - self.opening_notional
        self.day_fees = self.fees
        self.revalue()

    def revalue(self) -> None:
        """Tell the portfolios what has changed of the worth; at cost where there is no mark."""
        if not self.portfolios:
            return
        known = self.valuation
        weight = known.weight
        held = self.quantity * self._price() * weight
        buys, sells = self.open_buy_value * weight, self.open_sell_value * weight
        self._buy_worth, self._sell_worth = buys, sells
        paid = (self.fees - self.day_fees) * known.rate * WORTH_OF_NOTIONAL
        profit = self._gained() * weight - paid
        self._tell(held + buys - self.long, held - sells - self.short, profit - self.profit)
        if not weight or self._unrated:
            self._mind_rate()

    def _tell(self, long: Worth, short: Worth, profit: Worth) -> None:
        """Add these changes here and in the portfolios."""
        self.long += long
        self.short += short
        self.profit += profit
        before = self.gross
        # The long end is never below the short one, so one of them is the larger.
        self.gross = self.long if self.long + self.short > 0 else -self.short
        gross = self.gross - before
        margin = gross * self.valuation.margin
        for portfolio in self.portfolios:
            if long:
                portfolio.long += long
            if short:
                portfolio.short += short
            if gross:
                portfolio.gross += gross
                portfolio.margin += margin
            if profit:
                portfolio.profit += profit

    def _check(self) -> None:
        """Assert what must hold at every moment."""
        assert min(self.open_buy, self.open_sell) >= 0, self.key
        assert min(self.open_buy_value, self.open_sell_value) >= 0, self.key
        told = (self.long, self.short, self.gross, self.profit)
        self.revalue()
        assert told == (self.long, self.short, self.gross, self.profit), f"{self.key}: stale worth"
