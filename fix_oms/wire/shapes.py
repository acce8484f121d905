"""Reading by shape: what is the same in most messages of a session is worked out once.

A counterparty's engine writes the fields of one kind of message in one order, so a day's traffic is
a few dozen *shapes*: sequences of tags, in which only the values differ. From a text that was read
in the ordinary way a shape is learned: a regular expression that fits the texts of that sequence
and no others, and the place of each field in it. A text that fits is in order: each field has
its tag, ``=``, a value and SOH, no tag stands where it should not, and all values come out of one
call into C. The counters of repeating groups stand in the expression with their numbers, so the
members of groups have fixed places too.

Nothing is decided here. Values are read by the readers that read all other texts; where one of them
raises, or where no shape fits, the text is read in the ordinary way, which mends it or names what
is wrong. What is read by shape is what would have been read without: a property test holds the two
together.

Measured for a report of 25 fields (``python -m bench.wire``): 1.1 us to match it and take the
values out in the reader's order, against 2.9 us to split it into a dict, and 63 us to tell the body
from a repeating group field by field. To learn a shape takes some 0.3 ms. So only one in eight of
the texts that fit no shape is learned from, and of each number of fields only so many shapes are
kept, the oldest going first: traffic of which no two messages look alike costs 40 us more each, and
no memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Final, TypeAlias

import msgspec

from fix_oms.model.messages import ExecutionReport, Message
from fix_oms.wire.fees import charge_commission, sum_misc_fees
from fix_oms.wire.groups import GROUPS
from fix_oms.wire.reports import ABSOLUTE, RARER, USUAL, Body, usual_report
from fix_oms.wire.text import LONGEST, SOH, fields, grouped
from fix_oms.wire.values import NOT_KEPT, WALKED, price
from fix_oms.wire.versions import Version

Reader: TypeAlias = Callable[[Body, Version], Message]
Field: TypeAlias = tuple[str, str, str]
"""Tag, name and value; the name of a group's member is its path, as ``453.1.448``."""

LEARNED_IN: Final = 8
"""One text in so many is learned from."""
PER_LENGTH: Final = 8
"""So many shapes of each number of fields are kept."""
MOST_FIELDS: Final = 96
"""A text of more fields is not learned from."""

_UNFIT: Final = WALKED.difference(GROUPS)
"""Raw data, which may hold SOH, and secrets."""
_HEADER_READ: Final = frozenset({"34", "43", "52", "97"})
"""What readers take of the header."""
_VALUE: Final = f"[^{SOH}]++"
_ABSENT: Final = "((?!))?"
"""A group that never fits: its value is None, as that of a field which a shape does not have."""


class Kind:
    """What a session does with one MsgType(35): its reader, and the ways of its dialect.

    ``renamed`` goes by tag from the broker's codes to ours; ``dropped`` fields say nothing, and nor
    do ``constants`` that have the value given here; ``unread`` are those that no reader takes and
    no message keeps.
    """

    def __init__(
        self,
        msg_type: str,
        reader: Reader,
        renamed: Mapping[str, Mapping[str, str]],
        dropped: frozenset[str],
        constants: Mapping[str, str],
        unread: frozenset[str] = NOT_KEPT - _HEADER_READ,
    ) -> None:
        self.msg_type: Final = msg_type
        self.reader: Final = reader
        self.renamed: Final = renamed
        self.dropped: Final = dropped
        self.constants: Final = constants
        self.unread: Final = unread

    def spells(self, tag: str) -> bool:
        """Whether a shape holds for one value of this field alone."""
        return tag in GROUPS or tag in self.constants or tag in ("35", "13")

    def takes(self, name: str, value: str) -> bool:
        """Whether anybody reads this field."""
        owner = name.partition(".")[0]
        if owner in self.dropped or owner in self.unread:
            return False
        if self.msg_type == "8" and name == "13":
            return value != ABSOLUTE  # the usual one: Commission(12) is read as money
        return name not in self.constants or value != self.constants[name]


class Shape:
    """One sequence of tags, and how a text of it becomes a message."""

    def __init__(self, layout: list[Field], kind: Kind, version: Version) -> None:
        self._kind: Final = kind
        self._version: Final = version
        self._names: Final = [name for _, name, value in layout if kind.takes(name, value)]
        self._renamed: Final = [(t, c) for t, c in kind.renamed.items() if t in self._names]
        self._kept: Final = [name for name in self._names if name.partition(".")[0] in GROUPS]
        self.match: Final = re.compile("".join([*_patterns(layout, kind), _ABSENT])).fullmatch

    def read(self, match: re.Match[str]) -> Message:
        """The message that the matched text is. Raises ValueError or KeyError for a surprise."""
        body: Body = dict(zip(self._names, match.groups(), strict=False))
        for tag, codes in self._renamed:
            body[tag] = codes.get(body[tag], body[tag])
        if not self._kept:
            return self._kind.reader(body, self._version)
        kept = {name: body.pop(name) for name in self._kept}
        message = self._kind.reader(body, self._version)
        return msgspec.structs.replace(message, extra={**message.extra, **kept})


class ReportShape(Shape):
    """The shape of an ExecutionReport: its values go straight to where the reader wants them."""

    def __init__(self, layout: list[Field], kind: Kind, version: Version) -> None:
        super().__init__(layout, kind, version)
        places = {name: place for place, name in enumerate(self._names)}
        rarer = {t: r for t, r in RARER.items() if t in places}
        self._rated: Final = "13" in places and "12" in places
        if "13" in places:  # Commission(12) is a rate, not money
            rarer.pop("12", None)
        absent = len(places)
        self._usual: Final = itemgetter(*(places.get(tag, absent) for tag in USUAL))
        self._rarer: Final = [(places[tag], *reading) for tag, reading in rarer.items()]
        self._codes: Final = [(places[tag], codes) for tag, codes in self._renamed]
        self._extra: Final = [
            (name, place)
            for name, place in places.items()
            if name not in rarer and name not in USUAL
        ]
        self._costs: Final = self._rated or "136" in places

    def read(self, match: re.Match[str]) -> Message:
        """As above."""
        values = match.groups()
        if self._codes:
            values = self._standard(values)
        report = usual_report(self._usual(values), self._version)
        for place, attribute, reading in self._rarer:
            setattr(report, attribute, reading(values[place]))
        if self._extra:
            report.extra = extra = {}
            for name, place in self._extra:
                extra[name] = values[place]
                if name == "12":  # a rate, kept as it stands, but a number all the same
                    price(values[place])
        if self._costs:
            self._add_up(report)
        return report

    def _add_up(self, report: ExecutionReport) -> None:
        """Work out what is stated as rates or in a group."""
        if self._rated:
            charge_commission(report)
        if "136" in report.extra:
            sum_misc_fees(report)

    def _standard(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The values with the broker's codes replaced by ours."""
        changed = list(values)
        for place, codes in self._codes:
            changed[place] = codes.get(changed[place], changed[place])
        return tuple(changed)


def _patterns(layout: list[Field], kind: Kind) -> list[str]:
    """The expression of each field: a group where the value is taken."""
    found = []
    for tag, name, value in layout:
        expected = re.escape(value) if kind.spells(tag) else _VALUE
        found.append(
            f"{tag}=({expected}){SOH}" if kind.takes(name, value) else f"{tag}={expected}{SOH}"
        )
    return found


def layout_of(text: str) -> list[Field] | None:
    """The fields of a text that was read before, or None where its shape would not say enough."""
    found = fields(text)
    told = grouped(found)
    names: list[str] = []
    for tag in told.body:
        names.append(tag)
        for position, entry in enumerate(told.groups.get(tag, ()), 1):
            names.extend(f"{tag}.{position}.{member}" for member in entry)
    tags = [str(tag) for tag, _ in found]
    if told.notes or not _UNFIT.isdisjoint(tags) or not all(value for _, value in found):
        return None
    return [(tag, name, value) for tag, name, (_, value) in zip(tags, names, found, strict=True)]


class Shapes:
    """The shapes that one session's counterparty has shown."""

    def __init__(self, kinds: Mapping[str, Kind], version: Version) -> None:
        self._kinds: Final = kinds
        self._version: Final = version
        self._known: Final[dict[int, list[Shape]]] = {}
        self._unknown = 0

    def __len__(self) -> int:
        return sum(map(len, self._known.values()))

    def read(self, text: str) -> Message | None:
        """The message that ``text`` is, where its shape is known and its values can be read."""
        shapes = self._known.get(text.count(SOH))
        if shapes is None or not text.isascii() or len(text) > LONGEST or "\x00" in text:
            return None
        for shape in shapes:
            match = shape.match(text)
            if match is not None:
                try:
                    return shape.read(match)
                except (KeyError, ValueError):
                    return None
        return None

    def learn(self, msg_type: str, text: str) -> None:
        """Take note of a text that was read in the ordinary way."""
        kind, count = self._kinds.get(msg_type), text.count(SOH)
        if kind is None or count > MOST_FIELDS or not text.isascii() or "\x00" in text:
            return
        self._unknown += 1
        if self._unknown < LEARNED_IN:
            return
        shapes = self._known.get(count, [])
        layout = None if any(shape.match(text) for shape in shapes) else layout_of(text)
        if layout is not None:
            self._unknown = 0
            made = ReportShape if kind.msg_type == "8" else Shape
            self._known[count] = [*shapes, made(layout, kind, self._version)][-PER_LENGTH:]
