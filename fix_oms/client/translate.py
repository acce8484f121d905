"""The engine's views in the words of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from fix_oms.client.schema import (
    ENDED,
    ZERO,
    Balance,
    Order,
    Position,
    Status,
    Told,
    Trade,
)
from fix_oms.model.fix import OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.units import NOTIONAL_SCALE, SCALE, Fixed, Notional, to_decimal
from fix_oms.model.views import (
    BalanceView,
    FeedView,
    FillView,
    OrderView,
    ParentView,
    PositionView,
)

STATUSES: Final[dict[str, Status]] = {
    code.value: Status.PENDING if code is OrdStatus.PENDING_NEW else Status(code.name)
    for code in OrdStatus
}
"""OrdStatus(39) in our words."""
_BUYS: Final = frozenset({Side.BUY.value, "3"})
EFFECTIVE: Final = "effective"
CORRECTION: Final = "\x01c"
"""How the key of a correction ends (``FillView``)."""
ORD_TYPES: Final[dict[str, str]] = {code.value: code.name for code in OrdType}
TIFS: Final[dict[str, str]] = {code.value: code.name for code in TimeInForce}


def side_of(code: str) -> str:
    """Side(54) as BUY or SELL; whether a sale is a short one is in the engine's own view."""
    return "BUY" if code in _BUYS else "SELL"


def order_of(view: OrderView, last: FillView | None) -> Order:
    """An order of the engine's; ``last`` is its newest execution."""
    return Order(
        name=view.client_ref or view.reference,
        symbol=view.symbol,
        side=side_of(view.side),
        order_qty=to_decimal(view.order_qty),
        status=_status(view),
        ord_type=ORD_TYPES.get(view.ord_type, view.ord_type),
        tif=TIFS.get(view.time_in_force, view.time_in_force),
        account=view.account,
        venue=view.venue,
        price=None if view.price is None else to_decimal(view.price),
        stop_px=None if view.stop_px is None else to_decimal(view.stop_px),
        cum_qty=to_decimal(view.cum_qty),
        leaves_qty=to_decimal(view.leaves_qty),
        avg_px=to_decimal(view.avg_px),
        last_qty=ZERO if last is None else to_decimal(last.last_qty),
        last_px=ZERO if last is None else to_decimal(last.last_px),
        ord_status=view.ord_status,
        client_ref=view.client_ref,
        reference=view.reference,
        cl_ord_id=view.cl_ord_id,
        order_id=view.order_id,
        parent=view.parent,
        in_doubt=view.in_doubt,
        breaks=view.breaks,
        text=view.text,
        created_ns=view.created_ns,
        updated_ns=view.updated_ns,
    )


def _status(view: OrderView) -> Status:
    status = STATUSES.get(view.ord_status, Status.PENDING)
    if status in ENDED or not view.leaves_qty:
        return status
    if "cancel" in view.pending:
        return Status.PENDING_CANCEL
    return Status.PENDING_REPLACE if "replace" in view.pending else status


def parent_of(view: ParentView) -> Order:
    """A parent order of the engine's."""
    status = STATUSES.get(view.ord_status, Status.PENDING)
    if status not in ENDED and view.pending:
        status = (
            Status.PENDING_CANCEL if view.pending.startswith("cancel") else Status.PENDING_REPLACE
        )
    return Order(
        name=view.ref,
        symbol=view.symbol,
        side=side_of(view.side),
        order_qty=to_decimal(view.order_qty),
        status=status,
        ord_type="MARKET" if view.price is None else "LIMIT",
        tif=TIFS.get(view.time_in_force, view.time_in_force),
        account=view.account,
        price=None if view.price is None else to_decimal(view.price),
        cum_qty=to_decimal(view.cum_qty),
        leaves_qty=to_decimal(view.leaves_qty),
        avg_px=to_decimal(view.avg_px),
        ord_status=view.ord_status,
        client_ref=view.ref,
        reference=view.ref,
        is_parent=True,
        in_doubt=view.in_doubt,
        text=view.held or view.text,
        created_ns=view.created_ns,
        updated_ns=view.updated_ns,
    )


def newest(fills: Iterable[FillView]) -> FillView | None:
    """The newest of an order's executions that counts; of one time the later one in this order, a
    correction after all trades, so that it is the same however they came."""
    last: FillView | None = None
    for fill in fills:
        if fill.state == EFFECTIVE and (last is None or _age(fill) >= _age(last)):
            last = fill
    return last


def _age(fill: FillView) -> tuple[int, bool]:
    return fill.transact_time, fill.key.endswith(CORRECTION)


def trade_of(view: FillView, order: str) -> Trade:
    """An execution of the engine's; ``order`` is its order's name."""
    return Trade(
        key=f"{view.order}/{view.key}",
        order=order,
        exec_id=view.exec_id,
        symbol=view.symbol,
        account=view.account,
        venue=view.venue,
        side=side_of(view.side),
        last_qty=to_decimal(view.last_qty),
        last_px=to_decimal(view.last_px),
        state=view.state.upper(),
        transact_ns=view.transact_time,
    )


def position_of(view: PositionView, before: Position | None, multiplier: Fixed) -> Position:
    """A position of the engine's; ``before`` is what was known of it."""
    amount = to_decimal(view.quantity)
    delta = amount if before is None else amount - before.amount
    return Position(
        account=view.account,
        symbol=view.symbol,
        currency=view.currency,
        amount=amount,
        delta=delta,
        entry=to_decimal(view.average_px),
        mark=to_decimal(view.mark),
        value=money(view.quantity * view.mark * multiplier // SCALE),
        unrealised=money(view.unrealised),
        realised=money(view.realised),
        fees=to_decimal(view.fees),
        bought=to_decimal(view.bought),
        sold=to_decimal(view.sold),
        open_buy=to_decimal(view.open_buy),
        open_sell=to_decimal(view.open_sell),
        breaks=view.breaks,
    )


def told_of(view: FeedView) -> Told:
    """What a position feed says, as the engine has it."""
    return Told(
        account=view.account,
        symbol=view.symbol,
        told=to_decimal(view.told),
        ours=to_decimal(view.ours),
        difference=to_decimal(view.difference),
        unconfirmed=view.unconfirmed,
        source=view.source,
        told_ns=view.told_ns,
    )


def balance_of(view: BalanceView) -> Balance:
    """An account's money as the engine has it."""
    return Balance(
        account=view.account,
        currency=view.currency,
        total=to_decimal(view.total),
        available=to_decimal(view.available),
        margin_used=to_decimal(view.margin_used),
        left=money(view.left),
        source=view.source,
        stated_ns=view.stated_ns,
    )


def money(value: Notional) -> Decimal:
    """A notional as an exact Decimal: by text, for a context's precision bounds arithmetic."""
    whole, rest = divmod(abs(value), NOTIONAL_SCALE)
    text = f"{whole}.{rest:016d}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if value < 0 else text)
