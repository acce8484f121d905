"""Whether an order may leave: what it would be, where it would go, and what the gate says to it.

Judging changes nothing. It fills in what the sender left out, finds the venue and its session, and
values the order at the worst price it may trade at; then the gate judges it as it would leave. A
batch is judged whole before any of it leaves: what the orders before one would reserve is reserved
while it is judged, and given back at the end (``Trial``).
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import msgspec

from fix_oms.engine.marketable import as_limit, is_wanted
from fix_oms.engine.state import State
from fix_oms.engine.terms import (
    cash_estimate,
    check_estimate,
    check_terms,
    default_terms,
    least_value,
    order_value,
)
from fix_oms.market.contracts import read_at
from fix_oms.model import inputs
from fix_oms.model.fix import OrdRejReason, OrdType
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.settings import Instrument, Venue
from fix_oms.model.units import LARGEST, SCALE, Fixed, text_of
from fix_oms.orders.order import Order
from fix_oms.risk.check import Candidate, Same
from fix_oms.risk.lanes import Lane
from fix_oms.risk.pace import same_terms
from fix_oms.risk.parents import Parent
from fix_oms.routing.links import Link
from fix_oms.routing.router import choose

_HUNDRED: Final = 100 * SCALE
_HAS_LIMIT_PRICE: Final = frozenset({OrdType.LIMIT, OrdType.STOP_LIMIT})


class Judged(NamedTuple):
    """An order that may leave: its venue and lane, its terms with the defaults filled in, the price
    at which it is reserved, what makes it the same as another, a cash order's estimate (else 0),
    its parent, and the candidate that the checks were asked about (None: it passed at once)."""

    venue: Venue
    lane: Lane
    terms: Terms
    worst_px: Fixed
    same: Same
    estimate: Fixed
    parent: Parent | None
    candidate: Candidate | None


class Trial:
    """What the orders of a batch before the one that is judged would have reserved and counted."""

    def __init__(self) -> None:
        self.orders = 0
        self._done: list[Judged] = []
        self._ahead: Counter[tuple[int, Same]] = Counter()
        self._spent: Counter[str] = Counter()

    def before(self, candidate: Candidate) -> None:
        """Tell the candidate what of its batch goes before it."""
        candidate.ahead, candidate.spent = self._ahead, self._spent

    def add(self, judged: Judged) -> None:
        """It would leave: reserve for it, and count it."""
        self._done.append(judged)
        for check in judged.lane.counters:
            self._ahead[id(check), ()] += 1
            if judged.parent is None:
                self._ahead[id(check), judged.same] += 1
        if judged.candidate is not None:
            self._spent.update(judged.candidate.used)
        self._reserve(judged, 1)

    def undo(self) -> None:
        """Give everything back."""
        while self._done:
            self._reserve(self._done.pop(), -1)

    def _reserve(self, judged: Judged, sign: int) -> None:
        qty, buys = judged.estimate or judged.terms.order_qty, is_buy(judged.terms)
        judged.lane.line.move(buys, sign * qty, judged.worst_px)
        price = judged.terms.price or (LARGEST if buys else 1)
        if judged.terms.stop_px is None:
            for levels in judged.lane.levels:
                levels.moved(buys, price if sign < 0 else 0, price if sign > 0 else 0)
        if judged.parent is not None:
            judged.parent.committed += sign * qty


class Judge:
    """Judges new orders and replaces. ``resting`` are our own orders that the last one judged could
    trade with and that are to be cancelled for it, whether it passed or not."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def new(
        self, now: int, command: inputs.NewOrder, trial: Trial | None = None
    ) -> Refused | Judged:
        """The order as it would leave, or what refuses it."""
        state = self._state
        settings = state.settings
        instrument = settings.instruments.get(command.terms.symbol)
        if instrument is not None and instrument.at:
            at = choose(command.venue, instrument, settings.venues, state.links, now)
            if at is not None:
                instrument = read_at(state.contracts, instrument, at.name)
        refused = check_terms(command.terms, instrument, settings)
        if refused is not None or instrument is None:
            return refused or rule("terms", "unknown instrument", "Symbol(55)")
        name = command.client_ref
        if name and (state.book.is_taken(name) or name in state.gate.parents.parents):
            return duplicate(name)
        if command.strategy and command.strategy not in settings.strategies:
            known = ", ".join(sorted(settings.strategies)) or "none"
            text = f"no strategy {command.strategy!r} is configured (there are: {known})"
            return rule("terms", text, "strategy")
        venue = choose(command.venue, instrument, settings.venues, state.links, now)
        if venue is None:
            return rule("venue", f"no venue named {command.venue!r} is configured", "venue")
        refused = (
            self._link(state.links[venue.session], now)
            or self._market(venue, instrument)
            or _elsewhere(command.terms, venue)
        )
        if refused is not None:
            return refused
        asked: Terms | Refused = command.terms
        if is_wanted(state, command.terms, venue):
            asked = as_limit(state, command.terms, venue, instrument, now)
        if isinstance(asked, Refused):
            return asked
        terms = default_terms(asked, settings, venue)
        reference = state.prices.near(venue.session, terms.symbol, terms.side == "1", now)
        lane = state.lane(terms.account or "", command.strategy or "", terms.symbol, venue)
        return self._priced(now, command, terms, instrument, venue, lane, reference, trial)

    def _priced(
        self,
        now: int,
        command: inputs.NewOrder,
        terms: Terms,
        instrument: Instrument,
        venue: Venue,
        lane: Lane,
        reference: Fixed | None,
        trial: Trial | None,
    ) -> Refused | Judged:
        refused = least_value(terms, instrument, reference)
        if refused is not None:
            return refused
        estimate = self._estimated(terms, instrument, reference)
        if isinstance(estimate, Refused):
            return estimate
        judged = msgspec.structs.replace(terms, order_qty=estimate) if estimate else terms
        px, same = self.worst_price(judged, reference) or 0, same_terms(judged)
        mark = lane.line.position.valuation.mark
        worst_px = max(px, mark) or terms.price or 0
        held = self._state.inquiries[venue.session].held
        hedge = self._state.algos.sends_hedge
        special = command.reduce_only or estimate or command.parent is not None or held or hedge
        gate, buys = self._state.gate, is_buy(terms)
        if (
            trial is None
            and not special
            and gate.passes(terms, lane, buys, px, worst_px, reference, now, same)
        ):
            return Judged(venue, lane, terms, worst_px, same, 0, None, None)
        candidate = self.candidate(now, judged, instrument, lane, reference)
        parent: Refused | Parent | None = self._unheard(candidate) if held else None
        if parent is None and command.parent is not None:
            parent = self._parent(command, candidate)
        if isinstance(parent, Refused):
            return parent
        candidate.is_child = parent is not None
        candidate.is_hedge = hedge or command.parent in self._state.algos.hedging
        if trial is not None:
            trial.before(candidate)
        self.resting = []
        refused = gate.check(candidate, lane, reduce_only=command.reduce_only)
        if refused is None or refused.control == "self_match":
            self.resting = candidate.cancels
        if refused is not None:
            return refused
        return Judged(venue, lane, terms, worst_px, same, estimate, parent, candidate)

    def candidate(
        self,
        now: int,
        terms: Terms,
        instrument: Instrument,
        lane: Lane,
        reference: Fixed | None,
        order: Order | None = None,
        *,
        only_less: bool = False,
    ) -> Candidate:
        """What the gate judges."""
        px = self.worst_price(terms, reference) or 0
        return Candidate(
            lane.scope,
            terms,
            lane.line.position,
            now,
            px=px,
            reserve=max(px, lane.line.position.valuation.mark) or terms.price or 0,
            value=order_value(terms.order_qty, px, instrument),
            reference=reference,
            order=order,
            only_less=only_less,
        )

    def replace(self, now: int, order: Order, terms: Terms) -> Refused | tuple[Candidate, Lane]:
        """What a replace would make of the order, or what refuses it; ``terms`` are the new ones,
        of a cash order with the most that it may come to."""
        state = self._state
        settings = state.settings
        venue = settings.venues[order.venue]
        instrument = read_at(state.contracts, settings.instruments[order.symbol], venue.name)
        reference = state.prices.near(venue.session, order.symbol, order.buys, now)
        only_less = terms.cash_order_qty is None and only_reduces(order, terms)
        refused = None if only_less else self._market(venue, instrument)
        refused = refused or least_value(terms, instrument, reference)
        if refused is not None:
            return refused
        estimate = self._estimated(terms, instrument, reference)
        if isinstance(estimate, Refused):
            return estimate
        if estimate:
            terms = msgspec.structs.replace(terms, order_qty=estimate)
        lane = state.gate.lanes.lane(order.scope)
        candidate = self.candidate(
            now, terms, instrument, lane, reference, order, only_less=only_less
        )
        refused = self._unheard(candidate)
        if refused is not None:
            return refused
        parent = state.gate.parents.of(order)
        of = parent.ref if parent is not None else None
        candidate.is_hedge = state.algos.sends_hedge or of in state.algos.hedging
        if parent is not None:
            text = state.gate.parents.exceeded(parent, candidate.open_change)
            if text:
                return rule("conservation", text, "OrderQty(38)")
        self.resting = []
        refused = state.gate.check(candidate, lane)
        if refused is None or refused.control == "self_match":
            self.resting = candidate.cancels
        return refused or (candidate, lane)

    # -- parts --------------------------------------------------------------------------------

    def _link(self, link: Link, now: int) -> Refused | None:
        refused = not_ready(link)
        if refused is None and link.busy_until > now:
            seconds = -(-(link.busy_until - now) // 1_000_000_000)
            refused = rule("session_busy", f"{link.name} is busy: we back off for {seconds} s")
        return refused

    def _estimated(
        self, terms: Terms, instrument: Instrument, reference: Fixed | None
    ) -> Refused | Fixed:
        """What a cash order may come to, in quantity; 0 for any other."""
        if terms.cash_order_qty is None:
            return 0
        estimate = cash_estimate(terms, instrument, self._state.settings, reference)
        if isinstance(estimate, Refused):
            return estimate
        return check_estimate(estimate, instrument) or estimate

    def _unheard(self, candidate: Candidate) -> Refused | None:
        """New risk is held while it is unknown what became of an order like it (``inquiries``)."""
        scope = candidate.scope
        order = self._state.inquiries[scope.session].holder(scope.account, scope.symbol)
        if order is None or candidate.reduces:
            return None
        text = (
            f"{scope.session} has not told of order {order.reference} of {scope.account} in "
            f"{scope.symbol} since it came back: new risk is held until it does, or somebody "
            "decides (resolve)"
        )
        return rule("reconciling", text, "Symbol(55)", OrdRejReason.BROKER)

    def _market(self, venue: Venue, instrument: Instrument) -> Refused | None:
        """The venue's own rules of the moment: its hours, its halts."""
        state = self._state
        if venue.hours is not None and venue.name not in state.open_venues:
            text = f"{venue.name} is closed: it is outside its trading hours"
            return rule("trading_hours", text, code=OrdRejReason.EXCHANGE_CLOSED)
        if state.halted:
            halted = state.halted.get((venue.session, instrument.symbol))
            if halted is not None:
                text = f"{venue.session} has halted {instrument.symbol}: {halted}"
                return rule("trading_halt", text, "Symbol(55)", OrdRejReason.BROKER)
        return None

    def _parent(self, command: inputs.NewOrder, candidate: Candidate) -> Refused | Parent:
        parents = self._state.gate.parents
        parent = parents.parents.get(command.parent or "")
        terms, scope, routed = candidate.terms, candidate.scope, self._state.routed
        if parent is not None and parent.ref in routed.parents and routed.sending != parent.ref:
            text = f"parent {parent.ref} is routed: its children are sent by the router"
            return rule("conservation", text, "parent")
        if parent is None:
            return rule("conservation", f"no parent is known as {command.parent!r}", "parent")
        mine = (terms.symbol, terms.side, scope.account, scope.strategy)
        if mine != (parent.symbol, parent.side, parent.account, parent.strategy):
            text = f"the order is not of parent {parent.ref}'s symbol, side, account and strategy"
            return rule("conservation", text, "parent")
        text = parents.exceeded(parent, candidate.open_change)
        if not text:
            return parent
        return Refused(
            control="conservation",
            text=text,
            field="OrderQty(38)",
            limit=text_of(parent.order_qty),
            value=text_of(parent.committed + candidate.open_change),
            ord_rej_reason=OrdRejReason.ORDER_EXCEEDS_LIMIT,
        )

    def worst_price(self, terms: Terms, reference: Fixed | None) -> Fixed | None:
        """The most that a unit may cost or fetch.

        A buy's limit bounds it. A sell's limit is the least it may fetch, not the most: the better
        one of limit and reference, and nobody knows without one. A market order has no price: the
        reference and a buffer. So has a stop, once it has triggered: the worse of StopPx(99) and
        the reference, for one on the wrong side of the market triggers at once.
        """
        if terms.ord_type in _HAS_LIMIT_PRICE:
            if terms.side == "1":
                return terms.price
            return None if reference is None else max(terms.price or 0, reference)
        if reference is None:
            return None
        base = max(reference, terms.stop_px or 0)
        return base + base * self._state.settings.engine.market_buffer_pct // _HUNDRED


def is_buy(terms: Terms) -> bool:
    """Whether it buys."""
    return terms.side == "1" or terms.side == "3"


def _elsewhere(terms: Terms, venue: Venue) -> Refused | None:
    """ExDestination(100) is the venue's: another one would lead around all that is said of it."""
    told = terms.ex_destination
    if told is None or told == venue.ex_destination:
        return None
    text = f"ExDestination(100) {told!r} is not that of venue {venue.name}: name the venue itself"
    return rule("venue", text, "ExDestination(100)")


def only_reduces(order: Order, new: Terms) -> bool:
    """Whether the new terms take risk away from whatever terms may hold now."""
    unanswered = [r.terms for r in order.requests if r.kind == "replace" and not r.answered]
    return all(
        new.order_qty < old.order_qty
        and new.price == old.price
        and new.stop_px == old.stop_px
        and new.time_in_force == old.time_in_force
        for old in (order.terms, *unanswered)
    )


def not_ready(link: Link) -> Refused | None:
    """Refuse while the session cannot carry an order."""
    if link.ready:
        return None
    return rule("session_up", f"session {link.name} is {link.state}: {link.reason}")


def rule(
    control: str, text: str, field: str = "", code: OrdRejReason = OrdRejReason.OTHER
) -> Refused:
    """A refusal by a rule without a limit."""
    return Refused(control=control, text=text, field=field, ord_rej_reason=code)


def duplicate(client_ref: str) -> Refused:
    """A name that was given before."""
    return Refused(
        control="duplicate_ref",
        text=f"an order was sent before as {client_ref!r}: nothing is sent twice",
        field="client_ref",
        value=client_ref,
        ord_rej_reason=OrdRejReason.DUPLICATE_ORDER,
    )
