"""What strategies do that nobody would want stopped.

Each is written so that it comes near to one of the bad ones: the market maker sends as much as a
quote stuffer, the hedger pays the spread as a flip-flop does (it earns on the other leg, where this
bucket does not look), the liquidation sells a hundred times in a row, momentum loses more often
than it wins because it pays to get in and out.
"""

from __future__ import annotations

from typing import Final

from bench.conduct.market import SECOND, Behaviour, Tape, log_uniform
from fix_oms.model.units import Fixed


def market_maker(tape: Tape, until: int) -> None:
    """Quotes both sides, moves both with the market, and is run over now and then."""
    _quote(tape, until, log_uniform(tape.random, 0.03, 3))


def _quote(tape: Tape, until: int, step_s: float) -> None:
    random = tape.random
    fills, adverse = random.uniform(0.06, 0.3), random.uniform(0.5, 0.75)
    wide = max(tape.spread / 2, random.uniform(0.5, 1.2) * tape.moves(step_s))
    replaces, most = random.random() < 0.6, random.randint(3, 10)
    tape.holds(most + 1.5)
    quoted = tape.middle
    tape.new(True)
    tape.new(False)
    while len(tape.events) < until:
        tape.wait(random.expovariate(1 / step_s))
        if random.random() < fills:
            fell = tape.middle < quoted
            buys = fell == (random.random() < adverse)
            if abs(tape.position) >= most * tape.clip:
                buys = tape.position < 0
            at = round(quoted - wide - 0.01) if buys else round(quoted + wide + 0.01)
            tape.fill(buys, tape.size(), at, random.choice((1, 1, 2)))
            tape.new(buys)
        if abs(tape.middle - quoted) >= 1:
            quoted = tape.middle
            _requote(tape, replaces)


def _requote(tape: Tape, replaces: bool) -> None:
    for buys in (True, False):
        if replaces:
            tape.replace(buys)
        else:
            tape.cancel(buys)
            tape.new(buys)


def slicer(tape: Tape, until: int) -> None:
    """A parent in time slices: rests first, follows the price, crosses when the slice ends."""
    random, buys = tape.random, tape.random.random() < 0.5
    every_s = log_uniform(random, 2, 90)
    while len(tape.events) < until:
        tape.wait(every_s * random.uniform(0.7, 1.3))
        tape.new(buys)
        for _ in range(random.choice((0, 0, 1, 2, 3))):
            tape.wait(every_s * random.uniform(0.05, 0.2))
            tape.replace(buys)
        if random.random() < 0.15:
            tape.cancel(buys)
            tape.take(buys, tape.size())
        else:
            at = tape.near(buys) + (-tape.spread if buys else tape.spread)
            tape.fill(buys, tape.size(), at, random.choice((1, 1, 2, 4)))


def momentum(tape: Tape, until: int) -> None:
    """Crosses in and out, right as often as wrong before it has paid the spread."""
    # Long enough that the market's move, not the spread, decides: else it is no strategy at all.
    pays = tape.random.uniform(5, 20)
    hold_s = max(10.0, min(900.0, (pays * tape.spread * tape.bp / tape.volatility) ** 2))
    turns = tape.random.random() < 0.4
    qty, buys = tape.size(), tape.random.random() < 0.5
    while len(tape.events) < until:
        tape.take(buys, qty)
        tape.wait(hold_s * tape.random.uniform(0.3, 1.7))
        if turns:  # always in the market: out and in the other way with one order
            qty, buys = 2 * tape.clip, not buys
            continue
        tape.take(not buys, qty)
        tape.wait(hold_s * tape.random.uniform(0.1, 2))
        qty, buys = tape.size(), tape.random.random() < 0.5


def mean_reversion(tape: Tape, until: int) -> None:
    """Rests below for a small gain, cuts what runs away: many small wins, few large losses."""
    random = tape.random
    every_s = log_uniform(random, 4, 120)
    while len(tape.events) < until:
        tape.wait(every_s * random.uniform(0.3, 1.7))
        buys, qty = random.random() < 0.5, tape.size()
        tape.new(buys)
        if random.random() < 0.3:
            tape.wait(every_s * random.uniform(0.1, 0.5))
            tape.cancel(buys)
            continue
        entry = tape.near(not buys)
        tape.fill(buys, qty, entry, random.choice((1, 1, 2)))
        tape.wait(every_s * random.uniform(0.2, 0.8))
        if random.random() < random.uniform(0.55, 0.75):
            gain = random.randint(1, tape.spread + 1)
            tape.new(not buys)
            tape.fill(not buys, qty, entry + (gain if buys else -gain))
        else:
            tape.take(not buys, qty, worse=random.randint(0, 2))


def hedger(tape: Tape, until: int) -> None:
    """Crosses after each fill of another leg; sweeps of that leg come as bursts of one side."""
    random = tape.random
    # A leg that fills faster than its hedge's market moves would pay the spread for nothing.
    slow_s = (tape.spread * tape.bp / tape.volatility) ** 2
    every_s = max(log_uniform(random, 3, 60), random.uniform(4, 12) * slow_s)
    most = random.randint(3, 8)
    tape.holds(most + 20)
    while len(tape.events) < until:
        tape.wait(random.expovariate(1 / every_s))
        buys = random.random() < 0.5
        if abs(tape.position) >= most * tape.clip:
            buys = tape.position < 0
        burst = random.random() < 0.06
        for _ in range(random.randint(5, 25) if burst else 1):
            tape.take(buys, tape.size())
            if burst:
                tape.wait(log_uniform(random, 0.01, 0.2))


def pair(tape: Tape, until: int) -> None:
    """One leg of two: in and out with the spread between them, this leg as often for a loss."""
    random = tape.random
    tape.holds(3 * 1.5)
    hold_s = max(log_uniform(random, 8, 300), 4 * (tape.spread * tape.bp / tape.volatility) ** 2)
    while len(tape.events) < until:
        tape.wait(hold_s * random.uniform(0.2, 1.5))
        buys = random.random() < 0.5
        steps = [tape.size() for _ in range(random.randint(1, 3))]
        for qty in steps:
            _leg(tape, buys, qty)
            tape.wait(hold_s * random.uniform(0.02, 0.2))
        tape.wait(hold_s * random.uniform(0.3, 1.7))
        _leg(tape, not buys, sum(steps))


def _leg(tape: Tape, buys: bool, qty: Fixed) -> None:
    if tape.random.random() < 0.5:
        tape.take(buys, qty)
        return
    tape.new(buys)
    tape.wait(tape.random.uniform(0.2, 3))
    if tape.random.random() < 0.3:
        tape.cancel(buys)
        tape.take(buys, qty)
    else:
        tape.fill(buys, qty, tape.near(not buys))


def liquidation(tape: Tape, until: int) -> None:
    """A position goes, in many slices of one side and at times in a hurry."""
    random, buys = tape.random, tape.random.random() < 0.3
    every_s = log_uniform(random, 0.5, 8)
    hurry = 0
    while len(tape.events) < until:
        hurry = hurry - 1 if hurry else random.choice((0,) * 40 + (15,))
        tape.wait(every_s * random.uniform(0.4, 1.6) / (2.5 if hurry else 1))
        tape.take(buys, tape.size(), worse=random.choice((0, 0, 1)))


def manual(tape: Tape, until: int) -> None:
    """A person: minutes between orders, second thoughts, a nervous quarter of an hour."""
    random = tape.random
    tape.holds(3 + 1.5)
    while len(tape.events) < until:
        nervous = random.random() < 0.2
        tape.wait(random.uniform(1, 8) if nervous else random.uniform(20, 600))
        buys = random.random() < 0.5
        if abs(tape.position) > 3 * tape.clip:
            buys = tape.position < 0
        tape.new(buys)
        for _ in range(random.randint(0, 4 if nervous else 1)):
            tape.wait(random.uniform(0.8, 10))
            tape.replace(buys)
        if random.random() < 0.3:
            tape.wait(random.uniform(1, 30))
            tape.cancel(buys)
        else:
            tape.wait(random.uniform(0.5, 30))
            crosses = random.random() < 0.5
            tape.fill(buys, tape.size(), tape.near(buys if crosses else not buys))


def news(tape: Tape, until: int) -> None:
    """A volatile day: quotes and bets that go five times as fast while the news is fresh."""
    random = tape.random
    while len(tape.events) < until:
        fresh_s, began = random.uniform(10, 60), tape.now
        step_s = log_uniform(random, 0.06, 0.3)
        while tape.now - began < fresh_s * SECOND and len(tape.events) < until:
            if random.random() < 0.7:
                _quote(tape, min(until, len(tape.events) + random.randint(40, 300)), step_s)
            else:
                _bets(tape)
            for buys in (True, False):
                tape.cancel(buys)
        _quote(tape, min(until, len(tape.events) + 150), log_uniform(random, 0.5, 3))


def _bets(tape: Tape) -> None:
    """A few takers in one direction, then out."""
    tape.holds(8 * 1.5)
    random, buys = tape.random, tape.random.random() < 0.5
    taken = 0
    for _ in range(random.randint(1, 8)):
        qty = tape.size()
        tape.take(buys, qty, worse=random.choice((0, 0, 1)))
        taken += qty
        tape.wait(random.uniform(0.1, 1))
    tape.wait(random.uniform(3, 30))
    tape.take(not buys, taken)


GOOD: Final[dict[str, Behaviour]] = {
    "market maker": market_maker,
    "slicer": slicer,
    "momentum": momentum,
    "mean reversion": mean_reversion,
    "hedger": hedger,
    "pair": pair,
    "liquidation": liquidation,
    "manual": manual,
    "news day": news,
}
BEFORE: Final = ("market maker", "momentum", "mean reversion", "hedger", "pair", "manual")
"""What a strategy may have been doing before it went wrong."""
