"""The driver with everything real: the ``fix-oms run`` process, its control socket, a FIX session.

The venue's end is :class:`~acceptance.scn.raw_venue.RawVenue`, so nothing of ours is on both sides.
One process serves all scripts of a version; they meet there only in the position, which is compared
as a change.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acceptance import oms
from acceptance.scn.in_process import SESSION, settings
from acceptance.scn.raw_venue import SOH, RawVenue
from fix_oms.client.client import Client
from fix_oms.model.commands import AnyCommand
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import Fixed, fixed
from fix_oms.model.views import OrderView

SENTINEL: Final = Terms(
    symbol="MSFT", side="1", order_qty=fixed("1"), ord_type="2", price=fixed("0.01")
)


class OverTcp:
    """A running order system and the venue that it is connected to."""

    def __init__(self, client: Client, venue: RawVenue) -> None:
        self._client: Final = client
        self._venue: Final = venue

    def submit(self, command: AnyCommand) -> Accepted | Refused:
        return self._client.submit(command)

    def sent(self) -> tuple[str, int]:
        return self._venue.next()

    def unheard(self) -> list[str]:
        """A session keeps its order: what left before an order that is sent now, came before it."""
        answer = self._client.submit(NewOrder(by="script", terms=SENTINEL))
        assert isinstance(answer, Accepted), answer
        left: list[str] = []
        while f"{SOH}11={answer.cl_ord_id}{SOH}" not in (text := self._venue.next()[0]):
            left.append(text)
        self.deliver(
            f"35=8|37=S{answer.cl_ord_id}|11={answer.cl_ord_id}|17=S{answer.cl_ord_id}|20=0|150=8|39=8|"
            "55=MSFT|54=1|38=1|14=0|151=0|6=0|".replace("|", SOH)
        )
        return left

    def deliver(self, text: str) -> None:
        self._venue.send(text)
        self._venue.settle()

    def wait(self, ns: int) -> None:
        time.sleep(ns / 1e9)

    def now_ns(self) -> int:
        return time.time_ns()

    def order(self, cl_ord_id: str) -> OrderView | None:
        return self._client.order(cl_ord_id)

    def position(self, symbol: str) -> Fixed:
        return sum(view.quantity for view in self._client.positions() if view.symbol == symbol)


@contextmanager
def over_tcp(version: FixVersion, directory: Path) -> Iterator[OverTcp]:
    """Run an order system on ``version`` and a venue for it."""
    venue = RawVenue(version, SESSION, "FIXOMS")
    try:
        with oms.running(settings(version, port=venue.port), directory) as client:
            yield OverTcp(client, venue)
    finally:
        venue.close()
