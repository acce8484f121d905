"""``fix-oms conformance``: do orders end as the published FIX scenarios say that they must?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.padding import Padding
from rich.text import Text

from fix_oms.cli.app import console, json_option, print_json
from fix_oms.cli.exits import BadInput, Exit

if TYPE_CHECKING:
    from fix_oms.conformance import Difference, Options, Verdict
    from fix_oms.conformance.permute import Permuted
    from fix_oms.scenarios import Run, Scenario


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE...",
)
@click.option(
    "--fix",
    "versions",
    multiple=True,
    type=click.Choice(["4.2", "4.4", "5.0SP2"]),
    help="Only runs in this FIX version; may be given more than once.",
)
@click.option("--only", multiple=True, help="Only this scenario; may be given more than once.")
@click.option("--permute", is_flag=True, help="Deliver the reports in every order, with repeats.")
@click.option("--blind", is_flag=True, help="Remove or understate 14, 151, 6 and 39 on fills.")
@click.option("--overstate", is_flag=True, help="Raise CumQty(14) on some reports.")
@click.option("--seed", type=int, default=1, show_default=True, help="What chance is drawn from.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    help="Orders of delivery a run, at most. Default: all up to 7 reports, 5000 beyond.",
)
@json_option
def conformance(
    files: tuple[Path, ...],
    versions: tuple[str, ...],
    only: tuple[str, ...],
    permute: bool,
    blind: bool,
    overstate: bool,
    seed: int,
    most: int | None,
    as_json: bool,
) -> None:
    """Play published order state scenarios against the engine, and compare.

    Each FILE holds scenarios in the format of spec/order_state_matrices.yaml. Each is played in
    every FIX version that publishes it, and once more for each alternative row: our requests are
    commands, the broker's reports FIX text, and after each step OrdStatus, OrderQty, CumQty,
    LeavesQty and AvgPx are compared with the row. Exit code 1 on any difference.

    \b
    Examples:
      fix-oms conformance spec/order_state_matrices.yaml
      fix-oms conformance spec/order_state_matrices.yaml --permute
      fix-oms conformance spec/order_state_matrices.yaml --fix 4.4 --only J.1.a --blind --seed 7
    """
    from fix_oms.conformance import Options, check, chosen, exceptions
    from fix_oms.model.fix import FixVersion

    scenarios, all_read = _loaded(files)
    listed = exceptions.found_beside(files)
    options = Options(
        versions=tuple(FixVersion(f"FIX.{version}") for version in versions),
        only=_known(only, scenarios),
        permute=permute,
        blind=blind,
        overstate=overstate,
        seed=seed,
        most=most,
        jobs=(os.cpu_count() or 1) if permute else 1,
        allowed=exceptions.load(listed) if listed is not None else (),
    )
    if not chosen(scenarios, options):
        raise BadInput("none of the scenarios is published for these FIX versions")
    found = check(scenarios, options)
    if as_json:
        verdicts = list(found)
        print_json(_as_json(files, options, verdicts))
    else:
        verdicts = _print(found, chosen(scenarios, options))
    if not all_read or not all(verdict.ok for verdict in verdicts):
        raise click.exceptions.Exit(Exit.REFUSED)


def _loaded(files: tuple[Path, ...]) -> tuple[list[Scenario], bool]:
    """The scenarios of the files, and whether every one could be read; why not is told at once."""
    from fix_oms.scenarios import load

    read = [load(file) for file in files]
    for error in (error for one in read for error in one.unreadable):
        click.echo(f"fix-oms: {error}", err=True)
    scenarios = [scenario for one in read for scenario in one.scenarios]
    return scenarios, not any(one.unreadable for one in read)


def _known(only: tuple[str, ...], scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    ids = {scenario.id for scenario in scenarios}
    for wanted in only:
        if wanted not in ids:
            raise BadInput(f"there is no scenario {wanted!r} (there are: {', '.join(sorted(ids))})")
    return only


def _version(run: Run) -> str:
    return str(run.version).removeprefix("FIX.")


# -- for people -----------------------------------------------------------------------------------


def _print(found: Iterable[Verdict], runs: Sequence[Run]) -> list[Verdict]:
    """A table whose rows are printed as they become known, since permuting takes minutes: one row
    a run, and under it what is to be said of it."""
    screen = console()
    first = max(len("Scenario"), *(len(run.name) for run in runs))
    room = max(20, screen.width - first - 31)
    heading = f"{'Scenario':<{first}} FIX    {'Title':<{room}} Steps  Verdict"
    screen.print(Text(heading, "bold"))
    screen.print(Text("─" * min(screen.width, len(heading) + 5)))
    verdicts = []
    for verdict in found:
        run, title = verdict.run, verdict.run.scenario.title
        shown = title if len(title) <= room else f"{title[: room - 1]}…"
        line = Text(f"{run.name:<{first}} {_version(run):<6} {shown:<{room}} {len(run.acts):>5}  ")
        line.append(*("as published", "green") if verdict.ok else ("DIFFERS", "bold red"))
        screen.print(line)
        for said, style in _remarks(verdict):
            screen.print(Padding(Text(said, style), (0, 0, 0, 2), expand=False))
        verdicts.append(verdict)
    click.echo(_summary(verdicts))
    return verdicts


def _summary(verdicts: Sequence[Verdict]) -> str:
    orders = sum(leg.orders for verdict in verdicts for leg in verdict.permuted)
    delivered = sum(leg.deliveries for verdict in verdicts for leg in verdict.permuted)
    lies = sum(verdict.lies for verdict in verdicts)
    misprints = {misprint for verdict in verdicts for misprint in verdict.misprints}
    scenarios = len({v.run.scenario.id for v in verdicts})
    parts = [f"{scenarios} scenario{'s' * (scenarios != 1)}", f"{len(verdicts)} runs"]
    parts += [f"{orders:,} orders of delivery ({delivered:,} reports)"] if orders else []
    parts += [f"{lies:,} untrue fields"] if lies else []
    parts.append(f"{len(misprints)} misprints named")
    wrong = sum(not verdict.ok for verdict in verdicts)
    return f"{', '.join(parts)}: {f'{wrong} NOT as published' if wrong else 'all as published'}"


def _remarks(verdict: Verdict) -> Iterator[tuple[str, str]]:
    for misprint in verdict.misprints:
        yield f"misprint: {misprint}", "dim"
    for why in verdict.excepted:
        yield f"may depend on the order of delivery: {why}", "yellow"
    for difference in verdict.differences:
        yield str(difference), "red"


# -- for programs ---------------------------------------------------------------------------------


def _as_json(files: Sequence[Path], options: Options, verdicts: Sequence[Verdict]) -> object:
    return {
        "ok": all(verdict.ok for verdict in verdicts),
        "files": [str(file) for file in files],
        "seed": options.seed,
        "permute": options.permute,
        "blind": options.blind,
        "overstate": options.overstate,
        "runs": [_run_json(verdict) for verdict in verdicts],
    }


def _run_json(verdict: Verdict) -> dict[str, Any]:
    run = verdict.run
    return {
        "scenario": run.scenario.id,
        "title": run.scenario.title,
        "fix": _version(run),
        "branch": run.branch or "main",
        "steps": len(run.acts),
        "ok": verdict.ok,
        "misprints": list(verdict.misprints),
        "exceptions": list(verdict.excepted),
        "untrue_fields": verdict.lies,
        "permuted": [_leg_json(leg) for leg in verdict.permuted],
        "differences": [_difference_json(d) for d in verdict.differences],
    }


def _leg_json(leg: Permuted) -> dict[str, Any]:
    return {
        "leg": leg.leg.value,
        "orders": leg.orders,
        "deliveries": leg.deliveries,
        "impossible": leg.impossible,
        "differing": leg.differing,
    }


def _difference_json(difference: Difference) -> dict[str, str]:
    return {
        "t": difference.t,
        "field": difference.field,
        "published": difference.published,
        "ours": difference.ours,
    }
