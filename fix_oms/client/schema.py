"""One schema for orders, trades, positions and money, whatever broker they are at.

Numbers are Decimals, times nanoseconds UTC with a property that makes a datetime of each; values
are frozen, so that what a handler was given never changes under it. Names are FIX's own where FIX
has one. An ``amount`` is signed: above 0 buys or is long, below 0 sells or is short.

*Status.* One word for where an order is:

- PENDING from the moment of sending, before anybody has answered, until the broker does.
- What the broker reports: NEW, PARTIALLY_FILLED, FILLED, CANCELED, REJECTED, EXPIRED and the rest
  of OrdStatus(39), whose word itself is in ``ord_status``. One that our own gate refused is
  REJECTED too; ``refused`` says that it never left, and ``text`` why.
- PENDING_CANCEL and PENDING_REPLACE as soon as one was asked for, and until its answer, while the
  order still works. A broker that reports them for itself comes to the same.

A parent order, which the router or an algo works through children, has the same shape:
``is_parent`` is True, and its children name it in ``parent``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

ZERO: Final = Decimal(0)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    """Where an order is."""

    PENDING = "PENDING"
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    DONE_FOR_DAY = "DONE_FOR_DAY"
    CANCELED = "CANCELED"
    REPLACED = "REPLACED"
    PENDING_CANCEL = "PENDING_CANCEL"
    STOPPED = "STOPPED"
    REJECTED = "REJECTED"
    SUSPENDED = "SUSPENDED"
    CALCULATED = "CALCULATED"
    EXPIRED = "EXPIRED"
    ACCEPTED_FOR_BIDDING = "ACCEPTED_FOR_BIDDING"
    PENDING_REPLACE = "PENDING_REPLACE"


ENDED: Final = frozenset({Status.FILLED, Status.CANCELED, Status.REJECTED, Status.EXPIRED})


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order. ``name`` finds it in every call and page: its client_ref, or where it has none the
    first ClOrdID.

    Both sides' ids: ``cl_ord_id`` is our ClOrdID(11) that the broker last accepted (``reference``
    the first one, empty while nothing is known of its sending), ``order_id`` the broker's
    OrderID(37). ``last_qty`` and ``last_px`` are of the newest execution. ``in_doubt``: a request
    of ours has no answer in time, and the broker is being asked. ``breaks`` say what of the
    broker's word does not add up.
    """

    name: str
    symbol: str
    side: str
    order_qty: Decimal
    status: Status
    ord_type: str
    tif: str
    account: str
    venue: str = ""
    price: Decimal | None = None
    stop_px: Decimal | None = None
    cum_qty: Decimal = ZERO
    leaves_qty: Decimal = ZERO
    avg_px: Decimal = ZERO
    last_qty: Decimal = ZERO
    last_px: Decimal = ZERO
    ord_status: str = ""
    client_ref: str = ""
    reference: str = ""
    cl_ord_id: str = ""
    order_id: str = ""
    parent: str = ""
    is_parent: bool = False
    refused: bool = False
    in_doubt: bool = False
    breaks: tuple[str, ...] = ()
    text: str = ""
    created_ns: int = 0
    updated_ns: int = 0

    @property
    def amount(self) -> Decimal:
        """OrderQty(38), below 0 for a sale."""
        return self.order_qty if self.buys else -self.order_qty

    @property
    def filled(self) -> Decimal:
        """CumQty(14), below 0 for a sale."""
        return self.cum_qty if self.buys else -self.cum_qty

    @property
    def buys(self) -> bool:
        return self.side == "BUY"

    @property
    def is_open(self) -> bool:
        """Whether it may still trade, as far as anybody has told."""
        return self.status not in ENDED

    @property
    def created_at(self) -> datetime:
        return when(self.created_ns)

    @property
    def updated_at(self) -> datetime:
        return when(self.updated_ns)


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One execution. ``order`` is its order's ``name``. ``state`` is EFFECTIVE, CORRECTED (another
    one stands for it) or BUSTED: only the effective count."""

    key: str
    order: str
    exec_id: str
    symbol: str
    account: str
    venue: str
    side: str
    last_qty: Decimal
    last_px: Decimal
    state: str
    transact_ns: int

    @property
    def amount(self) -> Decimal:
        """LastQty(32), below 0 for a sale."""
        return self.last_qty if self.side == "BUY" else -self.last_qty

    @property
    def transact_at(self) -> datetime:
        return when(self.transact_ns)


Fill = Trade
"""FIX 4.2 calls an execution a fill; so do most people."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of a symbol, from executions.

    ``delta`` is by how much the last update has changed the amount (0: it moved only the mark),
    ``entry`` the average price of what is open, ``mark`` the price that it is worth now (0: none is
    known), ``value`` that times amount and multiplier. Money is in ``currency``. ``bought`` and
    ``sold`` are of all executions.
    """

    account: str
    symbol: str
    currency: str = ""
    amount: Decimal = ZERO
    delta: Decimal = ZERO
    entry: Decimal = ZERO
    mark: Decimal = ZERO
    value: Decimal = ZERO
    unrealised: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    bought: Decimal = ZERO
    sold: Decimal = ZERO
    open_buy: Decimal = ZERO
    open_sell: Decimal = ZERO
    breaks: int = 0

    @property
    def name(self) -> tuple[str, str]:
        return self.account, self.symbol


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker or clearer (``source``) says an account holds of a symbol, beside our own
    executions. ``unconfirmed`` executions of ours it cannot have counted yet."""

    account: str
    symbol: str
    told: Decimal
    ours: Decimal
    difference: Decimal
    unconfirmed: int
    source: str
    told_ns: int

    @property
    def told_at(self) -> datetime:
        return when(self.told_ns)


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money as ``source`` stated it, and what of the available is left since."""

    account: str
    currency: str
    total: Decimal
    available: Decimal
    margin_used: Decimal
    left: Decimal
    source: str
    stated_ns: int

    @property
    def stated_at(self) -> datetime:
        return when(self.stated_ns)


class BookLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One price of a book: how much there is over all venues that show it, and at each."""

    price: Decimal
    size: Decimal
    venues: dict[str, Decimal]


def when(ns: int) -> datetime:
    """The time as a datetime, which has microseconds only."""
    return _EPOCH + timedelta(microseconds=ns // 1000)
