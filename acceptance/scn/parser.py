"""Script text to steps. Everything that can be judged without running is judged here, by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

import attrs

from acceptance.scn import words
from fix_oms.model.fix import FixVersion

OUTGOING: Final = frozenset({"D", "F", "G", "H", "q"})
INCOMING: Final = frozenset({"8", "9", "j", "3"})
FACTS: Final = ("position", "pending", "doubt", "breaks", "outcome")
"""What an ``oms`` line may state besides FIX fields."""
HELD: Final = (
    "OrdStatus",
    "CumQty",
    "LeavesQty",
    "AvgPx",
    "OrderQty",
    "Price",
    "ClOrdID",
    "OrderID",
)
"""The FIX fields that an ``oms`` line may state."""
_FIELD: Final = re.compile(r'([A-Za-z0-9_]+)=("[^"]*"|\S+)')
_WORD: Final = re.compile(r'[A-Za-z0-9_]+="[^"]*"|\S+')


class ScriptError(Exception):
    """A script that cannot be read: ``file:line: reason``."""


@attrs.frozen
class Value:
    """A field's value: ``kind`` is text, name (a script's own), capture or absent."""

    kind: str
    text: str = ""


@attrs.frozen
class Send:
    """``>``, or ``>>`` when not ``asked``."""

    line: int
    source: str
    msg_type: str
    fields: dict[int, Value]
    asked: bool = True


@attrs.frozen
class Tell:
    """``<``."""

    line: int
    source: str
    msg_type: str
    fields: dict[int, Value]


@attrs.frozen
class Fill:
    """``venue fill``."""

    line: int
    source: str
    order: str
    quantity: Decimal
    price: Decimal


@attrs.frozen
class Repeat:
    """``venue repeat``."""

    line: int
    source: str


@attrs.frozen
class Check:
    """``oms``."""

    line: int
    source: str
    order: str
    fields: dict[int, Value]
    facts: dict[str, str]


@attrs.frozen
class Wait:
    """``wait``."""

    line: int
    source: str
    seconds: Decimal


Step = Send | Tell | Fill | Repeat | Check | Wait


@attrs.frozen
class Script:
    """A whole file: what it shows (its first comment), for which versions, in which steps."""

    file: str
    title: str
    versions: tuple[FixVersion, ...]
    steps: tuple[Step, ...]


def parse(text: str, file: str) -> Script:
    """Read a script. Raises ScriptError."""
    title, versions = "", None
    steps: list[Step] = []
    named: set[str] = set()
    for number, raw in enumerate(text.splitlines(), 1):
        if not title and raw.startswith("#"):
            title = raw.lstrip("# ")
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if not line:
            continue
        try:
            if line.split()[0] == "versions":
                versions = _versions(line, seen=versions is not None or bool(steps))
            elif versions is None:
                raise ValueError("the line `versions ...` must come before the first step")
            else:
                steps.append(_step(number, line, named))
        except ValueError as error:
            raise ScriptError(f"{file}:{number}: {error}") from None
    if not title or not steps:
        raise ScriptError(f"{file}: a script opens with a comment and has steps")
    return Script(file, title, versions or (), tuple(steps))


def _versions(line: str, *, seen: bool) -> tuple[FixVersion, ...]:
    if seen:
        raise ValueError("`versions` stands once, before the first step")
    found = tuple(FixVersion(word) for word in line.split()[1:])
    if not found:
        raise ValueError("`versions` names none")
    return found


def _step(number: int, line: str, named: set[str]) -> Step:
    verb, *rest = _WORD.findall(line)
    reader: Callable[[int, str, list[str], set[str]], Step] | None = _READERS.get(verb)
    if reader is None:
        raise ValueError(f"{verb!r} begins no line (>, >>, <, venue, oms, wait do)")
    return reader(number, line, rest, named)


def _send(number: int, line: str, rest: list[str], named: set[str]) -> Send:
    msg_type = _msg_type(rest, OUTGOING, "we send")
    fields = {
        tag: value if tag != 11 else Value("name", value.text) for tag, value in _fields(rest[1:])
    }
    if 11 not in fields:
        raise ValueError("ClOrdID(11) is missing: it gives the request its name")
    if msg_type != "H":
        if fields[11].text in named:
            raise ValueError(f"ClOrdID(11)={fields[11].text} was given before")
        named.add(fields[11].text)
    _check_names(fields, named)
    return Send(number, line, msg_type, fields, asked=not line.startswith(">>"))


def _tell(number: int, line: str, rest: list[str], named: set[str]) -> Tell:
    msg_type = _msg_type(rest, INCOMING, "the venue sends")
    fields = dict(_fields(rest[1:]))
    _check_names(fields, named)
    for tag in {"8": (11, 39, 150), "9": (11, 39), "j": (380,), "3": (45,)}[msg_type]:
        if tag not in fields:
            raise ValueError(f"{words.label(tag)} is missing: say it, or say {tag}=-")
    return Tell(number, line, msg_type, fields)


def _venue(number: int, line: str, rest: list[str], named: set[str]) -> Fill | Repeat:
    if rest == ["repeat"]:
        return Repeat(number, line)
    if len(rest) == 5 and rest[0] == "fill" and rest[3] == "@":
        _check_name(rest[1], named)
        return Fill(number, line, rest[1], _number(rest[2]), _number(rest[4]))
    raise ValueError("a venue can `fill ID QTY @ PX` and `repeat`")


def _oms(number: int, line: str, rest: list[str], named: set[str]) -> Check:
    if not rest:
        raise ValueError("`oms` names no order")
    _check_name(rest[0], named)
    facts: dict[str, str] = {}
    stated: list[str] = []
    for word in rest[1:]:
        name, _, value = word.partition("=")
        if name in FACTS:
            facts[name] = value
        elif name in HELD:
            stated.append(word)
        else:
            raise ValueError(f"an order has no {name!r} to state ({', '.join((*HELD, *FACTS))})")
    fields = dict(_fields(stated))
    _check_names(fields, named)
    if not fields and not facts:
        raise ValueError("`oms` states nothing")
    return Check(number, line, rest[0], fields, facts)


def _wait(number: int, line: str, rest: list[str], named: set[str]) -> Wait:
    if len(rest) != 2 or rest[1] != "s":
        raise ValueError("time passes as `wait NUMBER s`")
    return Wait(number, line, _number(rest[0]))


_READERS: Final[dict[str, Callable[[int, str, list[str], set[str]], Step]]] = {
    ">": _send,
    ">>": _send,
    "<": _tell,
    "venue": _venue,
    "oms": _oms,
    "wait": _wait,
}


def _msg_type(rest: list[str], known: frozenset[str], who: str) -> str:
    if not rest or rest[0] not in known:
        raise ValueError(f"a message that {who} is one of {' '.join(sorted(known))}")
    return rest[0]


def _fields(stated: list[str]) -> list[tuple[int, Value]]:
    found: list[tuple[int, Value]] = []
    for word in stated:
        match = _FIELD.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is no field (NAME=value)")
        tag = words.tag_of(match[1])
        if tag in dict(found):
            raise ValueError(f"{words.label(tag)} stands twice")
        found.append((tag, _value(tag, match[2])))
    return found


def _value(tag: int, text: str) -> Value:
    if text == "-":
        return Value("absent")
    if text.startswith('"'):
        return Value("text", text[1:-1])
    if text.startswith("$"):
        return Value("capture", text[1:])
    if tag in words.REQUEST_IDS or tag == words.REF_SEQ_NUM:
        return Value("name", text)
    if tag in words.NUMERIC:
        _number(text)
    return Value("text", words.code_of(tag, text))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number (quote it to send it all the same)") from None


def _check_names(fields: dict[int, Value], named: set[str]) -> None:
    for value in fields.values():
        if value.kind == "name":
            _check_name(value.text, named)


def _check_name(name: str, named: set[str]) -> None:
    if name not in named:
        raise ValueError(f"no request was named {name!r} before (quote an id that nobody knows)")
