"""Every published scenario, each branch, in each version that publishes it: over TCP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs
import pytest

from acceptance import oms
from acceptance.peers.process import free_port
from acceptance.published.desks import CLIENT, FENCE, VENUES, Scenario
from fix_oms.client import Client
from fix_oms.model.fix import FixVersion
from fix_oms.model.settings import Account, Instrument, Session, Settings, Venue
from fix_oms.model.units import fixed
from fix_oms.scenarios import Role, Run, load, runs
from fix_oms.scenarios.texts import SYMBOL
from fix_oms.simulator.control import VenueClient

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
FILE: Final = """
work_dir = "venues"
"""
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
    ports = {version: free_port() for version in VENUES}
    with ExitStack() as stack:
        stack.enter_context(_venues(directory, ports))
        yield Site(stack.enter_context(oms.running(_settings(ports), directory)), directory)
