"""Contract specifications in Decimals, and rounding the safe way.

    spec = oms.contract_specs("AAPL", "ALPHA")
    spec.round_price("10.0179", buys=True)    # 10.01: a buy never pays more than was said
    spec.round_price("10.0179", buys=False)   # 10.02: a sale never fetches less
    spec.round_amount("-1250.7")              # -1250: never more than was said
    spec.amount_for("10000", "10.01")         # 999: what the money buys at most
    spec.notional("-100", "10.01")            # 1001: price x quantity x multiplier
    spec.allowed("-1250.7", "10.01")          # what of it may be sent as one order, or 0

Numbers may be given as Decimal, int or text; a float has no exact value and is refused (TypeError).
The arithmetic is the engine's own (``market.contracts``): what is rounded here is taken there.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs

from fix_oms.client.translate import money
from fix_oms.market.contracts import TradingTerms
from fix_oms.model.routing import Fees
from fix_oms.model.settings import Instrument
from fix_oms.model.talk_contracts import ContractView
from fix_oms.model.units import Fixed, from_decimal, to_decimal

Number = Decimal | int | str
"""An exact number, as it may be given."""


@attrs.frozen(kw_only=True)
class Contract:
    """What holds for a symbol at a venue. Bounds that are not set are 0. ``market_orders``,
    ``stop_orders`` and ``replace`` say what can be sent there; where there are no market orders one
    becomes a limit at most ``market_order_bps`` beyond the touch (0: it is refused)."""

    symbol: str
    venue: str
    session: str
    currency: str
    tick: Decimal
    lot: Decimal
    multiplier: Decimal
    min_qty: Decimal
    max_qty: Decimal
    min_notional: Decimal
    market_orders: bool
    stop_orders: bool
    replace: bool
    market_order_bps: Decimal
    terms: TradingTerms = attrs.field(repr=False, eq=False)

    def round_price(self, price: Number, *, buys: bool) -> Decimal:
        """The nearest price of the tick that is no worse: down for a buy, up for a sale."""
        return to_decimal(self.terms.price(from_decimal(price), buys))

    def round_amount(self, amount: Number) -> Decimal:
        """The most whole lots within it, of the same sign."""
        return _signed(amount, self.terms.quantity)

    def allowed(self, amount: Number, price: Number) -> Decimal:
        """What of it may be sent as one order at this price: whole lots within all bounds, or 0."""
        px = from_decimal(price)
        return _signed(amount, lambda qty: self.terms.allowed(qty, px))

    def amount_for(self, value: Number, price: Number) -> Decimal:
        """The most whole lots that cost no more at a price above 0; of the value's sign."""
        px = from_decimal(price)
        if px <= 0:
            raise ValueError(f"price {price}: must be above 0")
        return _signed(value, lambda of: self.terms.quantity_for(of, px))

    def least(self, price: Number) -> Decimal:
        """The smallest quantity that is taken at this price; 0 where none can be."""
        return to_decimal(self.terms.least(from_decimal(price)))

    def notional(self, amount: Number, price: Number) -> Decimal:
        """What so much is worth: |amount| x |price| x multiplier, exact to 10^-16."""
        return money(self.terms.value(abs(from_decimal(amount)), from_decimal(price)))


def _signed(amount: Number, rounded: Callable[[Fixed], Fixed]) -> Decimal:
    value = from_decimal(amount)
    found = rounded(abs(value))
    return to_decimal(found if value >= 0 else -found)


def contract_of(view: ContractView) -> Contract:
    """The specification that the engine tells."""
    instrument = Instrument(
        symbol=view.symbol,
        venues=(view.venue,),
        tick=view.tick,
        lot=view.lot,
        currency=view.currency,
        multiplier=view.multiplier,
        min_qty=view.min_qty or None,
        max_qty=view.max_qty or None,
        min_notional=view.min_notional or None,
    )
    fees = Fees(
        taker=view.taker, maker=view.maker, taker_bps=view.taker_bps, maker_bps=view.maker_bps
    )
    return Contract(
        symbol=view.symbol,
        venue=view.venue,
        session=view.session,
        currency=view.currency,
        tick=to_decimal(view.tick),
        lot=to_decimal(view.lot),
        multiplier=to_decimal(view.multiplier),
        min_qty=to_decimal(view.min_qty),
        max_qty=to_decimal(view.max_qty),
        min_notional=to_decimal(view.min_notional),
        market_orders=view.market_orders,
        stop_orders=view.stop_orders,
        replace=view.replace,
        market_order_bps=to_decimal(view.market_order_bps),
        terms=TradingTerms(instrument, view.venue, fees),
    )
