"""Seeds of the simulated world: no law breaks, and each does the same again."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable

import pytest

from fix_oms.world.campaign import outcome_of
from fix_oms.world.shrink import shortest
from fix_oms.world.story import story_of
from fix_oms.world.world import World
from tests.world.conftest import FRESH

STEPS = 1000
CHUNK = 10
CHUNKS = range(0, 60, CHUNK)


def told(seed: int) -> str:
    """The story of a failing seed, for the report of the failure; nothing where no law breaks."""
    broken = outcome_of(seed, STEPS).broken
    if broken is None:
        return ""
    found = shortest(seed, STEPS)
    return "\n".join(story_of(found.world, STEPS)) if found is not None else str(broken)


@pytest.mark.parametrize("first", CHUNKS)
def test_no_law_breaks_in_a_fixed_set_of_worlds(first: int) -> None:
    assert "\n".join(told(seed) for seed in range(first, first + CHUNK)).strip() == ""


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_no_law_breaks_in_two_thousand_worlds(first: int) -> None:
    assert "\n".join(told(seed) for seed in range(first, first + 100)).strip() == ""


def test_no_law_breaks_in_a_world_that_nobody_chose(
    record_property: Callable[[str, object], None],
) -> None:
    seed = secrets.randbelow(1 << 32)
    record_property(FRESH, seed)
    assert told(seed) == ""


@pytest.mark.parametrize("seed", [3, 4, 9])
def test_a_seed_does_the_same_again_in_another_process(seed: int) -> None:
    code = f"from fix_oms.world.world import World; print(World({seed}).run({STEPS}).digest())"
    there = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == World(seed).run(STEPS).digest()
