"""ruff and mypy --strict run clean: the same commands that a person would type."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tidy.source import ROOT


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "mypy"])
def test_the_tool_finds_nothing(command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
