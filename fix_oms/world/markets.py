"""What a routed parent meets in a world: books of different depth, tariffs, a dark venue, policies.

Drawn from a stream of their own, so that whatever else a seed makes of a world stays as it is.
"""

from __future__ import annotations

import random
from typing import Any, Final

from fix_oms.model.routing import BEST, DARK, DIRECT, POST, PRO_RATA, SPLIT, SWEEP, Fees
from fix_oms.model.settings_text import structure
from fix_oms.model.units import SCALE
from fix_oms.simulator.settings import Level

TARIFFS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"taker": "0.003", "maker": "-0.002"},
    {"taker": "-0.001", "maker": "0.002"},
    {"taker_bps": "1", "maker_bps": "0.5"},
)
NEAREST: Final = (3, 4, 5)
"""How many ticks from the middle a venue's best level may lie."""
DEPTHS: Final = (10, 20, 40)
"""How much may be shown there: every symbol's lot goes into it."""


def drawn_policies(draw: random.Random) -> dict[str, dict[str, Any]]:
    """A policy of each kind, and some that are hard to please. Their times are a world's: short."""
    skip = draw.choice((0, 1, 2))
    policies: dict[str, dict[str, Any]] = {
        f"w_{kind}": {"kind": kind, "skip_s": skip, "rework_s": draw.choice((0, 0, 1))}
        for kind in (SWEEP, BEST, POST, PRO_RATA, SPLIT, DARK, DIRECT)
    }
    policies["w_dark"] |= {"rest": draw.choice(("post", "sweep")), "dark_unit": "10"}
    policies["stops"] = {"kind": draw.choice((SWEEP, BEST, PRO_RATA)), "rest": "stop", "skip_s": 1}
    policies["tries"] = {"kind": draw.choice((POST, SWEEP)), "max_reroutes": 2, "skip_s": 0}
    policies["reworks"] = {"kind": POST, "rework_s": 1, "skip_s": 0, "max_reroutes": 100}
    return policies


def drawn_fees(draw: random.Random, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Each venue's tariff, which it charges and the router knows."""
    return {name: draw.choice(TARIFFS) for name in names}


def fees_of(tariff: dict[str, str]) -> Fees:
    """A tariff as the venue has it."""
    return structure(Fees, tariff, "tariff")


def drawn_levels(
    draw: random.Random, price: int, tick: int
) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """A venue's own bids and offers: a thin best level, and depth behind it."""
    away, size = draw.choice(NEAREST), draw.choice(DEPTHS)
    ladder = ((away, size), (7, 100), (10, 200))
    bids, asks = (
        tuple(Level(price=price + way * n * tick, size=qty * SCALE) for n, qty in ladder)
        for way in (-1, 1)
    )
    return bids, asks
