"""Trailing stop: an exit that follows the market while it goes well, and fires when it turns.

A sale remembers the highest price that it has seen (``trigger``, see ``careful``), a purchase the
lowest. The *stop* stands ``trail`` away from it: an amount (``trail``), ticks (``trail_ticks``) or
hundredths of a percent (``trail_bps``), one of the three. So the stop only ever moves the good way:
up for a sale, down for a purchase; other terms (an amendment) move it at once, and that too never
the bad way. Where ``activation`` is given nothing is followed before the market has reached it.

When the price reaches the stop it *fires*, once and for all: what is left is sent as limits that
take at once within ``slip_bps`` of the touch, again and again until all of it has executed.
``worst`` is a price that it never trades beyond: where the market is past it, it waits there.

The venue knows nothing of the stop: while the process is down or the book is not fresh, nothing
fires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fix_oms.algos.algo import Desk
from fix_oms.algos.asked import SIDES
from fix_oms.algos.careful import BPS, RUNNING, TRIGGERS, Careful, wrong_slip, wrong_word
from fix_oms.model.algos import AnyAct, Done, Tell
from fix_oms.model.units import Fixed, text_of


class Trailing(Careful, kw_only=True):
    """See the module's docstring."""

    trail: Fixed | None = None
    trail_ticks: int = 0
    trail_bps: Fixed | None = None
    activation: Fixed | None = None
    trigger: str = "touch"
    slip_bps: Fixed = 20 * 10**8
    worst: Fixed | None = None

    extreme: Fixed | None = None
    stop: Fixed | None = None
    fired: bool = False
    REMEMBERS = Careful.REMEMBERS | {"extreme", "stop", "fired"}
    AMENDABLE = frozenset({"qty", "trail", "trail_ticks", "trail_bps", "slip_bps", "worst"})

    def most(self) -> Mapping[tuple[str, bool], Fixed]:
        return {(self.symbol, self.buys): self.qty}

    def wrong(self, desk: Desk) -> str:
        wrong = self.wrong_place(desk) or wrong_word("trigger", self.trigger, TRIGGERS)
        wrong = wrong or wrong_slip(self.slip_bps) or self.wrong_price(desk, "worst", self.worst)
        wrong = wrong or self.wrong_price(desk, "activation", self.activation)
        if wrong:
            return wrong
        given = [self.trail is not None, bool(self.trail_ticks), self.trail_bps is not None]
        if sum(given) != 1:
            return "trail: give one of trail, trail_ticks and trail_bps"
        if self.trail is not None and self.trail <= 0:
            return f"trail: {text_of(self.trail)} is not above 0"
        if not 0 <= self.trail_ticks <= 1_000_000:
            return f"trail_ticks: {self.trail_ticks} is not from 1 to 1000000"
        if self.trail_bps is not None and not 0 < self.trail_bps < BPS:
            return f"trail_bps: {text_of(self.trail_bps)} is not above 0 and below 10000"
        if self.qty < desk.filled(self.symbol, buys=self.buys):
            return f"qty: {text_of(self.qty)} is less than has executed already"
        return ""

    def shown(self, desk: Desk) -> dict[str, str]:
        executed = desk.filled(self.symbol, buys=self.buys)
        found = {"left": text_of(self.qty - executed)}
        seen = self.seen(desk, self.trigger, self.buys)
        for name, price in (("stop", self.stop), ("price", seen), ("extreme", self.extreme)):
            if price is not None:
                found[name] = text_of(price)
        state = "waits for its activation" if self.extreme is None else "follows"
        found["stop_state"] = "has fired" if self.fired else state
        return found | {"executed": text_of(executed)}

    # -- what is done -------------------------------------------------------------------------

    def decide(self, desk: Desk) -> Iterator[AnyAct]:
        if desk.state != RUNNING:
            return
        left = self.qty - desk.filled(self.symbol, buys=self.buys)
        working = desk.working()
        if left <= 0 and not working:
            yield Done(why="all of it has executed")
            return
        if not self.fired:
            yield from self._follow(desk)
        if self.fired and not working and left > 0:
            if desk.now < self.next_ns:
                yield from self.wake(desk)
            elif not self._is_past_worst(desk):
                side = SIDES[self.side]
                yield from self.take(desk, "x", side, left, self.slip_bps, self.worst)

    def _follow(self, desk: Desk) -> Iterator[AnyAct]:
        price = self.seen(desk, self.trigger, self.buys)
        if price is None:
            return
        if self.extreme is None and _is_short_of(price, self.activation, self.buys):
            return
        best = min if self.buys else max
        self.extreme = price if self.extreme is None else best(self.extreme, price)
        stop = self.extreme + self._trail(desk) * (1 if self.buys else -1)
        self.stop = stop if self.stop is None else best(self.stop, stop)
        if price >= self.stop if self.buys else price <= self.stop:
            self.fired = True
            seen = f"{self.trigger} {text_of(price)} reached the stop {text_of(self.stop)}"
            yield Tell(severity="info", text=seen)

    def _trail(self, desk: Desk) -> Fixed:
        if self.trail is not None:
            return self.trail
        if self.trail_bps is not None:
            return (self.extreme or 0) * self.trail_bps // BPS
        return self.trail_ticks * desk.terms(self.symbol, self.venue).tick

    def _is_past_worst(self, desk: Desk) -> bool:
        px = self.touch(desk, self.buys)
        if px is None or self.worst is None:
            return False
        return px > self.worst if self.buys else px < self.worst


def _is_short_of(price: Fixed, activation: Fixed | None, buys: bool) -> bool:
    if activation is None:
        return False
    return price > activation if buys else price < activation
