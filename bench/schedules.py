"""The study of schedules: two days of volume, and how near twap, vwap and pov come to them.

``python -m bench.schedules --seeds 10 --picture schedules.png`` lets each seed have two days of six
and a half hours, through the engine of ``config/router.toml`` into the venues of
``config/router-venues.toml``, in virtual time (:mod:`fix_oms.world.volume_day`). Other traders come
as ``config/curves/u-shape.csv`` says, or as two files of ``--volume`` do, a day each. The algos
trade side by side, so all meet the same market. On the first day vwap goes by the very curve that
the others follow: what is off then is what chance makes of a day. On the second it goes by what the
first day has traded, as a desk does that knows yesterday alone.

It prints, as means over the seeds with their 95 % intervals, the price paid beyond the market's
volume-weighted average; how far the executed part was from the traded part of the day's volume
(off volume) and from the plan (off plan: for twap a straight line in time, for vwap its curve),
root mean square over the minutes; and a digest of everything that was journaled: the same arguments
print the same, byte for byte.
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

from bench.schedules_picture import MISSING, draw
from fix_oms.model.curves import SECOND, Curve
from fix_oms.model.errors import SettingsError
from fix_oms.model.units import SCALE
from fix_oms.server.config_file import load as load_config
from fix_oms.server.curves import read_curve
from fix_oms.simulator.settings import load as load_venues
from fix_oms.world.calm import Disagreement
from fix_oms.world.figures import Interval, interval
from fix_oms.world.volume_day import Day, DayOutcome, DayScene

CONFIG: Final = Path(__file__).parents[1] / "config"
SLICE_S: Final = 300
SAMPLE_S: Final = 60
CURVE: Final = "volume"
_WIDTH: Final = 130


def scene(pace: float, qty: int, policy: str) -> DayScene:
    """What all days have in common, and the profile of the first."""
    sliced = {"every_s": SLICE_S, "policy": policy, "finish": "cross"}
    return DayScene(
        settings=load_config(CONFIG / "router.toml").settings,
        venues=load_venues(CONFIG / "router-venues.toml").venues,
        symbol="AAPL",
        profile=profile(CONFIG / "curves/u-shape.csv"),
        pace=pace,
        sample_s=SAMPLE_S,
        qty=qty * SCALE,
        algos={
            "twap": sliced,
            "vwap": {**sliced, "curve": CURVE},
            "pov": {"pct": "2", "min_pct": "1.5", "every_s": 60, "policy": policy, "qty": "20000"},
        },
        volatility=0.3,
    )


def profile(path: Path) -> Curve:
    """How a day's volume is spread, by a curve's file, in UTC."""
    times, volumes = read_curve(path)
    return Curve(name=CURVE, times=times, volumes=volumes)


def two_days(of: DayScene, second: Curve, seed: int) -> list[DayOutcome]:
    """The two days of a seed, for a process of its own; ``second`` is the profile of the second."""
    first = Day(of, seed, 1, of.profile).run()
    begins, ends, _ = of.profile.buckets()[0]
    known = first.curve(CURVE, begins, of.sample_s, (ends - begins) // SECOND)
    return [first, Day(attrs.evolve(of, profile=second), seed, 2, known).run()]


def run(of: DayScene, second: Curve, seeds: int, seed: int, jobs: int) -> list[DayOutcome]:
    """All days, by seed."""
    wanted = range(seed, seed + seeds)
    if jobs == 1:
        return [day for n in wanted for day in two_days(of, second, n)]
    with ProcessPoolExecutor(jobs) as pool:
        return [day for days in pool.map(partial(two_days, of, second), wanted) for day in days]


def figures(days: list[DayOutcome], seed: int) -> dict[str, Any]:
    """The figures of each day and kind, and the digest of it all, as plain data."""
    rows: dict[str, dict[str, Any]] = {}
    for day in sorted({one.day for one in days}):
        found = [one for one in days if one.day == day]
        for kind in found[0].kinds:
            beyond = [one.beyond_vwap_bps(kind) for one in found]
            off_plan = [one.off_plan(kind) * 100 for one in found]
            rows[f"{kind}, day {day}"] = {
                "beyond_vwap_bps": interval(beyond, seed),
                "deviation_bps": statistics.stdev(beyond) if len(beyond) > 1 else 0.0,
                "off_volume_pct": interval([one.off_volume(kind) * 100 for one in found], seed),
                "off_plan_pct": interval(off_plan, seed) if kind != "pov" else None,
                "part_pct": interval([one.part(kind) * 100 for one in found], seed),
                "filled_pct": interval([one.filled(kind) * 100 for one in found], seed),
            }
    told = "".join(f"{one.seed} {one.day} {one.digest}\n" for one in days)
    return {"rows": rows, "digest": hashlib.sha256(told.encode()).hexdigest()}


def show(found: dict[str, Any], console: Console) -> None:
    """The table."""
    grid = Grid("algo", box=None, pad_edge=False)
    heads = ("beyond VWAP, bps", "deviation", "off volume, %", "off plan, %", "of the market, %")
    for head in heads:
        grid.add_column(head, justify="right")
    for name, row in found["rows"].items():
        plan = row["off_plan_pct"]
        grid.add_row(
            name,
            _said(row["beyond_vwap_bps"]),
            f"{row['deviation_bps']:.2f}",
            _said(row["off_volume_pct"]),
            "" if plan is None else _said(plan, 3),
            _said(row["part_pct"]),
        )
    console.print(grid)
    console.print(f"digest {found['digest']}")


def _said(of: Interval, places: int = 2) -> str:
    mean, low, high = (f"{value:.{places}f}" for value in (of.mean, of.low, of.high))
    return f"{mean} [{low}, {high}]"


def main() -> None:
    """Run it and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.schedules", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--qty", type=int, default=1500, help="shares that each algo buys in a day")
    parser.add_argument("--pace", type=float, default=0.05, help="how often other traders come")
    parser.add_argument("--policy", default="patient", help="how the router sends each piece")
    parser.add_argument(
        "--volume",
        type=Path,
        nargs=2,
        metavar="CSV",
        help="how the volume of the two days is spread (UTC), as fix-oms curve writes it",
    )
    parser.add_argument("--picture", type=Path, help="draw it into this PNG")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    of = scene(asked.pace, asked.qty, asked.policy)
    second = of.profile
    try:
        if asked.volume is not None:
            of, second = (
                attrs.evolve(of, profile=profile(asked.volume[0])),
                profile(asked.volume[1]),
            )
        days = run(of, second, asked.seeds, asked.seed, asked.jobs)
    except (Disagreement, SettingsError) as error:
        parser.error(str(error))
    found = figures(days, asked.seed)
    if asked.json:
        print(json.dumps(found, default=attrs.asdict, indent=1))  # noqa: T201 - for programs
    else:
        show(found, Console(width=_WIDTH))
    if asked.picture is not None:
        try:
            draw(days, of, asked.picture, asked.seed)
        except ImportError:
            parser.error(MISSING)
        except OSError as error:
            parser.error(f"{asked.picture}: cannot be written: {error.strerror}")


if __name__ == "__main__":
    main()
