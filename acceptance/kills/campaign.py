"""Rounds, one after the other, in places that last for some of them.

Rounds share a *place* for a while (its journal grows, and each start replays it); then everything
is taken out, the place is verified and removed, and a new one made, with the other durability. The
first finding ends the campaign: its place is kept, and the error names it with the seed and round.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from acceptance.kills import points
from acceptance.kills.place import Place
from acceptance.kills.rounds import Failed, Fell, Rounds, rounds_at

ROUNDS_A_PLACE: Final = 10


class Campaign:
    """All rounds of one seed in ``directory``. ``tell`` is given each round when it is over."""

    def __init__(self, directory: Path, seed: int, tell: Callable[[Fell], None]) -> None:
        self.directory: Final = directory
        self.seed: Final = seed
        self.requests = 0
        self.executions = 0
        self.by_hand = 0
        self.unproven = 0
        self._tell: Final = tell

    def run(self, rounds: int) -> list[Fell]:
        """Play them. Raises Failed at the first finding."""
        found: list[Fell] = []
        deck = list(points.plans(rounds, self.seed))
        for n, first in enumerate(range(0, rounds, ROUNDS_A_PLACE)):
            where = self.directory / f"place-{n + 1}"
            durability = ("process", "power")[n % 2]
            place = Place(where, durability=durability)
            with rounds_at(place, f"{self.seed} {n}") as rounds_here:
                for plan in deck[first : first + ROUNDS_A_PLACE]:
                    with self._naming(where, f"round {plan.round} ({plan})"):
                        found.append(rounds_here.play(plan))
                    self._tell(found[-1])
                with self._naming(where, f"after round {first + ROUNDS_A_PLACE}"):
                    rounds_here.finish()
                self._count(rounds_here)
            shutil.rmtree(where)
        return found

    @contextlib.contextmanager
    def _naming(self, where: Path, moment: str) -> Iterator[None]:
        """Whatever goes wrong, as Failed, with what is needed to look at it and to repeat it."""
        try:
            yield
        except Exception as error:
            raise Failed(f"{where}: --seed {self.seed}, {moment}: {error}") from error

    def _count(self, rounds: Rounds) -> None:
        self.by_hand += rounds.by_hand
        self.unproven += sum(order.provisional > 0 for order in rounds.ours.orders())
        self.requests += len(rounds.ours.asked)
        self.executions += sum(len(o.executions.trades) for o in rounds.ours.orders())
