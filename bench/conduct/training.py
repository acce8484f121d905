"""``python -m bench.conduct.training``: what the thresholds and the definitions were chosen from.

On the training seeds only. Two tables: for each limit of ``spec/conduct.toml``, and for each other
way to count that was tried, the largest figure of any good stream, and the share of each kind of
bad streams that a threshold at that figure would miss. A way is better where it misses fewer.

The ways: what a win takes back (nothing, one, two losses; of money nothing), and round trips that
end only at zero.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from rich.console import Console
from rich.table import Table

from bench.conduct.__main__ import WIDTH
from bench.conduct.bad import BAD
from bench.conduct.good import GOOD
from bench.conduct.market import FILL, SECOND
from bench.conduct.streams import Stream, draw
from bench.conduct.thresholds import specification, thresholds
from fix_oms.model.units import Fixed, Notional
from fix_oms.risk.conduct import Trips
from fix_oms.risk.tempo import MOST_EVENTS, Window

_FAR: Final = 10**6
_BASIS_POINTS: Final = 10_000


class ToZero:
    """Round trips that end when the position comes back to or through zero, and only then."""

    def __init__(self) -> None:
        self._position: Fixed = 0
        self._cash: Notional = 0

    def executed(self, buys: bool, qty: Fixed, px: Fixed) -> list[Notional]:
        """What the trip that ends by this execution came to."""
        signed = qty if buys else -qty
        before, self._position = self._position, self._position + signed
        self._cash -= signed * px
        if not before or (self._position and (before > 0) == (self._position > 0)):
            return []
        result = self._cash + self._position * px
        self._cash = -self._position * px
        return [result]


class Figure(Protocol):
    """What a measure is told and asked. (A compiled Measure has no interpreted subclass.)"""

    def sent(self, now: int, kind: str, buys: bool) -> None: ...
    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None: ...
    def found(self, now: int) -> int: ...


class Tried:
    """Trips that lost, or the money; each win takes some back."""

    def __init__(self, trips: Trips | ToZero, takes_back: int, money: bool, window_s: int) -> None:
        self._window = Window(window_s * SECOND)
        self._trips, self._takes_back, self._money = trips, takes_back, money

    def sent(self, now: int, kind: str, buys: bool) -> None:
        """Of no interest."""

    def found(self, now: int) -> int:
        """Within the window."""
        return self._window.sum(now)

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """Judge the trips that it ends."""
        for result in self._trips.executed(buys, qty, px):
            if result < 0:
                self._window.add(now, -result if self._money else 1)
            elif result > 0:
                self._window.take_back(now, self._takes_back * (result if self._money else 1))


Make = Callable[[Stream], Figure]


def ways() -> dict[str, tuple[Make, bool]]:
    """Each way to count, and whether its figure is money."""
    found: dict[str, tuple[Make, bool]] = {}
    for window_s in (60, 3600):
        for takes_back in (0, 1, 2):
            name = f"trips lost, {window_s} s, a win pays {takes_back}"
            found[name] = (_tried(Trips, takes_back, False, window_s), False)
        name = f"trips lost, {window_s} s, a win pays 1, to zero"
        found[name] = (_tried(ToZero, 1, False, window_s), False)
    found["money lost, 3600 s, wins left out"] = (_tried(Trips, 0, True, 3600), True)
    found["money lost, 3600 s, wins taken off"] = (_tried(Trips, 1, True, 3600), True)
    return found


def _tried(trips: type[Trips] | type[ToZero], takes_back: int, money: bool, window_s: int) -> Make:
    return lambda stream: Tried(trips(), takes_back, money, window_s)


def limits() -> dict[str, tuple[Make, bool]]:
    """Each limit of the specification, so far away that what it keeps is not cut short."""

    def make(limit_at: int) -> Make:
        limit = thresholds()[limit_at]
        far = _FAR if limit.control != "order_to_trade" else MOST_EVENTS * 100 - 1

        def measure(stream: Stream) -> Figure:
            return type(limit.measure(stream.position_value))(far, limit.window_s * SECOND)

        return measure

    return {
        f"{limit.control} {limit.window_s} s": (make(at), limit.most is None)
        for at, limit in enumerate(thresholds())
    }


def largest(stream: Stream, made: Mapping[str, tuple[Make, bool]]) -> dict[str, int]:
    """The largest figure of each; of a bad stream, since it was bad."""
    measures = {name: (make(stream), money) for name, (make, money) in made.items()}
    found = dict.fromkeys(measures, 0)
    for index, event in enumerate(stream.events):
        for name, (measure, money) in measures.items():
            if event.kind == FILL:
                measure.filled(event.at, event.buys, event.qty, event.px, event.first)
            else:
                measure.sent(event.at, event.kind, event.buys)
            if index >= (stream.bad_from or 0):
                figure = measure.found(event.at)
                if money:
                    figure = figure * _BASIS_POINTS // stream.position_value
                found[name] = max(found[name], figure)
    return found


def collect(seeds: Iterable[int], made: Mapping[str, tuple[Make, bool]]) -> dict[str, list[int]]:
    """All largest figures, keyed by ``name|behaviour``, smallest first."""
    found: dict[str, list[int]] = {}
    for seed in seeds:
        for behaviour in (*GOOD, *BAD):
            for name, figure in largest(draw(behaviour, seed), made).items():
                found.setdefault(f"{name}|{behaviour}", []).append(figure)
    return {key: sorted(figures) for key, figures in found.items()}


def table(seeds: Iterable[int], made: Mapping[str, tuple[Make, bool]]) -> Table:
    """For each: the largest good figure, whose, and what is missed beyond it."""
    figures = collect(seeds, made)
    grid = Table("figure", "largest of a good stream", "of", *BAD, box=None, pad_edge=False)
    for name in made:
        most, whose = max((figures[f"{name}|{good}"][-1], good) for good in GOOD)
        missed = []
        for bad in BAD:
            all_of_it = figures[f"{name}|{bad}"]
            missed.append(f"{sum(x <= most for x in all_of_it) / len(all_of_it):.1%}")
        grid.add_row(name, f"{most:,}", whose, *missed)
    return grid


def main() -> None:
    """Both tables, over the training seeds or some of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.conduct.training", description=__doc__)
    first, last = specification()["calibration"]["training"]
    parser.add_argument("--seeds", type=int, nargs=2, default=(first, last), help="first and last")
    first, last = parser.parse_args().seeds
    console = Console(width=WIDTH + 50)
    for made in (limits(), ways()):
        console.print(table(range(first, last + 1), made))


if __name__ == "__main__":
    main()
