"""Why a connection could not be made, in words that name what to look at.

What ``ssl`` and the operating system say is for programmers; the person who reads this stands
before a session that is not up. Nothing here repeats what a peer has sent.
"""

from __future__ import annotations

import os
import ssl
from typing import Final

from fix_oms.forwarder.stream import CUT
from fix_oms.model.session_reasons import NOBODY_THERE

_UNKNOWN: Final = (2, 20, 21)
_SELF_SIGNED: Final = (18, 19)
_NAME: Final = (62, 63, 64)
"""Codes of X509_V_ERR_*: the issuer is not known, self-signed (alone, in the chain), wrong name."""
_NO_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}
)
_OLD: Final = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "VERSION_TOO_LOW"})
_NO_CERTIFICATE: Final = frozenset(
    {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "PEER_DID_NOT_RETURN_A_CERTIFICATE"}
)


def not_connected(error: BaseException, *, where: str, name: str, authorities: str) -> str:
    """Why a TLS connection to ``where`` (``host:port``) failed, as a session's reason.

    ``name`` is who was to be there, ``authorities`` says who may sign.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS to {where}: its certificate {_unverified(error, name, authorities)}"
    if isinstance(error, ssl.SSLError) and error.reason != CUT:
        return f"TLS to {where}: {_failed(error)}"
    if isinstance(error, TimeoutError):
        return f"{NOBODY_THERE} {where}: no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"{NOBODY_THERE} {where}: it closed the connection during the handshake"
    if isinstance(error, OSError):
        known = error.errno is not None and error.errno > 0  # else it is getaddrinfo's, or ours
        said = os.strerror(error.errno or 0) if known else error.strerror or str(error)
        return f"{NOBODY_THERE} {where}: {said}"
    return f"TLS to {where}: {type(error).__name__}: {error}"


def handshake_failed(error: BaseException) -> str:
    """Why somebody who connected to us got no TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not taken: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        if error.reason in _NO_CERTIFICATE:
            return "it shows no certificate"
        return _failed(error)
    return str(error) or type(error).__name__


def _unverified(error: ssl.SSLCertVerificationError, name: str, authorities: str) -> str:
    if error.verify_code in _NAME:
        return f"is not for {name!r} (tls.server_name)"
    if error.verify_code in _SELF_SIGNED:
        return f"is self-signed, or its chain ends in an authority that is not in {authorities}"
    if error.verify_code in _UNKNOWN:
        return f"is signed by nobody in {authorities}"
    if error.verify_code == 10:
        return "has expired"
    if error.verify_code == 9:
        return "is not valid yet"
    return f"is not taken: {error.verify_message}"


def _failed(error: ssl.SSLError) -> str:
    if error.reason in _NO_TLS:
        return "what is there speaks no TLS"
    if error.reason in _OLD:
        return "there is no common version (tls.min_version)"
    if error.reason in _NO_CERTIFICATE:
        return "a certificate of ours is asked for (tls.cert_file)"
    if error.reason is not None and "ALERT" in error.reason:
        said = error.reason.partition("ALERT_")[2].replace("_", " ").lower()
        return f"it was refused there: {said}"
    return f"the handshake failed: {error.reason or error}"
