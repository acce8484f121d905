"""Each case of the hostile venue, against one running engine: the reaction is what it says.

All are played at once, when the first of them is looked at: see ``play``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from acceptance.hostile.case import Case, load
from acceptance.hostile.play import TOLD, Played, played_all
from fix_oms.model.fix import FixVersion

pytestmark = pytest.mark.timeout(400)  # the first of them waits for all
CASES: Final = load()
MOST_MB: Final = 400
"""Messages of megabytes and 14 sessions were there; a leak of the floods would be more."""
MOST_IDLE_PCT: Final = 60
RUNS: Final = [(case, version) for case in CASES for version in case.versions]


@pytest.fixture(scope="module")
def all_played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played_all(CASES, tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize(("case", "version"), RUNS, ids=[f"{c.name}-{v.value}" for c, v in RUNS])
def test_the_engine_reacts_as_the_page_says_and_loses_nothing(
    all_played: Played,
    case: Case,
    version: FixVersion,
    record_property: Callable[[str, object], None],
) -> None:
    found = all_played.outcomes[case.name, version]
    first = all_played.again.get((case.name, version))
    if first is not None:
        record_property(TOLD, f"{case.name} [{version.value}] was played twice: first {first}")
    assert found.is_right(case), f"{found.reaction}\n{found.failure}\nnot\n{case.ours}"


def test_the_journal_of_all_that_verifies(all_played: Played) -> None:
    assert all_played.findings == ()


def test_the_engine_keeps_nothing_of_it_in_memory(all_played: Played) -> None:
    assert all_played.grown_mb < MOST_MB


def test_the_engine_has_nothing_left_to_do(all_played: Played) -> None:
    assert all_played.idle_pct < MOST_IDLE_PCT
