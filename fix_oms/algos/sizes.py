"""How much of what is due may be sent now: lots, least and most, and the bounds of a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fix_oms.algos.algo import Desk
from fix_oms.algos.asked import PERCENT
from fix_oms.model.units import Fixed

if TYPE_CHECKING:
    from fix_oms.algos.sliced import Sliced

MOST_PARTS: Final = 20
"""Into so many orders a piece is cut at once where a venue takes no larger ones."""


def least_of(algo: Sliced, desk: Desk) -> Fixed:
    """The smallest order that is taken, at the limit or else at what the market says."""
    terms = desk.terms(algo.symbol, algo.venue)
    price = algo.price or desk.reference(algo.symbol)
    least = terms.least(price) if price else 0
    return least or max(terms.lot, -(-terms.min_qty // terms.lot) * terms.lot)


def parts_of(algo: Sliced, desk: Desk, due: Fixed) -> Iterator[Fixed]:
    """The orders to send for so much: one, or several where the venue takes no larger ones. None
    of them, and no rest if it can be helped, is smaller than the venue takes."""
    terms, least = desk.terms(algo.symbol, algo.venue), least_of(algo, desk)
    most = terms.max_qty if algo.venue and terms.max_qty else due
    for _ in range(MOST_PARTS):
        part = due if due <= most else min(most, max(due - least, least))
        part -= part % terms.lot
        if part < least:
            return
        due -= part
        yield part


def due_of(algo: Sliced, desk: Desk) -> Fixed:
    """What is due and within the bounds. A rest that would be too small is due along with it."""
    executed = algo.executed(desk)
    at_work = executed + sum([mine.open_qty for mine in desk.working()])
    due = min(algo.target(desk), algo.qty) - at_work
    bound = algo.qty - at_work
    if algo.max_slice is not None:
        bound = min(bound, algo.max_slice - _of_slice(algo, desk))
    if algo.max_pct is not None:
        bound = min(bound, algo.market(desk) * algo.max_pct // PERCENT - at_work)
    rest = algo.qty - at_work - due
    if due > 0 and 0 < rest < least_of(algo, desk):
        due += rest
    return max(0, min(due, bound))


def _of_slice(algo: Sliced, desk: Desk) -> Fixed:
    """What the slice that is running has sent and is not out again."""
    stem = f"s{algo.at_slice + 1}-"
    mine = [one for one in desk.all_mine() if one.name.startswith(stem)]
    return sum([one.executed + one.open_qty for one in mine])
