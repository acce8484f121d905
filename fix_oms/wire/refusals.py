"""What is answered to a message that cannot be read, by the side that takes orders.

A field that is wrong is a matter of the session (35=3, which names it); a conditionally required
field that is missing, or a message type that is not taken, one of the application (35=j).
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.errors import FieldError, MissingField, UnsupportedMessage
from fix_oms.model.fix import BusinessRejectReason, FixVersion
from fix_oms.model.messages import BusinessMessageReject, SessionReject

_CONDITIONAL: Final = frozenset({44, 99, 126})
"""Price, StopPx, ExpireTime: required by another field's value, so a business matter."""
_LAST_REASON_42: Final = 11
"""The highest SessionRejectReason(373) of FIX 4.2."""


def refusal(
    version: FixVersion, kind: str, seq: int | None, error: FieldError | UnsupportedMessage
) -> SessionReject | BusinessMessageReject:
    """The answer to a message of MsgType(35) ``kind`` under MsgSeqNum(34) ``seq``, where it has
    one."""
    if isinstance(error, UnsupportedMessage):
        reason = BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE
    elif isinstance(error, MissingField) and error.tag in _CONDITIONAL:
        reason = BusinessRejectReason.CONDITIONALLY_REQUIRED_FIELD_MISSING
    else:
        code = error.session_reject_reason
        is_old = version is FixVersion.FIX42
        return SessionReject(
            ref_seq_num=seq or 0,
            ref_tag_id=error.tag,
            ref_msg_type=kind,
            session_reject_reason=None if is_old and code > _LAST_REASON_42 else str(code),
            text=str(error),
        )
    return BusinessMessageReject(
        ref_msg_type=kind,
        business_reject_reason=reason,
        ref_seq_num=seq,
        text=str(error),
    )
