"""What a routing policy costs: one parent order through the real engine into simulated venues.

A :class:`Trial` is a world in which nothing goes wrong (:mod:`fix_oms.world.calm`): after a while
of trading the parent comes, is worked by a policy for so long, and is cancelled. Every policy meets
the same venues, the same efficient price and the same other traders until it sends its first order:
the trials of one seed are paired.

What is measured is the venues' truth, not the engine's account of it; that the two agree to the
last digit (quantity, money and fees) is checked in every trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from fix_oms.model import inputs
from fix_oms.model.fix import Side
from fix_oms.model.routing import DIRECT, Fees
from fix_oms.model.settings import Settings
from fix_oms.model.units import SCALE, Fixed, Notional
from fix_oms.model.views import ParentView
from fix_oms.simulator.settings import VenueSettings
from fix_oms.simulator.tariff import cost
from fix_oms.world.calm import Calm, Disagreement
from fix_oms.world.clock import SECOND, chance

NAIVE: Final = "naive"
"""Not a policy but what one is compared with: all of it to the venue that shows the best price."""
_SETTLES_NS: Final = 2 * SECOND
_REF: Final = "study"
Books = Mapping[str, list[tuple[Fixed, Fixed]]]
"""By venue: the displayed levels of one side, best first."""


@attrs.frozen(kw_only=True)
class Scene:
    """What all trials have in common. The parent's quantity is ``size_x`` times what the best
    venue shows at its best price, rounded to 100, and at most ``most``; its limit is that price and
    ``limit_ticks`` more, or none (None)."""

    settings: Settings
    venues: Mapping[str, VenueSettings]
    symbol: str
    size_x: int = 10
    most: Fixed = 10_000 * SCALE
    limit_ticks: int | None = 5
    warm_s: int = 5
    horizon_s: int = 30


@attrs.frozen
class Rest:
    """What an unfilled rest would have traded for, and the fees for that."""

    notional: Notional
    fees: Fixed


@attrs.frozen(kw_only=True)
class Outcome:
    """One trial. ``middle`` is that of the best displayed bid and offer when the parent came,
    XX ``digest`` is of all that was journaled, ``state`` the engine's
        hash."""

    seed: int
    policy: str
    buys: bool
    qty: Fixed
    middle: Fixed
    filled: Fixed
    notional: Notional
    fees: Fixed
    touch: Rest
    walk: Rest
    children: int
    held: str
    state: str
    digest: str

    @property
    def shortfall_bps(self) -> float:
        """Implementation shortfall (Perold 1988): what the whole parent cost beyond its arrival
        middle, fees included and the unfilled rest traded at the final touch."""
        return self._beyond(self.touch)

    @property
    def caught_up_bps(self) -> float:
        """The same with the unfilled rest taken from what was displayed."""
        return self._beyond(self.walk)

    def _beyond(self, rest: Rest) -> float:
        worse = self.notional + rest.notional - self.qty * self.middle
        whole = (worse if self.buys else -worse) + (self.fees + rest.fees) * SCALE
        return whole / (self.qty * self.middle) * 10_000

    @property
    def fees_bps(self) -> float:
        """The fees of what was filled, by the notional of the whole."""
        return self.fees * SCALE / (self.qty * self.middle) * 10_000

    @property
    def fill_rate(self) -> float:
        return self.filled / self.qty


class Trial:
    """One parent of one seed by one policy. :meth:`run` does it all."""

    def __init__(self, scene: Scene, seed: int, policy: str) -> None:
        self.scene: Final = scene
        self.seed: Final = seed
        self.policy: Final = policy
        self.calm: Final = Calm(scene.settings, scene.venues, seed)
        self.brokers: Final = self.calm.brokers

    def run(self) -> Outcome:
        """Trade, work the parent, and say what it came to. Raises Disagreement."""
        scene = self.scene
        self.calm.process.start()
        self.calm.passes(scene.warm_s * SECOND)
        buys = chance(self.seed, "side").random() < 0.5
        shown = {name: self._shown(name, buys) for name in scene.venues}
        top = {name: levels[0] for name, levels in shown.items() if levels}
        if not top:
            raise Disagreement(f"seed {self.seed}: no venue shows anything")
        best = min(top, key=lambda name: (_better(top[name][0], buys), -top[name][1]))
        price, size = top[best]
        qty = min(scene.most, max(1, round(size * scene.size_x / (100 * SCALE))) * 100 * SCALE)
        middle = (price + self._touch(not buys)) // 2
        self.calm.submit(self._parent(buys, qty, price, best))
        self.calm.passes(scene.horizon_s * SECOND)
        shown = {name: self._shown(name, buys) for name in scene.venues}
        if self._view().leaves_qty:
            self.calm.submit(inputs.CancelOrder(by="study", order=_REF))
        self.calm.passes(_SETTLES_NS)
        return self._outcome(buys, qty, middle, shown)

    # -- the course of it ---------------------------------------------------------------------

    def _parent(self, buys: bool, qty: Fixed, price: Fixed, best: str) -> inputs.NewParent:
        scene, limit = self.scene, None
        if scene.limit_ticks is not None:
            away = scene.limit_ticks * scene.settings.instruments[scene.symbol].tick
            limit = price + away if buys else price - away
        return inputs.NewParent(
            by="study",
            ref=_REF,
            symbol=scene.symbol,
            side=Side.BUY if buys else Side.SELL,
            order_qty=qty,
            routed=True,
            policy=DIRECT if self.policy == NAIVE else self.policy,
            venue=best if self.policy == NAIVE else None,
            price=limit,
        )

    def _view(self) -> ParentView:
        found = self.calm.process.engine.shown(self.calm.clock.now).routing.parent(_REF).parent
        if found is None:
            raise Disagreement("the engine does not know the parent")
        return found

    # -- the venues' truth --------------------------------------------------------------------

    def _shown(self, name: str, buys: bool) -> list[tuple[Fixed, Fixed]]:
        """What a venue publishes of the side that an order could take from, best first."""
        floor = self.brokers[name].station.venue.floor
        book = floor.books.get(self.scene.symbol)
        return [] if book is None or floor.behaviour.dark else book.levels(buy=not buys)

    def _touch(self, buys: bool) -> Fixed:
        """The best displayed price to take at."""
        prices = [price for name in self.brokers for price, _ in self._shown(name, buys)[:1]]
        if not prices:
            raise Disagreement(f"seed {self.seed}: no venue shows anything")
        return min(prices, key=lambda price: _better(price, buys))

    def _rest(self, buys: bool, qty: Fixed, shown: Books, *, walks: bool) -> Rest:
        """``qty`` traded against these books."""
        found = [(_better(p, buys), p, size, name) for name in shown for p, size in shown[name]]
        levels = sorted(found)
        if not levels:
            raise Disagreement(f"seed {self.seed}: no venue shows anything in the end")
        notional = fees = 0
        for _, price, size, name in levels:
            is_last = not walks or (price, size, name) == levels[-1][1:]
            part = qty if is_last else min(size, qty)
            notional += part * price
            fees += cost(self._fees(name), part, price, is_maker=False)
            qty -= part
        return Rest(notional, fees)

    def _fees(self, name: str) -> Fees:
        return self.brokers[name].station.venue.floor.behaviour.fees

    def _outcome(self, buys: bool, qty: Fixed, middle: Fixed, shown: Books) -> Outcome:
        filled = notional = fees = children = 0
        for name, broker in self.brokers.items():
            tariff = self._fees(name)
            for order in broker.orders():
                children += 1
                for done in order.executions:
                    filled += done.quantity
                    notional += done.quantity * done.price
                    fees += cost(tariff, done.quantity, done.price, is_maker=done.is_maker)
        parent = self._view()
        self.calm.agrees(self.scene.symbol, (filled, notional, fees))
        if parent.leaves_qty or any(o.is_live for b in self.brokers.values() for o in b.orders()):
            raise Disagreement(f"seed {self.seed}, {self.policy}: the parent has not ended")
        return Outcome(
            seed=self.seed,
            policy=self.policy,
            buys=buys,
            qty=qty,
            middle=middle,
            filled=filled,
            notional=notional,
            fees=fees,
            touch=self._rest(buys, qty - filled, shown, walks=False),
            walk=self._rest(buys, qty - filled, shown, walks=True),
            children=children,
            held=parent.held or parent.text,
            state=self.calm.process.engine.shown(self.calm.clock.now).hash(),
            digest=self.calm.digest(),
        )


def _better(price: Fixed, buys: bool) -> Fixed:
    """A key that is lower for a better price."""
    return price if buys else -price
