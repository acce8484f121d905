"""What a runner needs of an order system: to be told what to do, to be heard, and to be looked at.

Messages cross here as FIX text from MsgType(35) on, no header and trailer, each field ended by SOH.
"""

from __future__ import annotations

from typing import Protocol

from fix_oms.model.commands import AnyCommand
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import Fixed
from fix_oms.model.views import OrderView


class Silent(Exception):
    """A message was awaited and none left."""


class Driver(Protocol):
    """One order system with one session to one venue, logged on and ready."""

    def submit(self, command: AnyCommand) -> Accepted | Refused:
        """Ask for something."""

    def sent(self) -> tuple[str, int]:
        """The next message that left, and its MsgSeqNum(34). Raises Silent."""

    def unheard(self) -> list[str]:
        """Every message that has left and was not taken by :meth:`sent`, now that all is quiet."""

    def deliver(self, text: str) -> None:
        """The venue sends this; returns when the order system has taken it in."""

    def wait(self, ns: int) -> None:
        """Let time pass."""

    def now_ns(self) -> int:
        """The time (ns UTC)."""

    def order(self, cl_ord_id: str) -> OrderView | None:
        """The order that this request belongs to."""

    def position(self, symbol: str) -> Fixed:
        """The position in an instrument, over all accounts."""
