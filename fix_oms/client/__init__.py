"""The Python API: a typed client of a running engine, synchronous or on an event loop."""

from fix_oms.client.client import Client, answered
from fix_oms.client.control import AsyncControl
from fix_oms.client.errors import (
    ClientError,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.client.stream import Stream, StreamDown, StreamUp
from fix_oms.market.contracts import TradingTerms, contracts
from fix_oms.model.outputs import Accepted, Refused

__all__ = [
    "Accepted",
    "AsyncControl",
    "Client",
    "ClientError",
    "Disconnected",
    "EngineFailed",
    "Incompatible",
    "NoAnswer",
    "NotRunning",
    "Refused",
    "Stream",
    "StreamDown",
    "StreamUp",
    "TradingTerms",
    "Unsendable",
    "answered",
    "contracts",
]
