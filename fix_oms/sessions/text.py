"""FIX text at the border to QuickFIX: what crosses it, in both directions (D7).

Out, a headerless body becomes a ``fix.Message`` in one construction with the dictionary, because
without it repeating groups are scrambled. The text ends with an empty trailer for the same reason:
QuickFIX's parser drops the last instance of a group that ends the text (tried: NoPartyIDs(453)=2
left with one party). QuickFIX sorts the body by tag and writes its own header and trailer, so the
text on the wire differs from the body in order, not in content.

In, ``toString()`` of a message is the text, with two things done to it before anybody sees it.
Secrets are masked: in application messages field by field, as QuickFIX has split them, because
masking all that follows a RawData(96) whose length does not fit would throw a fill away. And bytes
that are not UTF-8 (they arrive as lone surrogates, which neither the journal nor QuickFIX would
take back) are read as Latin-1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from fix_oms.model.errors import SessionError
from fix_oms.model.tags import SECRET_TAGS
from fix_oms.sessions.binding import fix
from fix_oms.sessions.dictionaries import Dictionaries
from fix_oms.wire import redacted

SOH: Final = "\x01"
TRAILER: Final = "10=000" + SOH

_SECRET_STARTS: Final = tuple(f"{SOH}{tag}=" for tag in sorted(SECRET_TAGS))
"""QuickFIX writes tags without leading zeros."""
_SECRET_FIELD: Final = re.compile(f"({SOH}(?:{'|'.join(map(str, sorted(SECRET_TAGS)))})=)[^{SOH}]*")


@cache
def _dictionary(path: Path) -> Any:
    return fix.DataDictionary(str(path))


def builder(dictionaries: Dictionaries) -> Callable[[str], Any]:
    """A function that makes a fix.Message from a body (``35=D<SOH>…<SOH>``, no header).

    It raises SessionError for a text that is no such body. NUL never crosses.
    """
    application, message = _dictionary(dictionaries.application), fix.Message
    known = (
        (application,)
        if dictionaries.transport is None
        else (_dictionary(dictionaries.transport), application)
    )

    def build(body: str) -> Any:
        if not body.startswith("35=") or not body.endswith(SOH) or "\0" in body:
            raise SessionError(
                "a message to send begins with MsgType(35), ends with SOH, has no NUL"
            )
        try:
            return message(body + TRAILER, *known, False)
        except fix.FIXException as error:
            raise SessionError(f"a message to send is no FIX text: {error}") from error

    return build


def application(message: Any) -> str:
    """The text of an application message, without secrets."""
    text: str = message.toString()
    if not text.isascii():
        text = readable(text)
    for start in _SECRET_STARTS:
        if start in text:
            return _SECRET_FIELD.sub(r"\g<1>***", text)
    return text


def administrative(message: Any) -> str:
    """The text of an administrative message, without secrets, raw data masked to the last byte."""
    return redacted(readable(message.toString()))


def readable(text: str) -> str:
    """``text``, with bytes that were not UTF-8 read as Latin-1."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogateescape").decode("latin-1")
    return text


def field(text: str, tag: int) -> str | None:
    """The first value of ``tag`` in a whole message's text; None when it is not there."""
    start = text.find(f"{SOH}{tag}=")
    if start < 0:
        return None
    start = text.index("=", start) + 1
    end = text.find(SOH, start)
    return text[start:] if end < 0 else text[start:end]


def number(text: str, tag: int) -> int | None:
    """The value of ``tag`` as a number; None when it is not there or is none."""
    value = field(text, tag)
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
