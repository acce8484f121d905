"""All acts, and how often each comes: by the world's profile, its faults scaled by its mix."""

from __future__ import annotations

from typing import Final

from fix_oms.world import clerk, drill, faults, hedges, parents, people, traders
from fix_oms.world.mixes import CALM, LYING, Mix
from fix_oms.world.plan import Doing

ALWAYS: Final[tuple[tuple[str, Doing, float], ...]] = (
    *traders.DEEDS,
    *people.DEEDS,
    *clerk.HONEST,
)


def deeds_of(mix: Mix) -> list[tuple[str, Doing, float]]:
    """Name, act and weight of each that this world has."""
    rows = list(ALWAYS)
    rows += [(name, act, weight * mix.routes) for name, act, weight in parents.DEEDS]
    rows += [(name, act, weight * mix.faults) for name, act, weight in faults.DEEDS]
    if hedges.has_hedges(mix.seed):
        rows += hedges.DEEDS
    if mix.profile != CALM:
        rows += [*clerk.BEYOND, *people.LOOSE]
    if mix.profile == LYING:
        rows += [*clerk.LIES, *drill.DEEDS]
    return [row for row in rows if row[2]]
