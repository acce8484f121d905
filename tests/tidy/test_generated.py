"""What is drawn from the specification is fresh, and wrong data is found when it is drawn."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from fix_oms.model.controls import CONTROLS
from tests.orders.published import matrices
from tests.tidy.generated import (
    ALERTS,
    CATALOGUE,
    GENERATE,
    INTRUDERS,
    SPECIFICATION,
    outputs,
)


@pytest.fixture
def data() -> dict[str, Any]:
    """A copy to break."""
    return copy.deepcopy(SPECIFICATION)


@pytest.mark.parametrize("path", outputs(), ids=lambda path: path.name)
def test_the_file_is_what_make_spec_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == outputs()[path], "run `make spec`"


def test_a_missing_cell_is_found(data: dict[str, Any]) -> None:
    del data["reports"][0]["cells"][0]
    with pytest.raises(ValueError, match="missing or too much"):
        GENERATE.table(data)


def test_a_cell_that_stands_twice_is_found(data: dict[str, Any]) -> None:
    data["reports"][0]["cells"].append(dict(data["reports"][0]["cells"][0]))
    with pytest.raises(ValueError, match="stands twice"):
        GENERATE.table(data)


def test_a_report_of_two_kinds_is_found(data: dict[str, Any]) -> None:
    data["reports"][1]["when"] = dict(data["reports"][0]["when"])
    with pytest.raises(ValueError, match="is both"):
        GENERATE.table(data)


def test_a_report_that_does_not_exist_is_found(data: dict[str, Any]) -> None:
    data["reports"][0]["when"] = [data["reports"][0]["when"], {"exec_type": "0", "ord_status": "z"}]
    with pytest.raises(ValueError, match="no such report"):
        GENERATE.table(data)


def test_each_published_transition_is_in_a_diagram() -> None:
    rows = matrices()["published_transition_table"]["rows"]
    wanted = {(before, after) for before in rows for after in rows[before] if after != before}
    drawn = re.findall(r"(?m)^    (\w+) --> (\w+) : ", outputs()[GENERATE.PAGE])
    assert wanted - set(drawn) == set()


def test_each_control_is_one_whole_row_of_the_page_of_controls() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` .*$", outputs()[CATALOGUE.PAGE])
    assert rows == [
        name for phase in CATALOGUE.PHASES for name, c in CONTROLS.items() if c.phase == phase
    ]


@pytest.mark.parametrize(
    "drawn", [CATALOGUE, ALERTS, INTRUDERS], ids=["controls", "alerts", "intruders"]
)
def test_no_text_breaks_its_row(drawn: Any) -> None:
    rows = re.findall(r"(?m)^\| .*$", outputs()[drawn.PAGE])
    assert {row.count("|") for row in rows} == {len(drawn.HEAD) + 1}
