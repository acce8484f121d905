"""What TLS is spoken with: contexts made of the configured files, and what is wrong with those.

The files are looked at again at each connection and read again when they have changed, so that a
certificate is renewed by replacing its file. Everything that can be wrong with one is said with the
key that names it and the file; what a key file holds is never part of an error. A key that others
can read is refused, as a password file is.
"""

from __future__ import annotations

import os
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NoReturn

from fix_oms.forwarder.validity import day, ends
from fix_oms.model.errors import FixOmsError
from fix_oms.model.tls import BrokerTls, ClientTls

Tls = BrokerTls | ClientTls
_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class BadTlsFile(FixOmsError):
    """A file that TLS was to be spoken with cannot be used; ``key`` names it in the settings."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key: Final = key
        self.reason: Final = reason


class _Protected(Exception):
    """A key asks for a password."""


def context(tls: Tls, key: str) -> ssl.SSLContext:
    """To connect (BrokerTls) or to be connected to (ClientTls). Raises BadTlsFile.

    ``key`` is where ``tls`` stands in the settings.
    """
    serves = isinstance(tls, ClientTls)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if serves else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = _VERSIONS[tls.min_version]
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    if tls.cert_file is not None:
        _own(made, tls.cert_file, tls.key_file, key)
    authorities = tls.client_ca_file if isinstance(tls, ClientTls) else tls.ca_file
    name = "client_ca_file" if serves else "ca_file"
    if authorities is not None:
        _authorities(made, authorities, f"{key}.{name}")
        made.verify_mode = ssl.CERT_REQUIRED
    elif not serves:
        made.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return made


def expiries(tls: Tls, key: str) -> Iterator[tuple[str, str, int]]:
    """Key, file and last second of what is ours, and of the authorities (the last of them to end).

    Raises BadTlsFile.
    """
    authorities = tls.client_ca_file if isinstance(tls, ClientTls) else tls.ca_file
    if tls.cert_file is not None:
        at = f"{key}.cert_file"
        yield at, tls.cert_file, _ends(tls.cert_file, at)[0]
    if authorities is not None:
        at = f"{key}.{'client_ca_file' if isinstance(tls, ClientTls) else 'ca_file'}"
        yield at, authorities, max(_ends(authorities, at))


def require_current(tls: Tls, key: str, now_s: float) -> None:
    """Raise BadTlsFile for a certificate of ours, or an authority's, that has expired."""
    for at, file, end_s in expiries(tls, key):
        if end_s < now_s:
            raise BadTlsFile(at, f"{file}: the certificate expired on {day(end_s)}")


class Contexts:
    """The context of one door, made anew when a file has changed."""

    def __init__(self, tls: Tls, key: str, clock_s: Callable[[], float] = time.time) -> None:
        self._tls: Final = tls
        self._key: Final = key
        self._clock_s: Final = clock_s
        self._seen: list[object] = []
        self._made: ssl.SSLContext | None = None

    def now(self) -> ssl.SSLContext:
        """The one to use for a new connection. Raises BadTlsFile, also for a certificate of ours
        that has expired where we are the ones who connect: a client judges ours by himself.
        """
        seen = [_stamp(file) for file in _files(self._tls)]
        if self._made is None or seen != self._seen:
            self._made = None
            self._made = context(self._tls, self._key)
            self._seen = seen
        if isinstance(self._tls, BrokerTls):
            require_current(self._tls, self._key, self._clock_s())
        return self._made


def _files(tls: Tls) -> list[str]:
    authorities = tls.client_ca_file if isinstance(tls, ClientTls) else tls.ca_file
    return [file for file in (tls.cert_file, tls.key_file, authorities) if file is not None]


def _stamp(file: str) -> object:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def _own(made: ssl.SSLContext, cert_file: str, key_file: str | None, key: str) -> None:
    cert_at, key_at = f"{key}.cert_file", f"{key}.key_file" if key_file else f"{key}.cert_file"
    holder = key_file or cert_file
    _ends(cert_file, cert_at)
    if "PRIVATE KEY-----" not in _text(holder, key_at, private=True):
        raise BadTlsFile(key_at, f"{holder}: holds no private key (PEM)")

    def asked() -> NoReturn:
        raise _Protected

    try:
        made.load_cert_chain(cert_file, holder, password=asked)
    except _Protected:
        reason = "is protected by a password, which nobody is there to type: give a key without one"
        raise BadTlsFile(key_at, f"{holder}: {reason}") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            reason = f"is not the key of the certificate in {cert_file}"
        else:
            reason = f"cannot be used: {error.reason or error}"
        raise BadTlsFile(key_at, f"{holder}: {reason}") from None


def _authorities(made: ssl.SSLContext, file: str, at: str) -> None:
    _ends(file, at)
    try:
        made.load_verify_locations(cafile=file)
    except ssl.SSLError as error:
        raise BadTlsFile(at, f"{file}: cannot be used: {error.reason or error}") from None


def _ends(file: str, at: str) -> list[int]:
    try:
        return ends(_text(file, at))
    except ValueError as error:
        raise BadTlsFile(at, f"{file}: {error}") from None


def _text(file: str, at: str, *, private: bool = False) -> str:
    try:
        with Path(file).open(encoding="latin-1") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            text = opened.read(1 << 20)
    except OSError as error:
        raise BadTlsFile(at, f"{file}: cannot be read: {error.strerror}") from None
    if private and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadTlsFile(at, f"{file}: others can read it (mode {mode:04o}): chmod 600 it")
    return text
