"""The gate as people and programs see it: limits, exposure, balances, feeds, halts.

Made when asked, of copies: sums that nobody has a limit on are added up here and kept nowhere, so
that looking changes nothing, not even how long the next order takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from fix_oms.engine.kills import Kills
from fix_oms.engine.standing_acts import shown
from fix_oms.engine.state import State
from fix_oms.model.limits import Limit
from fix_oms.model.scope import FIRM, PLACES, Key, key_of
from fix_oms.model.settings_text import plain_limit
from fix_oms.model.talk_standing import Asked
from fix_oms.model.views import (
    BalanceView,
    ExposureView,
    FeedView,
    HaltView,
    LimitView,
    PositionView,
)
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL
from fix_oms.positions.position import HUNDRED, WORTH_OF_NOTIONAL, Portfolio, Position
from fix_oms.risk.latches import Latch


class ShownRisk:
    """Views of one state at one time (ns UTC)."""

    def __init__(self, state: State, kills: Kills, now: int) -> None:
        self._state: Final = state
        self._kills: Final = kills
        self._now: Final = now

    def positions(self) -> list[PositionView]:
        """All positions that are, or were, not flat, or could become so."""
        breaks = Counter(
            one.place
            for copies in self._state.copies.values()
            for one in copies.open_breaks().values()
        )
        return [
            _position(place, p, breaks[place])
            for place, p in sorted(self._state.ledger.positions.items())
            if p.bought or p.sold or p.open_buy or p.open_sell or p.opening
        ]

    def position(self, account: str, symbol: str) -> PositionView | None:
        """One of them, whatever it holds, without ``breaks``; None where there never was one."""
        held = self._state.ledger.positions.get((account, symbol))
        return _position((account, symbol), held, 0) if held is not None else None

    def halts(self) -> list[HaltView]:
        """The halts and kills in force."""
        return [
            HaltView(
                by=halt.by,
                reason=halt.reason,
                account=halt.key[0],
                strategy=halt.key[1],
                symbol=halt.key[2],
                venue=halt.key[3],
                kill=halt.kills,
                since_ns=halt.since_ns,
                unconfirmed=self._kills.unconfirmed(halt),
            )
            for halt in self._state.gate.halts.held.values()
        ]

    def limits(self) -> list[LimitView]:
        """The limits in force, in the order in which an order meets them."""
        live = self._state.gate.limits
        return [self._limit(limit, live.source(name)) for name, limit in live.in_force().items()]

    def _limit(self, limit: Limit, source: str) -> LimitView:
        gate = self._state.gate
        checks = [c for c in gate.lanes.checks.values() if c.name == limit.name]
        overrides = [
            f"{o.uses} uses until {(o.until_ns - self._now) // 1_000_000_000} s from now, "
            f"by {o.by}: {o.reason}"
            for o in gate.limits.overrides
            if o.name == limit.name and o.until_ns > self._now
        ]
        return LimitView(
            name=limit.name,
            control=limit.control,
            limit=limit.text,
            scope=", ".join(f"{k} {v}" for k, v in limit.scope.items()) or "everything",
            soft=limit.soft,
            source=source,
            note=limit.note,
            refused=sum(c.refused for c in checks),
            found={c.where: c.found(self._now) for c in checks},
            latched=tuple(c.why for c in checks if isinstance(c, Latch) and c.shut_ns),
            override="; ".join(overrides),
            plain=plain_limit(limit),
        )

    def balances(self) -> list[BalanceView]:
        """The accounts' money as stated, and how much of it is used since."""
        found = []
        for account, held in sorted(self._state.gate.balances.held.items()):
            portfolio = self._state.ledger.portfolios.get(key_of(account=account))
            rate = self._state.prices.rate(held.currency)
            used = 0
            if portfolio is not None and rate:
                worth = (portfolio.margin - held.known.portfolio.margin) // HUNDRED
                used = worth * 100_000_000 // (rate * WORTH_OF_NOTIONAL)
            found.append(
                BalanceView(
                    account=account,
                    currency=held.currency,
                    total=held.total,
                    available=held.available,
                    margin_used=held.margin_used,
                    used_since=used,
                    left=held.available * 100_000_000 - used,
                    source=held.source,
                    stated_ns=held.stated_ns,
                )
            )
        return found

    def asked(self, session: str, name: str) -> Asked:
        """What has come of a question about positions."""
        return shown(self._state, session, name)

    def feeds(self) -> list[FeedView]:
        """What position feeds say, beside our executions."""
        return [
            FeedView(
                account=account,
                symbol=symbol,
                ours=feed.quantity,
                told=feed.stated,
                difference=feed.difference,
                unconfirmed=feed.unconfirmed,
                missing=feed.missing(),
                source=self._state.position_sources.get((account, symbol), ""),
                told_ns=feed.told_ns,
            )
            for (account, symbol), feed in sorted(self._state.gate.lanes.feeds.items())
        ]

    # -- exposure -----------------------------------------------------------------------------

    def exposure(self) -> list[ExposureView]:
        """The worst case of the firm, and of each account, strategy, symbol and venue."""
        found = [self._exposure("firm", "", FIRM, [])]
        unanswered = self._unanswered()
        scopes = list(self._state.ledger.lines)
        for dimension in ("account", "strategy", "symbol", "venue"):
            names = {scope[PLACES[dimension]] for scope in scopes}
            if dimension in ("account", "symbol"):
                place = 0 if dimension == "account" else 1
                names |= {key[place] for key, p in self._positions() if p.opening}
            for name in sorted(names):
                if name:
                    key = key_of(**{dimension: name})
                    doubtful = unanswered.get(name, []) if dimension == "symbol" else []
                    found.append(self._exposure(dimension, name, key, doubtful))
        return found

    def _unanswered(self) -> dict[str, list[Order]]:
        """Open orders of which a new or replace request has no answer, by symbol."""
        waiting = self._state.waiting.values()
        orders = {w.order.reference: w.order for w in waiting if w.request.kind != CANCEL}
        found: dict[str, list[Order]] = {}
        for order in orders.values():
            if order.open_qty:
                found.setdefault(order.symbol, []).append(order)
        return found

    def _positions(self) -> Iterator[tuple[tuple[str, str], Position]]:
        yield from self._state.ledger.positions.items()

    def _exposure(self, dimension: str, name: str, key: Key, doubtful: list[Order]) -> ExposureView:
        portfolio = Portfolio(key)
        positions = self._state.ledger.scratch(key)
        for position in positions:
            position.join(portfolio)
        one = positions[0] if dimension == "symbol" and positions else None
        missing = sorted({p.valuation.currency for p in positions if not p.valuation.rate})
        return ExposureView(
            dimension=dimension,
            name=name,
            currency=self._state.settings.engine.base_currency,
            position=one.quantity if one else 0,
            open_buy=one.open_buy if one else 0,
            open_sell=one.open_sell if one else 0,
            doubt_buy=sum(o.open_qty for o in doubtful if o.buys),
            doubt_sell=sum(o.open_qty for o in doubtful if not o.buys),
            longest=one.longest if one else 0,
            shortest=one.shortest if one else 0,
            open_value=(portfolio.long - portfolio.short) // WORTH_OF_NOTIONAL,
            gross=portfolio.gross // WORTH_OF_NOTIONAL,
            net_long=portfolio.long // WORTH_OF_NOTIONAL,
            net_short=portfolio.short // WORTH_OF_NOTIONAL,
            profit=portfolio.profit // WORTH_OF_NOTIONAL,
            missing=f"no rate for {', '.join(missing)}" if missing else "",
        )


def _position(place: tuple[str, str], p: Position, breaks: int) -> PositionView:
    return PositionView(
        account=place[0],
        symbol=place[1],
        currency=p.valuation.currency,
        quantity=p.quantity,
        average_px=p.average_px,
        bought=p.bought,
        sold=p.sold,
        realised=p.realised,
        open_buy=p.open_buy,
        open_sell=p.open_sell,
        opening=p.opening,
        opening_source=p.opening_source,
        mark=p.valuation.mark,
        unrealised=p.unrealised,
        fees=p.fees,
        breaks=breaks,
    )
