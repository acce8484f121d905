"""A desk at which one algo sends piece by piece, and a broker at ALPHA that does as it is told.

Orders stand in tests as ``0s 200 @ 10``: how long after the start they left, and what they were.
"""

from __future__ import annotations

from typing import Any

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataIncremental, MDEntry
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed, text_of
from fix_oms.model.views import OrderView
from tests.engine.algo_desk import OWN, AlgoDesk
from tests.engine.desk import SECOND
from tests.engine.routed import routed_settings

PLAIN: dict[str, Any] = {"symbol": "AAPL", "side": "buy", "qty": "1000", "price": "10"}


class ScheduleDesk(AlgoDesk):
    """``lot`` and other keys go into the instrument's table."""

    def __init__(self, *, ready: bool = True, more: Any = None, **instrument: Any) -> None:
        settings = routed_settings(algos=OWN, **(more or {}))
        settings["instruments"]["AAPL"] |= instrument
        super().__init__(settings, ready=ready)
        self.began = self.now

    def begin(self, kind: str, **params: Any) -> None:
        answer = self.try_begin(kind, **params)
        assert isinstance(answer, Accepted), answer
        self.began = self.view().created_ns

    def try_begin(self, kind: str, **params: Any) -> Accepted | Refused:
        """Refused or not; at ALPHA unless a policy is named."""
        place = {} if "policy" in params else {"venue": "ALPHA"}
        asked = {name: v for name, v in (PLAIN | place | params).items() if v is not None}
        return self.algo(kind, **asked)

    def at(self, seconds: float) -> None:
        """It is so long after the start."""
        self.now = max(self.now, self.began + int(seconds * SECOND))
        self.give(inputs.Tick())

    # -- orders -------------------------------------------------------------------------------

    @property
    def all(self) -> list[OrderView]:
        return self.shown.order_views(False, 10_000, "")

    @property
    def live(self) -> list[OrderView]:
        return [order for order in self.all if order.leaves_qty]

    def sent_orders(self) -> list[str]:
        return [
            f"{(order.created_ns - self.began) // SECOND}s {_words(order)}" for order in self.all
        ]

    def fill(self, qty: int | None = None, px: str = "10", order: OrderView | None = None) -> None:
        """So much of the oldest that works executes; all of it unless said."""
        order = order or self.live[0]
        qty = order.leaves_qty // SCALE if qty is None else qty
        cum = order.cum_qty // SCALE + qty
        left = order.order_qty // SCALE - cum
        self.of(order, "F", "1" if left else "2", cum=cum, leaves=left, last=qty, px=px)

    def busts(self, order: OrderView) -> None:
        """The order's last execution is taken back, and the order stays at its end."""
        fill = self.shown.fill_views(order.reference, 100, 0)[-1]
        cum = (order.cum_qty - fill.last_qty) // SCALE
        self.of(order, "H", "4", cum=cum, exec_ref_id=fill.exec_id)

    def ends_order(self, status: str = "4") -> None:
        """The oldest that works is at its end: 4 canceled, 8 rejected, C expired."""
        order = self.live[0]
        self.of(order, status, status, cum=order.cum_qty // SCALE)

    def gone(self) -> None:
        """All that is asked out is out."""
        for order in self.live:
            if "cancel" in order.pending:
                name = order.requests[-1].cl_ord_id
                cum = order.cum_qty // SCALE
                self.of(order, "4", "4", named=name, cum=cum, orig_cl_ord_id=order.cl_ord_id)

    def trades(self, qty: int, px: str = "10", venue: str = "ALPHA") -> None:
        """Others trade, and the venue tells it."""
        entry = MDEntry(
            entry_type="2", action="0", symbol="AAPL", price=fixed(px), size=qty * SCALE
        )
        self.hear(venue, MarketDataIncremental(entries=(entry,)))

    def last_price(self) -> int:
        """The price of the message that left last."""
        return fixed(self.last_fields()[44])

    # -- the algo -----------------------------------------------------------------------------

    def amend(self, **params: Any) -> Accepted | Refused:
        return self.answer(inputs.AmendAlgo(by="ann", ref="A1", params=params))

    def pause(self) -> None:
        assert isinstance(self.answer(inputs.PauseAlgo(by="ann", ref="A1")), Accepted)

    def resume_algo(self) -> None:
        assert isinstance(self.answer(inputs.ResumeAlgo(by="ann", ref="A1")), Accepted)

    def progress(self, name: str) -> str:
        return self.view().progress[name]

    @property
    def ending(self) -> tuple[str, str]:
        return self.view().state, self.view().why

    def restarts(self) -> None:
        """The process dies, and another one reads the journal."""
        self.engine = replayed(self)
        self.start(2)
        for name in self.settings["sessions"]:
            self.ready(name)


def replayed(desk: AlgoDesk) -> Engine:
    """Another engine that has read the same journal."""
    engine = Engine()
    for now, value in desk.log:
        engine.step(now, inputs.decode(inputs.encode(value)))
    return engine


def _words(order: OrderView) -> str:
    at = "market" if order.price is None else f"@ {text_of(order.price)}"
    ioc = " ioc" if order.time_in_force == "3" else ""
    return f"{order.order_qty // SCALE} {at}{ioc}"
