"""A desk with a hedge: a maker in AAPL at ALPHA, covered in ETF (lot 10) at BETA, and brokers by
hand. Quantities are whole numbers; a hedge stands as ``venue side qty @ price``."""

from __future__ import annotations

from typing import Any

from fix_oms.model import inputs
from fix_oms.model.fix import Side
from fix_oms.model.messages import MarketDataSnapshot, MDEntry
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.units import SCALE, fixed, text_of
from fix_oms.model.views import OrderView
from tests.engine.algo_desk import AlgoDesk
from tests.engine.routed import routed_settings

PARAMS: dict[str, Any] = {
    "maker_symbol": "AAPL",
    "maker_side": "1",
    "maker_qty": "300",
    "maker_price": "10",
    "maker_venue": "ALPHA",
    "hedge_symbol": "ETF",
    "hedge_venue": "BETA",
    "hedge_account": "HEDGE",
}


def hedge_settings(**etf: Any) -> dict[str, Any]:
    """AAPL as ever; ETF, of lot 10, at BETA and GAMMA."""
    settings = routed_settings()
    settings["instruments"]["ETF"] = {
        "venues": ["BETA", "GAMMA"],
        "tick": "0.01",
        "lot": "10",
    } | etf
    return settings


class HedgeDesk(AlgoDesk):
    """One hedge, H1, unless a test starts others."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__(settings or hedge_settings())
        for venue in ("BETA", "GAMMA"):
            self.quote(venue)

    def quote(self, venue: str, bid: str = "49.99", offer: str = "50.01") -> list[Output]:
        """The venue tells its book of ETF."""
        entries = tuple(
            MDEntry(entry_type=kind, price=fixed(px), size=1000 * SCALE)
            for kind, px in (("0", bid), ("1", offer))
        )
        return self.hear(venue, MarketDataSnapshot(symbol="ETF", entries=entries))

    def hedge(self, ref: str = "H1", **params: Any) -> Accepted | Refused:
        return self.algo("hedge", ref, **{**PARAMS, **params})

    def view(self, ref: str = "H1") -> AlgoView:
        return super().view(ref)

    # -- the orders ---------------------------------------------------------------------------

    def leg(self, leg: str = "hedge", ref: str = "H1") -> list[OrderView]:
        """The orders of a leg, oldest first."""
        orders = self.view(ref).orders
        names = [n for n in orders if n.rstrip("0123456789") == leg]
        return [self.order(orders[name]) for name in names]

    def went(self, leg: str = "hedge", ref: str = "H1") -> list[str]:
        return [in_words(order) for order in self.leg(leg, ref)]

    def executes(self, qty: int, leg: str = "maker", n: int = -1, **more: Any) -> list[Output]:
        """So much of an order executes."""
        ref = more.pop("ref", "H1")
        order = self.leg(leg, ref)[n]
        cum = order.cum_qty // SCALE + qty
        left = order.order_qty // SCALE - cum
        status = "2" if not left else "1"
        px = text_of(order.price or 10 * SCALE)
        given = {"cum": cum, "leaves": left, "last": qty, "px": px} | more
        return self.tells(order, "F", status, **given)

    def finishes(
        self, leg: str = "hedge", n: int = -1, status: str = "4", **more: Any
    ) -> list[Output]:
        """An order is at its end: 4 canceled, 8 rejected."""
        order = self.leg(leg, more.pop("ref", "H1"))[-1]
        return self.tells(order, status, status, cum=order.cum_qty // SCALE, **more)

    def busts(self, exec_id: str, qty: int, leg: str = "maker", n: int = -1) -> list[Output]:
        """An execution is taken back, and the broker does not put it back to work."""
        order = self.leg(leg)[n]
        cum = order.cum_qty // SCALE - qty
        left = order.order_qty // SCALE - cum if order.leaves_qty else 0
        status = "1" if left and cum else "0" if left else "4"
        more = {"cum": cum, "leaves": left, "last": qty, "exec_ref_id": exec_id}
        return self.tells(order, "H", status, **more)

    def tells(self, order: OrderView, exec_type: str, status: str, **more: Any) -> list[Output]:
        return self.report(
            order.cl_ord_id,
            exec_type,
            status,
            session=order.session,
            side=order.side,
            symbol=order.symbol,
            **more,
        )

    # -- what it comes to ---------------------------------------------------------------------

    def flush(self, ref: str = "H1", **params: Any) -> Accepted | Refused:
        return self.answer(inputs.TellAlgo(by="ann", ref=ref, word="flush", params=params))

    def adds(self, ref: str = "H1") -> tuple[str, ...]:
        """target, hedged, open, carried, uncovered."""
        shown = self.view(ref).progress
        return tuple(shown[k] for k in ("target", "hedged", "open", "carried", "uncovered"))

    def told(self) -> list[tuple[str, str]]:
        """Severity and text of what was said to be uncovered."""
        return [(a.severity, a.text) for a in self.alerts if a.code == "uncovered"]


def in_words(order: OrderView) -> str:
    at = "market" if order.price is None else f"@ {text_of(order.price)}"
    side = Side(order.side).name.lower()
    return f"{order.venue} {side} {order.order_qty // SCALE} {at}"


def started(desk: HedgeDesk, **params: Any) -> HedgeDesk:
    """The desk with a hedge on it."""
    answer = desk.hedge(**params)
    assert isinstance(answer, Accepted), answer
    return desk
