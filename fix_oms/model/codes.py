"""Codes of the hot path as plain ``str``: the values of the enums of :mod:`fix_oms.model.fix`.

Reading an enum member costs 60 ns and comparing with one 9, compiled or not; a report goes through
twenty of them. A module-level constant costs next to nothing. (Measured: ``Order.add_report`` 3.5
to 2.2 us interpreted, 2.45 to 1.02 us compiled.)
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import ExecType, OrdStatus

EXEC_NEW: Final = ExecType.NEW.value
EXEC_ORDER_STATUS: Final = ExecType.ORDER_STATUS.value
EXEC_REJECTED: Final = ExecType.REJECTED.value
EXEC_REPLACED: Final = ExecType.REPLACED.value
EXEC_RESTATED: Final = ExecType.RESTATED.value
EXEC_TRADE: Final = ExecType.TRADE.value
EXEC_TRADE_CANCEL: Final = ExecType.TRADE_CANCEL.value
EXEC_TRADE_CORRECT: Final = ExecType.TRADE_CORRECT.value
STATUS_ACCEPTED_FOR_BIDDING: Final = OrdStatus.ACCEPTED_FOR_BIDDING.value
STATUS_CALCULATED: Final = OrdStatus.CALCULATED.value
STATUS_CANCELED: Final = OrdStatus.CANCELED.value
STATUS_DONE_FOR_DAY: Final = OrdStatus.DONE_FOR_DAY.value
STATUS_EXPIRED: Final = OrdStatus.EXPIRED.value
STATUS_FILLED: Final = OrdStatus.FILLED.value
STATUS_NEW: Final = OrdStatus.NEW.value
STATUS_PARTIALLY_FILLED: Final = OrdStatus.PARTIALLY_FILLED.value
STATUS_PENDING_CANCEL: Final = OrdStatus.PENDING_CANCEL.value
STATUS_PENDING_NEW: Final = OrdStatus.PENDING_NEW.value
STATUS_PENDING_REPLACE: Final = OrdStatus.PENDING_REPLACE.value
STATUS_REJECTED: Final = OrdStatus.REJECTED.value
STATUS_STOPPED: Final = OrdStatus.STOPPED.value
STATUS_SUSPENDED: Final = OrdStatus.SUSPENDED.value
