"""Liquidity that is not in the book: at what price a venue of this behaviour fills all the same."""

from __future__ import annotations

from fix_oms.model.units import Fixed
from fix_oms.simulator.book import MatchingBook
from fix_oms.simulator.resting import BookOrder


def price(kind: str, order: BookOrder, book: MatchingBook, reference: Fixed | None) -> Fixed | None:
    """The price for ``order`` under ``auto_fill = kind``; None where nobody fills it."""
    limit = order.limit
    if kind == "none":
        return None
    facing = book.best(not order.is_buy)
    if limit is None:
        return facing if facing is not None else reference
    if kind == "limit":
        return limit
    crosses = facing is not None and (facing <= limit if order.is_buy else facing >= limit)
    return limit if crosses else None
