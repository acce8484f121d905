"""At which price a hedge may leave: what it pays has a bound, and beyond it nothing is sent.

The bound is measured from the far touch (a buy's best offer, a sale's best bid) of the venue's
fresh book, or from the reference (the middle, else what was stated), and is so many hundredths of a
percent and ticks worse; an absolute limit is a bound beside. Where the touch is beyond the bound,
or nobody knows a price, nothing is sent: what is uncovered is told, and looked at again when the
book moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fix_oms.algos.hedge_sums import HEDGE
from fix_oms.model.fix import TimeInForce
from fix_oms.model.units import SCALE, Fixed, text_of

if TYPE_CHECKING:
    from fix_oms.algos.algo import Desk
    from fix_oms.algos.hedge import Hedge

_WHOLE: Final = 10_000 * SCALE


class Quoted(NamedTuple):
    """Price(44), None for a market order, and TimeInForce(59); or why nothing may be sent."""

    price: Fixed | None
    time_in_force: str
    wrong: str = ""


class Aim(NamedTuple):
    """What an order is to trade: where (empty: where the router sends it) and which way."""

    leg: str
    symbol: str
    venue: str
    buys: bool


def quoted(hedge: Hedge, desk: Desk, aim: Aim) -> Quoted:
    """The price of an order of that leg."""
    limit = hedge.hedge_limit if aim.leg == HEDGE else None
    if hedge.hedge_type == "limit" and aim.leg == HEDGE:
        return Quoted(limit, TimeInForce.DAY.value)
    bound, touch = _bound(hedge, desk, aim, limit)
    if bound is None:
        at = f" at {aim.venue}" if aim.venue else ""
        return Quoted(None, "", f"there is no price of {aim.symbol}{at}")
    if touch is not None and (touch > bound if aim.buys else touch < bound):
        what = "offer" if aim.buys else "bid"
        text = f"the {what} {text_of(touch)} of {aim.symbol} is beyond {text_of(bound)}"
        return Quoted(None, "", text)
    is_market = hedge.hedge_type == "market"
    return Quoted(None if is_market else bound, TimeInForce.IOC.value)


def _bound(
    hedge: Hedge, desk: Desk, aim: Aim, limit: Fixed | None
) -> tuple[Fixed | None, Fixed | None]:
    """The worst price that it may have, and the touch."""
    levels = desk.levels(aim.symbol, bids=not aim.buys, venue=aim.venue)
    touch = levels[0][0] if levels else None
    reference = desk.reference(aim.symbol)
    base = touch if hedge.slippage_from == "touch" and touch is not None else reference
    if base is None or base <= 0:
        return limit, touch
    terms = desk.terms(aim.symbol, aim.venue)
    beyond = base * hedge.slippage_bps // _WHOLE + hedge.slippage_ticks * terms.tick
    bound = terms.price(base + beyond if aim.buys else base - beyond, aim.buys)
    if limit is not None:
        bound = min(bound, limit) if aim.buys else max(bound, limit)
    return (bound, touch) if bound > 0 else (limit, touch)


def worth_of(hedge: Hedge, desk: Desk, aim: Aim) -> Fixed:
    """A price to measure a least value by, that of the order or a lower one; 0 where nobody knows
    one."""
    known = [desk.reference(aim.symbol), quoted(hedge, desk, aim).price]
    return min([price for price in known if price], default=0)
