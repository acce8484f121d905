"""The routing study, in small: that it is paired, exact and the same again."""

from __future__ import annotations

from functools import cache

import attrs
import pytest

from bench.study import CONFIG, POLICIES, figures, run
from fix_oms.model.routing import BEST, DARK, SWEEP
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import load as load_config
from fix_oms.simulator.settings import load as load_venues
from fix_oms.world.calm import Disagreement
from fix_oms.world.study import NAIVE, Outcome, Rest, Scene, Trial

SEEDS = 2


def scene() -> Scene:
    return Scene(
        settings=load_config(CONFIG / "router.toml").settings,
        venues=load_venues(CONFIG / "router-venues.toml").venues,
        symbol="AAPL",
        horizon_s=5,
    )


@cache
def outcomes() -> tuple[Outcome, ...]:
    return tuple(run(scene(), POLICIES, SEEDS, 1, 1))


def of(policy: str) -> list[Outcome]:
    return [outcome for outcome in outcomes() if outcome.policy == policy]


def test_a_trial_is_the_same_again() -> None:
    assert Trial(scene(), 1, SWEEP).run() == of(SWEEP)[0]


def test_two_processes_find_what_one_finds() -> None:
    assert run(scene(), (SWEEP, NAIVE), SEEDS, 1, 2) == [
        outcome for outcome in outcomes() if outcome.policy in (SWEEP, NAIVE)
    ]


def test_a_policy_that_there_is_not_is_told() -> None:
    with pytest.raises(Disagreement, match="swep"):
        Trial(scene(), 1, "swep").run()


def test_another_seed_is_another_trial() -> None:
    assert of(SWEEP)[0].digest != of(SWEEP)[1].digest


@pytest.mark.parametrize("policy", POLICIES[1:])
def test_every_policy_meets_the_same_parent_and_market(policy: str) -> None:
    met = [[(o.seed, o.buys, o.qty, o.middle) for o in of(name)] for name in (SWEEP, policy)]
    assert met[0] == met[1]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_parent_is_never_overfilled(policy: str) -> None:
    assert all(0 <= outcome.filled <= outcome.qty for outcome in of(policy))


def test_the_naive_parent_has_one_child() -> None:
    assert [outcome.children for outcome in of(NAIVE)] == [1] * SEEDS


def test_a_sweep_has_several() -> None:
    assert all(outcome.children > 1 for outcome in of(SWEEP))


def test_what_the_engine_counts_otherwise_than_the_venues_stops_the_study() -> None:
    trial = Trial(scene(), 1, SWEEP)
    floor = trial.brokers["NORTH"].station.venue.floor
    said = floor.say

    def silent(*args: object, **more: object) -> None:
        if "last_qty" not in more:
            said(*args, **more)  # type: ignore[arg-type]  # handed on as it came

    floor.say = silent  # type: ignore[method-assign]  # a venue that hides its fills
    with pytest.raises(Disagreement, match="the engine has"):
        trial.run()


def test_the_digest_is_of_every_trial() -> None:
    whole = figures(list(outcomes()), 1)["digest"]
    changed = [*outcomes()[:-1], attrs.evolve(outcomes()[-1], digest="")]
    assert figures(changed, 1)["digest"] != whole


def test_the_shortfall_is_what_the_whole_costs_beyond_the_middle() -> None:
    outcome = Outcome(
        seed=1,
        policy=BEST,
        buys=True,
        qty=100 * SCALE,
        middle=100 * SCALE,
        filled=60 * SCALE,
        notional=60 * SCALE * 101 * SCALE,
        fees=5 * SCALE,
        touch=Rest(40 * SCALE * 102 * SCALE, SCALE),
        walk=Rest(40 * SCALE * 103 * SCALE, SCALE),
        children=1,
        held="",
        state="",
        digest="",
    )
    # 60 x 1 + 40 x 2 + 5 + 1 = 146 of 10,000
    assert outcome.shortfall_bps == pytest.approx(146)
    assert outcome.caught_up_bps == pytest.approx(186)
    touch = Rest(40 * SCALE * 98 * SCALE, SCALE)
    sold = attrs.evolve(outcome, buys=False, notional=60 * SCALE * 99 * SCALE, touch=touch)
    assert sold.shortfall_bps == pytest.approx(146)


def test_a_dark_venue_may_be_asked_first() -> None:
    (outcome,) = run(scene(), ("dark-first",), 1, 1, 1)
    assert outcome.filled > 0
    assert scene().settings.policies["dark-first"].kind == DARK
