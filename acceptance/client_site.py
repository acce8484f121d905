"""A site with clients: three venues of three versions of FIX, the engine, and who logs on to it.

Everything is a process of its own that may die and come back on the same ports and files. A client
names the venue of an order in ExDestination(100).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from acceptance.peers.process import free_port
from acceptance.peers.upstream import Upstream
from acceptance.site import Site
from fix_oms.journal.follower import records
from fix_oms.model import inputs
from fix_oms.model.units import SCALE, fixed
from fix_oms.simulator.acts import AnyAct, Fill
from fix_oms.simulator.control import OrderView, VenueClient

VENUES: Final[Mapping[str, str]] = {
    "ALPHA": "FIX.4.4",
    "BETA": "FIX.4.2",
    "GAMMA": "FIX.5.0SP2",
}
CLIENTS: Final[Mapping[str, str]] = {"C42": "FIX.4.2", "C44": "FIX.4.4", "C50": "FIX.5.0SP2"}
_VENUE: Final = """
[venues.{name}]
version = "{version}"
port = {port}
comp_id = "{name}"
clients = ["FIXOMS"]
[venues.{name}.listings.AAPL]
reference = "150.00"
[venues.{name}.listings.MSFT]
reference = "150.00"
"""
_ENGINE: Final = """
[engine]
journal = "journal"
socket = "oms.sock"
durability = "process"
[instruments.AAPL]
venues = {venues}
reference = "150.00"
[instruments.MSFT]
venues = ["{last}"]
reference = "150.00"
[accounts.DESK]
[[limits]]
control = "max_order_qty"
limit = 1000
[acceptor]
port = {port}
"""
_SESSION: Final = """
[sessions.{name}]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "{name}"
port = {port}
heartbeat_s = 2
reconnect_s = 1
[venues.{name}]
session = "{name}"
"""
_CLIENT: Final = """
[clients.{name}]
version = "{version}"
sender_comp_id = "FIXOMS"
target_comp_id = "{name}"
accounts = ["DESK"]
"""


class ClientSite(Site):
    """The processes, and the clients' side of them. ``more`` are further clients' tables."""

    def __init__(
        self,
        directory: Path,
        more: str = "",
        *,
        venues: Mapping[str, str] = VENUES,
        clients: Mapping[str, str] = CLIENTS,
    ) -> None:
        self.directory = directory
        self._children = {}
        self.port: Final = free_port()
        self._clients: Final = clients
        fleet, sessions = 'work_dir = "venues"\n', ""
        for name, version in venues.items():
            port = free_port()
            fleet += _VENUE.format(name=name, version=version, port=port)
            sessions += _SESSION.format(name=name, version=version, port=port)
        (directory / "venues.toml").write_text(fleet)
        engine = _ENGINE.format(venues=json.dumps([*venues]), last=[*venues][-1], port=self.port)
        tables = (_CLIENT.format(name=name, version=clients[name]) for name in clients)
        (directory / "oms.toml").write_text(engine + sessions + "".join(tables) + more)

    def upstream(self, name: str, version: str = "", **more: Any) -> Upstream:
        """A client of this name that has not connected yet."""
        version = version or self._clients.get(name, "FIX.4.4")
        return Upstream(self.port, version, client=name, **more)

    def act(self, act: AnyAct, venue: str = "ALPHA") -> None:
        """Do something by hand at a venue."""
        with VenueClient(self.directory / "venues" / venue) as desk:
            desk.perform(act)

    def resting(self, venue: str = "ALPHA") -> str:
        """The OrderID(37) of the one order that rests at a venue."""
        [found] = [order for order in self.orders(venue) if order.leaves_qty]
        return found.order_id

    def orders(self, venue: str = "ALPHA") -> tuple[OrderView, ...]:
        """All orders that a venue has ever had."""
        with VenueClient(self.directory / "venues" / venue) as desk:
            return desk.orders()

    def is_there(self, client: str) -> bool:
        """Whether the journal's last word is that a client is logged on."""
        words = (inputs.ClientUp, inputs.ClientDown, inputs.Started)
        said = [
            value
            for value in map(inputs.decode, self.payloads())
            if isinstance(value, words) and getattr(value, "session", client) == client
        ]
        return bool(said) and isinstance(said[-1], inputs.ClientUp)

    def has_sent(self, client: str, *fields: str) -> bool:
        """Whether a message with these fields has gone to a client, or into its store."""
        return any(
            value.session == client and all(f"\x01{field}\x01" in value.text for field in fields)
            for value in self.inputs(inputs.Sent)
        )

    def payloads(self) -> list[bytes]:
        """Everything in the journal."""
        return [bytes(record.payload) for record in records(self.directory / "journal")]

    def fill(self, order_id: str, qty: int, price: str = "149", venue: str = "ALPHA") -> None:
        """Let a venue execute a resting order."""
        self.act(Fill(order=order_id, quantity=qty * SCALE, price=fixed(price)), venue)


@contextmanager
def client_site(
    directory: Path,
    more: str = "",
    *,
    venues: Mapping[str, str] = VENUES,
    clients: Mapping[str, str] = CLIENTS,
) -> Iterator[ClientSite]:
    """A site whose processes end with the block."""
    made = ClientSite(directory, more, venues=venues, clients=clients)
    try:
        yield made
    finally:
        made.close()
