"""Every planted bug is found within 500 seeds, and told in a short story."""

from __future__ import annotations

import pytest

from fix_oms.world.campaign import outcome_of
from fix_oms.world.shrink import shortest
from fix_oms.world.story import story_of
from tests.world.planted import PLANTED, Plant, bust_twice

STEPS = 1000
MOST_SEEDS = 500


def _name(plant: Plant) -> str:
    return plant.__name__


@pytest.mark.parametrize("plant", PLANTED, ids=_name)
def test_a_planted_bug_is_found_within_500_seeds(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    seeds = (PLANTED[plant], *range(MOST_SEEDS - 1))
    found = next((seed for seed in seeds if outcome_of(seed, STEPS).broken is not None), None)
    assert found is not None


def test_the_story_of_a_found_bug_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    bust_twice(monkeypatch)
    found = shortest(PLANTED[bust_twice], STEPS)
    assert found is not None
    acts = [name for _, _, name, _ in found.world.story]
    assert len(acts) < found.acts / 5


def test_a_story_says_what_broke_and_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bust_twice(monkeypatch)
    found = shortest(PLANTED[bust_twice], STEPS)
    assert found is not None
    lines = story_of(found.world, STEPS)
    assert lines[0].startswith(f"seed {PLANTED[bust_twice]} ")
    assert lines[-1] == f"once more: fix-oms simulate --seed {PLANTED[bust_twice]} --steps {STEPS}"
