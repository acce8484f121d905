"""A venue in virtual time: what comes in, what leaves, and when. No clock, thread, socket or file.

Everything enters through a few doors, each with the time as an argument and each returning what
leaves by then, in order: :meth:`Venue.handle` (a message), :meth:`Venue.due` (time has passed),
:meth:`Venue.perform` (the desk acts), :meth:`Venue.open` (the process starts). What happens later
is kept inside; :meth:`Venue.next_due` says when to ask. The same entries give the same
answers, so the venue's state is a replay of its journal.

A delay is a delay of *looking*: the request stands in line, unseen, while fills and other requests
go on. That is what makes the races of the FIX appendices (a fill that crosses a cancel) come out in
the venue's own right order. Only questions (status, market data) are answered at once; the answer
for an order that was not looked at yet is PendingNew, which FIX shows nowhere else (G.1.c).

A report's or a quote's latency is another thing: it has happened, and is on its way. No report
overtakes a report, and no quote a quote.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from functools import partial
from typing import Any, Final, NamedTuple

from fix_oms.model.fix import (
    CxlRejReason,
    ExecType,
    FixVersion,
    OrdRejReason,
    OrdStatus,
)
from fix_oms.model.messages import (
    MarketDataRequest,
    Message,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
    Report,
    RequestForPositions,
)
from fix_oms.simulator import acts, answers, desk, holdings, rejects
from fix_oms.simulator.floor import Floor
from fix_oms.simulator.lags import Lags, Line
from fix_oms.simulator.market_data import Feed
from fix_oms.simulator.order import Order, unknown
from fix_oms.simulator.rejects import Change, Objection
from fix_oms.simulator.settings import REJECT, Latency, VenueSettings
from fix_oms.simulator.timers import Act as TimerAct
from fix_oms.simulator.timers import Timers

_MS: Final = 1_000_000
_SECOND: Final = 1_000_000_000


class Action(NamedTuple):
    """``message`` leaves to ``session``; it came to be at ``at_ns``."""

    at_ns: int
    session: str
    message: Report


class Venue:
    """One venue: its orders, its manners, its market data."""

    def __init__(self, name: str, version: FixVersion) -> None:
        self.name: Final = name
        self.version: Final = version
        self._timers: Final = Timers()
        self.floor: Final = Floor(version, self._timers, self._tell)
        self._feed: Final = Feed(self.floor.books, self._show, self._is_dark)
        self._out: list[Action] = []
        self.ids: dict[tuple[str, str], Order | None] = {}
        """Every ClOrdID(11) a session has used; None where it spoke of no order."""
        self._lags = Lags("")
        self._leaves: Counter[Line] = Counter()
        """How much is on its way on each line."""
        self._recent: dict[str, deque[int]] = {}
        self._seed: int | None = None
        self._random = random.Random(0)

    # -- the doors -------------------------------------------------------------------------------

    def open(self, now_ns: int, run: str, settings: VenueSettings) -> list[Action]:
        """The process starts: its settings hold from now on; what was listed before stays."""
        self.floor.run = run
        self.floor.behaviour = settings.behaviour
        if self._seed != settings.seed:
            self._seed, self._random = settings.seed, random.Random(settings.seed)
            self._lags = Lags(f"{settings.seed} latency of {self.name}")
        self.floor.halt_flow()  # others did not trade while the venue was down
        self._timers.run(now_ns)
        self._feed.drop()
        for symbol, listing in settings.listings.items():
            seed = f"{settings.seed} others in {symbol} at {self.name}"
            self.floor.list_symbol(now_ns, symbol, listing, seed=seed)
        return self._leaving(now_ns)

    def handle(
        self, now_ns: int, session: str, message: Message, seq: int | None = None
    ) -> list[Action]:
        """A message came in; ``seq`` is its MsgSeqNum(34), which a 35=j names."""
        self._timers.run(now_ns)
        refusal = self._refusal(session)
        if isinstance(message, rejects.ANSWERS):
            pass  # a reject of something of ours: nothing to answer, and no reject of a reject
        elif refusal is not None:
            self._refuse(session, message, seq, refusal)
        else:
            self._take(session, message, seq)
        return self._leaving(now_ns)

    def due(self, now_ns: int) -> list[Action]:
        """Time has passed."""
        return self._leaving(now_ns)

    def perform(self, now_ns: int, act: acts.Act) -> list[Action]:
        """The desk acts. Raises ActRefused or SettingsError, and nothing has changed."""
        self._timers.run(now_ns)
        desk.perform(self, self._now, act)
        return self._leaving(now_ns)

    def gone(self, now_ns: int, session: str) -> list[Action]:
        """A session logged out: its market data ends."""
        self._feed.drop(session)
        return self._leaving(now_ns)

    def tell(self, now_ns: int, session: str, message: Report) -> list[Action]:
        """Say this to a session, unless silent: for what was refused before it was a message."""
        self._timers.run(now_ns)
        self._tell(session, message)
        return self._leaving(now_ns)

    def next_due(self) -> int | None:
        """When :meth:`due` has something to do; None for never."""
        return self._timers.next_ns

    def _leaving(self, now_ns: int) -> list[Action]:
        self._timers.run(now_ns)
        if self.floor.behaviour.silence:
            self.floor.prints.clear()
        else:
            self._feed.publish(self.floor.prints)
        self._timers.run(self._now)  # what is shown behind something that is due now
        out, self._out = self._out, []
        return out

    def _tell(self, session: str, message: Report) -> None:
        self._send(("reports", session), message, self.floor.behaviour.report_latency)

    def _show(self, session: str, message: Report) -> None:
        self._send(("data", session), message, self.floor.behaviour.data_latency)

    def _send(self, line: Line, message: Report, latency: Latency) -> None:
        if self.floor.behaviour.silence:
            return
        action = Action(self._now, line[1], message)
        at_ns = self._lags.arrival(self._now, line, latency)
        if at_ns <= self._now and not self._leaves[line]:
            self._out.append(action)
        else:
            self._leaves[line] += 1
            self._timers.at(at_ns, partial(self._sent, line, action))

    def _sent(self, line: Line, action: Action, _: int) -> None:
        self._leaves[line] -= 1
        self._out.append(action)

    @property
    def is_closed(self) -> bool:
        """Every new order is rejected."""
        return self.floor.is_closed

    def _is_dark(self) -> bool:
        return self.floor.behaviour.dark

    @property
    def _now(self) -> int:
        return self._timers.now_ns

    # -- taking in -------------------------------------------------------------------------------

    def _refusal(self, session: str) -> str | None:
        """Why no request is taken now; None when it is."""
        behaviour = self.floor.behaviour
        if behaviour.busy:
            return "busy: try again later"
        limit = behaviour.rate_limit_per_s
        if limit:
            recent = self._recent.setdefault(session, deque())
            while recent and recent[0] <= self._now - _SECOND:
                recent.popleft()
            if len(recent) >= limit:
                return f"rate limit of {limit} messages per second exceeded"
            recent.append(self._now)
        return None

    def _refuse(self, session: str, message: Message, seq: int | None, text: str) -> None:
        if self.floor.behaviour.busy_answer == REJECT:
            objection = Objection(OrdRejReason.BROKER, text)
            if isinstance(message, NewOrderSingle):
                self._new(session, message, objection)
                return
            if isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
                refused = Objection(CxlRejReason.BROKER, text)
                self._refuse_change(session, message, self._meant(session, message), refused)
                return
        self._tell(session, rejects.not_available(message, seq, text))

    def _take(self, session: str, message: Message, seq: int | None) -> None:
        if isinstance(message, NewOrderSingle):
            self._new(session, message)
        elif isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
            self._change(session, message)
        elif isinstance(message, OrderStatusRequest):
            self._tell(session, answers.status(self._asked(session, message), message, self._now))
        elif isinstance(message, OrderMassStatusRequest):
            for report in answers.mass_status(self.floor, session, message, self._now):
                self._tell(session, report)
        elif isinstance(message, OrderMassCancelRequest):
            self._later(session, partial(self._mass_cancel, session, message))
        elif isinstance(message, RequestForPositions):
            for told in holdings.positions(self.floor, message, self._now):
                self._tell(session, told)
        elif isinstance(message, MarketDataRequest):
            if not self.floor.behaviour.silence:
                self._feed.request(session, message)
        else:
            self._tell(session, rejects.unsupported(message, seq))

    def _later(self, session: str, act: TimerAct) -> None:
        behaviour, line = self.floor.behaviour, ("requests", session)
        delay_ns = behaviour.ack_delay_ms * _MS
        at_ns = self._lags.arrival(self._now, line, behaviour.request_latency, delay_ns)
        self._timers.at(at_ns, act)

    # -- new orders ------------------------------------------------------------------------------

    def _new(
        self, session: str, message: NewOrderSingle, objection: Objection | None = None
    ) -> None:
        key = (session, message.cl_ord_id)
        if key in self.ids:
            self._later(session, partial(self._again, session, message))
            return
        order = self.ids[key] = self.floor.add(session, message.cl_ord_id, message.terms)
        self._later(session, partial(self._admit, order, message, objection))

    def _admit(
        self, order: Order, message: NewOrderSingle, objection: Objection | None, now_ns: int
    ) -> None:
        listing = self.floor.listing(order.terms.symbol)
        found = objection or rejects.to_terms(order.terms, listing, is_closed=self.is_closed)
        found = found or rejects.to_display(message.extra, listing)
        if found is None and self._draws(self.floor.behaviour.reject_rate):
            found = Objection(OrdRejReason.BROKER, "rejected by chance (reject_rate)")
        if found is None:
            order.display = rejects.display_of(message.extra)
            self.floor.accept(now_ns, order)
        else:
            reason = rejects.ord_rej_reason(self.version, found.reason)
            self.floor.reject(now_ns, order, reason, found.text)

    def _again(self, session: str, message: NewOrderSingle, now_ns: int) -> None:
        """A ClOrdID that was used before: a status report if flagged as PossResend, a reject that
        carries the live order's state if not (F.1.a, F.1.b)."""
        order = self.ids[(session, message.cl_ord_id)]
        refused: dict[str, Any] = {
            "exec_type": ExecType.REJECTED,
            "exec_id": self.floor.new_id("E"),
            "ord_rej_reason": OrdRejReason.DUPLICATE_ORDER,
            "text": f"ClOrdID(11) {message.cl_ord_id} was used before",
        }
        if order is None:
            terms = message.terms
            report = unknown(
                message.cl_ord_id, now_ns, symbol=terms.symbol, side=terms.side, **refused
            )
        elif message.poss_resend:
            report = order.report(ExecType.ORDER_STATUS, None, now_ns)
        else:
            report = order.report(now_ns=now_ns, cl_ord_id=message.cl_ord_id, **refused)
        self._tell(session, report)

    def _draws(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate

    # -- cancels and replaces ----------------------------------------------------------------------

    def _asked(self, session: str, message: OrderStatusRequest) -> Order | None:
        return self._order(session, message.cl_ord_id, message.order_id)

    def _meant(self, session: str, message: Change) -> Order | None:
        return self._order(session, message.orig_cl_ord_id, message.order_id)

    def _order(self, session: str, cl_ord_id: str, order_id: str | None) -> Order | None:
        """The session's order of any ClOrdID of its chain, or else of its OrderID."""
        order = self.ids.get((session, cl_ord_id))
        if order is None and order_id:
            order = self.floor.orders.get(order_id)
        return order if order is not None and order.session == session else None

    def _change(self, session: str, message: Change) -> None:
        order, key = self._meant(session, message), (session, message.cl_ord_id)
        if key in self.ids:
            text = f"ClOrdID(11) {message.cl_ord_id} was used before"
            objection = Objection(CxlRejReason.DUPLICATE_CL_ORD_ID, text)
            refuse = partial(self._refuse_change, session, message, order, objection)
            self._later(session, lambda _: refuse())
            return
        self.ids[key] = order
        if order is not None:
            order.ids.append(message.cl_ord_id)
            self._announce(order, message)
        self._later(session, partial(self._work_change, session, message, order))

    def _announce(self, order: Order, message: Change) -> None:
        replaces = isinstance(message, OrderCancelReplaceRequest)
        is_late = order.ended is not None or not (replaces or order.leaves_qty)
        if not self.floor.behaviour.pending_reports or is_late:
            return
        status = OrdStatus.PENDING_REPLACE if replaces else OrdStatus.PENDING_CANCEL
        order.pending[message.cl_ord_id] = status
        self.floor.say(
            self._now,
            order,
            ExecType(status.value),
            cl_ord_id=message.cl_ord_id,
            orig_cl_ord_id=order.cl_ord_id,
        )

    def _work_change(self, session: str, message: Change, order: Order | None, now_ns: int) -> None:
        objection: Objection | None
        if order is None:
            objection = Objection(CxlRejReason.UNKNOWN_ORDER, "unknown order")
        else:
            order.pending.pop(message.cl_ord_id, None)
            listing = self.floor.listing(order.terms.symbol)
            objection = rejects.to_change(order, message, listing)
            if objection is None and self._draws(self.floor.behaviour.cancel_reject_rate):
                text = "rejected by chance (cancel_reject_rate)"
                objection = Objection(CxlRejReason.BROKER, text)
        if objection is not None or order is None:
            self._refuse_change(session, message, order, objection)
        elif isinstance(message, OrderCancelReplaceRequest):
            self.floor.replace(now_ns, order, message, rejects.display_of(message.extra))
        else:
            self.floor.end(
                now_ns,
                order,
                OrdStatus.CANCELED,
                cl_ord_id=message.cl_ord_id,
                orig_cl_ord_id=order.cl_ord_id,
            )

    def _refuse_change(
        self, session: str, message: Change, order: Order | None, objection: Objection | None
    ) -> None:
        assert objection is not None
        reject = rejects.cancel_reject(self.version, message, order, objection, self._now)
        self._tell(session, reject)

    def _mass_cancel(self, session: str, message: OrderMassCancelRequest, now_ns: int) -> None:
        hit = answers.hit_by(self.floor, session, message)
        report_id = self.floor.new_id("M")
        self._tell(session, answers.mass_cancel(self.floor, message, report_id, len(hit)))
        for order in hit:
            self.floor.end(now_ns, order, OrdStatus.CANCELED, text="mass cancel")

    def _check(self) -> None:
        """Raise AssertionError when the venue contradicts itself."""
        self.floor._check()
        for (session, cl_ord_id), order in self.ids.items():
            if order is not None:
                assert order.session == session
                assert cl_ord_id in order.ids
