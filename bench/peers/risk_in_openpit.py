"""openpit, with the policies that come with it, as its documentation puts them before an order.

``Engine.execute_pre_trade`` asks all policies and reserves; ``commit`` says that the order left.
Its limits are OrderSizeLimit (quantity and notional), and the position limit of SpotFunds, which
keeps what an account holds and what its orders may still bring. Funds are tracked and not enforced
(``TRACK_ONLY``), because the account of the cases may be short and no order of a case is about
money. A fill is an ExecutionReport; a halt and a kill are the same block of the account, which is
all that there is: it keeps reservations and no orders. Policies of one's own could be written in
Python; what is compared is what is there.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import openpit  # type: ignore[import-not-found]  # installed beside only, so untyped here

from bench.peers.risk_exchange import (
    PASSED,
    REFUSED,
    Cannot,
    Outcome,
    Peer,
    Timed,
    lacking,
    quickest,
    serve,
)

param = openpit.param
policies = openpit.pretrade.policies
ACCOUNT = param.AccountId.from_int(1)
SIDES = {"buy": param.Side.BUY, "sell": param.Side.SELL}
HAS = ("max_order_qty", "max_order_value", "position_limit")
WIDE = {"max_order_qty": 10_000, "max_order_value": 1_000_000, "position_limit": 10**9}
SLIPPAGE_BPS = 500
NOW = datetime.timedelta(0)


class OpenPit(Peer):
    """One engine with the policies that the case's limits ask for."""

    def __init__(self, limits: Mapping[str, Any]) -> None:
        self._lacks = lacking(limits, HAS)
        builder = openpit.Engine.builder().no_sync()
        self._quotes = builder.market_data(openpit.marketdata.QuoteTtl.infinite()).build()
        funds = policies.build_spot_funds().market_data(
            self._quotes, SLIPPAGE_BPS, policies.SpotFundsPricingSource.BOOK_TOP
        )
        builder = builder.builtin(policies.build_order_validation()).builtin(funds)
        if "max_order_qty" in limits or "max_order_value" in limits:
            builder = builder.builtin(_size_limit(limits))
        self._engine = _with_position_limit(builder.build(), limits.get("position_limit"))
        self._orders: dict[str, tuple[Any, int, Any]] = {}

    def market(self, bid: str, ask: str) -> None:
        """A quote to its market data service."""
        quote = openpit.marketdata.Quote(bid=param.Price(bid), ask=param.Price(ask))
        self._quotes.push_by_instrument(_instrument(), quote, NOW)

    def order(
        self,
        name: str,
        side: str,
        qty: int,
        price: str | None = None,
        reduce_only: bool = False,
        parent: str | None = None,
    ) -> Outcome:
        """Both stages, and the commit."""
        result = self._engine.execute_pre_trade(order=_order(side, qty, price, reduce_only))
        if not result.ok:
            return Outcome(REFUSED, tuple(map(_words, result.rejects)))
        self._orders[name] = (SIDES[side], qty, result.reservation.lock)
        result.reservation.commit()
        return Outcome(PASSED, lacks=self._lacks)

    def ack(self, name: str) -> None:
        """Nothing that it is told of: an order that was committed counts."""

    def fill(self, name: str, qty: int, price: str) -> None:
        """An execution report."""
        side, left, lock = self._orders[name]
        self._orders[name] = (side, left - qty, lock)
        report = openpit.ExecutionReport(
            operation=openpit.ExecutionReportOperation(
                instrument=_instrument(), side=side, account_id=ACCOUNT
            ),
            fill=openpit.ExecutionReportFillDetails(
                last_trade=param.Trade(price=param.Price(price), quantity=param.Quantity(qty)),
                remaining_reserved_quantity=param.Quantity(left - qty),
                lock=lock,
                is_final=left == qty,
            ),
        )
        self._engine.apply_execution_report(report=report)

    def replace(self, name: str, qty: int) -> Outcome:
        """It has no such request."""
        raise Cannot("no replace; an order is reserved once")

    def halt(self) -> None:
        """The account is blocked."""
        self._engine.accounts().block(ACCOUNT, "halted by the desk")

    def kill(self) -> None:
        """The same block: there is nothing further."""
        self.halt()

    def parent(self, name: str, side: str, qty: int, price: str) -> None:
        """It has no such order."""
        raise Cannot("no parent orders")

    def look(self, name: str) -> Outcome:
        """It has no such thing as a working order."""
        raise Cannot("it keeps reservations, no orders")

    def us_per_order(self, everything: bool, orders: int) -> float:
        """Both stages and the commit: with one policy, OrderSizeLimit, or with all five."""

        def timed() -> Timed:
            engine = _all_of_it() if everything else _one_policy()

            def call(order: Any) -> None:
                engine.execute_pre_trade(order).reservation.commit()  # None if it was refused

            ready = [_order("buy", 100, "10.00", False) for _ in range(orders)]
            return Timed(call, ready, lambda: orders)

        return quickest(timed)


def _one_policy() -> Any:
    return openpit.Engine.builder().no_sync().builtin(_size_limit(WIDE)).build()


def _all_of_it() -> Any:
    rate = policies.RateLimit(max_orders=10**9, window=datetime.timedelta(seconds=1))
    loss = policies.PnlBoundsBrokerBarrier(settlement_asset="USD", lower_bound=param.Pnl(-(10**9)))
    builder = openpit.Engine.builder().no_sync()
    for policy in (
        policies.build_order_validation(),
        policies.build_rate_limit().broker_barrier(policies.RateLimitBrokerBarrier(limit=rate)),
        policies.build_pnl_bounds_killswitch().broker_barriers(loss),
        policies.build_spot_funds(),
        _size_limit(WIDE),
    ):
        builder = builder.builtin(policy)
    return _with_position_limit(builder.build(), WIDE["position_limit"])


def _with_position_limit(engine: Any, limit: int | None) -> Any:
    engine.configure().spot_funds(
        policies.SpotFundsBuilder.NAME,
        global_limit_mode=policies.SpotFundsLimitMode.TRACK_ONLY,
        position_limits=[] if limit is None else [_position_limit(limit)],
    )
    return engine


def _instrument() -> Any:
    return openpit.Instrument("AAPL", "USD")


def _order(side: str, qty: int, price: str | None, reduce_only: bool) -> Any:
    operation = openpit.OrderOperation(
        instrument=_instrument(),
        account_id=ACCOUNT,
        side=SIDES[side],
        trade_amount=param.TradeAmount.quantity(qty),
        price=None if price is None else param.Price(price),
    )
    position = openpit.OrderPosition(reduce_only=True) if reduce_only else None
    return openpit.Order(operation=operation, position=position)


def _size_limit(limits: Mapping[str, Any]) -> Any:
    qty, value = limits.get("max_order_qty"), limits.get("max_order_value")
    limit = policies.OrderSizeLimit(
        max_quantity=None if qty is None else param.Quantity(qty),
        max_notional=None if value is None else param.Volume(value),
    )
    return policies.build_order_size_limit().broker_barrier(
        policies.OrderSizeBrokerBarrier(limit=limit)
    )


def _position_limit(limit: int) -> Any:
    return policies.SpotFundsPositionLimitEntry(
        account_id=ACCOUNT, asset="AAPL", limit=param.Quantity(limit)
    )


def _words(reject: Any) -> str:
    texts = dict.fromkeys((reject.reason, reject.details))
    return f"{reject.policy} [{reject.code}]: {'; '.join(texts)}"


if __name__ == "__main__":
    serve("openpit", {"openpit": OpenPit})
