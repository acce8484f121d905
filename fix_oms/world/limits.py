"""The limits of a world: some of all that there are, tight enough to be met.

Each row is a control with what it may be set to; ``fix_oms.model.controls`` has their units.
"""

from __future__ import annotations

import random
from typing import Any, Final

ROWS: Final[tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...]] = (
    ("max_order_qty", ("50", "150"), {}),
    ("max_order_value", ("6000", "20000"), {}),
    ("price_collar", ("1", "3"), {}),
    ("price_collar", ("1",), {"against": "last"}),
    ("market_data", ("1", "5"), {}),
    ("restricted", ("",), {"symbol": "CCC"}),
    ("permission", ("",), {"account": "HEDGE", "sides": ["buy"]}),
    ("position_limit", ("100", "300", "1000"), {"per": ["account", "symbol"]}),
    ("position_limit", ("200", "600"), {}),
    ("short_sale_locate", ("0", "60"), {}),
    ("reduce_only", ("",), {"account": "HEDGE"}),
    ("gross_notional", ("20000", "80000"), {}),
    ("net_notional", ("15000", "60000"), {}),
    ("unexecuted_value", ("15000", "50000"), {"per": ["account"]}),
    ("buying_power", ("0", "500"), {}),
    ("self_match", ("",), {"action": "refuse"}),
    ("self_match", ("",), {"action": "cancel_resting"}),
    ("self_match", ("",), {"action": "cancel_both"}),
    ("message_rate", ("5", "20"), {}),
    ("message_rate", ("3",), {"per": ["account"], "soft": True}),
    ("duplicate_order", ("1", "3"), {}),
    ("flip_flop", ("1",), {"per": ["account", "symbol"]}),
    ("round_trip_loss", ("1", "20"), {}),
    ("order_rate", ("4", "12"), {}),
    ("cancel_rate", ("1", "5"), {}),
    ("order_to_trade", ("1",), {"per": []}),
    ("repeated_execution", ("2", "5"), {}),
    ("loss_limit", ("1", "50"), {}),
    ("beyond_terms", ("0", "2"), {}),
    ("unconfirmed_fills", ("0", "3"), {}),
    ("unconfirmed_fills", ("3",), {"against": "certain"}),
    ("position_break", ("0", "20"), {}),
    ("position_feed", ("1", "5"), {}),
)
_MOST: Final = 5
"""More limits than that, and hardly an order would leave."""


def drawn_limits(draw: random.Random, profile: str) -> list[dict[str, Any]]:
    """A few of them, as a configuration says them; a calm world always has a position limit."""
    found = draw.sample(ROWS, draw.randint(0, _MOST))
    limits: list[dict[str, Any]] = []
    for control, sizes, more in found:
        limit: dict[str, Any] = {"control": control, "id": f"L{len(limits)}", **more}
        size = draw.choice(sizes)
        if size:
            limit["limit"] = size
        if "soft" not in more and control not in ("restricted",) and draw.random() < 0.2:
            limit["soft"] = True
        limits.append(limit)
    if profile == "calm" and not any(x["control"] == "position_limit" for x in limits):
        each = ["account", "symbol"]
        limits.append({"control": "position_limit", "id": "LP", "limit": "150", "per": each})
    return limits
