"""What a person or program asks a counterparty about how things stand: positions, at once.

The engine asks by itself after each logon and in its own period (``inquiries``); this is for who
wants to hear it now, and to know when it has been answered. A question (RequestForPositions, 35=AN)
is of one session and one account, and is *told* when as many reports have come as its answer
announces (TotalNumPosReports(727)), at the first one where none does, and at once where there is no
position (728=2). It is *refused* where the counterparty says so, and *lost* with its session. What
the reports say is taken in as any statement is (``statements``): compared, never obeyed.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.judging import not_ready, rule
from fix_oms.engine.state import State
from fix_oms.engine.waiting import REFUSED, TOLD, Inquiry, StandingAsked
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.fix import SubscriptionRequestType
from fix_oms.model.messages import PositionReport, RequestForPositions, RequestForPositionsAck
from fix_oms.model.outputs import Accepted, Output
from fix_oms.model.talk_standing import Asked
from fix_oms.wire import utc_timestamp

VALID: Final = "0"
NONE_FOUND: Final = "2"
"""PosReqResult(728)."""


class StandingActs:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def ask_positions(self, now: int, command: inputs.AskPositions, out: list[Output]) -> None:
        """Ask what the counterparty holds for an account."""
        state = self._state
        link = state.links.get(command.session)
        account = state.settings.accounts.get(
            command.account or state.settings.engine.default_account
        )
        if link is None:
            out.append(rule("session", f"no session named {command.session!r}", "session"))
            return
        if account is None:
            text = f"no account {command.account!r} is configured"
            out.append(rule("terms", text, "Account(1)"))
            return
        refused = not_ready(link)
        if refused is not None:
            out.append(refused)
            return
        inquiry = state.inquiries[link.name]
        name = inquiry.next_name(f"ask-{link.epoch}-{link.next_out}-{account.name}")
        request = RequestForPositions(
            pos_req_id=name,
            account=account.broker_account or account.name,
            clearing_business_date=utc_timestamp(now, 0)[:8],
            transact_time=now,
            subscription_request_type=SubscriptionRequestType.SNAPSHOT,
        )
        try:
            state.send(link.name, request, out)
        except (Unsupported, FieldError) as error:
            out.append(rule("supports", f"{link.name} tells no positions: {error}", "session"))
            return
        inquiry.ask(name, StandingAsked(account.name))
        text = f"{link.name} is asked for the positions of {account.name}"
        out.append(Accepted(cl_ord_id=name, session=link.name, text=text))


def reported(inquiry: Inquiry, report: PositionReport) -> None:
    """A position report: which question it answers."""
    asked = inquiry.standing.get(report.pos_req_id or "")
    if asked is None:
        return
    asked.heard += 1
    asked.announced(report.total_num_pos_reports)
    if asked.heard >= (asked.total or 1):
        asked.outcome = TOLD


def acknowledged(inquiry: Inquiry, ack: RequestForPositionsAck) -> None:
    """The answer to a question itself."""
    asked = inquiry.standing.get(ack.pos_req_id or "")
    if asked is None:
        return
    asked.announced(ack.total_num_pos_reports)
    if ack.pos_req_result not in (VALID, NONE_FOUND):
        asked.outcome, asked.text = REFUSED, ack.text or f"PosReqResult(728) {ack.pos_req_result}"
    elif ack.pos_req_result == NONE_FOUND or asked.total == asked.heard:
        asked.outcome = TOLD


def shown(state: State, session: str, name: str) -> Asked:
    """What has come of a question."""
    inquiry = state.inquiries.get(session)
    asked = inquiry.standing.get(name) if inquiry is not None else None
    if asked is None:
        return Asked(outcome="unknown")
    return Asked(outcome=asked.outcome, account=asked.account, heard=asked.heard, text=asked.text)
