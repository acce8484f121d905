"""Each of QuickFIX's acceptance scripts of the session layer has a case here, or a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from acceptance.hostile.case import load
from fix_oms.model.fix import FixVersion

UPSTREAM: Final[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "upstream.yaml").read_text(encoding="utf-8")
)
CASES: Final = {case.name: case for case in load()}
EXPECTED: Final = 60
"""Scripts that there are for FIX 4.2, 4.4 or 5.0 SP2, each counted once."""


def test_no_script_is_left_out() -> None:
    assert len(UPSTREAM["scripts"]) + len(UPSTREAM["not_ours"]) == EXPECTED


@pytest.mark.parametrize("script", UPSTREAM["scripts"])
def test_a_script_names_cases_that_there_are(script: str) -> None:
    named = UPSTREAM["scripts"][script].split()
    assert [name for name in named if name not in CASES] == []


@pytest.mark.parametrize("script", UPSTREAM["scripts"])
def test_a_script_is_played_in_all_versions_between_its_cases(script: str) -> None:
    played = {v for name in UPSTREAM["scripts"][script].split() for v in CASES[name].versions}
    if script.endswith("NoDefaultApplVerID"):  # is of FIXT alone
        played |= set(FixVersion)
    assert played == set(FixVersion)
