"""What tests have noted of a run (``record_property``), for the end of its report."""

from __future__ import annotations

import pytest


def noted(terminalreporter: pytest.TerminalReporter, name: str) -> list[object]:
    """The values noted under that name, each once, in the order of the tests."""
    found = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for key, value in report.user_properties
        if key == name
    ]
    return list(dict.fromkeys(found))
