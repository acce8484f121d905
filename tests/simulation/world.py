"""One market maker, one gate, one or two venues and a market, in virtual time from one seed.

The gate is the engine itself, over FIX text; the market (``market``) is venues and takers around a
reference that walks at random.

Every source of chance has a generator of its own, so one seed gives the same market, the same cuts
and the same fate of the n-th position message whoever stands in front of the market.

The venues' record says at each execution how far the position is from zero (``furthest``). On each
cycle of the bot it is checked that the gate's worst case covers what could still happen at the
venues, and keeps within the limit itself; at each kill of the gate, that its journal replays to the
same answers (``wrong``).
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import OrdType, Side
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Alert, Changed, Output, Refused, Send
from fix_oms.model.units import SCALE
from fix_oms.positions.position import Position
from fix_oms.world.clock import Act, Clock, chance
from tests.engine.desk import plain_settings
from tests.simulation.links import Channel
from tests.simulation.market import DESK, TICK, Market, Record
from tests.simulation.market_maker import (
    Amend,
    Answered,
    Cancel,
    Command,
    Cycle,
    Habits,
    MarketMaker,
    OrderSaid,
    Place,
    PositionSaid,
)
from tests.simulation.mixes import LIMIT, Guard, Mix

SECOND: Final = 1_000_000_000
START: Final = 1_700_000_000 * SECOND
CYCLE_MS: Final = 500
TICK_MS: Final = 250
WALK_MS: Final = 100
RESERVED_SIDES: Final = 3
"""A careful bot stops short of the limit by so many times what it quotes on a side: once for what
it quotes, once for what has filled since the position message, once for what is asked out and not
out yet. On a healthy feed that is enough: it then asks for nothing beyond the limit."""
AWAY: Final = {"order_state", "order", "terms"}
"""Refusals by which the order is not there any more as the bot believes it."""


def gate_limits(**limits: str) -> list[dict[str, Any]]:
    """The gate's limits. Those of the feed are what a healthy one needs: at most 11 executions
    were unconfirmed in 24 minutes of it, and what it can be ahead of us by is what one side quotes
    (12 lots, twice that of one venue); one message is due each quarter of a second."""
    wanted = {
        "position_limit": str(LIMIT),
        "unconfirmed_fills": "20",
        "position_break": "12",
        "position_feed": "2",
        **limits,
    }
    return [{"control": control, "limit": limit} for control, limit in wanted.items()]


class World:
    """A run. ``blocks`` counts refused orders of the bot by control, ``wrong`` is what no run may
    show, ``taken`` is everything that the gate took, with what it answered."""

    def __init__(
        self,
        seed: int,
        mix: Mix,
        guard: Guard = Guard.GATE,
        limits: list[dict[str, Any]] | None = None,
    ) -> None:
        self.seed: Final = seed
        self.mix: Final = mix
        self.guard: Final = guard
        self.clock: Final = Clock(START)
        self.record: Final = Record()
        self.engine = Engine()
        self.ticks = 10_000
        self.trading = True
        self.blocks: Counter[str] = Counter()
        self.answers: list[tuple[int, Command, str, bool]] = []
        self.wrong: list[str] = []
        self.taken: list[tuple[int, inputs.Input, list[Output]]] = []
        self.peaks: Counter[str] = Counter()
        self.markets: Final = {
            name: Market(
                name,
                mix,
                seed=seed,
                clock=self.clock,
                record=self.record,
                give=self.give,
                ticks=lambda: self.ticks,
            )
            for name in mix.venues
        }
        side = Habits(venues=mix.venues, most=0, **mix.habits).side_lots
        most = LIMIT - RESERVED_SIDES * side if mix.careful else LIMIT
        self.bot: Final = MarketMaker(Habits(venues=mix.venues, most=most, **mix.habits))
        self.positions: Final = Channel(self.clock, chance(seed, "positions"), mix.positions)
        self.orders: Final = Channel(self.clock, chance(seed, "orders"), mix.orders)
        self._cuts: Final = chance(seed, "cuts")
        self._walk: Final = chance(seed, "walk")
        self._kills: Final = chance(seed, "kills")
        self._stuck: inputs.Holding | None = None
        self._told = 0
        self._run = 0
        self._start(limits if limits is not None else gate_limits())

    def _start(self, limits: list[dict[str, Any]]) -> None:
        settings = plain_settings(limits=limits if self.guard is Guard.GATE else [])
        settings["sessions"]["BETA"]["version"] = "FIX.4.4"
        settings["sessions"]["BETA"]["supports"] = {"mass_status": False, "mass_cancel": False}
        for session in settings["sessions"].values():
            session["answer_timeout_s"] = 2
        self._settings = settings
        self._begin()
        for market in self.markets.values():
            market.session.join()
            market.later()
        for from_s, to_s in self.mix.outages:
            self.clock.at(START + int(from_s * SECOND), lambda: self._outage(True))
            self.clock.at(START + int(to_s * SECOND), lambda: self._outage(False))
        self.clock.after_ms(50, self._tick)
        self.clock.after_ms(20, self._publish)
        self.clock.after_ms(10, self._step_reference)
        self.clock.after_ms(300, self._cycle)
        self._later(self._cuts, self.mix.cuts_per_min, self._cut)
        self._later(self._kills, self.mix.kills_per_min, self._kill)

    def _begin(self) -> None:
        """A process begins."""
        self._run += 1
        self.give(inputs.Started(run=self._run, version="test", settings=self._settings))

    def _later(self, draw: random.Random, per_min: float, act: Act) -> None:
        if per_min:
            self.clock.after_ms(draw.expovariate(per_min / 60_000), act)

    # -- running ------------------------------------------------------------------------------

    def run(self, seconds: float) -> World:
        """Let it trade."""
        self.clock.run(self.clock.now + int(seconds * SECOND), self._check)
        return self

    def settle(self, seconds: float = 25) -> World:
        """Nobody trades any more; what is on the way arrives, what is in doubt is asked about."""
        self.trading = False
        for market in self.markets.values():
            market.trading = False
        return self.run(seconds)

    def telephone(self) -> int:
        """A person asks the venues what became of the requests in doubt, and says so. Returns of
        how many."""
        doubtful = [
            (order, request)
            for order in list(self.engine.state.book.open.values())
            for request in order.outstanding()
            if request.doubt
        ]
        for order, request in doubtful:
            known = self.markets[order.session].venue.ids
            if (DESK, request.cl_ord_id) in known:
                self.wrong.append(f"{request.cl_ord_id} was answered, and is in doubt")
            said = inputs.Resolve(
                by="ann",
                order=order.reference,
                request=request.cl_ord_id,
                outcome="refused",
                reason="it never came, they say",
            )
            self.give(said)
        return len(doubtful)

    def clear(self) -> World:
        """Everything that is open is asked out, and that arrives."""
        self.give(inputs.MassCancel(by="ann"))
        return self.run(25)

    def ends(self) -> tuple[int, int, int]:
        """As :meth:`could`, by what the gate knows."""
        held = self.held
        return held.quantity, held.longest, held.shortest

    @property
    def held(self) -> Position:
        """The position as the gate knows it."""
        return self.engine.state.ledger.position("DESK", "AAPL")

    @property
    def furthest(self) -> int:
        """The furthest from zero that the position has been, in lots, by the venues' record."""
        return self.record.furthest // SCALE

    def could(self) -> tuple[int, int, int]:
        """By the venues' own orders: the position, and the ends of what it could come to."""
        parts = [market.could() for market in self.markets.values()]
        held, opened, offered = (sum(part[n] for part in parts) for n in range(3))
        return held, held + opened, held - offered

    def log(self) -> str:
        """Everything that the gate took and answered, as text."""
        return "\n".join(f"{now} {value} {out}" for now, value, out in self.taken)

    def _check(self) -> None:
        feed = self.engine.state.gate.lanes.feeds.get(("DESK", "AAPL"))
        if feed is not None:
            for name in ("unconfirmed", "unproven", "difference"):
                self.peaks[name] = max(self.peaks[name], abs(getattr(feed, name)))

    # -- what happens by itself ---------------------------------------------------------------

    def _outage(self, begins: bool) -> None:
        if self.mix.sticks:
            self._stuck = self._holding() if begins else None
        else:
            self.positions.silent = begins

    def _step_reference(self) -> None:
        self.ticks += self._walk.choice((-1, 0, 0, 1))
        self.clock.after_ms(WALK_MS, self._step_reference)

    def _tick(self) -> None:
        if self.engine.is_due(self.clock.now):
            self.give(inputs.Tick())
        self.clock.after_ms(TICK_MS, self._tick)

    def _cut(self) -> None:
        draw = self._cuts
        market = self.markets[draw.choice(self.mix.venues)]
        noticed, back = draw.uniform(*self.mix.noticed_ms), draw.uniform(*self.mix.back_ms)
        if self.trading:
            market.session.cut(noticed, back)
            self._later(draw, self.mix.cuts_per_min, self._cut)

    def _kill(self) -> None:
        """The gate dies; its journal is replayed, and it must come to say the same."""
        back = self._kills.uniform(*self.mix.back_ms)
        if not self.trading:
            return
        for market in self.markets.values():
            market.session.cut(0, back)
        self.engine = Engine()
        for now, value, out in self.taken:
            if self.engine.step(now, value) != out:
                self.wrong.append(f"{now}: a replay of {type(value).__name__} says something else")
        self._begin()
        self._later(self._kills, self.mix.kills_per_min, self._kill)

    def _publish(self) -> None:
        """The position as the venues have it now leaves to whoever is told."""
        row = self._stuck or self._holding()
        self.positions.put(lambda: self._position_arrives(row))
        self.clock.after_ms(self.mix.period_ms, self._publish)

    def _holding(self) -> inputs.Holding:
        self._told += 1
        marks, now = self.mix.marks, self.clock.now
        return inputs.Holding(
            account="DESK",
            symbol="AAPL",
            quantity=self.record.position,
            as_of_ns=now if "as_of" in marks else 0,
            exec_id=self.record.last_exec_id if "exec_id" in marks else "",
            seq=self._told if "seq" in marks else 0,
        )

    def _position_arrives(self, row: inputs.Holding) -> None:
        self.give(inputs.TellPositions(by="feed", source="feed", rows=(row,)))
        self.bot.hear(self.clock.now, PositionSaid(row.quantity // SCALE))

    # -- the bot ------------------------------------------------------------------------------

    def _cycle(self) -> None:
        if not self.trading:
            return
        for command in self.bot.hear(self.clock.now, Cycle(self.ticks)):
            self._do(command)
        self._check_cover()
        self.clock.after_ms(CYCLE_MS, self._cycle)

    def _check_cover(self) -> None:
        """Whatever could happen at the venues is within what the gate reckons with."""
        held, longest, shortest = self.could()
        ours, now = self.held, (self.clock.now - START) / SECOND
        if held != self.record.position:
            self.wrong.append(f"{now}: the record is {self.record.position}, the orders say {held}")
        if longest > ours.longest or shortest < ours.shortest:
            ends = f"{shortest} to {longest}, the gate's {ours.shortest} to {ours.longest}"
            self.wrong.append(f"{now}: the venues' ends are {ends}")
        if self.guard is Guard.GATE and max(ours.longest, -ours.shortest) > LIMIT * SCALE:
            self.wrong.append(f"{now}: the gate's ends are {ours.shortest} to {ours.longest}")

    def _do(self, command: Command) -> None:
        reduces = self._reduces(command)
        control = "" if self._passes(command) else "naive"
        if not control:
            said = self.give(self._as_input(command))
            answer = next(o for o in said if isinstance(o, Accepted | Refused))
            control = answer.control if isinstance(answer, Refused) else ""
        self.answers.append((self.clock.now, command, control, reduces))
        if control and isinstance(command, Place | Amend) and control not in AWAY:
            self.blocks[control] += 1
        self.bot.hear(self.clock.now, Answered(command, not control, control in AWAY))

    def _reduces(self, command: Command) -> bool:
        """Whether a new order can only bring the position nearer to zero."""
        if not isinstance(command, Place):
            return False
        qty, held = command.lots * SCALE, self.held
        return held.longest + qty <= 0 if command.buys else held.shortest - qty >= 0

    def _passes(self, command: Command) -> bool:
        """The naive checks, where one of them stands in front of the market."""
        if self.guard is Guard.GATE or not isinstance(command, Place | Amend):
            return True
        more = command.lots if isinstance(command, Place) else command.more
        if self.guard is Guard.OWN_VIEW:
            more += self.bot.open_lots(command.buys)
        could = self.bot.position + more if command.buys else more - self.bot.position
        return could <= LIMIT

    def _as_input(self, command: Command) -> inputs.Command:
        match command:
            case Place():
                terms = Terms(
                    symbol="AAPL",
                    side=Side.BUY if command.buys else Side.SELL,
                    order_qty=command.lots * SCALE,
                    ord_type=OrdType.LIMIT,
                    price=command.ticks * TICK,
                )
                return inputs.NewOrder(
                    by="bot", terms=terms, venue=command.venue, client_ref=command.ref
                )
            case Amend():
                qty, price = command.lots * SCALE, command.ticks * TICK
                return inputs.ReplaceOrder(by="bot", order=command.ref, order_qty=qty, price=price)
            case Cancel():
                return inputs.CancelOrder(by="bot", order=command.ref)
            case _:
                return inputs.MassCancel(by="bot")

    # -- the gate -----------------------------------------------------------------------------

    def give(self, value: inputs.Input) -> list[Output]:
        """The gate takes one input; what it sends leaves."""
        out = self.engine.step(self.clock.now, value)
        self.taken.append((self.clock.now, value, out))
        for said in out:
            if isinstance(said, Changed):
                self._tell_of(said.order)
            elif isinstance(said, Send):
                self.markets[said.session].session.leave(said)
            elif isinstance(said, Alert):
                assert said.code != "fault", f"seed {self.seed}, {self.mix.name}: {said.text}"
        return out

    def _tell_of(self, reference: str) -> None:
        """The bot is told how its order stands."""
        order = self.engine.state.book.by_cl_ord_id(reference)
        if order is not None and order.client_ref:
            said = OrderSaid(order.client_ref, order.cum_qty // SCALE, order.leaves_qty // SCALE)
            self.orders.put(lambda: self._order_arrives(said))

    def _order_arrives(self, said: OrderSaid) -> None:
        self.bot.hear(self.clock.now, said)
