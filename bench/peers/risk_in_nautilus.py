"""NautilusTrader, as its documentation puts a strategy behind its risk engine.

``Strategy.submit_order``, ``modify_order`` and ``cancel_all_orders`` reach the real ``RiskEngine``
and ``ExecutionEngine``, with the real cache, portfolio and account; only the venue is missing. The
live engines are these with a queue in front, which is left out.

Its limits are the instrument's ``max_quantity`` and ``max_notional_per_order``. There are two kinds
of account, because the risk engine knows them apart: of a margin account it checks no value. Money
is plenty, so that no order of a case is refused for want of it. A reduce-only order is given the
id of the position, without which that is not checked. A halt is ``TradingState.HALTED``; a kill is
that and the strategy's ``cancel_all_orders``. A parent is the primary order of an execution
algorithm: a child is spawned from it, or, where it is the whole rest, is the primary itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.config import ExecAlgorithmConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import CancelAllOrders, ModifyOrder, SubmitOrder
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import (
    AccountType,
    LiquiditySide,
    OmsType,
    OrderSide,
    OrderStatus,
    TradingState,
)
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientId,
    ExecAlgorithmId,
    InstrumentId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.engine import RiskEngine
from nautilus_trader.test_kit.stubs.execution import TestExecStubs
from nautilus_trader.trading.strategy import Strategy

from bench.peers.risk_exchange import (
    CANCELING,
    PASSED,
    REFUSED,
    WORKING,
    Outcome,
    Peer,
    Timed,
    lacking,
    quickest,
    serve,
)

VENUE = "XNAS"
ACCOUNT = AccountId(f"{VENUE}-001")
TRADER = TraderId("T-001")
ALGORITHM = ExecAlgorithmId("SLICES")
SIDES = {"buy": OrderSide.BUY, "sell": OrderSide.SELL}
HAS = ("max_order_qty", "max_order_value")
NO_RATE = "1000000000/00:00:01"


class Client(ExecutionClient):  # type: ignore[misc]  # installed beside only, so untyped here
    """The adapter's client: it hands nothing on, and says that an order was submitted."""

    def __init__(self, **identity: Any) -> None:
        super().__init__(**identity)
        self.modified: list[ModifyOrder] = []
        self.canceled: list[CancelAllOrders] = []

    def submit_order(self, command: SubmitOrder) -> None:
        """What every adapter says first."""
        order = command.order
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        self.generate_order_submitted(*ids, self._clock.timestamp_ns())

    def modify_order(self, command: ModifyOrder) -> None:
        """It would leave now."""
        self.modified.append(command)

    def cancel_all_orders(self, command: CancelAllOrders) -> None:
        """It would leave now."""
        self.canceled.append(command)


class IdleClient(ExecutionClient):  # type: ignore[misc]  # installed beside only, so untyped here
    """A client that only counts: what is timed is the engine alone."""

    def __init__(self, **identity: Any) -> None:
        super().__init__(**identity)
        self.submitted = 0

    def submit_order(self, command: SubmitOrder) -> None:
        """It would leave now."""
        self.submitted += 1


class Nautilus(Peer):
    """One trader, one account, one strategy. The base of both kinds of account."""

    account_type = AccountType.CASH

    def __init__(self, limits: Mapping[str, Any], client: type[ExecutionClient] = Client) -> None:
        self._lacks = lacking(limits, HAS)
        self._clock = LiveClock()
        bus = MessageBus(trader_id=TRADER, clock=self._clock)
        self._cache = Cache()
        portfolio = Portfolio(bus, self._cache, self._clock)
        engine = ExecutionEngine(bus, self._cache, self._clock)
        self._instrument = _instrument(limits.get("max_order_qty"))
        value = limits.get("max_order_value")
        self._risk = RiskEngine(
            portfolio,
            bus,
            self._cache,
            self._clock,
            RiskEngineConfig(
                max_order_submit_rate=NO_RATE,
                max_notional_per_order={str(self._instrument.id): value} if value else {},
            ),
        )
        self._client = client(
            client_id=ClientId(VENUE),
            venue=Venue(VENUE),
            oms_type=OmsType.NETTING,
            account_type=self.account_type,
            base_currency=USD,
            msgbus=bus,
            cache=self._cache,
            clock=self._clock,
        )
        self._client._set_account_id(ACCOUNT)
        engine.register_client(self._client)
        self._cache.add_instrument(self._instrument)
        self._cache.add_account(self._account())
        register = (TRADER, portfolio, bus, self._cache, self._clock)
        self._strategy = Strategy(StrategyConfig(strategy_id="S", order_id_tag="001"))
        self._strategy.register(*register)
        self._algorithm = ExecAlgorithm(ExecAlgorithmConfig(exec_algorithm_id=str(ALGORITHM)))
        self._algorithm.register(*register)
        self._orders: dict[str, Order] = {}

    def _account(self) -> Any:
        return TestExecStubs.cash_account(ACCOUNT)

    def market(self, bid: str, ask: str) -> None:
        """A quote in the cache."""
        size, now = Quantity.from_int(100_000), self._clock.timestamp_ns()
        prices = (Price.from_str(bid), Price.from_str(ask))
        self._cache.add_quote_tick(QuoteTick(self._instrument.id, *prices, size, size, now, now))

    def order(
        self,
        name: str,
        side: str,
        qty: int,
        price: str | None = None,
        reduce_only: bool = False,
        parent: str | None = None,
    ) -> Outcome:
        """Made by the strategy's factory, or from the parent by the algorithm."""
        if parent is not None:
            return self._child(name, self._orders[parent], qty, price)
        order = self._made(side, qty, price, reduce_only=reduce_only)
        self._orders[name] = order
        held = self._cache.positions_open(instrument_id=self._instrument.id)
        self._strategy.submit_order(order, held[0].id if reduce_only and held else None)
        return self._went(order)

    def ack(self, name: str) -> None:
        """The event that an adapter makes of it."""
        order = self._orders[name]
        self._client.generate_order_accepted(*_ids(order), _venue_order_id(order), 0)

    def fill(self, name: str, qty: int, price: str) -> None:
        """The event that an adapter makes of it."""
        order = self._orders[name]
        self._client.generate_order_filled(
            *_ids(order),
            _venue_order_id(order),
            None,
            TradeId(name),
            order.side,
            order.order_type,
            Quantity.from_int(qty),
            Price.from_str(price),
            USD,
            Money(0, USD),
            LiquiditySide.TAKER,
            0,
        )

    def replace(self, name: str, qty: int) -> Outcome:
        """ModifyOrder, as the strategy sends it."""
        order = self._orders[name]
        self._strategy.modify_order(order, quantity=Quantity.from_int(qty))
        if self._client.modified:
            return Outcome(PASSED, lacks=self._lacks)
        return Outcome(REFUSED, (order.last_event.reason,))

    def halt(self) -> None:
        """Its own state of that name."""
        self._risk.set_trading_state(TradingState.HALTED)

    def kill(self) -> None:
        """Two acts: it has none that does both."""
        self.halt()
        self._strategy.cancel_all_orders(self._instrument.id)

    def parent(self, name: str, side: str, qty: int, price: str) -> None:
        """A primary order, as the algorithm would be given it."""
        order = self._made(side, qty, price, exec_algorithm_id=ALGORITHM)
        self._cache.add_order(order)
        self._orders[name] = order

    def look(self, name: str) -> Outcome:
        """The order in the cache, and whether its cancel reached the client."""
        order = self._orders[name]
        status = order.status_string()
        if order.status == OrderStatus.PENDING_CANCEL and self._client.canceled:
            return Outcome(CANCELING, (status,))
        return Outcome(WORKING if order.is_open or order.is_inflight else status, (status,))

    def us_per_order(self, everything: bool, orders: int) -> float:
        """``RiskEngine.execute`` of SubmitOrder, as far as the client, which counts. The two limits
        are everything that it has; its throttle cannot be left out."""

        def timed() -> Timed:
            quiet = type(self)({"max_order_qty": 10_000, "max_order_value": 1_000_000}, IdleClient)
            ready = [quiet._command() for _ in range(orders)]
            return Timed(quiet._risk.execute, ready, lambda: quiet._client.submitted)

        return quickest(timed)

    def _made(self, side: str, qty: int, price: str | None, **more: Any) -> Order:
        made = {"instrument_id": self._instrument.id, "order_side": SIDES[side], **more}
        made["quantity"] = Quantity.from_int(qty)
        if price is None:
            return self._strategy.order_factory.market(**made)
        return self._strategy.order_factory.limit(price=Price.from_str(price), **made)

    def _child(self, name: str, primary: Order, qty: int, price: str | None) -> Outcome:
        quantity = Quantity.from_int(qty)
        child = primary
        if quantity != primary.quantity or primary.is_closed:
            try:
                child = self._algorithm.spawn_limit(primary, quantity, Price.from_str(price))
            except ValueError as error:
                return Outcome(REFUSED, (f"ValueError: {error}",))
        self._orders[name] = child
        self._algorithm.submit_order(child)
        return self._went(child)

    def _went(self, order: Order) -> Outcome:
        if order.status == OrderStatus.DENIED:
            return Outcome(REFUSED, (order.last_event.reason,))
        return Outcome(PASSED, lacks=self._lacks)

    def _command(self) -> SubmitOrder:
        order = self._made("buy", 100, "10.00")
        return SubmitOrder(
            trader_id=TRADER,
            strategy_id=order.strategy_id,
            order=order,
            command_id=UUID4(),
            ts_init=self._clock.timestamp_ns(),
        )


class WithMargin(Nautilus):
    """The same with a margin account."""

    account_type = AccountType.MARGIN

    def _account(self) -> Any:
        return TestExecStubs.margin_account(ACCOUNT)


def _instrument(max_quantity: int | None) -> Equity:
    return Equity(
        instrument_id=InstrumentId(Symbol("AAPL"), Venue(VENUE)),
        raw_symbol=Symbol("AAPL"),
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.01"),
        lot_size=Quantity.from_int(1),
        max_quantity=None if max_quantity is None else Quantity.from_int(max_quantity),
        ts_event=0,
        ts_init=0,
    )


def _ids(order: Order) -> tuple[Any, ...]:
    return (order.strategy_id, order.instrument_id, order.client_order_id)


def _venue_order_id(order: Order) -> VenueOrderId:
    return VenueOrderId(f"O-{order.client_order_id}")


if __name__ == "__main__":
    ways = {"NautilusTrader, cash account": Nautilus, "NautilusTrader, margin account": WithMargin}
    serve("nautilus_trader", ways)
