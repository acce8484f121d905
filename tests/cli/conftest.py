"""The command line in front of a real control socket, behind which a stand-in engine answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from fix_oms.cli.main import main
from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from tests.server.standin import Standin

CONFIG = """
[engine]
socket = "fix-oms.sock"
[sessions.ALPHA]
[sessions.BETA]
[venues.ALPHA]
[instruments.AAPL]
"""


@attrs.frozen
class Shell:
    """Runs commands. ``config`` is given to each of them by -c."""

    config: Path
    engine: Standin

    def run(self, *words: str, typed: str | None = None, columns: int = 80) -> Result:
        return CliRunner(env={"COLUMNS": str(columns), "FIX_OMS_CONFIG": ""}).invoke(
            main, ["-c", str(self.config), *words], input=typed, prog_name="fix-oms"
        )

    @property
    def taken(self) -> list[Any]:
        """What reached the engine."""
        return list(self.engine.submitted)


@pytest.fixture
def nobody(tmp_path: Path) -> Shell:
    """A shell whose configuration names a socket that nobody listens at."""
    config = tmp_path / "oms.toml"
    config.write_text(CONFIG)
    return Shell(config, Standin())


@pytest.fixture
def shell(nobody: Shell) -> Iterator[Shell]:
    process = Process(
        run=7,
        config=str(nobody.config),
        journal="/j",
        durability="process",
        open_alerts=lambda: tuple(nobody.engine.alerts),
    )
    server = ControlServer(nobody.config.parent / "fix-oms.sock", nobody.engine, process)
    server.start()
    yield nobody
    server.stop()


@pytest.fixture
def limits_in_force(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine has limits to tell of."""
    from tests.cli.limits_in_force import told  # it knows the shell

    monkeypatch.setattr(shell.engine, "limit_views", told)
