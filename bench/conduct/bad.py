"""What strategies do when they have gone wrong, and when a person who saw it would say "stop".

Each kind has an event that makes it bad (a round trip that only pays the spread, a message that
nobody trades on, an order that repeats the last). After so many of them a person would stop it;
after ``HARM`` times as many the harm is done and the stream ends. Stopped by then it is caught.
``bleeder`` has two, whichever comes first: trips, and money lost, in basis points of the value of
the largest position that the desk lets it hold.

A loop is one only while it is faster than the market. Where the market moves by more than the
spread between its buy and its sell, it wins nearly as often as it loses, and no figure made from
its orders and executions tells it from a bet: that is for the loss limit and the position limit.

The numbers were fixed on the training streams, before any held-out stream was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bench.conduct.market import Tape, log_uniform

HARM: Final = 3
"""So many times what a person would have stopped is too late."""

TRIPS: Final = 15
MESSAGES: Final = 300
ORDERS: Final = 40
SLOW_TRIPS: Final = 50
BASIS_POINTS: Final = 200


def crossing_loop(tape: Tape) -> None:
    """Buys at the offer and sells at the bid, again and again."""
    random = tape.random
    every_s = _faster_than_the_market(tape)
    for _ in range(HARM * TRIPS):
        qty = tape.size()
        tape.take(True, qty)
        tape.wait(every_s * random.uniform(0.5, 1.5))
        # The way out may fill in part only, so that the position never is flat again.
        tape.take(False, qty if random.random() < 0.7 else qty * random.randint(50, 99) // 100)
        tape.wait(every_s * random.uniform(0.5, 1.5))


def wrong_signal(tape: Tape) -> None:
    """Two strategies on one signal that turns at each tick: both turn around, again and again."""
    random = tape.random
    every_s = _faster_than_the_market(tape)
    buys = random.random() < 0.5
    for _ in range(HARM * TRIPS):
        for _ in range(2):
            tape.take(buys, tape.size())
            tape.wait(random.uniform(0, 0.2) * every_s)
        tape.wait(every_s * random.uniform(0.4, 1.6))
        if random.random() < 0.95:
            buys = not buys


def _faster_than_the_market(tape: Tape) -> float:
    still_s = (tape.random.uniform(0.1, 0.5) * tape.spread / tape.moves(1)) ** 2
    return min(log_uniform(tape.random, 0.02, 1.2), still_s)


def spammer(tape: Tape) -> None:
    """New orders that nobody can trade with, as fast as it can."""
    random = tape.random
    rate = log_uniform(random, 20, 500)
    buys, fills = random.random() < 0.5, random.uniform(0, 0.001)
    for _ in range(HARM * MESSAGES):
        tape.wait(random.expovariate(rate))
        tape.new(buys if random.random() < 0.9 else not buys)
        if random.random() < fills:
            tape.fill(buys, tape.size(), tape.near(not buys))


def replace_storm(tape: Tape) -> None:
    """One order, changed and changed again; now and then canceled and sent anew."""
    random = tape.random
    rate, anew = log_uniform(random, 20, 500), random.uniform(0, 0.5)
    buys, fills = random.random() < 0.5, random.uniform(0, 0.001)
    tape.new(buys)
    for _ in range(HARM * MESSAGES):
        tape.wait(random.expovariate(rate))
        if random.random() < anew:
            tape.cancel(buys)
            tape.new(buys)
        else:
            tape.replace(buys)
        if random.random() < fills:
            tape.fill(buys, tape.size(), tape.near(not buys))
            tape.new(buys)


def stuffer(tape: Tape) -> None:
    """Quotes on both sides that are gone before anybody can reach them; a trade in hundreds."""
    random = tape.random
    rate, fills = log_uniform(random, 15, 300), random.uniform(0, 0.0015)
    for _ in range(HARM * MESSAGES // 2):
        tape.wait(random.expovariate(rate))
        buys = random.random() < 0.5
        tape.new(buys)
        if random.random() < fills:
            tape.fill(buys, tape.size(), tape.near(not buys))
            continue
        tape.wait(log_uniform(random, 0.0005, 0.01))
        tape.cancel(buys)


def runaway(tape: Tape) -> None:
    """A child for a parent that is filled already, and another, and another."""
    random = tape.random
    rate, buys = log_uniform(random, 8, 100), random.random() < 0.5
    misses, lulls = random.uniform(0, 0.2), random.random() < 0.5
    executed = 0
    while executed < HARM * ORDERS:
        tape.wait(random.expovariate(rate))
        if random.random() < misses:
            tape.new(buys)
            tape.cancel(buys)
            continue
        tape.take(buys, tape.size())
        executed += 1
        if lulls and random.random() < 0.02:
            tape.wait(random.uniform(0.2, 1))


def bleeder(tape: Tape) -> None:
    """Round trips that lose slowly and steadily, with a win between now and then."""
    random = tape.random
    every_s = log_uniform(random, 1, 25)
    wins, worse = random.uniform(0, 0.12), random.randint(0, 3)
    lost_bp, trips = 0.0, 0
    while lost_bp < HARM * BASIS_POINTS and trips < HARM * SLOW_TRIPS:
        buys, qty = random.random() < 0.5, tape.size()
        tape.take(buys, qty, worse)
        entry = tape.events[-1].px // tape.tick
        tape.wait(every_s * random.uniform(0.3, 1))
        gain = random.randint(1, 4) if random.random() < wins else -tape.spread - 2 * worse
        tape.new(not buys)
        tape.fill(not buys, qty, entry + (gain if buys else -gain))
        tape.wait(every_s * random.uniform(0.1, 1))
        lost_bp -= gain * tape.bp * qty / tape.largest
        trips += 1


BAD: Final[dict[str, Callable[[Tape], None]]] = {
    "crossing loop": crossing_loop,
    "wrong signal": wrong_signal,
    "order spammer": spammer,
    "replace storm": replace_storm,
    "quote stuffer": stuffer,
    "runaway sender": runaway,
    "bleeder": bleeder,
}
