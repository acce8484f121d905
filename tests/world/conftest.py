"""The seeds that nobody chose are said at the end of a run, whichever process drew them."""

from __future__ import annotations

from typing import Final

import pytest

from tests.reported import noted

FRESH: Final = "fresh seed"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for seed in noted(terminalreporter, FRESH):
        terminalreporter.write_line(f"simulated world, fresh seed {seed}")
