"""What it cost to trade: the figures of transaction cost analysis, from what was executed.

**Implementation shortfall** (Perold, "The Implementation Shortfall: Paper versus Reality", Journal
of Portfolio Management 14 (3), 1988) is what a parent order has cost against a paper portfolio that
bought, or sold, all of it at once and for nothing at the *arrival price*: the middle of the best
bid and offer when the parent came. With side = 1 for a buy and -1 for a sale it has three parts:

    price        side x (average price - arrival price) x filled
    opportunity  side x (last price - arrival price) x (OrderQty - filled)
    fees         by the venues' tariffs; below 0 they are rebates

all of it money, and in basis points of the paper portfolio's value, arrival price x OrderQty. More
is worse, below 0 is a gain. The *last price* is the middle when the parent ended, or that of the
journal's end for one that still works. OrderQty(38) is the last that was agreed to.

**Effective spread** is twice the distance of the execution's price from the middle when the order
was sent, side x 2 x (price - middle), by quantity, in basis points of the middle (SEC Rule 605 of
Regulation NMS, 17 CFR 242.600(b); there of marketable orders, when they were received). What waits
and is filled earns the spread: then it is below 0.

**Against the touch** is side x (price - touch) in basis points of the touch: the best price of the
other side, over all venues, when the order was sent. Taking at once would have cost at least 0;
below 0 is better than what could be had.

Everything is exact until the last division, which is rounded half to even at 8 places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from fix_oms.model.units import SCALE, Fixed, Notional, average

_BASIS_POINTS: Final = 10_000


class Done(NamedTuple):
    """One execution of a child. ``middle`` and ``touch`` are those when the child was sent (0:
    there was none), ``fee`` is that of the tariff."""

    time_ns: int
    venue: str
    child: str
    qty: Fixed
    px: Fixed
    takes: bool
    middle: Fixed
    touch: Fixed
    fee: Notional


class Asked(NamedTuple):
    """What a parent was, and where it stands. ``ended_ns`` is 0 while it works; ``last_px`` 0 where
    nobody knows. ``rate`` is the currency's in the base currency (0: none is known)."""

    ref: str
    account: str
    strategy: str
    symbol: str
    currency: str
    multiplier: Fixed
    rate: Fixed
    side: str
    policy: str
    ord_status: str
    order_qty: Fixed
    arrival_px: Fixed
    last_px: Fixed
    created_ns: int
    ended_ns: int
    children: int
    decisions: int


class ParentCost(msgspec.Struct, frozen=True, kw_only=True):
    """One parent. Money is in ``currency``; what cannot be said is None, and ``note`` says why.

    ``fill_rate`` is the share of OrderQty(38) that filled; ``took_qty`` what of it took.
    ``lasted_ns`` is from its coming to its end, else to its last execution.
    """

    ref: str
    account: str
    strategy: str
    symbol: str
    currency: str
    side: str
    policy: str
    ord_status: str
    order_qty: Fixed
    cum_qty: Fixed
    took_qty: Fixed
    fill_rate: Fixed
    arrival_px: Fixed
    avg_px: Fixed
    last_px: Fixed
    paper: Notional
    price_cost: Notional | None
    opportunity_cost: Notional | None
    fees: Notional
    shortfall: Notional | None
    price_bps: Fixed | None
    opportunity_bps: Fixed | None
    fees_bps: Fixed | None
    shortfall_bps: Fixed | None
    effective_spread_bps: Fixed | None
    touch_bps: Fixed | None
    children: int
    fills: int
    venues: tuple[str, ...]
    decisions: int
    created_ns: int
    ended_ns: int
    lasted_ns: int
    note: str = ""


class VenueCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the parents' children have executed at one venue; money is in the base currency."""

    venue: str
    children: int
    fills: int
    took: Notional
    posted: Notional
    value: Notional
    fees: Notional
    fees_bps: Fixed | None
    effective_spread_bps: Fixed | None
    touch_bps: Fixed | None


class TotalCost(msgspec.Struct, frozen=True, kw_only=True):
    """All parents that have a shortfall, in the base currency; bps are of their paper value, and
    ``fill_rate`` is by it."""

    parents: int
    currency: str
    paper: Notional
    filled: Notional
    fill_rate: Fixed
    price_cost: Notional
    opportunity_cost: Notional
    fees: Notional
    shortfall: Notional
    price_bps: Fixed | None
    opportunity_bps: Fixed | None
    fees_bps: Fixed | None
    shortfall_bps: Fixed | None
    effective_spread_bps: Fixed | None
    touch_bps: Fixed | None
    children: int
    fills: int


_TOLD_AS_ASKED: Final = sorted({*ParentCost.__struct_fields__} & {*Asked._fields})


def sign_of(side: str) -> int:
    """1 for a buy, -1 for a sale."""
    return 1 if side in ("1", "3") else -1


def bps(part: Notional, whole: Notional) -> Fixed | None:
    """Basis points; None of nothing."""
    return average(part * _BASIS_POINTS * SCALE, whole) if whole > 0 else None


def spread_bps(side: int, done: Iterable[Done]) -> Fixed | None:
    """The effective spread of executions whose middle is known."""
    known = [one for one in done if one.middle]
    paid = sum(2 * side * (one.px - one.middle) * one.qty for one in known)
    return bps(paid, sum(one.middle * one.qty for one in known))


def touch_bps(side: int, done: Iterable[Done]) -> Fixed | None:
    """How much worse than the touch the executions were whose touch is known."""
    known = [one for one in done if one.touch]
    paid = sum(side * (one.px - one.touch) * one.qty for one in known)
    return bps(paid, sum(one.touch * one.qty for one in known))


def parent_cost(asked: Asked, done: list[Done]) -> ParentCost:
    """The figures of one parent from its executions."""
    side = sign_of(asked.side)
    filled = sum(one.qty for one in done)
    notional = sum(one.qty * one.px for one in done)
    paper = _money(asked.arrival_px * asked.order_qty, asked.multiplier)
    fees = sum(one.fee for one in done)
    price, missed = _parts(asked, filled, notional)
    whole = None if price is None or missed is None else price + missed + fees
    last_ns = asked.ended_ns or max((one.time_ns for one in done), default=0)
    told = {name: getattr(asked, name) for name in _TOLD_AS_ASKED}
    return ParentCost(
        **told,
        cum_qty=filled,
        took_qty=sum(one.qty for one in done if one.takes),
        fill_rate=filled * SCALE // asked.order_qty,
        avg_px=average(notional, filled),
        paper=paper,
        price_cost=price,
        opportunity_cost=missed,
        fees=fees,
        shortfall=whole,
        price_bps=None if price is None else bps(price, paper),
        opportunity_bps=None if missed is None else bps(missed, paper),
        fees_bps=bps(fees, paper),
        shortfall_bps=None if whole is None else bps(whole, paper),
        effective_spread_bps=spread_bps(side, done),
        touch_bps=touch_bps(side, done),
        fills=len(done),
        venues=tuple(dict.fromkeys(one.venue for one in done)),
        lasted_ns=max(0, last_ns - asked.created_ns) if last_ns else 0,
        note=_note(asked, price, missed),
    )


def _parts(
    asked: Asked, filled: Fixed, notional: Notional
) -> tuple[Notional | None, Notional | None]:
    """What the price has cost, and the opportunity; None where nobody knows."""
    side, arrival, last = sign_of(asked.side), asked.arrival_px, asked.last_px
    rest = max(0, asked.order_qty - filled)
    if not arrival:
        return None, None
    price = _money(side * (notional - arrival * filled), asked.multiplier)
    if rest and not last:
        return price, None
    return price, _money(side * (last - arrival) * rest, asked.multiplier)


def _note(asked: Asked, price: Notional | None, missed: Notional | None) -> str:
    if price is None:
        return "no bid and offer when it came: no arrival price"
    if missed is None:
        return "no bid and offer at its end: the rest cannot be priced"
    return "" if asked.ended_ns else "it still works"


def _money(notional: Notional, multiplier: Fixed) -> Notional:
    return notional * multiplier // SCALE


def venue_costs(parents: Iterable[tuple[Asked, list[Done]]]) -> list[VenueCost]:
    """What was done at each venue, by those whose currency has a rate; most value first."""
    found: dict[str, _Venue] = {}
    for asked, done in parents:
        if asked.rate:
            for one in done:
                found.setdefault(one.venue, _Venue(one.venue)).add(asked, one)
    return sorted((v.cost() for v in found.values()), key=lambda v: (-v.value, v.venue))


class _Venue:
    """The sums of one venue."""

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.children: set[tuple[str, str]] = set()
        self.fills = 0
        self.took: Notional = 0
        self.posted: Notional = 0
        self.fees: Notional = 0
        self.spread = [0, 0]
        self.touch = [0, 0]

    def add(self, asked: Asked, one: Done) -> None:
        side, worth = sign_of(asked.side), asked.multiplier * asked.rate
        value = one.qty * one.px * worth // (SCALE * SCALE)
        self.children.add((asked.ref, one.child))
        self.fills += 1
        if one.takes:
            self.took += value
        else:
            self.posted += value
        self.fees += one.fee * asked.rate // SCALE
        if one.middle:
            self.spread[0] += 2 * side * (one.px - one.middle) * one.qty * worth
            self.spread[1] += one.middle * one.qty * worth
        if one.touch:
            self.touch[0] += side * (one.px - one.touch) * one.qty * worth
            self.touch[1] += one.touch * one.qty * worth

    def cost(self) -> VenueCost:
        value = self.took + self.posted
        return VenueCost(
            venue=self.name,
            children=len(self.children),
            fills=self.fills,
            took=self.took,
            posted=self.posted,
            value=value,
            fees=self.fees,
            fees_bps=bps(self.fees, value),
            effective_spread_bps=bps(*self.spread),
            touch_bps=bps(*self.touch),
        )


def total_cost(parents: Iterable[tuple[Asked, list[Done], ParentCost]], base: str) -> TotalCost:
    """The sum of those that have a shortfall, and whose currency has a rate."""
    held = [(a, d, c) for a, d, c in parents if c.shortfall is not None and a.rate]

    def summed(name: str) -> Notional:
        return sum((getattr(cost, name) or 0) * asked.rate // SCALE for asked, _, cost in held)

    names = ("paper", "price_cost", "opportunity_cost", "fees", "shortfall")
    paper, price, missed, fees, whole = map(summed, names)
    sums = _Venue("")
    filled = 0
    for asked, done, cost in held:
        worth = asked.multiplier * asked.rate
        filled += cost.arrival_px * cost.cum_qty * worth // (SCALE * SCALE)
        for one in done:
            sums.add(asked, one)
    return TotalCost(
        parents=len(held),
        currency=base,
        paper=paper,
        filled=filled,
        fill_rate=average(filled * SCALE, paper),
        price_cost=price,
        opportunity_cost=missed,
        fees=fees,
        shortfall=whole,
        price_bps=bps(price, paper),
        opportunity_bps=bps(missed, paper),
        fees_bps=bps(fees, paper),
        shortfall_bps=bps(whole, paper),
        effective_spread_bps=bps(*sums.spread),
        touch_bps=bps(*sums.touch),
        children=sum(asked.children for asked, _, _ in held),
        fills=sums.fills,
    )
