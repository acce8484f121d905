"""What a seed makes of the world: its venues and their manners, its limits, its faults.

A *calm* world has an honest venue on a bad network: everything must come out exactly. In a *rough*
one brokers go beyond what was accepted (busts, corrections, late fills, orders by telephone): it is
counted, and nothing passes unseen. In a *lying* one reports contradict each other as well; what
was executed must come out all the same.
"""

from __future__ import annotations

import random
from typing import Any, Final

import attrs

from fix_oms.model.fix import FixVersion
from fix_oms.model.routing import POST, SWEEP
from fix_oms.model.settings import Settings
from fix_oms.model.settings_text import from_plain, to_plain
from fix_oms.model.units import SCALE
from fix_oms.simulator.settings import Behaviour, Listing, VenueSettings
from fix_oms.world.clock import SECOND, chance
from fix_oms.world.limits import drawn_limits
from fix_oms.world.markets import drawn_fees, drawn_levels, drawn_policies, fees_of

CALM, ROUGH, LYING = "calm", "rough", "lying"
SYMBOLS: Final[dict[str, tuple[str, ...]]] = {
    "AAA": ("ALPHA", "BETA", "GAMMA"),
    "BBB": ("BETA", "ALPHA"),
    "CCC": ("GAMMA",),
}
"""Symbols, and where they trade."""
LOTS: Final = {"AAA": 1, "BBB": 10, "CCC": 5}
VERSIONS: Final = {
    "ALPHA": FixVersion.FIX44,
    "BETA": FixVersion.FIX42,
    "GAMMA": FixVersion.FIX50SP2,
}
CLOSE: Final = "23:59:00"
PRICE: Final = 100 * SCALE
TICK: Final = SCALE // 100


@attrs.frozen(kw_only=True)
class Mouth:
    """How a venue speaks; shares of 1, and up to how late in ms."""

    holds: float = 0.0
    forgets: float = 0.0
    repeats: float = 0.0
    held_ms: float = 100.0
    hushes: float = 0.0
    """Of this share of orders nothing at all is said for a while."""


@attrs.frozen(kw_only=True)
class Mix:
    """One world. ``faults`` scales how often something breaks, ``routes`` how often parents are
    routed; ``gap_ms`` is between two acts."""

    seed: int
    profile: str
    settings: Settings
    plain: dict[str, Any]
    venues: dict[str, VenueSettings]
    mouths: dict[str, Mouth]
    delay_ms: tuple[float, float]
    is_power: bool
    gap_ms: float
    faults: float
    routes: float
    starts: str
    """The time of day, UTC, at which the world begins: the day closes at CLOSE."""
    closing: frozenset[str]
    """The venues that close then, and open again."""
    paces_ms: dict[str, float]
    """The shortest time between two messages of ours, by session; 0 for none."""
    packed_after_ns: int | None
    """How old a closed order is when it is packed; None: none is."""


def mix_of(seed: int) -> Mix:
    """What this seed makes of it."""
    draw = chance(seed, "mix")
    profile = draw.choices((CALM, ROUGH, LYING), (40, 35, 25))[0]
    market = chance(seed, "markets")
    plain = _plain(draw, profile)
    routes = market.choice((0.5, 1.0, 4.0))
    _add_routing(market, plain, routes)
    settings = from_plain(plain, f"world {seed}")
    slow = draw.choice((1.0, 1.0, 3.0, 20.0))
    return Mix(
        seed=seed,
        profile=profile,
        settings=settings,
        plain=to_plain(settings),
        venues={
            name: _venue(draw, market, name, seed, profile, plain["venues"][name])
            for name in VERSIONS
        },
        mouths={name: _mouth(draw, profile) for name in VERSIONS},
        delay_ms=(0.2 * slow, 2.0 * slow),
        is_power=plain["engine"]["durability"] == "power",
        gap_ms=draw.choice((8.0, 20.0, 40.0)),
        faults=draw.choice((0.0, 0.5, 1.0, 1.0, 2.0)),
        routes=routes,
        paces_ms={name: draw.choice((0.0, 0.0, 0.0, 3.0, 25.0)) for name in VERSIONS},
        packed_after_ns=draw.choice((None, 0, SECOND)),
        starts=draw.choice(("15:00:00", "23:58:55", "23:59:55")),
        closing=frozenset(
            name
            for name, session in settings.sessions.items()
            if session.silent_expiry is not None or draw.random() < 0.3
        ),
    )


def _mouth(draw: random.Random, profile: str) -> Mouth:
    hushes = 0.25 if profile == LYING else 0.0
    if draw.random() < 0.4:
        return Mouth(hushes=hushes)
    return Mouth(
        holds=draw.choice((0.0, 0.05, 0.2)),
        forgets=draw.choice((0.0, 0.0, 0.03)),
        repeats=draw.choice((0.0, 0.05, 0.2)),
        held_ms=draw.choice((20.0, 300.0, 3000.0)),
        hushes=hushes,
    )


def _add_routing(market: random.Random, plain: dict[str, Any], routes: float) -> None:
    """Tariffs, policies, books that are told, and now and then a venue that shows none."""
    plain["policies"] = drawn_policies(market)
    for name, tariff in drawn_fees(market, tuple(VERSIONS)).items():
        venue = plain["venues"][name]
        if tariff:
            venue["fees"] = tariff
        if name == "GAMMA" and market.random() < 0.2:
            venue["dark"] = True
        venue["slow_ms"] = market.choice((200, 2000))
        if market.random() < (0.9 if routes > 1 else 0.2):
            plain["sessions"][name]["supports"]["market_data"] = True
    for instrument in plain["instruments"].values():
        instrument["policy"] = f"w_{market.choice((SWEEP, POST))}"


def _venue(
    draw: random.Random,
    market: random.Random,
    name: str,
    seed: int,
    profile: str,
    ours: dict[str, Any],
) -> VenueSettings:
    bids, asks = drawn_levels(market, PRICE, TICK)
    listing = {
        symbol: Listing(lot=LOTS[symbol] * SCALE, reference=PRICE, bids=bids, asks=asks)
        for symbol, venues in SYMBOLS.items()
        if name in venues
    }
    if name == "GAMMA" and draw.random() < 0.2:
        del listing["AAA"]  # rejected there as unknown
    behaviour = Behaviour(
        ack_delay_ms=draw.choice((0, 0, 1, 30) if profile != LYING else (0, 30, 300)),
        pending_reports=draw.random() < (0.4 if profile != LYING else 0.8),
        fill_slices=draw.choice((1, 1, 3)),
        fill_interval_ms=draw.choice((0, 10)),
        auto_fill=draw.choice(("none", "none", "marketable", "limit")),
        refill_ms=draw.choice((0, 50)),
        reject_rate=draw.choice((0.0, 0.0, 0.1)),
        cancel_reject_rate=draw.choice((0.0, 0.0, 0.2)),
        rate_limit_per_s=draw.choice((0, 0, 0, 0, 20)),
        busy_answer=draw.choice(("business_reject", "reject")),
        fees=fees_of(ours.get("fees", {})),
        dark=ours.get("dark", False),
    )
    return VenueSettings(
        version=VERSIONS[name],
        port=1,
        comp_id=name,
        clients=("US", "TAKER"),
        seed=seed,
        listings=listing,
        behaviour=behaviour,
    )


def _session(draw: random.Random, name: str, number: int) -> dict[str, Any]:
    supports: dict[str, bool] = {
        "mass_status": name != "BETA" and draw.random() < 0.7,
        "mass_cancel": name != "BETA" and draw.random() < 0.7,
        "market_data": draw.random() < 0.5,
    }
    session: dict[str, Any] = {
        "version": str(VERSIONS[name]),
        "sender_comp_id": "US",
        "target_comp_id": name,
        "port": 20001 + number,
        "reconnect_s": 1,
        "answer_timeout_s": draw.choice((1, 2)),
        "cancel_on_disconnect": draw.random() < 0.2,
        "reset_on_logon": draw.random() < 0.1,
        "supports": supports,
    }
    if draw.random() < 0.3:
        supports["expired"] = False
        session["silent_expiry"] = {
            "by": "ann",
            "close": CLOSE,
            "timezone": "UTC",
            "grace_s": 4,
            "weekdays": [0, 1, 2, 3, 4, 5, 6],
        }
    return session


def _plain(draw: random.Random, profile: str) -> dict[str, Any]:
    hours = {"timezone": "UTC", "logon": "00:00", "logout": CLOSE}
    return {
        "engine": {
            "default_account": "DESK",
            "durability": draw.choice(("power", "process")),
            "market_buffer_pct": "5",
        },
        "sessions": {name: _session(draw, name, n) for n, name in enumerate(VERSIONS)},
        "venues": {
            name: {"session": name} | ({"hours": hours} if draw.random() < 0.15 else {})
            for name in VERSIONS
        },
        "instruments": {
            "AAA": {"venues": [*SYMBOLS["AAA"]], "tick": "0.01", "lot": "1", "reference": "100"},
            "BBB": {
                "venues": [*SYMBOLS["BBB"]],
                "tick": "0.01",
                "lot": "10",
                "currency": "EUR",
                "multiplier": "10",
                "margin_pct": "20",
            },
            "CCC": {
                "venues": [*SYMBOLS["CCC"]],
                "tick": "0.01",
                "lot": "5",
                "reference": "100",
                "min_qty": "10",
                "max_qty": "500",
                "min_notional": "1500",
            },
        },
        "rates": {"EUR": "1.1"} if draw.random() < 0.8 else {},
        "accounts": {"DESK": {}, "HEDGE": {"broker_account": "H-77"}},
        "strategies": {"s1": {}, "s2": {}},
        "limits": drawn_limits(draw, profile),
    }
