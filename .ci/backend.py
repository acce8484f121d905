"""setuptools, and with FIX_OMS_COMPILE=1 a wheel whose hot modules are compiled by mypyc.

    pip install .                                     plain Python; needs no compiler and no mypyc
    FIX_OMS_COMPILE=1 pip wheel --no-deps .           a wheel for this Python and this machine

Only a wheel is ever compiled. An editable install is plain whatever the switch says: a .so beside
its source would shadow every later change of it. pyproject.toml says which files are hot and what
mypyc needs; the project's own mypy settings are not read, because they name files that a wheel is
built without.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from setuptools import build_meta, setup

# The hooks that pip calls; those that are not wrapped below are setuptools' own.
from setuptools.build_meta import (  # noqa: F401 - pip finds them by name
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

COMPILES: Final = os.environ.get("FIX_OMS_COMPILE") == "1"

# -O1: the time goes into reference counts and calls of Python's own C, which no level makes fewer.
OPT_LEVEL: Final = "1"


def hot_files(root: Path, chosen: dict[str, list[str]]) -> list[str]:
    """The files to compile, as paths below ``root``. Raises ValueError for a pattern of none."""

    def matching(patterns: list[str]) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            paths = {path.relative_to(root).as_posix() for path in root.glob(pattern)}
            if not paths:
                raise ValueError(f"[tool.fix_oms.compiled] names no file: {pattern}")
            found |= paths
        return found

    return sorted(matching(chosen["files"]) - matching(chosen["except"]))


class _Compiling(build_meta._BuildMetaBackend):
    """setuptools' backend, where its ``setup()`` also has the extensions."""

    def run_setup(self, setup_script: str = "setup.py") -> None:
        from mypyc.build import mypycify  # only this build has mypyc

        options = ["--config-file=", "--strict", "--python-version=3.11"]
        files = hot_files(Path.cwd(), _chosen())
        setup(ext_modules=mypycify([*options, *files], opt_level=OPT_LEVEL, debug_level="0"))


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What the wheel's build needs beside setuptools."""
    needed = build_meta.get_requires_for_build_wheel(config_settings)
    return [*needed, *_chosen()["needs"]] if COMPILES else needed


def build_wheel(directory: str, config_settings: Any = None, metadata: str | None = None) -> str:
    """Builds the wheel into ``directory`` and returns its file name."""
    backend = _Compiling() if COMPILES else build_meta
    return backend.build_wheel(directory, config_settings, metadata)


def _chosen() -> dict[str, list[str]]:
    with Path("pyproject.toml").open("rb") as file:
        chosen: dict[str, list[str]] = tomllib.load(file)["tool"]["fix_oms"]["compiled"]
    return chosen
