"""Many seeds, and what became of each: the work of one process of a campaign."""

from __future__ import annotations

from collections import Counter

import attrs

from fix_oms.world.world import Broken, World


@attrs.frozen(kw_only=True)
class Outcome:
    """One seed: how many steps it took, what is broken, what happened how often."""

    seed: int
    steps: int
    broken: Broken | None
    counts: Counter[str]


def outcome_of(seed: int, steps: int) -> Outcome:
    """Let one seed happen. What the world itself cannot do is a broken law as well."""
    world = World(seed)
    try:
        world.run(steps)
    except Exception as error:  # noqa: BLE001 - one seed must not end a campaign: it is reported
        text = f"{type(error).__name__}: {error}"
        broken = Broken("no error", world.clock.done, world.clock.now, text)
        return Outcome(seed=seed, steps=world.clock.done, broken=broken, counts=world.counts)
    first = world.broken[0] if world.broken else None
    return Outcome(seed=seed, steps=world.clock.done, broken=first, counts=world.counts)
