"""A control server on a socket of its own, in front of a stand-in engine; a runner at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fix_oms.server.answers import Process
from fix_oms.server.control import ControlServer
from tests.server.standin import Standin
from tests.server.world import World


@pytest.fixture
def standin() -> Standin:
    return Standin()


@pytest.fixture
def server(standin: Standin, tmp_path: Path) -> Iterator[ControlServer]:
    process = Process(run=7, config="demo.toml", journal="/j", durability="process")
    made = ControlServer(tmp_path / "fix-oms.sock", standin, process)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()
