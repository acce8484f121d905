"""What somebody states line by line in a CSV file: the whole of it, or none.

The first line names the columns. Every line that is wrong is named with its number, its column and
the reason; a file of which one line cannot be read says nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from fix_oms.cli.exits import BadInput
from fix_oms.model.errors import FieldError
from fix_oms.model.settings_text import nearest

SHOWN_ERRORS: Final = 20
T = TypeVar("T")


def read_lines(
    path: Path,
    columns: tuple[str, ...],
    required: tuple[str, ...],
    made: Callable[[dict[str, str]], T],
    name: Callable[[T], str],
    what: str,
) -> tuple[T, ...]:
    """What each line states, ``made`` of the texts of its columns (raises FieldError). Two lines of
    one ``name`` contradict each other. Raises a bad-input failure that names every line that is
    wrong; ``what`` the file should hold is in it."""
    rows = list(_rows(path))
    heading = [word.strip() for word in rows[0][1]] if rows else []
    if reason := _wrong_heading(heading, columns, required):
        raise BadInput(f"{path}: {reason}: nothing was done")
    found: list[T] = []
    errors: list[str] = []
    lines: dict[str, int] = {}
    for line, cells in rows[1:]:
        if len(cells) != len(heading):
            errors.append(f"line {line}: has {len(cells)} columns, not {len(heading)}")
            continue
        try:
            one = made(dict(zip(heading, (cell.strip() for cell in cells), strict=True)))
        except FieldError as error:
            errors.append(f"line {line}: {error}")
            continue
        first = lines.setdefault(name(one), line)
        if first != line:
            errors.append(f"line {line}: {name(one)} stands on line {first} already")
        found.append(one)
    if errors:
        shown = errors[:SHOWN_ERRORS]
        shown += [f"... and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
        raise BadInput("\n  ".join([f"{path}: nothing was done, {len(errors)} bad:", *shown]))
    if not found:
        raise BadInput(f"{path}: holds no {what}: nothing was done")
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


def _wrong_heading(heading: list[str], columns: tuple[str, ...], required: tuple[str, ...]) -> str:
    """What is wrong with the first line, or the empty text."""
    wanted = ",".join(columns)
    for name in heading:
        if name not in columns:
            return f"the first line names the columns ({wanted}): {name!r} is none of them" + (
                nearest(name, list(columns))
            )
        if heading.count(name) > 1:
            return f"the column {name!r} stands twice in the first line"
    missing = [name for name in required if name not in heading]
    return (
        f"the first line names the columns ({wanted}): {missing[0]} is missing" if missing else ""
    )
