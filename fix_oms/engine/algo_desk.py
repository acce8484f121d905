"""What an algo sees of the state: its own orders as they stand, books, contracts, positions."""

from __future__ import annotations

from typing import Final

from fix_oms.algos.algo import Mine
from fix_oms.algos.carried import CarryKey
from fix_oms.algos.running import RunningAlgo
from fix_oms.engine.judging import not_ready
from fix_oms.engine.state import State
from fix_oms.market.contracts import TradingTerms
from fix_oms.market.states import FRESH
from fix_oms.market.volumes import Traded
from fix_oms.model.curves import Curve
from fix_oms.model.fix import Side
from fix_oms.model.routing import NO_FEES, LevelSeen
from fix_oms.model.scope import Scope, matches
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.order import Order
from fix_oms.routing.parents import ParentOrder


class AlgoDesk:
    """The :class:`~fix_oms.algos.algo.Desk` of one algo at one time (ns UTC)."""

    def __init__(self, state: State, running: RunningAlgo, now: int) -> None:
        self._state: Final = state
        self._running: Final = running
        self._now: Final = now

    @property
    def now(self) -> int:
        return self._now

    @property
    def ref(self) -> str:
        return self._running.ref

    @property
    def account(self) -> str:
        return self._running.account

    @property
    def state(self) -> str:
        return self._running.state

    # -- its orders ---------------------------------------------------------------------------

    def mine(self, name: str) -> Mine | None:
        ref = self._running.names.get(name)
        if ref is None:
            return None
        parent = self._state.routed.parents.get(ref)
        if parent is not None:
            return self._parent(name, parent)
        order = self._state.book.by_cl_ord_id(ref)
        return _single(name, order) if order is not None else None

    def working(self) -> tuple[Mine, ...]:
        found = [self.mine(name) for name in self._running.working]
        return tuple([m for m in found if m is not None and m.is_open])

    def all_mine(self) -> tuple[Mine, ...]:
        found = [self.mine(name) for name in self._running.names]
        return tuple([m for m in found if m is not None])

    def filled(self, symbol: str, *, buys: bool) -> Fixed:
        return self._running.executed.get((symbol, buys), 0)

    def executed(self, leg: str) -> tuple[Fixed, Notional]:
        return self._running.legs.get(leg, (0, 0))

    def carried(self, key: CarryKey) -> tuple[Fixed, Fixed]:
        carried = self._state.algos.carried
        return carried.total(key), carried.part(key, self.ref)

    def _parent(self, name: str, parent: ParentOrder) -> Mine:
        held, book = parent.held, self._state.book
        found = [book.by_cl_ord_id(ref) for ref in held.working]
        children = [order for order in found if order is not None]
        pending = "replace" if parent.wanted is not None else ""
        return Mine(
            name=name,
            ref=held.ref,
            symbol=held.symbol,
            side=held.side,
            qty=held.order_qty,
            price=parent.price,
            status=parent.ord_status(),
            executed=held.executed,
            notional=held.notional,
            provisional=sum([child.provisional for child in children]),
            open_qty=max(held.committed - held.executed, parent.leaves_qty),
            pending="cancel" if parent.ending and not parent.ended else pending,
            in_doubt=any(r.doubt for child in children for r in child.outstanding()),
            venue="",
            text=parent.suspended or parent.text,
            account=held.account,
            stop_px=None,
        )

    # -- the market ---------------------------------------------------------------------------

    def terms(self, symbol: str, venue: str = "") -> TradingTerms:
        found = self._state.contracts.get((symbol, venue))
        if found is not None:
            return found
        return TradingTerms(self._state.settings.instruments[symbol], venue, NO_FEES)

    def venues(self, symbol: str) -> tuple[str, ...]:
        instrument = self._state.settings.instruments.get(symbol)
        return instrument.venues if instrument is not None else ()

    def levels(
        self, symbol: str, *, bids: bool, venue: str = "", others: bool = False
    ) -> tuple[LevelSeen, ...]:
        quotes, sums = self._state.quotes, dict[Fixed, Fixed]()
        own = self._own(symbol, bids) if others else {}
        for name in (venue,) if venue else self.venues(symbol):
            book = quotes.of(name, symbol)
            if book is not None and book.state(self._now, self._state.prices.max_age_ns) == FRESH:
                for price, size in book.join(bids):
                    size -= own.get((name, price), 0)
                    if size > 0:
                        sums[price] = sums.get(price, 0) + size
        return tuple(sorted(sums.items(), reverse=bids))

    def _own(self, symbol: str, bids: bool) -> dict[tuple[str, Fixed], Fixed]:
        """What its own single orders show, by venue and price."""
        found: dict[tuple[str, Fixed], Fixed] = {}
        for mine in self.working():
            if mine.symbol == symbol and (mine.side == Side.BUY) == bids and mine.price is not None:
                at = (mine.venue, mine.price)
                found[at] = found.get(at, 0) + mine.open_qty
        return found

    def last(self, symbol: str, venue: str = "") -> Fixed | None:
        quotes, newest = self._state.quotes, (0, 0)
        for name in (venue,) if venue else self.venues(symbol):
            book = quotes.of(name, symbol)
            if book is not None and book.last:
                newest = max(newest, (book.last_ns, book.last))
        is_fresh = self._now - newest[0] <= self._state.prices.max_age_ns
        return newest[1] if newest[1] and is_fresh else None

    def ready(self, symbol: str, venue: str = "") -> bool:
        return not self.takes(symbol, venue)

    def takes(self, symbol: str, venue: str = "", account: str = "") -> str:
        why = f"{symbol} has no venue"
        for name in (venue,) if venue else self.venues(symbol):
            why = self._shut(symbol, name, account or self.account)
            if not why:
                return ""
        return why

    def _shut(self, symbol: str, name: str, account: str) -> str:
        """Why that venue takes nothing now."""
        state = self._state
        venue = state.settings.venues.get(name)
        link = state.links.get(venue.session) if venue is not None else None
        if venue is None or link is None:
            return f"{name} is not configured"
        refused = not_ready(link)
        if refused is not None:
            return refused.text
        if link.busy_until > self._now:
            return f"session {link.name} is busy"
        if venue.hours is not None and name not in state.open_venues:
            return f"{name} is closed"
        halted = state.halted.get((venue.session, symbol))
        if halted is not None:
            return f"{venue.session} has halted {symbol}: {halted}"
        halts = state.gate.halts.held
        if halts:
            scope = Scope(account, self._running.strategy, symbol, name, venue.session)
            for halt in halts.values():
                if matches(halt.key, scope):
                    return f"{'killed' if halt.kills else 'halted'} by {halt.by}: {halt.reason}"
        return ""

    def unknown(self, symbol: str, venue: str = "", account: str = "", policy: str = "") -> str:
        settings = self._state.settings
        if symbol not in settings.instruments:
            return f"no instrument {symbol!r} is configured"
        if venue and venue not in self.venues(symbol):
            return f"{symbol} does not trade at {venue!r}"
        if account and account not in settings.accounts:
            return f"no account {account!r} is configured"
        if policy and settings.policy(policy) is None:
            return f"no policy {policy!r} is configured"
        return ""

    def stops(self, symbol: str, venue: str) -> bool:
        at = self._state.settings.venues.get(venue)
        session = self._state.settings.sessions.get(at.session) if at is not None else None
        return session is not None and session.supports.stop_orders

    def middle(self, symbol: str) -> Fixed | None:
        return self._state.prices.middle(symbol, self._now)

    def reference(self, symbol: str) -> Fixed | None:
        return self.middle(symbol) or self._state.prices.stated(symbol)

    def traded(self, symbol: str, venue: str = "") -> Traded:
        volumes = self._state.quotes.volumes
        found = [volumes.of(at, symbol) for at in ((venue,) if venue else self.venues(symbol))]
        return Traded(sum([one.qty for one in found]), sum([one.notional for one in found]))

    def curve(self, name: str) -> Curve | None:
        found = self._state.settings.curves.get(name)
        return found if found is not None and found.times else None

    def position(self, symbol: str, account: str = "") -> Fixed:
        return self._state.ledger.position(account or self.account, symbol).quantity


def _single(name: str, order: Order) -> Mine:
    outstanding = order.outstanding()
    return Mine(
        name=name,
        ref=order.reference,
        symbol=order.symbol,
        side=order.terms.side,
        qty=order.terms.order_qty,
        price=order.terms.price,
        status=order.ord_status,
        executed=order.executions.qty,
        notional=order.executions.notional,
        provisional=order.provisional,
        open_qty=max(order.open_qty, order.leaves_qty),
        pending=outstanding[-1].kind if outstanding else "",
        in_doubt=any(request.doubt for request in outstanding),
        venue=order.venue,
        text=order.text,
        account=order.scope.account,
        stop_px=order.terms.stop_px,
        changes=len(order.later),
    )
