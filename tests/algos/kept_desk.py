"""A desk at which one algo keeps an order or two where they should be, and a broker that takes all.

What works stands in tests as ``t2 60 @ 11``, ``s3 60 stop 9``, ``x4 60 @ 8.99 ioc``: the algo's own
name, what is open, and where.
"""

from __future__ import annotations

from typing import Any

from fix_oms.model.units import SCALE, fixed, text_of
from fix_oms.model.views import OrderView
from fix_oms.orders.order import Order
from tests.algos.schedule_desk import ScheduleDesk


class KeptDesk(ScheduleDesk):
    """ALPHA shows 9.99 to 10.01 unless a test says otherwise."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.market("9.99", "10.01")

    def market(self, bid: str, offer: str, size: int = 1000) -> None:
        """The best of each side at ALPHA, and a level behind it."""
        self.passes(1_000_000_000)
        behind = (text_of(fixed(bid) - 1_000_000), text_of(fixed(offer) + 1_000_000))
        self.book("ALPHA", [(bid, size), (behind[0], size)], [(offer, size), (behind[1], size)])

    def begin(self, kind: str, **params: Any) -> None:
        super().begin(kind, **params)
        self.takes()

    def do(self, command: Any) -> None:
        self.answer(command)
        self.takes()

    # -- the broker ---------------------------------------------------------------------------

    def takes(self) -> None:
        """Whatever waits for an answer is accepted, until nothing does."""
        for _ in range(50):
            waiting = [order for order in self.book_orders() if order.outstanding()]
            if not waiting:
                return
            for order in waiting:
                for request in order.outstanding()[:1]:
                    self._take(order, request)
        raise AssertionError("the algo and the broker never come to rest")

    def _take(self, order: Order, request: Any) -> None:
        view, cum = self.order(order.reference), order.cum_qty // SCALE
        qty = request.terms.order_qty // SCALE
        status = "1" if cum else "0"
        told: dict[str, Any] = {"named": request.cl_ord_id, "order_id": f"O-{order.reference}"}
        if request.kind == "cancel":
            self.of(view, "4", "4", cum=cum, orig_cl_ord_id=view.cl_ord_id, **told)
        elif request.kind == "replace" and qty <= cum:
            self.cancel_reject(request.cl_ord_id, view.cl_ord_id, "2")
        else:
            kind = "0" if request.kind == "new" else "5"
            terms: dict[str, Any] = {"order_qty": qty * SCALE, "price": request.terms.price}
            self.of(view, kind, status, cum=cum, leaves=qty - cum, **told, **terms)

    def execute(self, name: str, qty: int, px: str = "10") -> None:
        """So much of the algo's order executes; what it does about it is not yet answered."""
        order = self.order(self.of_algo(name))
        cum = order.cum_qty // SCALE + qty
        left = max(0, order.order_qty // SCALE - cum) if order.leaves_qty else 0
        status = "2" if not left else "1"
        told: dict[str, Any] = {"order_id": f"O-{order.reference}"}
        self.of(order, "F", status, cum=cum, leaves=left, last=qty, px=px, **told)

    def fills(self, name: str, qty: int, px: str = "10") -> None:  # type: ignore[override]  # of the algo's own orders
        self.execute(name, qty, px)
        self.takes()

    def restarts(self) -> None:
        """The process dies, another one reads the journal, and the broker tells what works."""
        super().restarts()
        for order in self.live:
            cum, left = order.cum_qty // SCALE, order.leaves_qty // SCALE
            told: dict[str, Any] = {"cum": cum, "leaves": left, "order_id": f"O-{order.reference}"}
            self.of(order, "I", "1" if cum else "0", **told)
        self.market("9.99", "10.01")

    def leaves_none(self, name: str) -> None:
        """What an IOC order has left is out."""
        order = self.order(self.of_algo(name))
        self.of(order, "4", "4", cum=order.cum_qty // SCALE, order_id=f"O-{order.reference}")
        self.takes()

    def rejects(self, name: str) -> None:
        order = self.order(self.of_algo(name))
        self.of(order, "8", "8", text="no", order_id=f"O-{order.reference}")

    # -- looking ------------------------------------------------------------------------------

    def book_orders(self) -> list[Order]:
        book = self.engine.state.book
        found = [book.by_cl_ord_id(view.reference) for view in self.all]
        return [order for order in found if order is not None]

    @property
    def at_work(self) -> list[str]:
        return [words(order) for order in self.live]


def words(order: OrderView) -> str:
    name = order.client_ref.partition(".")[2]
    at = "market" if order.price is None else f"@ {text_of(order.price)}"
    at = at if order.stop_px is None else f"stop {text_of(order.stop_px)}"
    ioc = " ioc" if order.time_in_force == "3" else ""
    return f"{name} {order.leaves_qty // SCALE} {at}{ioc}"
