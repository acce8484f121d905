"""How TLS is spoken, as it is configured: to a broker, and by what others log on to.

Files are named, never held: neither a key nor a certificate is part of a configuration, so none is
in the journal. A certificate is verified by its chain *and* by the name in it; there is no switch
that turns either off. ``min_version`` is the lowest version of TLS; below 1.2 there is none.
"""

from __future__ import annotations

from typing import Final

import attrs

VERSIONS: Final = ("1.2", "1.3")
EXPIRES_SOON_DAYS: Final = 30
"""So long before its end a certificate is told of."""


@attrs.frozen(kw_only=True)
class BrokerTls:
    """A session to a broker. ``ca_file`` (PEM) holds the authorities that may have signed the
    broker's certificate, None: those that the system trusts. ``server_name`` is the name that must
    be in it, None: the session's ``host``. ``cert_file`` and ``key_file`` are ours, where the
    broker asks for them (mutual TLS); without ``key_file`` the key stands in ``cert_file``."""

    ca_file: str | None = None
    server_name: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    min_version: str = attrs.field(default="1.2", validator=attrs.validators.in_(VERSIONS))

    def __attrs_post_init__(self) -> None:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file: is of no use without cert_file")
        if self.server_name == "":
            raise ValueError("server_name: must not be empty")


@attrs.frozen(kw_only=True)
class ClientTls:
    """What others log on to. ``client_ca_file``: who connects must have a certificate that an
    authority in this file has signed; None: none is asked for."""

    cert_file: str
    key_file: str | None = None
    client_ca_file: str | None = None
    min_version: str = attrs.field(default="1.2", validator=attrs.validators.in_(VERSIONS))
