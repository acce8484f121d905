"""What sessions and people tell beside reports: positions, balances, trading halts; and prices, by
``market_data``.

None of it moves an order or a position. A position statement is compared with our executions, a
balance is what buying power is measured by, a price is a reference and a mark, and a venue's halt
refuses the orders that it would refuse. Which account a broker means is found by its own name for
it; one that is none of ours is told and left aside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fix_oms.engine.market_data import MarketData
from fix_oms.engine.standing_acts import acknowledged, reported
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.fix import SecurityTradingStatus, SubscriptionRequestType
from fix_oms.model.messages import (
    CollateralReport,
    MarketDataIncremental,
    MarketDataRequestReject,
    MarketDataSnapshot,
    PositionReport,
    RequestForPositions,
    RequestForPositionsAck,
    SecurityStatus,
    SecurityStatusRequest,
)
from fix_oms.model.outputs import Alert, Output
from fix_oms.model.scope import key_of
from fix_oms.orders.order import Order
from fix_oms.orders.requests import REPLACE
from fix_oms.positions.balances import Balance
from fix_oms.positions.ledger import Unheard
from fix_oms.routing.links import Link
from fix_oms.wire import utc_timestamp

_HALTS: Final[dict[str, str]] = {
    SecurityTradingStatus.OPENING_DELAY.value: "opening delay",
    SecurityTradingStatus.TRADING_HALT.value: "trading halt",
    SecurityTradingStatus.NOT_AVAILABLE_FOR_TRADING.value: "not available for trading",
    SecurityTradingStatus.NOT_TRADED_ON_THIS_MARKET.value: "not traded on this market",
}
_TRADES: Final = frozenset(
    {SecurityTradingStatus.RESUME.value, SecurityTradingStatus.READY_TO_TRADE.value}
)
Handler = Callable[[int, Link, Any, list[Output]], None]


class Statements:
    """Takes them in: by message (``handlers``), and by command."""

    def __init__(self, state: State) -> None:
        self._state: Final = state
        self.market: Final = MarketData(state)
        self.handlers: Final[dict[type, Handler]] = {
            MarketDataSnapshot: self.market.snapshot,
            MarketDataIncremental: self.market.incremental,
            MarketDataRequestReject: self.market.refused,
            PositionReport: self._position_report,
            RequestForPositionsAck: self._positions_ack,
            CollateralReport: self._collateral,
            SecurityStatus: self._security_status,
        }

    # -- positions ----------------------------------------------------------------------------

    def position(self, now: int, row: inputs.Holding, source: str) -> bool:
        """One statement of a position feed. Returns whether it was compared: one that is older than
        what is known is not."""
        feed = self._state.gate.lanes.feed(row.account, row.symbol)
        before = feed.told_ns
        feed.told(now, row.quantity, as_of=row.as_of_ns, exec_id=row.exec_id, seq=row.seq)
        self._state.position_sources[row.account, row.symbol] = source
        return feed.told_ns != before

    def _position_report(
        self, now: int, link: Link, report: PositionReport, out: list[Output]
    ) -> None:
        reported(self._state.inquiries[link.name], report)
        account, symbol, quantity = self._account(report.account), report.symbol, report.quantity
        if account is None or symbol not in self._state.settings.instruments:
            text = f"{link.name} tells a position of {report.account} in {symbol}: none of ours"
            out.append(_alert("warning", "position_feed", text, link))
            return
        if quantity is None or symbol is None:
            text = f"{link.name} tells a position of {account} in {symbol} without a quantity"
            out.append(_alert("warning", "position_feed", text, link))
            return
        row = inputs.Holding(
            account=account,
            symbol=symbol,
            quantity=quantity,
            as_of_ns=report.transact_time or 0,
            exec_id=report.last_exec_id or "",
        )
        self.position(now, row, link.name)
        self._state.gate.tell_breaches(now, out)

    def _positions_ack(
        self, now: int, link: Link, ack: RequestForPositionsAck, out: list[Output]
    ) -> None:
        """No position found (728=2) is a statement as well: we are flat everywhere, it says."""
        acknowledged(self._state.inquiries[link.name], ack)
        if ack.pos_req_result == "2" and ack.account:
            account = self._account(ack.account)
            for known, symbol in list(self._state.gate.lanes.feeds):
                if known == account:
                    row = inputs.Holding(account=known, symbol=symbol, quantity=0)
                    self.position(now, row, link.name)
            self._state.gate.tell_breaches(now, out)
        elif ack.pos_req_result not in ("0", "2"):
            text = f"{link.name} tells no positions: {ack.text or ack.pos_req_result}"
            out.append(_alert("warning", "position_feed", text, link))

    def _account(self, told: str | None) -> str | None:
        return self._state.account_told(told) if told else None

    # -- balances -----------------------------------------------------------------------------

    def balance(self, now: int, row: inputs.Funds, source: str) -> None:
        """An account's money, as of now: what is used from here on counts against it.

        Orders and replaces that the broker has not answered are none that it can have counted.
        """
        state = self._state
        key = key_of(account=row.account)
        state.ledger.portfolio(key)
        unheard = [_unheard(o) for o in state.book.open.values() if _is_unheard(o)]
        known = state.ledger.freeze(key, unheard)
        state.gate.balances.state(Balance(row, source, now, known))
        state.gate.lanes.refresh()

    def _collateral(
        self, now: int, link: Link, report: CollateralReport, out: list[Output]
    ) -> None:
        account = self._account(report.account)
        if account is None or report.margin_excess is None:
            text = f"{link.name} tells a balance of {report.account} that cannot be used"
            out.append(_alert("warning", "balance", text, link))
            return
        row = inputs.Funds(
            account=account,
            currency=report.currency or self._state.settings.engine.base_currency,
            available=report.margin_excess,
            total=max(0, report.total_net_value or 0),
        )
        self.balance(now, row, link.name)
        self._state.gate.tell_breaches(now, out)

    # -- halts --------------------------------------------------------------------------------

    def _security_status(
        self, now: int, link: Link, status: SecurityStatus, out: list[Output]
    ) -> None:
        key, code = (link.name, status.symbol), status.security_trading_status
        at = f"{link.name} {status.symbol}"
        if code in _HALTS:
            why = status.text or status.halt_reason or ""
            said = f"{_HALTS[code]} {why}".rstrip()
            if key not in self._state.halted:
                text = f"{link.name} has halted {status.symbol}: {said}"
                out.append(_alert("warning", "trading_halt", text, link, at))
            self._state.halted[key] = said
        elif code in _TRADES and self._state.halted.pop(key, None) is not None:
            self._state.routed.moved(status.symbol, "a halt was lifted")
            text = f"{link.name} trades {status.symbol} again"
            out.append(_alert("info", "trading_halt", text, link, at))

    # -- asking -------------------------------------------------------------------------------

    def session_ready(self, now: int, link: Link, out: list[Output]) -> None:
        """Ask for quotes, positions and trading states, where the counterparty tells them."""
        state, supports = self._state, link.settings.supports
        self.market.session_ready(link, out)
        if supports.positions:
            self.ask_positions(now, link, out)
        if supports.security_status:
            for symbol in state.settings.symbols_of(link.name):
                asked = SecurityStatusRequest(
                    security_status_req_id=f"status-{link.epoch}-{link.next_out}-{symbol}",
                    symbol=symbol,
                )
                state.try_send(link.name, asked, out)

    def ask_positions(self, now: int, link: Link, out: list[Output], *, once: bool = False) -> None:
        """Ask what each account holds: to be told from now on, or ``once``."""
        wanted = SubscriptionRequestType.SNAPSHOT if once else SubscriptionRequestType.SUBSCRIBE
        day = utc_timestamp(now, 0)[:8]
        for account in self._state.settings.accounts.values():
            request = RequestForPositions(
                pos_req_id=f"positions-{link.epoch}-{link.next_out}-{account.name}",
                account=account.broker_account or account.name,
                clearing_business_date=day,
                transact_time=now,
                subscription_request_type=wanted,
            )
            self._state.try_send(link.name, request, out)

    def session_down(self, link: Link) -> None:
        """What a venue last said of halts is not known to hold any more, where it can be asked for
        again; else it stands until the venue says otherwise."""
        if not link.settings.supports.security_status:
            return
        for key in [k for k in self._state.halted if k[0] == link.name]:
            del self._state.halted[key]


def _is_unheard(order: Order) -> bool:
    """Whether the broker has not answered the order, or a replace of it."""
    return not order.reported or any(r.kind == REPLACE and not r.answered for r in order.later)


def _unheard(order: Order) -> Unheard:
    """What is open of the order, and what of that its broker has acknowledged."""
    opened = order.scope, order.buys, order.open_qty, order.worst_px
    if not order.reported:
        return *opened, 0, 0
    return *opened, min(order.open_qty, order.leaves_qty), order.accepted_px


def _alert(severity: str, code: str, text: str, link: Link, subject: str = "") -> Alert:
    return Alert(severity=severity, code=code, text=text, session=link.name, subject=subject)
