"""A trading day with its tides: how near to the market's volume and average price algos come.

In a world in which nothing goes wrong (:mod:`fix_oms.world.calm`) other traders come as a profile
of the day says: often in the morning and before the close, seldom at noon. Algos begin at the open,
each with the same quantity of the same symbol, and end with the day. Each ``sample_s`` it is
noted what the market has traded, by what its venues have told, and what each algo has executed.

That the engine's positions are what the venues executed is checked in the end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import attrs

from fix_oms.model import inputs
from fix_oms.model.curves import Curve
from fix_oms.model.settings import Settings
from fix_oms.model.units import SCALE, Fixed, Notional, text_of
from fix_oms.simulator.settings import Listing, VenueSettings
from fix_oms.simulator.tariff import cost
from fix_oms.world.calm import Calm, Disagreement
from fix_oms.world.clock import SECOND

_WARM_NS: Final = 120 * SECOND
_SETTLES_NS: Final = 30 * SECOND
DAY: Final = 86_400 * SECOND


@attrs.frozen(kw_only=True)
class DayScene:
    """What all days have in common. ``profile`` is how the market's own volume is spread, in UTC;
    other traders come ``pace`` times as often as their venues say, in the mean of the day.
    ``algos`` are parameters beyond the common ones, by kind."""

    settings: Settings
    venues: Mapping[str, VenueSettings]
    symbol: str
    profile: Curve
    pace: float
    sample_s: int
    qty: Fixed
    algos: Mapping[str, Mapping[str, Any]]
    volatility: float


@attrs.frozen(kw_only=True)
class Sample:
    """A moment: what has traded since the open, and what each kind has executed."""

    market_qty: Fixed
    market_notional: Notional
    executed: tuple[Fixed, ...]


@attrs.frozen(kw_only=True)
class DayOutcome:
    """One day. ``kinds`` are the algos, ``notionals`` what each one's executions were worth;
    ``planned`` is by kind what it had planned to have executed by each sample."""

    seed: int
    day: int
    qty: Fixed
    kinds: tuple[str, ...]
    samples: tuple[Sample, ...]
    notionals: tuple[Notional, ...]
    planned: Mapping[str, tuple[Fixed, ...]]
    orders: int
    digest: str

    @property
    def market_avg(self) -> float:
        """The market's volume-weighted average price."""
        last = self.samples[-1]
        return last.market_notional / last.market_qty / SCALE

    def beyond_vwap_bps(self, kind: str) -> float:
        """What the algo paid beyond it."""
        n = self.kinds.index(kind)
        own = self.notionals[n] / self.samples[-1].executed[n] / SCALE
        return (own / self.market_avg - 1) * 10_000

    def filled(self, kind: str) -> float:
        """The part of the quantity that was executed."""
        return self.samples[-1].executed[self.kinds.index(kind)] / self.qty

    def off_volume(self, kind: str) -> float:
        """How far the executed part of the algo's own total was from the traded part of the
        market's, root mean square over the samples."""
        n, last = self.kinds.index(kind), self.samples[-1]
        return _rms(
            [
                s.executed[n] / last.executed[n] - s.market_qty / last.market_qty
                for s in self.samples
            ]
        )

    def off_plan(self, kind: str) -> float:
        """How far what was executed was from what was planned, as a part of the quantity, root mean
        square over the samples."""
        n = self.kinds.index(kind)
        pairs = zip(self.samples, self.planned[kind], strict=True)
        return _rms([(s.executed[n] - planned) / self.qty for s, planned in pairs])

    def part(self, kind: str) -> float:
        """The part of the market's volume."""
        last = self.samples[-1]
        return last.executed[self.kinds.index(kind)] / last.market_qty

    def curve(self, name: str, opens_ns: int, sample_s: int, bucket_s: int) -> Curve:
        """How this day's volume was spread over buckets of that length; ``opens_ns`` is the time of
        day at which it began."""
        each, before = bucket_s // sample_s, 0
        volumes, times = list[Fixed](), list[str]()
        for n, sample in enumerate(self.samples[each - 1 :: each]):
            minutes = (opens_ns // SECOND + n * bucket_s) // 60
            times.append(f"{minutes // 60:02d}:{minutes % 60:02d}")
            volumes.append(sample.market_qty - before)
            before = sample.market_qty
        return Curve(name=name, times=tuple(times), volumes=tuple(volumes))


class Day:
    """One day of one seed. :meth:`run` does it all. ``curve`` is what vwap goes by."""

    def __init__(self, scene: DayScene, seed: int, day: int, curve: Curve) -> None:
        self.scene: Final = scene
        self.seed: Final = seed
        self.day: Final = day
        buckets = scene.profile.buckets()
        midnight = (1_798_761_600 + 3 * 86_400 + day * 86_400) * SECOND  # day 1 is 2027-01-05
        self.opens: Final = midnight + buckets[0][0]
        self.closes: Final = midnight + buckets[-1][1]
        settings = attrs.evolve(scene.settings, curves={curve.name: curve})
        venues = {name: _quieter(found, scene) for name, found in scene.venues.items()}
        begins = self.opens - _WARM_NS
        self.calm: Final = Calm(settings, venues, seed * 1000 + day, begins)

    def run(self) -> DayOutcome:
        """Trade from open to close. Raises Disagreement."""
        calm, scene = self.calm, self.scene
        self._pace(self.opens)
        calm.process.start()
        calm.passes(_WARM_NS)
        for kind, more in scene.algos.items():
            calm.submit(self._algo(kind, more))
        at_open, samples = self._market(), list[Sample]()
        planned: dict[str, list[Fixed]] = {kind: [] for kind in scene.algos}
        at = self.opens
        while at < self.closes:
            self._pace(at)
            at = min(at + scene.sample_s * SECOND, self.closes)
            calm.passes(at - calm.clock.now)
            qty, notional = self._market()
            executed = tuple(self._executed(kind)[0] for kind in scene.algos)
            samples.append(
                Sample(
                    market_qty=qty - at_open[0],
                    market_notional=notional - at_open[1],
                    executed=executed,
                )
            )
            for kind in scene.algos:
                planned[kind].append(self._planned(kind, at))
        calm.passes(_SETTLES_NS)
        return self._outcome(samples, {kind: tuple(found) for kind, found in planned.items()})

    # -- the course of it ---------------------------------------------------------------------

    def _pace(self, at: int) -> None:
        """Other traders come as often as this part of the day says."""
        profile, sample_ns = self.scene.profile, self.scene.sample_s * SECOND
        share = profile.between(at, at + sample_ns) / sum(profile.volumes)
        pace = self.scene.pace * share * (self.closes - self.opens) / sample_ns
        for broker in self.calm.brokers.values():
            floor = broker.station.venue.floor
            floor.behaviour = attrs.evolve(floor.behaviour, flow_pace=pace)

    def _algo(self, kind: str, more: Mapping[str, Any]) -> inputs.NewAlgo:
        lasts_s = (self.closes - self.calm.clock.now) // SECOND
        params = {
            "symbol": self.scene.symbol,
            "side": "buy",
            "qty": text_of(self.scene.qty),
            "end": f"+{lasts_s}s",
            **more,
        }
        return inputs.NewAlgo(by="study", ref=kind, kind=kind, params=params)

    def _market(self) -> tuple[Fixed, Notional]:
        """What has traded, by what the venues have told."""
        volumes = self.calm.process.engine.state.quotes.volumes
        found = [volumes.of(name, self.scene.symbol) for name in self.calm.brokers]
        return sum(one.qty for one in found), sum(one.notional for one in found)

    def _executed(self, ref: str) -> tuple[Fixed, Notional]:
        """By the algo's parents."""
        state = self.calm.process.engine.state
        held = [state.routed.parents[name].held for name in state.algos.algos[ref].names.values()]
        return sum(one.executed for one in held), sum(one.notional for one in held)

    def _planned(self, ref: str, at: int) -> Fixed:
        """What is planned to be executed by then, by the algo's own schedule."""
        whole = self.scene.qty
        if ref == "twap":
            return whole * (at - self.opens) // (self.closes - self.opens)
        if ref == "vwap":
            curve = next(iter(self.calm.process.engine.state.settings.curves.values()))
            return whole * curve.between(self.opens, at) // curve.between(self.opens, self.closes)
        return self._executed(ref)[0]

    # -- what came of it ----------------------------------------------------------------------

    def _outcome(
        self, samples: list[Sample], planned: Mapping[str, tuple[Fixed, ...]]
    ) -> DayOutcome:
        self._agrees()
        kinds = tuple(self.scene.algos)
        finals = [self._executed(kind) for kind in kinds]
        samples[-1] = attrs.evolve(samples[-1], executed=tuple(qty for qty, _ in finals))
        if any(not qty for qty, _ in finals):
            raise Disagreement(f"seed {self.seed}, day {self.day}: {kinds} executed {finals}")
        return DayOutcome(
            seed=self.seed,
            day=self.day,
            qty=self.scene.qty,
            kinds=kinds,
            samples=tuple(samples),
            notionals=tuple(notional for _, notional in finals),
            planned=planned,
            orders=sum(len(list(broker.orders())) for broker in self.calm.brokers.values()),
            digest=self.calm.digest(),
        )

    def _agrees(self) -> None:
        qty = notional = fees = 0
        for broker in self.calm.brokers.values():
            tariff = broker.station.venue.floor.behaviour.fees
            for order in broker.orders():
                for done in order.executions:
                    qty += done.quantity
                    notional += done.quantity * done.price
                    fees += cost(tariff, done.quantity, done.price, is_maker=done.is_maker)
        self.calm.agrees(self.scene.symbol, (qty, notional, fees))


def _quieter(settings: VenueSettings, scene: DayScene) -> VenueSettings:
    """The venue with the one symbol alone, whose price moves as the scene says."""
    listing: Listing | None = settings.listings.get(scene.symbol)
    if listing is None or listing.flow is None:
        raise Disagreement(
            f"{scene.symbol} has no other traders at a venue of port {settings.port}"
        )
    flow = attrs.evolve(listing.flow, volatility=scene.volatility)
    return attrs.evolve(settings, listings={scene.symbol: attrs.evolve(listing, flow=flow)})


def _rms(values: list[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))
