"""What people and programs ask of parents: a new one, other terms, an end, to go on.

As for orders, each command ends in one Accepted or Refused, and a refused one has changed nothing.
A routed parent is judged before its first child by all controls of the worst case: the whole of it
is reserved from then on, be it with its children or not sent yet, so that no two parents together
can come to more than a limit allows. Its children meet the controls of single orders each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fix_oms.engine.dispatch import suspend
from fix_oms.engine.entry import Entry
from fix_oms.engine.judging import Judge, rule
from fix_oms.engine.reserve import parent_lane, reserve
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.routing import DIRECT
from fix_oms.model.settings import Instrument
from fix_oms.model.units import Fixed, text_of
from fix_oms.risk.parents import Parent
from fix_oms.routing.parents import ParentOrder

_SIDES: Final = frozenset(Side)
_TIMES: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC})


class ParentActs:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State, entry: Entry) -> None:
        self._state: Final = state
        self._entry: Final = entry
        self._judge: Final = Judge(state)

    def new(self, now: int, command: inputs.NewParent, out: list[Output]) -> None:
        """Register a parent, and send it where it is to be routed."""
        state = self._state
        account = command.account or state.settings.engine.default_account
        wrong = next(self._wrong(command, account), None)
        if wrong is not None:
            out.append(rule("parent", *wrong))
            return
        held = Parent(
            command.ref,
            account,
            command.strategy or "",
            command.symbol,
            command.side,
            command.order_qty,
        )
        if not command.routed:
            state.gate.parents.parents[command.ref] = held
            said = f"parent {command.ref} of {text_of(command.order_qty)} is known"
            out.append(Accepted(order=command.ref, text=said))
            return
        instrument = state.settings.instruments[command.symbol]
        policy = command.policy or instrument.policy
        parent = ParentOrder(
            held, policy, command.price, command.time_in_force, command.venue or "", now
        )
        refused = self._judged(now, parent, command.order_qty, command.price, instrument)
        if refused is not None:
            state.gate.count_refusal(refused)
            out.append(refused)
            return
        parent.arrival_px = state.prices.middle(command.symbol, now) or 0
        state.gate.parents.parents[command.ref] = held
        state.routed.add(parent)
        reserve(state, parent)
        said = f"parent {command.ref} of {text_of(command.order_qty)} is routed by {policy}"
        out.append(Accepted(order=command.ref, text=said))

    def cancel(self, now: int, command: inputs.CancelOrder, out: list[Output]) -> None:
        """End the parent of that name, or the order."""
        parent = self._state.gate.parents.parents.get(command.order)
        if parent is None:
            self._entry.cancel(now, command, out)
            self._by_hand(command.order, f"canceled by {command.by}", out)
        else:
            self._cancel(parent, out)

    def _cancel(self, parent: Parent, out: list[Output]) -> None:
        state, routed = self._state, self._state.routed.parents.get(parent.ref)
        if routed is None:
            text = f"parent {parent.ref} is not routed: cancel its children"
            out.append(rule("parent", text))
        elif routed.ended or routed.ending:
            said = "is at its end" if routed.ended else "is being canceled already"
            out.append(rule("order_state", f"parent {parent.ref} {said}"))
        else:
            routed.ending, routed.text = OrdStatus.CANCELED.value, "canceled on request"
            state.routed.due[parent.ref] = "a cancel was asked for"
            children = len(parent.working)
            go = "1 child is" if children == 1 else f"{children} children are"
            said = f"parent {parent.ref} sends nothing more; {go} asked out"
            out.append(Accepted(order=parent.ref, text=said))

    def replace(self, now: int, command: inputs.ReplaceOrder, out: list[Output]) -> None:
        """Other terms for the parent of that name, or the order."""
        parent = self._state.gate.parents.parents.get(command.order)
        if parent is None:
            self._entry.replace(now, command, out)
            self._by_hand(command.order, f"replaced by {command.by}", out)
        else:
            self._replace(now, parent, command, out)

    def _replace(
        self, now: int, parent: Parent, command: inputs.ReplaceOrder, out: list[Output]
    ) -> None:
        state, routed = self._state, self._state.routed.parents.get(parent.ref)
        if routed is None:
            text = f"parent {parent.ref} is not routed: it has no terms to replace"
            out.append(rule("parent", text))
            return
        refused = self._wrong_replace(routed, command)
        if refused is not None:
            out.append(refused)
            return
        qty = parent.order_qty if command.order_qty is None else command.order_qty
        price = routed.price if command.price is None else command.price
        refused = self._judged_anew(now, routed, qty, price)
        if refused is not None:
            state.gate.count_refusal(refused)
            out.append(refused)
            return
        routed.wanted = (qty, price)
        routed.asked.clear()
        state.routed.due[parent.ref] = "a replace was asked for"
        said = f"parent {parent.ref} is to be {text_of(qty)}"
        said += "" if price is None else f" @ {text_of(price)}"
        out.append(Accepted(order=parent.ref, text=f"{said}, as soon as its children allow it"))

    def resume(self, now: int, command: inputs.ResumeParent, out: list[Output]) -> None:
        """Let a suspended parent go on."""
        routed = self._state.routed.parents.get(command.ref)
        if routed is None:
            out.append(rule("parent", f"no routed parent is known as {command.ref!r}", "parent"))
        elif not (command.by.strip() and command.reason.strip()):
            out.append(rule("parent", "resuming a parent needs a name and a reason", "reason"))
        elif not routed.suspended:
            out.append(rule("order_state", f"parent {command.ref} is not suspended"))
        else:
            routed.suspended, routed.tries = "", 0
            routed.shuts.clear()
            self._state.routed.due[command.ref] = f"resumed by {command.by}: {command.reason}"
            out.append(Accepted(order=command.ref, text=f"parent {command.ref} goes on"))

    def _by_hand(self, name: str, did: str, out: list[Output]) -> None:
        """Somebody has acted on a child itself: the router must not undo it at once."""
        order = self._state.book.find(name)
        held = self._state.gate.parents.of(order) if order is not None else None
        routed = self._state.routed.live.get(held.ref) if held is not None else None
        if order is None or routed is None or routed.ending or routed.suspended:
            return
        if any(isinstance(output, Accepted) for output in out):
            suspend(routed, f"its child {order.reference} was {did}", out)

    # -- parts --------------------------------------------------------------------------------

    def _wrong(self, command: inputs.NewParent, account: str) -> Iterator[tuple[str, str]]:
        state, settings = self._state, self._state.settings
        if not command.ref.strip():
            yield "a parent needs a name", "parent"
        if command.ref in state.gate.parents.parents:
            yield f"there is a parent {command.ref!r} already", "parent"
        if state.book.is_taken(command.ref):
            yield f"there is an order {command.ref!r} already", "parent"
        if command.symbol not in settings.instruments:
            yield f"no instrument {command.symbol!r} is configured", "Symbol(55)"
        if account not in settings.accounts:
            yield f"no account {account!r} is configured", "Account(1)"
        if command.strategy and command.strategy not in settings.strategies:
            yield f"no strategy {command.strategy!r} is configured", "strategy"
        if command.side not in _SIDES:
            yield f"Side(54) {command.side!r} is no side that we send", "Side(54)"
        if command.order_qty <= 0:
            text = f"OrderQty(38) {text_of(command.order_qty)} is not above 0"
            yield text, "OrderQty(38)"
        if command.routed:
            yield from self._wrong_route(command, settings.instruments.get(command.symbol))
        elif command.policy or command.venue or command.price is not None:
            yield "only a routed parent has a policy, a venue and a price", "parent"

    def _wrong_route(
        self, command: inputs.NewParent, instrument: Instrument | None
    ) -> Iterator[tuple[str, str]]:
        settings = self._state.settings
        name = command.policy or (instrument.policy if instrument is not None else "")
        policy = settings.policy(name)
        if policy is None:
            yield f"no routing policy {name!r} is configured", "policy"
            return
        if instrument is None:
            return
        if command.time_in_force not in _TIMES:
            text = f"TimeInForce(59) {command.time_in_force!r}: a parent is DAY, GTC or IOC"
            yield text, "TimeInForce(59)"
        if command.order_qty % instrument.lot:
            text = f"OrderQty(38) {text_of(command.order_qty)} is no multiple of the lot "
            yield text + text_of(instrument.lot), "OrderQty(38)"
        yield from _wrong_price(command.price, instrument)
        venue = command.venue or (policy.venues[0] if policy.venues else "")
        if command.venue is not None and policy.kind != DIRECT:
            yield f"policy {name} chooses the venue itself: direct takes a named one", "venue"
        elif policy.kind == DIRECT and not venue:
            yield f"policy {name} is direct: name the venue", "venue"
        elif venue and venue not in settings.venues:
            yield f"no venue named {venue!r} is configured", "venue"

    def _wrong_replace(self, routed: ParentOrder, command: inputs.ReplaceOrder) -> Refused | None:
        held = routed.held
        instrument = self._state.settings.instruments.get(held.symbol)
        if instrument is None:
            return rule("terms", f"no instrument {held.symbol!r} is configured", "Symbol(55)")
        if routed.ended or routed.ending:
            return rule("order_state", f"parent {held.ref} is at its end, or about to be")
        if routed.wanted is not None:
            return rule("order_state", f"a replace of parent {held.ref} is already pending")
        if command.stop_px is not None or command.time_in_force is not None:
            text = f"of parent {held.ref} the quantity and the price can be replaced"
            return rule("terms", text)
        if command.price is not None and routed.price is None:
            return rule("terms", f"parent {held.ref} is a market order", "Price(44)")
        qty = held.order_qty if command.order_qty is None else command.order_qty
        if (qty, command.price or routed.price) == (held.order_qty, routed.price):
            return rule("terms", f"the replace changes nothing of {held.ref}")
        if qty <= held.executed:
            done = text_of(held.executed)
            return rule("terms", f"{done} has executed already: cancel it instead", "OrderQty(38)")
        if qty % instrument.lot:
            text = f"OrderQty(38) {text_of(qty)} is no multiple of the lot"
            return rule("terms", f"{text} {text_of(instrument.lot)}", "OrderQty(38)")
        wrong = next(_wrong_price(command.price, instrument), None)
        return None if wrong is None else rule("terms", *wrong)

    def _judged_anew(
        self, now: int, parent: ParentOrder, qty: Fixed, price: Fixed | None
    ) -> Refused | None:
        """As :meth:`_judged`, of what no child holds; children are judged when they are sent."""
        state, held = self._state, parent.held
        unsent = qty - held.committed
        if unsent <= 0 or (qty <= held.order_qty and price == parent.price):
            return None
        reserve(state, parent, less=held.order_qty)
        refused = self._judged(now, parent, unsent, price, state.settings.instruments[held.symbol])
        reserve(state, parent)
        return refused

    def _judged(
        self,
        now: int,
        parent: ParentOrder,
        qty: Fixed,
        price: Fixed | None,
        instrument: Instrument,
    ) -> Refused | None:
        """What the controls of the worst case say to so much that is not with any child; it sets
        what that is reserved at."""
        state, held = self._state, parent.held
        terms = Terms(
            symbol=held.symbol,
            side=held.side,
            order_qty=qty,
            ord_type=OrdType.MARKET if price is None else OrdType.LIMIT,
            price=price,
            account=held.account,
        )
        reference = state.prices.middle(held.symbol, now) or state.prices.stated(held.symbol)
        lane = parent_lane(state, held)
        candidate = self._judge.candidate(now, terms, instrument, lane, reference)
        refused = state.gate.check_parent(candidate, lane)
        if refused is None:
            parent.reserve_px = max(parent.reserve_px, candidate.reserve)
        return refused


def _wrong_price(price: Fixed | None, instrument: Instrument) -> Iterator[tuple[str, str]]:
    if price is None:
        return
    if price <= 0:
        yield f"Price(44) {text_of(price)} is not above 0", "Price(44)"
    elif price % instrument.tick:
        text = f"Price(44) {text_of(price)} is no multiple of the tick {text_of(instrument.tick)}"
        yield text, "Price(44)"
