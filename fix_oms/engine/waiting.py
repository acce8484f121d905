"""What the engine has asked for and has no answer to: requests, mass cancels, mass status."""

from __future__ import annotations

from typing import Final, NamedTuple

from fix_oms.model.scope import Key
from fix_oms.orders.order import Order
from fix_oms.orders.requests import NEW, Request


class MassCancelAsked(NamedTuple):
    """A mass cancel without an answer: where, of what scope, and when it was asked for."""

    session: str
    key: Key
    asked_ns: int


class MassStatusAsked:
    """A mass status request: the open orders it has not been answered for, and how far it is."""

    __slots__ = ("asked_ns", "heard", "req_id", "silent")

    def __init__(self, req_id: str, silent: dict[str, Order], now: int) -> None:
        self.req_id: Final = req_id
        self.silent: Final = silent
        self.asked_ns: Final = now
        self.heard = 0


class Waiting:
    """A request without an answer. ``asked`` counts our questions, the last at ``asked_ns``."""

    __slots__ = ("asked", "asked_ns", "order", "request")

    def __init__(self, order: Order, request: Request) -> None:
        self.order: Final = order
        self.request: Final = request
        self.asked = 0
        self.asked_ns = 0

    @property
    def is_settled(self) -> bool:
        """Nothing is waited for any more: an answer, the order's end, or a report of a new one."""
        order, request = self.order, self.request
        return request.answered or order.ended or (request.kind == NEW and order.reported)
