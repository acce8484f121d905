"""The Python API: a typed, synchronous client of a running engine."""

from fix_oms.client.client import Client, answered
from fix_oms.client.errors import (
    ClientError,
    Disconnected,
    EngineFailed,
    Incompatible,
    NoAnswer,
    NotRunning,
    Unsendable,
)
from fix_oms.market.contracts import TradingTerms, contracts
from fix_oms.model.outputs import Accepted, Refused

__all__ = [
    "Accepted",
    "Client",
    "ClientError",
    "Disconnected",
    "EngineFailed",
    "Incompatible",
    "NoAnswer",
    "NotRunning",
    "Refused",
    "TradingTerms",
    "Unsendable",
    "answered",
    "contracts",
]
