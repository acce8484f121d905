"""What people ask for beyond one order: mass cancels, halts, references, acts on sessions."""

from __future__ import annotations

from typing import Final

from fix_oms.engine.entry import Entry, is_cancellable, rule
from fix_oms.engine.state import MassCancelAsked, State
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError
from fix_oms.model.messages import OrderMassCancelRequest
from fix_oms.model.outputs import Accepted, Changed, Output, Refused, SessionAct
from fix_oms.model.units import text_of
from fix_oms.model.views import HaltView
from fix_oms.routing.links import Link

LARGEST_SEQ: Final = 999_999_999
SESSION_ACTIONS: Final = ("logon", "logout", "disable", "enable", "reset", "set-next")


class Acts:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry

    def mass_cancel(self, now: int, command: inputs.MassCancel, out: list[Output]) -> None:
        """Cancel all working orders in scope: by one request where a session takes it."""
        state = self._state
        chosen = [
            o
            for o in state.book.open.values()
            if command.venue in (None, o.venue) and is_cancellable(o, command.symbol)
        ]
        sent, failed = 0, []
        for name in sorted({o.session for o in chosen}):
            orders = [o for o in chosen if o.session == name]
            link = state.links[name]
            if not link.ready:
                failed.append(f"{name} is not ready ({len(orders)} orders)")
                continue
            sent += len(orders)
            if self._mass_cancel_request(now, link, command, out):
                out.extend(Changed(order=o.reference) for o in orders)
            else:
                answers = [self._entry.send_cancel(now, o, out) for o in orders]
                failed += [a.text for a in answers if isinstance(a, Refused)]
        if failed and not sent:
            out.append(rule("mass_cancel", "; ".join(failed)))
            return
        text = f"cancel asked for {sent} orders; each is canceled when its own report says so"
        out.append(Accepted(text="; ".join([text, *failed])))

    def _mass_cancel_request(
        self, now: int, link: Link, command: inputs.MassCancel, out: list[Output]
    ) -> bool:
        """Send 35=q where it means exactly what was asked for: no more, no less."""
        venues = [v for v in self._state.settings.venues.values() if v.session == link.name]
        if command.venue is not None and len(venues) > 1:
            return False
        state = self._state
        try:
            cl_ord_id = state.next_id(link.settings)
        except FieldError:
            return False
        message = OrderMassCancelRequest(
            cl_ord_id=cl_ord_id, transact_time=now, symbol=command.symbol
        )
        if not state.try_send(link.name, message, out, cl_ord_id):
            return False
        state.mass_cancels[cl_ord_id] = MassCancelAsked(link.name, command.symbol, now)
        return True

    def halt(self, now: int, command: inputs.Halt, out: list[Output]) -> None:
        """Let no new risk out of this scope."""
        refused = self._unknown_scope(command)
        if refused is not None:
            out.append(refused)
            return
        scope = (command.venue, command.symbol, command.account)
        self._state.gate.halts[scope] = HaltView(
            by=command.by,
            reason=command.reason,
            venue=command.venue,
            symbol=command.symbol,
            account=command.account,
        )
        out.append(
            Accepted(text=f"halted {_scope_text(scope)}; working orders stay, cancels leave")
        )

    def resume(self, now: int, command: inputs.Resume, out: list[Output]) -> None:
        """Lift the halt of exactly this scope."""
        scope = (command.venue, command.symbol, command.account)
        if self._state.gate.halts.pop(scope, None) is None:
            out.append(rule("halt", f"{_scope_text(scope)} is not halted"))
        else:
            out.append(Accepted(text=f"resumed {_scope_text(scope)}"))

    def _unknown_scope(self, command: inputs.Halt) -> Refused | None:
        settings = self._state.settings
        for kind, name, known in (
            ("venue", command.venue, settings.venues),
            ("symbol", command.symbol, settings.instruments),
            ("account", command.account, settings.accounts),
        ):
            if name is not None and name not in known:
                return rule("halt", f"no {kind} named {name!r} is configured", kind)
        return None

    def set_reference(self, now: int, command: inputs.SetReference, out: list[Output]) -> None:
        """State a reference price."""
        if command.symbol not in self._state.settings.instruments:
            out.append(rule("reference", f"no instrument {command.symbol!r}", "Symbol(55)"))
        elif command.price <= 0:
            out.append(rule("reference", "a reference price is above 0", "Price(44)"))
        else:
            self._state.references[command.symbol] = command.price
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
        out.append(
            SessionAct(
                session=command.session,
                action=command.action,
                next_in=command.next_in,
                next_out=command.next_out,
            )
        )
        out.append(Accepted(session=command.session, text=f"{command.action} {command.session}"))


def _scope_text(scope: tuple[str | None, str | None, str | None]) -> str:
    named = [
        f"{kind} {name}"
        for kind, name in zip(("venue", "symbol", "account"), scope, strict=True)
        if name
    ]
    return " ".join(named) or "everything"
