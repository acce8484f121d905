"""A desk with three venues whose books and reports the test tells, for parents that are routed.

A child stands in tests as ``venue qty @ price`` and ``ioc`` where it takes: what a reader of the
wire would see.
"""

from __future__ import annotations

from typing import Any

from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.routing import Decision
from fix_oms.model.units import SCALE, fixed, text_of
from fix_oms.model.views import OrderView, ParentView
from tests.engine.desk import Desk

VENUES = ("ALPHA", "BETA", "GAMMA")
Levels = list[tuple[str, int]]


def routed_settings(**changes: Any) -> dict[str, Any]:
    """Three sessions with a venue each, all telling market data; AAPL trades at all of them."""
    settings: dict[str, Any] = {
        "engine": {"default_account": "DESK", "score_half_life_s": 3600},
        "sessions": {
            name: {
                "version": "FIX.4.4",
                "sender_comp_id": "US",
                "target_comp_id": name,
                "port": 20001 + n,
                "supports": {"market_data": True},
            }
            for n, name in enumerate(VENUES)
        },
        "venues": {name: {"session": name} for name in VENUES},
        "instruments": {"AAPL": {"venues": list(VENUES), "tick": "0.01", "lot": "1"}},
        "accounts": {"DESK": {}, "HEDGE": {}},
    }
    return settings | changes


class RoutedDesk(Desk):
    """``decisions`` are those that were told, in order."""

    def __init__(self, settings: dict[str, Any] | None = None, *, ready: bool = True) -> None:
        self.decisions: list[Decision] = []
        super().__init__(settings or routed_settings(), ready=ready)

    def step(self, value: inputs.Input) -> list[Output]:
        if isinstance(value, inputs.Decided):
            self.decisions.append(value.decision)
        return super().step(value)

    # -- the market ---------------------------------------------------------------------------

    def book(self, venue: str, bids: Levels = (), offers: Levels = ()) -> list[Output]:  # type: ignore[assignment]  # an empty tuple is an empty list of levels
        """The venue tells its whole book of AAPL."""
        entries = [MDEntry(entry_type="0", price=fixed(px), size=n * SCALE) for px, n in bids]
        entries += [MDEntry(entry_type="1", price=fixed(px), size=n * SCALE) for px, n in offers]
        return self.hear(venue, MarketDataSnapshot(symbol="AAPL", entries=tuple(entries)))

    # -- parents ------------------------------------------------------------------------------

    def route(
        self,
        qty: int = 300,
        price: str | None = "10.00",
        *,
        ref: str = "P1",
        side: str = "1",
        **more: Any,
    ) -> Accepted | Refused:
        """A parent of AAPL."""
        command = inputs.NewParent(
            by="ann",
            ref=ref,
            symbol="AAPL",
            side=side,
            order_qty=qty * SCALE,
            price=None if price is None else fixed(price),
            routed=True,
            **more,
        )
        return self.answer(command)

    def resume(self, ref: str = "P1") -> Accepted | Refused:
        return self.answer(inputs.ResumeParent(by="ann", ref=ref, reason="looked at"))

    def parent(self, ref: str = "P1") -> ParentView:
        found = self.shown.routing.parent(ref).parent
        assert found is not None, ref
        return found

    def sums(self, ref: str = "P1") -> tuple[str, int, int, int, int]:
        """OrdStatus, CumQty, LeavesQty, what children hold, what is unrouted."""
        view = self.parent(ref)
        figures = (view.cum_qty, view.leaves_qty, view.open_qty, view.unrouted)
        cum, leaves, held, unrouted = (n // SCALE for n in figures)
        return str(view.ord_status), cum, leaves, held, unrouted

    def children(self, ref: str = "P1") -> list[OrderView]:
        return list(self.shown.routing.parent(ref).children)

    def child(self, n: int, ref: str = "P1") -> OrderView:
        """The ``n``-th child, or from the end."""
        return self.children(ref)[n]

    def seen(self, ref: str = "P1") -> list[str]:
        """The children in words, in the order in which they left."""
        return [in_words(child) for child in self.children(ref)]

    # -- the broker ---------------------------------------------------------------------------

    def acks(self, n: int, ref: str = "P1") -> list[Output]:
        child = self.child(n, ref)
        return self.of(child, "0", "0", leaves=child.order_qty // SCALE)

    def fills(self, n: int, qty: int, px: str | None = None, ref: str = "P1") -> list[Output]:
        """So much of the child executes, at its own price or at ``px``; late where it has ended."""
        child = self.child(n, ref)
        cum = child.cum_qty // SCALE + qty
        left = child.order_qty // SCALE - cum
        is_late = not child.leaves_qty and child.ord_status != "2"
        status = str(child.ord_status) if is_late else "1" if left else "2"
        px = px or text_of(child.price or fixed("10"))
        leaves = 0 if is_late else left
        return self.of(child, "F", status, cum=cum, leaves=leaves, last=qty, px=px)

    def ends(self, n: int, status: str = "4", ref: str = "P1", **more: Any) -> list[Output]:
        """The child is at its end: 4 canceled, 8 rejected, C expired."""
        child = self.child(n, ref)
        return self.of(child, status, status, cum=child.cum_qty // SCALE, **more)

    def replaced(self, n: int, qty: int, ref: str = "P1") -> list[Output]:
        """The broker takes the child's last replace."""
        child = self.child(n, ref)
        cum = child.cum_qty // SCALE
        name = child.requests[-1].cl_ord_id
        return self.of(
            child, "5", "0", named=name, cum=cum, leaves=qty - cum, order_qty=qty * SCALE
        )

    def of(
        self, child: OrderView, exec_type: str, status: str, *, named: str = "", **more: Any
    ) -> list[Output]:
        return self.report(
            named or child.cl_ord_id,
            exec_type,
            status,
            session=child.session,
            side=child.side,
            **more,
        )

    # -- laws ---------------------------------------------------------------------------------

    def check(self) -> None:
        """Conservation, and that the parent is the sum of its children."""
        super().check()
        state = self.engine.state
        for ref, routed in state.routed.parents.items():
            routed._check()
            children = [state.book.by_cl_ord_id(child) for child in routed.held.children]
            orders = [order for order in children if order is not None]
            executed = sum(order.executions.qty for order in orders)
            could = sum(order.executions.qty + order.open_qty for order in orders)
            assert (routed.held.executed, routed.held.committed) == (executed, could), ref


def two_books() -> RoutedDesk:
    """ALPHA offers 100 at 10.00, BETA 100 at 10.00 and 200 at 10.01."""
    desk = RoutedDesk()
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.book("BETA", [("9.97", 500)], [("10.00", 100), ("10.01", 200)])
    return desk


def swept() -> RoutedDesk:
    """A parent of 200 at 10.00 of which two IOC children of 100 are on their way."""
    desk = two_books()
    assert isinstance(desk.route(200), Accepted)
    return desk


def posted(qty: int = 300, settings: dict[str, Any] | None = None) -> RoutedDesk:
    """A parent of which all rests at ALPHA, acknowledged."""
    desk = RoutedDesk(settings)
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 100)])
    assert isinstance(desk.route(qty, "9.99", policy="post"), Accepted)
    desk.acks(0)
    return desk


def control_of(answer: Accepted | Refused) -> str:
    assert isinstance(answer, Refused), answer
    return answer.control


def field_of(answer: Accepted | Refused) -> str:
    assert isinstance(answer, Refused), answer
    return answer.field


def in_words(child: OrderView) -> str:
    at = "market" if child.price is None else f"@ {text_of(child.price)}"
    ioc = " ioc" if child.time_in_force == "3" else ""
    return f"{child.venue} {child.order_qty // SCALE} {at}{ioc}"
