"""The script that draws tables and pages from the specification, loaded from where it stands.

``spec/`` is no package: people run the script, nothing imports it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

from tests.tidy.source import ROOT

SCRIPT: Final = ROOT / "spec" / "generate.py"


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE: Final = _load()
"""The module."""
SPECIFICATION: Final[dict[str, Any]] = GENERATE.load()
"""``spec/order_legality.yaml``."""


def outputs() -> dict[Path, str]:
    """Each file that is drawn, with the text that it should have."""
    drawn: dict[Path, str] = GENERATE.outputs()
    return drawn
