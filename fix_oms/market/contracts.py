"""What a venue asks of orders in an instrument, and how to round to it the safe way.

An instrument's table says tick, lot and bounds; ``at.VENUE`` says what one venue asks otherwise
(contract specifications). :func:`contracts` works out what holds at each venue, once:

    terms = contracts(settings)["AAPL", "ALPHA"]
    terms.price(fixed("10.0179"), buys=True)      # 10.01: a buy never pays more than was said
    terms.price(fixed("10.0179"), buys=False)     # 10.02: a sale never fetches less
    terms.quantity(fixed("1250.7"))               # 1250: no more than was said
    terms.quantity_for(fixed("10000"), px)        # what the money buys at most
    terms.least(px)                               # the smallest order that the venue takes
    terms.allowed(fixed("1250.7"), px)            # what of it may be sent as one order, or 0

Prices, quantities and money are :data:`~fix_oms.model.units.Fixed`; ``fixed`` makes them from text,
``to_decimal`` makes them Decimals. All are exact: no float is near.
"""

from __future__ import annotations

from typing import Final, final

import attrs

from fix_oms.model.routing import Contract, Fees
from fix_oms.model.settings import Instrument, Settings
from fix_oms.model.units import PLACES, SCALE, Fixed, Notional

Contracts = dict[tuple[str, str], "TradingTerms"]
"""By symbol and venue."""


@final
class TradingTerms:
    """What holds for a symbol at a venue. Bounds that are not set are 0.

    ``instrument`` is the instrument's table as it reads at this venue. ``price_places`` and
    ``qty_places`` are the decimal places that prices and quantities can have.
    """

    __slots__ = (
        "fees",
        "instrument",
        "lot",
        "max_qty",
        "min_notional",
        "min_qty",
        "multiplier",
        "price_places",
        "qty_places",
        "symbol",
        "tick",
        "venue",
    )

    def __init__(self, instrument: Instrument, venue: str, fees: Fees) -> None:
        self.symbol: Final[str] = instrument.symbol
        self.venue: Final = venue
        self.instrument: Final = instrument
        self.tick: Final[Fixed] = instrument.tick
        self.lot: Final[Fixed] = instrument.lot
        self.min_qty: Final[Fixed] = instrument.min_qty or 0
        self.max_qty: Final[Fixed] = instrument.max_qty or 0
        self.min_notional: Final[Fixed] = instrument.min_notional or 0
        self.multiplier: Final[Fixed] = instrument.multiplier
        self.fees: Final = fees
        self.price_places: Final = places(instrument.tick)
        self.qty_places: Final = places(instrument.lot)

    def price(self, price: Fixed, buys: bool) -> Fixed:
        """The nearest price of the tick that is no worse than this one: for a buy the one below,
        for a sale the one above. It may be 0 or less where the price is below a tick."""
        tick = self.tick
        return price // tick * tick if buys else -(-price // tick) * tick

    def quantity(self, qty: Fixed) -> Fixed:
        """The most whole lots within a quantity of 0 or more."""
        return qty // self.lot * self.lot

    def quantity_for(self, money: Fixed, price: Fixed) -> Fixed:
        """The most whole lots that cost no more than ``money`` at a price above 0, fees aside."""
        return self.quantity(money * SCALE * SCALE // (price * self.multiplier))

    def least(self, price: Fixed) -> Fixed:
        """The smallest quantity that satisfies lot, ``min_qty`` and, at this price, the least
        value. At a price of 0, which is worth nothing, the value cannot be satisfied: then 0."""
        least, lot = max(self.min_qty, self.lot), self.lot
        if self.min_notional:
            worth = abs(price) * self.multiplier
            if not worth:
                return 0
            least = max(least, -(-self.min_notional * SCALE * SCALE // worth))
        return -(-least // lot) * lot

    def allowed(self, qty: Fixed, price: Fixed) -> Fixed:
        """What of a quantity may be sent as one order at this price: whole lots within the venue's
        bounds; 0 where that is none."""
        most = min(qty, self.max_qty) if self.max_qty else qty
        most, least = self.quantity(most), self.least(price)
        return most if 0 < least <= most else 0

    def value(self, qty: Fixed, price: Fixed) -> Notional:
        """What so much is worth: price x quantity x multiplier."""
        return qty * abs(price) * self.multiplier // SCALE


def contracts(settings: Settings) -> Contracts:
    """What holds for each instrument at each of its venues, and wherever ``at`` says something."""
    found: Contracts = {}
    for instrument in settings.instruments.values():
        for name in dict.fromkeys((*instrument.venues, *instrument.at)):
            own = instrument.at.get(name)
            fees = own.fees if own is not None and own.fees is not None else None
            if fees is None:
                fees = settings.venues[name].fees
            read = _with(instrument, own) if own is not None else instrument
            found[instrument.symbol, name] = TradingTerms(read, name, fees)
    return found


def read_at(known: Contracts, instrument: Instrument, venue: str) -> Instrument:
    """The instrument's table as it reads at a venue."""
    terms = known.get((instrument.symbol, venue)) if instrument.at else None
    return terms.instrument if terms is not None else instrument


def places(step: Fixed) -> int:
    """The decimal places of the multiples of a step: 2 for 0.25, 0 for 100."""
    count = PLACES
    while count and step % 10 == 0:
        step //= 10
        count -= 1
    return count


def _with(instrument: Instrument, own: Contract) -> Instrument:
    """The instrument's table with what the venue asks otherwise."""
    return attrs.evolve(
        instrument,
        tick=own.tick or instrument.tick,
        lot=own.lot or instrument.lot,
        min_qty=own.min_qty or instrument.min_qty,
        max_qty=own.max_qty or instrument.max_qty,
        min_notional=own.min_notional or instrument.min_notional,
    )
