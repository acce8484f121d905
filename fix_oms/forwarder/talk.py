"""What the engine and the process of its doors say to each other: one JSON object a line.

The engine begins with :class:`Setup`, which names the listening sockets that it hands over, and
then asks for brokers to be dialled. It is told what comes of that, who was refused, and until when
certificates hold; and once a second, that the process is well. The end of its input is the end of
the process.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.model.tls import BrokerTls

BEAT_S: Final = 1.0


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="m"):
    """The base of all lines."""


class Outward(Said, frozen=True, kw_only=True, tag="outward"):
    """A door to one broker. ``key`` is where ``tls`` stands in the settings; ``dial_s`` is how long
    connecting and the handshake may take."""

    name: str
    key: str
    host: str
    port: int
    heartbeat_s: int
    tls: BrokerTls
    dial_s: float = 10.0


class Setup(Said, frozen=True, kw_only=True, tag="setup"):
    """All doors, with the file descriptor that each listens on."""

    doors: tuple[tuple[int, Outward], ...]


class Dial(Said, frozen=True, kw_only=True, tag="dial"):
    """Connect to the broker. Answered by :class:`Dialled` or :class:`Failed`."""

    door: str


Order = Setup | Dial


class Beat(Said, frozen=True, kw_only=True, tag="beat"):
    """The process is well. ``carried`` is how many connections it carries."""

    carried: int


class Dialled(Said, frozen=True, kw_only=True, tag="dialled"):
    """The broker is there and is who it should be: connect now. ``version`` is that of TLS."""

    door: str
    version: str


class Failed(Said, frozen=True, kw_only=True, tag="failed"):
    """The broker could not be had, or was lost before anybody connected."""

    door: str
    reason: str


class Refused(Said, frozen=True, kw_only=True, tag="refused"):
    """Another user of this machine came for the broker, and so many others since the last line."""

    door: str
    address: str
    others: int = 0


class Expiry(Said, frozen=True, kw_only=True, tag="expiry"):
    """Until when (seconds since 1970) a certificate holds. ``what`` is a key of the settings, or
    the peer's. ``trouble`` says instead why its file cannot be used."""

    door: str
    what: str
    end_s: int = 0
    trouble: str = ""


Event = Beat | Dialled | Failed | Refused | Expiry

_encoder: Final = msgspec.json.Encoder()
_orders: Final = msgspec.json.Decoder(Order)
_events: Final = msgspec.json.Decoder(Event)


def line(said: Order | Event) -> bytes:
    """The line that says this."""
    return _encoder.encode(said) + b"\n"


def order(text: bytes) -> Order:
    """What the engine asks. Raises msgspec.DecodeError."""
    decoded: Order = _orders.decode(text)
    return decoded


def event(text: bytes) -> Event:
    """What is told. Raises msgspec.DecodeError."""
    decoded: Event = _events.decode(text)
    return decoded
