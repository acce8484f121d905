"""Every script, in each of its versions: in process in virtual time, and over TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from acceptance.scn.driver import Driver
from acceptance.scn.in_process import InProcess
from acceptance.scn.over_tcp import over_tcp
from acceptance.scn.parser import Script, parse
from acceptance.scn.runner import Run
from fix_oms.model.fix import FixVersion
from tests.tidy.source import ROOT

SCRIPTS = [
    parse(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "acceptance").rglob("*.scn"))
]
CASES = [
    pytest.param(script, version, id=f"{script.file.removeprefix('acceptance/')}-{version}")
    for script in SCRIPTS
    for version in script.versions
]


@pytest.mark.parametrize(("script", "version"), CASES)
def test_the_script_holds_in_process(script: Script, version: FixVersion) -> None:
    Run(script, version, InProcess(version)).run()


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[FixVersion], Driver]]:
    """An order system over TCP for each version, started when it is first needed."""
    with ExitStack() as stack:
        started: dict[FixVersion, Driver] = {}

        def driver(version: FixVersion) -> Driver:
            if version not in started:
                directory = tmp_path_factory.mktemp(version.name)
                started[version] = stack.enter_context(over_tcp(version, directory))
            return started[version]

        yield driver


@pytest.mark.parametrize(("script", "version"), CASES)
def test_the_script_holds_over_tcp(
    script: Script, version: FixVersion, connected: Callable[[FixVersion], Driver]
) -> None:
    Run(script, version, connected(version)).run()
