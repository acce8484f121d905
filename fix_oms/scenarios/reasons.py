"""Reasons that the tables print as words, as the codes that a message carries.

A reason may be printed as its code, as its code and words (``0 too late to cancel``), or as words
alone. Words are looked for in a fixed order, the more particular first; what nobody knows is Other.
"""

from __future__ import annotations

import re
from typing import Final

from fix_oms.model.fix import CxlRejReason, ExecRestatementReason, OrdRejReason

_CODE: Final = re.compile(r"(\d{1,3})(?!\w)")
_VERBAL_DUPLICATE: Final = "7"
"""OrdRejReason(103): duplicate of a verbally communicated order, which we have never to name."""

CXL_REJ: Final = (
    ("too late", CxlRejReason.TOO_LATE.value),
    ("unknown", CxlRejReason.UNKNOWN_ORDER.value),
    ("pending", CxlRejReason.ALREADY_PENDING.value),
    ("duplicate", CxlRejReason.DUPLICATE_CL_ORD_ID.value),
    ("broker", CxlRejReason.BROKER.value),
    ("exchange option", CxlRejReason.BROKER.value),
)
ORD_REJ: Final = (
    ("unknown symbol", OrdRejReason.UNKNOWN_SYMBOL.value),
    ("unknown", OrdRejReason.UNKNOWN_ORDER.value),
    ("verbal", _VERBAL_DUPLICATE),
    ("duplicate", OrdRejReason.DUPLICATE_ORDER.value),
    ("closed", OrdRejReason.EXCHANGE_CLOSED.value),
    ("exceeds", OrdRejReason.ORDER_EXCEEDS_LIMIT.value),
    ("too late", OrdRejReason.TOO_LATE_TO_ENTER.value),
    ("stale", OrdRejReason.STALE_ORDER.value),
    ("unsupported", OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC.value),
    ("incorrect quantity", OrdRejReason.INCORRECT_QUANTITY.value),
    ("broker", OrdRejReason.BROKER.value),
)
RESTATEMENT: Final = (
    ("corporate action", ExecRestatementReason.GT_CORPORATE_ACTION.value),
    ("split", ExecRestatementReason.GT_CORPORATE_ACTION.value),
    ("renewal", ExecRestatementReason.GT_RENEWAL.value),
    ("verbal", ExecRestatementReason.VERBAL_CHANGE.value),
    ("repric", ExecRestatementReason.REPRICING.value),
    ("partial decline", ExecRestatementReason.PARTIAL_DECLINE.value),
    ("halt", ExecRestatementReason.CANCEL_ON_TRADING_HALT.value),
    ("system failure", ExecRestatementReason.CANCEL_ON_SYSTEM_FAILURE.value),
    ("market", ExecRestatementReason.MARKET_OPTION.value),
    ("not best", ExecRestatementReason.CANCELED_NOT_BEST.value),
    ("broker", ExecRestatementReason.BROKER_OPTION.value),
    ("restate", ExecRestatementReason.GT_RENEWAL.value),
)
OTHER: Final = "99"


def code_of(words: str, known: tuple[tuple[str, str], ...]) -> str:
    """The code of a reason: one of :data:`CXL_REJ`, :data:`ORD_REJ`, :data:`RESTATEMENT`."""
    printed = _CODE.match(words.strip())
    if printed:
        return printed.group(1)
    lowered = words.lower()
    return next((code for phrase, code in known if phrase in lowered), OTHER)
