"""A site for parents: three venues and the engine, each a process that may die.

Each venue speaks another version of FIX. Their books stand still. BETA may be slow, so that it or
the engine can be killed in the middle of a sweep; it is then a process of its own. The venues' own
journals are the judge of what was sent: never may what they have executed and what they hold come
to more than the parent.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acceptance.kills.evidence import Theirs
from acceptance.peers.process import free_port
from acceptance.site import Site
from fix_oms.client import Accepted
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.commands import AnyCommand
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion, OrdStatus
from fix_oms.model.protocol import ParentFound
from fix_oms.model.units import SCALE, Fixed, fixed
from fix_oms.model.views import ParentView
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.control import VenueClient
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.station import Station, decode

VERSIONS: Final = {"ALPHA": "FIX.4.4", "BETA": "FIX.4.2", "GAMMA": "FIX.5.0SP2"}
OFFERS: Final = {"ALPHA": ("150.05", 100), "BETA": ("150.05", 100), "GAMMA": ("150.06", 100)}
LIMIT: Final = "150.06"
"""Within it 100 can be taken at each venue."""
ENDED: Final = frozenset({OrdStatus.FILLED, OrdStatus.CANCELED})
_VENUE: Final = """
[venues.{name}]
version = "{version}"
port = {port}
comp_id = "{name}"
clients = ["FIXOMS"]
[venues.{name}.behaviour]
ack_delay_ms = {delay}
[venues.{name}.listings.AAPL]
reference = "150.00"
bids = [{{ price = "149.95", size = 100 }}]
asks = [{{ price = "{offer}", size = {size} }}]
"""
_ENGINE: Final = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "process"
[instruments.AAPL]
venues = ["ALPHA", "BETA", "GAMMA"]
reference = "150.00"
[accounts.DESK]
[[limits]]
control = "max_order_qty"
limit = 1000
"""
_SESSION: Final = """
[sessions.{name}]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "{name}"
port = {port}
heartbeat_s = 2
reconnect_s = 1
answer_timeout_s = 2
supports = {{ market_data = true }}
[venues.{name}]
session = "{name}"
slow_ms = 20000
"""


class RoutedSite(Site):
    """``start`` and ``kill`` take ``engine``, ``venue`` and, of a slow site, ``BETA``."""

    def __init__(self, directory: Path, *, slow_ms: int = 0) -> None:
        self.directory = directory
        self._apart = slow_ms > 0
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        venues, engine, ports = 'work_dir = "venues"\n', _ENGINE, set[int]()
        for name, version in VERSIONS.items():
            while (port := free_port()) in ports:
                pass
            ports.add(port)
            about = {"name": name, "version": version, "port": port}
            offer, size = OFFERS[name]
            delay = slow_ms if name == "BETA" else 0
            venues += _VENUE.format(**about, offer=offer, size=size, delay=delay)
            engine += _SESSION.format(**about)
        (directory / "venues.toml").write_text(venues)
        (directory / "oms.toml").write_text(engine)

    def words(self, name: str) -> list[str]:
        if name == "engine":
            return ["run", "oms.toml"]
        among = [name] if name in VERSIONS else [v for v in VERSIONS if not self._is_apart(v)]
        return ["venue", "run", "venues.toml", *(word for v in among for word in ("--name", v))]

    def _is_apart(self, venue: str) -> bool:
        return self._apart and venue == "BETA"

    def up(self) -> None:
        """All of it, until every book is known."""
        self.start("venue", *filter(self._is_apart, VERSIONS), "engine")
        self.until(lambda: self.fresh() == set(VERSIONS))

    def fresh(self) -> set[str]:
        """The venues whose books can be traded with."""
        with self.client() as client:
            return {s.venue for s in client.book("AAPL").sources if s.state == "fresh"}

    def act(self, venue: str, act: AnyAct) -> None:
        """Do something by hand at a venue."""
        with VenueClient(self.directory / "venues" / venue) as client:
            client.perform(act)

    # -- the parent -----------------------------------------------------------------------------

    def do(self, command: AnyCommand) -> None:
        with self.client() as client:
            said = client.submit(command)
        assert isinstance(said, Accepted), said

    def do_if_open(self, command: AnyCommand) -> None:
        """The same; a refusal because the parent has ended meanwhile is none."""
        if self.parent().ord_status not in ENDED:
            with self.client() as client:
                client.submit(command)

    def route(self, qty: int, **more: str) -> None:
        """A buy of P1 that can take 300, and posts the rest."""
        command = inputs.NewParent(
            by="test",
            ref="P1",
            symbol="AAPL",
            side="1",
            order_qty=qty * SCALE,
            price=fixed(LIMIT),
            routed=True,
            **more,
        )
        self.do(command)

    def found(self) -> ParentFound:
        with self.client() as client:
            return client.parent("P1")

    def parent(self) -> ParentView:
        found = self.found().parent
        assert found is not None
        return found

    def done(self) -> int:
        return self.parent().cum_qty // SCALE

    def at(self, venue: str) -> list[str]:
        """The references of the parent's children at a venue."""
        return [child.reference for child in self.found().children if child.venue == venue]

    # -- what the venues know ---------------------------------------------------------------------

    def received(self, venue: str) -> int:
        """How many orders have come in there."""
        theirs = Theirs(venue, VERSIONS[venue], self.directory / "venues" / venue)
        theirs.poll()
        theirs.close()
        return len(theirs.received)

    def executed(self) -> int:
        """What all venues have executed, by their own journals."""
        last = {venue: done for _, venue, done, _ in self._told()}
        return sum(last.values()) // SCALE

    def most(self) -> int:
        """The most that all venues together had executed and held at any time."""
        held: dict[str, Fixed] = {}
        most = 0
        for _, venue, done, is_open in sorted(self._told()):
            held[venue] = done + is_open
            most = max(most, sum(held.values()))
        return most // SCALE

    def _told(self) -> list[tuple[int, str, Fixed, Fixed]]:
        """Time, venue, what it has executed, what it still holds; after each of its records."""
        told = []
        for venue, version in VERSIONS.items():
            station = Station(venue, FixVersion(version))
            for record in records(self.directory / "venues" / venue / "journal"):
                with contextlib.suppress(ActRefused, SettingsError):
                    station.step(record.time_ns, decode(record.payload))
                orders = [o for o in station.venue.floor.orders.values() if o.is_told]
                done = sum(e.quantity for o in orders for e in o.executions if not e.busted)
                is_open = sum(o.leaves_qty for o in orders if o.is_open)
                told.append((record.time_ns, venue, done, is_open))
        return told

    def is_true(self, qty: int) -> bool:
        """The parent, its children and the venues agree, and nothing was ever oversent."""
        found = self.found()
        assert found.parent is not None
        children = sum(child.cum_qty for child in found.children)
        figures = (found.parent.cum_qty // SCALE, children // SCALE)
        assert figures == (self.executed(),) * 2, figures
        assert self.most() <= qty, self.most()
        return True


@contextmanager
def routed_site(directory: Path, *, slow_ms: int = 0) -> Iterator[RoutedSite]:
    """A site whose processes end with the block."""
    made = RoutedSite(directory, slow_ms=slow_ms)
    try:
        yield made
    finally:
        made.close()
