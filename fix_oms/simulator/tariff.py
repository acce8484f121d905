"""What an execution costs by a venue's tariff, as money."""

from __future__ import annotations

from typing import Final

from fix_oms.model.routing import Fees
from fix_oms.model.units import SCALE, Fixed, average

_BASIS_POINTS: Final = 10_000


def cost(fees: Fees, quantity: Fixed, price: Fixed, *, is_maker: bool) -> Fixed:
    """Of ``quantity`` at ``price``; below 0 is a rebate. Rounded once, half to even at 8 places."""
    per_unit, bps = (fees.maker, fees.maker_bps) if is_maker else (fees.taker, fees.taker_bps)
    exact = per_unit * quantity * SCALE * _BASIS_POINTS + bps * quantity * price
    return average(exact, SCALE * SCALE * _BASIS_POINTS)
