"""TradeCaptureReports (35=AE), in which many brokers give their drop copies.

What is compared of one is what an ExecutionReport says too: which execution, of which order, how
much at what price. So it is read as one, from its first side, which is ours. A report that takes
back or replaces another names that by TradeReportRefID(572), where it has no ExecRefID(19).
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.codes import EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT
from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import Fixed, fixed
from fix_oms.wire import SOH, fields, parse_utc_timestamp

_REPLACES: Final = "2"
_CANCELS: Final = "1"
"""TradeReportTransType(487)."""
_BREAKS: Final = frozenset({"6", "7"})
"""TradeReportType(856): trade report cancel, trade break."""
_AMOUNTS: Final = {32: "LastQty", 31: "LastPx"}


def captured(text: str) -> ExecutionReport | None:
    """The execution that a TradeCaptureReport tells; None for any other message.

    Raises Garbled for what is no FIX text, ValueError naming the field that cannot be read.
    """
    if f"{SOH}35=AE{SOH}" not in text and not text.startswith(f"35=AE{SOH}"):
        return None
    told: dict[int, str] = {}
    for tag, value in fields(text):
        told.setdefault(tag, value)  # the first of a repeating group is our side
    kind = told.get(487)
    if kind == _CANCELS or told.get(856) in _BREAKS:
        exec_type = EXEC_TRADE_CANCEL
    else:
        exec_type = EXEC_TRADE_CORRECT if kind == _REPLACES else EXEC_TRADE
    return ExecutionReport(
        cl_ord_id=told.get(11),
        order_id=told.get(37),
        exec_id=told.get(17) or told.get(571),
        exec_type=exec_type,
        ord_status=OrdStatus.PARTIALLY_FILLED,
        symbol=told.get(55),
        side=told.get(54),
        exec_ref_id=told.get(19) or told.get(572),
        last_qty=_amount(told, 32),
        last_px=_amount(told, 31),
        account=told.get(1),
        transact_time=_time(told.get(60)),
        trade_date=told.get(75),
    )


def _amount(told: dict[int, str], tag: int) -> Fixed | None:
    value = told.get(tag)
    try:
        return None if value is None else fixed(value)
    except ValueError as error:
        raise ValueError(f"{_AMOUNTS[tag]}({tag}) {value!r} {error}") from None


def _time(value: str | None) -> int | None:
    try:
        return None if value is None else parse_utc_timestamp(value)
    except ValueError as error:
        raise ValueError(f"TransactTime(60) {value!r} {error}") from None
