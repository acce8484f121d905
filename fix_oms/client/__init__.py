"""The Python API of a running engine.

On an event loop, with everything that it shows kept current: :func:`connect` (``client.oms``).
Synchronous, one request at a time: :class:`Client`.

What the first needs is imported when it is first asked for: the command line is the second, and
its every start would pay for an event loop that it does not use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from fix_oms.client.client import Client, answered
from fix_oms.client.errors import (
    AskRefused,
    BadArgument,
    ClientError,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NoPrice,
    NoReply,
    NotRunning,
    Unsendable,
)
from fix_oms.market.contracts import TradingTerms, contracts
from fix_oms.model.outputs import Accepted, Refused

if TYPE_CHECKING:
    from fix_oms.client.algos import Algo, Leg
    from fix_oms.client.books import OrderBook
    from fix_oms.client.contract import Contract
    from fix_oms.client.control import AsyncControl
    from fix_oms.client.faults import Fault
    from fix_oms.client.handlers import Delta
    from fix_oms.client.oms import Oms, connect
    from fix_oms.client.pages import Orders, Page, Positions, Trades
    from fix_oms.client.schema import Balance, BookLevel, Fill, Order, Position, Status, Trade
    from fix_oms.client.stream import Stream, StreamDown, StreamUp

__all__ = [
    "Accepted",
    "Algo",
    "AskRefused",
    "AsyncControl",
    "BadArgument",
    "Balance",
    "BookLevel",
    "Client",
    "ClientError",
    "Contract",
    "Delta",
    "Disconnected",
    "EngineFailed",
    "Fault",
    "Fill",
    "Incompatible",
    "Leg",
    "NoAnswer",
    "NoPrice",
    "NoReply",
    "NotRunning",
    "Oms",
    "Order",
    "OrderBook",
    "Orders",
    "Page",
    "Position",
    "Positions",
    "Refused",
    "Status",
    "Stream",
    "StreamDown",
    "StreamUp",
    "Trade",
    "Trades",
    "TradingTerms",
    "Unsendable",
    "answered",
    "connect",
    "contracts",
]

_LATER: Final[dict[str, tuple[str, ...]]] = {
    "algos": ("Algo", "Leg"),
    "books": ("OrderBook",),
    "contract": ("Contract",),
    "control": ("AsyncControl",),
    "faults": ("Fault",),
    "handlers": ("Delta",),
    "oms": ("Oms", "connect"),
    "pages": ("Orders", "Page", "Positions", "Trades"),
    "schema": ("Balance", "BookLevel", "Fill", "Order", "Position", "Status", "Trade"),
    "stream": ("Stream", "StreamDown", "StreamUp"),
}
_HOME: Final = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
