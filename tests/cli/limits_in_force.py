"""Limits that an engine of the tests has in force, and how it tells of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fix_oms.model.limits import Limit
from fix_oms.model.settings_text import plain_limit
from fix_oms.model.units import SCALE
from fix_oms.model.views import LimitView
from tests.cli.conftest import Shell

CONFIG = Path(__file__).parents[2] / "config"

SIZE = Limit(control="max_order_qty", limit=10_000 * SCALE)
TICKET = Limit(
    control="max_order_value",
    id="ticket",
    limit=20_000 * SCALE,
    strategy="pairs",
    soft=True,
    note="ask Ann",
)
RATE = Limit(control="message_rate", limit=500 * SCALE, per=("account", "symbol"), window_s=2)
LOOP = Limit(control="flip_flop", limit=3 * SCALE)
ALL = (SIZE, TICKET, RATE, LOOP)


def view(limit: Limit, **changes: Any) -> LimitView:
    shown: dict[str, Any] = {
        "name": limit.name,
        "control": limit.control,
        "limit": limit.text,
        "scope": ", ".join(f"{k} {v}" for k, v in limit.scope.items()) or "everything",
        "soft": limit.soft,
        "source": "configuration",
        "note": limit.note,
        "refused": 0,
        "found": {},
        "latched": (),
        "override": "",
        "plain": plain_limit(limit),
    }
    return LimitView(**(shown | changes))


def told() -> list[LimitView]:
    """The limits above, with something to tell of each."""
    return [
        view(SIZE, refused=2),
        view(TICKET, override="by ann, 1 use until 09:05:00"),
        view(RATE, found={f"account A{n}, symbol AAPL": str(n) for n in range(7)}),
        view(LOOP, latched=("account DESK, symbol AAPL is stopped by flip_flop (4, not 3)",)),
    ]


def complete(shell: Shell) -> None:
    """The shell's configuration is the demo's: all that it names is defined."""
    text = (CONFIG / "demo.toml").read_text().replace('"var/fix-oms.sock"', '"fix-oms.sock"')
    shell.config.write_text(text)
