"""Taking orders out of the market, by any scope: mass cancel, halt, kill, and what follows a loss.

Two acts, kept apart: a *halt* lets nothing new out and leaves what works; a *mass cancel* takes out
what works and lets new orders leave. A *kill* does both, the block first, and goes on until it is
true: what has not left yet is withdrawn, what works is asked out (by one request where the broker
takes it for exactly this scope, else one for each order), what could not be asked for or was not
answered is asked again, also after the session was away. An order is out when its own report says
so. A mass cancel that the broker has accepted (35=r) proves nothing about any one order.

``unconfirmed`` says of each order in a kill's scope that may still trade why that is.
"""

from __future__ import annotations

from typing import Final

from fix_oms.engine.alerts import about
from fix_oms.engine.dispatch import suspend
from fix_oms.engine.entry import Entry, has_cancel, is_cancellable
from fix_oms.engine.judging import rule
from fix_oms.engine.reserve import parent_scope
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND, MassCancelAsked
from fix_oms.model import inputs
from fix_oms.model.errors import FieldError
from fix_oms.model.fix import OrdStatus
from fix_oms.model.messages import OrderMassCancelRequest
from fix_oms.model.outputs import Accepted, Alert, Changed, Output, Refused, Withdraw
from fix_oms.model.scope import FIRM, Key, key_of, key_text, matches
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL
from fix_oms.risk.halts import Halt
from fix_oms.routing.links import Link


class Kills:
    """The commands, one method each: ``(now, command, out)``; and what time and sessions bring."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry

    # -- commands -----------------------------------------------------------------------------

    def mass_cancel(self, now: int, command: inputs.MassCancel, out: list[Output]) -> None:
        """Cancel all working orders in scope: by one request where a session takes it."""
        refused = self._unknown(command)
        if refused is not None:
            out.append(refused)
            return
        key = _key(command)
        working = self._working(key)
        self._stop_parents(key, working, f"a mass cancel by {command.by}", out)
        sent, failed = self._ask_out(now, working, key, out)
        if failed and not sent:
            out.append(rule("mass_cancel", "; ".join(failed)))
            return
        text = f"cancel asked for {_orders(sent)}; each is canceled when its own report says so"
        out.append(Accepted(text="; ".join([text, *failed])))

    def halt(self, now: int, command: inputs.Halt, out: list[Output]) -> None:
        """Let nothing new out of this scope."""
        refused = self._unknown(command)
        if refused is not None:
            out.append(refused)
            return
        key = _key(command)
        held = self._state.gate.halts.add(Halt(key, command.by, command.reason, False, now))
        if held.kills:
            text = f"{key_text(key)} is killed already, by {held.by}: {held.reason}"
        else:
            text = f"halted {key_text(key)}; working orders stay, cancels leave"
        out.append(Accepted(text=text))

    def kill(self, now: int, command: inputs.Kill, out: list[Output]) -> None:
        """Let nothing new out of this scope, and take the working orders out."""
        refused = self._unknown(command)
        if refused is not None:
            out.append(refused)
            return
        state, key = self._state, _key(command)
        # First the block and the parents, so that nothing can send into a scope that is being shut.
        halt = state.gate.halts.add(Halt(key, command.by, command.reason, True, now))
        self._close_parents(key, f"killed by {command.by}: {command.reason}")
        working = self._working(key)
        sent, failed = self._ask_out(now, working, key, out)
        halt.asked = {o.reference: now for o in working if state.links[o.session].ready}
        text = f"killed {key_text(key)}: nothing new leaves; cancel asked for {_orders(sent)}"
        out.append(Accepted(text="; ".join([text, *failed])))

    def resume(self, now: int, command: inputs.Resume, out: list[Output]) -> None:
        """Lift the halt or kill of exactly this scope."""
        key = _key(command)
        lifted = self._state.gate.halts.lift(key)
        if lifted is None:
            out.append(rule("halt", f"{key_text(key)} is not halted"))
            return
        out.append(Accepted(text=f"resumed {key_text(key)}"))

    # -- what time and sessions bring -----------------------------------------------------------

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tick` would do anything."""
        return any(self._overdue(halt, now) for halt in self._state.gate.halts.kills())

    def tick(self, now: int, out: list[Output]) -> None:
        """Ask again for what a kill has not got out."""
        for halt in self._state.gate.halts.kills():
            for order in self._overdue(halt, now):
                self._again(now, halt, order, out)
            if halt.asked:
                still = self._state.book.open
                halt.asked = {ref: at for ref, at in halt.asked.items() if ref in still}

    def session_ready(self, now: int, link: Link, out: list[Output]) -> None:
        """The session is back: what had left all the same, the kills in force, and whether it is to
        be cleared after a loss."""
        for reference in sorted(self._state.withdrawn):
            order = self._state.book.by_cl_ord_id(reference)
            if order is not None and order.session == link.name:
                self.left(now, reference, out)
        for halt in self._state.gate.halts.kills():
            working = [o for o in self._working(halt.key) if o.session == link.name]
            self._ask_out(now, working, halt.key, out)
            halt.asked.update({o.reference: now for o in working})
        if link.settings.cancel_on_disconnect:
            working = [o for o in self._working(FIRM) if o.session == link.name]
            sent, _ = self._ask_out(now, working, key_of(session=link.name), out)
            if sent:
                text = f"{link.name} was away: cancel asked for {_orders(sent)} of ours there"
                out.append(
                    Alert(
                        severity="warning",
                        code="cancel_on_disconnect",
                        text=text,
                        session=link.name,
                    )
                )

    def unconfirmed(self, halt: Halt) -> tuple[str, ...]:
        """Each order of a kill's scope that the broker has not reported out, and why."""
        if not halt.kills:
            return ()
        orders = [o for o in self._state.book.open.values() if matches(halt.key, o.scope)]
        return tuple(f"{o.reference}: {self._why_not_out(o)}" for o in orders)

    # -- parts --------------------------------------------------------------------------------

    def _working(self, key: Key) -> list[Order]:
        return [o for o in self._state.book.open.values() if is_cancellable(o, key)]

    def _close_parents(self, key: Key, why: str) -> None:
        """Children go to any venue, so a kill of a venue closes no parent."""
        account, strategy, symbol, venue, _ = key
        for parent in self._state.gate.parents.parents.values():
            if (
                venue is None
                and account in (None, parent.account)
                and strategy in (None, parent.strategy)
                and symbol in (None, parent.symbol)
            ):
                parent.closed = parent.closed or why

    def _stop_parents(self, key: Key, working: list[Order], why: str, out: list[Output]) -> None:
        """What is taken out of the market must not be sent again at once: routed parents of the
        scope end; those of which it takes only some children wait for a person."""
        routed, parents = self._state.routed, self._state.gate.parents
        for ref, parent in routed.live.items():
            if not parent.ending and matches(key, parent_scope(parent.held)):
                parent.ending, parent.text = OrdStatus.CANCELED.value, why
                routed.due[ref] = why
        touched = {held.ref for order in working if (held := parents.of(order)) is not None}
        for ref in sorted(touched & routed.live.keys()):
            if not (routed.live[ref].ending or routed.live[ref].suspended):
                suspend(routed.live[ref], f"{why} took children of it out", out)

    def _ask_out(
        self, now: int, orders: list[Order], key: Key, out: list[Output]
    ) -> tuple[int, list[str]]:
        """Ask each of these out. Returns how many were asked for, and what failed in words."""
        sent, failed = 0, []
        for name in sorted({o.session for o in orders}):
            mine = [o for o in orders if o.session == name]
            link = self._state.links[name]
            if not link.ready:
                failed.append(f"{name} is not ready ({_orders(len(mine))})")
                continue
            sent += len(mine)
            self._withdraw(mine, out)
            if self._mass_cancel_request(now, link, key, out):
                out.extend(Changed(order=o.reference) for o in mine)
                continue
            withdrawn = self._state.withdrawn
            answers = [
                self._entry.send_cancel(now, o, out)
                for o in mine
                if not (has_cancel(o) or o.reference in withdrawn)
            ]
            failed += [a.text for a in answers if isinstance(a, Refused)]
        return sent, failed

    def _withdraw(self, orders: list[Order], out: list[Output]) -> None:
        """What may not have left yet is not to leave: a cancel that overtook it would be refused.

        Which of them wait only the outbox knows. One that has left after all is cancelled when the
        record of it comes, some milliseconds later (:meth:`left`).
        """
        for order in orders:
            if not (order.first.seq or order.first.doubt or order.reported):
                self._state.withdrawn.add(order.reference)
                reason = "taken back before it left"
                out.append(Withdraw(session=order.session, chain=order.reference, reason=reason))

    def left(self, now: int, reference: str, out: list[Output]) -> None:
        """An order has left that was to be withdrawn: it is cancelled instead, by name; once the
        session is ready.

        Even where a mass cancel was asked for: which of the two went first is not known here.
        """
        state = self._state
        order = state.book.by_cl_ord_id(reference)
        if order is None or not state.links[order.session].ready:
            return
        state.withdrawn.discard(reference)
        if order.may_trade and not has_cancel(order):
            answer = self._entry.send_cancel(now, order, out)
            if isinstance(answer, Refused):
                out.append(about("severe", "cannot_cancel", answer.text, order))

    def _mass_cancel_request(self, now: int, link: Link, key: Key, out: list[Output]) -> bool:
        """Send 35=q where it means exactly what was asked for: no more, no less."""
        account, strategy, symbol, venue, _ = key
        venues = [v for v in self._state.settings.venues.values() if v.session == link.name]
        if account is not None or strategy is not None or (venue is not None and len(venues) > 1):
            return False
        state = self._state
        if not link.settings.supports.mass_cancel:
            return False
        try:
            cl_ord_id = state.next_id(link.settings)
        except FieldError:
            return False
        message = OrderMassCancelRequest(cl_ord_id=cl_ord_id, transact_time=now, symbol=symbol)
        if not state.try_send(link.name, message, out, cl_ord_id):
            return False
        state.mass_cancels[cl_ord_id] = MassCancelAsked(link.name, key, now)
        return True

    def _overdue(self, halt: Halt, now: int) -> list[Order]:
        asking = {m.session for m in self._state.mass_cancels.values()}
        found = []
        for order in self._working(halt.key):
            link = self._state.links[order.session]
            if not link.ready or order.session in asking or has_cancel(order):
                continue
            since = now - halt.asked.get(order.reference, 0)
            if since > link.settings.answer_timeout_s * SECOND:
                found.append(order)
        return found

    def _again(self, now: int, halt: Halt, order: Order, out: list[Output]) -> None:
        halt.asked[order.reference] = now
        why = self._why_not_out(order)
        answer = self._entry.send_cancel(now, order, out)
        does = "asked again" if isinstance(answer, Accepted) else answer.text
        text = f"kill of {key_text(halt.key)}: order {order.reference} is not out ({why}); {does}"
        out.append(about("severe", "kill", text, order))

    def _why_not_out(self, order: Order) -> str:
        if order.external:
            return "not sent by us: ask the broker"
        if not order.may_trade:
            return "it has ended, and not all that the broker told of it is proven"
        link = self._state.links[order.session]
        cancels = [r for r in order.later if r.kind == CANCEL]
        last = cancels[-1] if cancels else None
        if not link.ready:
            return f"session {link.name} is {link.state}"
        if last is None or last.unsent:
            return "a mass cancel has been asked for" if link.ready else "not asked yet"
        if last.refused:
            return f"cancel {last.cl_ord_id} was refused: {last.text}".rstrip(": ")
        if last.accepted:
            return f"cancel {last.cl_ord_id} was accepted, and the order is reported working"
        doubt = "is in doubt" if last.doubt else "awaits its answer"
        return f"cancel {last.cl_ord_id} {doubt}"

    def _unknown(self, command: inputs.Scoped) -> Refused | None:
        for kind, known in self._state.settings.named().items():
            name = getattr(command, kind)
            if name is not None and name not in known and not self._has_been(kind, name):
                return rule("halt", f"no {kind} named {name!r} is configured", kind)
        return None

    def _has_been(self, kind: str, name: str) -> bool:
        """Whether an order was sent there, by a configuration that knew it."""
        return any(getattr(x.scope, kind) == name for x in self._state.gate.lanes.lanes.values())


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count} orders"


def _key(command: inputs.Scoped) -> Key:
    return key_of(
        account=command.account,
        strategy=command.strategy,
        symbol=command.symbol,
        venue=command.venue,
    )
