"""The market of a simulated world: venues that match, takers who hit what rests, the true record.

A venue here is the project's own, in virtual time, with FIX text on the session to the gate. Takers
come at random and take what they reach around the reference, mostly on the side of the taker before
them, so that positions run. The record is the venues' own: it counts an execution at the moment at
which it is made, whoever has heard of it by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from fix_oms.model.fix import FixVersion, OrdType, Side, TimeInForce
from fix_oms.model.messages import (
    ExecutionReport,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    Terms,
)
from fix_oms.model.units import SCALE
from fix_oms.simulator.settings import Behaviour, Listing, VenueSettings
from fix_oms.simulator.venue import Action, Venue
from fix_oms.wire import Codec
from fix_oms.world.clock import Clock, chance
from tests.simulation.links import FixSession, Give
from tests.simulation.mixes import Mix

TICK: Final = SCALE // 100
DESK: Final = "US"
TAKER: Final = "TAKER"


class Record:
    """The venues' own record of the desk's position, as its executions are made."""

    def __init__(self) -> None:
        self.position = 0
        self.furthest = 0
        self.fills = 0
        self.last_exec_id = ""

    def took(self, report: ExecutionReport) -> None:
        """A report has been made."""
        if report.exec_type == "F":
            qty = report.last_qty or 0
            self.position += qty if report.side == Side.BUY else -qty
            self.furthest = max(self.furthest, abs(self.position))
            self.fills += 1
            self.last_exec_id = report.exec_id or ""


class Market:
    """One venue with its takers and its session to the gate. ``ticks`` is the reference price;
    takers come until ``trading`` is False."""

    def __init__(
        self,
        name: str,
        mix: Mix,
        *,
        seed: int,
        clock: Clock,
        record: Record,
        give: Give,
        ticks: Callable[[], int],
    ) -> None:
        self.venue: Final = Venue(name, FixVersion.FIX44)
        self.trading = True
        self._clock: Final = clock
        self._record: Final = record
        self._ticks: Final = ticks
        self._codec: Final = Codec(FixVersion.FIX44)
        self._taker_ms: Final = mix.taker_ms * len(mix.venues)
        self._flips: Final = mix.flips
        self._repeats: Final = mix.repeats
        self._by_orig: Final = mix.by_orig
        self._flow: Final = chance(seed, f"takers of {name}")
        self._again: Final = chance(seed, f"repeats of {name}")
        self._buys = False
        self._taken = 0
        self.session: Final = FixSession(
            name, clock, chance(seed, f"wire of {name}"), mix.wire_ms, give, self._hears
        )
        settings = VenueSettings(
            version=FixVersion.FIX44,
            port=1,
            comp_id=name,
            clients=(DESK,),
            seed=seed,
            listings={"AAPL": Listing()},
            behaviour=Behaviour(**mix.behaviour),
        )
        self._say(self.venue.open(clock.now, "1", settings))

    def later(self) -> None:
        """Plan the next taker."""
        self._clock.after_ms(self._flow.expovariate(1 / self._taker_ms), self._taker)

    def _taker(self) -> None:
        flow = self._flow
        if flow.random() < self._flips:
            self._buys = not self._buys
        lots, far = flow.randint(1, 3), flow.randint(5, 20)
        self._taken += 1
        ticks = self._ticks() + (far if self._buys else -far)
        terms = Terms(
            symbol="AAPL",
            side=Side.BUY if self._buys else Side.SELL,
            order_qty=lots * SCALE,
            ord_type=OrdType.LIMIT,
            price=ticks * TICK,
            time_in_force=TimeInForce.IOC,
        )
        now = self._clock.now
        order = NewOrderSingle(cl_ord_id=f"T{self._taken}", terms=terms, transact_time=now)
        if self.trading:
            self._say(self.venue.handle(now, TAKER, order))
            self.later()

    def _hears(self, text: str) -> None:
        message = self._codec.decode(text)
        if self._by_orig and isinstance(message, OrderCancelRequest | OrderCancelReplaceRequest):
            message = msgspec.structs.replace(message, order_id=None)
        self._say(self.venue.handle(self._clock.now, DESK, message))

    def _say(self, actions: list[Action]) -> None:
        for action in actions:
            if action.session != DESK:
                continue
            text = self._codec.encode(action.message)
            if isinstance(action.message, ExecutionReport):
                self._record.took(action.message)
            self.session.say(text)
            if self._again.random() < self._repeats:
                self.session.say(f"{text}97=Y\x01")
        due = self.venue.next_due()
        if due is not None:
            self._clock.at(due, self._due)

    def _due(self) -> None:
        self._say(self.venue.due(self._clock.now))

    def could(self) -> tuple[int, int, int]:
        """By the venue's own orders: the position here, and what is open to buy and to sell."""
        held = opened = offered = 0
        for order in self.venue.floor.orders.values():
            if order.session == DESK:
                held += order.cum_qty if order.is_buy else -order.cum_qty
                left = order.leaves_qty if order.ended is None else 0
                opened += left if order.is_buy else 0
                offered += 0 if order.is_buy else left
        return held, opened, offered
