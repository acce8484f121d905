"""What the parts of the engine share: the one state that a journal replays to.

Everything here is a function of the inputs so far. Identifiers are counters: a ClOrdID(11) is the
run (a process's start, numbered in the journal) and a counter within it, written in the alphabet
and length that the counterparty allows; so a tail lost at a power failure never repeats one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fix_oms.algos.running import RunningAlgos
from fix_oms.engine.alerts import about
from fix_oms.engine.client_state import Clients
from fix_oms.engine.codecs import codecs
from fix_oms.engine.copied import Copies
from fix_oms.engine.day_ends import day_after
from fix_oms.engine.forgotten import Forgotten
from fix_oms.engine.identifiers import id_text
from fix_oms.engine.measure import Before, measure
from fix_oms.engine.waiting import Inquiry, MarketAsked, MassCancelAsked, Waiting
from fix_oms.market.contracts import contracts
from fix_oms.market.places import Places
from fix_oms.market.quotes import Quotes
from fix_oms.market.references import References
from fix_oms.model.counterparty import Session
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.messages import Message, OrderCancelRequest, OrderMassCancelRequest
from fix_oms.model.outputs import Changed, Output, Send
from fix_oms.model.scope import Scope
from fix_oms.model.settings import Settings, Venue
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed
from fix_oms.orders.book import OrderBook
from fix_oms.orders.order import Order
from fix_oms.orders.requests import Request
from fix_oms.positions.ledger import Ledger
from fix_oms.risk.gate import Gate
from fix_oms.risk.lanes import Lane
from fix_oms.routing.links import Link
from fix_oms.routing.parents import RoutedParents
from fix_oms.routing.scorecard import Scorecards


class State:
    """All of it. ``waiting`` are the requests without an answer; ``questions`` where and under
    which number we last asked about an order; ``breaks`` what was last said of each order that does
    not add up, also of one that is only uncertain; ``copies`` what drop copies tell, and
    ``position_sources`` who last told the position of an account and symbol."""

    def __init__(
        self, settings: Settings, dialects: Mapping[str, Mapping[str, Any]], now: int
    ) -> None:
        self.settings = settings
        self.book: Final = OrderBook()
        self.ledger: Final = Ledger()
        self.quotes: Final = Quotes()
        self.prices: Final = References(self.quotes, settings)
        self.links: dict[str, Link] = {}
        self.open_venues: set[str] = set()
        self.days: dict[str, str] = {}
        self.forgotten: Final = Forgotten()
        self.halted: dict[tuple[str, str], str] = {}
        self.waiting: dict[str, Waiting] = {}
        self.questions: dict[str, tuple[int, int]] = {}
        self.withdrawn: set[str] = set()
        self.mass_cancels: dict[str, MassCancelAsked] = {}
        self.inquiries: dict[str, Inquiry] = {}
        self.market_asked: dict[str, MarketAsked] = {}
        self.breaks: dict[str, tuple[str, ...]] = {}
        self.copies: dict[str, Copies] = {}
        self.position_sources: dict[tuple[str, str], str] = {}
        self.routed: Final = RoutedParents()
        self.algos: Final = RunningAlgos()
        self.gate: Final = Gate(self.ledger, self.book, self.prices, settings.engine.base_currency)
        self.scores: Final = Scorecards()
        self.clients: Final = Clients()
        self.run = self.ids = self.day_ends_ns = 0
        self.dropped: list[str] = []
        self.configure(settings, dialects, now)
        self.day_ends_ns = day_after(self.settings.engine.day_starts, now)

    def configure(
        self, settings: Settings, dialects: Mapping[str, Mapping[str, Any]], now: int
    ) -> None:
        """Take the configuration of a start; orders, positions, halts, what has been counted and
        numbers stay. ``dropped`` says which changes of limits do not."""
        stated = {symbol: self.prices.stated(symbol) for symbol in settings.instruments}
        starts = self.settings.engine.day_starts
        self.settings = settings
        self.quotes.configure(Places(settings))
        self.prices.configure(settings)
        for symbol in settings.instruments:
            self.value(symbol)
            # A mark that was only stated is what is stated by now.
            now_stated, valuation = self.prices.stated(symbol), self.ledger.valuation(symbol)
            if now_stated and valuation.mark == stated[symbol]:
                valuation.marked(now_stated)
        if settings.engine.day_starts != starts and now < self.day_ends_ns:
            self.day_ends_ns = day_after(self.settings.engine.day_starts, now)
        base = settings.engine.base_currency
        self.dropped = self.gate.configure(settings.limits, settings.accounts, base, now)
        self.scores.configure(settings, self.quotes.places, now)
        self.dialects = dialects
        self.codecs = codecs(self.settings, self.dialects)
        self.contracts = contracts(settings)
        self.clients.configure(settings.clients)
        for name, session in settings.sessions.items():
            if name in self.links:
                self.links[name].settings = session
            else:
                self.links[name] = Link(session)
                self.inquiries[name] = Inquiry()
        self.copies = {
            of: self.copies.get(of) or Copies(session.name)
            for session in settings.sessions.values()
            for of in session.drop_copy_of
        }

    def restored(self) -> None:
        """All has been put back that a snapshot holds: work out again what it does not."""
        self.codecs = codecs(self.settings, self.dialects)
        self.contracts = contracts(self.settings)
        self.quotes.configure(Places(self.settings))
        self.gate.lanes.refresh()
        self.gate.parents.restored(self.book.by_cl_ord_id)
        self.algos.restored()

    def new_day(self, now: int) -> None:
        """A day has begun: profits count from here, and position feeds number anew."""
        self.day_ends_ns = day_after(self.settings.engine.day_starts, now)
        self.ledger.new_day()
        self.routed.day_ended(now)
        self.gate.parents.forget_old(old := self.routed.forget_old(self.forgotten.before_ns))
        self.algos.forget_old(self.forgotten.before_ns, old)
        self.clients.day_begun(old)
        self.forgotten.day_begun(now, self.settings.engine.keep_days, self.book.orders)
        self.gate.lanes.renumber_feeds()

    # -- identifiers --------------------------------------------------------------------------

    def next_id(self, session: Session) -> str:
        """The next ClOrdID(11) for this counterparty. Raises FieldError when it has no room.

        Counterparties write one counter in alphabets of their own, so a text may be taken already,
        also by a client_ref or a parent: counted on until it is new.
        """
        while True:
            self.ids += 1
            text = self.peek_id(session, 0)
            if not (self.book.is_taken(text) or text in self.gate.parents.parents):
                return text

    def peek_id(self, session: Session, ahead: int) -> str:
        """The id that :meth:`next_id` would give after ``ahead`` calls; nothing is used up."""
        text = id_text(self.run, self.ids + ahead, session.cl_ord_id_alphabet)
        if len(text) > session.cl_ord_id_length:
            too_long = f"is longer than the {session.cl_ord_id_length} allowed"
            raise FieldError(11, label(11), text, too_long)
        return text

    def broker_account(self, name: str) -> str:
        """An account's name as the broker knows it, for Account(1)."""
        account = self.settings.accounts.get(name)
        return (account.broker_account if account is not None else None) or name

    def account_told(self, told: str) -> str | None:
        """The account that a broker calls so; None where it is none of ours."""
        for account in self.settings.accounts.values():
            if told in (account.name, account.broker_account):
                return account.name
        return None

    # -- worth ----------------------------------------------------------------------------------

    def value(self, symbol: str) -> None:
        """An instrument's contract, or its currency's rate, is known or has changed."""
        instrument = self.settings.instruments[symbol]
        valuation = self.ledger.valuation(symbol)
        rate = self.prices.rate(instrument.currency)
        valuation.set(instrument.multiplier, instrument.margin_pct, instrument.currency, rate)
        if not valuation.mark:
            valuation.marked(self.prices.stated(symbol) or 0)

    def mark(self, session: str, symbol: str) -> None:
        """A price of the symbol was told by the session, or stated by a person."""
        self.routed.moved(symbol)
        self.algos.moved(symbol)
        price = self.prices.mark(session, symbol)
        if price:
            self.ledger.valuation(symbol).marked(price)
            instrument = self.settings.instruments.get(symbol)
            if instrument is not None and instrument.rate_of is not None:
                self.rated(instrument.rate_of, price)

    def rated(self, currency: str, rate: Fixed) -> None:
        """What a currency is worth in the base currency, by a person's word or a feed's."""
        if self.prices.rates.get(currency) == rate:
            return
        self.prices.rates[currency] = rate
        for symbol, instrument in self.settings.instruments.items():
            if instrument.currency == currency:
                self.value(symbol)
        self.gate.lanes.refresh()

    # -- sending ------------------------------------------------------------------------------

    def send(
        self,
        session: str,
        message: Message,
        out: list[Output],
        cl_ord_id: str = "",
        chain: str = "",
    ) -> None:
        """Encode and send; cancels overtake. Raises Unsupported or FieldError, with nothing sent.

        ``chain`` is the reference of the order that the message speaks of.
        """
        text = self.codecs[session].encode(message)
        urgent = type(message) is OrderCancelRequest or type(message) is OrderMassCancelRequest
        out.append(
            Send(session=session, text=text, cl_ord_id=cl_ord_id, chain=chain, urgent=urgent)
        )

    def try_send(
        self,
        session: str,
        message: Message,
        out: list[Output],
        cl_ord_id: str = "",
        chain: str = "",
    ) -> bool:
        """As :meth:`send`, but tells by False that the counterparty cannot take the message."""
        try:
            self.send(session, message, out, cl_ord_id, chain)
        except (Unsupported, FieldError):
            return False
        return True

    # -- orders and what they change ------------------------------------------------------------

    def lane(self, account: str, strategy: str, symbol: str, venue: Venue) -> Lane:
        """The lane of a new order."""
        # A plain tuple finds what is kept under a Scope, and is made in a fifth of the time.
        lanes, name = self.gate.lanes, (account, strategy, symbol, venue.name, venue.session)
        return lanes.lanes.get(name) or lanes.lane(Scope(*name))

    def add_order(self, order: Order, lane: Lane) -> None:
        """A new order of ours counts from this moment, before its acknowledgement (RTS 6)."""
        self.book.add(order)
        self.waiting[order.reference] = Waiting(order, order.first)
        open_qty = order.open_qty
        lane.line.reserved(order.buys, 0, 0, open_qty, order.first.worst_px)
        if lane.levels:
            terms = order.first.terms
            plain = terms.price is not None and terms.stop_px is None
            touch = terms.price if plain else order.touch_px
            for levels in lane.levels:
                levels.moved(order.buys, 0, touch or 0)
        self.scores.added(order, self.prices, rests=self.routed.rests)

    def add_request(self, order: Order, request: Request) -> None:
        """A cancel or replace of ours, in the worst case from this moment."""
        before = measure(order)
        self.book.add_request(order, request)
        self.waiting[request.cl_ord_id] = Waiting(order, request)
        self._settle(order, before)

    def estimate_cash(self, order: Order, qty: Fixed, multiplier: Fixed) -> None:
        """A replace of a cash order may come to this quantity, if to no less."""
        before = measure(order)
        order.estimate_cash(max(order.aside.cash_estimate, qty), multiplier)
        self._settle(order, before)

    def learned(
        self,
        order: Order,
        before: Before,
        now: int,
        out: list[Output],
        order_id: str | None = None,
        exec_id: str = "",
    ) -> None:
        """Evidence has been added to the order: update position, exposure, breaks and the book."""
        order.updated_ns = now
        after = measure(order)
        if self.waiting:
            self._answered(order)
        if after != before:
            self._moved(order, before, after, now, out, exec_id)
            self.scores.moved(order, before, after, now)
        self.book.note(order, order_id)
        if self.routed.parents:
            self.routed.child_changed(self.gate.parents.of(order))
        if self.algos.of:
            self.algos.learned(order, self.gate.parents.of(order), before, after, exec_id)
        if self.clients.peers:
            self.clients.touch(order, self.routed.parent_of(self.gate.parents.of(order)))
        if not order.sound or order.reference in self.breaks:
            self._tell_breaks(order, out)
        out.append(Changed(order=order.reference))

    def _moved(
        self,
        order: Order,
        before: Before,
        after: Before,
        now: int,
        out: list[Output],
        exec_id: str,
    ) -> None:
        """Position, exposure and what the gate counts, all in this step."""
        lanes = self.gate.lanes
        lane = lanes.lanes.get(order.scope) or lanes.lane(order.scope)
        qty0, notional0, fees0, open0, px0, touch0 = before
        qty1, notional1, fees1, open1, px1, touch1 = after
        qty, notional, opened = qty1 - qty0, notional1 - notional0, open1 - open0
        lane.line.learned(order.buys, qty, notional, fees1 - fees0, open0, px0, open1, px1)
        if lane.levels and touch1 != touch0:
            for levels in lane.levels:
                levels.moved(order.buys, touch0, touch1)
        if qty:
            if lane.feed is not None:
                lane.feed.executed(now, exec_id, qty if order.buys else -qty)
            if qty > 0 and lane.watchers:
                self.gate.filled(order, lane, now, qty, notional // qty, out)
        if self.gate.parents.parents:
            text = self.gate.parents.changed(order, qty, notional, opened)
            if text:
                out.append(about("severe", "conservation", text, order))
        dearer = px1 > px0 and open1 * px1 > open0 * px0
        if qty + opened > 0 or qty < 0 or (notional and not qty) or dearer:
            self.gate.beyond(order, lane, now, out)
        elif self.gate.broken:
            self.gate.tell_breaches(now, out, lane.checks)

    def forget(self, order: Order, place: int) -> None:
        """A closed order leaves the book; what it executed stays where it counts."""
        self.forgotten.add(order)
        self.gate.parents.forget(order)
        self.algos.forget_order(order.reference)
        self.clients.forget([order.reference])
        self.questions.pop(order.reference, None)
        for request in order.requests:
            self.withdrawn.discard(request.cl_ord_id)
        self.book.forget(order, place)

    def is_held(self, order: Order) -> bool:
        """Whether something beside the book holds the order, or often asks for it by its name."""
        inquiry = self.inquiries[order.session]
        return (
            order.reference in self.breaks
            or any(request.cl_ord_id in self.waiting for request in order.requests)
            or order.reference in inquiry.unheard
            or (inquiry.mass is not None and order.reference in inquiry.mass.silent)
        )

    def _answered(self, order: Order) -> None:
        """Forget what was waited for and has come: most orders of a day wait for nothing."""
        self._forget(order, order.first)
        for request in order.later:
            self._forget(order, request)

    def _forget(self, order: Order, request: Request) -> None:
        waiting = self.waiting.get(request.cl_ord_id)
        if waiting is not None and waiting.is_settled:
            del self.waiting[request.cl_ord_id]
            self.links[order.session].answered(request.seq)
            if request is order.first:
                self.scores.answered(order, order.updated_ns)

    def _settle(self, order: Order, before: Before) -> None:
        """What a request of ours has changed of the worst case, which the gate has judged."""
        after = measure(order)
        if after != before:
            self.scores.moved(order, before, after, order.updated_ns)
            lane = self.gate.lanes.lane(order.scope)
            lane.line.reserved(order.buys, before[3], before[4], after[3], after[4])
            for levels in lane.levels:
                levels.moved(order.buys, before[5], after[5])
            self.gate.parents.changed(order, 0, 0, after[3] - before[3])
            if self.routed.parents:  # what it holds more is no rest of its parent any more
                self.routed.child_changed(self.gate.parents.of(order))
            if after[3] != before[3]:
                self.algos.learned(order, self.gate.parents.of(order), before, after, "")

    def _tell_breaks(self, order: Order, out: list[Output]) -> None:
        found = order.breaks()
        told = self.breaks.get(order.reference, ())
        out.extend(
            about("warning", "break", f"order {order.reference}: {text}", order)
            for text in found
            if text not in told
        )
        if found or order.is_uncertain():
            self.breaks[order.reference] = found
        else:
            self.breaks.pop(order.reference, None)
