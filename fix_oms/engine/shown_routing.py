"""Parents, venues' scorecards and books as people and programs see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.engine.state import State
from fix_oms.model.protocol import Book, ParentFound
from fix_oms.model.views import OrderView, ParentView, VenueView
from fix_oms.orders.order import Order


class ShownRouting:
    """Views of one state at one time (ns UTC), made when asked."""

    def __init__(self, state: State, now: int, order_view: Callable[[Order], OrderView]) -> None:
        self._state: Final = state
        self._now: Final = now
        self._order_view: Final = order_view

    def parent(self, ref: str) -> ParentFound:
        """A parent with its children and newest decisions."""
        return ParentFound(parent=None)

    def parents(self, open_only: bool, limit: int, after: str) -> list[ParentView]:
        """Parents in the order in which they came, ``limit`` of them behind ``after``."""
        return []

    def venues(self) -> list[VenueView]:
        """Every venue's scorecard."""
        return []

    def book(self, symbol: str, depth: int) -> Book:
        """The consolidated book of the symbol."""
        return Book(symbol=symbol, rows=(), sources=())
