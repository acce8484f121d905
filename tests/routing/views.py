"""Random views for the property tests: small books with everything that a decision must respect.

Numbers are small in their natural unit (quantities in whole units, prices in cents, fees in
hundredths of a cent), so that books that just fit, ties, and rules that bind come up often.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from fix_oms.model.routing import LevelSeen, VenueView, View
from fix_oms.model.units import SCALE

CENT: Final = SCALE // 100
LOTS: Final = st.sampled_from([1, 1, 5, 10, 10])
ODD_LOTS: Final = st.sampled_from([1, 2, 3, 4, 7])
FEES: Final = st.integers(-30, 30).map(lambda n: n * SCALE // 10_000)
BPS: Final = st.one_of(st.just(0), st.integers(-4, 4).map(lambda n: n * 5 * SCALE))
WILD_CENTS: Final = st.one_of(st.integers(1000, 1010), st.integers(1000, 1010), st.integers(-5, 5))
WILD_BPS: Final = st.one_of(BPS, BPS, st.integers(-20_000, 20_000).map(lambda n: n * SCALE))
DUST: Final = st.sampled_from([0, 0, 0, 1])
MILLIONTHS: Final = st.integers(0, 1_000_000)


@st.composite
def levels(draw: st.DrawFn, *, rising: bool, most: int = 4, wild: bool = False) -> list[LevelSeen]:
    """Up to ``most`` levels, best first; ``wild``: empty ones, equal and negative prices."""
    count = draw(st.integers(0, most))
    price = draw(WILD_CENTS if wild else st.integers(1000, 1010))
    found = []
    for _ in range(count):
        shown = draw(st.integers(0 if wild else 1, 25))
        found.append((price * CENT, shown * SCALE))
        step = draw(st.integers(0 if wild else 1, 3))
        price += step if rising else -step
    return found


@st.composite
def venues(
    draw: st.DrawFn,
    name: str,
    buys: bool,
    *,
    lots: st.SearchStrategy[int] = LOTS,
    minima: bool = True,
    wild: bool = False,
) -> VenueView:
    """One venue. Without ``wild`` it is open and its levels are on its tick."""
    optional = st.sampled_from([0, 0, *range(0, 31, 2)]) if minima else st.just(0)
    dark = draw(st.lists(MILLIONTHS, max_size=6)) if wild else []
    return VenueView(
        venue=name,
        shut=draw(st.sampled_from(["", "", "", "halted"])) if wild else "",
        take=tuple(draw(levels(rising=buys, wild=wild))),
        join=tuple(draw(levels(rising=not buys, wild=wild))),
        lot=draw(lots) * SCALE,
        tick=draw(st.sampled_from([CENT, 5 * CENT, 7, 1]) if wild else st.just(CENT)),
        min_qty=draw(optional) * SCALE,
        max_qty=draw(optional) * SCALE,
        min_notional=draw(st.sampled_from([0, 0, 0, 50, 100, 200, 201]) if minima else st.just(0))
        * SCALE,
        taker=draw(FEES),
        maker=draw(FEES),
        taker_bps=draw(WILD_BPS if wild else BPS),
        maker_bps=draw(BPS),
        is_dark=draw(st.sampled_from([False, False, True])) if wild else False,
        fill_rate=draw(MILLIONTHS),
        post_rate=draw(MILLIONTHS),
        reject_rate=draw(MILLIONTHS),
        outflow=tuple(draw(st.lists(st.integers(0, 60), max_size=5))) if wild else (),
        dark=tuple(sorted(dark, reverse=True)),
    )


@st.composite
def views(
    draw: st.DrawFn,
    *,
    most: int = 5,
    lots: st.SearchStrategy[int] = LOTS,
    minima: bool = True,
    wild: bool = False,
) -> View:
    """A decision's view of up to ``most`` venues; ``wild``: of anything at all."""
    buys = draw(st.booleans())
    count = draw(st.sampled_from([1, most, *range(0 if wild else 1, most + 1)]))
    return View(
        now=0,
        buys=buys,
        qty=draw(st.integers(0, 100)) * SCALE
        + (draw(st.sampled_from([0, 0, 0, 1])) if wild else 0),
        limit=draw(st.one_of(st.none(), WILD_CENTS.map(lambda n: n * CENT + n % 2)))
        if wild
        else None,
        posts=draw(st.sampled_from([True, True, False])),
        multiplier=draw(st.sampled_from([SCALE, 50 * SCALE, SCALE // 3])) if wild else SCALE,
        venues=tuple(
            draw(venues(f"V{n}", buys, lots=lots, minima=minima, wild=wild)) for n in range(count)
        ),
    )
