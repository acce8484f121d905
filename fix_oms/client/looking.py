"""What a client may look at: one method for each page and table of the control socket.

Each is one consistent moment; what is read page by page is as many moments as pages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from fix_oms.model import protocol
from fix_oms.model.protocol import Status
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.talk_clients import ClientView
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    LimitView,
    OrderView,
    ParentView,
    PositionView,
    SessionView,
    VenueView,
)

R = TypeVar("R")
P = TypeVar("P", protocol.Orders, protocol.Parents, protocol.Algos)
V = TypeVar("V")


class Looking(ABC):
    """The questions of a client."""

    @abstractmethod
    def _ask(self, asked: protocol.Request, expected: type[R]) -> R:
        """Send a request and return its reply, which must be ``expected``."""

    def order(self, ref: str) -> OrderView | None:
        """The order that any of its names stands for, or None."""
        return self._ask(protocol.GetOrder(ref=ref), protocol.OrderFound).order

    def orders(self, *, open_only: bool = False, after: str = "") -> Iterator[OrderView]:
        """All orders (those after the reference ``after``), oldest first, read page by page."""
        return self._pages(
            lambda last: self._ask(
                protocol.GetOrders(open_only=open_only, after=last), protocol.Orders
            ),
            lambda page: page.orders,
            lambda order: order.reference,
            after,
        )

    def fills(self, order: str | None = None, *, after: int = 0) -> Iterator[FillView]:
        """The executions of one order or of all, oldest first, without the first ``after``."""
        while True:
            page = self._ask(protocol.GetFills(order=order, after=after), protocol.Fills)
            yield from page.fills
            if not page.more or not page.fills:
                return
            after += len(page.fills)

    def parent(self, ref: str) -> protocol.ParentFound:
        """A parent with its children and newest decisions; its ``parent`` is None for none."""
        return self._ask(protocol.GetParent(ref=ref), protocol.ParentFound)

    def parents(self, *, open_only: bool = False, after: str = "") -> Iterator[ParentView]:
        """All parents (those after the ref ``after``), oldest first, read page by page."""
        return self._pages(
            lambda last: self._ask(
                protocol.GetParents(open_only=open_only, after=last), protocol.Parents
            ),
            lambda page: page.parents,
            lambda parent: parent.ref,
            after,
        )

    def algo(self, ref: str) -> protocol.AlgoFound:
        """An algo with the newest records of what it did; its ``algo`` is None for none."""
        return self._ask(protocol.GetAlgo(ref=ref), protocol.AlgoFound)

    def algos(self, *, open_only: bool = False, after: str = "") -> Iterator[AlgoView]:
        """All algos (those after the ref ``after``), oldest first, read page by page."""
        return self._pages(
            lambda last: self._ask(
                protocol.GetAlgos(open_only=open_only, after=last), protocol.Algos
            ),
            lambda page: page.algos,
            lambda algo: algo.ref,
            after,
        )

    def venues(self) -> tuple[VenueView, ...]:
        """The venues' scorecards."""
        return self._ask(protocol.GetVenues(), protocol.Venues).venues

    def book(self, symbol: str, depth: int = 0) -> protocol.Book:
        """The consolidated book of a symbol, ``depth`` levels of each venue (0: all)."""
        return self._ask(protocol.GetBook(symbol=symbol, depth=depth), protocol.Book)

    def positions(self) -> tuple[PositionView, ...]:
        return self._ask(protocol.GetPositions(), protocol.Positions).positions

    def sessions(self) -> tuple[SessionView, ...]:
        return self._ask(protocol.GetSessions(), protocol.Sessions).sessions

    def clients(self) -> tuple[ClientView, ...]:
        """The FIX clients."""
        return self._ask(protocol.GetClients(), protocol.Clients).clients

    def halts(self) -> tuple[HaltView, ...]:
        return self._ask(protocol.GetHalts(), protocol.Halts).halts

    def limits(self) -> tuple[LimitView, ...]:
        return self._ask(protocol.GetLimits(), protocol.Limits).limits

    def exposure(self) -> tuple[ExposureView, ...]:
        return self._ask(protocol.GetExposure(), protocol.Exposures).exposures

    def balances(self) -> tuple[BalanceView, ...]:
        return self._ask(protocol.GetBalances(), protocol.Balances).balances

    def feeds(self) -> tuple[FeedView, ...]:
        return self._ask(protocol.GetFeeds(), protocol.Feeds).feeds

    def alerts(self) -> tuple[AlertView, ...]:
        """The conditions that are open now, the severest first."""
        return self._ask(protocol.GetAlerts(), protocol.Alerts).alerts

    def stream(self) -> protocol.StreamAt:
        """Where the engine's live stream is; starts it. Raises EngineFailed while it cannot."""
        return self._ask(protocol.GetStream(), protocol.StreamAt)

    def status(self) -> Status:
        """The running process: release, pid, journal."""
        return self._ask(protocol.GetStatus(), Status)

    def _pages(
        self,
        ask: Callable[[str], P],
        rows: Callable[[P], Sequence[V]],
        name: Callable[[V], str],
        after: str,
    ) -> Iterator[V]:
        """The rows of one page after the other, each after the last one's name of that before."""
        while True:
            page = ask(after)
            yield from rows(page)
            if not page.more or not rows(page):
                return
            after = name(rows(page)[-1])
