"""FIX messages as a hostile venue writes them: whole, then wrong in exactly one way.

A message is composed as the standard has it, and each field of header and trailer can be put out of
order by name: given another value, or left out (None). BodyLength(9) and CheckSum(10) are computed
last, so that a message with one wrong field is otherwise right. Values are Latin-1, one character a
byte, so that any byte can be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

SOH: Final = "\x01"
HEADER: Final = ("8", "9", "35", "1128", "34", "49", "52", "56", "43", "97", "115", "116", "122")
ENVELOPE: Final = frozenset({*HEADER, "10"})
Fields = Iterable[tuple[str, str]]


def utc(seconds: float = 0.0) -> str:
    """The present, so many seconds later, as a UTCTimestamp with milliseconds."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def compose(header: Mapping[str, str], body: Fields, wrong: Mapping[str, str | None]) -> bytes:
    """The bytes. ``header`` has all fields but 9; ``wrong`` says what becomes of some of them.

    A wrong BodyLength(9) of ``len+3`` is three more than right. A CheckSum(10) that is not given
    is right for the bytes as they are, the wrong ones too.
    """
    fields = {**header, **{tag: value for tag, value in wrong.items() if value is not None}}
    kept = [tag for tag in HEADER if tag in fields and wrong.get(tag, "") is not None]
    inner = "".join(f"{tag}={fields[tag]}{SOH}" for tag in kept if tag not in ("8", "9"))
    inner += "".join(f"{tag}={value}{SOH}" for tag, value in body)
    length = str(len(inner.encode("latin-1")))
    if "9" in wrong:
        length = _length(wrong["9"], int(length))
    text = f"8={fields['8']}{SOH}{length and f'9={length}{SOH}'}{inner}"
    total = sum(text.encode("latin-1")) % 256
    check = wrong.get("10", f"{total:03d}")
    end = "" if check is None else f"10={check}{SOH}"
    return (text + end).encode("latin-1")


def _length(said: str | None, right: int) -> str:
    if said is None:
        return ""
    return str(right + int(said[3:])) if said.startswith("len") else said
