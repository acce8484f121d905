"""The seed of a run's random hostility, and what came of it, stand at the end of the report."""

from __future__ import annotations

import pytest

from acceptance.hostile.play import TOLD
from acceptance.hostile.test_fuzz import SEED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == TOLD
    ]
    for value in dict.fromkeys(told):
        terminalreporter.write_line(f"hostile venue, HOSTILE_SEED={SEED}: {value}")
