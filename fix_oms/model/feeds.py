"""A feed of market data beside the sessions: a file that grows, or datagrams (spec/FEEDS.md)."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

import attrs

from fix_oms.model.validators import is_name


def _is_udp(_: object, attribute: attrs.Attribute[str | None], value: str | None) -> None:
    """ADDRESS:PORT, the address in numbers: ours, or a multicast group."""
    if value is not None:
        try:
            udp_address(value)
        except ValueError as error:
            raise ValueError(f"{attribute.name}: {value!r} {error}") from None


@attrs.frozen(kw_only=True)
class Feed:
    """Whose book it tells (``venue``), and from where: ``file``, JSON Lines that are read from the
    start and followed as they grow, or ``udp``, ADDRESS:PORT at which datagrams come in."""

    name: str = attrs.field(validator=is_name)
    venue: str
    file: str | None = None
    udp: str | None = attrs.field(default=None, validator=_is_udp)

    def __attrs_post_init__(self) -> None:
        if (self.file is None) == (self.udp is None):
            raise ValueError("file: give file or udp, and not both")


def udp_address(text: str) -> tuple[str, int]:
    """Address and port. Raises ValueError with what is wrong."""
    host, _, port = text.rpartition(":")
    try:
        address = IPv4Address(host)
    except AddressValueError:
        raise ValueError('is no address and port ("127.0.0.1:15050")') from None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"has no port from 1 to 65535 but {port!r}")
    return str(address), int(port)
