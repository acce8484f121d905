"""Reading by shape: what is the same in most messages of a session is worked out once.

A counterparty's engine writes the fields of one kind of report in one order, so a day's traffic is
a few dozen *shapes*: sequences of tags, in which only the values differ. From a text that has been
read in the ordinary way (``Codec``) a shape is learned: one regular expression that fits the texts
of that very sequence and no others, and the place of each field in it. A text that fits is then
plain: every field has its tag, its ``=``, a value and its SOH, no tag stands where it should not,
and the values come out of one call into C. A counter of a repeating group stands in the expression
with its number, so the members of a group have fixed places too.

Nothing is decided here. Values are read by the readers that read all other texts; where one raises,
or no shape fits, the text is read in the ordinary way, which mends it or names what is wrong. So
what is read by shape is what would have been read without: a property test holds the two together.

Measured for a report of 25 fields (``python -m bench.wire``): 1.1 us to match it and take the values
out in the order of the reader, against 2.9 us for splitting it into a dict, and 63 us for
telling the body from a repeating group field by field. To learn a shape takes some 0.3 ms, so it is
done for one text in eight of those that fit none, and of each number of fields only so many shapes
are kept, the oldest going first: traffic of which no two messages look alike costs 40 us more a
message, never a growing memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final, TypeAlias

import msgspec

from fix_oms.model.messages import ExecutionReport, Message
from fix_oms.wire.groups import GROUPS
from fix_oms.wire.reports import ABSOLUTE, RARER, USUAL, Body, usual_report
from fix_oms.wire.text import LONGEST_PLAIN, SOH, fields, grouped
from fix_oms.wire.values import HEADER, HEADER_READ, NOT_KEPT, UNDERSTOOD, WALKED
from fix_oms.wire.versions import Version

Reader: TypeAlias = Callable[[Body, Version], Message]
Values: TypeAlias = Sequence[str | None]

LEARNED_IN: Final = 8
"""One text in so many is learned from."""
PER_LENGTH: Final = 8
"""Shapes kept of each number of fields."""
MOST_FIELDS: Final = 96

_COMM_TYPE: Final = "13"
_GROUPS_UNTAKEN: Final = WALKED - GROUPS.keys()
"""Raw data, which may hold SOH, and secrets: never read by shape."""


class Kind:
    """What a session does with one MsgType(35): its reader, and its dialect's ways.

    ``renamed`` goes by tag from the broker's code to ours, ``constants`` are fields that say
    nothing if they have that value, ``dropped`` ones that never do.
    """

    def __init__(
        self,
        msg_type: str,
        reader: Reader,
        renamed: Mapping[str, Mapping[str, str]],
        dropped: frozenset[str],
        constants: Mapping[str, str],
    ) -> None:
        self.msg_type: Final = msg_type
        self.reader: Final = reader
        self.renamed: Final = renamed
        self.dropped: Final = dropped
        self.constants: Final = constants


class Shape:
    """One sequence of tags, and how a text of it becomes a message."""

    __slots__ = ("_extra", "_kind", "_names", "_rarer", "_renamed", "_usual", "_version", "match")

    def __init__(self, pattern: str, names: list[str], kind: Kind, version: Version) -> None:
        self.match: Final = re.compile(pattern).fullmatch
        self._kind = kind
        self._version = version
        self._names = names
        places = {name: place for place, name in enumerate(names)}
        self._renamed = [(places[t], codes) for t, codes in kind.renamed.items() if t in places]
        is_report = kind.msg_type == "8"
        told_money = _COMM_TYPE not in places
        known = RARER if told_money else {t: r for t, r in RARER.items() if t != "12"}
        absent = len(names)  # the pattern's last group, which is never there
        self._usual = itemgetter(*(places.get(tag, absent) for tag in USUAL))
        self._rarer = [(places[t], *known[t]) for t in names if t in known] if is_report else []
        taken = {*USUAL, *known} if is_report else set()
        self._extra = [
            (name, place)
            for name, place in places.items()
            if name not in taken and (is_report or _is_kept(name))
        ]

    def report(self, values: Values) -> ExecutionReport:
        """35=8, straight from the values to the fields. Raises ValueError or KeyError."""
        if self._renamed:
            values = self._standard(values)
        report = usual_report(self._usual(values), self._version)
        for place, attribute, reading in self._rarer:
            setattr(report, attribute, reading(values[place]))
        if self._extra:
            report.extra = {name: values[place] for name, place in self._extra}
        return report
