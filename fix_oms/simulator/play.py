"""One script, played on one session: what was asked is noted, what answers it is told at once.

The venue plays the broker to the letter. It waits for the script's next request, learns under which
ClOrdID(11) it really came, and says every report that stands before the request after that, in
order; so it is always waiting for one request, or the play is over. A request that is not the one
awaited ends the play: what the rest of the script would say would be untrue.

Symbol(55) and Side(54) of the reports are those of the order that came; all else is as the scenario
has it, misprints included. TransactTime(60) lies in days of the script's own, of which the last is
the one that it is played on: no play depends on the hour at which it is started.

Whoever asks for a status that the script does not await is told the row in force, as a status
report, which has ExecID(17) 0 and tells no event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from fix_oms.model.errors import FixOmsError
from fix_oms.model.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecTransType,
    ExecType,
    FixVersion,
    MsgType,
    OrdStatus,
    word,
)
from fix_oms.model.messages import (
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderStatusRequest,
)
from fix_oms.model.units import Fixed, text_of
from fix_oms.scenarios import Ids
from fix_oms.simulator.rejects import MSG_TYPES
from fix_oms.simulator.script import Expect, Script, Tell
from fix_oms.wire import SOH, utc_timestamp

Change = NewOrderSingle | OrderCancelRequest | OrderCancelReplaceRequest
Request = Change | OrderStatusRequest

_SECOND: Final = 10**9
_DAY: Final = 86_400 * _SECOND
_OF_ONE_EVENT: Final = frozenset({"19", "31", "32", "103", "378"})
"""ExecRefID, LastPx, LastQty and reasons: what a status report does not repeat."""


class Misfit(FixOmsError):
    """What came is not what the script awaits; names scenario, step and field."""


@attrs.define
class PlayedOrder:
    """An order of a play: what it is called here, the ClOrdIDs under which it was spoken of, and
    ``row``, the fields of its report in force by tag."""

    order_id: str
    symbol: str | None = None
    side: str | None = None
    ids: set[str] = attrs.Factory(set)
    row: dict[str, str] = attrs.Factory(dict)


class Play:
    """``at`` counts the lines that are done; ``error`` says why the play ended before its time.

    ``symbol`` None takes that of the first order that comes. ``new_order_id`` makes an OrderID(37).
    """

    def __init__(
        self, script: Script, symbol: str | None, now_ns: int, new_order_id: Callable[[], str]
    ) -> None:
        self.script: Final = script
        self.symbol = symbol
        self.at = 0
        self.error = ""
        self.orders: Final[dict[str, PlayedOrder]] = {}
        self.requests: Final[dict[str, str]] = {}
        """The ClOrdID(11) under which each request of the scenario came."""
        self._ids: Final = Ids()
        self._opening: Final = now_ns - now_ns % _DAY - (script.days - 1) * _DAY
        self._is_42: Final = script.version == FixVersion.FIX42
        for line in script.lines:
            if line.order is not None and line.order not in self.orders:
                self.orders[line.order] = PlayedOrder(new_order_id())
                self._ids.named(line.order, self.orders[line.order].order_id)

    @property
    def is_over(self) -> bool:
        return bool(self.error) or self.at == len(self.script.lines)

    @property
    def awaited(self) -> Expect | None:
        """The request that must come next; None when the play is over or has not begun."""
        line = None if self.is_over else self.script.lines[self.at]
        return line if isinstance(line, Expect) else None

    def concerns(self, symbol: str) -> bool:
        """Whether a request for this symbol is one for the play."""
        return not self.is_over and self.symbol in (None, symbol)

    def go_on(self) -> Iterator[str]:
        """What is to be said now: every report up to the next request."""
        while not self.is_over and isinstance(line := self.script.lines[self.at], Tell):
            self.at += 1
            yield self._told(line)

    def take(self, message: Request) -> Iterator[str]:
        """The awaited request is there: what follows it. Raises Misfit, and the play is over."""
        line = self.awaited
        assert line is not None, "nothing is awaited"
        wrong = self._misfit(line, message)
        if wrong:
            self.fail(wrong)
            raise Misfit(self.error)
        order = self.orders[line.order]
        if not isinstance(message, OrderStatusRequest):
            self.symbol = order.symbol = message.terms.symbol
            order.side = message.terms.side
            order.ids.add(message.cl_ord_id)
            self.requests[line.cl_ord_id] = message.cl_ord_id
            self._ids.sent(line.cl_ord_id, message.cl_ord_id)
        if isinstance(message, NewOrderSingle):
            order.row = self._not_looked_at(order, message)
        self.at += 1
        return self.go_on()

    def fail(self, why: str) -> None:
        """End it, unless it is over."""
        if not self.is_over:
            self.error = f"{self.script.name}, t {self.script.lines[self.at].t}: {why}"

    def order_of(self, cl_ord_id: str, order_id: str | None) -> PlayedOrder | None:
        """The order that a request means, of those that have come or were told of."""
        for order in self.orders.values():
            if order.row and (cl_ord_id in order.ids or order_id == order.order_id):
                return order
        return None

    def awaits_status_of(self, order: PlayedOrder) -> bool:
        line = self.awaited
        asks = line is not None and line.msg_type == MsgType.ORDER_STATUS_REQUEST
        return asks and line is not None and self.orders[line.order] is order

    # -- comparing -------------------------------------------------------------------------------

    def _misfit(self, line: Expect, message: Request) -> str:
        """What is wrong with a request; nothing where it is the one awaited."""
        found = MSG_TYPES[type(message)]
        if found != line.msg_type:
            return f"{line} was awaited, {word(MsgType, found)} {message.cl_ord_id} came"
        if isinstance(message, OrderStatusRequest):
            return ""
        if message.cl_ord_id in self.requests.values():
            return f"ClOrdID(11) {message.cl_ord_id} was used before"
        if not isinstance(message, NewOrderSingle):
            orig = self._ids.real(line.orig_cl_ord_id or "")
            if message.orig_cl_ord_id != orig:
                named = f"{orig} ({line.orig_cl_ord_id})"
                return f"OrigClOrdID(41) {named} was awaited, {message.orig_cl_ord_id} came"
        cash = message.terms.cash_order_qty or 0
        return _unequal("OrderQty(38)", line.order_qty, message.terms.order_qty) or _unequal(
            "CashOrderQty(152)", line.cash_order_qty, cash
        )

    # -- saying ----------------------------------------------------------------------------------

    def _told(self, line: Tell) -> str:
        order = None if line.order is None else self.orders[line.order]
        row = {tag: self._ids.filled(value) for tag, value in line.fields}
        if order is not None:
            row |= {t: v for t, v in (("55", order.symbol), ("54", order.side)) if v and t in row}
        row["60"] = utc_timestamp(self._opening + line.at_s * _SECOND)
        if order is not None:
            _note(order, row)
        return _text(row)

    def _not_looked_at(self, order: PlayedOrder, message: NewOrderSingle) -> dict[str, str]:
        """Where an order stands before its first row. Nobody is told unless he asks."""
        qty = text_of(message.terms.order_qty)
        return {
            "35": MsgType.EXECUTION_REPORT,
            "37": order.order_id,
            "11": message.cl_ord_id,
            "39": OrdStatus.PENDING_NEW,
            "55": message.terms.symbol,
            "54": message.terms.side,
            "38": qty,
            "151": qty,
            "14": "0",
            "6": "0",
            "60": utc_timestamp(self._opening),
        }

    def status(self, order: PlayedOrder, more: dict[str, str]) -> str:
        """The row in force as a status report with ``more`` fields."""
        kind = {"17": "0", "150": ExecType.ORDER_STATUS.value}
        if self._is_42:
            kind |= {"20": ExecTransType.STATUS.value, "150": order.row["39"]}
        told = {tag: value for tag, value in order.row.items() if tag not in _OF_ONE_EVENT}
        return _text({**told, **kind, **more})

    def refusal(
        self, order: PlayedOrder, message: OrderCancelRequest | OrderCancelReplaceRequest
    ) -> str:
        """What a change of an order is told after the play."""
        is_cancel = isinstance(message, OrderCancelRequest)
        response_to = CxlRejResponseTo.CANCEL if is_cancel else CxlRejResponseTo.REPLACE
        told = {
            "35": MsgType.ORDER_CANCEL_REJECT,
            "37": order.order_id,
            "11": message.cl_ord_id,
            "41": message.orig_cl_ord_id,
            "39": order.row["39"],
            "434": response_to,
            "102": CxlRejReason.BROKER,
            "58": f"the play of {self.script.name} is over",
            "60": order.row["60"],
        }
        return _text(told)


def _note(order: PlayedOrder, row: dict[str, str]) -> None:
    """The row in force. A refused request leaves the order under the name that it had before."""
    if row["35"] == MsgType.EXECUTION_REPORT:
        order.row = row
    else:
        order.row = {**order.row, "39": row["39"]}
        if order.row.get("11") == row["11"] and "41" in order.row:
            order.row["11"] = order.row.pop("41")


def _unequal(label: str, wanted: Fixed | None, found: Fixed) -> str:
    if wanted is None or wanted == found:
        return ""
    return f"{label} {text_of(wanted)} was awaited, {text_of(found)} came"


def _text(row: Mapping[str, str]) -> str:
    return "".join(f"{tag}={value}{SOH}" for tag, value in row.items())
