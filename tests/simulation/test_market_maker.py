"""The gate in front of a market maker: its position never passes the limit, whatever goes wrong.

One run is a seed and a mix of faults. Who stands in front of the market is exchanged and nothing
else: the market, the cuts and the fate of the position messages come from the seed alone.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import Final

import attrs
import pytest

from fix_oms.model import inputs
from tests.simulation.market_maker import Place
from tests.simulation.mixes import FAULTS, HEALTHY, LIMIT, NAIVE, OUTAGE, STUCK, Guard, Mix
from tests.simulation.world import SECOND, START, World, gate_limits

SEEDS: Final = (1, 2)
MANY: Final = range(1001, 1061)
SECONDS: Final = 40
LONG: Final = 120
every_mix = pytest.mark.parametrize("mix", [HEALTHY, *FAULTS], ids=lambda mix: mix.name)


@attrs.frozen
class Outcome:
    """What a run came to. ``at_rest`` and ``cleared`` are pairs: the position and the ends of what
    it could come to, by the gate and by the venues."""

    furthest: int
    wrong: tuple[str, ...]
    at_rest: tuple[tuple[int, int, int], tuple[int, int, int]]
    cleared: tuple[tuple[int, int, int], tuple[int, int, int]]


@functools.cache
def outcome(seed: int, name: str) -> Outcome:
    """The gate's run of that seed and mix, to its end."""
    mix = next(m for m in (HEALTHY, *FAULTS) if m.name == name)
    world = World(seed, mix).run(SECONDS).settle()
    world.telephone()
    at_rest = (world.ends(), world.could())
    cleared = world.clear()
    return Outcome(world.furthest, tuple(world.wrong), at_rest, (cleared.ends(), cleared.could()))


def outcomes(mix: Mix) -> dict[int, Outcome]:
    return {seed: outcome(seed, mix.name) for seed in SEEDS}


# -- the limit --------------------------------------------------------------------------------


@every_mix
def test_the_position_never_passes_the_limit(mix: Mix) -> None:
    assert {s: o.furthest for s, o in outcomes(mix).items() if o.furthest > LIMIT} == {}


@every_mix
def test_the_worst_case_always_covers_what_the_venues_could_do(mix: Mix) -> None:
    assert {seed: found.wrong for seed, found in outcomes(mix).items() if found.wrong} == {}


@every_mix
def test_at_rest_the_worst_case_is_what_the_venues_have(mix: Mix) -> None:
    found = {seed: found.at_rest for seed, found in outcomes(mix).items()}
    assert {s: (ours, theirs) for s, (ours, theirs) in found.items() if ours != theirs} == {}


@every_mix
def test_when_all_is_asked_out_the_worst_case_is_what_is_left(mix: Mix) -> None:
    found = {seed: found.cleared for seed, found in outcomes(mix).items()}
    assert {s: (ours, theirs) for s, (ours, theirs) in found.items() if ours != theirs} == {}


def passes(seed: int, mix: Mix, guard: Guard) -> bool:
    """Whether the position of that run passes the limit."""
    world, until = World(seed, mix, guard), START + SECONDS * SECOND
    while world.furthest <= LIMIT and world.clock.now < until:
        world.run(2)
    return world.furthest > LIMIT


@pytest.mark.parametrize("guard", NAIVE, ids=lambda guard: guard.name.lower())
def test_a_naive_check_lets_the_same_bot_past_the_limit(guard: Guard) -> None:
    runs = [passes(seed, mix, guard) for mix in FAULTS for seed in SEEDS]
    assert runs.count(True) > len(runs) // 2, f"{runs.count(True)} of {len(runs)}"


# -- what it blocks -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 6))
def test_nothing_of_a_careful_bot_is_refused_on_a_healthy_feed(seed: int) -> None:
    assert World(seed, HEALTHY).run(SECONDS).blocks == {}


def test_a_bot_without_care_is_refused_by_its_limit_alone_on_a_healthy_feed() -> None:
    assert set(World(1, FAULTS[0]).run(SECONDS).blocks) == {"position_limit"}


@functools.cache
def outage_run(seed: int) -> World:
    """A run with one silence in the middle."""
    return World(seed, OUTAGE).run(60)


def outage(seed: int, from_s: float, to_s: float, *, reduces: bool) -> list[str]:
    """By which control each new order between these seconds was refused, empty where it left."""
    world = outage_run(seed)
    since, until = START + int(from_s * SECOND), START + int(to_s * SECOND)
    return [
        control
        for at, command, control, reducing in world.answers
        if since < at < until and isinstance(command, Place) and reducing == reduces
    ]


SILENT: Final = (22.2, 40.0)
"""The last message came at 20.1 s at the latest, and two seconds of silence are allowed."""


def test_new_risk_is_refused_while_the_feed_is_silent() -> None:
    found = [set(outage(seed, *SILENT, reduces=False)) for seed in range(1, 6)]
    assert set[str]().union(*found) == {"position_feed", "unconfirmed_fills"}


def test_reducing_orders_leave_while_the_feed_is_silent() -> None:
    found = [set(outage(seed, *SILENT, reduces=True)) for seed in range(1, 6)]
    assert set[str]().union(*found) == {""}


def test_new_risk_leaves_again_when_the_feed_is_back() -> None:
    found = [set(outage(seed, 41, 60, reduces=False)) for seed in range(1, 6)]
    assert found == [{""}] * 5


def test_no_person_is_needed_for_any_of_it() -> None:
    """Nothing is re-armed or overridden on the way, and no limit is changed."""
    asked = {type(value) for _, value, _ in outage_run(1).taken}
    assert not asked & {inputs.Rearm, inputs.Override, inputs.SetLimits}


@pytest.mark.parametrize("mark", ["as_of", "exec_id"])
def test_a_feed_that_repeats_itself_is_found_out_by_what_its_messages_name(mark: str) -> None:
    """A desk that comes back to flat after each trade: by quantity alone it looks confirmed."""
    mix = attrs.evolve(STUCK, marks=(mark,))
    world = World(1, mix, limits=gate_limits(unconfirmed_fills="12")).run(20)
    before, feed = world.record.fills, world.engine.state.gate.lanes.feeds["DESK", "AAPL"]
    while feed.unconfirmed <= 12 and world.clock.now < START + 80 * SECOND:
        world.run(0.1)
    assert world.record.fills - before <= 12 + world.bot.habits.side_lots


# -- reproducing --------------------------------------------------------------------------------

WORST: Final = FAULTS[-1]
DIGEST: Final = """
import hashlib
from tests.simulation.test_market_maker import WORST
from tests.simulation.world import World
print(hashlib.sha256(World(7, WORST).run(20).log().encode()).hexdigest())
"""


def test_a_seed_gives_the_same_log_byte_for_byte() -> None:
    first, second = (World(7, WORST).run(30).log() for _ in range(2))
    assert first == second


def test_a_seed_gives_the_same_log_whatever_hashes_are_seeded_with() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_another_seed_gives_another_log() -> None:
    assert World(7, WORST).run(20).log() != World(8, WORST).run(20).log()


# -- long ----------------------------------------------------------------------------------------


@pytest.mark.soak
@every_mix
def test_over_many_seeds_nothing_passes_the_limit_or_goes_uncovered(mix: Mix) -> None:
    wrong = {}
    for seed in MANY:
        world = World(seed, mix).run(LONG).settle()
        world.telephone()
        at_rest = (world.ends(), world.could())
        if world.furthest > LIMIT or world.wrong or at_rest[0] != at_rest[1]:
            wrong[seed] = (world.furthest, world.wrong, at_rest)
    assert wrong == {}


@pytest.mark.soak
def test_over_many_seeds_a_healthy_feed_refuses_nothing() -> None:
    blocked = {seed: World(seed, HEALTHY).run(LONG).blocks for seed in MANY}
    assert {seed: dict(found) for seed, found in blocked.items() if found} == {}
