"""A whole site in one directory: simulated venues and the engine, each a process that may die.

Unlike ``acceptance.oms`` this is for what goes wrong: either side is started, killed (SIGKILL) and
started again, on the same ports and the same files, and asked afterwards what it knows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from acceptance.oms import ROOT
from acceptance.peers.process import free_port
from fix_oms.client import Accepted, Client, ClientError
from fix_oms.journal.follower import records
from fix_oms.journal.verify import Verified, verified
from fix_oms.model import inputs
from fix_oms.model.messages import Terms
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import OrderView
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.control import VenueClient

T = TypeVar("T")
WAIT_S: Final = 30.0
VENUE: Final = """
work_dir = "venues"
[venues.ALPHA]
version = "{version}"
port = {port}
comp_id = "ALPHA"
clients = ["FIXOMS"]
[venues.ALPHA.listings.AAPL]
reference = "150.00"
"""
ENGINE: Final = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "{durability}"
[sessions.ALPHA]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "ALPHA"
port = {port}
heartbeat_s = 2
reconnect_s = 1
answer_timeout_s = 2
{schedule}
[venues.ALPHA]
session = "ALPHA"
[instruments.AAPL]
venues = ["ALPHA"]
reference = "150.00"
[accounts.DESK]
[[limits]]
control = "max_order_qty"
limit = 1000
"""


class Site:
    """The two sides and what a test does to them."""

    def __init__(
        self, directory: Path, version: str, *, durability: str = "process", schedule: str = ""
    ) -> None:
        self.directory = directory
        port = free_port()
        (directory / "venues.toml").write_text(VENUE.format(version=version, port=port))
        (directory / "oms.toml").write_text(
            ENGINE.format(version=version, port=port, durability=durability, schedule=schedule)
        )
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    # -- processes ----------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start ``venue``, ``engine`` or both; the engine is awaited until it is ready."""
        self.launch(*names)
        if "engine" in names:
            self.until(self.is_ready)

    def launch(self, *names: str) -> None:
        """Start them, and wait for nothing."""
        for name in names:
            words = self.words(name)
            with (self.directory / f"{name}.log").open("ab") as log:
                self._children[name] = subprocess.Popen(
                    [sys.executable, "-m", "fix_oms", *words],
                    cwd=self.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )

    def words(self, name: str) -> list[str]:
        """What the process of this name is asked to do."""
        return {"venue": ["venue", "venues.toml"], "engine": ["run", "oms.toml"]}[name]

    def kill(self, name: str) -> None:
        """SIGKILL: nothing is flushed, nobody logs out."""
        child = self._children.pop(name)
        child.kill()
        child.wait()

    def stop(self, name: str) -> int:
        """SIGTERM, and the exit code."""
        child = self._children.pop(name)
        child.send_signal(signal.SIGTERM)
        return child.wait(WAIT_S)

    def ended(self, name: str) -> int:
        """Wait until it ends by itself, and return its exit code."""
        return self._children.pop(name).wait(WAIT_S)

    def close(self) -> None:
        """End whatever still runs, by its own pid."""
        for name in list(self._children):
            self.kill(name)

    def pid(self, name: str) -> int:
        return self._children[name].pid

    def is_ready(self) -> bool:
        code = self._children["engine"].poll()
        if code is not None:
            raise RuntimeError(f"the engine ended with {code}: {self.log('engine')}")
        try:
            with self.client() as client:
                return all(s.state == "ready" for s in client.sessions())
        except ClientError:
            return False

    def until(self, true: Callable[[], T]) -> T:
        """Wait until ``true()`` is, and return it. Raises TimeoutError with both logs."""
        limit = time.monotonic() + WAIT_S
        while not (found := true()):
            if time.monotonic() > limit:
                raise TimeoutError(
                    "\n".join(map(self.log, {"engine": 0, "venue": 0, **self._children}))
                )
            time.sleep(0.02)
        return found

    def log(self, name: str) -> str:
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    # -- both sides ---------------------------------------------------------------------------

    def client(self) -> Client:
        return Client(self.directory / "oms.sock")

    def buy(self, qty: int = 100, price: str = "149") -> str:
        """Send a buy that rests; returns its reference once the venue has acknowledged it."""
        terms = Terms(
            symbol="AAPL", side="1", order_qty=qty * SCALE, ord_type="2", price=fixed(price)
        )
        with self.client() as client:
            said = client.submit(inputs.NewOrder(by="test", terms=terms, venue="ALPHA"))
            assert isinstance(said, Accepted), said
            assert client.settled(said.order, said.cl_ord_id, WAIT_S) is not None
        return said.order

    def order(self, name: str) -> OrderView:
        with self.client() as client:
            found = client.order(name)
        assert found is not None, f"{name} is not known"
        return found

    def venue(self, act: AnyAct) -> None:
        """Do something by hand at the venue."""
        with VenueClient(self.directory / "venues" / "ALPHA") as client:
            client.perform(act)

    def say(self, text: str) -> None:
        """Let the venue send any message, ``|`` for SOH."""
        with VenueClient(self.directory / "venues" / "ALPHA") as client:
            client.say("FIXOMS", text.replace("|", "\x01"))

    # -- the journal --------------------------------------------------------------------------

    def verified(self) -> Verified:
        return verified(self.directory / "journal")

    def inputs(self, kind: type[T]) -> list[T]:
        """The journal's inputs of one kind, in order."""
        found = (inputs.decode(r.payload) for r in records(self.directory / "journal"))
        return [value for value in found if isinstance(value, kind)]


@contextmanager
def site(directory: Path, version: str = "FIX.4.4", **options: str) -> Iterator[Site]:
    """A site whose processes end with the block."""
    made = Site(directory, version, **options)
    try:
        yield made
    finally:
        made.close()
