"""How severe an alert is, and what the catalogue of alerts (``alert_codes``) says of each code."""

from __future__ import annotations

from typing import Final, NamedTuple

INFO: Final = "info"
WARNING: Final = "warning"
SEVERE: Final = "severe"
SEVERITIES: Final = (INFO, WARNING, SEVERE)
"""Least first."""


class AlertCode(NamedTuple):
    """One row. ``severities`` are those that it comes in; ``lasts`` says that it is a condition."""

    severities: tuple[str, ...]
    lasts: bool
    meaning: str
    advice: str


def rank(severity: str) -> int:
    """How severe: 0 and up. Raises ValueError for a severity that there is not."""
    return SEVERITIES.index(severity)
