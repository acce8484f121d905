"""The state as people, programs and the replay check see it: views, and one hash over all of it.

The hash covers all that decides what the engine will do next, so that two engines of one hash are
the same engine: orders with their evidence, positions, sessions, halts, throttles, open questions.
It leaves out what is only about the telling: texts, alert history, times of arrival.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from fix_oms.engine.open_alerts import open_alerts
from fix_oms.engine.shown_algos import ShownAlgos
from fix_oms.engine.shown_clients import client_views
from fix_oms.engine.shown_risk import ShownRisk
from fix_oms.engine.shown_routing import ShownRouting
from fix_oms.engine.state import State
from fix_oms.model.talk_clients import ClientView
from fix_oms.model.talk_standing import Asked
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    LimitView,
    OrderView,
    PositionView,
    RequestView,
    SessionView,
)
from fix_oms.orders import projection
from fix_oms.orders.execution import Execution
from fix_oms.orders.order import Order
from fix_oms.routing.links import Link


class Shown:
    """Views of one state at one time (ns UTC), made when asked."""

    def __init__(self, state: State, risk: ShownRisk, now: int) -> None:
        self._state: Final = state
        self._risk: Final = risk
        self._now: Final = now
        self.routing: Final = ShownRouting(state, now, self.view_of)
        self.algos: Final = ShownAlgos(state, now)

    def order_view(self, ref: str) -> OrderView | None:
        """One order, by any name it has."""
        order = self._state.book.find(ref)
        return self.view_of(order) if order is not None else None

    def order_views(self, open_only: bool, limit: int, after: str) -> list[OrderView]:
        """Orders in the order in which they were made, ``limit`` of them behind ``after``."""
        page = self._state.book.page(open_only=open_only, limit=limit, after=after)
        return [self.view_of(order) for order in page]

    def view_of(self, order: Order) -> OrderView:
        """An order of the book, in one's own hands."""
        instrument = self._state.settings.instruments.get(order.symbol)
        parent = self._state.gate.parents.of(order)
        currency = instrument.currency if instrument is not None else ""
        return _order_view(order, currency, parent.ref if parent is not None else "")

    def fill_views(self, order: str | None, limit: int, after: int) -> list[FillView]:
        """Executions by order; ``after`` of them are left out, ``limit`` are given."""
        book = self._state.book
        named = book.find(order) if order is not None else None
        if order is not None and named is None:
            return []
        found: list[FillView] = []
        skip = after
        for one in [named] if named is not None else book.orders:
            held = len(one.executions.trades) + len(one.executions.corrections)
            if skip >= held:
                skip -= held
                continue
            found += self.fills_of(one)[skip:]
            skip = 0
            if len(found) >= limit:
                break
        return found[:limit]

    def fills_of(self, order: Order, known: int = 0) -> list[FillView]:
        """The executions of an order of the book; without the first ``known`` of them where it is
        certain that these are as they were."""
        done = order.executions
        if known and done.plain and not done.conflicts:
            trades = islice(done.trades.values(), known, None)
            return [_fill_view(order, trade, "effective", trade.exec_id) for trade in trades]
        return _fill_views(order)

    def position_view(self, account: str, symbol: str) -> PositionView | None:
        """One position, without ``breaks``; None where there has never been any."""
        return self._risk.position(account, symbol)

    def position_views(self) -> list[PositionView]:
        """All positions that are, or were, not flat, or could become so."""
        return self._risk.positions()

    def limit_views(self) -> list[LimitView]:
        """The limits in force, with what they count."""
        return self._risk.limits()

    def exposure_views(self) -> list[ExposureView]:
        """The worst case of the firm and of each account, strategy, symbol and venue."""
        return self._risk.exposure()

    def balance_views(self) -> list[BalanceView]:
        """The accounts' money as stated."""
        return self._risk.balances()

    def feed_views(self) -> list[FeedView]:
        """What position feeds say, beside our executions."""
        return self._risk.feeds()

    def asked(self, session: str, name: str) -> Asked:
        """What has come of a question about positions."""
        return self._risk.asked(session, name)

    def session_views(self) -> list[SessionView]:
        """All sessions."""
        return [
            SessionView(
                name=link.name,
                version=link.settings.version,
                state=link.state,
                reason=link.reason,
                since_ns=link.since_ns,
                epoch=link.epoch,
                next_in=link.next_in,
                next_out=link.next_out,
                backing_off=link.busy_until > self._now,
            )
            for link in self._state.links.values()
        ]

    def client_views(self) -> list[ClientView]:
        """All FIX clients."""
        return client_views(self._state)

    def halt_views(self) -> list[HaltView]:
        """The halts and kills in force."""
        return self._risk.halts()

    def open_alerts(self) -> list[AlertView]:
        """The conditions that a person should know of, as the state has them."""
        return open_alerts(self._state, self._now)

    def is_close_due(self, session: str, closed_ns: int, grace_ns: int) -> bool:
        """Whether this close is still to be told, and the broker has had the time to report.

        That is the grace since the session became ready: what it held back while we were away
        comes first.
        """
        link = self._state.links[session]
        return link.ready and link.closed_ns < closed_ns and self._now - link.since_ns >= grace_ns

    def hash(self) -> str:
        """SHA-256 over the canonical form of all state that must replay."""
        return self._hash(self._state.book.orders, live=False)

    def live_hash(self) -> str:
        """The same without the orders that have closed, but for their number: it costs what is open
        and not what ever was."""
        return self._hash(self._state.book.open.values(), live=True)

    def _hash(self, orders: Iterable[Order], *, live: bool) -> str:
        state = self._state
        canonical = (
            state.run,
            state.ids,
            len(state.book.orders),
            # By digests, so that a day's orders need not stand side by side in full.
            _digest("".join(sorted([_digest(_order_facts(order)) for order in orders]))),
            [msgspec.structs.astuple(p) for p in self.position_views()],
            sorted(_link_facts(x) for x in state.links.values()),
            sorted(state.prices.told.items()),
            sorted(state.prices.rates.items()),
            sorted(state.open_venues),
            state.quotes.facts(),
            state.day_ends_ns,
            sorted(state.days.items()),
            state.forgotten.facts(),
            sorted((*k, v) for k, v in state.halted.items()),
            state.gate.facts(),
            state.routed.facts(),
            state.algos.facts(),
            state.ledger.facts(),
            sorted(state.waiting),
            sorted(state.withdrawn),
            sorted(state.questions.items()),
            sorted((k, str(v)) for k, v in state.mass_cancels.items()),
            sorted((k, *v.facts()) for k, v in state.inquiries.items()),
            sorted((k, *v.facts()) for k, v in state.copies.items()),
            sorted((k, *v.facts()) for k, v in state.market_asked.items()),
            state.scores.facts(),
            state.clients.facts(live=live),
        )
        return _digest(canonical)


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(_plain(value))).hexdigest()


def _plain(value: object) -> object:
    """Integers as text, so that no encoder's 64 bits matter."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


def _link_facts(link: Link) -> tuple[object, ...]:
    return (
        link.name,
        link.epoch,
        link.next_in,
        link.next_out,
        link.reserved,
        link.state,
        link.disabled,
        link.busy_until,
        link.back_off_ns,
        link.closed_ns,
        link.reset_asked,
        tuple(sorted(link.by_seq.items())),
        tuple(sorted(link.early_rejects)),
    )


def _order_facts(order: Order) -> tuple[object, ...]:
    done = order.executions
    return (
        order.reference,
        order.session,
        tuple(order.scope),
        order.order_id,
        str(order.ord_status),
        order.terms.order_qty,
        order.terms.price or 0,
        order.terms.stop_px or 0,
        order.terms.time_in_force,
        tuple(sorted(said.facts() for said in order.statements())),
        order.client_ref,
        order.cum_told,
        order.reported,
        order.cum_qty,
        order.leaves_qty,
        order.avg_px,
        order.provisional,
        order.unexplained,
        order.open_qty,
        tuple((r.cl_ord_id, r.outcome(order.is_moot(r)), r.doubt) for r in order.requests),
        tuple(sorted((e.exec_id, e.qty, e.px, s) for e, s in done.states())),
        tuple(sorted((b.exec_id, b.ref) for b in done.busts.values())),
        order.breaks(),
    )


def _order_view(order: Order, currency: str, parent: str) -> OrderView:
    outstanding = order.outstanding()
    day = projection.day(order)
    return OrderView(
        reference=order.reference,
        cl_ord_id=order.cl_ord_id,
        order_id=order.order_id,
        client_ref=order.client_ref,
        venue=order.venue,
        session=order.session,
        account=order.account,
        symbol=order.symbol,
        side=order.side,
        ord_type=order.terms.ord_type,
        time_in_force=order.terms.time_in_force,
        order_qty=order.terms.order_qty,
        price=order.terms.price,
        stop_px=order.terms.stop_px,
        ord_status=order.ord_status,
        cum_qty=order.cum_qty,
        leaves_qty=order.leaves_qty,
        avg_px=order.avg_px,
        provisional_qty=order.provisional,
        unexplained_qty=order.unexplained,
        uncertain=order.is_uncertain(),
        day_order_qty=day[0] if day is not None else None,
        day_cum_qty=day[1] if day is not None else None,
        day_avg_px=day[2] if day is not None else None,
        cash_order_qty=order.terms.cash_order_qty,
        currency=currency,
        pending=tuple(r.kind for r in outstanding),
        in_doubt=any(r.doubt for r in outstanding),
        breaks=order.breaks(),
        text=order.text,
        created_ns=order.created_ns,
        updated_ns=order.updated_ns,
        requests=tuple(
            RequestView(
                cl_ord_id=r.cl_ord_id,
                kind=r.kind,
                outcome=r.outcome(order.is_moot(r)),
                in_doubt=r.doubt and r in outstanding,
                text=r.text,
            )
            for r in order.requests
        ),
        parent=parent,
    )


def _fill_views(order: Order) -> list[FillView]:
    trades = len(order.executions.trades)
    return [
        # A trade and a correction may bear one ExecID(17); SOH never is in one.
        _fill_view(order, one, state, one.exec_id if n < trades else f"{one.exec_id}\x01c")
        for n, (one, state) in enumerate(order.executions.states())
    ]


def _fill_view(order: Order, execution: Execution, state: str, key: str) -> FillView:
    return FillView(
        order=order.reference,
        exec_id=execution.exec_id.partition("\x01")[0],
        venue=order.venue,
        account=order.account,
        symbol=order.symbol,
        side=order.side,
        last_qty=execution.qty,
        last_px=execution.px,
        transact_time=execution.time,
        state=state,
        key=key,
    )
