"""The routing study: what each policy's parents cost on the same seeded markets.

``python -m bench.study --runs 200 --seed 1`` sends one parent for each seed and policy into the
venues of ``config/router-venues.toml``, through the engine of ``config/router.toml``, in virtual
time (:mod:`fix_oms.world.study`). It prints the mean of each figure with its 95 % interval, the
standard deviation of the shortfall over the runs, the paired differences to the first policy, and a
digest of everything that was journaled: the same arguments print the same, byte for byte.

*rest caught up* charges an unfilled rest for walking the books that were displayed in the end, and
not at their best price alone: who waits is charged what catching up costs. The efficient price is a
martingale that our trades do not move, so waiting costs nothing in the mean but what is picked off;
its risk shows in the deviation.

``patient`` is the configuration's own: a split that is looked at again each second. ``naive`` is no
policy of the router: all of it goes to the one venue that shows the best price,
fees not looked at, as a limit order of the day.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
from rich.console import Console
from rich.table import Table as Grid

from fix_oms.model.routing import BEST, POST, PRO_RATA, SPLIT, SWEEP
from fix_oms.server.config_file import load as load_config
from fix_oms.simulator.settings import load as load_venues
from fix_oms.world.calm import Disagreement
from fix_oms.world.figures import Interval, interval, paired
from fix_oms.world.study import NAIVE, Outcome, Scene, Trial

CONFIG: Final = Path(__file__).parents[1] / "config"
POLICIES: Final = (SWEEP, SPLIT, "patient", POST, PRO_RATA, BEST, NAIVE)
_WIDTH: Final = 140


def trial(scene: Scene, job: tuple[int, str]) -> Outcome:
    """One trial, for a process of its own."""
    return Trial(scene, *job).run()


def run(scene: Scene, policies: tuple[str, ...], runs: int, seed: int, jobs: int) -> list[Outcome]:
    """All trials, by seed and then by policy."""
    wanted = [(seed + n, policy) for n in range(runs) for policy in policies]
    if jobs == 1:
        return [trial(scene, job) for job in wanted]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(trial, scene), wanted, chunksize=len(policies)))


def figures(outcomes: list[Outcome], seed: int) -> dict[str, Any]:
    """The figures of each policy, and the digest of it all, as plain data."""
    by_policy: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_policy.setdefault(outcome.policy, []).append(outcome)
    first = next(iter(by_policy))
    base = [outcome.shortfall_bps for outcome in by_policy[first]]
    rows = {}
    for policy, found in by_policy.items():
        shortfalls = [outcome.shortfall_bps for outcome in found]
        rows[policy] = {
            "shortfall_bps": interval(shortfalls, seed),
            "deviation_bps": statistics.stdev(shortfalls) if len(shortfalls) > 1 else 0.0,
            "beyond_first_bps": None if policy == first else paired(shortfalls, base, seed),
            "caught_up_bps": interval([outcome.caught_up_bps for outcome in found], seed),
            "fill_rate": interval([outcome.fill_rate for outcome in found], seed),
            "fees_bps": interval([outcome.fees_bps for outcome in found], seed),
            "children": interval([float(outcome.children) for outcome in found], seed),
        }
    told = "".join(f"{o.seed} {o.policy} {o.state} {o.digest}\n" for o in outcomes)
    return {"policies": rows, "digest": hashlib.sha256(told.encode()).hexdigest()}


def show(found: dict[str, Any], console: Console) -> None:
    """The table."""
    rows = found["policies"]
    first = next(iter(rows))
    grid = Grid("policy", box=None, pad_edge=False)
    heads = (
        "shortfall, bps",
        "deviation",
        f"beyond {first}, bps",
        "rest caught up, bps",
        "filled, %",
        "fees, bps",
        "children",
    )
    for head in heads:
        grid.add_column(head, justify="right")
    for policy, row in rows.items():
        beyond: Interval | None = row["beyond_first_bps"]
        grid.add_row(
            policy,
            _said(row["shortfall_bps"]),
            f"{row['deviation_bps']:.2f}",
            "" if beyond is None else _said(beyond),
            _said(row["caught_up_bps"]),
            _said(row["fill_rate"], 100, 1),
            _said(row["fees_bps"]),
            f"{row['children'].mean:.1f}",
        )
    console.print(grid)
    console.print(f"digest {found['digest']}")


def _said(of: Interval, times: float = 1, places: int = 2) -> str:
    mean, low, high = (f"{value * times:.{places}f}" for value in (of.mean, of.low, of.high))
    return f"{mean} [{low}, {high}]"


def main() -> None:
    """Run it and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.study", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="seeds, each with every policy")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--policies", default=",".join(POLICIES), help="the first is compared with")
    parser.add_argument("--symbol", default="AAPL")
    parser.add_argument("--size", type=int, default=10, help="times the best venue's top size")
    parser.add_argument("--horizon", type=int, default=30, help="seconds")
    parser.add_argument("--limit-ticks", type=int, default=5, help="beyond the touch; -1: no limit")
    parser.add_argument("--config", type=Path, default=CONFIG / "router.toml")
    parser.add_argument("--venues", type=Path, default=CONFIG / "router-venues.toml")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    policies = tuple(asked.policies.split(","))
    scene = Scene(
        settings=load_config(asked.config).settings,
        venues=load_venues(asked.venues).venues,
        symbol=asked.symbol,
        size_x=asked.size,
        horizon_s=asked.horizon,
        limit_ticks=None if asked.limit_ticks < 0 else asked.limit_ticks,
    )
    try:
        found = figures(run(scene, policies, asked.runs, asked.seed, asked.jobs), asked.seed)
    except Disagreement as error:
        parser.error(str(error))
    if asked.json:
        print(json.dumps(found, default=attrs.asdict, indent=1))  # noqa: T201 - for programs
    else:
        show(found, Console(width=_WIDTH))


if __name__ == "__main__":
    main()
