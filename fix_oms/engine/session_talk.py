"""What the session layer says without us (AdminOut), and what it means for orders.

QuickFIX answers some messages itself. A Reject(3) or BusinessMessageReject(j) of its own for an
ExecutionReport(8) means that the report never reached us, and its number counts as received: it
will not come again. Whose it was cannot be known, so the broker is asked about every open order.

A ResendRequest(2) is told as well. Where the broker cannot fill the gap, because one of the
messages in it is garbled each time, nothing that comes later is ever processed: the session logs
on, asks, waits and gives up, again and again. After a few times a person is told, who can agree
with the broker on what happened and step over the gap.
"""

from __future__ import annotations

import re
from typing import Final

from fix_oms.engine.inquiries import Inquiries
from fix_oms.model.fix import MsgType
from fix_oms.model.outputs import Alert, Output
from fix_oms.routing.links import Link

UNFILLED: Final = 3
"""So often the same gap is asked for before a person is told. One connection asks once."""
_KIND: Final = re.compile("\x0135=([^\x01]*)\x01")
_BEGIN: Final = re.compile("\x017=([0-9]+)\x01")
_OF_A_REPORT: Final = f"\x01372={MsgType.EXECUTION_REPORT.value}\x01"


class SessionTalk:
    """Takes it in."""

    def __init__(self, inquiries: Inquiries) -> None:
        self._inquiries: Final = inquiries

    def said(self, now: int, link: Link, text: str, out: list[Output]) -> None:
        """QuickFIX has sent this message of its own on the session."""
        kind = _KIND.search(text)
        if kind is None or kind[1] == MsgType.LOGOUT:
            return  # a logout: SessionDown says why
        if kind[1] == MsgType.RESEND_REQUEST:
            self._gap(link, text, out)
            return
        told = f"QuickFIX answered a message itself: {text}".replace("\x01", "|")
        severity = "warning"
        if _OF_A_REPORT in text:
            severity = "severe"
            told += "; a report of an order was in it: the open orders are asked about"
        out.append(Alert(severity=severity, code="session_reject", text=told, session=link.name))
        if severity == "severe":
            self._inquiries.report_lost(now, link, out)

    def _gap(self, link: Link, text: str, out: list[Output]) -> None:
        found = _BEGIN.search(text)
        begin = int(found[1]) if found is not None else 0
        link.gap = (begin, link.gap[1] + 1 if link.gap[0] == begin else 1)
        told = f"{link.name}: messages are missing from MsgSeqNum(34) {begin} on"
        if link.gap[1] < UNFILLED:
            out.append(
                Alert(severity="info", code="gap", text=f"{told}: asked for", session=link.name)
            )
            return
        out.append(
            Alert(
                severity="severe",
                code="gap",
                text=f"{told}, asked for {link.gap[1]} times, and never come whole",
                session=link.name,
            )
        )
