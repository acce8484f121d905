"""The seed of a run's random hostility, and what came of it, stand at the end of the report."""

from __future__ import annotations

import pytest

from acceptance.hostile.play import TOLD
from acceptance.hostile.test_fuzz import SEED
from tests.reported import noted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for value in noted(terminalreporter, TOLD):
        terminalreporter.write_line(f"hostile venue, HOSTILE_SEED={SEED}: {value}")
