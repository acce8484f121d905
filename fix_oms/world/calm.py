"""A world in which nothing goes wrong: the engine, the session layer and the venues, to measure in.

The engine's own process on a simulated disk, and venues with their tariffs, latencies, hidden
quantity and other traders, all in virtual time from one seed. What is measured there is the venues'
truth; that the engine's account of it is the same to the last digit is checked (:meth:`agrees`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import attrs

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.errors import FixOmsError
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.model.settings import Settings
from fix_oms.model.settings_text import to_plain
from fix_oms.model.units import Fixed, Notional
from fix_oms.simulator.settings import Flow, Listing, VenueSettings
from fix_oms.world.broker import Broker
from fix_oms.world.clock import SECOND, Clock, Moments
from fix_oms.world.disk import Disk, Fuse
from fix_oms.world.mixes import Mouth
from fix_oms.world.process import Process
from fix_oms.world.road import Road

OPENS_NS: Final = (1_798_761_600 + 15 * 3600) * SECOND
"""2027-01-01 15:00 UTC."""
_WIRE_MS: Final = (0.05, 0.05)
"""The road between engine and venue; what differs between venues is in their settings."""


class Disagreement(FixOmsError):
    """The engine's account of a trial is not the venues'."""


class _Watcher:
    """Looks on, as a process of the world wants somebody to; also the venues' judge."""

    def __init__(self) -> None:
        self.alerts: Final[list[Alert]] = []

    def replayed(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """Nothing is replayed here."""

    def recovered(self, engine: Engine, records: int) -> None:
        """Nor recovered."""

    def stepped(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """What counts is counted in the end."""

    def alerted(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def count(self, what: str) -> None:
        """There are no faults to count."""

    def wrong(self, law: str, text: str) -> None:
        raise Disagreement(f"{law}: {text}")


class Calm:
    """``process`` is to be started; ``brokers`` are by venue."""

    def __init__(
        self,
        settings: Settings,
        venues: Mapping[str, VenueSettings],
        seed: int,
        opens_ns: int = OPENS_NS,
    ) -> None:
        self.seed: Final = seed
        self.clock: Final = Clock(opens_ns)
        self.watcher: Final = _Watcher()
        self.disk: Final = Disk(Fuse(), power=False)
        clock = self.clock
        self.roads: Final = {
            name: Road(clock, Moments(clock, seed, f"wire of {name}"), _WIRE_MS) for name in venues
        }
        self.brokers: Final = {
            name: Broker(
                name,
                _seeded(found, seed),
                Mouth(),
                seed=seed,
                clock=clock,
                road=self.roads[name],
                judge=self.watcher,
            )
            for name, found in venues.items()
        }
        self.process: Final = Process(
            self.disk,
            Fuse(),
            settings,
            to_plain(settings),
            clock=clock,
            draw=Moments(clock, seed, "threads"),
            roads=self.roads,
            watcher=self.watcher,
            paces_ms=dict.fromkeys(venues, 0.0),
            packed_after_ns=None,
        )

    def passes(self, ns: int) -> None:
        """Time passes."""
        self.clock.run(self.clock.now + ns, lambda: None)

    def submit(self, command: inputs.Command) -> None:
        """A command. Raises Disagreement where it is refused."""
        for output in self.process.runner.submit(inputs.decode(inputs.encode(command))):
            if isinstance(output, Refused):
                raise Disagreement(f"seed {self.seed}: refused: {output.text}")

    def agrees(self, symbol: str, truth: tuple[Fixed, Notional, Fixed]) -> None:
        """The engine's position is what the venues executed, to the last digit: quantity, notional
        and fees of both sides. Raises Disagreement."""
        state = self.process.engine.state
        position = state.ledger.position(state.settings.engine.default_account, symbol)
        known = (0, 0, 0)
        if position is not None:
            money = position.bought_notional + position.sold_notional
            known = (position.bought + position.sold, money, position.fees)
        if known != truth:
            raise Disagreement(f"seed {self.seed}: the engine has {known}, the venues {truth}")

    def digest(self) -> str:
        """Of everything that was journaled: two worlds of a seed have the same."""
        made = hashlib.sha256()
        for now, payload in self.disk.records:
            made.update(b"%d " % now + payload)
        return made.hexdigest()


def _seeded(settings: VenueSettings, seed: int) -> VenueSettings:
    """The venue with its chance, and the price that it shares with others, from this seed."""
    listings = {symbol: _seeded_listing(found, seed) for symbol, found in settings.listings.items()}
    return attrs.evolve(settings, seed=settings.seed * 1_000_003 + seed, listings=listings)


def _seeded_listing(listing: Listing, seed: int) -> Listing:
    flow: Flow | None = listing.flow
    if flow is None:
        return listing
    price_seed = flow.price_seed * 1_000_003 + seed
    return attrs.evolve(listing, flow=attrs.evolve(flow, price_seed=price_seed))
