"""Writes ``ALERTS.md`` from the catalogue of alerts: ``make spec``, or this script alone.

The catalogue (``fix_oms/model/alert_codes.py``) is what the engine itself reads. Nothing is decided
here; a test compares the file with what this makes of the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fix_oms.model.alert_codes import CATALOGUE
from fix_oms.model.severities import AlertCode

PAGE: Final = Path(__file__).resolve().parent / "ALERTS.md"
HEAD: Final = ("code", "severity", "lasts", "meaning", "what to do")

TEXT: Final = """# Alerts

Written by `make spec` from [the catalogue](../fix_oms/model/alert_codes.py).

Every alert has a code for programs and a text for people. What *lasts* is a condition: it is told
when it opens and when it clears, again while it stays (`alerts.repeat_s`), and listed by
`fix-oms alerts` meanwhile. The others are events, told once.

`severe` wants a person now, `warning` wants one today, `info` is for the record."""


def page() -> str:
    """The Markdown page."""
    parts = [TEXT]
    for chapter, rows in CATALOGUE.items():
        lines = [list(HEAD), ["---"] * len(HEAD), *(_row(*row) for row in rows.items())]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts += [f"## {chapter}", table]
    return "\n\n".join(parts) + "\n"


def _row(code: str, row: AlertCode) -> list[str]:
    lasts = "yes" if row.lasts else ""
    return [f"`{code}`", ", ".join(row.severities), lasts, row.meaning, row.advice]


def outputs() -> dict[Path, str]:
    """The file that is written, with its text."""
    return {PAGE: page()}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
