"""Positions that somebody states, from a CSV file: the whole of it, or none.

The first line names the columns. Every line that is wrong is named with its number, its column and
the reason; a file of which one line cannot be read says nothing. Quantities are signed: a short
position is negative.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from fix_oms.cli import parse
from fix_oms.cli.exits import BadInput
from fix_oms.model.errors import FieldError
from fix_oms.model.inputs import Holding
from fix_oms.model.settings_text import nearest

REQUIRED: Final = ("account", "symbol", "quantity")
OPENING: Final = (*REQUIRED, "px")
FEED: Final = (*REQUIRED, "as_of", "exec_id", "seq")
SHOWN_ERRORS: Final = 20

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
    rows = list(_rows(path))
    heading = [word.strip() for word in rows[0][1]] if rows else []
    if reason := _wrong_heading(heading, columns):
        raise BadInput(f"{path}: {reason}: nothing was done")
    found: list[Holding] = []
    errors: list[str] = []
    lines: dict[tuple[str, str], int] = {}
    for line, cells in rows[1:]:
        if len(cells) != len(heading):
            errors.append(f"line {line}: has {len(cells)} columns, not {len(heading)}")
            continue
        try:
            one = holding(dict(zip(heading, (cell.strip() for cell in cells), strict=True)))
        except FieldError as error:
            errors.append(f"line {line}: {error}")
            continue
        first = lines.setdefault((one.account, one.symbol), line)
        if first != line:
            errors.append(f"line {line}: {one.account} {one.symbol} stands on line {first} already")
        found.append(one)
    if errors:
        shown = errors[:SHOWN_ERRORS]
        shown += [f"... and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
        raise BadInput("\n  ".join([f"{path}: nothing was done, {len(errors)} bad:", *shown]))
    if not found:
        raise BadInput(f"{path}: holds no position: nothing was done")
    return tuple(found)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: is not UTF-8 text: {error.reason}") from None
    except csv.Error as error:
        raise BadInput(f"{path}: is not CSV: {error}") from None


def _wrong_heading(heading: list[str], columns: tuple[str, ...]) -> str:
    """What is wrong with the first line, or the empty text."""
    wanted = ",".join(columns)
    for name in heading:
        if name not in columns:
            return f"the first line names the columns ({wanted}): {name!r} is none of them" + (
                nearest(name, list(columns))
            )
        if heading.count(name) > 1:
            return f"the column {name!r} stands twice in the first line"
    missing = [name for name in REQUIRED if name not in heading]
    return (
        f"the first line names the columns ({wanted}): {missing[0]} is missing" if missing else ""
    )
