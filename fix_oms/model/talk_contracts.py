"""The control socket's messages about contract specifications: what each venue asks of an order."""

from __future__ import annotations

import msgspec

from fix_oms.model.talk import Tagged
from fix_oms.model.units import Fixed


class ContractView(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a symbol at a venue (``market.contracts``). Bounds that are not set are 0.

    Rates of fees are those of ``routing.Fees``. The last four say what the session there can carry,
    ``market_order_bps`` what a market order becomes where it carries none (0: it is refused).
    """

    symbol: str
    venue: str
    session: str
    currency: str
    tick: Fixed
    lot: Fixed
    multiplier: Fixed
    min_qty: Fixed = 0
    max_qty: Fixed = 0
    min_notional: Fixed = 0
    taker: Fixed = 0
    maker: Fixed = 0
    taker_bps: Fixed = 0
    maker_bps: Fixed = 0
    market_orders: bool = True
    stop_orders: bool = True
    replace: bool = True
    market_order_bps: Fixed = 0


class GetContracts(Tagged, frozen=True, kw_only=True, tag="contracts"):
    """All contract specifications. Answered by :class:`Contracts`."""


class Contracts(Tagged, frozen=True, kw_only=True, tag="contracts"):
    """By symbol as configured, of each in the order of its venues; and who an order is of that
    names no account."""

    contracts: tuple[ContractView, ...]
    default_account: str
