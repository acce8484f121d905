"""What a single value of the configuration must be: the checks that its classes name.

Each is an attrs validator and raises ValueError with the attribute's name and the reason;
``settings_text`` adds the file and the key.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")


def is_name(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    """A name: it stands in files, on the wire and in commands."""
    if not NAME.fullmatch(value):
        raise ValueError(
            f"{attribute.name}: {value!r} is no name (letters, digits, _ . -; at most 32)"
        )


def positive(_: object, attribute: attrs.Attribute[int], value: int | None) -> None:
    """Greater than 0, where it is given."""
    if value is not None and value <= 0:
        raise ValueError(f"{attribute.name}: must be greater than 0")


def not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    """0 or more."""
    if value < 0:
        raise ValueError(f"{attribute.name}: must not be negative")


def not_empty(_: object, attribute: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
    """At least one."""
    if not value:
        raise ValueError(f"{attribute.name}: must name at least one")


def are_weekdays(_: object, attribute: attrs.Attribute[Any], value: tuple[int, ...]) -> None:
    """0 is Monday."""
    if any(day not in range(7) for day in value):
        raise ValueError(f"{attribute.name}: a weekday is 0 (Monday) to 6 (Sunday)")


def is_person(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    """Somebody who answers for it."""
    if not value.strip():
        raise ValueError(f"{attribute.name}: must name the person who answers for it")


def is_port(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    """A TCP port."""
    if not 0 < value < 65536:
        raise ValueError(f"{attribute.name}: {value} is no TCP port (1 to 65535)")


def is_time_of_day(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    """HH:MM or HH:MM:SS, where it is given."""
    if value is not None and not TIME_OF_DAY.fullmatch(value):
        raise ValueError(f"{attribute.name}: {value!r} is no time of day (HH:MM or HH:MM:SS)")
