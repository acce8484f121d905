"""The short way through the gate: one look that lets nearly every order pass at once.

The checks of a lane are the rule; each says in its own words what it refuses. Asking two dozen of
them one by one costs more than the order itself, and nearly always the answer is "pass". A *screen*
holds what the lane's checks compare with, worked out beforehand: the tightest quantity, value and
collar as plain numbers, the positions and portfolios with their bounds, the counters. ``passes``
is True only where every check would pass a plain limit order; else, or in any doubt (another order
type, no reference, a latch that is shut), it is False and the checks are asked. It never refuses by
itself, so every refusal is a check's. A property test holds it to the checks.

A screen is made anew when limits, rates or balances change, which is rare.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, final

from fix_oms.market.references import References
from fix_oms.model.messages import Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.positions.feed import Feed
from fix_oms.positions.position import HUNDRED, Portfolio, Position, Worth
from fix_oms.risk import exposure_checks, latches, order_checks, pace, self_match
from fix_oms.risk.check import SECOND, Same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fix_oms.risk.check import Check

LIMIT: Final = "2"
_HUGE: Final = 10**60
"""More than any sum of money can be in its smallest units."""


@final
class Money:
    """The bounds of one portfolio, and what a line's symbol adds to it."""

    __slots__ = (
        "_gross",
        "_known",
        "_loss",
        "_margin",
        "_margin_pct",
        "_net",
        "_opened",
        "_portfolio",
        "_position",
        "never",
        "weight",
    )

    def __init__(self, portfolio: Portfolio, position: Position) -> None:
        self._portfolio: Final = portfolio
        self._position: Final = position
        self.never = False
        self.weight: Final = position.valuation.weight
        self._margin_pct: Final = position.valuation.margin
        self._gross: Worth = _HUGE
        self._net: Worth = _HUGE
        self._opened: Worth = _HUGE
        self._loss: Worth = _HUGE
        self._margin = _HUGE * HUNDRED
        self._known: Portfolio | None = None

    def take(self, check: exposure_checks.PortfolioCheck) -> None:
        """One more check of this portfolio: the tighter bound counts."""
        kind = type(check)
        if kind is exposure_checks.GrossNotional:
            self._gross = min(self._gross, check.bound)
        elif kind is exposure_checks.NetNotional:
            self._net = min(self._net, check.bound)
        elif kind is exposure_checks.UnexecutedValue:
            self._opened = min(self._opened, check.bound)
        elif kind is exposure_checks.LossLimit:
            self._loss = min(self._loss, check.bound)
        elif isinstance(check, exposure_checks.BuyingPower):
            self._known, margin = check.basis()
            self._margin = min(self._margin, margin)
            self.never = self.never or self._known is None

    def passes(self, buys: bool, added: Worth) -> bool:
        """Whether an order of that worth stays within every bound."""
        portfolio, position = self._portfolio, self._position
        long, short = position.long, position.short
        if buys:
            long += added
            end = portfolio.long + added
        else:
            short -= added
            end = added - portfolio.short
        gross = (long if long + short > 0 else -short) - position.gross
        return (
            portfolio.gross + gross <= self._gross
            and end <= self._net
            and portfolio.long - portfolio.short + added <= self._opened
            and -portfolio.profit <= self._loss
            and (self._known is None or self._used(gross, self._known) <= self._margin)
            and not portfolio.unrated
        )

    def _used(self, gross: Worth, known: Portfolio) -> int:
        """Margin used since the balance, with so much more gross, times a hundred."""
        return self._portfolio.margin + gross * self._margin_pct - known.margin


@final
class Screen:
    """The bounds of one lane. ``shut`` is set while a latch of the lane is shut."""

    __slots__ = (
        "_age_ns",
        "_broken",
        "_down",
        "_duplicates",
        "_feed",
        "_first_by_ns",
        "_last",
        "_last_age_ns",
        "_levels",
        "_locates",
        "_max_qty",
        "_max_value",
        "_money",
        "_never",
        "_plain",
        "_positions",
        "_prices",
        "_rates",
        "_session",
        "_sides",
        "_silent_ns",
        "_static",
        "_symbol",
        "_unconfirmed",
        "_unproven",
        "_up",
        "_values",
        "_weight",
        "shut",
    )

    def __init__(self, scope: Scope, prices: References, max_age_ns: int) -> None:
        self._session: Final = scope.session
        self._symbol: Final = scope.symbol
        self._prices: Final = prices
        self._last_age_ns: Final = max_age_ns
        self.shut = False
        self._never = False
        self._plain = True
        self._max_qty: Fixed = _HUGE
        self._max_value: Notional = _HUGE
        self._values = False
        self._weight = 0
        self._up: Fixed = 0
        self._down: Fixed = 0
        self._static: Fixed = 0
        self._last: Fixed = 0
        self._age_ns = 0
        self._sides: frozenset[str] | None = None
        self._positions: list[tuple[Position, Fixed]] = []
        self._locates: list[tuple[Position, Fixed]] = []
        self._money: list[Money] = []
        self._rates: list[tuple[deque[int], int, int]] = []
        self._duplicates: list[pace.DuplicateOrder] = []
        self._levels: list[self_match.SelfMatch] = []
        self._feed: Feed | None = None
        self._unconfirmed = _HUGE
        self._unproven = _HUGE
        self._broken: Fixed = _HUGE
        self._silent_ns = _HUGE
        self._first_by_ns = _HUGE

    def take(self, checks: Iterable[Check]) -> None:
        """Work out the bounds of these checks."""
        portfolios: dict[int, Money] = {}
        for check in checks:
            if isinstance(check, exposure_checks.PortfolioCheck):
                money = portfolios.get(id(check.portfolio))
                if money is None:
                    position = check.positions[self._symbol]
                    money = portfolios[id(check.portfolio)] = Money(check.portfolio, position)
                    self._money.append(money)
                money.take(check)
                self._values = True
                self._weight = money.weight
                self._never = self._never or money.never or not (check.rated and money.weight)
            elif not (self._take_price(check) or self._take_state(check)):
                self._never = True
        rarer = (self._sides, self._feed, self._static, self._age_ns, self._last)
        self._plain = not any(held or held == frozenset() for held in rarer)

    def _take_price(self, check: Check) -> bool:
        """The checks of one order by itself."""
        most = check.most
        if isinstance(check, order_checks.MaxOrderQty):
            self._max_qty = min(self._max_qty, most)
        elif isinstance(check, order_checks.MaxOrderValue):
            self._max_value = min(self._max_value, check.raw_bound(self._symbol))
            self._values = True
        elif isinstance(check, order_checks.PriceCollar):
            name = check.against
            if name == "touch":
                self._up = HUNDRED + min(most, self._up - HUNDRED if self._up else most)
                self._down = 2 * HUNDRED - self._up
            elif name == "reference":
                self._static = min(most, self._static or most)
            else:
                self._last = min(most, self._last or most)
        elif isinstance(check, order_checks.MarketData):
            self._age_ns = min(check.age_ns, self._age_ns or check.age_ns)
        elif isinstance(check, order_checks.Permission):
            allowed = check.sides_of(LIMIT, self._symbol)
            self._sides = allowed if self._sides is None else self._sides & allowed
        else:
            return False
        return True

    def _take_state(self, check: Check) -> bool:
        """The checks of what there is and what has happened."""
        if isinstance(check, exposure_checks.PositionLimit):
            self._positions.append((check.position, check.most))
        elif isinstance(check, exposure_checks.ShortSaleLocate):
            self._locates.append((check.position, check.most))
        elif isinstance(check, pace.MessageRate):
            self._rates.append((check.times["new"], check.count, check.window_ns))
            if check.others:  # hedges go the long way
                self._rates.append((check.others["new"], check.free, check.window_ns))
        elif isinstance(check, pace.DuplicateOrder):
            self._duplicates.append(check)
        elif isinstance(check, self_match.SelfMatch):
            self._levels.append(check)
        elif isinstance(check, latches.Latch):
            self.shut = self.shut or check.shut_ns != 0
        elif isinstance(check, latches.FeedCheck):
            self._feed = check.feed
            if isinstance(check, latches.UnconfirmedFills):
                if check.certain:
                    self._unproven = min(self._unproven, check.most // SCALE)
                else:
                    self._unconfirmed = min(self._unconfirmed, check.most // SCALE)
            elif isinstance(check, latches.PositionBreak):
                self._broken = min(self._broken, check.most)
            else:
                silent_ns = check.most * SECOND // SCALE
                self._silent_ns = min(self._silent_ns, silent_ns)
                self._first_by_ns = min(self._first_by_ns, check.since_ns + silent_ns)
        else:
            return False
        return True

    # -- the hot path -------------------------------------------------------------------------

    def passes(
        self,
        terms: Terms,
        buys: bool,
        px: Fixed,
        reserve: Fixed,
        reference: Fixed | None,
        now: int,
        same: Same,
    ) -> bool:
        """Whether every check would let this new order pass. ``same`` is what makes two orders the
        same; ``px`` the worst price, 0 where nobody knows; ``reserve`` what it is reserved at."""
        qty, price = terms.order_qty, terms.price
        if self.shut or self._never or terms.ord_type != LIMIT or price is None:
            return False
        value = qty * px
        if qty > self._max_qty or value > self._max_value or (self._values and not px):
            return False
        if self._up:
            if reference is None:
                return False
            at = price * HUNDRED
            if at > reference * self._up if buys else at < reference * self._down:
                return False
        return (
            self._has_room(buys, qty, qty * reserve)
            and self._counts_pass(buys, price, now, same)
            and (self._plain or self._passes_rarer(terms, buys, price, now))
        )

    def _has_room(self, buys: bool, qty: Fixed, value: Notional) -> bool:
        """The worst case."""
        for position, most in self._positions:
            held = position.opening + position.bought - position.sold
            if (held + position.open_buy if buys else position.open_sell - held) + qty > most:
                return False
        if not buys:
            for position, most in self._locates:
                if qty - position.shortest > most:
                    return False
        if self._money:
            added = value * self._weight
            for money in self._money:
                if not money.passes(buys, added):
                    return False
        return True

    def _counts_pass(self, buys: bool, price: Fixed, now: int, same: Same) -> bool:
        """What has left before, and what of it is still open."""
        for times, count, window_ns in self._rates:
            if len(times) >= count and times[0] > now - window_ns:
                return False
        for duplicates in self._duplicates:
            if same in duplicates.times:
                return False
        for levels in self._levels:
            best = levels.offers.best() if buys else levels.bids.best()
            if best is not None and (price >= best if buys else price <= best):
                return False
        return True

    def _passes_rarer(self, terms: Terms, buys: bool, price: Fixed, now: int) -> bool:
        """What only some desks ask: the venue's quote, the position feed, who may do what."""
        if self._sides is not None and terms.side not in self._sides:
            return False
        feed = self._feed
        if feed is not None and (
            feed.unconfirmed > self._unconfirmed
            or feed.unproven > self._unproven
            or abs(feed.difference) > self._broken
            or now > (feed.told_ns + self._silent_ns if feed.told_ns else self._first_by_ns)
        ):
            return False
        if self._static:
            around = self._prices.stated(self._symbol)
            if around is None or _beyond(price, around, self._static, buys):
                return False
        if self._age_ns or self._last:
            quote = self._prices.quotes.quotes.get((self._session, self._symbol))
            if quote is None:
                return False
            if self._age_ns and not (quote.sound and now - quote.updated_ns <= self._age_ns):
                return False
            if self._last:
                if not quote.last or now - quote.last_ns > self._last_age_ns:
                    return False
                return not _beyond(price, quote.last, self._last, buys)
        return True


def _beyond(price: Fixed, around: Fixed, percent: Fixed, buys: bool) -> bool:
    at = price * HUNDRED
    return at > around * (HUNDRED + percent) if buys else at < around * (HUNDRED - percent)
