"""Every published scenario, each branch, in each version that publishes it: over TCP."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest
from msgspec import structs

from acceptance import oms
from acceptance.peers.process import free_port, listening
from acceptance.published.desks import CLIENT, FENCE, VENUES, Scenario
from fix_oms.client import Client
from fix_oms.journal.verify import verified
from fix_oms.model.counterparty import Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.settings import Account, Instrument, Settings, Venue
from fix_oms.model.units import fixed
from fix_oms.scenarios import Role, Run, load, runs
from fix_oms.scenarios.texts import SYMBOL
from fix_oms.simulator.control import VenueClient
from fix_oms.simulator.script import script_of

SPEC: Final = oms.ROOT / "spec" / "order_state_matrices.yaml"
RUNS: Final = [run for scenario in load(SPEC).scenarios for run in runs(scenario)]
SOMEBODY_ELSES: Final = {
    "B.1.f": "a cancel of an order that does not exist: ours names only orders that it has sent",
    "F.1.a": "a second order under a ClOrdID(11) already used: ours are never repeated",
    "G.1.a": "a status request for an order that does not exist",
    "4.2:D31": "an order sent again with PossResend(97): ours is asked about instead",
}
"""Scenarios with requests that no order system of ours sends, and why. The broker answers them all
the same, and nothing of ours may change by it."""
FINEST: Final = fixed("0.00000001")
VENUE: Final = """
[venues.{name}]
version = "{version}"
port = {port}
comp_id = "{name}"
clients = ["{client}"]
[venues.{name}.listings.{symbol}]
[venues.{name}.listings.{fence}]
"""


@attrs.frozen
class Site:
    """An order system and its brokers, running."""

    client: Client
    directory: Path

    def venue(self, version: FixVersion) -> VenueClient:
        return VenueClient(self.directory / "venues" / VENUES[version])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One order system with a session to a venue of each version; they serve all scenarios."""
    directory = tmp_path_factory.mktemp("published")
    ports: dict[FixVersion, int] = {}

    def venues(port: int) -> list[str]:
        """The command. The last venue of a file is the last to listen, so ``port`` is its."""
        ports.update((version, free_port()) for version in VENUES)
        ports[list(VENUES)[-1]] = port
        path = directory / "venues.toml"
        path.write_text('work_dir = "venues"\n' + "".join(map(_venue, ports, ports.values())))
        return [sys.executable, "-m", "fix_oms", "venue", str(path)]

    env = {**os.environ, "PYTHONPATH": str(oms.ROOT)}
    with (
        listening(venues, log=directory / "venues.log", env=env),
        oms.running(_settings(ports), directory) as client,
    ):
        yield Site(client, directory)


def _venue(version: FixVersion, port: int) -> str:
    return VENUE.format(
        name=VENUES[version],
        version=version,
        port=port,
        client=CLIENT,
        symbol=SYMBOL,
        fence=FENCE,
    )


def _settings(ports: dict[FixVersion, int]) -> Settings:
    """No limits, and prices and quantities of any fineness: the broker's reports are the matter."""
    names = tuple(VENUES.values())
    return Settings(
        sessions={
            name: Session(
                name=name,
                version=version,
                sender_comp_id=CLIENT,
                target_comp_id=name,
                port=ports[version],
                reconnect_s=1,
                answer_timeout_s=60,
            )
            for version, name in VENUES.items()
        },
        venues={name: Venue(name=name, session=name) for name in names},
        instruments={
            symbol: Instrument(symbol=symbol, venues=names, tick=FINEST, lot=FINEST)
            for symbol in (SYMBOL, FENCE)
        },
        accounts={"DESK": Account(name="DESK")},
    )


def _label(run: Run) -> str:
    return f"{run.version}-{run.name}".replace(" ", "-")


@pytest.mark.parametrize("run", RUNS, ids=_label)
def test_the_scenario_ends_as_published(run: Run, site: Site) -> None:
    with site.venue(run.version) as venue:
        assert [str(d) for d in Scenario(run, site.client, venue).differences()] == []


def test_a_broker_who_says_less_than_is_published_is_noticed(site: Site) -> None:
    run = next(run for run in RUNS if run.name == "B.1.a" and run.version is FixVersion.FIX44)
    script = script_of(run)
    short = structs.replace(script, lines=script.lines[:-1])
    with site.venue(run.version) as venue:
        found = Scenario(run, site.client, venue, short).differences()
    assert "t 5  OrdStatus(39)  published Canceled, ours PendingCancel" in map(str, found)


def test_the_journal_of_the_scenarios_is_sound(site: Site) -> None:
    assert verified(site.directory / "journal").findings == ()


def test_what_somebody_else_asks_in_the_scenarios_is_known() -> None:
    found = {
        run.scenario.id
        for run in RUNS
        for act in run.acts
        if act.role is Role.NOTHING and act.step.kind is not None
    }
    assert found == set(SOMEBODY_ELSES)
