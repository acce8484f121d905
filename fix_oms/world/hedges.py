"""What is asked of hedges: new ones, a flush, other terms, a pause, to go on, an end.

In every fourth world. Whoever asks knows a hedge's name and no more, as of parents.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.algos.running import ENDED, HELD, PAUSED
from fix_oms.model import inputs
from fix_oms.model.fix import Side, TimeInForce
from fix_oms.model.units import SCALE, text_of
from fix_oms.world.mixes import LOTS, PRICE, SYMBOLS, TICK
from fix_oms.world.plan import Doing
from fix_oms.world.traders import said

if TYPE_CHECKING:
    from fix_oms.algos.running import RunningAlgo
    from fix_oms.world.world import World

EACH: Final = 4
"""Of so many worlds one has hedges."""
KIND: Final = "hedge"


def has_hedges(seed: int) -> bool:
    """Whether the world of this seed does."""
    return seed % EACH == 2


def params_of(world: World, draw: Random) -> dict[str, Any]:
    """What somebody may want of a hedge."""
    maker, cover = draw.choice(("AAA", "AAA", "BBB", "CCC")), draw.choice(("AAA", "BBB", "CCC"))
    policies = (None, *world.mix.settings.policies)
    by_policy = draw.choice(policies) if draw.random() < 0.25 else None
    covers = draw.choice(SYMBOLS[cover])
    side = draw.choice((Side.BUY, Side.SELL))
    reaches = draw.randint(-2, 12) * TICK
    price = PRICE + (reaches if side == Side.BUY else -reaches)
    wanted: dict[str, Any] = {
        "maker_symbol": maker,
        "maker_side": str(side.value),
        "maker_qty": text_of(draw.choice((20, 60, 100, 200)) * SCALE),
        "maker_price": None if draw.random() < 0.1 else text_of(price),
        "maker_tif": draw.choice((TimeInForce.DAY, TimeInForce.DAY, TimeInForce.IOC)).value,
        "hedge_symbol": cover,
        "hedge_account": draw.choice(("", "HEDGE")),
        "hedge_side": draw.choice(("opposite", "opposite", "opposite", "same")),
        "hedge_type": draw.choice(("marketable", "marketable", "market", "limit", "limit")),
        "slippage_bps": draw.choice(("0", "10", "100")),
        "slippage_from": draw.choice(("touch", "reference")),
        "ratio": draw.choice(("1", "1", "0.5", "1/3", "0.07")),
        "by": draw.choice(("exposure", "quantity")),
        "provisional": draw.random() < 0.2,
        "on_trouble": draw.choice(("retry", "retry", "alert", "flatten")),
        "retries": draw.randint(0, 4),
        "retry_ms": draw.choice((50, 250)),
        "timeout_ms": draw.choice((500, 3000)),
    }
    wanted |= _to(draw, "maker", maker, by_policy)
    if draw.random() < 0.2:
        wanted |= {"hedge_policy": draw.choice(("", *world.mix.settings.policies))}
    else:
        wanted |= {"hedge_venue": covers}
        others = [name for name in SYMBOLS[cover] if name != covers]
        if others and draw.random() < 0.4:
            wanted |= {"on_trouble": "venue", "other_venues": others}
    buys = (side == Side.BUY) == (wanted["hedge_side"] == "same")
    far = draw.randint(-3, 12) * TICK
    if wanted["hedge_type"] == "limit" or draw.random() < 0.3:
        wanted["hedge_limit"] = text_of(PRICE + (far if buys else -far))
    return wanted


def _to(draw: Random, leg: str, symbol: str, policy: str | None) -> dict[str, Any]:
    if policy is None:
        return {f"{leg}_venue": draw.choice(SYMBOLS[symbol])}
    return {f"{leg}_policy": policy}


def new(world: World, draw: Random) -> str:
    world.refs += 1
    params = params_of(world, draw)
    ref, strategy = f"H{world.refs}", draw.choice((None, None, "s1"))
    command = inputs.NewAlgo(by="bot", ref=ref, kind=KIND, params=params, strategy=strategy)
    lot = LOTS[params["hedge_symbol"]]
    words = f"{params['ratio']} of {params['maker_qty']} {params['maker_symbol']}"
    to = params.get("hedge_venue") or "any venue"
    words = f"{words} in {params['hedge_symbol']} (lot {lot}) at {to}"
    return f"hedge {ref}, {words}: {said(world.ask(command))}"


def some_hedge(world: World, draw: Random, *states: str) -> RunningAlgo | None:
    """One to act on: in one of these states, or any that has not ended."""
    if not world.process.is_up:
        return None
    live = world.engine.state.algos.live.values()
    found = [x for x in live if x.state in states or (not states and x.state != ENDED)]
    return draw.choice(found[-4:]) if found else None


def flush(world: World, draw: Random) -> str:
    hedge = some_hedge(world, draw)
    if hedge is None:
        return ""
    params = {"round": draw.choice(("down", "up"))}
    command = inputs.TellAlgo(by="bot", ref=hedge.ref, word="flush", params=params)
    return f"flush {hedge.ref} {params['round']}: {said(world.ask(command))}"


def amend(world: World, draw: Random) -> str:
    hedge = some_hedge(world, draw)
    if hedge is None:
        return ""
    changes: dict[str, Any] = draw.choice(
        (
            {"maker_price": text_of(PRICE + draw.randint(-4, 8) * TICK)},
            {"maker_qty": text_of(draw.choice((40, 120, 300)) * SCALE)},
            {"slippage_bps": "200"},
            {"retries": 2, "on_trouble": "retry"},
        )
    )
    command = inputs.AmendAlgo(by="bot", ref=hedge.ref, params=changes)
    return f"amend {hedge.ref} {changes}: {said(world.ask(command))}"


def pause(world: World, draw: Random) -> str:
    hedge = some_hedge(world, draw)
    if hedge is None:
        return ""
    return f"pause {hedge.ref}: {said(world.ask(inputs.PauseAlgo(by='ann', ref=hedge.ref)))}"


def resume(world: World, draw: Random) -> str:
    hedge = some_hedge(world, draw, PAUSED, HELD)
    if hedge is None:
        return ""
    return f"resume {hedge.ref}: {said(world.ask(inputs.ResumeAlgo(by='ann', ref=hedge.ref)))}"


def stop(world: World, draw: Random) -> str:
    hedge = some_hedge(world, draw)
    if hedge is None:
        return ""
    return f"stop {hedge.ref}: {said(world.ask(inputs.StopAlgo(by='ann', ref=hedge.ref)))}"


def cover_all(world: World) -> None:
    """At the end of a day: what is held goes on, and what is owed is sent once more."""
    for ref, hedge in list(world.engine.state.algos.live.items()):
        if hedge.state in (PAUSED, HELD):
            world.ask(inputs.ResumeAlgo(by="ann", ref=ref))
        world.ask(inputs.TellAlgo(by="ann", ref=ref, word="flush"))


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("hedge", new, 6),
    ("flush hedge", flush, 1.5),
    ("amend hedge", amend, 1),
    ("pause hedge", pause, 0.7),
    ("resume hedge", resume, 3),
    ("stop hedge", stop, 0.7),
)
