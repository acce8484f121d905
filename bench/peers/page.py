"""README.md's tables: lines of Markdown, put between the two marks that a table stands between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

README: Final = Path(__file__).with_name("README.md")


def heading(name: str, version: str) -> str:
    """A column's: the engine with its version, and the way in which it is used."""
    engine, comma, way = name.partition(",")
    return f"{engine} {version}{comma}{way}"


def markdown_row(cells: Iterable[str]) -> str:
    """One row."""
    return "| " + " | ".join(cells) + " |"


def markdown_cell(lines: Sequence[str]) -> str:
    """One cell of several lines; a verdict of ``wrong`` stands out."""
    first, *rest = (text.replace("|", "\\|") for text in lines)
    return "<br>".join([f"**{first}**" if first.startswith("wrong") else first, *rest])


def put(page: str, begin: str, end: str, text: str) -> str:
    """The page with what stands between the marks replaced. Raises ValueError without them."""
    before, mark, rest = page.partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise ValueError(f"{README.name} lacks a mark of the table")
    return f"{before}{mark}\n{text}\n\n{closing}{after}"
