"""A market order at a counterparty that takes none: a limit that takes at once, within a bound.

The limit is the far touch (a buy's best offer, a sale's best bid) and at most ``market_order_bps``
beyond it, rounded to the tick towards the touch, so that the bound is never exceeded. What cannot
be had within it is canceled: a market order does not rest either. It needs a fresh, uncrossed book
of the venue itself: a price that was only stated says nothing about what can be had now, and then
the order is refused. From here on it is a limit order to every control, to the venue, and on every
screen.

It stands in the engine and not in a client, because whoever sends (a person, a program, a FIX
client, the router, an algo) means the same by a market order.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.engine.state import State
from fix_oms.model.fix import OrdRejReason, OrdType, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.settings import Instrument, Venue
from fix_oms.model.units import SCALE

_WHOLE: Final = 10_000 * SCALE
"""All of a price, in hundredths of a percent of it."""
_AT_ONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})


def is_wanted(state: State, terms: Terms, venue: Venue) -> bool:
    """Whether the order must become a limit to be sent there."""
    if terms.ord_type != OrdType.MARKET:
        return False
    session = state.settings.sessions[venue.session]
    return not session.supports.market_orders and session.market_order_bps > 0


def as_limit(
    state: State, terms: Terms, venue: Venue, instrument: Instrument, now: int
) -> Terms | Refused:
    """The market order as a marketable limit, or why there is no price for one."""
    book = state.quotes.of(venue.name, terms.symbol)
    buys = terms.side == "1"
    wrong = "missing" if book is None else book.state(now, state.prices.max_age_ns)
    touch = None if book is None else book.offer if buys else book.bid
    if touch is None or touch <= 0 or wrong != "fresh":
        what = "offer" if buys else "bid"
        why = f"it has no {what}" if wrong == "fresh" else f"its book is {wrong}"
        text = (
            f"{venue.name} takes no market orders, and there is no price of {terms.symbol} to make "
            f"a limit of: {why}"
        )
        return Refused(
            control="supports",
            text=text,
            field="OrdType(40)",
            ord_rej_reason=OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC,
        )
    beyond = touch * state.settings.sessions[venue.session].market_order_bps // _WHOLE
    tick = instrument.tick
    price = (touch + beyond) // tick * tick if buys else -(-(touch - beyond) // tick) * tick
    at_once = terms.time_in_force in _AT_ONCE
    return msgspec.structs.replace(
        terms,
        ord_type=OrdType.LIMIT.value,
        price=price,
        time_in_force=terms.time_in_force if at_once else TimeInForce.IOC.value,
    )
