"""One session of the engine under test, with the venue at its other end.

The engine is one process, as its users run it, with a session to each lane's venue: a case on one
lane shows what happens on that session while the others go about their business. After each case
the venue behaves again, and then everything must be as its book says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from acceptance.hostile.venue import HostileVenue, Missing
from fix_oms.client import Accepted, Client
from fix_oms.model.commands import SessionCommand
from fix_oms.model.counterparty import Session, Supports
from fix_oms.model.fix import FixVersion, OrdStatus
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.settings import Account, Instrument, Settings, Venue
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import SessionView

BY: Final = "hostile"
ENGINE: Final = "FIXOMS"
HEARTBEAT_S: Final = 3
WAIT_S: Final = 20.0
"""For what takes a reconnection or two, on a machine that is busy."""


def settings(venues: list[HostileVenue]) -> Settings:
    """A session, a venue and an instrument for each of them; no limits: this is about sessions."""
    sessions = {
        v.name: Session(
            name=v.name,
            version=v.version,
            sender_comp_id=ENGINE,
            target_comp_id=v.name,
            port=v.port,
            heartbeat_s=HEARTBEAT_S,
            reconnect_s=1,
            answer_timeout_s=10,
            supports=Supports(mass_status=False, mass_cancel=False),
        )
        for v in venues
    }
    price = fixed("10")
    return Settings(
        sessions=sessions,
        venues={name: Venue(name=name, session=name) for name in sessions},
        instruments={
            f"S{name}": Instrument(symbol=f"S{name}", venues=(name,), reference=price)
            for name in sessions
        },
        accounts={"DESK": Account(name="DESK")},
    )


class Lane:
    """A session, its venue, and a client of the engine of its own."""

    def __init__(self, venue: HostileVenue, client: Client, quiet: Callable[[], None]) -> None:
        self.venue: Final = venue
        self.client: Final = client
        self.quiet: Final = quiet
        self.symbol: Final = f"S{venue.name}"
        self._only_told = 0
        """Executed by CumQty(14) alone: the fill itself was refused for its form."""

    @property
    def name(self) -> str:
        return self.venue.name

    @property
    def version(self) -> FixVersion:
        return self.venue.version

    def session(self) -> SessionView:
        """As the engine sees it."""
        return next(s for s in self.client.sessions() if s.name == self.name)

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until it is. Raises AssertionError."""
        limit = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < limit, f"{what} never came: {self.session()}"
            time.sleep(0.02)

    def await_ready(self, wait_s: float = WAIT_S) -> None:
        """Until the session is ready, and all that the venue said before has been taken in."""
        limit = time.monotonic() + wait_s
        while True:
            try:
                self.venue.settle()
                if self.session().state == "ready":
                    return
            except Missing:
                pass
            assert time.monotonic() < limit, f"is never ready again: {self.session()}"
            time.sleep(0.05)

    def order(self, qty: int = 100) -> str:
        """Send an order; its ClOrdID(11), once the venue has it. Raises AssertionError."""
        terms = Terms(
            symbol=self.symbol, side="1", order_qty=qty * SCALE, ord_type="2", price=fixed("10")
        )
        limit = time.monotonic() + WAIT_S
        command = NewOrder(by=BY, terms=terms, venue=self.name)
        while not isinstance(said := self.client.submit(command), Accepted):
            # Until the venue has told of the open orders, or is less busy, none is taken.
            if said.control == "session_up":
                raise Missing(said.text)
            assert said.control in ("reconciling", "session_busy"), said
            assert time.monotonic() < limit, said
            time.sleep(0.02)
        if "D" not in self.venue.muted and not self.venue.deaf:
            orders = self.venue.book.orders
            self.venue.until(lambda: said.cl_ord_id in orders, f"the order {said.cl_ord_id}")
        return said.cl_ord_id

    def finish(self) -> None:
        """What is open ends, one more order passes and fills, and nothing is amiss.

        Raises AssertionError.
        """
        for order in list(self.venue.book.orders.values()):
            if order.leaves:
                self.venue.send("8", self.venue.book.cancel(order.cl_ord_id))
        last = self.order(1)
        self.venue.send("8", self.venue.book.fill(last, 1))
        self.venue.settle()
        self.until(lambda: self._wrong_orders() == [], f"orders: {self._wrong_orders()}")
        self._only_told += self._provisional()
        held = self._position() + self._only_told
        assert held == self.venue.book.position, f"{held}, not {self.venue.book.position}"
        assert not self.venue.violations, self.venue.violations
        self.venue.book.forget()

    def is_filled(self, cl_ord_id: str) -> bool:
        """Whether the engine says so."""
        found = self.client.order(cl_ord_id)
        return found is not None and found.ord_status == OrdStatus.FILLED

    def mend(self) -> None:
        """After a case that failed: bring the session up, so that the next one starts afresh."""
        self.venue.violations.clear()
        self.desk("enable")
        self.desk("set-next", next_in=self.venue.next_out)
        self.await_ready()
        for order in list(self.venue.book.orders.values()):
            self.venue.send("8", self.venue.book.cancel(order.cl_ord_id))
        self.venue.settle()
        self.venue.book.forget()
        self._only_told = self.venue.book.position - self._position()

    def desk(self, action: str, **numbers: int) -> None:
        """An act of the support desk on the session."""
        said = self.client.submit(
            SessionCommand(by=BY, session=self.name, action=action, reason="hostile", **numbers)
        )
        assert isinstance(said, Accepted), said

    def _position(self) -> int:
        held = [p.quantity for p in self.client.positions() if p.symbol == self.symbol]
        return sum(held) // SCALE

    def _provisional(self) -> int:
        """Of this case's orders: told by the broker, and not proven by executions."""
        found = [self.client.order(name) for name in self.venue.book.orders]
        return sum(order.provisional_qty for order in found if order is not None) // SCALE

    def _wrong_orders(self) -> list[str]:
        """The orders of which the engine and the venue's book do not say the same."""
        wrong = []
        for order in self.venue.book.orders.values():
            found = self.client.order(order.cl_ord_id)
            seen = None if found is None else (found.ord_status, found.cum_qty // SCALE)
            if seen != (order.status, order.cum):
                wrong.append(f"{order}: {seen}")
        return wrong
