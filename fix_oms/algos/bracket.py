"""Bracket: an entry, and two exits of which one cancels the other.

The entry buys or sells ``qty`` at ``price`` (none: at the market); with ``enters`` false there is
none, and the position is held already. Around what has been entered stand a *take profit*, a limit
at ``tp``, and a *stop loss* at ``sl``; either may be left out.

*Sizes.* What is held is a sum: what the entry's side has executed, less what the exits' side has
(busts taken off). Each exit is kept at exactly that: it grows with each part of the entry that
fills, and shrinks as the other one fills. So no exit is ever for more than was entered, and when
nothing is held and the entry is over, what is left of the exits goes and the bracket is done.

*The stop* is an order at the venue where the venue takes stops (``stop`` empty or venue; with
``sl_limit`` a stop limit). Where it takes none, or rejects it, or with ``stop`` = synthetic, the
bracket watches ``trigger`` itself (see ``careful``): when that reaches ``sl`` it fires for good,
takes the take profit out, waits until that is out for certain, and sends what is held as limits
that take at once. Nothing watches while the process is down or the bracket is paused.

*The race.* Two exits at a venue can both fill before one is cancelled: then more has been sold than
was held. That excess is told at once as severe, and bought back within ``slip_bps`` of the touch
(``excess`` = unwind) or left to a person (``excess`` = alert). So is what a bust of the entry
leaves too much of. A synthetic stop has no such race, and is later by one round trip.

*Paused*, the entry is taken out and the exits stay, and only shrink. *Stopped*, all is taken out,
and what is held without an exit is told. After its end a bust is told and nothing is sent.

    entry p1 -> fills in parts -> tp t2, sl s3, each of what is held
                                  t2 fills 40 of 100 -> s3 becomes 60
                                  s3 fires -> t2 goes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fix_oms.algos.algo import Answer, Desk, Filled, Mine, Refusal, out
from fix_oms.algos.asked import SIDES
from fix_oms.algos.bracket_wrong import wrong_of
from fix_oms.algos.careful import RUNNING, Careful
from fix_oms.model.algos import AnyAct, Cancel, Done, Place, Tell
from fix_oms.model.fix import OrdStatus, Side
from fix_oms.model.units import Fixed, text_of

SYNTHETIC = "synthetic"
UNWIND = "unwind"


class Bracket(Careful, kw_only=True):
    """See the module's docstring."""

    price: Fixed | None = None
    enters: bool = True
    tp: Fixed | None = None
    sl: Fixed | None = None
    sl_limit: Fixed | None = None
    stop: str = ""
    trigger: str = "touch"
    slip_bps: Fixed = 20 * 10**8
    excess: str = UNWIND

    entry: str = ""
    fired: bool = False
    watched: bool = False
    told: Fixed = 0
    REMEMBERS = Careful.REMEMBERS | {"entry", "fired", "watched", "told"}
    AMENDABLE = frozenset({"tp", "sl", "slip_bps", "trigger", "excess"})
    SENDS_WHILE = frozenset({"paused"})

    def most(self) -> Mapping[tuple[str, bool], Fixed]:
        # Both exits may stand for all that is held, and what raced is taken back once.
        entered = 2 * self.qty if self.enters else self.qty
        return {(self.symbol, self.buys): entered, (self.symbol, not self.buys): 2 * self.qty}

    def wrong(self, desk: Desk) -> str:
        return wrong_of(self, desk)

    # -- what it knows ------------------------------------------------------------------------

    @property
    def exit_side(self) -> str:
        return Side.SELL.value if self.buys else Side.BUY.value

    @property
    def is_synthetic(self) -> bool:
        """Whether the stop is watched here."""
        return self.watched or self.stop == SYNTHETIC

    def held(self, desk: Desk) -> Fixed:
        """What is held and has to be left again; below 0: so much too much has been left."""
        entered = desk.filled(self.symbol, buys=self.buys)
        base = 0 if self.enters else self.qty
        return base + entered - desk.filled(self.symbol, buys=not self.buys)

    def leg(self, desk: Desk, stem: str) -> Mine | None:
        """The exit of that stem that may fill yet."""
        return next((mine for mine in desk.working() if mine.name.startswith(stem)), None)

    def shown(self, desk: Desk) -> dict[str, str]:
        entry = desk.mine(self.entry) if self.entry else None
        found = {"entered": text_of(desk.filled(self.symbol, buys=self.buys))}
        if entry is not None:
            found["entry"] = f"{entry.name}: {text_of(entry.executed)} of {text_of(entry.qty)}"
        found["left_again"] = text_of(desk.filled(self.symbol, buys=not self.buys))
        found["held"] = text_of(self.held(desk))
        for stem, name in (("t", "take_profit"), ("s", "stop_loss"), ("x", "stop_loss")):
            mine = self.leg(desk, stem)
            if mine is not None:
                found[name] = f"{mine.name}: {text_of(mine.open_qty)} open"
        if self.sl is not None:
            way = "watched here" if self.is_synthetic else "an order at the venue"
            found["stop_state"] = "has fired" if self.fired else way
        return found

    # -- events -------------------------------------------------------------------------------

    def on_start(self, desk: Desk) -> Answer:
        if self.sl is not None and not self.stop:
            self.watched = not (self.venue and desk.stops(self.symbol, self.venue))
        if self.enters:
            place = self.place("p", SIDES[self.side], self.qty, self.price)
            self.entry = place.name
            yield place
        else:
            yield from self.decide(desk)

    def on_fill(self, desk: Desk, fill: Filled) -> Answer:
        if desk.state == "ended":
            text = f"{text_of(fill.qty)} of {fill.name} after its end: nothing is sent for it"
            yield Tell(severity="severe", text=text)
        else:
            yield from self.decide(desk)

    def on_refused(self, desk: Desk, refusal: Refusal) -> Answer:
        if refusal.name == self.entry and refusal.act == "place":
            yield Done(why=f"the entry was refused: {refusal.text}")
        elif refusal.name.startswith("s") and refusal.act == "place":
            yield from self.watch_it(desk, refusal.text)
        else:
            yield from super().on_refused(desk, refusal)

    def on_order(self, desk: Desk, mine: Mine) -> Answer:
        if mine.name.startswith("s") and mine.status == OrdStatus.REJECTED and not self.watched:
            yield from self.watch_it(desk, mine.text)
        elif mine.name == self.entry and mine.status == OrdStatus.REJECTED:
            yield from self.decide(desk)
        else:
            yield from super().on_order(desk, mine)

    def watch_it(self, desk: Desk, why: str) -> Iterator[AnyAct]:
        """The venue does not take the stop: it is watched from here."""
        self.watched = True
        text = f"the stop at the venue was turned away ({why}): it is watched here from now on"
        yield Tell(severity="warning", text=text)
        yield from self.decide(desk)

    def on_pause(self, desk: Desk) -> Answer:
        entry = desk.mine(self.entry) if self.entry else None
        if entry is not None and entry.is_open and entry.pending != "cancel":
            yield Cancel(name=entry.name)
        if self.sl is not None and self.is_synthetic:
            yield Tell(severity="warning", text="paused: its stop is not watched")

    def on_stop(self, desk: Desk) -> Answer:
        yield from out(desk)
        if self.held(desk) > 0 and self.told != self.held(desk):
            self.told = self.held(desk)
            text = f"stopped: {text_of(self.held(desk))} {self.symbol} are held without an exit"
            yield Tell(severity="warning", text=text)

    # -- what is done -------------------------------------------------------------------------

    def decide(self, desk: Desk) -> Iterator[AnyAct]:
        if desk.state not in ("running", "paused"):
            return
        held = self.held(desk)
        if held < 0:
            yield from self._too_much(desk, -held)
            return
        self.told = 0
        entry = desk.mine(self.entry) if self.entry else None
        if held == 0 and not (entry is not None and entry.is_open):
            if desk.working():
                yield from out(desk)
            else:
                yield Done(why=self._end(desk, entry))
            return
        if desk.state == RUNNING and self.is_synthetic and not self.fired:
            yield from self._watch(desk)
        if self.fired:
            yield from self._fire(desk, held)
        else:
            yield from self._keep(desk, "t", self.tp, held)
            if not self.is_synthetic:
                yield from self._keep(desk, "s", self.sl, held)
        yield from self.wake(desk)

    def _end(self, desk: Desk, entry: Mine | None) -> str:
        if desk.filled(self.symbol, buys=self.buys) or not self.enters:
            return "all that was held has been left again"
        return f"the entry is out and nothing was entered{_why(entry)}"

    def _keep(self, desk: Desk, stem: str, price: Fixed | None, held: Fixed) -> Iterator[AnyAct]:
        """Let the exit be for what is held, at its price."""
        mine = self.leg(desk, stem)
        if mine is None:
            if price is not None and held > 0 and self.may_send(desk):
                yield self._exit(stem, price, held)
            return
        at = mine.stop_px if stem == "s" else mine.price
        if price is None or held == 0:
            if mine.pending != "cancel":
                yield Cancel(name=mine.name)
        elif mine.open_qty > held or ((mine.open_qty, at) != (held, price) and self.may_send(desk)):
            yield from self._let_be(mine, stem, held, price)

    def _let_be(self, mine: Mine, stem: str, held: Fixed, price: Fixed) -> Iterator[AnyAct]:
        qty = mine.executed + held
        if stem == "s":
            return self.change(mine, qty, stop_px=price)
        return self.change(mine, qty, price)

    def _exit(self, stem: str, price: Fixed, held: Fixed) -> Place:
        if stem == "t":
            return self.place(stem, self.exit_side, held, price)
        return self.place(stem, self.exit_side, held, self.sl_limit, stop_px=price)

    def _watch(self, desk: Desk) -> Iterator[AnyAct]:
        price = self.seen(desk, self.trigger, not self.buys)
        if price is None or self.sl is None or self.held(desk) <= 0:
            return
        if price <= self.sl if self.buys else price >= self.sl:
            self.fired = True
            text = f"{self.trigger} {text_of(price)} reached the stop {text_of(self.sl)}"
            yield Tell(severity="info", text=text)

    def _fire(self, desk: Desk, held: Fixed) -> Iterator[AnyAct]:
        """The take profit goes first: what it may fill yet must not be left twice."""
        resting = [m for m in desk.working() if m.name[0] in "pt" and m.pending != "cancel"]
        for mine in resting:
            yield Cancel(name=mine.name)
        exits = [mine for mine in desk.working() if (mine.side == Side.BUY) != self.buys]
        if not exits and held > 0:
            yield from self.take(desk, "x", self.exit_side, held, self.slip_bps)

    def _too_much(self, desk: Desk, excess: Fixed) -> Iterator[AnyAct]:
        """Both exits have filled, or what was entered was taken back."""
        exits = [mine for mine in desk.working() if mine.pending != "cancel"]
        for mine in exits:
            if not mine.name.startswith("u"):
                yield Cancel(name=mine.name)
        if self.told != excess:
            self.told = excess
            text = f"{text_of(excess)} {self.symbol} too much were left: the position has flipped"
            yield Tell(severity="severe", text=text)
        unwinding = self.leg(desk, "u")
        if self.excess == UNWIND and unwinding is None and desk.state == RUNNING:
            if desk.now < self.next_ns:
                yield from self.wake(desk)
            else:
                side = SIDES[self.side] if self.enters else _other(self.exit_side)
                yield from self.take(desk, "u", side, excess, self.slip_bps)


def _other(side: str) -> str:
    return Side.BUY.value if side == Side.SELL else Side.SELL.value


def _why(entry: Mine | None) -> str:
    return f": {entry.text}" if entry is not None and entry.text else ""
