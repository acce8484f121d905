"""What a hedge owes and what it has, in exact numbers.

The quantity to be hedged is worked out from all that the maker has executed, and not fill by fill,
so nothing drifts, whatever the ratio:

    target = ratio x executed x maker multiplier / hedge multiplier     (rounded down to 10^-8)
    target = hedged + open + carried + uncovered                         (DESIGN, invariant 7)

``hedged`` is what hedge orders have executed less what was unwound. ``open`` is what they could
still fill, in doubt or not, less what unwinding orders could. What was sold back of the maker
(``flatten``), and what orders that do so may still fill, is taken off ``executed``. ``carried`` is
the hedge's own part of the shared balance. ``uncovered`` is what is left: below 0, too much is
hedged.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from fix_oms.algos.carried import CarryKey
from fix_oms.model.units import Fixed

if TYPE_CHECKING:
    from fix_oms.algos.algo import Desk, Mine
    from fix_oms.algos.hedge import Hedge

MAKER: Final = "maker"
HEDGE: Final = "hedge"
UNWIND: Final = "unwind"
FLATTEN: Final = "flatten"
"""The legs, by which their orders are named."""
BUY: Final = "1"
SELL: Final = "2"
MOST_AT_ONCE: Final = 50
"""So many orders may leave at one event; the rest at the next."""
_BUYS: Final = frozenset({"1", "3"})
_RATIO: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,8})?(?:/[0-9]{1,9})?", re.ASCII)


class Sums(NamedTuple):
    """As of one moment; quantities are the hedge's, but for ``executed`` (the maker's, less what
    was sold back), ``flattening`` (what is about to be sold back) and ``provisional`` (of the
    maker). ``orders`` are those that may fill, by leg, oldest first. ``told`` is what would have to
    be hedged beside, were provisional executions proven. ``balance`` is all of the shared one."""

    executed: Fixed
    flattening: Fixed
    provisional: Fixed
    target: Fixed
    told: Fixed
    hedged: Fixed
    open_qty: Fixed
    unwinding: Fixed
    carried: Fixed
    balance: Fixed
    uncovered: Fixed
    orders: dict[str, list[Mine]]


def ratio_of(text: str) -> Fraction:
    """The exact ratio. Raises ValueError, with the reason."""
    if not _RATIO.fullmatch(text):
        raise ValueError(f'{text!r} is no ratio: write "1", "0.5" or "1/3"')
    above, _, below = text.partition("/")
    if below and not int(below):
        raise ValueError(f"{text!r} divides by 0")
    found = Fraction(above) / (int(below) if below else 1)
    if not found:
        raise ValueError("a ratio is greater than 0")
    return found


@lru_cache(maxsize=256)
def factor(ratio: str, maker_multiplier: Fixed, hedge_multiplier: Fixed) -> Fraction:
    """How much is to be hedged of each unit that the maker executes."""
    return ratio_of(ratio) * Fraction(maker_multiplier, hedge_multiplier)


def factor_of(hedge: Hedge, desk: Desk) -> Fraction:
    """The same, of one hedge."""
    if hedge.by == "quantity":
        return factor(hedge.ratio, 1, 1)
    maker = desk.terms(hedge.maker_symbol, hedge.maker_venue)
    cover = desk.terms(hedge.hedge_symbol, hedge.hedge_venue)
    return factor(hedge.ratio, maker.multiplier, cover.multiplier)


def scaled(qty: Fixed, by: Fraction) -> Fixed:
    """So many times the quantity, rounded down."""
    return qty * by.numerator // by.denominator


def buys(hedge: Hedge) -> bool:
    """Whether what covers the maker buys."""
    maker_buys = hedge.maker_side in _BUYS
    return maker_buys if hedge.hedge_side == "same" else not maker_buys


def side_of(*, buys: bool) -> str:
    return BUY if buys else SELL


def key_of(hedge: Hedge, desk: Desk) -> CarryKey:
    """Which shared balance it carries in."""
    account = hedge.hedge_account or desk.account
    return CarryKey(account, hedge.hedge_venue, hedge.hedge_symbol, side_of(buys=buys(hedge)))


def sums_of(hedge: Hedge, desk: Desk) -> Sums:
    """What it owes and has, by what its orders have come to."""
    orders: dict[str, list[Mine]] = {MAKER: [], HEDGE: [], UNWIND: [], FLATTEN: []}
    for mine in desk.working():
        orders[mine.name.rstrip("0123456789")].append(mine)
    provisional = sum([mine.provisional for mine in orders[MAKER]])
    executed = desk.executed(MAKER)[0] - desk.executed(FLATTEN)[0]
    flattening = sum([mine.open_qty for mine in orders[FLATTEN]])
    by = factor_of(hedge, desk)
    counted = executed - flattening + (provisional if hedge.provisional else 0)
    target = scaled(counted, by)
    told = 0 if hedge.provisional else scaled(counted + provisional, by) - target
    hedged = desk.executed(HEDGE)[0] - desk.executed(UNWIND)[0]
    open_qty = sum([mine.open_qty for mine in orders[HEDGE]])
    unwinding = sum([mine.open_qty for mine in orders[UNWIND]])
    balance, carried = desk.carried(key_of(hedge, desk))
    return Sums(
        executed=executed,
        flattening=flattening,
        provisional=provisional,
        target=target,
        told=told,
        hedged=hedged,
        open_qty=open_qty,
        unwinding=unwinding,
        carried=carried,
        balance=balance,
        uncovered=target - hedged - open_qty + unwinding - carried,
        orders=orders,
    )


class Parcels(NamedTuple):
    """A quantity as orders that a venue takes (the first ``MOST_AT_ONCE`` of them), and what is too
    little for one: below 0 where one was rounded up."""

    sent: tuple[Fixed, ...]
    rest: Fixed


def parcels(qty: Fixed, lot: Fixed, least: Fixed, most: Fixed, *, up: bool = False) -> Parcels:
    """So much (0 or more) in whole lots, none below ``least`` or above ``most`` (0: no bound);
    ``up``: what would be left goes as one more order of the least."""
    whole, count = qty // lot * lot, 0
    if most and whole > most:
        most = most // lot * lot
        count, whole = divmod(whole, most)
    tail = whole if whole >= least else 0
    rest = qty - count * most - tail
    if up and rest > 0:
        rest -= least
        sent = [most] * min(count, MOST_AT_ONCE) + ([tail] if tail else []) + [least]
    else:
        sent = [most] * min(count, MOST_AT_ONCE) + ([tail] if tail else [])
    return Parcels(tuple(sent[:MOST_AT_ONCE]), rest)
