"""What the parts of the engine share: the one state that a journal replays to.

Everything here is a function of the inputs so far. Identifiers are counters: a ClOrdID(11) is the
run (a process's start, numbered in the journal) and a counter within it, written in the alphabet
and length that the counterparty allows; so a tail lost at a power failure never repeats one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from fix_oms.market.quotes import Quotes
from fix_oms.model.errors import FieldError, Unsupported
from fix_oms.model.messages import Message
from fix_oms.model.outputs import Alert, Changed, Output, Send
from fix_oms.model.settings import READABLE, Session, Settings, Venue
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed, Notional
from fix_oms.orders.book import OrderBook
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request
from fix_oms.positions.ledger import Ledger
from fix_oms.risk.gate import Gate
from fix_oms.routing.links import Link
from fix_oms.wire import PLAIN, Codec, dialect_from

SECOND: Final = 1_000_000_000
RUN_SPAN: Final = 10**9
"""Ids of one run, where run and counter are one number (alphabets without ``-``)."""


class MassCancelAsked(NamedTuple):
    """A mass cancel without an answer: where, of what, and when it was asked for."""

    session: str
    symbol: str | None
    asked_ns: int


class MassStatusAsked:
    """A mass status request: the open orders it has not been answered for, and how far it is."""

    __slots__ = ("asked_ns", "heard", "req_id", "silent")

    def __init__(self, req_id: str, silent: dict[str, Order], now: int) -> None:
        self.req_id: Final = req_id
        self.silent: Final = silent
        self.asked_ns: Final = now
        self.heard = 0


class Waiting:
    """A request without an answer. ``asked`` counts our questions, the last at ``asked_ns``."""

    __slots__ = ("asked", "asked_ns", "order", "request")

    def __init__(self, order: Order, request: Request) -> None:
        self.order: Final = order
        self.request: Final = request
        self.asked = 0
        self.asked_ns = 0

    @property
    def is_settled(self) -> bool:
        """Nothing is waited for any more: an answer, the order's end, or a report of a new one."""
        order, request = self.order, self.request
        return request.answered or order.ended or (request.kind == NEW and order.reported)


Before = tuple[Fixed, Notional, Fixed]
"""Executed quantity and notional, and open quantity, of an order before evidence came."""


class State:
    """All of it. ``waiting`` are the requests without an answer; ``questions`` where and under
    which number we last asked about an order; ``breaks`` what was last said of each order."""

    def __init__(self, settings: Settings, dialects: Mapping[str, Mapping[str, Any]]) -> None:
        self.book: Final = OrderBook()
        self.ledger: Final = Ledger()
        self.quotes: Final = Quotes()
        self.links: dict[str, Link] = {}
        self.references: dict[str, Fixed] = {}
        self.waiting: dict[str, Waiting] = {}
        self.questions: dict[str, tuple[int, int]] = {}
        self.mass_cancels: dict[str, MassCancelAsked] = {}
        self.mass_statuses: dict[str, MassStatusAsked] = {}
        self.breaks: dict[str, tuple[str, ...]] = {}
        self.gate = Gate(settings)
        self.run = 0
        self.ids = 0
        self.configure(settings, dialects)

    def configure(self, settings: Settings, dialects: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the configuration of a start; orders, positions, halts and numbers stay."""
        halts = self.gate.halts
        self.settings = settings
        self.gate = Gate(settings)
        self.gate.halts.update(halts)
        self.codecs: dict[str, Codec] = {}
        self.max_age_ns = settings.engine.quote_max_age_s * SECOND
        for name, session in settings.sessions.items():
            overlay = dialects.get(name)
            dialect = dialect_from(overlay, session.dialect or name) if overlay else PLAIN
            self.codecs[name] = Codec(session.version, session.supports, dialect)
            if name in self.links:
                self.links[name].settings = session
            else:
                self.links[name] = Link(session)

    # -- identifiers --------------------------------------------------------------------------

    def next_id(self, session: Session) -> str:
        """The next ClOrdID(11) for this counterparty. Raises FieldError when it has no room.

        Counterparties write one counter in alphabets of their own, so a text may be taken already,
        also by a client_ref: counted on until it is new.
        """
        while True:
            self.ids += 1
            text = self.peek_id(session, 0)
            if not self.book.is_taken(text):
                return text

    def peek_id(self, session: Session, ahead: int) -> str:
        """The id that :meth:`next_id` would give after ``ahead`` calls; nothing is used up."""
        text = id_text(self.run, self.ids + ahead, session.cl_ord_id_alphabet)
        if len(text) > session.cl_ord_id_length:
            raise FieldError(
                11, label(11), text, f"is longer than the {session.cl_ord_id_length} allowed"
            )
        return text

    def broker_account(self, name: str) -> str:
        """An account's name as the broker knows it, for Account(1)."""
        account = self.settings.accounts.get(name)
        return (account.broker_account if account is not None else None) or name

    # -- sending ------------------------------------------------------------------------------

    def send(self, session: str, message: Message, out: list[Output], cl_ord_id: str = "") -> None:
        """Encode and send. Raises Unsupported or FieldError, with nothing sent."""
        text = self.codecs[session].encode(message)
        out.append(Send(session=session, text=text, cl_ord_id=cl_ord_id))

    def try_send(
        self, session: str, message: Message, out: list[Output], cl_ord_id: str = ""
    ) -> bool:
        """As :meth:`send`, but tells by False that the counterparty cannot take the message."""
        try:
            self.send(session, message, out, cl_ord_id)
        except (Unsupported, FieldError):
            return False
        return True

    # -- orders and what they change ------------------------------------------------------------

    def add_order(self, order: Order) -> None:
        """A new order of ours counts from this moment, before its acknowledgement (RTS 6)."""
        self.book.add(order)
        self.waiting[order.reference] = Waiting(order, order.first)
        self.ledger.reserved(order.account, order.symbol, order.buys, order.open_qty)

    def add_request(self, order: Order, request: Request) -> None:
        """A cancel or replace of ours, in the worst case from this moment."""
        before = measure(order)
        self.book.add_request(order, request)
        self.waiting[request.cl_ord_id] = Waiting(order, request)
        self._settle(order, before)

    def estimate_cash(self, order: Order, qty: Fixed) -> None:
        """A replace of a cash order may come to this quantity, if to no less."""
        before = measure(order)
        order.estimate_cash(max(order.aside.cash_estimate, qty))
        self._settle(order, before)

    def learned(
        self, order: Order, before: Before, now: int, out: list[Output], order_id: str | None = None
    ) -> None:
        """Evidence has been added to the order: update position, exposure, breaks and the book."""
        order.updated_ns = now
        done = order.executions
        qty = done.qty - before[0]
        notional = done.notional - before[1]
        change = order.open_qty - before[2]
        if qty or notional or change:
            self.ledger.learned(order.account, order.symbol, order.buys, qty, notional, change)
        if self.waiting:
            self._answered(order)
        self.book.note(order, order_id)
        if not order.sound or order.reference in self.breaks:
            self._tell_breaks(order, out)
        out.append(Changed(order=order.reference))

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

    def _settle(self, order: Order, before: Before) -> None:
        change = order.open_qty - before[2]
        if change:
            self.ledger.reserved(order.account, order.symbol, order.buys, change)

    def _tell_breaks(self, order: Order, out: list[Output]) -> None:
        found = order.breaks()
        told = self.breaks.get(order.reference, ())
        out.extend(
            Alert(
                severity="warning",
                code="break",
                text=f"order {order.reference}: {text}",
                session=order.session,
                order=order.reference,
            )
            for text in found
            if text not in told
        )
        if found:
            self.breaks[order.reference] = found
        else:
            self.breaks.pop(order.reference, None)

    def reference_price(self, venue: Venue, symbol: str, buys: bool, now: int) -> Fixed | None:
        """The venue's fresh quote, else what a person set, else what the configuration states."""
        near = self.quotes.near(venue.session, symbol, buys, now, self.max_age_ns)
        if near is not None:
            return near
        stated = self.references.get(symbol)
        if stated is not None:
            return stated
        instrument = self.settings.instruments.get(symbol)
        return instrument.reference if instrument is not None else None


def measure(order: Order) -> Before:
    """What :meth:`State.learned` compares with; taken before evidence is added."""
    done = order.executions
    return done.qty, done.notional, order.open_qty


def id_text(run: int, count: int, alphabet: str) -> str:
    """Run and counter as text: ``run-counter`` where ``-`` is allowed, else one number."""
    if alphabet == READABLE:
        return f"{run}-{count}"
    digits = alphabet.replace("-", "")
    if "-" in alphabet:
        return f"{_in_base(run, digits)}-{_in_base(count, digits)}"
    return _in_base(run * RUN_SPAN + count, digits)


def _in_base(number: int, digits: str) -> str:
    if digits == "0123456789":
        return str(number)
    text = ""
    while True:
        number, rest = divmod(number, len(digits))
        text = digits[rest] + text
        if not number:
            return text
