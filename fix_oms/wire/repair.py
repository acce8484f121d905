"""The careful second reading of a message that is not plain: name what is wrong, mend what may be.

After :func:`mend` every checked field of the body reads exactly, so the same builders that serve
the hot path serve here too, and nothing is read by two different rules.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from fix_oms.model.errors import BadValue, MissingField
from fix_oms.model.tags import label
from fix_oms.model.units import rounded, text_of
from fix_oms.wire.forms import COUNTS, FLAGS, PRICES, QUANTITIES, TIMES, Form
from fix_oms.wire.groups import DATA_LENGTH
from fix_oms.wire.text import LONGEST
from fix_oms.wire.times import parse_utc_timestamp
from fix_oms.wire.values import whole


@attrs.define
class Mended:
    """A body of which every checked field can be read, and what it took."""

    body: dict[str, str]
    tolerated: list[str]
    inexact: list[str]


def refuse_garbage(found: list[tuple[int, str]], name_of: Callable[[int], str]) -> None:
    """Raise BadValue for a value that no field can have: endless, or with NUL outside raw data."""
    for tag, value in found:
        if len(value) > LONGEST:
            raise BadValue(tag, name_of(tag), value, f"is longer than {LONGEST:,} characters")
        if "\x00" in value and tag not in DATA_LENGTH:
            raise BadValue(tag, name_of(tag), value, "holds a NUL")


def mend(body: dict[str, str], form: Form, name_of: Callable[[int], str]) -> Mended:
    """Check each field of ``form`` in the text's order.

    Empty fields count as absent, and so do fields of ``form.lenient`` that are wrong. Numbers with
    over 8 places are rounded and named in ``inexact``.
    Raises MissingField or BadValue, naming the field.
    """
    mended = Mended(body={}, tolerated=[], inexact=[])
    for key, value in body.items():
        name = name_of(int(key))
        if not value:
            mended.tolerated.append(f"{name} is empty")
            continue
        if key in form.checked:
            try:
                mended.body[key] = _checked(key, value, mended)
            except ValueError as error:
                if key not in form.lenient and not (key in TIMES and form.lenient_times):
                    raise BadValue(int(key), name, value, str(error)) from None
                mended.tolerated.append(f"{name} {value[:32]!r} {error}")
        else:
            mended.body[key] = value
    for key in form.needed:
        if key not in mended.body:
            raise MissingField(int(key), name_of(int(key)), None, f"is needed in {form.name}")
    return mended


def _checked(key: str, value: str, mended: Mended) -> str:
    """``value`` as the exact text that the builders read. Raises ValueError with the reason."""
    if key in QUANTITIES or key in PRICES:
        number, exact = rounded(value)
        if key in QUANTITIES and number < 0:
            raise ValueError("is negative")
        if not exact:
            mended.inexact.append(label(int(key)).partition("(")[0])
            return text_of(number)
    elif key in COUNTS:
        whole(value)
    elif key in FLAGS and value not in ("Y", "N"):
        raise ValueError("is neither Y nor N")
    elif key in TIMES:
        parse_utc_timestamp(value)
    return value
