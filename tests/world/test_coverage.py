"""What a campaign has tried is counted, and nothing is called out of reach that was reached."""

from __future__ import annotations

from collections import Counter

import pytest

from fix_oms.model.controls import CONTROLS
from fix_oms.orders.legality_table import NAMES
from fix_oms.world.campaign import outcome_of
from fix_oms.world.coverage import FAULTS, UNREACHABLE, rows_of


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    """Of a handful of worlds."""
    return sum((outcome_of(seed, 1000).counts for seed in range(12)), Counter())


def test_every_control_and_every_cell_has_a_row() -> None:
    rows = list(rows_of(Counter()))
    groups = Counter(row.group for row in rows)
    assert groups["control"] == len(CONTROLS)
    assert groups["cell"] % len(NAMES) == 0


def test_nothing_is_reached_that_is_called_out_of_reach(counts: Counter[str]) -> None:
    reached = [f"{state} {kind}" for state, kind in UNREACHABLE if counts[f"cell: {state} {kind}"]]
    assert reached == []


def test_every_fault_that_is_counted_has_a_row(counts: Counter[str]) -> None:
    counted = {key.removeprefix("fault: ") for key in counts if key.startswith("fault: ")}
    assert counted - set(FAULTS) == set()


def test_everything_of_parents_that_is_counted_has_a_row(counts: Counter[str]) -> None:
    counted = {key.removeprefix("routing: ") for key in counts if key.startswith("routing: ")}
    rows = {row.name for row in rows_of(counts) if row.group == "routing"}
    assert counted - rows == set()


def test_everything_of_hedges_that_is_counted_has_a_row(counts: Counter[str]) -> None:
    counted = {key.removeprefix("hedge: ") for key in counts if key.startswith("hedge: ")}
    rows = {row.name for row in rows_of(counts) if row.group == "hedge"}
    assert counted != set()
    assert counted - rows == set()
