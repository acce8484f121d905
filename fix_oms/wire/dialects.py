"""Dialects: what one broker says differently from the standard, as data with a reason for each.

An overlay is plain data (from a TOML file that the caller reads):

    name = "Example"
    time_places = 0                                            # decimals of the seconds we write

    [[tag]]    # a field of the broker's own: its name, for messages to people
    number = 9001
    name = "DeskCode"
    reason = "…"

    [[extra]]  # a constant that has to be in every message of these types
    messages = ["D", "G"]
    tag = 9001
    value = "EQ7"
    reason = "…"

    [[code]]   # a renamed code, both ways; for all messages unless `messages` is given
    tag = 59
    ours = "3"
    theirs = "I"
    reason = "…"

    [[drop]]   # a field not written to, and not read from, messages of these types
    messages = ["D"]
    tag = 100
    reason = "…"

An overlay cannot touch the fields that say what a message does to money (``PROTECTED``), and a
renaming that would make two codes one is refused: an IOC must not leave as a FOK.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

import attrs

from fix_oms.model import fix
from fix_oms.model.errors import SettingsError
from fix_oms.model.tags import label
from fix_oms.wire.forms import FORMS
from fix_oms.wire.groups import tag_set

PROTECTED: Final = tag_set(
    "8-11 14 17 19 20 31 32 34 35 37-41 43 44 49 52 54-56 60 97 99 146 150 151 262 263 267-271 279"
    " 326 530 531 584 585 702-705 710 724 728 899"
)
"""Fields that an overlay may neither drop nor state: identity, quantity, price, state, session."""

CODES: Final[dict[int, frozenset[str]]] = {
    20: frozenset(fix.ExecTransType),
    39: frozenset(fix.OrdStatus),
    40: frozenset(fix.OrdType),
    54: frozenset(fix.Side),
    59: frozenset(fix.TimeInForce),
    102: frozenset(fix.CxlRejReason),
    103: frozenset(fix.OrdRejReason),
    150: frozenset(fix.ExecType) | {"1", "2"},
    326: frozenset(fix.SecurityTradingStatus),
    378: frozenset(fix.ExecRestatementReason),
    380: frozenset(fix.BusinessRejectReason),
    434: frozenset(fix.CxlRejResponseTo),
    724: frozenset(fix.PosReqType),
    728: frozenset(fix.PosReqResult),
    729: frozenset(fix.PosReqStatus),
}
"""The fields whose codes may be renamed, and the codes that fix_oms knows of each."""

_VALUE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ALL: Final = tuple(FORMS)


@attrs.frozen(kw_only=True)
class OwnTag:
    """A field of the broker's own and its name."""

    number: int
    name: str
    reason: str


@attrs.frozen(kw_only=True)
class Extra:
    """A constant that messages of these types have to carry."""

    messages: tuple[str, ...]
    tag: int
    value: str
    reason: str


@attrs.frozen(kw_only=True)
class Code:
    """``ours`` is the standard's code, ``theirs`` what this broker uses for it."""

    tag: int
    ours: str
    theirs: str
    reason: str
    messages: tuple[str, ...] = _ALL


@attrs.frozen(kw_only=True)
class Drop:
    """A field that messages of these types do not carry, whatever the standard says."""

    messages: tuple[str, ...]
    tag: int
    reason: str


Renaming = dict[str, dict[str, str]]
"""By tag, from one side's code to the other's."""


@attrs.frozen(kw_only=True)
class Dialect:
    """A broker's overlay; with nothing given, the standard itself."""

    name: str = ""
    time_places: int | None = None
    tags: tuple[OwnTag, ...] = ()
    extras: tuple[Extra, ...] = ()
    codes: tuple[Code, ...] = ()
    drops: tuple[Drop, ...] = ()

    def names(self) -> dict[int, str]:
        """The broker's own field names by number."""
        return {tag.number: tag.name for tag in self.tags}

    def constants(self, msg_type: str) -> dict[str, str]:
        """What every message of this type has to carry, by tag."""
        return {str(e.tag): e.value for e in self.extras if msg_type in e.messages}

    def dropped(self, msg_type: str) -> frozenset[str]:
        """The tags that messages of this type do not carry."""
        return frozenset(str(d.tag) for d in self.drops if msg_type in d.messages)

    def renamed(self, msg_type: str, inbound: bool) -> Renaming:
        """The renamed codes in messages of this type: theirs to ours, or ours to theirs."""
        found: Renaming = {}
        for code in self.codes:
            if msg_type in code.messages:
                pair = (code.theirs, code.ours) if inbound else (code.ours, code.theirs)
                found.setdefault(str(code.tag), {}).__setitem__(*pair)
        return found


PLAIN: Final = Dialect()
"""No overlay."""


class _Table:
    """One TOML table with its place, for errors that name file and key."""

    def __init__(self, values: object, file: str, key: str) -> None:
        self.file, self.key = file, key
        if not isinstance(values, Mapping):
            raise SettingsError(file, key, "must be a table")
        self.values: Mapping[str, object] = values

    def error(self, name: str, reason: str) -> SettingsError:
        return SettingsError(self.file, f"{self.key}.{name}" if self.key else name, reason)

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that nobody knows, with the nearest that somebody does."""
        names = list(known)
        for name in self.values:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                hint = f"; did you mean {near[0]}?" if near else f" (known: {', '.join(names)})"
                raise self.error(str(name), f"is not a key of this table{hint}")

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            raise self.error(name, "is missing")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise self.error(name, f"{value!r} must be text, not empty, of printable characters")
        return value

    def tag(self, name: str) -> int:
        value = self.values.get(name)
        if value is None:
            raise self.error(name, "is missing")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
            raise self.error(name, f"{value!r} must be a tag number")
        return value

    def messages(self) -> tuple[str, ...]:
        value = self.values.get("messages")
        if not isinstance(value, list) or not value:
            raise self.error("messages", "must be a list of MsgTypes, such as ['D', 'G']")
        for msg_type in value:
            if not isinstance(msg_type, str) or msg_type not in FORMS:
                raise self.error("messages", f"{msg_type!r} is not one of {' '.join(FORMS)}")
        return tuple(value)

    def tables(self, name: str) -> list[_Table]:
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise self.error(name, f"must be a list of tables: [[{name}]]")
        prefix = f"{self.key}.{name}" if self.key else name
        return [_Table(item, self.file, f"{prefix}[{n}]") for n, item in enumerate(value)]


def dialect_from(mapping: Mapping[str, object], file: str) -> Dialect:
    """The dialect that ``mapping`` describes. Raises SettingsError naming ``file`` and key."""
    top = _Table(mapping, file, "")
    top.only(["name", "time_places", "tag", "extra", "code", "drop"])
    places = mapping.get("time_places")
    if "time_places" in mapping and (isinstance(places, bool) or places not in (0, 3, 6, 9)):
        raise top.error("time_places", f"{places!r} must be 0, 3, 6 or 9")
    dialect = Dialect(
        name=top.text("name"),
        time_places=places if isinstance(places, int) else None,
        tags=_own_tags(top.tables("tag")),
        extras=_extras(top.tables("extra")),
        codes=_codes(top.tables("code")),
        drops=_drops(top.tables("drop")),
    )
    _check_codes(dialect, top)
    return dialect


def _own_tags(tables: list[_Table]) -> tuple[OwnTag, ...]:
    found: dict[int, OwnTag] = {}
    for table in tables:
        table.only(["number", "name", "reason"])
        number, name = table.tag("number"), table.text("name")
        if not _NAME.fullmatch(name):
            raise table.error("name", f"{name!r} must be letters and digits")
        if number in found or not label(number).startswith("Tag("):
            raise table.error("number", f"{number} has a name already")
        found[number] = OwnTag(number=number, name=name, reason=table.text("reason"))
    return tuple(found.values())


def _extras(tables: list[_Table]) -> tuple[Extra, ...]:
    found: list[Extra] = []
    for table in tables:
        table.only(["messages", "tag", "value", "reason"])
        extra = Extra(
            messages=table.messages(),
            tag=_changeable(table),
            value=table.text("value"),
            reason=table.text("reason"),
        )
        for other in found:
            if other.tag == extra.tag and set(other.messages) & set(extra.messages):
                raise table.error("tag", f"{label(extra.tag)} is stated twice for one message")
        found.append(extra)
    return tuple(found)


def _codes(tables: list[_Table]) -> tuple[Code, ...]:
    found = []
    for table in tables:
        table.only(["tag", "ours", "theirs", "messages", "reason"])
        tag, ours = table.tag("tag"), table.text("ours")
        if tag not in CODES:
            known = ", ".join(map(label, CODES))
            raise table.error("tag", f"{label(tag)} is no field whose codes are known ({known})")
        if ours not in CODES[tag]:
            known = " ".join(sorted(CODES[tag]))
            raise table.error("ours", f"{ours!r} is no code of {label(tag)} ({known})")
        code = Code(tag=tag, ours=ours, theirs=table.text("theirs"), reason=table.text("reason"))
        if "messages" in table.values:
            code = attrs.evolve(code, messages=table.messages())
        found.append(code)
    return tuple(found)


def _drops(tables: list[_Table]) -> tuple[Drop, ...]:
    found = []
    for table in tables:
        table.only(["messages", "tag", "reason"])
        found.append(
            Drop(messages=table.messages(), tag=_changeable(table), reason=table.text("reason"))
        )
    return tuple(found)


def _changeable(table: _Table) -> int:
    tag = table.tag("tag")
    if str(tag) in PROTECTED:
        raise table.error("tag", f"{label(tag)} is not an overlay's to change")
    return tag


def _check_codes(dialect: Dialect, top: _Table) -> None:
    """Refuse renamings after which two codes of one field would look the same."""
    for msg_type in FORMS:
        codes = [(n, c) for n, c in enumerate(dialect.codes) if msg_type in c.messages]
        renamed = {(c.tag, c.ours) for _, c in codes}
        taken = {
            (tag, str(code)): str(code)
            for tag, known in CODES.items()
            for code in known
            if (tag, code) not in renamed
        }
        for n, code in codes:
            if (code.tag, code.ours) not in renamed:
                raise top.error(f"code[{n}].ours", f"{code.ours!r} is renamed twice")
            renamed.remove((code.tag, code.ours))
            other = taken.setdefault((code.tag, code.theirs), code.ours)
            if other != code.ours:
                raise top.error(
                    f"code[{n}].theirs",
                    f"{code.theirs!r} would mean both {other!r} and {code.ours!r} "
                    f"of {label(code.tag)}",
                )
