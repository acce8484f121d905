"""Two venues (FIX 4.4 and 4.2) and one engine, each process to be killed and started again.

Both venues live in one process. The engine is ``armed``; its standard input takes a trap at any
time. With durability ``power`` it has snapshots written beside it and starts from the newest.
Prices stand still: 149.95 to 150.05 with more size than anybody takes, and what crosses fills in
three parts some milliseconds apart, so that cancels and replaces meet fills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from acceptance.oms import ROOT
from acceptance.peers.process import free_port
from acceptance.site import Site
from fix_oms.client import ClientError
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.control import VenueClient

VERSIONS: Final = {"ALPHA": "FIX.4.4", "BETA": "FIX.4.2"}
ENDS_S: Final = 30.0
_VENUE: Final = """
[venues.{name}]
version = "{version}"
port = {port}
comp_id = "{name}"
clients = ["FIXOMS"]
[venues.{name}.behaviour]
ack_delay_ms = {ack_delay_ms}
fill_slices = 3
fill_interval_ms = 8
refill_ms = 4
"""
_LISTING: Final = """
[venues.{name}.listings.{symbol}]
reference = "150.00"
bids = [{{ price = "149.95", size = "1000000" }}]
asks = [{{ price = "150.05", size = "1000000" }}]
"""
_ENGINE: Final = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "{durability}"
[instruments.AAPL]
venues = ["ALPHA", "BETA"]
reference = "150.00"
[instruments.MSFT]
venues = ["BETA", "ALPHA"]
reference = "150.00"
[accounts.DESK]
[[limits]]
control = "max_order_qty"
limit = 100000
"""
_SNAPSHOTS: Final = """
[engine.snapshots]
every_records = 2000
"""
_SESSION: Final = """
[sessions.{name}]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "{name}"
port = {port}
heartbeat_s = {heartbeat_s}
reconnect_s = 1
answer_timeout_s = 2
[venues.{name}]
session = "{name}"
"""


class Place(Site):
    """One directory with all of it. ``venues`` and ``engine`` are its processes."""

    def __init__(
        self, directory: Path, *, durability: str = "process", heartbeat_s: int = 5
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        ports = {name: free_port() for name in VERSIONS}
        while len(set(ports.values())) < len(ports):
            ports = {name: free_port() for name in VERSIONS}
        listing = [_LISTING.format(name="{name}", symbol=s) for s in ("AAPL", "MSFT")]
        venues, engine = 'work_dir = "venues"\n', _ENGINE.format(durability=durability)
        engine += _SNAPSHOTS if durability == "power" else ""
        for n, (name, version) in enumerate(VERSIONS.items()):
            about = {"name": name, "version": version, "port": ports[name]}
            venues += _VENUE.format(**about, ack_delay_ms=2 * n)
            venues += "".join(text.replace("{name}", name) for text in listing)
            engine += _SESSION.format(**about, heartbeat_s=heartbeat_s)
        (directory / "venues.toml").write_text(venues)
        (directory / "oms.toml").write_text(engine)

    def start(self, *names: str, trap: str = "") -> None:
        """Start ``venue``, ``engine`` or both; an engine without a trap is awaited."""
        words = {
            "venue": ["fix_oms", "venue", "venues.toml"],
            "engine": ["acceptance.kills.armed", "oms.toml", trap],
        }
        for name in names:
            with (self.directory / f"{name}.log").open("ab") as log:
                self._children[name] = subprocess.Popen(
                    [sys.executable, "-m", *words[name]],
                    cwd=self.directory,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )
        if "engine" in names and not trap:
            self.until(self.is_ready)

    def arm(self, trap: str) -> None:
        """Set the engine's trap while it runs."""
        stdin = self._children["engine"].stdin
        assert stdin is not None
        stdin.write(f"{trap}\n".encode())
        stdin.flush()

    def ends(self, timeout_s: float = ENDS_S) -> int | None:
        """The exit code of an engine that ends within the time (it is collected), else None."""
        try:
            code = self._children["engine"].wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        self._collected("engine")
        return code

    def dies(self, timeout_s: float) -> bool:
        """Whether the engine dies by SIGKILL within the time.

        Raises RuntimeError where it ends in any other way.
        """
        code = self.ends(timeout_s)
        if code not in (None, -signal.SIGKILL):
            raise RuntimeError(f"the engine ended with {code}: {self.log('engine')}")
        return code is not None

    def suspend(self, name: str, seconds: float) -> None:
        """SIGSTOP for so long, then SIGCONT."""
        self._children[name].send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)  # nothing to wait for: this is how long it is gone
        finally:
            self._children[name].send_signal(signal.SIGCONT)

    def kill(self, name: str) -> None:
        """SIGKILL, and collect it."""
        self._children[name].kill()
        self._children[name].wait()
        self._collected(name)

    def terminate(self) -> None:
        """Ask the engine to stop (SIGTERM), and go on at once."""
        self._children["engine"].terminate()

    def act(self, venue: str, act: AnyAct) -> None:
        """Do something by hand at a venue. Raises ActRefused, VenueUnreachable."""
        with VenueClient(self.directory / "venues" / venue) as client:
            client.perform(act)

    def _collected(self, name: str) -> None:
        stdin = self._children.pop(name).stdin
        if stdin is not None:
            stdin.close()

    def is_up(self) -> bool:
        """Whether the engine answers on its socket."""
        try:
            self.client().close()
        except ClientError:
            return False
        return True

    def await_venues(self) -> None:
        """Both venues answer their desk."""
        limit = time.monotonic() + ENDS_S
        for name in VERSIONS:
            while not (self.directory / "venues" / name / "control.sock").exists():
                if time.monotonic() > limit:
                    raise TimeoutError(self.log("venue"))
                time.sleep(0.02)
