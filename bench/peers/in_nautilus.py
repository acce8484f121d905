"""NautilusTrader, by the two ways in which its documentation lets an adapter tell it of an order.

*Events*: ``LiveExecutionClient.generate_order_accepted``, ``generate_order_filled`` and so on,
which reach ``ExecutionEngine.process``, the order's ``apply`` and the position. *Reports*:
``OrderStatusReport`` and ``FillReport``, which reach ``reconcile_execution_report`` of the live
engine. The order, cache, account and engines are the real ones; only the venue is missing. It
decodes no FIX: what a FIX adapter would read from the fields is read in ``prepare``.

Neither way has a bust or a correction: as an event it cannot be expressed at all; as a report the
order's status and filled quantity can be stated, and are. LeavesQty is given as 0 where
``is_closed``, because ``leaves_qty`` keeps the unfilled rest there. The errors are those that
``order.apply`` raises, seen on a second order of the same kind (the engine logs them and goes on);
beside them stand the reports that ``reconcile_execution_report`` answers False to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.fsm import InvalidStateTrigger
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.reports import FillReport, OrderStatusReport
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import (
    AccountType,
    LiquiditySide,
    OmsType,
    OrderSide,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from nautilus_trader.model.events import OrderEvent, OrderPendingCancel, OrderSubmitted
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientId,
    StrategyId,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.test_kit.stubs.execution import TestExecStubs

from bench.peers.exchange import Outcome, Peer, fields, serve

VENUE = "XNAS"
STRATEGY = StrategyId("S-001")
ACCOUNT = AccountId(f"{VENUE}-001")
TRADER = TraderId("T-001")
PRICE = Price.from_str("10.00")
NO_MONEY = Money(0, USD)

# Its states, by the names that FIX has for them.
STATUS = {
    "SUBMITTED": "PendingNew",
    "ACCEPTED": "New",
    "PARTIALLY_FILLED": "PartiallyFilled",
    "FILLED": "Filled",
    "CANCELED": "Canceled",
    "EXPIRED": "Expired",
    "REJECTED": "Rejected",
    "PENDING_CANCEL": "PendingCancel",
}
REPORTED = {
    "0": OrderStatus.ACCEPTED,
    "1": OrderStatus.PARTIALLY_FILLED,
    "2": OrderStatus.FILLED,
    "4": OrderStatus.CANCELED,
    "6": OrderStatus.PENDING_CANCEL,
    "8": OrderStatus.REJECTED,
    "C": OrderStatus.EXPIRED,
}
NO_EVENT = {"G": "a trade correction", "H": "a trade cancel (bust)"}


class Client(ExecutionClient):  # type: ignore[misc]  # installed beside only, so untyped here
    """The adapter's client: the base class, connected, without a venue behind it."""


class Nautilus(Peer):
    """One trader, one account, one execution engine. The base of both ways."""

    def __init__(self, engine_type: Callable[[MessageBus, Cache, LiveClock], Any]) -> None:
        self._clock = LiveClock()
        self._bus = MessageBus(trader_id=TRADER, clock=self._clock)
        self._cache = Cache()
        self._engine = engine_type(self._bus, self._cache, self._clock)
        self._client = Client(
            client_id=ClientId(VENUE),
            venue=Venue(VENUE),
            oms_type=OmsType.NETTING,
            account_type=AccountType.CASH,
            base_currency=USD,
            msgbus=self._bus,
            cache=self._cache,
            clock=self._clock,
        )
        self._client._set_account_id(ACCOUNT)
        self._engine.register_client(self._client)
        self._instrument = TestInstrumentProvider.equity("AAPL", VENUE)
        self._cache.add_instrument(self._instrument)
        self._cache.add_account(TestExecStubs.cash_account(ACCOUNT))
        self._factory = OrderFactory(TRADER, STRATEGY, self._clock)
        self._events: list[OrderEvent] = []
        self._cannot: list[str] = []
        self._refused: list[str] = []
        self._bus.subscribe("events.order.*", self._events.append)

    def order(self) -> LimitOrder:
        """A limit buy of 100 AAPL at 10, submitted."""
        order = self._factory.limit(
            instrument_id=self._instrument.id,
            order_side=OrderSide.BUY,
            quantity=Quantity.from_int(100),
            price=PRICE,
        )
        self._cache.add_order(order)
        self._process(OrderSubmitted, order)
        return order

    def prepare(self, order: LimitOrder, body: str) -> dict[int, str]:
        """The report's fields."""
        name = order.client_order_id.value
        return fields(body.replace("{order}", name).replace("{cancel}", f"{name}-C"))

    def hear(self, order: LimitOrder, report: dict[int, str]) -> None:
        """Tell of a report."""
        raise NotImplementedError

    def request_cancel(self, order: LimitOrder) -> None:
        """What ``Strategy.cancel_order`` does to the order as the command leaves."""
        self._process(OrderPendingCancel, order, venue_order_id=order.venue_order_id)

    def outcome(self, order: LimitOrder) -> Outcome:
        """The order in the cache, and the sum of the positions there."""
        return Outcome(
            STATUS[order.status_string()],
            round(order.filled_qty.as_double()),
            0 if order.is_closed else round(order.leaves_qty.as_double()),
            round(sum(p.signed_qty for p in self._cache.positions())),
            self._raised(order),
            tuple(self._cannot),
        )

    def _process(self, event: type[OrderEvent], order: LimitOrder, **more: Any) -> None:
        # The base engine's process: the live one's puts the event into a queue of its event loop.
        ExecutionEngine.process(
            self._engine,
            event(
                trader_id=TRADER,
                strategy_id=STRATEGY,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                account_id=ACCOUNT,
                event_id=UUID4(),
                ts_event=0,
                ts_init=0,
                **more,
            ),
        )

    def _raised(self, order: LimitOrder) -> tuple[str, ...]:
        twin = LimitOrder.create(order.init_event)
        raised = []
        for event in self._events:
            try:
                twin.apply(event)
            except (ValueError, KeyError, InvalidStateTrigger) as error:
                said = str(error.args[0]).partition(", order.quantity=")[0]
                said = said.replace(order.client_order_id.value, "{ClOrdID}")
                raised.append(f"{type(error).__name__}: {said}")
        return (*raised, *self._refused)


class ByEvents(Nautilus):
    """The way of events."""

    def __init__(self) -> None:
        super().__init__(lambda bus, cache, clock: ExecutionEngine(bus, cache, clock))

    def hear(self, order: LimitOrder, report: dict[int, str]) -> None:
        """ExecType(150) says which event it is. There is none for Pending Cancel either: the order
        has been in that state since the request left."""
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        kind, venue_order_id, when = report[150], VenueOrderId(report[37]), _ns(report)
        client = self._client
        if kind == "0":
            client.generate_order_accepted(*ids, venue_order_id, when)
        elif kind == "F":
            client.generate_order_filled(
                *ids,
                venue_order_id,
                None,
                TradeId(report[17]),
                order.side,
                order.order_type,
                Quantity.from_str(report[32]),
                Price.from_str(report[31]),
                USD,
                NO_MONEY,
                LiquiditySide.NO_LIQUIDITY_SIDE,
                when,
            )
        elif kind == "4":
            client.generate_order_canceled(*ids, venue_order_id, when)
        elif kind == "C":
            client.generate_order_expired(*ids, venue_order_id, when)
        elif kind == "8":
            client.generate_order_rejected(*ids, "rejected", when)
        elif kind in NO_EVENT:
            self._cannot.append(NO_EVENT[kind])


class ByReports(Nautilus):
    """The way of reports. A trade is told as a fill first, and then as the order's new status."""

    def __init__(self) -> None:
        super().__init__(
            lambda bus, cache, clock: LiveExecutionEngine(
                asyncio.new_event_loop(), bus, cache, clock
            )
        )

    def hear(self, order: LimitOrder, report: dict[int, str]) -> None:
        """A FillReport for a trade, and an OrderStatusReport for every report."""
        when, now = _ns(report), self._clock.timestamp_ns()
        told: dict[str, Any] = {
            "account_id": ACCOUNT,
            "instrument_id": order.instrument_id,
            "venue_order_id": VenueOrderId(report[37]),
            "client_order_id": order.client_order_id,
            "order_side": order.side,
            "ts_init": now,
        }
        if report[150] == "F":
            fill = FillReport(
                trade_id=TradeId(report[17]),
                last_qty=Quantity.from_str(report[32]),
                last_px=Price.from_str(report[31]),
                commission=NO_MONEY,
                liquidity_side=LiquiditySide.NO_LIQUIDITY_SIDE,
                report_id=UUID4(),
                ts_event=when,
                **told,
            )
            self._reconcile(fill)
        status = OrderStatusReport(
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            order_status=REPORTED[report[39]],
            quantity=Quantity.from_str(report[38]),
            filled_qty=Quantity.from_str(report[14]),
            price=PRICE,
            avg_px=Decimal(report[6]),
            report_id=UUID4(),
            ts_accepted=when,
            ts_last=when,
            **told,
        )
        self._reconcile(status)

    def _reconcile(self, report: FillReport | OrderStatusReport) -> None:
        if not self._engine.reconcile_execution_report(report):
            self._refused.append(f"{type(report).__name__}: not reconciled")


def _ns(report: dict[int, str]) -> int:
    when = datetime.strptime(report[60], "%Y%m%d-%H:%M:%S.%f").replace(tzinfo=UTC)
    return int(when.timestamp()) * 1_000_000_000


if __name__ == "__main__":
    ways = {"NautilusTrader, events": ByEvents, "NautilusTrader, reports": ByReports}
    serve("nautilus_trader", ways)
