"""Transaction cost analysis of a journal: what each routed parent has cost, by ``costs``.

The journal is replayed, for what the figures need is known only as it happens: the middle and the
touch when a child is sent, the middle when a parent ends (where there is none at that moment, the
last of the symbol that was looked at). No engine need run; a running one's journal can be read as
far as it is.

An execution *takes* if its child could not rest, or if its limit reached the best price of the
other side at its venue when it was sent; it pays the taker's fee, what waited the maker's. Tariffs
and rates are those at the journal's end. A parent that the engine has forgotten (``keep_days``) is
told as it stood when it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import attrs
import msgspec

from fix_oms.engine import Engine
from fix_oms.engine.state import State
from fix_oms.journal.costs import (
    Asked,
    Done,
    ParentCost,
    TotalCost,
    VenueCost,
    parent_cost,
    total_cost,
    venue_costs,
)
from fix_oms.journal.follower import records
from fix_oms.market.states import FRESH
from fix_oms.model import inputs
from fix_oms.model.errors import JournalCorrupt
from fix_oms.model.outputs import Output, Send
from fix_oms.model.routing import NO_FEES
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.orders.order import Order
from fix_oms.routing.score import TAKES, way_of

MOST_POINTS: Final = 20_000
"""So many points of a price's path are kept; then every second one is left out."""
_PACK_EVERY: Final = 20_000
_BASIS_POINTS: Final = 10_000
_NEW_ORDER: Final = "35=D\x01"


class Sending(NamedTuple):
    """What stood when a child was sent: the middle and touch over all venues (0: none), and whether
    it reached its own venue's other side."""

    middle: Fixed
    touch: Fixed
    takes: bool


@attrs.define
class PricePath:
    """The middle of a symbol's best bid and offer while a parent worked: times (ns) and prices."""

    times: list[int] = attrs.field(factory=list)
    prices: list[Fixed] = attrs.field(factory=list)
    every: int = 1
    seen: int = 0

    def add(self, now: int, price: Fixed) -> None:
        """It is at that price from now on."""
        if self.prices and self.prices[-1] == price:
            return
        self.seen += 1
        if self.seen % self.every:
            return
        self.times.append(now)
        self.prices.append(price)
        if len(self.times) > MOST_POINTS:
            self.every *= 2
            del self.times[1::2], self.prices[1::2]


@attrs.frozen
class Analysis:
    """All of it. ``left_out`` are parents that are in no total, and why; ``done`` and ``paths`` are
    each parent's executions and the price's path, by ref."""

    parents: tuple[ParentCost, ...]
    venues: tuple[VenueCost, ...]
    total: TotalCost
    left_out: dict[str, str]
    done: dict[str, list[Done]]
    paths: dict[str, PricePath]


def analysis(
    directory: Path, refs: Sequence[str] = (), *, with_paths: bool = False
) -> Analysis | None:
    """The analysis of the parents ``refs`` (none: of all that the router sends), or None where the
    journal holds no records. Raises JournalCorrupt and JournalError as a replay does."""
    engine, watch = Engine(), _Watch(with_paths)
    now = 0
    for record in records(directory):
        try:
            value = inputs.decode(record.payload)
        except msgspec.MsgspecError as error:
            reason = f"record {record.index} is no input that this version knows: {error}"
            raise JournalCorrupt(str(record.segment), record.offset, reason) from None
        now = record.time_ns
        out = engine.step(now, value)
        watch.look(engine.state, now, out)
        if record.index % _PACK_EVERY == 0:
            engine.pack(now)
    if not now:
        return None
    return watch.analysis(engine.state, now, refs)


class _Watch:
    """What is noted on the way."""

    def __init__(self, with_paths: bool) -> None:
        self._with_paths: Final = with_paths
        self._known: set[str] = set()
        self._live: set[str] = set()
        self._sendings: dict[str, Sending] = {}
        self._middles: dict[str, Fixed] = {}
        self._ended: dict[str, tuple[int, Fixed]] = {}
        self._told: dict[str, tuple[Asked, list[Done]]] = {}
        self._paths: dict[str, PricePath] = {}

    def look(self, state: State, now: int, out: list[Output]) -> None:
        """After a step."""
        live = state.routed.live
        for ref in reversed(state.routed.parents):
            if ref in self._known:
                break
            self._known.add(ref)
            self._live.add(ref)
        if not self._live:
            return
        for output in out:
            if type(output) is Send and output.text.startswith(_NEW_ORDER):
                self._sent(state, now, output.cl_ord_id)
        for ref in sorted(self._live - live.keys()):
            self._live.remove(ref)
            symbol = state.routed.parents[ref].held.symbol
            self._ended[ref] = now, self._middle(state, symbol, now)
            self._told[ref] = self._facts(state, now, ref)
        if self._with_paths:
            for ref, parent in live.items():
                price = state.prices.middle(parent.held.symbol, now)
                if price:
                    self._paths.setdefault(ref, PricePath()).add(now, price)

    def _sent(self, state: State, now: int, cl_ord_id: str) -> None:
        order = state.book.by_cl_ord_id(cl_ord_id)
        parent = state.gate.parents.of(order) if order is not None else None
        if order is None or parent is None or parent.ref not in state.routed.parents:
            return
        seen = state.prices.consolidated(order.symbol, now)
        touch = seen.offer if order.buys else seen.bid
        self._sendings[cl_ord_id] = Sending(
            self._middle(state, order.symbol, now), touch or 0, _takes(state, order, now)
        )

    def _middle(self, state: State, symbol: str, now: int) -> Fixed:
        """The middle now, else the last that was looked at; 0 where there never was one."""
        found = state.prices.middle(symbol, now)
        if found:
            self._middles[symbol] = found
        return self._middles.get(symbol, 0)

    # -- what it amounts to ---------------------------------------------------------------------

    def analysis(self, state: State, now: int, refs: Sequence[str]) -> Analysis:
        """Of those that the journal knows at its end, and those that ended before."""
        for ref in state.routed.parents:
            self._told[ref] = self._facts(state, now, ref)
        told = sorted(self._told.items(), key=lambda one: one[1][0].created_ns)
        wanted = {ref: facts for ref, facts in told if not refs or ref in refs}
        costs = {ref: parent_cost(*told) for ref, told in wanted.items()}
        left_out = {
            ref: cost.note or f"no rate of {cost.currency} is known"
            for ref, cost in costs.items()
            if cost.shortfall is None or not wanted[ref][0].rate
        }
        base = state.settings.engine.base_currency
        return Analysis(
            parents=tuple(costs.values()),
            venues=tuple(venue_costs(wanted.values())),
            total=total_cost([(*wanted[ref], cost) for ref, cost in costs.items()], base),
            left_out=left_out,
            done={ref: done for ref, (_, done) in wanted.items()},
            paths={ref: path for ref, path in self._paths.items() if ref in wanted},
        )

    def _facts(self, state: State, now: int, ref: str) -> tuple[Asked, list[Done]]:
        parent = state.routed.parents[ref]
        held, prices = parent.held, state.prices
        currency = prices.currency(held.symbol)
        ended_ns, last_px = self._ended.get(ref) or (0, self._middle(state, held.symbol, now))
        asked = Asked(
            ref=ref,
            account=held.account,
            strategy=held.strategy,
            symbol=held.symbol,
            currency=currency,
            multiplier=prices.multiplier(held.symbol),
            rate=prices.rate(currency),
            side=held.side,
            policy=parent.policy,
            ord_status=parent.ord_status(),
            order_qty=held.order_qty,
            arrival_px=parent.arrival_px,
            last_px=last_px,
            created_ns=parent.created_ns,
            ended_ns=ended_ns,
            children=len(held.children),
            decisions=parent.number,
        )
        return asked, self._done(state, held.children)

    def _done(self, state: State, children: dict[str, None]) -> list[Done]:
        """The effective executions of the children, by time."""
        found: list[Done] = []
        for reference in children:
            order = state.book.by_cl_ord_id(reference)
            if order is None:
                continue
            sending = self._sendings.get(reference) or Sending(0, 0, _takes(state, order, 0))
            for version, qty, trade in order.executions.counted():
                # A split has changed the quantity: what was paid is what it was.
                px = version.px if qty == version.qty else version.px * version.qty // max(qty, 1)
                found.append(
                    Done(
                        time_ns=trade.time or order.created_ns,
                        venue=order.venue,
                        child=reference,
                        qty=qty,
                        px=px,
                        takes=sending.takes,
                        middle=sending.middle,
                        touch=sending.touch,
                        fee=_fee(state, order, qty, px, sending.takes),
                    )
                )
        return sorted(found)


def _takes(state: State, order: Order, now: int) -> bool:
    """Whether it takes: by its terms, or by what its venue shows."""
    terms = order.first.terms
    if way_of(terms) == TAKES:
        return True
    book = state.quotes.of(order.venue, order.symbol)
    if book is None or terms.price is None or terms.stop_px is not None:
        return False
    touch = book.offer if order.buys else book.bid
    if touch is None or book.state(now, state.prices.max_age_ns) != FRESH:
        return False
    return terms.price >= touch if order.buys else terms.price <= touch


def _fee(state: State, order: Order, qty: Fixed, px: Fixed, takes: bool) -> Notional:
    """What the tariff makes of an execution; nothing where the venue is not configured any more."""
    terms = state.contracts.get((order.symbol, order.venue))
    venue = state.settings.venues.get(order.venue)
    fees = terms.fees if terms is not None else venue.fees if venue is not None else NO_FEES
    unit, part = (fees.taker, fees.taker_bps) if takes else (fees.maker, fees.maker_bps)
    value = qty * px * state.prices.multiplier(order.symbol) // SCALE
    return qty * unit + value * part // (SCALE * _BASIS_POINTS)
