"""What people, venues and the network do by themselves: one stream of acts, drawn from the seed.

Each act has a number of its own to decide by. Whether an act is left out or not, the stream goes
on the same, so a story can be cut down act by act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from fix_oms.world.clock import chance

if TYPE_CHECKING:
    from fix_oms.world.mixes import Mix
    from fix_oms.world.world import World

Doing = Callable[["World", Random], str]
"""Does it, by the draw; says in words what came of it, nothing where there was nothing to do."""


class Deed(NamedTuple):
    """One act: when after the last one, what, and by which number."""

    place: int
    wait_ms: float
    name: str
    act: Doing
    number: int
    is_left_out: bool


class Plan:
    """The stream."""

    def __init__(self, mix: Mix, only: Collection[int] | None, without: Collection[str]) -> None:
        from fix_oms.world.deeds import deeds_of

        self._draw: Final = chance(mix.seed, "plan")
        rows = deeds_of(mix)
        self._rows: Final = [(name, act) for name, act, _ in rows]
        self._weights: Final = list(accumulate(weight for _, _, weight in rows))
        self._rate: Final = 1 / mix.gap_ms
        self._only: Final = None if only is None else frozenset(only)
        self._without: Final = frozenset(without)
        self._index = 0

    def next(self) -> Deed:
        """The next act."""
        draw, index = self._draw, self._index
        self._index += 1
        wait_ms = draw.expovariate(self._rate)
        [(name, act)] = draw.choices(self._rows, cum_weights=self._weights)
        number = draw.getrandbits(32)
        out = name in self._without or (self._only is not None and index not in self._only)
        return Deed(index, wait_ms, name, act, number, out)
