"""One order: the evidence it holds, and the state that evidence amounts to.

**Theory.** Reports of one order come late, twice, out of order and in races with our own requests.
So no report moves a state. A report adds evidence, each piece of which is a set, a maximum, or a
flag that never falls; the published state is a projection of all of it, computed anew after each
change. Adding the same evidence twice, or in another order, gives the same projection: that is
what makes the permutations of a day's reports end in one state.

The evidence is held by small machines: ``executions``, ``requests``, ``lifecycle`` and the
statements of terms (``restatements``). What they may not know: the session and the clock.

**Projection.** OrdStatus is the state of highest FIX precedence among those that hold (4.4 volume
4); what ends one is in ``lifecycle``, and a pending request ends with its own answer or the order.
Rejected outranks New outranks Pending New, whatever arrived first. Canceled, Expired and Rejected
end the order for good: executions that arrive afterwards count all the same, LeavesQty stays 0.

**What is told and not proven.** The highest CumQty(14) told, less ``gross``, is *provisional*: the
broker says it has executed, no execution proves it yet. It counts in CumQty, never in a position.
*Unexplained* is what was told and fits no executions that we hold (``breaks``): it counts in the
open quantity and nowhere else. *Uncertain* is a state that only the order of arrival decided. Of an
order that is *sound*, the short road of ``projection`` has shown that there is none of this.

Attributes of the projection are plain slots and not properties: they are read at each report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from fix_oms.model.codes import STATUS_PENDING_NEW
from fix_oms.model.messages import ExecutionReport, Terms
from fix_oms.model.scope import Scope
from fix_oms.model.units import LARGEST, Fixed, Notional, average
from fix_oms.orders import breaks, intake, projection, restatements
from fix_oms.orders.aside import EMPTY, Aside
from fix_oms.orders.executions import NOTHING, Executions
from fix_oms.orders.lifecycle import BLANK, SAYS_ACKED, Lifecycle
from fix_oms.orders.requests import CANCEL, NEW, REPLACE, Request
from fix_oms.orders.restatements import GOOD_TILL
from fix_oms.orders.said import Said

MILLISECOND: Final = 1_000_000
_BUYS: Final = frozenset({"1", "3"})


@final
class Order:
    """One order. ``reference`` is its first ClOrdID. All else is evidence or its projection."""

    __slots__ = (
        "acked",
        "acked_when",
        "aside",
        "avg_told",
        "buys",
        "client_ref",
        "cum_qty",
        "cum_told",
        "ended",
        "executions",
        "external",
        "first",
        "last_when",
        "later",
        "leaves_qty",
        "lifecycle",
        "open_qty",
        "ord_status",
        "order_id",
        "order_id_rank",
        "provisional",
        "reference",
        "reported",
        "scope",
        "session",
        "side",
        "sound",
        "symbol",
        "terms",
        "terms_largest",
        "text",
        "uncertain",
        "unexplained",
        "updated_ns",
    )

    def __init__(self, first: Request, scope: Scope, client_ref: str = "") -> None:
        self.reference: Final = first.cl_ord_id
        self.scope: Final = scope
        self.session: Final = scope.session
        self.client_ref: Final = client_ref
        self.symbol: Final = first.terms.symbol
        self.side: Final = first.terms.side
        self.buys: Final = self.side in _BUYS
        self.updated_ns = first.created_ns
        self.external = False
        self.order_id = ""
        self.order_id_rank = 0
        self.text = ""
        # Evidence: each only ever grows.
        self.first: Final = first
        self.later: tuple[Request, ...] = ()
        self.executions = NOTHING
        self.lifecycle = BLANK
        self.aside = EMPTY
        self.acked = False
        self.acked_when = 0
        self.last_when = 0
        self.reported = False
        self.cum_told: Fixed = -1
        self.avg_told: Fixed = 0
        # Projection.
        self.terms = first.terms
        self.terms_largest: Fixed = first.terms.order_qty
        self.ended = False
        self.uncertain = False
        self.sound = True
        self.ord_status: str = STATUS_PENDING_NEW
        self.cum_qty: Fixed = 0
        self.leaves_qty: Fixed = first.terms.order_qty
        self.open_qty: Fixed = first.terms.order_qty
        self.provisional: Fixed = 0
        self.unexplained: Fixed = 0

    # -- what others ask ----------------------------------------------------------------------

    @property
    def account(self) -> str:
        """Whose position its executions are."""
        return self.scope.account

    @property
    def strategy(self) -> str:
        """The strategy that sent it, or empty."""
        return self.scope.strategy

    @property
    def venue(self) -> str:
        """Where it was sent."""
        return self.scope.venue

    @property
    def may_trade(self) -> bool:
        """Something of it can still execute, and not only be told: it is worth a cancel."""
        told_only = self.provisional + self.unexplained + self.executions.larger
        return self.leaves_qty > 0 or self.open_qty > told_only

    @property
    def worst_px(self) -> Fixed:
        """The most that a unit of it may cost or fetch, by all terms that may hold."""
        if not self.later and self.terms is self.first.terms:
            return self.first.worst_px
        asked = [r.worst_px for r in projection.may_hold(self)]
        return max([*asked, self.accepted_px, 0])

    @property
    def accepted_px(self) -> Fixed:
        """The most that a unit of it may cost or fetch, by the terms that hold."""
        newest = self.requests[restatements.newest_accepted(self.requests)]
        return max(newest.worst_px, self.terms.price or 0)

    @property
    def touch_px(self) -> Fixed:
        """The price at which it is readiest to trade, by all terms that may hold: what a limit
        bids or asks, without bound for a market order; 0 for a stop, which rests in no book
        before it is triggered (an execution shows that it was)."""
        done = self.cum_qty > 0
        if not self.later:
            return _touch(self.terms, self.buys, done)
        asked = [r.terms for r in projection.may_hold(self)]
        prices = [px for t in (self.terms, *asked) if (px := _touch(t, self.buys, done))]
        if not prices:
            return 0
        return max(prices) if self.buys else min(prices)

    @property
    def created_ns(self) -> int:
        """When it was made, in ns UTC."""
        return self.first.created_ns

    @property
    def requests(self) -> tuple[Request, ...]:
        """All of them: the NewOrderSingle, then cancels and replaces as we sent them. Most orders
        have but the first, so they are not held together: a tuple of one weighs 48 bytes."""
        return (self.first, *self.later)

    @property
    def avg_px(self) -> Fixed:
        """Notional over quantity of the effective executions, and of the provisional estimate."""
        return average(self.executions.notional + self.provisional_notional, self.cum_qty)

    @property
    def provisional_notional(self) -> Notional:
        """An estimate: what the told AvgPx(6) leaves for the unproven quantity, else Price(44)."""
        if not self.provisional:
            return 0
        estimate = self.avg_told * self.cum_told - self.executions.notional
        if self.avg_told and estimate > 0:
            return estimate
        return self.provisional * (self.terms.price or 0)

    @property
    def good_till(self) -> bool:
        """The order lives across days: by its TimeInForce(59), or as its broker treats it."""
        return self.terms.time_in_force in GOOD_TILL or self.lifecycle.keeps_leaves()

    @property
    def cl_ord_id(self) -> str:
        """The last ClOrdID that the broker has accepted: the one its reports carry."""
        return self.requests[restatements.newest_accepted(self.requests)].cl_ord_id

    @property
    def orig_cl_ord_id(self) -> str:
        """OrigClOrdID(41) for our next request: the last ClOrdID that was not refused.

        Not one by which the broker has said that it knows no order: that replace never came, or was
        never accepted, and a cancel that names it again would be refused again.
        """
        unknown = self.aside.unknown_ids
        for request in reversed(self.requests):
            known = request.accepted_somehow or request.cl_ord_id not in unknown
            if request.kind == REPLACE and request.may_hold and known:
                return request.cl_ord_id
        return self.reference

    def request(self, cl_ord_id: str) -> Request | None:
        """The request that carried this ClOrdID(11)."""
        for request in self.requests:
            if request.cl_ord_id == cl_ord_id:
                return request
        return None

    def outstanding(self) -> list[Request]:
        """Our requests that have no answer and could still get one."""
        if self.ended:
            return []
        return [
            r
            for r in self.requests
            if not (r.answered or (r.kind == NEW and self.reported) or self.is_moot(r))
        ]

    def is_moot(self, request: Request) -> bool:
        """No answer to it could change anything: the order has ended, or it is a cancel and
        nothing is left to cancel (a bust that reopens the order makes it wait again)."""
        return self.ended or (request.kind == CANCEL and not self.may_trade)

    def is_uncertain(self) -> bool:
        """Whether only the order of arrival decided something of the state."""
        return self.uncertain or self.lifecycle.uncertain or self.executions.tied

    def is_open(self) -> bool:
        """Something of it can still happen, or is waited for."""
        if self.leaves_qty or self.open_qty:
            return True
        return bool(self.later or not self.reported) and bool(self.outstanding())

    def breaks(self) -> tuple[str, ...]:
        """What does not add up, in words; empty for an order whose story is consistent."""
        return breaks.of(self)

    def estimate_cash(self, qty: Fixed, multiplier: Fixed) -> None:
        """What a cash order may come to, in quantity, until its broker derives OrderQty(38)."""
        aside = self.own_aside()
        aside.cash_estimate, aside.cash_multiplier = qty, multiplier
        projection.project(self)

    # -- evidence in --------------------------------------------------------------------------

    def add_request(self, request: Request) -> None:
        """We have sent a cancel or a replace."""
        self.later = (*self.later, request)
        projection.project(self)

    def add_report(self, report: ExecutionReport, epoch: int = 0) -> bool:
        """Hold what an ExecutionReport says. Returns whether an execution was added.

        ``epoch`` of the session, with MsgSeqNum(34), is the last resort between tied reports.
        """
        executed = intake.hold(self, report, epoch)
        projection.project(self)
        return executed

    def refuse(self, request: Request, text: str, status: str | None = None) -> None:
        """A message named the request as refused, and may state the OrdStatus(39) that is left.

        That ends a new order only while the broker has never reported it: a report outranks what
        a reject of a message lets us infer.
        """
        request.refused = True
        self.acked = self.acked or status in SAYS_ACKED
        request.text = text or request.text
        if request.kind == NEW:
            self.text = text or self.text
        projection.take_terms(self)
        projection.project(self)

    def accept(self, request: Request, text: str) -> None:
        """A person answers for it that the broker has accepted the request."""
        request.accepted = True
        request.text = text
        projection.take_terms(self)
        projection.project(self)

    def end(self, status: str, now: int, text: str, arrival: int = 0) -> None:
        """A person answers for it that the order is at its end (Canceled, Expired, Rejected).

        ``arrival`` is the place of the session's last message: a later status may contradict it.
        """
        life = self.own_lifecycle()
        # Brokers state times in milliseconds at best: one of the same is not from before.
        life.end(status, self.cum_qty, now - now % MILLISECOND)
        life.decided = arrival
        self.text = text
        projection.project(self)

    def never_left(self, request: Request, reason: str) -> None:
        """The request is proven not to have left."""
        request.unsent = True
        request.text = reason
        if request.kind == NEW:
            self.text = reason
        projection.take_terms(self)
        projection.project(self)

    def own_aside(self) -> Aside:
        """What only a few orders need, to be written to."""
        if self.aside is EMPTY:
            self.aside = Aside()
            self.sound = False
        return self.aside

    def own_lifecycle(self) -> Lifecycle:
        """What was said of its life, to be written to."""
        if self.lifecycle is BLANK:
            self.lifecycle = Lifecycle()
        return self.lifecycle

    def own_executions(self) -> Executions:
        """The executions, to be written to."""
        if self.executions is NOTHING:
            self.executions = Executions()
        return self.executions

    def statements(self) -> Iterable[Said]:
        """Every statement that is held, for what reads them all."""
        return (
            *self.aside.stated,
            *self.aside.loose,
            *self.lifecycle.special,
            *self.lifecycle.latest,
        )

    def _check(self) -> None:
        """Assert what must hold at every moment; for property tests and the simulated world."""
        self.executions._check()
        assert self.leaves_qty >= 0
        assert self.open_qty >= 0
        assert self.cum_qty == self.executions.qty + self.provisional
        assert not (self.ended and self.leaves_qty)


def _touch(terms: Terms, buys: bool, triggered: bool) -> Fixed:
    if terms.stop_px is not None and not triggered:
        return 0
    if terms.price is not None:
        return terms.price
    return LARGEST if buys else 1
