"""The seeds that nobody chose are said at the end of a run, whichever process drew them."""

from __future__ import annotations

from typing import Final

import pytest

FRESH: Final = "fresh seed"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == FRESH
    ]
    for seed in dict.fromkeys(found):
        terminalreporter.write_line(f"simulated world, fresh seed {seed}")
