"""The control socket's messages about routing: parents, decisions, venues, books."""

from __future__ import annotations

from fix_oms.model.routing import Decision
from fix_oms.model.talk import Rows, Tagged
from fix_oms.model.units import Fixed
from fix_oms.model.views import BookRow, OrderView, ParentView, SourceView, VenueView

PARENTS_PAGE = 200
"""The most parents in one reply."""


class GetParent(Tagged, frozen=True, kw_only=True, tag="parent"):
    """One parent by its ref. Answered by :class:`ParentFound`."""

    ref: str


class GetParents(Tagged, frozen=True, kw_only=True, tag="parents"):
    """A page of parents, oldest first, those after the ref ``after``."""

    open_only: bool = False
    limit: int = PARENTS_PAGE
    after: str = ""


class GetVenues(Tagged, frozen=True, kw_only=True, tag="venues"):
    """The venues' scorecards. Answered by :class:`Venues`."""


class GetBook(Tagged, frozen=True, kw_only=True, tag="book"):
    """The consolidated book of a symbol, ``depth`` levels of each venue and side (0: all)."""

    symbol: str
    depth: int = 0


class ParentFound(Tagged, frozen=True, kw_only=True, tag="parent"):
    """The parent (None: there is none of that ref), its children, and its newest decisions."""

    parent: ParentView | None
    children: tuple[OrderView, ...] = ()
    decisions: tuple[Decision, ...] = ()


class Parents(Tagged, frozen=True, kw_only=True, tag="parents"):
    """A page; ``more`` says that another one follows."""

    parents: tuple[ParentView, ...]
    more: bool


class Venues(Rows, frozen=True, kw_only=True, tag="venues"):
    @property
    def venues(self) -> tuple[VenueView, ...]:
        return self.views(VenueView)


class Book(Tagged, frozen=True, kw_only=True, tag="book"):
    """All levels, bids and offers each best first, and what each venue's book is worth.

    ``bid``, ``offer`` and ``middle`` are of the fresh books; None where there is none. A symbol
    that is no instrument has no sources.
    """

    symbol: str
    rows: tuple[BookRow, ...]
    sources: tuple[SourceView, ...]
    bid: Fixed | None = None
    offer: Fixed | None = None
    middle: Fixed | None = None
