"""The exact search for what to take, where lots differ or minima bind: branch and bound.

*Lots.* Real lots form a chain: each divides the next (1, 10, 100). For a chain, and without minima,
the problem is solved outright. Which total is the largest is found by filling from the coarsest lot
down (fine lots that fill a coarse one can always be put in its place). Given the total T, the
finest lots must bring what T leaves over the next coarser lot, from their cheapest; what remains of
them can only serve in bundles that make up a coarser lot, so it is bundled, cheapest first, and
competes there as if it were of that lot. Costs rise within each venue, so bundles cost more and
more too, and the argument repeats up to the coarsest lot, where the cheapest win. Lots that fit no
chain (7 and 13) are loosened to the largest member that divides them.

*Branches.* So each node of the search has, per venue, a lowest and a highest quantity, and its
bound is the outright solution between them with minima and odd lots forgotten. If that keeps all
rules it is the node's best. Otherwise some venue's quantity falls into a gap of what it allows, and
the node splits there: at most the gap's lower end, or at least its upper end. A node whose bound is
no better than the best found is dropped. Depth first, lower end first, which comes to a sound
choice within a few nodes.

Finding the largest total is a subset sum if minima and maxima are close, so nothing bounds the
search but its limit of nodes; when that is reached the best found is returned as not ``exact``.
"""

from __future__ import annotations

from math import gcd
from typing import Final, final

from fix_oms.model.units import Fixed

Level = tuple[int, Fixed, Fixed]
"""What a unit costs, the quantity shown, the order's price that reaches it."""
Piece = tuple[int, Fixed, int]
"""A rate (cost of a unit, times the coarsest lot of the chain), a quantity, and whose it is."""
LOWER: Final = -1
"""The owner of bundles of the next finer lot."""


@final
class Source:
    """One venue: its place, its lot, its levels best first, and the quantities that it allows as
    ascending ranges of multiples of its lot (0 is always allowed)."""

    __slots__ = ("allowed", "levels", "lot", "n")

    def __init__(
        self, n: int, lot: Fixed, levels: list[Level], allowed: list[tuple[Fixed, Fixed]]
    ) -> None:
        self.n: Final = n
        self.lot: Final = lot
        self.levels: Final = levels
        self.allowed: Final = allowed

    @property
    def most(self) -> Fixed:
        return self.allowed[-1][1] if self.allowed else 0

    def below(self, qty: Fixed) -> Fixed:
        """The largest allowed quantity of at most ``qty``."""
        best = 0
        for first, last in self.allowed:
            if first > qty:
                break
            best = min(last, qty // self.lot * self.lot)
        return best

    def above(self, qty: Fixed) -> Fixed | None:
        """The smallest allowed quantity of at least ``qty``, if there is one."""
        for first, last in self.allowed:
            if qty <= last:
                return max(first, -(-qty // self.lot) * self.lot)
        return None

    def price_of(self, qty: Fixed) -> Fixed:
        """The price of an order that takes ``qty``."""
        for _, shown, price in self.levels:
            qty -= shown
            if qty <= 0:
                return price
        raise ValueError("more than is shown")

    def cost_of(self, qty: Fixed) -> int:
        """What taking ``qty`` costs."""
        cost = 0
        for unit, shown, _ in self.levels:
            if shown >= qty:
                return cost + unit * qty
            cost += unit * shown
            qty -= shown
        return cost


@final
class Found:
    """The quantities of the sources in their order, their sum and cost, whether proved optimal."""

    __slots__ = ("cost", "exact", "nodes", "qtys", "total")

    def __init__(self, qtys: list[Fixed], total: Fixed, cost: int) -> None:
        self.qtys: Final = qtys
        self.total: Final = total
        self.cost: Final = cost
        self.exact = True
        self.nodes = 0


def solve(sources: list[Source], qty: Fixed, nodes: int) -> Found:
    """The largest total of at most ``qty``, and of that the least cost. ``Found.cost`` is in units
    of its own; a look at more than ``nodes`` nodes ends the search."""
    chain = chained([source.lot for source in sources])
    relaxed = Relaxed(sources, chain, qty)
    none, most = [0] * len(sources), [source.most for source in sources]
    root = relaxed.solve(none, most)
    best = _rounded_down(sources, root, relaxed.coarsest)
    stack = [(none, most)]
    looked = 0
    while stack:
        if looked >= nodes:
            best.exact = False
            break
        looked += 1
        low, high = stack.pop()
        bound = relaxed.solve(low, high) if looked > 1 else root
        if bound is None or not _better(bound, best):
            continue
        at = _in_a_gap(sources, bound.qtys)
        if at < 0:
            best = bound
            continue
        sent = bound.qtys[at]
        above = sources[at].above(sent)
        if above is not None and above <= high[at]:
            stack.append(([*low[:at], above, *low[at + 1 :]], high))
        below = sources[at].below(sent)
        if below >= low[at]:
            stack.append((low, [*high[:at], below, *high[at + 1 :]]))
    best.nodes = looked
    return best


def chained(lots: list[Fixed]) -> list[Fixed]:
    """The greatest common divisor of the lots, and upon it a chain of those that fit one."""
    chain = [gcd(*lots) or 1]
    for lot in sorted(set(lots)):
        if lot > chain[-1] and lot % chain[-1] == 0:
            chain.append(lot)
    return chain


def _better(one: Found, other: Found) -> bool:
    return one.total > other.total or (one.total == other.total and one.cost < other.cost)


def _in_a_gap(sources: list[Source], qtys: list[Fixed]) -> int:
    """The first source whose quantity it does not allow, -1 where all do."""
    for n, source in enumerate(sources):
        if source.below(qtys[n]) != qtys[n]:
            return n
    return -1


def _rounded_down(sources: list[Source], bound: Found | None, coarsest: Fixed) -> Found:
    """A sound choice to begin with: the bound's, each quantity rounded down to what is allowed."""
    wanted = bound.qtys if bound else [0] * len(sources)
    qtys = [source.below(want) for source, want in zip(sources, wanted, strict=True)]
    costs = [source.cost_of(sent) for source, sent in zip(sources, qtys, strict=True)]
    return Found(qtys, sum(qtys), sum(costs) * coarsest)


@final
class Relaxed:
    """The problem with minima forgotten and every lot one of a chain, between given bounds."""

    __slots__ = ("_lots", "_pieces", "_qty", "chain", "coarsest")

    def __init__(self, sources: list[Source], chain: list[Fixed], qty: Fixed) -> None:
        self.chain: Final = chain
        self.coarsest: Final = chain[-1]
        self._qty: Final = qty
        self._lots: Final = [
            max(n for n, lot in enumerate(chain) if source.lot % lot == 0) for source in sources
        ]
        self._pieces: Final[list[list[Piece]]] = [
            bundled(
                [(unit * self.coarsest, shown, n) for unit, shown, _ in source.levels],
                chain[place],
                (0, qty),
                n,
            )
            for n, (source, place) in enumerate(zip(sources, self._lots, strict=True))
        ]

    def solve(self, low: list[Fixed], high: list[Fixed]) -> Found | None:
        """The best between ``low`` and ``high``, both in lots. None: the least is too much."""
        room = self._qty - sum(low)
        if room < 0:
            return None
        cost = 0
        by_lot: list[list[Piece]] = [[] for _ in self.chain]
        most = [0] * len(self.chain)
        for n, pieces in enumerate(self._pieces):
            place, least = self._lots[n], low[n]
            upto = min(high[n], least + room - room % self.chain[place])
            cost += _clipped(pieces, least, upto, by_lot[place])
            most[place] += upto - least
        total = self._largest(most, room)
        qtys = list(low)
        cost += self._share(by_lot, total, qtys)
        return Found(qtys, sum(low) + total, cost)

    def _largest(self, most: list[Fixed], room: Fixed) -> Fixed:
        """The largest total of lots of the chain, at most ``most`` of each and ``room`` in all."""
        total = 0
        for lot, upto in zip(reversed(self.chain), reversed(most), strict=True):
            total += min(upto, (room - total) // lot * lot)
        return total

    def _share(self, by_lot: list[list[Piece]], total: Fixed, qtys: list[Fixed]) -> int:
        """Add the cheapest quantities that come to ``total`` to ``qtys``. Returns their cost."""
        chain = self.chain
        merged: list[list[Piece]] = []
        owed: list[Fixed] = []
        rest = total
        bundles: list[Piece] = []
        for place, pieces in enumerate(by_lot):
            ordered = sorted([*pieces, *bundles])
            merged.append(ordered)
            if place + 1 == len(chain):
                owed.append(rest)
                break
            over = rest % chain[place + 1]
            owed.append(over)
            rest -= over
            bundles = bundled(ordered, chain[place + 1], (over, rest), LOWER)
        cost = 0
        from_lower = 0
        for ordered, own in zip(reversed(merged), reversed(owed), strict=True):
            left = own + from_lower
            from_lower = 0
            for rate, shown, owner in ordered:
                sent = min(shown, left)
                if owner == LOWER:
                    from_lower += sent
                else:
                    qtys[owner] += sent
                    cost += rate * sent
                left -= sent
                if not left:
                    break
        return cost


def bundled(pieces: list[Piece], lot: Fixed, part: tuple[Fixed, Fixed], owner: int) -> list[Piece]:
    """The pieces, in their order, as whole lots of ``owner``: those behind the first of ``part``,
    until they come to the second.

    A lot that spans several pieces costs what they cost together. What is left over at the end is
    no lot and drops out.
    """
    found: list[Piece] = []
    skip, wanted = part
    held = cost = 0
    for rate, shown, _ in pieces:
        if wanted <= 0:
            break
        if skip:
            past = min(skip, shown)
            skip -= past
            shown -= past
        if held:
            filling = min(lot - held, shown)
            held += filling
            cost += filling * rate
            shown -= filling
            if held < lot:
                continue
            found.append((cost // lot, lot, owner))
            wanted -= lot
        held = shown % lot
        cost = held * rate
        if shown > held:
            found.append((rate, shown - held, owner))
            wanted -= shown - held
    return found


def _clipped(pieces: list[Piece], low: Fixed, high: Fixed, into: list[Piece]) -> int:
    """Put what of the pieces lies between ``low`` and ``high`` into a list. Returns what the
    quantity up to ``low`` costs."""
    cost = at = 0
    for rate, shown, owner in pieces:
        end = at + shown
        if at < low:
            cost += rate * (min(end, low) - at)
        if end > low and at < high:
            into.append((rate, min(end, high) - max(at, low), owner))
        at = end
        if at >= high:
            break
    return cost
