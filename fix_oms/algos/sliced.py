"""What the algos have in common that send one quantity piece by piece: twap, vwap, pov, iceberg.

*The target.* A kind says how much is to be executed or at work by now (``target``). What is *due*
is that, less what has executed and what could still fill. It is a sum and not a count of pieces, so
what a piece has not filled is due again with the next, a bust reopens what it takes back, and
however often the same thing is told, nothing is sent twice. ``most`` holds the engine to the
quantity besides.

*The pieces.* Time is cut into slices. When one begins, what still works of the slice before is
taken out (``carry`` = anew) and comes again as soon as it is out for certain; or it is left where
it waits (``carry`` = stay). A piece is whole lots, and no less than the smallest order that is
taken; a rest too small to go alone goes along with the piece before it. ``max_slice`` bounds what
one slice sends, ``max_pct`` all that is executed or at work as a part of what the market has traded
since the start. What ends without filling, or is refused, is sent again after ``retry_s``, twice
that, four times …, or, where slices begin anew, with the next.

*The end.* At ``end`` what works is taken out (``finish`` = cancel), or the rest crosses at once
within the limit (cross), or what works is left to fill (leave). A rest that is left is told.

*Other terms.* A new quantity or end makes a new plan: what is not executed by then is spread over
what is left of the time. After a pause the plan goes on as it stands (``after_pause`` = catch_up),
or what was missed is spread over the rest (spread), or all of it happens later (shift).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from fix_oms.algos.algo import Algo, Answer, Desk, Filled, Mine, Refusal, out
from fix_oms.algos.asked import (
    ANEW,
    CANCEL,
    CATCH_UP,
    CROSS,
    LEAVE,
    SHIFT,
    SIDES,
    wrong_of,
)
from fix_oms.algos.progress import rows_of, shown_of
from fix_oms.algos.sizes import due_of, least_of, parts_of
from fix_oms.algos.times import SECOND, moment
from fix_oms.model.algos import AnyAct, Cancel, Done, Place, Tell, Wake
from fix_oms.model.fix import Side, TimeInForce
from fix_oms.model.routing import SWEEP
from fix_oms.model.units import Fixed, text_of

MOST_CROSSES: Final = 3
"""So often the rest is sent to cross; what the market does not show by then is left."""
_MOST_DOUBLED: Final = 6


class Sliced(Algo, kw_only=True):
    """The base of the four. ``side`` is buy, sell or sell_short. With a ``venue`` the pieces go
    there as single orders; else each is a parent that the router sends by ``policy`` (empty: the
    instrument's). Times are written as :mod:`fix_oms.algos.times` reads them; ``start`` empty: at
    once."""

    symbol: str
    side: str
    qty: Fixed
    price: Fixed | None = None
    start: str = ""
    end: str = ""
    policy: str = ""
    venue: str = ""
    every_s: int = 0
    carry: str = ANEW
    finish: str = CANCEL
    after_pause: str = CATCH_UP
    max_slice: Fixed | None = None
    max_pct: Fixed | None = None
    retry_s: int = 5

    begins_ns: int = 0
    ends_ns: int = 0
    """0: it has no end."""
    every_ns: int = 0
    plan_ns: int = 0
    plan_qty: Fixed = 0
    """The plan in force begins then, with so much executed."""
    plan_slice: int = 0
    """The number of its first slice."""
    planned: tuple[Fixed, str] = (0, "")
    """The quantity and the end that it was made for."""
    at_slice: int = -1
    sent: int = 0
    """The number of its newest order."""
    stale: int = 0
    """Orders up to that number are to be taken out."""
    wait_ns: int = 0
    """Nothing is sent before then: something was refused, or ended without filling."""
    tries: int = 0
    crosses: int = 0
    is_closing: bool = False
    is_over: bool = False
    wake_ns: int = 0
    looked_ns: int = 0
    market_qty: Fixed = -1
    market_notional: str = ""
    """What the market had traded when it began; -1: it has not begun."""

    REMEMBERS: ClassVar[frozenset[str]] = frozenset(
        {
            *("begins_ns", "ends_ns", "every_ns", "plan_ns", "plan_qty", "plan_slice", "planned"),
            *("at_slice", "sent", "stale", "wait_ns", "tries", "crosses", "is_closing", "is_over"),
            *("wake_ns", "looked_ns", "market_qty", "market_notional"),
        }
    )
    AMENDABLE: ClassVar[frozenset[str]] = frozenset(
        {
            *("qty", "price", "end", "policy", "max_slice", "max_pct"),
            *("finish", "after_pause", "carry", "retry_s"),
        }
    )

    # -- what a kind says ---------------------------------------------------------------------

    def target(self, desk: Desk) -> Fixed:
        """How much is to be executed or at work by now."""
        raise NotImplementedError

    def planned_by(self, desk: Desk, at_ns: int) -> Fixed:
        """How much is planned to be executed by then."""
        raise NotImplementedError

    def every(self, begins: int, ends: int) -> int:
        """The length of a slice in ns; ``ends`` 0: it has no end."""
        return (self.every_s or 60) * SECOND

    def wrong_kind(self, desk: Desk, begins: int, ends: int) -> str:
        """What else is wrong with the parameters. ``ends`` 0: it has no end."""
        return ""

    def following(self, desk: Desk) -> list[int]:
        """When it is to look again: the first of these that is yet to come."""
        return [self.slice_begins(self.at_slice + 1), self.ends_ns, self.wait_ns]

    def routed_by(self) -> str:
        """The policy of what does not cross."""
        return self.policy

    def price_now(self, desk: Desk) -> Fixed | None:
        """The price of what does not cross."""
        return self.price

    # -- what it is ---------------------------------------------------------------------------

    @property
    def buys(self) -> bool:
        return SIDES[self.side] == Side.BUY

    def most(self) -> Mapping[tuple[str, bool], Fixed]:
        return {(self.symbol, self.buys): self.qty}

    def executed(self, desk: Desk) -> Fixed:
        return desk.filled(self.symbol, buys=self.buys)

    def market(self, desk: Desk) -> Fixed:
        """What the market has traded since it began."""
        now = desk.traded(self.symbol, self.venue).qty
        return now - self.market_qty if self.market_qty >= 0 else 0

    def slice_of(self, at_ns: int) -> int:
        return self.plan_slice + max(at_ns - self.plan_ns, 0) // self.every_ns

    def slice_begins(self, number: int) -> int:
        """When the slice of the plan in force begins."""
        return self.plan_ns + (number - self.plan_slice) * self.every_ns

    def slice_ends(self, number: int) -> int:
        after = self.slice_begins(number + 1)
        return min(after, self.ends_ns) if self.ends_ns else after

    def shown(self, desk: Desk) -> dict[str, str]:
        return shown_of(self, desk)

    def schedule(self, desk: Desk) -> tuple[dict[str, str], ...]:
        return rows_of(self, desk) if self.ends_ns else ()

    # -- parameters ---------------------------------------------------------------------------

    def wrong(self, desk: Desk) -> str:
        return wrong_of(self, desk)

    # -- events: whatever happens, it looks at what there is -----------------------------------

    def on_start(self, desk: Desk) -> Answer:
        self.begins_ns = moment(self.start, desk.now) if self.start else desk.now
        self.ends_ns = moment(self.end, self.begins_ns) if self.end else 0
        self.every_ns = self.every(self.begins_ns, self.ends_ns)
        self.plan_ns, self.planned = self.begins_ns, (self.qty, self.end)
        return self.look(desk)

    def on_restart(self, desk: Desk) -> Answer:
        self.wake_ns = 0
        return self.look(desk)

    def on_order(self, desk: Desk, mine: Mine) -> Answer:
        if not mine.is_open and mine.executed < mine.qty and number_of(mine.name) > self.stale:
            self._wait(desk)
        return self.look(desk)

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        if fill.qty > 0:
            self.tries = 0
        elif fill.qty < 0 and self.is_over:
            left = text_of(self.qty - self.executed(desk))
            text = f"{text_of(-fill.qty)} of {fill.name} was taken back after the end: {left} left"
            return (Tell(severity="warning", text=text),)
        return self.look(desk)

    def on_refused(self, desk: Desk, refusal: Refusal) -> Answer:
        self._wait(desk)
        return self.look(desk)

    def on_time(self, desk: Desk) -> Answer:
        self.wake_ns = 0
        return self.look(desk)

    def on_amend(self, desk: Desk) -> Answer:
        self.stale, self.wait_ns, self.tries = self.sent, 0, 0
        return self.look(desk)

    def on_pause(self, desk: Desk) -> Answer:
        self.looked_ns = desk.now
        return out(desk)

    def on_resume(self, desk: Desk) -> Answer:
        self.stale, self.wait_ns, self.tries, self.wake_ns = self.sent, 0, 0, 0
        if self.looked_ns >= self.begins_ns:
            self.missed(desk)
        return self.look(desk)

    def on_stop(self, desk: Desk) -> Answer:
        self.is_over = True
        return out(desk)

    def missed(self, desk: Desk) -> None:
        """It goes on after a pause that began when it last looked."""
        if self.after_pause == SHIFT and self.ends_ns and self.end == self.planned[1]:
            self.ends_ns += desk.now - self.looked_ns
        if self.after_pause != CATCH_UP and self.planned == (self.qty, self.end):
            self._plan(desk)

    # -- the look -----------------------------------------------------------------------------

    def look(self, desk: Desk) -> Iterator[AnyAct]:
        """What is to be done now."""
        if desk.state != "running" or self.is_over:
            return
        now, self.looked_ns = desk.now, desk.now
        if self.planned != (self.qty, self.end):
            self._amended(desk)
        if now < self.begins_ns:
            yield from self._wake(self.begins_ns)
            return
        if self.market_qty < 0:
            traded = desk.traded(self.symbol, self.venue)
            self.market_qty, self.market_notional = traded.qty, str(traded.notional)
        left = self.qty - self.executed(desk)
        if left <= 0:
            yield from self._over("all of it is executed")
            return
        if self.ends_ns and now >= self.ends_ns:
            yield from self._close(desk)
            return
        if not self.ends_ns and left < least_of(self, desk) and not desk.working():
            yield from self._give_up(left, "the rest is less than is taken")
            return
        if self.slice_of(now) != self.at_slice:
            self.at_slice = self.slice_of(now)
            if self.carry == ANEW:
                self.stale, self.wait_ns, self.tries = self.sent, 0, 0
        if now >= self.wait_ns:
            yield from self.take_out(desk)
            if not self._is_shut(desk):
                yield from self.send(desk)
        at = min([at for at in self.following(desk) if at > now], default=0)
        yield from self._wake(at)

    def send(self, desk: Desk) -> Iterator[AnyAct]:
        """What is due."""
        for qty in parts_of(self, desk, due_of(self, desk)):
            yield self.place(desk, qty)

    def place(self, desk: Desk, qty: Fixed, *, crosses: bool = False) -> Place:
        """One order. ``crosses``: it takes what is shown within the limit, and nothing of it
        waits."""
        self.sent += 1
        policy = None if self.venue else SWEEP if crosses else self.routed_by()
        times = TimeInForce.IOC if crosses else TimeInForce.DAY
        stem = "end" if self.is_closing else f"s{self.at_slice + 1}"
        return Place(
            name=f"{stem}-{self.sent}",
            symbol=self.symbol,
            side=SIDES[self.side].value,
            qty=qty,
            price=self.price if crosses else self.price_now(desk),
            venue=self.venue or None,
            policy=policy,
            time_in_force=times.value,
        )

    def take_out(self, desk: Desk) -> Iterator[AnyAct]:
        """What is stale."""
        for mine in desk.working():
            may_fill = mine.open_qty > mine.provisional and mine.pending != "cancel"
            if may_fill and number_of(mine.name) <= self.stale:
                yield Cancel(name=mine.name)

    def _close(self, desk: Desk) -> Iterator[AnyAct]:
        """The time is over."""
        if not self.is_closing:
            self.is_closing, self.wait_ns, self.tries = True, 0, 0
            if self.finish != LEAVE:
                self.stale = self.sent
        waits = desk.now < self.wait_ns
        if not waits:
            yield from self.take_out(desk)
        if desk.working():
            if waits:
                yield from self._wake(self.wait_ns)
            return
        left = self.qty - self.executed(desk)
        if self.finish == CROSS and self.crosses < MOST_CROSSES and left >= least_of(self, desk):
            if waits or self._is_shut(desk):
                yield from self._wake(self.wait_ns)
                return
            self.crosses += 1
            for qty in parts_of(self, desk, left):
                yield self.place(desk, qty, crosses=True)
            return
        yield from self._give_up(left, "its time is over")

    def _give_up(self, left: Fixed, why: str) -> Iterator[AnyAct]:
        text = f"{why}: {text_of(left)} of {text_of(self.qty)} are left"
        yield Tell(severity="warning", text=text)
        yield from self._over(text)

    def _over(self, why: str) -> Iterator[AnyAct]:
        self.is_over = True
        yield Done(why=why)

    def _wake(self, at_ns: int) -> Iterator[AnyAct]:
        if at_ns != self.wake_ns:
            self.wake_ns = at_ns
            yield Wake(at_ns=at_ns)

    def _is_shut(self, desk: Desk) -> bool:
        """Something is due, and nobody could take an order now: it looks again a little later, and
        is refused nowhere."""
        is_due = self.is_closing or due_of(self, desk) > 0
        if not is_due or not desk.takes(self.symbol, self.venue):
            return False
        self.wait_ns = desk.now + self.retry_s * SECOND
        return True

    def _wait(self, desk: Desk) -> None:
        doubled = min(self.tries, _MOST_DOUBLED)
        self.wait_ns = desk.now + self.retry_s * SECOND * 2**doubled
        self.tries += 1

    def _amended(self, desk: Desk) -> None:
        if self.end != self.planned[1]:
            self.ends_ns = moment(self.end, self.begins_ns) if self.end else 0
        self._plan(desk)

    def _plan(self, desk: Desk) -> None:
        """A new plan for what is left, from now on."""
        self.planned, self.is_closing, self.crosses = (self.qty, self.end), False, 0
        if desk.now > self.begins_ns:
            self.plan_slice = self.at_slice + 1
            self.plan_ns, self.plan_qty = desk.now, self.executed(desk)
        else:
            self.every_ns = self.every(self.begins_ns, self.ends_ns)


def number_of(name: str) -> int:
    """The number of an order by its name."""
    return int(name.rpartition("-")[2])
