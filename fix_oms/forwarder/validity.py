"""Until when a certificate holds, read from its own bytes.

Python's ``ssl`` shows the fields of a peer's certificate and of authorities, not of our own. The
field wanted stands near the front of the DER encoding (RFC 5280, 4.1): Certificate and
TBSCertificate are SEQUENCEs, in the latter come version ([0], may be missing), serialNumber,
signature, issuer, and validity: a SEQUENCE of two times.
"""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from typing import Final

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_TIMES: Final = {_UTC_TIME: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


def ends(pem: str) -> list[int]:
    """The last second (since 1970) of each certificate in a PEM text, in its order.

    Raises ValueError for a text without one, and for one that cannot be read.
    """
    found = [_not_after(ssl.PEM_cert_to_DER_cert(text)) for text in _PEM.findall(pem)]
    if not found:
        raise ValueError("holds no certificate (PEM)")
    return found


def day(end_s: int) -> str:
    """The date of such a second."""
    return datetime.fromtimestamp(end_s, UTC).date().isoformat()


def _not_after(der: bytes) -> int:
    try:
        _, at, _ = _value(der, 0)
        _, at, _ = _value(der, at)
        tag, _, behind = _value(der, at)
        if tag == _VERSION:
            at = behind
        for _ in range(3):
            _, _, at = _value(der, at)
        _, at, _ = _value(der, at)
        _, _, at = _value(der, at)
        tag, at, end = _value(der, at)
        moment = datetime.strptime(der[at:end].decode("ascii"), _TIMES[tag]).replace(tzinfo=UTC)
    except (IndexError, KeyError, ValueError):
        raise ValueError("holds a certificate that cannot be read") from None
    return int(moment.timestamp())


def _value(der: bytes, at: int) -> tuple[int, int, int]:
    """The element at ``at``: its tag, where its content begins, and where it ends."""
    tag, size, begin = der[at], der[at + 1], at + 2
    if size & 0x80:
        begin += size & 0x7F
        size = int.from_bytes(der[at + 2 : begin], "big")
    return tag, begin, begin + size
