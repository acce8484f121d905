"""``fix-oms simulate``: the product in a simulated world, seed by seed, held to its laws."""

from __future__ import annotations

import itertools
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Final

import click

from fix_oms.cli.exits import BadInput, Exit

if TYPE_CHECKING:
    from fix_oms.world.campaign import Outcome

_EACH_S: Final = 10.0
"""How often a long campaign says how far it is."""
_AHEAD: Final = 64
"""Seeds given to each process before their outcomes are read."""


@click.command()
@click.option("--seed", type=int, help="One seed.")
@click.option("--seeds", metavar="A..B", help="All seeds from A to B.")
@click.option("--fresh", type=click.IntRange(min=1), help="So many seeds that nobody chose.")
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="So much happens in each, before it is let come to rest.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes to use."
)
@click.option("--coverage", is_flag=True, help="Say how often each thing was tried.")
@click.option("--no-story", is_flag=True, help="Do not look for the shortest story of a failure.")
def simulate(
    seed: int | None,
    seeds: str | None,
    fresh: int | None,
    steps: int,
    jobs: int,
    coverage: bool,
    no_story: bool,
) -> None:
    """Run the engine in a simulated world, and hold it to its laws.

    A seed draws venues, networks, faults, people and strategies; the engine runs in virtual time,
    is killed at its writes, cut off, lied to. After each of --steps steps, and when all has come
    to rest, separate checkers look for a broken law. A seed that fails is told as the shortest
    story that can be found, and does the same again byte for byte. Exit code 1 on any failure.

    \b
    Examples:
      fix-oms simulate --seed 7
      fix-oms simulate --seeds 1..1000 --jobs 2 --coverage
      fix-oms simulate --fresh 20
    """
    chosen = _chosen(seed, seeds, fresh)
    counts: Counter[str] = Counter()
    began, failed, done, taken = time.monotonic(), 0, 0, 0
    said_at = began
    for outcome in _outcomes(chosen, steps, jobs):
        counts.update(outcome.counts)
        done, taken = done + 1, taken + outcome.steps
        if outcome.broken is not None:
            failed += 1
            _tell(outcome, steps, story=not no_story)
        if time.monotonic() - said_at > _EACH_S:
            said_at = time.monotonic()
            click.echo(f"{done} seeds, {taken} steps, {failed} failed", err=True)
    spent = max(time.monotonic() - began, 1e-9)
    rate = f"{60 * done / spent:.0f} seeds and {60 * taken / spent:.0f} steps a minute"
    click.echo(f"{done} seeds, {taken} steps: {failed} failed ({rate})")
    if coverage:
        _say_coverage(counts)
    if failed:
        raise click.exceptions.Exit(Exit.REFUSED)


def _chosen(seed: int | None, seeds: str | None, fresh: int | None) -> Iterable[int]:
    if sum(given is not None for given in (seed, seeds, fresh)) != 1:
        raise BadInput("say which: one of --seed, --seeds and --fresh")
    if seed is not None:
        return [seed]
    if seeds is not None:
        first, dots, last = seeds.partition("..")
        if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
            raise BadInput(f"--seeds: {seeds!r} is no range: say A..B, from A up to B")
        return range(int(first), int(last) + 1)
    found = [secrets.randbelow(1 << 32) for _ in range(fresh or 0)]
    click.echo(f"fresh seeds: {' '.join(map(str, found))}")
    return found


def _outcomes(chosen: Iterable[int], steps: int, jobs: int) -> Iterator[Outcome]:
    from fix_oms.world.campaign import outcome_of

    if jobs == 1:
        yield from (outcome_of(seed, steps) for seed in chosen)
        return
    with ProcessPoolExecutor(jobs) as pool:
        rest = iter(chosen)
        while batch := list(itertools.islice(rest, _AHEAD * jobs)):
            yield from pool.map(outcome_of, batch, itertools.repeat(steps), chunksize=4)


def _tell(outcome: Outcome, steps: int, *, story: bool) -> None:
    broken = outcome.broken
    assert broken is not None
    if not story:
        click.echo(f"seed {outcome.seed}: {broken.law}, at step {broken.step}: {broken.text}")
        return
    from fix_oms.world.shrink import shortest
    from fix_oms.world.story import story_of

    found = shortest(outcome.seed, steps)
    if found is None:
        click.echo(f"seed {outcome.seed}: failed once and not again: {broken.text}")
        return
    click.echo("\n".join(story_of(found.world, steps)))
    left = len(found.world.story)
    click.echo(f"({left} acts of {found.acts}, after {found.tries} tries)\n")


def _say_coverage(counts: Counter[str]) -> None:
    from fix_oms.world.coverage import rows_of

    group = ""
    for row in rows_of(counts):
        if row.group != group:
            group = row.group
            click.echo(f"\n{group}")
        reason = f"   {row.reason}" if row.reason else ""
        click.echo(f"{row.times:10d}  {row.name}{reason}")
