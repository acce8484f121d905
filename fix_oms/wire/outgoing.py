"""The last step before text leaves: the version's and the dialect's way, and nothing injected.

A FIX field ends at SOH, so a value with SOH in it is a field more, of somebody else's choice; line
breaks and other control characters do the same to logs and screens. All values are looked at in
one pass over the finished text; only where that finds something are the fields gone through one by
one, to name the field to blame.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fix_oms.model.errors import BadValue, FieldError, MissingField
from fix_oms.model.messages import NO_EXTRA
from fix_oms.wire.dialects import Dialect
from fix_oms.wire.forms import FORMS
from fix_oms.wire.groups import GROUPS
from fix_oms.wire.reports import Pairs
from fix_oms.wire.text import SOH
from fix_oms.wire.times import utc_timestamp
from fix_oms.wire.values import FLAG_TEXT, HEADER, fixed_text, whole_text
from fix_oms.wire.versions import Version

_NONE: Final[frozenset[str]] = frozenset()
_UNFIT: Final = re.compile("[\x00\x02-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PATH: Final = re.compile(r"(?:[1-9][0-9]{0,8}\.[1-9][0-9]{0,8}\.)*[1-9][0-9]{0,8}", re.ASCII)
_OWN_IDS: Final = ("11", "324", "584", "710")


class Outgoing:
    """Finishes messages of one session."""

    def __init__(
        self, version: Version, dialect: Dialect, names: dict[int, str], id_length: int | None
    ) -> None:
        self._version = version
        self._names = names
        self._id_length = id_length
        self._required = {
            kind: tuple(sorted(tags - dialect.dropped(kind)))
            for kind, tags in version.required.items()
        }
        self._dropped = {
            kind: dialect.dropped(kind) | version.absent | version.absent_in.get(kind, _NONE)
            for kind in FORMS
        }
        self._without_groups = {
            kind for kind, tags in self._dropped.items() if not tags.isdisjoint(GROUPS)
        }
        self._codes = {kind: _joined(version, dialect, kind) for kind in FORMS}
        self._constants = {
            kind: self._adapted(kind, [*constants.items()], NO_EXTRA)
            for kind in FORMS
            for constants in [{**version.constants.get(kind, {}), **dialect.constants(kind)}]
        }

    def text(self, kind: str, pairs: Pairs, extra: dict[str, str]) -> str:
        """The text of a message, MsgType(35) first, each field ended by SOH.

        Raises MissingField, BadValue, or Unsupported where the version lacks the message.
        """
        pairs = self._adapted(kind, pairs, extra)
        said = [pair for pair in pairs if pair[1] is not None]
        present = dict(said)
        for constant in self._constants[kind]:
            if constant[0] not in present:
                said.append(constant)
                present[constant[0]] = constant[1]
        for tag in self._required[kind]:
            if tag not in present:
                raise MissingField(
                    int(tag), self._label(tag), None, f"is needed in {FORMS[kind].name}"
                )
        try:
            fields = SOH.join(map("=".join, said))  # type: ignore[arg-type]  # said holds no None
        except TypeError:
            self._blame(pairs)
            raise
        text = f"35={kind}{SOH}{fields}{SOH}"
        if text.count(SOH) != len(said) + 1 or "=\x01" in text or _UNFIT.search(text):
            self._blame(pairs)
        if self._id_length is not None:
            self._check_ids(present)
        return text

    def _adapted(self, kind: str, pairs: Pairs, extra: dict[str, str]) -> Pairs:
        """The pairs with ``extra``, without what is dropped, in the broker's codes."""
        dropped, codes = self._dropped[kind], self._codes[kind]
        if extra:
            self._check_extra(pairs, extra)
            kept = [path for path in extra if path.partition(".")[0] not in dropped]
            pairs = [*pairs, *((path.rpartition(".")[2], extra[path]) for path in kept)]
        if codes:
            pairs = [
                (tag, codes[tag].get(value, value) if tag in codes and value else value)
                for tag, value in pairs
            ]
        if dropped:
            if kind in self._without_groups:
                pairs = _without_members(pairs, dropped)
            pairs = [pair for pair in pairs if pair[0] not in dropped]
        return pairs

    def _check_extra(self, pairs: Pairs, extra: dict[str, str]) -> None:
        said = {tag for tag, value in pairs if value is not None}
        for path in extra:
            if not isinstance(path, str) or not _PATH.fullmatch(path):
                raise BadValue(35, self._label("35"), str(path), "names an extra field by no tag")
            if path in HEADER:
                raise BadValue(int(path), self._label(path), extra[path], "is the session's to say")
            if path in said:
                raise BadValue(int(path), self._label(path), extra[path], "is said already")

    def _label(self, tag: str) -> str:
        return f"{self._names.get(int(tag), 'Tag')}({tag})"

    def _blame(self, pairs: Pairs) -> None:
        """Raise BadValue for the first value that cannot be sent, if there is one."""
        for tag, value in pairs:
            if value is None:
                continue
            reason = ""
            if not isinstance(value, str):
                reason = f"is {type(value).__name__}, not text"
            elif not value:
                reason = "is empty"
            elif SOH in value:
                reason = "holds SOH, which would begin another field"
            elif found := _UNFIT.search(value):
                reason = f"holds U+{ord(found.group()):04X}, which cannot be sent"
            if reason:
                raise BadValue(int(tag), self._label(tag), str(value), reason)

    def _check_ids(self, present: dict[str, str | None]) -> None:
        for tag in _OWN_IDS:
            value = present.get(tag)
            if value is not None and self._id_length is not None and len(value) > self._id_length:
                raise BadValue(
                    int(tag),
                    self._label(tag),
                    value,
                    f"is longer than the {self._id_length} characters that the session allows",
                )

    def accuse(self, kind: str, message: object, error: Exception) -> FieldError:
        """The FieldError for a message that a writer could not even read, naming the field."""
        for holder in (message, getattr(message, "terms", None)):
            for name, (tag, check) in _ATTRIBUTES.items():
                try:
                    check(getattr(holder, name, None))
                except (TypeError, ValueError, KeyError) as found:
                    value = repr(getattr(holder, name))
                    reason = str(found) if not isinstance(found, KeyError) else "is no flag"
                    return BadValue(tag, self._label(str(tag)), value, reason)
        return BadValue(35, self._label("35"), kind, f"{FORMS[kind].name} is malformed: {error}")


def _without_members(pairs: Pairs, dropped: frozenset[str]) -> Pairs:
    """The pairs without what follows the counter of a dropped group and belongs to it."""
    kept: Pairs = []
    members = _NONE
    for pair in pairs:
        if pair[0] in dropped:
            members = GROUPS.get(pair[0], members)
        elif pair[0] not in members:
            members = _NONE
            kept.append(pair)
    return kept


def _joined(version: Version, dialect: Dialect, kind: str) -> dict[str, dict[str, str]]:
    """From our code to what leaves: narrowed to the version's codes, then renamed."""
    renamed = dialect.renamed(kind, inbound=False)
    narrowed = version.narrower.get(kind, {})
    return {
        tag: {
            **renamed.get(tag, {}),
            **{
                ours: renamed.get(tag, {}).get(plain, plain)
                for ours, plain in narrowed.get(tag, {}).items()
            },
        }
        for tag in sorted({*renamed, *narrowed})
    }


def _time(value: object) -> None:
    if value is not None:
        if type(value) is not int:
            raise TypeError("is not an int of nanoseconds")
        utc_timestamp(value)


def _code(value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"is {type(value).__name__}, not text")


def _flag(value: Any) -> None:
    FLAG_TEXT[value]


_ATTRIBUTES: Final[dict[str, tuple[int, Any]]] = {
    "side": (54, _code),
    "ord_type": (40, _code),
    "time_in_force": (59, _code),
    "exec_type": (150, _code),
    "ord_status": (39, _code),
    "order_qty": (38, fixed_text),
    "cash_order_qty": (152, fixed_text),
    "price": (44, fixed_text),
    "stop_px": (99, fixed_text),
    "last_qty": (32, fixed_text),
    "last_px": (31, fixed_text),
    "leaves_qty": (151, fixed_text),
    "cum_qty": (14, fixed_text),
    "avg_px": (6, fixed_text),
    "day_order_qty": (424, fixed_text),
    "day_cum_qty": (425, fixed_text),
    "day_avg_px": (426, fixed_text),
    "commission": (12, fixed_text),
    "misc_fees": (137, fixed_text),
    "long_qty": (704, fixed_text),
    "short_qty": (705, fixed_text),
    "settl_price": (730, fixed_text),
    "margin_excess": (899, fixed_text),
    "total_net_value": (900, fixed_text),
    "cash_outstanding": (901, fixed_text),
    "transact_time": (60, _time),
    "expire_time": (126, _time),
    "tot_num_reports": (911, whole_text),
    "last_rpt_requested": (912, _flag),
    "total_num_pos_reports": (727, whole_text),
    "total_affected_orders": (533, whole_text),
    "ref_seq_num": (45, whole_text),
    "ref_tag_id": (371, whole_text),
    "market_depth": (264, whole_text),
}
"""The attributes that writers turn into text or look up, with their tag and what checks them."""
