"""Law 3 of routed parents: a parent is the sum of its children, and never more than it was asked.

After each step, of every parent that it has touched: what it has executed and for how much, what it
could come to, and what of the exposure is its reserved rest. By the venues' own books no more of it
is ever there than its largest OrderQty(38). It ends when nothing of it works any more, and what was
asked of it comes to an end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.algos import Change, Place
from fix_oms.model.controls import CONTROLS
from fix_oms.model.fix import OrdStatus, TimeInForce
from fix_oms.model.inputs import Input
from fix_oms.model.routing import DIRECT
from fix_oms.model.units import text_of
from fix_oms.routing.parents import ParentOrder
from fix_oms.world.laws.family import Families, Stand, stand_of

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws

Key = tuple[str, str]
CAUSES: Final = {
    "taken back after": "a bust after it was full",
    "times running": "too many times without an execution",
    "children of it out": "a mass cancel of some children",
    "its child": "what was done to a child by hand",
}
"""What the words of the router have in common by which a parent is held, and what that is."""


class ParentLaws:
    """``stands`` is how each parent stood after the last step; ``asked`` the largest quantity that
    was ever asked of each."""

    def __init__(self, laws: Laws, families: Families) -> None:
        self.stands: Final[dict[str, Stand]] = {}
        self.asked: Final[dict[str, int]] = {}
        self._by_hand: Final[set[int | None]] = set()
        """The prices that somebody has asked for of an order itself: a direct parent takes them."""
        self._prices: Final[dict[str, set[int | None]]] = {}
        self._live: Final[dict[str, ParentOrder]] = {}
        self._since: Final[dict[str, int]] = {}
        """When the other terms that each waits for were asked for."""
        self._laws: Final = laws
        self._families: Final = families

    # -- what happens ---------------------------------------------------------------------------

    def begin(self, state: State) -> None:
        """A process has started."""
        self.stands.clear()
        self._live.clear()
        self._since.clear()
        for ref, parent in state.routed.parents.items():
            self._ask(ref, parent.held.order_qty, parent.price)
            self.stands[ref] = stand_of(parent)
            if not parent.ended:
                self._live[ref] = parent
        for parent in self._live.values():
            self._look(parent)

    def told(self, value: Input) -> None:
        """What is asked of parents, also by a record that a replay reads for the first time."""
        if type(value) is inputs.NewParent and value.routed:
            self._ask(value.ref, value.order_qty, value.price)
        elif type(value) is inputs.ReplaceOrder and value.order in self.asked:
            self._ask(value.order, value.order_qty or 0, value.price)
        elif type(value) is inputs.ReplaceOrder:
            self._by_hand.add(value.price)
        elif type(value) is inputs.Acted:
            for act in value.acts.acts:
                if type(act) is Place and act.policy is not None:
                    self._ask(f"{value.acts.algo}.{act.name}", act.qty, act.price)
                elif type(act) is Change:
                    self._changed(f"{value.acts.algo}.{act.name}", act)

    def _changed(self, ref: str, act: Change) -> None:
        if ref in self.asked:
            self._ask(ref, act.qty or 0, act.price)

    def _ask(self, ref: str, qty: int, price: int | None) -> None:
        self.asked[ref] = max(qty, self.asked.get(ref, 0))
        self._prices.setdefault(ref, set()).add(price)

    def began(self, state: State, value: Input) -> None:
        """A step has been taken: is there a parent more, by a command or an algo's act?"""
        if type(value) is inputs.NewParent:
            self._began(state, value.ref, value)
        elif type(value) is inputs.Acted:
            for act in value.acts.acts:
                if type(act) is Place:
                    self._began(state, f"{value.acts.algo}.{act.name}", act)

    def _began(self, state: State, ref: str, asked: inputs.NewParent | Place) -> None:
        parent = state.routed.parents.get(ref)
        if parent is None or ref in self.stands:
            return
        qty = asked.qty if isinstance(asked, Place) else asked.order_qty
        self._live[ref] = parent
        self.stands[ref] = Stand("", "", "", None, qty, asked.price)
        policy = state.settings.policy(parent.policy)
        self._laws.count(f"routing: policy {policy.kind if policy else '?'}")
        kind = "market" if asked.price is None else "limit"
        self._laws.count(f"routing: {kind} {TimeInForce(asked.time_in_force).name}")

    def busted(self, ref: str) -> None:
        """An execution of a child was undone, while its parent stood as it did before this step."""
        ended = self.stands[ref].ended
        how = OrdStatus(ended).name.lower() if ended else "open"
        self._laws.count(f"routing: bust, the parent {how}")

    def dies(self) -> None:
        """The process is about to be dead."""
        if any(parent.held.working for parent in self._live.values()):
            self._laws.count("routing: killed with a parent at work")

    def stepped(self, state: State, now: int, value: Input, *, taken: bool) -> None:
        """A step has been taken: whoever stands otherwise than before is looked at. ``taken`` says
        whether it took a command."""
        if taken and type(value) is inputs.ReplaceOrder and value.order in self._live:
            self._asked_for(now, value)
        for ref, parent in list(self._live.items()):
            before = self.stands[ref]
            stand = stand_of(parent)
            if stand != before:
                self.stands[ref] = stand
                if before.wanted is not None and stand.wanted is None:
                    self._settled_as(state, ref, before, stand)
                self._moved(parent, before, stand, value)

    def _asked_for(self, now: int, value: inputs.ReplaceOrder) -> None:
        """Other terms are wanted from here on, though it may be that they hold at once."""
        before = self.stands[value.order]
        qty = before.order_qty if value.order_qty is None else value.order_qty
        price = before.price if value.price is None else value.price
        self.stands[value.order] = before._replace(wanted=(qty, price))
        self._since[value.order] = now

    def reopened(self, parent: ParentOrder) -> None:
        """A parent that had ended has children that changed: it may be open again, if it was full
        and is held for a person."""
        ref = parent.held.ref
        before, stand = self.stands[ref], stand_of(parent)
        if before.ended and not stand.ended:
            if before.ended != OrdStatus.FILLED or not stand.suspended:
                self._laws.wrong("ended", f"parent {ref} had ended ({before.ended}) and goes on")
            self._live[ref], self.stands[ref] = parent, stand
            self._laws.count("routing: a filled parent is open again")
            self._laws.count(f"routing: held by {cause_of(stand.suspended)}")

    # -- looking --------------------------------------------------------------------------------

    def look(self, state: State, refs: set[str]) -> None:
        """These parents were touched."""
        keys = set()
        for ref in refs:
            parent = state.routed.parents[ref]
            if ref not in self._live:
                self.reopened(parent)
            self._look(parent)
            keys.add((parent.held.account, parent.held.symbol))
        for key in keys:
            self._reserved(state, key)

    def _look(self, parent: ParentOrder) -> None:
        held = parent.held
        ref, children = held.ref, self._families.of(held.ref).values()
        executed = sum([child.executed for child in children])
        notional = sum([child.notional for child in children])
        could = sum([child.could for child in children])
        if (executed, notional) != (held.executed, held.notional):
            mine = f"{text_of(held.executed)} for {held.notional}"
            text = f"parent {ref} has executed {mine}, its children {text_of(executed)}"
            self._laws.wrong("parents", f"{text} for {notional}")
        if could > held.order_qty and self._laws.is_calm:
            text = f"the children of {ref} could come to {text_of(could)}"
            self._laws.wrong("conservation", f"{text} of {text_of(held.order_qty)}")

    def _reserved(self, state: State, key: Key) -> None:
        """The exposure is what all orders have open, and what live parents have not sent."""
        opened = {True: 0, False: 0}
        for order in state.book.open.values():
            if (order.scope.account, order.symbol) == key:
                opened[order.buys] += order.open_qty
        for ref, parent in self._live.items():
            held = parent.held
            if (held.account, held.symbol) == key and not (parent.ended or parent.ending):
                could = sum([child.could for child in self._families.of(ref).values()])
                most = max(held.order_qty, parent.wanted[0] if parent.wanted else 0)
                opened[held.buys] += max(0, most - could)
        position = state.ledger.position(*key)
        if (position.open_buy, position.open_sell) != (opened[True], opened[False]):
            mine = f"{text_of(position.open_buy)} and {text_of(position.open_sell)}"
            theirs = f"{text_of(opened[True])} and {text_of(opened[False])}"
            text = f"of {key} is reserved {mine}; orders and parents' rests come to {theirs}"
            self._laws.wrong("reserved", text)

    def look_at_venues(self, refs: set[str] | None = None) -> None:
        """No more of a parent is at the venues than it was ever asked to be."""
        for ref in self.asked if refs is None else refs:
            _, could = self._families.truth(ref)
            if could > self.asked[ref] and self._families.is_straight(ref):
                text = f"of parent {ref} the venues have {text_of(could)}"
                self._laws.wrong("oversent", f"{text}; it was at most {text_of(self.asked[ref])}")

    # -- what becomes of what was asked -----------------------------------------------------------

    def _moved(self, parent: ParentOrder, before: Stand, stand: Stand, value: Input) -> None:
        ref = parent.held.ref
        if stand.suspended and stand.suspended != before.suspended:
            cause = cause_of(stand.suspended)
            self._laws.count(f"routing: held by {cause}")
            if cause == "conservation":  # the gate has caught what the router must never ask for
                self._laws.wrong("re-routed", f"parent {ref}: {stand.suspended}")
        if stand.price not in self._prices.get(ref, set()) | self._by_hand:
            self._laws.wrong("limit", f"parent {ref} has a price that nobody asked for")
        if before.suspended and not (stand.suspended or stand.ended):
            is_word = type(value) is inputs.ResumeParent and value.ref == ref
            if not is_word:
                self._laws.wrong("suspended", f"parent {ref} goes on by itself")
            self._laws.count("routing: resumed")
        if stand.ended:
            self._ended(parent)

    def _settled_as(self, state: State, ref: str, before: Stand, stand: Stand) -> None:
        """Other terms were asked for: do they hold as far as the children allow it?"""
        assert before.wanted is not None
        how = "is overtaken by the end"
        if not stand.ended:
            is_whole = before.wanted == (stand.order_qty, stand.price)
            how = "holds whole" if is_whole else "holds in part"
        self._laws.count(f"routing: a pending replace {how}")
        policy = state.settings.policy(state.routed.parents[ref].policy)
        if stand.ended or stand.order_qty <= before.wanted[0] or ref not in self._since:
            return
        if policy is None or policy.kind == DIRECT:  # its child may not be let: that is told
            return
        for name, child in self._families.of(ref).items():
            order = None if child.is_out else state.book.by_cl_ord_id(name)
            if order is None or not order.may_trade:
                continue
            if all(request.created_ns < self._since[ref] for request in order.later):
                text = f"parent {ref} is not less, and nobody has asked its child {name} to be"
                self._laws.wrong("replaced", text)

    def _ended(self, parent: ParentOrder) -> None:
        """It has ended: nothing of it may work."""
        ref = parent.held.ref
        del self._live[ref]
        self._laws.count(f"routing: ended: {OrdStatus(parent.ended).name.lower()}")
        for name, child in self._families.of(ref).items():
            theirs = self._families.theirs(name)
            if not child.is_out:
                self._laws.wrong("ended", f"parent {ref} has ended, and its child {name} has not")
            works = theirs is not None and theirs.ended is None and theirs.leaves_qty
            if works and self._families.is_straight(ref):
                session = self._families.session[name]
                text = f"parent {ref} has ended, and its child {name} works at {session}"
                self._laws.wrong("ended", text)

    def settled(self, state: State) -> None:
        """Everything has been heard and asked: no request of a person is open any more."""
        self.look(state, set(self._live))
        self.look_at_venues()
        for ref, parent in self._live.items():
            if not (parent.ending or parent.wanted is not None):
                continue
            children = self._families.of(ref).items()
            works = [name for name, child in children if not child.is_out]
            if works and not self._families.is_straight(ref):
                continue
            what = "end" if parent.ending else "have other terms"
            text = f"parent {ref} is to {what} and does not; children that work: {works}"
            self._laws.wrong("liveness", text)


def cause_of(suspended: str) -> str:
    """Why a parent is held, in the words of the coverage table: a control, or the router itself."""
    control, colon, _ = suspended.partition(":")
    if colon and control in CONTROLS:
        return control
    return next((cause for words, cause in CAUSES.items() if words in suspended), suspended)
