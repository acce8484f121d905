"""The scripts that draw tables and pages from the specification, loaded from where they stand.

``spec/`` is no package: people run the scripts, nothing imports them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

from tests.tidy.source import ROOT


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "spec" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE: Final = _load("generate")
"""What draws the legality of reports."""
CATALOGUE: Final = _load("controls")
"""What draws the catalogue of controls."""
EXAMPLES: Final = _load("examples")
"""What draws the examples of the Python API."""
ALERTS: Final = _load("alerts")
"""What draws the catalogue of alerts."""
HOSTILE: Final = _load("hostile")
"""What draws the hostile venue's table."""
INTRUDERS: Final = _load("intruders")
"""What draws the intruders' table."""
SPECIFICATION: Final[dict[str, Any]] = GENERATE.load()
"""``spec/order_legality.yaml``."""


def outputs() -> dict[Path, str]:
    """Each file that is drawn, with the text that it should have."""
    drawn: dict[Path, str] = {
        **GENERATE.outputs(),
        **CATALOGUE.outputs(),
        **ALERTS.outputs(),
        **EXAMPLES.outputs(),
        **HOSTILE.outputs(),
        **INTRUDERS.outputs(),
    }
    return drawn
