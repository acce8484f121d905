"""The dictionaries that sessions run on: derived so that no fill is thrown away for its form (D7).

With the stock dictionary QuickFIX answers a slightly deviant ExecutionReport with 35=3 and moves
the expected number on: the fill is lost. Validation is the wire package's, which names what is
wrong and keeps what can be kept. What QuickFIX needs a dictionary for is to know the message types
and the repeating groups, without which groups are scrambled. So the derived one holds exactly that:

- no field, component or group is required, and no field has enumerated values;
- a message lists its groups only: with AllowUnknownMsgFields=Y and ValidateUserDefinedFields=N its
  plain fields are never looked up. Components are written out in place: QuickFIX finds each by an
  XPath search, so that the installed FIX50SP2.xml takes 2.9 s to load, for every session;
- answers to orders also get the groups of all those messages, in 4.2 those of 4.4 too, because a
  group that the dictionary does not know in a message is refused as a repeated tag (373=13), and
  4.2 brokers do send Parties;
- every type is STRING. DATA is the reason for a STRING too: for a DATA field QuickFIX takes as many
  bytes as the length field before it says, without looking where the message ends, so that
  95=999999999 ends the whole process with a segmentation fault (tried). Data with a SOH inside is
  lost by that, which only EncodedText in UTF-16 and raw security data can have. A NUMINGROUP with
  an empty or foreign value would be answered by 35=3 (tried), and without the type it reaches us.

A broker's own dictionary goes through the same steps. The results are cached by content.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.metadata
import os
import site
import sys
import sysconfig
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from fix_oms.model.errors import SessionError
from fix_oms.model.fix import FixVersion, MsgType

APPLICATION_FILES: Final = {
    FixVersion.FIX42: "FIX42.xml",
    FixVersion.FIX44: "FIX44.xml",
    FixVersion.FIX50SP2: "FIX50SP2.xml",
}
TRANSPORT_FILE: Final = "FIXT11.xml"
EDITION: Final = "3"
"""Part of the cached file's name: raise it when the derivation changes."""
WIDENED: Final = frozenset(
    {
        MsgType.EXECUTION_REPORT,
        MsgType.ORDER_CANCEL_REJECT,
        MsgType.BUSINESS_MESSAGE_REJECT,
        MsgType.ORDER_MASS_CANCEL_REPORT,
        MsgType.SECURITY_STATUS,
        MsgType.POSITION_REPORT,
        MsgType.REQUEST_FOR_POSITIONS_ACK,
        MsgType.COLLATERAL_REPORT,
    }
)
"""Answers to our orders may carry any group: none is refused for a group it should not have."""
SPOKEN: Final = frozenset(MsgType)
"""Messages whose groups keep their inner groups."""
HEARD: Final = frozenset(
    ("B", "C", "E", "L", "N", "P", "S", "e", "f", "h", "y", "AE", "AI", "AP", "AR", "AS", "BF")
)
"""Messages that a broker may send on an order session without being asked: their groups are kept,
inner groups as plain fields of the outer. All others are known by name only: with everything, one
5.0SP2 dictionary takes 76 MB and 0.6 s, twice for each session."""


AGREED: Final = {"NoMDEntries": "RptSeq"}
"""Members that groups have by agreement before the standard has them: unknown ones end a group."""

Root: TypeAlias = tuple[str, str, str]
"""What a dictionary's root says: type, major, minor."""


@attrs.frozen
class Dictionaries:
    """The derived files of one session: ``transport`` only where FIXT carries the application."""

    application: Path
    transport: Path | None = None


def derived(version: FixVersion, stock_file: str | None, out_dir: Path) -> Dictionaries:
    """The derived dictionaries of ``version``, made in ``out_dir`` if they are not there yet.

    ``stock_file`` is a broker's own dictionary, or None for the installed one. Raises SessionError
    that names the file when it is missing or cannot be used.
    """
    source = Path(stock_file) if stock_file is not None else installed_dictionary(version)
    later = installed_dictionary(FixVersion.FIX44) if version is FixVersion.FIX42 else None
    application = _cached(source, _root_of(version), later, out_dir)
    if version is not FixVersion.FIX50SP2:
        return Dictionaries(application)
    transport = _cached(installed_file(TRANSPORT_FILE), ("FIXT", "1", "1"), None, out_dir)
    return Dictionaries(application, transport)


def installed_dictionary(version: FixVersion) -> Path:
    """The dictionary of ``version`` that the quickfix package installed."""
    return installed_file(APPLICATION_FILES[version])


def installed_file(name: str) -> Path:
    """A file of share/quickfix, wherever pip put it: virtual environment, system, or --user."""
    looked: list[str] = []
    for path in _places(name):
        if path.is_file():
            return path
        looked.append(str(path.parent))
    raise SessionError(f"{name}: no such dictionary in {', '.join(dict.fromkeys(looked))}")


def _places(name: str) -> Iterator[Path]:
    try:
        files = importlib.metadata.files("quickfix") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == name:
            yield Path(os.path.normpath(str(file.locate())))
    for root in (sys.prefix, sysconfig.get_path("data"), sys.base_prefix, site.getuserbase()):
        yield Path(root) / "share" / "quickfix" / name


def _root_of(version: FixVersion) -> Root:
    major, minor = version.value.removeprefix("FIX.").removesuffix("SP2").split(".")
    return "FIX", major, minor


def _cached(source: Path, root: Root, later: Path | None, out_dir: Path) -> Path:
    """The derived file of ``source``. Its answers to orders get the groups of ``later`` as well."""
    contents = [_content(path) for path in (source, later) if path is not None]
    digest = hashlib.sha256(EDITION.encode() + b"".join(contents)).hexdigest()[:16]
    target = out_dir / f"{source.stem}-{digest}.xml"
    if not target.is_file():
        derivation = _Derivation(source, contents[0], root)
        if later is not None:
            derivation.borrow(_Derivation(later, contents[1], _root_of(FixVersion.FIX44)))
        tree = derivation.tree()
        out_dir.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        tree.write(unfinished, encoding="utf-8")
        unfinished.replace(target)
    return target


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SessionError(f"{path}: dictionary cannot be read: {error.strerror}") from error


class _Derivation:
    """One dictionary being derived. Raises SessionError naming the file for anything amiss."""

    def __init__(self, source: Path, content: bytes, root: Root) -> None:
        self._source = source
        try:
            self._stock = ET.fromstring(content)
        except ET.ParseError as error:
            raise self._broken(f"is not XML: {error}") from error
        found = (
            self._stock.get("type", "FIX"),
            self._stock.get("major", ""),
            self._stock.get("minor", ""),
        )
        if self._stock.tag != "fix" or found != root:
            raise self._broken("is for {}.{}.{}, not {}.{}.{}".format(*found, *root))
        self._components = {c.get("name"): c for c in self._stock.iterfind("components/component")}
        self._numbers: dict[str, str] = {}
        for field in self._stock.iterfind("fields/field"):
            name, number = field.get("name", ""), field.get("number", "")
            if not name or not number.isdigit():
                raise self._broken(f"field {name!r} has no name or no number")
            self._numbers[name] = number
        if not self._numbers:
            raise self._broken("defines no fields")
        self._messages = self._groups_by_message()
        self._borrowed: dict[str, ET.Element] = {}

    def borrow(self, later: _Derivation) -> None:
        """Let answers to orders have the groups of a later version too, as far as tags go."""
        names = {number: name for name, number in self._numbers.items()}
        for group in later.groups().values():
            for element in group.iter():
                number = later._numbers[element.get("name", "")]
                name = names.setdefault(number, f"Later{number}")
                self._numbers[name] = number
                element.set("name", name)
            self._borrowed[group.get("name", "")] = group

    def groups(self) -> dict[str, ET.Element]:
        """Every group of the messages, by name, as it stands where it is met first."""
        every: dict[str, ET.Element] = {}
        for message in self._messages:
            for group in message:
                every.setdefault(group.get("name", ""), copy.deepcopy(group))
        return every

    def tree(self) -> ET.ElementTree[ET.Element]:
        derived = ET.Element("fix", dict(self._stock.attrib))
        for part in ("header", "trailer"):
            copied = ET.SubElement(derived, part)
            copied.extend(self._flat(self._stock.find(part), plain=True))
        messages = ET.SubElement(derived, "messages")
        every = self._borrowed | self.groups()
        for message in self._messages:
            messages.append(message)
            if message.get("msgtype") in WIDENED:
                own = {group.get("name") for group in message}
                message.extend(group for name, group in every.items() if name not in own)
        ET.SubElement(derived, "components")
        fields = ET.SubElement(derived, "fields")
        for name, number in self._numbers.items():
            ET.SubElement(fields, "field", number=number, name=name, type="STRING")
        return ET.ElementTree(derived)

    def _groups_by_message(self) -> list[ET.Element]:
        messages: list[ET.Element] = []
        for message in self._stock.iterfind("messages/message"):
            kept = {key: message.get(key, "") for key in ("name", "msgtype", "msgcat")}
            if not kept["msgtype"]:
                raise self._broken(f"message {kept['name']!r} has no msgtype")
            messages.append(ET.Element("message", kept))
            if kept["msgtype"] in SPOKEN:
                messages[-1].extend(self._flat(message, plain=False))
            elif kept["msgtype"] in HEARD:
                messages[-1].extend(_shallow(g) for g in self._flat(message, plain=False))
        if not messages:
            raise self._broken("defines no messages")
        return messages

    def _flat(
        self, parent: ET.Element | None, *, plain: bool, inside: tuple[str, ...] = ()
    ) -> list[ET.Element]:
        """The groups (with ``plain``, the fields too) in ``parent``, components written out.

        ``inside`` are the components being written out: one that contains itself is an error.
        """
        found: list[ET.Element] = []
        for child in parent if parent is not None else ():
            name = child.get("name", "")
            if child.tag == "component":
                if name not in self._components:
                    raise self._broken(f"component {name!r} is not defined")
                if name in inside:
                    raise self._broken(f"component {name!r} contains itself")
                found += self._flat(self._components[name], plain=plain, inside=(*inside, name))
                continue
            if name not in self._numbers:
                raise self._broken(f"field {name!r} is not defined")
            if child.tag == "group":
                group = ET.Element("group", name=name, required="N")
                group.extend(self._flat(child, plain=True, inside=inside))
                agreed = AGREED.get(name, "")
                if agreed in self._numbers and all(f.get("name") != agreed for f in group):
                    group.append(ET.Element("field", name=agreed, required="N"))
                found.append(group)
            elif plain:
                found.append(ET.Element("field", name=name, required="N"))
        return found

    def _broken(self, reason: str) -> SessionError:
        return SessionError(f"{self._source}: dictionary {reason}")


def _shallow(group: ET.Element) -> ET.Element:
    """The group with the fields of its inner groups as fields of its own, each once."""
    names = dict.fromkeys(child.get("name", "") for child in group.iter() if child is not group)
    shallow = ET.Element("group", name=group.get("name", ""), required="N")
    shallow.extend(ET.Element("field", name=name, required="N") for name in names)
    return shallow
