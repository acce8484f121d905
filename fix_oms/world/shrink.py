"""The shortest story of a failing seed that can be found.

A world is run again with some of its acts left out, and what is left out stays out as long as the
same law breaks: halves first, then smaller parts (delta debugging), then what venues do by their
manners alone. Each try is a whole run, so their number is bounded.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import attrs

from fix_oms.world.mixes import Mix, Mouth
from fix_oms.world.world import Broken, World

MOST_TRIES: Final = 300


class Story(NamedTuple):
    """A world that breaks a law with as little as possible. ``acts`` is how many it had."""

    world: World
    acts: int
    tries: int


class _Search:
    """Runs, counted, that break the same law."""

    def __init__(self, seed: int, steps: int, law: str) -> None:
        self.tries = 0
        self._seed: Final = seed
        self._steps: Final = steps
        self._law: Final = law

    def breaks(self, only: list[int], mix: Mix) -> World | None:
        """The world with these acts alone, if it breaks the law."""
        self.tries += 1
        world = World(self._seed, mix=mix, only=only)
        try:
            world.run(self._steps)
        except Exception as error:  # noqa: BLE001 - then it is that error which is searched for
            world.broken.append(Broken("no error", world.clock.done, world.clock.now, repr(error)))
        return world if world.broken and world.broken[0].law == self._law else None


def shortest(seed: int, steps: int) -> Story | None:
    """The story of a seed; None if no law breaks."""
    first = World(seed)
    try:
        first.run(steps)
    except Exception as error:  # noqa: BLE001 - as above
        first.broken.append(Broken("no error", first.clock.done, first.clock.now, repr(error)))
    if not first.broken:
        return None
    search = _Search(seed, steps, first.broken[0].law)
    acts = [number for number, *_ in first.story]
    mix, best = first.mix, first
    plain = attrs.evolve(mix, mouths=dict.fromkeys(mix.mouths, Mouth()), closing=frozenset())
    if (found := search.breaks(acts, plain)) is not None:
        mix, best = plain, found
    best, _ = _fewest(search, best, acts, mix)
    return Story(best, len(acts), search.tries)


def _fewest(search: _Search, best: World, acts: list[int], mix: Mix) -> tuple[World, list[int]]:
    size = max(1, len(acts) // 2)
    while acts and search.tries < MOST_TRIES:
        cut_any = False
        start = 0
        while start < len(acts) and search.tries < MOST_TRIES:
            rest = acts[:start] + acts[start + size :]
            found = search.breaks(rest, mix)
            if found is None:
                start += size
            else:
                best, acts, cut_any = found, rest, True
        if size == 1 and not cut_any:
            break
        size = max(1, size // 2)
    return best, acts
