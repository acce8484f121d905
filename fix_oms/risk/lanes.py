"""Which checks an order meets: resolved once for each account, strategy, symbol and venue.

A *lane* is that resolution: the line whose sums its orders change, and the checks of every limit
that matches, in the order in which the catalogue names them and the tightest first. The hot path is
one lookup and a walk over what is there.

Checks are shared by the lanes of one bucket and outlive a change of limits: whoever changes one
does not make it forget what it has counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, final

from fix_oms.market.references import References
from fix_oms.model.controls import CONTROLS
from fix_oms.model.limits import Limit
from fix_oms.model.scope import Key, Scope, restricted
from fix_oms.orders.book import OrderBook
from fix_oms.orders.order import Order
from fix_oms.positions.balances import Balances
from fix_oms.positions.feed import Feed
from fix_oms.positions.ledger import Ledger
from fix_oms.positions.line import Line
from fix_oms.risk import exposure_checks, latches, order_checks, pace
from fix_oms.risk.check import Check
from fix_oms.risk.exposure_checks import PortfolioCheck
from fix_oms.risk.latches import FeedCheck, Latch
from fix_oms.risk.screen import Screen
from fix_oms.risk.self_match import SelfMatch

_PLACE: Final = {name: n for n, name in enumerate(CONTROLS)}
_COUNTING: Final = frozenset({"message_rate", "duplicate_order", "order_rate", "order_to_trade"})
_COUNTING_CANCELS: Final = frozenset({"cancel_rate", "order_to_trade"})
_WATCHING: Final = frozenset(
    {"flip_flop", "round_trip_loss", "order_to_trade", "repeated_execution"}
)
_BREAKABLE: Final = frozenset(
    {
        "position_limit",
        "short_sale_locate",
        "buying_power",
        "gross_notional",
        "net_notional",
        "unexecuted_value",
        "loss_limit",
        "unconfirmed_fills",
        "position_break",
        "position_feed",
    }
)


@final
class Lane:
    """The line and the checks of one scope. ``counters`` count orders and replaces that leave,
    ``cancels`` cancels, ``watchers`` what executes; ``shared`` are rates of which a share is for
    hedges, and of the latches ``by_orders`` those that an order or replace may shut. ``levels``
    keep the prices of open orders, ``feed`` compares the position, ``screen`` is the short way,
    None until it is made."""

    __slots__ = (
        "by_orders",
        "cancels",
        "checks",
        "counters",
        "feed",
        "latches",
        "levels",
        "line",
        "scope",
        "screen",
        "shared",
        "watchers",
    )

    def __init__(self, scope: Scope, line: Line) -> None:
        self.scope: Final = scope
        self.line: Final = line
        self.checks: tuple[Check, ...] = ()
        self.counters: tuple[Check, ...] = ()
        self.shared: tuple[pace.MessageRate, ...] = ()
        self.cancels: tuple[Check, ...] = ()
        self.latches: tuple[Latch, ...] = ()
        self.by_orders: tuple[Latch, ...] = ()
        self.screen: Screen | None = None
        self.watchers: tuple[Check, ...] = ()
        self.levels: tuple[SelfMatch, ...] = ()
        self.feed: Feed | None = None

    def take(self, checks: Iterable[Check]) -> None:
        """These hold from now on."""
        self.checks = tuple(sorted(checks, key=_rank))
        self.counters = tuple(c for c in self.checks if c.control in _COUNTING)
        self.shared = tuple(c for c in self.checks if isinstance(c, pace.MessageRate) and c.others)
        self.cancels = tuple(c for c in self.checks if c.control in _COUNTING_CANCELS)
        self.latches = tuple(c for c in self.checks if isinstance(c, Latch))
        self.by_orders = tuple(c for c in self.latches if c.control in _COUNTING)
        self.watchers = tuple(c for c in self.checks if c.control in _WATCHING)
        self.screen = None
        self.levels = tuple(c for c in self.checks if isinstance(c, SelfMatch))


class Lanes:
    """All lanes, and all checks by limit and bucket."""

    def __init__(
        self, ledger: Ledger, book: OrderBook, prices: References, balances: Balances, base: str
    ) -> None:
        self.ledger: Final = ledger
        self.book: Final = book
        self.prices: Final = prices
        self.balances: Final = balances
        self.base = base
        self.now = 0
        self.limits: tuple[Limit, ...] = ()
        self.lanes: dict[tuple[str, str, str, str, str], Lane] = {}
        self.checks: dict[tuple[str, Key], Check] = {}
        self.feeds: dict[tuple[str, str], Feed] = {}
        self._old: dict[tuple[str, Key], Check] = {}
        self._went_on: dict[str, list[Check]] = {}
        """While limits change: what goes on in other buckets, by limit (:meth:`_go_on`)."""
        self._open: dict[str, list[Order]] | None = None
        """While many checks are made at once: the open orders by symbol."""

    def lane(self, scope: Scope) -> Lane:
        """The lane of that scope."""
        found = self.lanes.get(scope)
        if found is None:
            found = self.lanes[scope] = Lane(scope, self.ledger.line(scope))
            self._resolve(found)
        return found

    def screen(self, lane: Lane) -> Screen:
        """The short way through the lane's checks."""
        made = lane.screen = Screen(lane.scope, self.prices, self.prices.max_age_ns)
        made.take(lane.checks)
        return made

    def refresh(self) -> None:
        """Something that screens were worked out from has changed."""
        for lane in self.lanes.values():
            lane.screen = None

    def renumber_feeds(self) -> None:
        """Running numbers of position feeds may begin anew, with a day or a process."""
        for feed in self.feeds.values():
            feed.renumbered()

    def set(self, limits: Iterable[Limit], base: str, now: int) -> None:
        """These limits hold from now on; what their checks have counted is kept."""
        self.limits, self.base, self.now = tuple(limits), base, now
        self._old, self.checks = self.checks, {}
        for old in self._old.values():
            if isinstance(old, pace.MessageRate) or (isinstance(old, Latch) and old.shut_ns):
                self._went_on.setdefault(old.name, []).append(old)
        self._open = {}
        for order in self.book.open.values():
            self._open.setdefault(order.symbol, []).append(order)
        for lane in self.lanes.values():
            self._resolve(lane)
        # A bucket that no lane leads to yet has counted too: what a broker did by telephone.
        for (name, key), old in self._old.items():
            limit = next((x for x in self.limits if x.name == name), None)
            if limit is not None and (name, key) not in self.checks and isinstance(old, Latch):
                self.check(limit, key)
        self._old, self._went_on, self._open = {}, {}, None

    def check(self, limit: Limit, key: Key) -> Check:
        """The check of a limit at a bucket."""
        found = self.checks.get((limit.name, key))
        if found is None:
            found = self.checks[limit.name, key] = self._made(limit, key)
            old = self._old.get((limit.name, key))
            if old is not None and old.control == found.control:
                found.take_over(old)
                found.refused, found.told = old.refused, old.told
            elif isinstance(found, Latch | pace.MessageRate):
                self._go_on(found)
        return found

    def _go_on(self, new: Latch | pace.MessageRate) -> None:
        """What was shut stays shut and what has left has left, also where the limit counts by other
        things now."""
        for old in self._went_on.get(new.name, ()):
            both = zip(old.bucket, new.bucket, strict=True)
            if all(a is None or b is None or a == b for a, b in both):
                new.take_over(old)

    def checks_of(self, account: str, symbol: str) -> list[Latch]:
        """Make the checks that count an account and symbol by nothing else, so that they are there
        before its first order; returns the latches among them that look at what brokers do."""
        scope, found = Scope(account, "", symbol, "", ""), []
        for limit in self.limits:
            if limit.account not in (None, account) or limit.symbol not in (None, symbol):
                continue
            if {*limit.scope, *limit.apart} <= {"account", "symbol"}:
                check = self.check(limit, self.bucket(limit, scope))
                if isinstance(check, PortfolioCheck):
                    self._add_symbol(check, symbol)
                if isinstance(check, Latch) and check.control == "beyond_terms":
                    found.append(check)
        return found

    def _add_symbol(self, check: PortfolioCheck, symbol: str) -> None:
        account, strategy, _, venue, session = check.bucket
        key = (account, strategy, symbol, venue, session)
        check.positions[symbol] = self.ledger.sum(key, symbol)

    def bucket(self, limit: Limit, scope: Scope) -> Key:
        """What the limit counts an order of that scope under."""
        return restricted(scope, {*limit.scope, *limit.apart})

    def feed(self, account: str, symbol: str) -> Feed:
        """The comparison of that position with what others say; it begins with what we hold."""
        found = self.feeds.get((account, symbol))
        if found is None:
            found = self.feeds[account, symbol] = Feed()
            held = self.ledger.position(account, symbol).quantity
            if held:
                found.executed(self.now, "", held)
            for lane in self.lanes.values():
                if (lane.scope.account, lane.scope.symbol) == (account, symbol):
                    lane.feed = found
        return found

    def mark(self) -> tuple[int, int, int]:
        """Where :meth:`forget` goes back to."""
        return len(self.lanes), len(self.checks), len(self.feeds)

    def forget(self, mark: tuple[int, int, int]) -> None:
        """Drop the lanes, checks and feeds made since: by a question, which is not in the journal
        and so must leave nothing that a replay would not have."""
        lanes, checks, feeds = mark
        while len(self.lanes) > lanes:
            self.lanes.popitem()
        while len(self.checks) > checks:
            self.checks.popitem()
        while len(self.feeds) > feeds:
            _, feed = self.feeds.popitem()
            for lane in self.lanes.values():
                if lane.feed is feed:
                    lane.feed = None

    def breakable(self) -> list[Check]:
        """The checks that may be broken without any new order."""
        return [c for c in self.checks.values() if c.control in _BREAKABLE]

    # -- resolution ---------------------------------------------------------------------------

    def _resolve(self, lane: Lane) -> None:
        scope = lane.scope
        found = []
        for limit in self.limits:
            if all(getattr(scope, name) == value for name, value in limit.scope.items()):
                check = self.check(limit, self.bucket(limit, scope))
                if isinstance(check, PortfolioCheck):
                    self._add_symbol(check, scope.symbol)
                found.append(check)
        lane.take(found)
        lane.feed = self.feeds.get((scope.account, scope.symbol))

    def _made(self, limit: Limit, key: Key) -> Check:
        name = limit.control
        if name in _ORDER:
            return _ORDER[name](limit, key)
        if name in _PRICED:
            return _PRICED[name](limit, key, self.prices)
        if name in _POSITION:
            position = self.ledger.sum(key, key[2] or "")
            return _POSITION[name](limit, key, position)
        if name in _FEED:
            feed = self.feed(key[0] or "", key[2] or "")
            return _FEED[name](limit, key, feed, self.now)
        if name == "self_match":
            return SelfMatch(limit, key, self.book, self._open_in(key[2]))
        if name in _PORTFOLIO or name == "buying_power":
            return self._of_portfolio(limit, key)
        multiplier = self.ledger.valuation(key[2]).multiplier if key[2] else 100_000_000
        return latches.Conduct(limit, key, multiplier)

    def _open_in(self, symbol: str | None) -> Iterable[Order]:
        if self._open is None or symbol is None:
            return self.book.open.values()
        return self._open.get(symbol, ())

    def _of_portfolio(self, limit: Limit, key: Key) -> Check:
        currency = limit.currency or self.base
        portfolio = self.ledger.portfolio(key)
        if limit.control == "buying_power":
            return exposure_checks.BuyingPower(
                limit, key, portfolio, self.prices, currency, self.balances
            )
        return _PORTFOLIO[limit.control](limit, key, portfolio, self.prices, currency)


def _rank(check: Check) -> tuple[int, int, str]:
    return _PLACE[check.control], check.most, check.name


_ORDER: Final[dict[str, Callable[..., Check]]] = {
    "max_order_qty": order_checks.MaxOrderQty,
    "restricted": order_checks.Restricted,
    "permission": order_checks.Permission,
    "message_rate": pace.MessageRate,
    "duplicate_order": pace.DuplicateOrder,
    "beyond_terms": latches.BeyondTerms,
}
_PRICED: Final[dict[str, Callable[..., Check]]] = {
    "max_order_value": order_checks.MaxOrderValue,
    "price_collar": order_checks.PriceCollar,
    "market_data": order_checks.MarketData,
}
_POSITION: Final[dict[str, Callable[..., Check]]] = {
    "position_limit": exposure_checks.PositionLimit,
    "short_sale_locate": exposure_checks.ShortSaleLocate,
    "reduce_only": exposure_checks.ReduceOnly,
}
_PORTFOLIO: Final[dict[str, Callable[..., Check]]] = {
    "gross_notional": exposure_checks.GrossNotional,
    "net_notional": exposure_checks.NetNotional,
    "unexecuted_value": exposure_checks.UnexecutedValue,
    "loss_limit": exposure_checks.LossLimit,
}
_FEED: Final[dict[str, type[FeedCheck]]] = {
    "unconfirmed_fills": latches.UnconfirmedFills,
    "position_break": latches.PositionBreak,
    "position_feed": latches.PositionFeed,
}
