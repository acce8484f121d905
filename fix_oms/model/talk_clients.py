"""The control socket's messages about FIX clients."""

from __future__ import annotations

import msgspec

from fix_oms.model.talk import Tagged


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    """A FIX client. ``state`` is up (logged on), away (logged on before), or never.

    ``taken`` counts its messages, ``refused`` those of them that were refused, ``sent`` what has
    left to it; ``waiting`` is what has not left yet, ``recent`` what is sent again should its
    numbers be reset. ``cancels_ns`` is when its orders are cancelled because it is gone; 0: not.
    """

    name: str
    version: str
    state: str
    reason: str
    since_ns: int
    epoch: int
    drop_copy: bool
    taken: int
    refused: int
    sent: int
    open_orders: int
    waiting: int
    recent: int
    cancels_ns: int


class GetClients(Tagged, frozen=True, kw_only=True, tag="clients"):
    """All FIX clients. Answered by :class:`Clients`."""


class Clients(Tagged, frozen=True, kw_only=True, tag="clients"):
    clients: tuple[ClientView, ...]
