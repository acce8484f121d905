"""What the engine's process and its door say to each other: tagged values, one JSON text a line."""

from __future__ import annotations

import msgspec

from fix_oms.model.tls import ClientTls


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """A client, as the door must know it. It holds the password: it is never shown."""

    name: str
    port: int
    port_key: str = "acceptor.port"
    """The setting that says so."""
    begin_string: str
    sender_comp_id: str
    target_comp_id: str
    allowed: tuple[str, ...]
    username: str | None
    password: str | None
    longest_heartbeat_s: int
    flood_per_s: int
    max_message_bytes: int
    certificate_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Guest({self.name!r})"


# -- the engine to the door


class Serve(msgspec.Struct, frozen=True, kw_only=True, tag="serve"):
    """Said first, once: whom to let in, where QuickFIX listens, and the TLS that is spoken."""

    inner_port: int
    guests: tuple[Guest, ...]
    tls: ClientTls | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """To a knock: ``open``, ``shut``, or ``later`` (ask again: its last connection is ending)."""

    visit: int
    word: str


class Close(msgspec.Struct, frozen=True, kw_only=True, tag="close"):
    """Take no more connections; those that are there stay."""


# -- the door to the engine


class Listening(msgspec.Struct, frozen=True, kw_only=True, tag="listening"):
    """It listens on every port."""


class CannotListen(msgspec.Struct, frozen=True, kw_only=True, tag="cannot"):
    """It cannot listen on this port, and ends."""

    port: int
    reason: str


class Knock(msgspec.Struct, frozen=True, kw_only=True, tag="knock"):
    """A client's Logon is right: may it come in?"""

    visit: int
    client: str
    address: str


class Left(msgspec.Struct, frozen=True, kw_only=True, tag="left"):
    """A connection for which there was a knock has ended. ``reason`` is empty for an ordinary end;
    ``address`` is where it was from."""

    client: str
    address: str
    reason: str = ""


class Flooded(msgspec.Struct, frozen=True, kw_only=True, tag="flood"):
    """A client sends too much: nothing more of it is handed on, and it is to be logged out."""

    client: str
    address: str
    reason: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Somebody was sent away ``times`` times since this was last said. ``client`` is whose Logon it
    was, as far as that is known; ``severe``: it looks like a person who tries to get in."""

    address: str
    client: str
    reason: str
    times: int
    severe: bool


class Expiry(msgspec.Struct, frozen=True, kw_only=True, tag="expiry"):
    """Until when (seconds since 1970) the certificate in the file of ``key`` holds, or the
    ``trouble`` with that file."""

    key: str
    end_s: int = 0
    trouble: str = ""


ToDoor = Serve | Answer | Close
FromDoor = Listening | CannotListen | Knock | Left | Flooded | Refused | Expiry

_encoder = msgspec.json.Encoder()
_to_door = msgspec.json.Decoder(ToDoor)
_from_door = msgspec.json.Decoder(FromDoor)


def line(value: ToDoor | FromDoor) -> bytes:
    """The value as a line."""
    return _encoder.encode(value) + b"\n"


def to_door(text: bytes) -> ToDoor:
    """What the engine said. Raises msgspec.DecodeError or ValidationError."""
    said: ToDoor = _to_door.decode(text)
    return said


def from_door(text: bytes) -> FromDoor:
    """What the door said. Raises msgspec.DecodeError or ValidationError."""
    said: FromDoor = _from_door.decode(text)
    return said
