"""FIX text into fields, in two ways that agree.

*Plain text* is nearly all traffic: ASCII, one ``=`` and one SOH per field, no empty value, no tag
twice. :func:`plain_body` splits it with a handful of calls that run in C and hands out a dict, or
None where anything is unusual; it never guesses. :func:`fields` walks any text byte by byte:
raw-data fields with SOH inside, other encodings, broken framing; :func:`grouped` then tells the
body's own fields from those of repeating groups.

Which of the two read a message never shows in the message: a property test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from fix_oms.model.errors import BadValue, DuplicateField, Garbled, MessageError
from fix_oms.model.tags import SECRET_TAGS, label
from fix_oms.wire.groups import DATA_LENGTH, GROUPS, SNAPSHOT_ENTRY

SOH: Final = "\x01"
LONGEST: Final = 65_536
"""A text or value with more characters is read with care; such a value is taken for garbage."""
Entry: TypeAlias = dict[str, str]
"""One entry of a repeating group: its fields by tag; those of a nested group by path, as
``802.1.523`` (field 523 in the first entry of group 802)."""

_UNMARKED: Final = bytes(byte for byte in range(256) if byte not in (0x00, 0x01, 0x3D))
"""Every byte but NUL, SOH and ``=``."""


def plain_body(text: str) -> dict[str, str] | None:
    """Value by tag text of a plain message, or None where the text has to be walked.

    Whether a tag is a number is for the readers to see, who look at each tag anyway. What is left
    to see of a text when all but NUL, SOH and ``=`` is deleted must be ``=``, SOH in
    turn; then splitting at both gives tags and values in turn.
    """
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError:
        return None
    marks = raw.translate(None, _UNMARKED)
    count = len(marks) >> 1
    if marks == b"=\x01" * count:
        parts = text.replace("=", SOH).split(SOH)
        if parts.pop():  # something follows the last SOH
            return None
        pairs = iter(parts)
        body = dict(zip(pairs, pairs, strict=True))
    else:
        pieces = [field.partition("=") for field in text.split(SOH)]
        if pieces.pop() != ("", "", "") or b"\x00" in marks:
            return None
        count = len(pieces)
        body = {tag: value for tag, equals, value in pieces if equals}
    if len(body) != count or not all(body.values()) or len(raw) > LONGEST:
        return None
    return body


def fields(text: str) -> list[tuple[int, str]]:
    """All fields in order, as (tag, value). Raises Garbled where the text is not framed as FIX.

    A value that is not UTF-8 reads as Latin-1. A data field has the length that the field before
    it states, or else, where no field ends there, ends at the next SOH like any other.
    """
    raw = _bytes(text)
    found: list[tuple[int, str]] = []
    lengths: dict[int, str] = {}
    at = 0
    while at < len(raw):
        equals, stop = raw.find(b"=", at), raw.find(b"\x01", at)
        if equals < 0 or 0 <= stop < equals:
            piece = raw[at : at + 32 if stop < 0 else min(stop, at + 32)]
            raise Garbled(f"field {len(found) + 1} ({_decoded(piece)!r}) has no '='")
        tag = _tag(raw[at:equals], len(found) + 1)
        if tag in DATA_LENGTH:
            stop = _data_end(raw, equals, lengths.pop(DATA_LENGTH[tag], ""), stop)
        if stop < 0:
            raise Garbled(f"{label(tag)} does not end with SOH: the message is cut off")
        value = _decoded(raw[equals + 1 : stop])
        lengths[tag] = value
        found.append((tag, value))
        at = stop + 1
    return found


def _bytes(text: str) -> bytes:
    """The wire's bytes: a surrogate escape is the byte that it stands for."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _tag(raw: bytes, position: int) -> int:
    if not (raw.isdigit() and len(raw) <= 9 and not raw.startswith(b"0")):
        raise Garbled(f"field {position} has the tag {_decoded(raw[:32])!r}, which is no number")
    return int(raw)


def _data_end(raw: bytes, equals: int, length: str, stop: int) -> int:
    """Where a data field ends: after its stated length, if a field ends there."""
    if length.isascii() and length.isdecimal() and len(length) <= 9:
        end = equals + 1 + int(length)
        if raw[end : end + 1] == b"\x01":
            return end
    return stop


class Grouped:
    """A message's own fields, its repeating groups, and what was tolerated in reading them."""

    __slots__ = ("body", "groups", "notes")

    def __init__(self) -> None:
        self.body: dict[str, str] = {}
        self.groups: dict[str, list[Entry]] = {}
        self.notes: list[str] = []


def grouped(
    found: list[tuple[int, str]],
    strict: frozenset[str] = frozenset(),
    name_of: Callable[[int], str] = label,
) -> Grouped:
    """Tell body from groups. ``strict`` names the counters that have to be right.

    Raises DuplicateField for a tag twice in the body or in one group entry, BadValue for a counter
    that is no number, or is wrong and ``strict``; another wrong counter is noted.
    """
    told = Grouped()
    at, snapshot = 0, (35, "W") in found[:3]
    while at < len(found):
        tag, value = found[at]
        key = str(tag)
        if key in told.body:
            raise DuplicateField(tag, name_of(tag), value, "stands twice")
        told.body[key] = value
        at += 1
        if key in GROUPS and value:
            members = SNAPSHOT_ENTRY if snapshot and key == "268" else GROUPS[key]
            at, told.groups[key] = _group(found, at, members, told.notes)
            wrong = _miscounted(tag, value, len(told.groups[key]))
            if wrong and key in strict:
                raise BadValue(tag, label(tag), value, wrong)
            if wrong:
                told.notes.append(f"{label(tag)} {wrong}")
    return told


def _group(
    found: list[tuple[int, str]], at: int, members: frozenset[str], notes: list[str]
) -> tuple[int, list[Entry]]:
    """The entries that start at ``at`` and the place behind them. The counter is just before.

    An entry begins wherever the tag stands that the group began with.
    """
    counter, declared = found[at - 1]
    if not (declared.isascii() and declared.isdecimal() and len(declared) <= 9):
        raise BadValue(counter, label(counter), declared, "is not a number of entries")
    entries: list[Entry] = []
    first = ""
    while at < len(found) and int(declared) > 0:
        tag, value = found[at]
        key = str(tag)
        if key not in members:
            break
        first = first or key
        if key == first:
            entries.append({})
        entry = entries[-1]
        if key in entry:
            raise DuplicateField(tag, label(tag), value, f"stands twice in {label(counter)}")
        entry[key] = value
        at += 1
        if key in GROUPS and value:
            at, nested = _group(found, at, GROUPS[key], notes)
            wrong = _miscounted(tag, value, len(nested))
            if wrong:
                notes.append(f"{label(tag)} {wrong}")
            for position, inner in enumerate(nested, 1):
                entry.update({f"{key}.{position}.{t}": v for t, v in inner.items()})
    return at, entries


def _miscounted(tag: int, declared: str, count: int) -> str:
    return "" if int(declared) == count else f"says {int(declared)} entries, but {count} follow"


def peek(text: str, tag: str) -> str:
    """A header or body field of a message that may be unreadable otherwise; empty if absent."""
    try:
        found = [value for number, value in fields(text) if str(number) == tag]
    except MessageError:
        start = text.find(f"\x01{tag}=")
        return text[start + len(tag) + 2 :].partition("\x01")[0] if start >= 0 else ""
    return found[0] if found else ""


def printable(text: str) -> str:
    """Text(58) that any codec will carry: printable ASCII, at most 200 characters."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)[:200]


_SECRETS: Final = tuple(f"{tag}=" for tag in sorted(SECRET_TAGS))
_SECRET_VALUE: Final = re.compile(
    rf"((?:^|{SOH})0*(?:{'|'.join(map(str, sorted(SECRET_TAGS)))})=)[^{SOH}]*"
)


def redacted(text: str) -> str:
    """The same FIX text with the value of every secret field replaced by ``***``.

    A raw-data secret is replaced whole, SOH and all; where its stated length does not fit, so is
    everything that follows it, for nobody can tell where the secret ends.
    """
    if not any(secret in text for secret in _SECRETS):
        return text
    raw = _bytes(text)
    for tag in sorted(SECRET_TAGS & DATA_LENGTH.keys()):
        raw = _without_data(raw, tag)
    return _SECRET_VALUE.sub(r"\g<1>***", _decoded(raw))


def _without_data(raw: bytes, tag: int) -> bytes:
    """``raw`` with each value of the data field ``tag`` that has a length replaced."""
    pair = re.compile(
        rb"(?:^|\x01)0*%d=([^\x01]*)\x01(?:[^\x01]*\x01)*?0*%d=" % (DATA_LENGTH[tag], tag)
    )
    at = 0
    while match := pair.search(raw, at):
        start = match.end()
        end = _data_end(raw, start - 1, _decoded(match.group(1)), -1)
        raw = raw[:start] + b"***" + (raw[end:] if end >= 0 else b"\x01")
        at = start
    return raw


def shown(text: str) -> str:
    """FIX text for people: ``|`` for SOH, secrets as ``***``, what is not printable escaped."""
    plain = redacted(text).replace(SOH, "|")
    if plain.isprintable():
        return plain
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in plain)
