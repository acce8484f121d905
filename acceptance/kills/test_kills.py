"""Twenty rounds of SIGKILL over TCP, a whole deck; three hundred where there is time (`make soak`).

A failing round prints the seed, the round and the directory that it leaves behind.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import SystemRandom

import pytest

from acceptance.kills import points
from acceptance.kills.campaign import Campaign
from acceptance.kills.points import Plan, plans
from acceptance.kills.rounds import Fell


def told(fell: Fell) -> None:
    print(fell)  # noqa: T201 - pytest shows it where a later round fails


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_in_twenty_kills(tmp_path: Path) -> None:
    found = Campaign(tmp_path, SystemRandom().randrange(1 << 32), told).run(20)
    trapped = Counter(fell.plan.group for fell in found if fell.by_trap)
    assert min(trapped[points.APPEND_SEND], trapped[points.SEND_ANSWER]) >= 6


@pytest.mark.soak
def test_nothing_is_lost_or_doubled_in_three_hundred_kills(tmp_path: Path) -> None:
    found = Campaign(tmp_path, SystemRandom().randrange(1 << 32), told).run(300)
    trapped = Counter(fell.plan.group for fell in found if fell.by_trap)
    assert min(trapped[points.APPEND_SEND], trapped[points.SEND_ANSWER]) >= 100


def test_every_twenty_rounds_kill_in_every_group() -> None:
    groups = {plan.group for plan in plans(20, 1)}
    assert groups == {*points.POINTS, points.RANDOM, points.VENUE}


def test_three_hundred_rounds_kill_at_every_point() -> None:
    killed = {plan.point for plan in plans(300, 1) if plan.point}
    assert killed == {point for group in points.POINTS.values() for point in group}


def test_a_seed_gives_the_same_rounds() -> None:
    assert list(plans(40, 7)) == list(plans(40, 7))


def test_a_trap_says_its_point_and_its_pass() -> None:
    assert Plan(round=1, group=points.FILL, point="fill arrived", passes=3).trap == "fill arrived:3"
