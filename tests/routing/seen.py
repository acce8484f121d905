"""Views written down for one case: prices and quantities as texts."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from fix_oms.model.routing import LevelSeen, VenueView, View
from fix_oms.model.units import SCALE, fixed

Shown = tuple[str, str]
"""A price and a quantity."""
_COUNTS: Final = frozenset({"post_rate", "reject_rate", "fill_rate"})


def venue(name: str, *take: Shown, join: tuple[Shown, ...] = (), **rest: str) -> VenueView:
    """A venue of the given levels and rules; a lot of 1 and a tick of a cent unless said."""
    rules = {key: int(v) if key in _COUNTS else fixed(v) for key, v in rest.items()}
    plain = VenueView(
        venue=name, take=_levels(take), join=_levels(join), lot=SCALE, tick=SCALE // 100
    )
    return structs.replace(plain, **rules)


def _levels(shown: tuple[Shown, ...]) -> tuple[LevelSeen, ...]:
    return tuple((fixed(price), fixed(qty)) for price, qty in shown)


def view(
    qty: str, *venues: VenueView, buys: bool = True, limit: str = "", posts: bool = True
) -> View:
    """What a parent of ``qty`` sees."""
    return View(
        now=0,
        buys=buys,
        qty=fixed(qty),
        limit=fixed(limit) if limit else None,
        posts=posts,
        multiplier=SCALE,
        venues=venues,
    )
