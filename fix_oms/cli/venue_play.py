"""What ``fix-oms venue play`` does: finds the scenario's script, and tells a play as it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fix_oms.cli.exits import BadInput
from fix_oms.model.fix import FixVersion
from fix_oms.model.settings_text import nearest
from fix_oms.scenarios import load, runs
from fix_oms.simulator.control import PlayView, VenueClient
from fix_oms.simulator.script import Script, script_of


def script(file: str, scenario_id: str, branch: str, version: FixVersion) -> Script:
    """The script of a published scenario. Raises BadInput and SettingsError."""
    found = {scenario.id: scenario for scenario in load(Path(file)).scenarios}
    if scenario_id not in found:
        hint = nearest(scenario_id, list(found))
        raise BadInput(f"{file}: there is no scenario {scenario_id!r}{hint}")
    scenario = found[scenario_id]
    if version not in scenario.versions:
        known = ", ".join(scenario.versions)
        raise BadInput(f"{scenario_id} is published for {known}, and the venue speaks {version}")
    branches = {run.branch: run for run in runs(scenario) if run.version is version}
    if branch not in branches:
        known = ", ".join(filter(None, branches)) or "none"
        raise BadInput(f"{scenario_id} has no branch at t {branch!r} (there is {known})")
    return script_of(branches[branch])


def client(known: tuple[str, ...], named: str | None) -> str:
    """The session to play to. Raises BadInput where it must be named."""
    if named is not None and named not in known:
        raise BadInput(f"{named!r} is no client of the venue (there is {', '.join(known)})")
    if named is None and len(known) > 1:
        raise BadInput(f"say to whom: --client {' or '.join(known)}")
    return named or known[0]


def follow(desk: VenueClient, session: str, script: Script, say: Callable[[str], None]) -> PlayView:
    """Say each line of the script as it is done, and what is awaited, until the play is over."""
    done = 0
    view = desk.play(session)
    while True:
        for line in script.lines[done : view.at]:
            say(f"  t {line.t}  {line}")
        if view.is_over:
            return view
        say(f"awaits {view.awaited}")
        done = view.at
        view = desk.play(session, after=done)
