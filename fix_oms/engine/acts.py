"""What people ask for beyond orders and risk: reference prices, acts on sessions."""

from __future__ import annotations

from typing import Final

from fix_oms.engine.judging import rule
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Output, SessionAct
from fix_oms.model.units import text_of

LARGEST_SEQ: Final = 999_999_999
SESSION_ACTIONS: Final = ("logon", "logout", "disable", "enable", "reset", "set-next")


class Acts:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def set_reference(self, now: int, command: inputs.SetReference, out: list[Output]) -> None:
        """State a reference price."""
        if command.symbol not in self._state.settings.instruments:
            out.append(rule("reference", f"no instrument {command.symbol!r}", "Symbol(55)"))
        elif command.price <= 0:
            out.append(rule("reference", "a reference price is above 0", "Price(44)"))
        else:
            self._state.prices.told[command.symbol] = command.price
            self._state.ledger.valuation(command.symbol).marked(command.price)
            self._state.gate.tell_breaches(now, out)
            text = f"reference of {command.symbol} is {text_of(command.price)}"
            out.append(Accepted(text=text))

    def session(self, now: int, command: inputs.SessionCommand, out: list[Output]) -> None:
        """The support desk's act on a session: recorded here, then done by the adapter."""
        link = self._state.links.get(command.session)
        if link is None:
            out.append(rule("session", f"no session named {command.session!r}", "session"))
            return
        if command.action not in SESSION_ACTIONS:
            known = ", ".join(SESSION_ACTIONS)
            out.append(rule("session", f"no action {command.action!r}: one of {known}", "action"))
            return
        numbers = [n for n in (command.next_in, command.next_out) if n is not None]
        if command.action == "set-next" and not numbers:
            out.append(rule("session", "set-next needs a number: in, out or both", "MsgSeqNum(34)"))
            return
        if any(
            n is not None and not 1 <= n <= LARGEST_SEQ for n in (command.next_in, command.next_out)
        ):
            bounds = f"a sequence number is 1 to {LARGEST_SEQ}"
            out.append(rule("session", bounds, "MsgSeqNum(34)"))
            return
        if command.action in ("disable", "enable"):
            link.disabled = command.action == "disable"
        elif command.action == "reset":
            link.reset_asked = True
        out.append(
            SessionAct(
                session=command.session,
                action=command.action,
                next_in=command.next_in,
                next_out=command.next_out,
            )
        )
        out.append(Accepted(session=command.session, text=f"{command.action} {command.session}"))
