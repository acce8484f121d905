"""What a caller says of an order, made into a command and into the order as it is while PENDING.

Every argument is checked for its form here and blamed by its name; whether the order may leave is
the engine's to say. An ``amount`` is signed and above 0 buys; with ``side`` it is a quantity and
not signed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypedDict

import attrs

from fix_oms.client.contract import Number
from fix_oms.client.errors import BadArgument
from fix_oms.client.schema import Order, Status
from fix_oms.client.translate import side_of
from fix_oms.model.commands import NewOrder, NewParent
from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed, from_decimal, to_decimal


class More(TypedDict, total=False):
    """What every new order may be given besides. ``venue`` None lets the engine choose. With
    ``policy`` it is a parent order that the router sends by it. ``side`` is BUY, SELL, SELL_SHORT
    or SELL_SHORT_EXEMPT, for an amount that is a quantity. ``reduce_only``: refused unless it
    surely brings the position nearer to zero. ``parent`` is the ref of a parent order that this one
    is a child of. ``expire_at`` goes with tif GTD. ``account`` and ``strategy`` are those of the
    connection unless given, ``client_ref`` is made up unless given.

    ``tp`` and ``sl``, a take profit's and a stop loss' price: then the order is the entry of a
    bracket, an algo of that ``client_ref`` that keeps the two exits as large as what has filled,
    and takes the one out when the other has filled."""

    side: str | None
    tif: str
    venue: str | None
    policy: str | None
    reduce_only: bool
    account: str | None
    strategy: str | None
    parent: str | None
    client_ref: str | None
    expire_at: datetime | None
    text: str | None
    tp: Number | None
    sl: Number | None


_NS: Final = 1_000_000_000
_OF_PARENTS: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC})


@attrs.frozen(kw_only=True)
class Asked:
    """A new order as it was asked for, checked; numbers are Fixed, codes FIX's."""

    name: str
    symbol: str
    side: str
    order_qty: Fixed
    ord_type: str
    price: Fixed | None
    stop_px: Fixed | None
    tif: str
    account: str | None
    strategy: str | None
    venue: str | None
    policy: str | None
    reduce_only: bool
    parent: str | None
    expire_ns: int | None
    text: str | None
    tp: Fixed | None = None
    sl: Fixed | None = None

    @property
    def is_bracket(self) -> bool:
        """Whether it is the entry of a bracket."""
        return self.tp is not None or self.sl is not None

    def bracket(self) -> dict[str, Any]:
        """The parameters of the bracket. Raises BadArgument."""
        for name, wrong in (
            ("policy", self.policy is not None),
            ("reduce_only", self.reduce_only),
            ("parent", self.parent is not None),
            ("stop_px", self.stop_px is not None),
            ("tif", self.tif != TimeInForce.DAY),
            ("text", self.text is not None),
        ):
            if wrong:
                raise BadArgument(name, "does not go with tp and sl: a bracket sends the order")
        prices = {"price": self.price, "tp": self.tp, "sl": self.sl}
        return {
            "symbol": self.symbol,
            "side": self.side,
            "qty": to_decimal(self.order_qty),
            "venue": self.venue or "",
            **{name: to_decimal(px) for name, px in prices.items() if px is not None},
        }

    def command(self, by: str) -> NewOrder | NewParent:
        """What the engine is asked."""
        if self.policy is not None:
            return self._parent(by, self.policy)
        terms = Terms(
            symbol=self.symbol,
            side=self.side,
            order_qty=self.order_qty,
            ord_type=self.ord_type,
            price=self.price,
            stop_px=self.stop_px,
            time_in_force=self.tif,
            account=self.account,
            expire_time=self.expire_ns,
            text=self.text,
        )
        return NewOrder(
            by=by,
            terms=terms,
            venue=self.venue,
            client_ref=self.name,
            strategy=self.strategy,
            reduce_only=self.reduce_only,
            parent=self.parent,
        )

    def _parent(self, by: str, policy: str) -> NewParent:
        for name, wrong in (
            ("reduce_only", self.reduce_only),
            ("parent", self.parent is not None),
            ("stop_px", self.stop_px is not None),
            ("expire_at", self.expire_ns is not None),
            ("text", self.text is not None),
        ):
            if wrong:
                raise BadArgument(name, "does not go with policy: the router sends the children")
        if self.tif not in _OF_PARENTS:
            raise BadArgument("tif", "with a policy it is DAY, GTC or IOC")
        return NewParent(
            by=by,
            ref=self.name,
            symbol=self.symbol,
            side=self.side,
            order_qty=self.order_qty,
            account=self.account,
            strategy=self.strategy,
            routed=True,
            policy=policy,
            price=self.price,
            time_in_force=self.tif,
            venue=self.venue,
        )

    def pending(self, account: str) -> Order:
        """The order as it is before anybody has answered."""
        now = time.time_ns()
        return Order(
            name=self.name,
            symbol=self.symbol,
            side=side_of(self.side),
            order_qty=to_decimal(self.order_qty),
            status=Status.PENDING,
            ord_type=OrdType(self.ord_type).name,
            tif=TimeInForce(self.tif).name,
            account=self.account or account,
            venue=self.venue or "",
            price=None if self.price is None else to_decimal(self.price),
            stop_px=None if self.stop_px is None else to_decimal(self.stop_px),
            leaves_qty=to_decimal(self.order_qty),
            client_ref=self.name,
            parent=self.parent or "",
            is_parent=self.policy is not None,
            created_ns=now,
            updated_ns=now,
        )


def number(name: str, value: Number) -> Fixed:
    """The argument's exact value. Raises BadArgument."""
    if not isinstance(value, Decimal | int | str) or isinstance(value, bool):
        kind = type(value).__name__
        raise BadArgument(name, f"{value!r} is a {kind}: use Decimal, int or text, which are exact")
    try:
        return from_decimal(value)
    except ValueError as error:
        raise BadArgument(name, f"{str(value)[:80]!r} {error}") from None


def price(name: str, value: Number | None) -> Fixed | None:
    """A price, where one is given. Raises BadArgument."""
    return None if value is None else number(name, value)


def side_and_quantity(amount: Number, side: str | None) -> tuple[str, Fixed]:
    """Side(54) and OrderQty(38). Raises BadArgument."""
    value = number("amount", amount)
    if not value:
        raise BadArgument("amount", "0 is nothing to trade")
    if side is None:
        return (Side.BUY if value > 0 else Side.SELL).value, abs(value)
    found = Side.__members__.get(str(side).upper().replace(" ", "_"))
    if found is None:
        raise BadArgument("side", f"{side!r} is none of {', '.join(Side.__members__)}")
    if value < 0:
        raise BadArgument("amount", f"{amount} is below 0: with a side it is a quantity")
    return found.value, value


def tif(value: str) -> str:
    """TimeInForce(59). Raises BadArgument."""
    found = TimeInForce.__members__.get(str(value).upper().replace(" ", "_"))
    if found is None:
        raise BadArgument("tif", f"{value!r} is none of {', '.join(TimeInForce.__members__)}")
    return found.value


def expiry(value: datetime | None) -> int | None:
    """ExpireTime(126) in ns. Raises BadArgument."""
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadArgument("expire_at", f"{value!r} is no datetime with a timezone")
    since = value - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _NS + since.microseconds * 1_000


def text(name: str, value: object) -> str:
    """A name. Raises BadArgument."""
    if not isinstance(value, str) or not value.strip():
        raise BadArgument(name, f"{value!r} is no name")
    return value
