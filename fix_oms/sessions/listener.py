"""Whom a session tells: the Listener what happens, its own thread what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fix_oms.model.inputs import Input


class Listener(Protocol):
    """Where everything a session has to tell goes.

    Called on QuickFIX's threads and the sessions' own; each call returns after the input is
    journaled and stepped (SeqReserved: after it is durable). It should raise nothing; if it does,
    the session is logged out and stays out until an operator's ``logon`` or ``enable``.
    """

    def input(self, value: Input, received_ns: int) -> None: ...


class Owner(Protocol):
    """The session's own thread, as seen from QuickFIX's: it is only ever posted to."""

    def post(self, act: Callable[[], None]) -> None: ...
    def connected(self) -> None: ...
    def came_up(self) -> None: ...
    def faulted(self) -> None: ...
    def went_down(self, reason: str) -> None: ...
