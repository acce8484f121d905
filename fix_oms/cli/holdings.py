"""Positions that somebody states, from a CSV file. Quantities are signed: a short position is
negative."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fix_oms.cli import parse
from fix_oms.cli.csv_file import read_lines
from fix_oms.model.inputs import Holding

REQUIRED: Final = ("account", "symbol", "quantity")
OPENING: Final = (*REQUIRED, "px")
FEED: Final = (*REQUIRED, "as_of", "exec_id", "seq")

_READ: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "account": ("account", parse.account),
    "symbol": ("symbol", parse.symbol),
    "quantity": ("quantity", lambda text: parse.number(0, text, "quantity")),
    "px": ("px", lambda text: parse.not_negative(0, text, "px")),
    "as_of": ("as_of_ns", lambda text: parse.moment(text, "as_of")),
    "exec_id": ("exec_id", lambda text: parse.name_field(parse.EXEC_ID, text)),
    "seq": ("seq", lambda text: parse.count(text, "seq")),
}
"""The field of each column, and how its text is read."""


def holding(given: dict[str, str]) -> Holding:
    """One position from the texts of its columns; an empty one is not stated. Raises FieldError."""
    fields: dict[str, Any] = {}
    for column, text in given.items():
        if text or column in REQUIRED:
            field, read = _READ[column]
            fields[field] = read(text)
    return Holding(**fields)


def read_holdings(path: Path, columns: tuple[str, ...]) -> tuple[Holding, ...]:
    """The positions of a file. Raises a bad-input failure that names every line that is wrong."""
    return read_lines(path, columns, REQUIRED, holding, _name, "position")


def _name(one: Holding) -> str:
    return f"{one.account} {one.symbol}"
