"""What a routing decision costs: each policy on a book of 10 venues with 10 levels each.

The sweep is measured three times: where greedy is the optimum, as nearly always, with every one of
the 100 levels taken, which is the most that it can have to do; the same with a rest to post; and
where the venues' lots differ and minima bind, so that a search must prove the optimum. A figure is
that of the fastest of many runs.
"""

from __future__ import annotations

import gc
import time
from random import Random
from typing import Final

from bench.table import Row, Table
from fix_oms.model.routing import BUILT_IN, DARK, SWEEP, Policy, VenueView, View
from fix_oms.model.units import SCALE
from fix_oms.routing.plan import plan

SWEPT: Final = "routing: sweep, 10 venues x 10 levels, 100 levels taken"
EMPTIED: Final = "routing: sweep, the same, and the rest posted"
SEARCHED: Final = "routing: sweep, 10 x 10, different lots and minima"
TARGET_US: Final = 50.0
VENUES: Final = 10
LEVELS: Final = 10
ALL_SHOWN: Final = 44_700
"""All that the book of :func:`book` shows to take."""
_CENT: Final = SCALE // 100
_RUNS: Final = 300
_HARD: Final = ((1, 0), (100, 0), (10, 50), (1, 30), (100, 300))
"""Lots and minimum quantities of the hard book, in turn."""


def book(qty: int, *, hard: bool = False, pools: int = 0) -> View:
    """A buy of ``qty`` units beside ten venues that differ in price, size, fees and history; so
    many of them (``pools``) dark."""
    chance = Random(7)
    return View(
        now=0,
        buys=True,
        qty=qty * SCALE,
        limit=11 * SCALE,
        posts=True,
        multiplier=SCALE,
        venues=tuple(_venue(n, chance, hard, n < pools) for n in range(VENUES)),
    )


def _venue(n: int, chance: Random, hard: bool, is_dark: bool) -> VenueView:
    lot, least = _HARD[n % len(_HARD)] if hard else (100, 0)
    size = 7 if hard else 100

    def levels(best: int, step: int) -> tuple[tuple[int, int], ...]:
        return tuple(
            ((best + step * k) * _CENT, chance.randrange(1, 9) * size * SCALE)
            for k in range(LEVELS)
        )

    start = chance.randrange(3)
    return VenueView(
        venue=f"V{n}",
        take=() if is_dark else levels(1002 + start, 1),
        join=() if is_dark else levels(1000 - start, -1),
        is_dark=is_dark,
        lot=lot * SCALE,
        tick=_CENT,
        min_qty=least * SCALE,
        taker=chance.randrange(31) * SCALE // 10_000,
        maker=-chance.randrange(21) * SCALE // 10_000,
        outflow=tuple(chance.randrange(40) * 100 * SCALE for _ in range(20)),
        dark=tuple(range(900_000, 100_000, -50_000)),
    )


def decision_us(policy: Policy, view: View) -> float:
    """Microseconds of one decision."""
    best = 1.0
    gc.collect()
    gc.disable()  # as in the engine's process, which keeps it off the orders' path
    for _ in range(_RUNS):
        begun = time.perf_counter()
        plan(policy, view)
        best = min(best, time.perf_counter() - begun)
    gc.enable()
    return best * 1e6


def add_rows(table: Table, scale: float) -> None:
    """Measure, and add a row for each."""
    swept = decision_us(BUILT_IN[SWEEP], book(ALL_SHOWN - 100))
    table.add(Row(work=SWEPT, value=swept, unit="us", target=TARGET_US))
    emptied = decision_us(BUILT_IN[SWEEP], book(ALL_SHOWN + 5_000))
    table.add(Row(work=EMPTIED, value=emptied, unit="us"))
    searched = decision_us(BUILT_IN[SWEEP], book(1_037, hard=True))
    table.add(Row(work=SEARCHED, value=searched, unit="us"))
    for kind, policy in BUILT_IN.items():
        view = book(5_000, pools=3 if kind == DARK else 0)
        table.add(Row(work=f"routing: {kind}", value=decision_us(policy, view), unit="us"))
