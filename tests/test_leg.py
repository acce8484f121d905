"""The leg that was meant is the leg that runs, in every hot module and not only in the engine.

``make compiled`` sets FIX_OMS_LEG=compiled and runs the suite where no source of fix_oms lies. A
suite that quietly tested the other leg would pass as well, and would prove nothing.
"""

from __future__ import annotations

import importlib
import os
import platform
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

import fix_oms
from fix_oms.cli.main import main
from fix_oms.engine.leg import COMPILED, INTERPRETED, leg, leg_of

MEANT: Final = os.environ.get("FIX_OMS_LEG", INTERPRETED)
PACKAGE: Final = Path(fix_oms.__file__).parent
PYPROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"


def hot_modules() -> list[str]:
    chosen = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["fix_oms"]["compiled"]
    root = PACKAGE.parent
    hot = {path for pattern in chosen["files"] for path in root.glob(pattern)}
    hot -= {path for pattern in chosen["except"] for path in root.glob(pattern)}
    return sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in hot)


def test_the_leg_that_runs_is_the_one_that_was_meant() -> None:
    assert leg() == MEANT


@pytest.mark.parametrize("name", hot_modules())
def test_the_hot_module_runs_on_the_leg_that_was_meant(name: str) -> None:
    assert leg_of(importlib.import_module(name)) == MEANT


def test_the_engine_is_hot() -> None:
    assert {"fix_oms.engine.core", "fix_oms.orders.order"} <= set(hot_modules())


@pytest.mark.skipif(MEANT == COMPILED, reason="the compiled leg is made of extension modules")
def test_no_extension_module_lies_beside_the_source() -> None:
    extensions = {path for suffix in EXTENSION_SUFFIXES for path in PACKAGE.rglob(f"*{suffix}")}
    assert extensions == set()


def test_the_version_says_which_leg_runs() -> None:
    runs = f"{MEANT}, CPython {platform.python_version()}"
    expected = f"fix-oms {fix_oms.__version__} ({runs})\n"
    assert CliRunner().invoke(main, ["--version"]).output == expected
