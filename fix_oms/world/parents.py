"""What is asked of parents that the router sends: new ones, other terms, an end, to go on.

Whoever asks knows a parent's name and no more, and minds nothing: one that is at its end is asked
for other terms as well, and one that is known is given again.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.model import inputs
from fix_oms.model.fix import Side, TimeInForce
from fix_oms.model.units import SCALE, text_of
from fix_oms.world.mixes import LOTS, PRICE, SYMBOLS, TICK
from fix_oms.world.plan import Doing
from fix_oms.world.traders import said

if TYPE_CHECKING:
    from fix_oms.routing.parents import ParentOrder
    from fix_oms.world.world import World

_TIMES: Final = (TimeInForce.DAY, TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)
_SIDES: Final = (Side.BUY, Side.BUY, Side.SELL, Side.SELL, Side.SELL_SHORT)
_SIZES: Final = (20, 40, 60, 60, 100, 150)
NEWEST: Final = 6
"""So many of the parents that live are acted on: the newest."""


def new_of(world: World, draw: Random) -> inputs.NewParent:
    """A routed parent, with a name of its own."""
    world.refs += 1
    symbol = draw.choice(("AAA", "AAA", "AAA", "BBB", "CCC"))
    policies = world.mix.settings.policies
    policy = draw.choice(("", *policies))
    kind = policies[policy].kind if policy else ""
    named = kind == "direct" or draw.random() < 0.02
    lot = LOTS[symbol]
    qty = draw.choice(_SIZES) // lot * lot
    if draw.random() < 0.01:
        qty += lot + 1
    side = draw.choice(_SIDES)
    reaches = draw.random() < 0.6
    nearer = (draw.randint(4, 12) if reaches else draw.randint(-8, 3)) * TICK
    price = PRICE + (nearer if side == Side.BUY else -nearer)
    return inputs.NewParent(
        by="bot",
        ref=f"R{world.refs}",
        symbol=symbol,
        side=side,
        order_qty=qty * SCALE,
        account=draw.choice((None, None, "DESK", "HEDGE")),
        strategy=draw.choice((None, None, "s1", "s2")),
        routed=True,
        policy=policy,
        price=None if draw.random() < 0.15 else price,
        time_in_force=draw.choice(_TIMES),
        venue=draw.choice(SYMBOLS[symbol]) if named else None,
    )


def words_of(parent: inputs.NewParent) -> str:
    """A routed parent in words."""
    side = Side(parent.side).name.lower()
    price = "at any price" if parent.price is None else f"@ {text_of(parent.price)}"
    policy = parent.policy or "the usual policy"
    text = f"{side} {text_of(parent.order_qty)} {parent.symbol} {price} by {policy}"
    return text if parent.venue is None else f"{text} at {parent.venue}"


def new(world: World, draw: Random) -> str:
    command = new_of(world, draw)
    return f"parent {command.ref}, {words_of(command)}: {said(world.ask(command))}"


def known(world: World, draw: Random) -> str:
    """A name that is known is given again, as by a program that lost its memory."""
    parent = some_parent(world, draw, any_age=True)
    if parent is None:
        return ""
    held = parent.held
    command = inputs.NewParent(
        by="bot",
        ref=held.ref,
        symbol=held.symbol,
        side=held.side,
        order_qty=held.order_qty,
        account=held.account,
        strategy=held.strategy or None,
        routed=True,
        policy=parent.policy,
        price=parent.price,
        time_in_force=parent.time_in_force,
        venue=parent.venue or None,
    )
    return f"parent {held.ref} once more: {said(world.ask(command))}"


def some_parent(world: World, draw: Random, *, any_age: bool = False) -> ParentOrder | None:
    """A routed parent to act on: one that lives, or now and then any."""
    if not world.process.is_up:
        return None
    routed = world.engine.state.routed
    held = routed.parents if any_age or draw.random() < 0.1 else routed.live
    return draw.choice(list(held.values())[-NEWEST:]) if held else None


def cancel(world: World, draw: Random) -> str:
    parent = some_parent(world, draw)
    if parent is None:
        return ""
    answer = world.ask(inputs.CancelOrder(by="bot", order=parent.held.ref))
    return f"cancel parent {parent.held.ref}: {said(answer)}"


def replace(world: World, draw: Random) -> str:
    """More or less of it, also less than has executed, another price, or both."""
    parent = some_parent(world, draw)
    if parent is None:
        return ""
    held = parent.held
    lot = LOTS[held.symbol] * SCALE
    changes: dict[str, Any] = {}
    if draw.random() < 0.75:
        share = draw.choice((0.2, 0.5, 0.5, 0.8, 1.3, 2.0))
        changes["order_qty"] = max(lot, int(held.order_qty * share) // lot * lot)
    if parent.price is not None and draw.random() < 0.4:
        changes["price"] = max(TICK, parent.price + draw.randint(-9, 9) * TICK)
    answer = world.ask(inputs.ReplaceOrder(by="bot", order=held.ref, **changes))
    asked = ", ".join(f"{name} {text_of(value)}" for name, value in changes.items())
    return f"replace parent {held.ref} ({asked or 'nothing'}): {said(answer)}"


def resume(world: World, draw: Random) -> str:
    """A person has looked at a parent that is held."""
    if not world.process.is_up:
        return ""
    held = [p for p in world.engine.state.routed.live.values() if p.suspended]
    if not held:
        return ""
    parent = draw.choice(held)
    command = inputs.ResumeParent(by="ann", ref=parent.held.ref, reason="looked at")
    return f"parent {parent.held.ref} is to go on: {said(world.ask(command))}"


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("routed parent", new, 5),
    ("known parent", known, 0.4),
    ("cancel parent", cancel, 1.2),
    ("replace parent", replace, 4),
    ("resume parent", resume, 1.5),
)
