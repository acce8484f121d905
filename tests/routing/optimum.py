"""The optimum of a taking by two other ways: an integer program, and trying everything.

Both work in whole units of quantity. A choice is one quantity for each venue; what it costs is
worked out here, in exact integers of 10^-36 of money, from the fees' definition.
"""

from __future__ import annotations

from itertools import product
from typing import Final, TypeAlias

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from fix_oms.model.routing import VenueView, View
from fix_oms.model.units import SCALE

FINE: Final = 10_000 * SCALE * SCALE
"""So many 10^-36 are one of a notional's 10^-16."""
Choice: TypeAlias = tuple[int, ...]
Row: TypeAlias = dict[int, float]


def unit_cost(view: View, venue: VenueView, price: int) -> int:
    """What one 10^-8 of quantity costs at a price, in 10^-36 of money."""
    notional = price * view.multiplier * 10_000 * SCALE
    fees = abs(price) * view.multiplier * venue.taker_bps + venue.taker * FINE
    return (notional if view.buys else -notional) + fees


def cost_of(view: View, qtys: Choice) -> int:
    """What taking these quantities costs, in 10^-36 of money."""
    cost = 0
    for venue, qty in zip(view.venues, qtys, strict=True):
        left = qty
        for price, shown in venue.take:
            sent = min(left, shown)
            cost += sent * unit_cost(view, venue, price)
            left -= sent
        assert left == 0, "more than is shown"
    return cost


def is_allowed(view: View, venue: VenueView, qty: int) -> bool:
    """Whether the venue may be sent an IOC order that takes ``qty`` of what it shows."""
    if qty == 0:
        return True
    left, worst = qty, None
    for price, shown in venue.take:
        if left > 0:
            worst = price
        left -= shown
    if worst is None or left > 0 or qty % venue.lot or qty < venue.min_qty:
        return False
    if venue.max_qty and qty > venue.max_qty:
        return False
    return abs(worst) * qty * view.multiplier >= venue.min_notional * SCALE * SCALE


def by_trying(view: View) -> tuple[int, int]:
    """The largest total and its least cost, of all choices that there are."""
    options = [
        [q for q in range(0, _shown(venue) + 1, SCALE) if is_allowed(view, venue, q)]
        for venue in view.venues
    ]
    choices = [c for c in product(*options) if sum(c) <= view.qty]
    total = max(map(sum, choices))
    return total, min(cost_of(view, c) for c in choices if sum(c) == total)


def _shown(venue: VenueView) -> int:
    return sum(shown for _, shown in venue.take)


class Program:
    """The integer program. For each venue its lots, and for each level the units taken there and
    whether any are; a level is used only when all before it are used up."""

    def __init__(self, view: View) -> None:
        self._view: Final = view
        self._rows: Final[list[tuple[Row, float, float]]] = []
        self._upper: Final[list[float]] = []
        self._taken: Final[list[list[int]]] = [self._add(venue) for venue in view.venues]

    def optimum(self) -> tuple[int, int]:
        """The largest total, and the least cost of it, worked out exactly from the solution."""
        everything = [x for taken in self._taken for x in taken]
        if not everything:
            return 0, 0
        whole = dict.fromkeys(everything, 1.0)
        self._rows.append((whole, 0, self._view.qty // SCALE))
        first = self._solve(dict.fromkeys(everything, -1.0))
        total = sum(first[x] for x in everything)
        self._rows.append((whole, total, total))
        second = self._solve(self._costs())
        qtys = tuple(sum(second[x] for x in taken) * SCALE for taken in self._taken)
        assert all(map(is_allowed, [self._view] * len(qtys), self._view.venues, qtys))
        assert sum(qtys) == total * SCALE
        return sum(qtys), cost_of(self._view, qtys)

    def _variable(self, upper: float) -> int:
        self._upper.append(upper)
        return len(self._upper) - 1

    def _add(self, venue: VenueView) -> list[int]:
        taken, used = [], []
        for _, shown in venue.take:
            taken.append(self._variable(shown // SCALE))
            used.append(self._variable(1))
        lots = self._variable(_shown(venue) // venue.lot)
        whole = dict.fromkeys(taken, 1.0)
        self._rows.append(({**whole, lots: -venue.lot / SCALE}, 0, 0))
        for k, (price, shown) in enumerate(venue.take):
            self._rows.append(({taken[k]: 1, used[k]: -shown / SCALE}, -np.inf, 0))
            self._rows.append(({taken[k]: 1, used[k]: -1}, 0, np.inf))
            least = max(venue.min_qty / SCALE, self._least(venue, price))
            row = {**whole, used[k]: -least}
            if k + 1 < len(taken):
                self._rows.append(({taken[k]: 1, used[k + 1]: -shown / SCALE}, 0, np.inf))
                row[used[k + 1]] = least
            self._rows.append((row, 0, np.inf))
        if venue.max_qty:
            self._rows.append((whole, 0, venue.max_qty // SCALE))
        return taken

    def _least(self, venue: VenueView, price: int) -> int:
        """The whole units for which the venue's least notional is reached at a price."""
        unit = abs(price) * self._view.multiplier
        return -(-venue.min_notional * SCALE * SCALE // (unit * SCALE))

    def _costs(self) -> Row:
        """What each variable costs above the cheapest, in the largest unit that all have in
        common: small numbers, which a solver in floats tells apart."""
        units = {
            x: unit_cost(self._view, venue, price)
            for venue, taken in zip(self._view.venues, self._taken, strict=True)
            for x, (price, _) in zip(taken, venue.take, strict=True)
        }
        least = min(units.values())
        step = int(np.gcd.reduce([int((u - least) // FINE) for u in units.values()])) or 1
        return {x: float((u - least) // FINE // step) for x, u in units.items()}

    def _solve(self, costs: Row) -> list[int]:
        size = len(self._upper)
        objective = np.zeros(size)
        for x, cost in costs.items():
            objective[x] = cost
        matrix = np.zeros((len(self._rows), size))
        for n, (row, _, _) in enumerate(self._rows):
            for x, factor in row.items():
                matrix[n, x] = factor
        lower = [low for _, low, _ in self._rows]
        upper = [high for _, _, high in self._rows]
        found = milp(
            objective,
            constraints=LinearConstraint(matrix, lower, upper),
            integrality=np.ones(size, dtype=np.int64),
            bounds=Bounds(np.zeros(size), np.array(self._upper)),
            options={"mip_rel_gap": 0.0},
        )
        assert found.success, found.message
        return [round(value) for value in found.x]
