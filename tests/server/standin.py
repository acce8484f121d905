"""A small engine for the control socket's tests: it takes orders, and a broker in it answers them.

It implements the ``Running`` protocol with rules of its own, simple enough to see through: what is
over MAX_QTY is refused; an order is answered as its symbol says (FILL, REJECT, SILENT, else it
rests). It is not the engine and proves nothing about it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from fix_oms.model.fix import OrdStatus
from fix_oms.model.inputs import (
    CancelOrder,
    Command,
    Halt,
    Input,
    Kill,
    NewOrder,
    NewParent,
    ReplaceOrder,
    Resume,
    ResumeParent,
    SessionCommand,
)
from fix_oms.model.outputs import Accepted, Alert, Output, Refused
from fix_oms.model.talk_algos import AlgoFound, AlgoView
from fix_oms.model.talk_clients import ClientView
from fix_oms.model.talk_standing import Asked
from fix_oms.model.units import SCALE
from fix_oms.model.views import (
    AlertView,
    BalanceView,
    ExposureView,
    FeedView,
    FillView,
    HaltView,
    LimitView,
    OrderView,
    PositionView,
    RequestView,
    SessionView,
)
from fix_oms.server.answers import Views
from tests.server.standin_routing import T0, StandinRouting

T = TypeVar("T")

MAX_QTY = 10_000 * SCALE
EXPOSURE = ExposureView(
    dimension="account",
    name="DESK",
    currency="USD",
    position=-5,
    open_buy=1,
    open_sell=2,
    longest=-4,
    shortest=-7,
    open_value=10**40,
    gross=10**40,
    net_long=3,
    net_short=-(10**40),
    profit=-1,
)
"""With sums larger than 64 bits hold."""
LIMIT = LimitView(
    name="size",
    control="max_order_qty",
    limit="1000",
    scope="everything",
    soft=True,
    source="configuration",
    note="",
    refused=2,
    found={"AAPL": "100"},
    latched=("AAPL",),
    override="ann: 1 use left",
    plain={"control": "max_order_qty", "limit": "1000"},
)
BALANCE = BalanceView(
    account="DESK",
    currency="USD",
    total=100 * SCALE,
    available=40 * SCALE,
    margin_used=60 * SCALE,
    used_since=10**30,
    left=-(10**30),
    source="broker",
    stated_ns=T0,
)
FEED = FeedView(
    account="DESK",
    symbol="AAPL",
    ours=SCALE,
    told=2 * SCALE,
    difference=SCALE,
    unconfirmed=3,
    missing="X1",
    source="drop",
    told_ns=T0,
)


class StandinAlgos:
    """Algos as a test puts them there."""

    def __init__(self) -> None:
        self.held: dict[str, AlgoView] = {}

    def algo(self, ref: str) -> AlgoFound:
        return AlgoFound(algo=self.held.get(ref))

    def algos(self, open_only: bool, limit: int, after: str) -> list[AlgoView]:
        found = [a for a in self.held.values() if not (open_only and a.state == "ended")]
        return [a for a in found if a.ref > after][:limit]


class Standin:
    """``submitted`` holds every input taken, in order."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.routing = StandinRouting(order_view)
        self.algos = StandinAlgos()
        self.submitted: list[Input] = []
        self.orders: dict[str, OrderView] = {}
        self.fills: list[FillView] = []
        self.halts: list[HaltView] = []
        self.positions: list[PositionView] = []
        self.alerts: list[AlertView] = []
        self.client_views: Callable[[], list[ClientView]] = list
        self.broken = False
        """Every read raises, as a defect in the engine would."""

    # -- Running --------------------------------------------------------------------------------

    def submit(self, value: Input) -> list[Output]:
        with self.lock:
            return self._step(value)

    def taken(self, value: Input) -> tuple[int, list[Output]]:
        outputs = self.submit(value)
        return len(self.submitted) - 1, outputs

    def taken_all(self, values: Sequence[Input]) -> tuple[int, list[list[Output]]]:
        with self.lock:
            done = [self._step(value) for value in values]
            return len(self.submitted) - 1, done

    def head(self) -> int:
        return len(self.submitted) - 1

    def check(self, commands: Sequence[Command]) -> Sequence[Refused | None]:
        return [self._refusal(command) for command in commands]

    def read(self, fn: Callable[[Views], T]) -> T:
        with self.lock:
            if self.broken:
                raise KeyError("a defect")
            return fn(self)

    def asked(self, session: str, name: str) -> Asked:
        return Asked(outcome="unknown")

    # -- Views ----------------------------------------------------------------------------------

    def order_view(self, ref: str) -> OrderView | None:
        names = {o.client_ref: o for o in self.orders.values() if o.client_ref}
        return self.orders.get(ref) or names.get(ref)

    def order_views(self, open_only: bool, limit: int, after: str) -> list[OrderView]:
        found = [o for o in self.orders.values() if o.leaves_qty or not open_only]
        start = 0 if not after else 1 + [o.reference for o in found].index(after)
        return found[start : start + limit]

    def fill_views(self, order: str | None, limit: int, after: int) -> list[FillView]:
        found = [f for f in self.fills if order in (None, f.order)]
        return found[after : after + limit]

    def position_views(self) -> list[PositionView]:
        return self.positions

    def session_views(self) -> list[SessionView]:
        up = {"since_ns": T0, "epoch": 1, "next_in": 12, "next_out": 15}
        return [
            SessionView(
                name="ALPHA", version="FIX.4.4", state="ready", reason="", backing_off=False, **up
            ),
            SessionView(
                name="BETA",
                version="FIX.4.2",
                state="down",
                reason="connection refused by 127.0.0.1:15042",
                backing_off=True,
                **up,
            ),
        ]

    def halt_views(self) -> list[HaltView]:
        return self.halts

    def limit_views(self) -> list[LimitView]:
        return [LIMIT]

    def exposure_views(self) -> list[ExposureView]:
        return [EXPOSURE]

    def balance_views(self) -> list[BalanceView]:
        return [BALANCE]

    def feed_views(self) -> list[FeedView]:
        return [FEED]

    def open_alerts(self) -> list[AlertView]:
        return self.alerts

    # -- rules ----------------------------------------------------------------------------------

    def _refusal(self, command: Command) -> Refused | None:
        if isinstance(command, NewOrder) and command.terms.order_qty > MAX_QTY:
            return Refused(
                control="max_order_qty",
                text="over the limit of 10000",
                field="OrderQty(38)",
                limit="10000",
                value="20000",
            )
        known = self.orders.keys() | self.routing.held.keys()
        if isinstance(command, CancelOrder | ReplaceOrder) and command.order not in known:
            return Refused(control="unknown_order", text=f"no order is named {command.order!r}")
        return None

    def _step(self, value: Input) -> list[Output]:
        self.submitted.append(value)
        refusal = self._refusal(value) if isinstance(value, Command) else None
        if refusal is not None:
            return [refusal]
        match value:
            case NewOrder():
                return self._new(value)
            case NewParent(routed=True):
                return [self.routing.new(value)]
            case CancelOrder(order=name) if name in self.routing.held:
                return [self.routing.cancel(name)]
            case ReplaceOrder(order=name) if name in self.routing.held:
                return [self.routing.replace(name, value)]
            case ResumeParent(ref=name):
                return [self.routing.resume(name)]
            case CancelOrder(order=name):
                return self._ask(name, "cancel", OrdStatus.CANCELED)
            case ReplaceOrder(order=name):
                return self._ask(name, "replace", None)
            case Halt() | Kill():
                self.halts.append(_halt_view(value))
            case Resume():
                self.halts.clear()
            case SessionCommand(action="reset"):
                alert = Alert(severity="warning", code="epoch", text="ALPHA begins at 1 again")
                return [alert, Accepted(text="reset asked for", session=value.session)]
        return [Accepted(text="done")]

    def _new(self, command: NewOrder) -> list[Output]:
        reference = f"7-{len(self.orders) + 1}"
        self.orders[reference] = order_view(command, reference)
        self._answer(reference)
        accepted = Accepted(order=reference, cl_ord_id=reference, session="ALPHA", text="sent")
        return [accepted]

    def _answer(self, reference: str) -> None:
        """What the broker says, by the order's symbol."""
        order = self.orders[reference]
        if order.symbol == "SILENT":
            return
        if order.symbol == "REJECT":
            self._become(reference, "refused", OrdStatus.REJECTED, text="no such symbol")
            return
        self._become(reference, "accepted", OrdStatus.NEW)
        if order.symbol == "FILL":
            self._become(reference, "accepted", OrdStatus.FILLED)
            self.fills.append(fill_view(order))

    def _become(self, reference: str, outcome: str, status: OrdStatus, text: str = "") -> None:
        order = self.orders[reference]
        ended = status in (OrdStatus.REJECTED, OrdStatus.FILLED, OrdStatus.CANCELED)
        done = order.order_qty if status == OrdStatus.FILLED else order.cum_qty
        request = msgspec.structs.replace(order.requests[-1], outcome=outcome, text=text)
        self.orders[reference] = msgspec.structs.replace(
            order,
            ord_status=status.value,
            cum_qty=done,
            leaves_qty=0 if ended else order.order_qty - done,
            avg_px=order.price or 0 if done else 0,
            pending=(),
            text=text,
            updated_ns=order.updated_ns + 1,
            requests=(*order.requests[:-1], request),
        )

    def _ask(self, name: str, kind: str, then: OrdStatus | None) -> list[Output]:
        order = self.orders[name]
        cl_ord_id = f"{name}.{len(order.requests)}"
        asked = RequestView(cl_ord_id=cl_ord_id, kind=kind, outcome="pending", in_doubt=False)
        self.orders[name] = msgspec.structs.replace(
            order, requests=(*order.requests, asked), pending=(kind,)
        )
        if not order.leaves_qty:
            status = OrdStatus(order.ord_status)
            self._become(name, "refused", status, text="too late to cancel")
        else:
            self._become(name, "accepted", then or OrdStatus(order.ord_status))
        return [Accepted(order=name, cl_ord_id=cl_ord_id, session=order.session)]


def _halt_view(command: Halt | Kill) -> HaltView:
    return HaltView(
        by=command.by,
        reason=command.reason,
        venue=command.venue,
        symbol=command.symbol,
        account=command.account,
        strategy=command.strategy,
        kill=isinstance(command, Kill),
    )


def order_view(command: NewOrder, reference: str) -> OrderView:
    """An order that has just been sent."""
    terms = command.terms
    return OrderView(
        reference=reference,
        cl_ord_id=reference,
        order_id="",
        client_ref=command.client_ref or "",
        venue=command.venue or "ALPHA",
        session="ALPHA",
        account=terms.account or "DESK",
        symbol=terms.symbol,
        side=terms.side,
        ord_type=terms.ord_type,
        time_in_force=terms.time_in_force,
        order_qty=terms.order_qty,
        price=terms.price,
        stop_px=terms.stop_px,
        ord_status=OrdStatus.PENDING_NEW.value,
        cum_qty=0,
        leaves_qty=terms.order_qty,
        avg_px=0,
        provisional_qty=0,
        unexplained_qty=0,
        uncertain=False,
        day_order_qty=None,
        day_cum_qty=None,
        day_avg_px=None,
        cash_order_qty=None,
        currency="USD",
        pending=("new",),
        in_doubt=False,
        breaks=(),
        text="",
        created_ns=T0,
        updated_ns=T0,
        requests=(RequestView(cl_ord_id=reference, kind="new", outcome="pending", in_doubt=False),),
    )


def fill_view(order: OrderView, exec_id: str = "X1", state: str = "effective") -> FillView:
    return FillView(
        order=order.reference,
        exec_id=exec_id,
        venue=order.venue,
        account=order.account,
        symbol=order.symbol,
        side=order.side,
        last_qty=order.order_qty,
        last_px=order.price or 150 * SCALE,
        transact_time=T0 + 123_456_789,
        state=state,
    )


def position_view(quantity: int = 100 * SCALE) -> PositionView:
    """A position whose realised money is larger than 64 bits hold."""
    return PositionView(
        account="DESK",
        symbol="AAPL",
        currency="USD",
        quantity=quantity,
        average_px=15025 * SCALE // 100,
        bought=600 * SCALE,
        sold=500 * SCALE,
        realised=-123_456_789 * SCALE * SCALE - SCALE * SCALE // 2,
        open_buy=40 * SCALE,
        open_sell=0,
    )
