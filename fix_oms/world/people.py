"""What the desk, risk and support do beside trading: halts, limits, questions, statements.

``DEEDS`` are of every world. ``LOOSE`` change what an order may come to by a person's word, so a
calm world, whose positions must stay within their limits whatever fills, does without them.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.model import inputs
from fix_oms.model.units import SCALE
from fix_oms.world.limits import drawn_limits
from fix_oms.world.mixes import PRICE, TICK
from fix_oms.world.plan import Doing
from fix_oms.world.traders import said, some_order

if TYPE_CHECKING:
    from fix_oms.world.world import World

_SCOPES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"symbol": "AAA"},
    {"venue": "BETA"},
    {"account": "HEDGE"},
    {"strategy": "s1"},
    {"symbol": "AAA", "venue": "ALPHA"},
)


def halt(world: World, draw: Random) -> str:
    """Halt or kill a scope, and lift it some time later."""
    scope = draw.choice(_SCOPES)
    kills = draw.random() < 0.5
    made = inputs.Kill if kills else inputs.Halt
    answer = world.ask(made(by="ann", reason="a look", **scope))
    lift = inputs.Resume(by="ann", reason="looked", **scope)
    wait_ms = draw.choice((50.0, 400.0, 1500.0))
    world.clock.after_ms(wait_ms, lambda: world.ask(lift))
    return f"{'kill' if kills else 'halt'} {scope} for {wait_ms:.0f} ms: {said(answer)}"


def ask_status(world: World, draw: Random) -> str:
    """Ask a broker about one order, or all."""
    order = some_order(world, draw) if world.process.is_up else None
    if order is None or draw.random() < 0.4:
        name = draw.choice(list(world.brokers))
        return f"ask {name} about all: {said(world.ask(inputs.AskStatus(by='ann', session=name)))}"
    answer = world.ask(inputs.AskStatus(by="ann", order=order.reference))
    return f"ask about {order.reference}: {said(answer)}"


def reference(world: World, draw: Random) -> str:
    """The reference price of a symbol moves."""
    symbol = draw.choice(("AAA", "BBB", "CCC"))
    price = PRICE + draw.randint(-150, 150) * TICK
    answer = world.ask(inputs.SetReference(by="ann", symbol=symbol, price=price))
    return said(answer)


def rate(world: World, draw: Random) -> str:
    """The rate of a currency moves."""
    value = SCALE + draw.randint(0, 30) * TICK
    return said(world.ask(inputs.SetRate(by="ann", currency="EUR", rate=value)))


def balance(world: World, draw: Random) -> str:
    """An account's money is stated."""
    rows = tuple(
        inputs.Funds(account=account, currency="USD", available=draw.randint(1000, 30000) * SCALE)
        for account in ("DESK", "HEDGE")
    )
    if draw.random() < 0.5:
        return said(world.ask(inputs.SetBalances(by="ann", source="clearer", rows=rows)))
    row = rows[0]
    return said(
        world.ask(
            inputs.SetBalance(
                by="ann", account=row.account, currency="USD", available=row.available
            )
        )
    )


def tell_positions(world: World, draw: Random) -> str:
    """A feed says what the account holds: what the venues have executed; now and then it errs."""
    symbol = draw.choice(("AAA", "BBB"))
    quantity = world.laws.truth(symbol, "DESK")
    if draw.random() < 0.1:
        quantity += 25 * SCALE
    row = inputs.Holding(account="DESK", symbol=symbol, quantity=quantity, as_of_ns=world.clock.now)
    command = inputs.TellPositions(by="feed", source="feed", rows=(row,))
    return f"the feed says {symbol} {quantity // SCALE}: {said(world.ask(command))}"


def rearm(world: World, draw: Random) -> str:
    """What has latched is re-armed."""
    if not world.process.is_up:
        return ""
    limits = world.engine.state.gate.limits.in_force()
    if not limits:
        return ""
    answer = world.ask(inputs.Rearm(by="ann", limit=draw.choice(list(limits)), reason="looked at"))
    return said(answer)


def dont_know(world: World, draw: Random) -> str:
    """An execution is not accepted."""
    order = some_order(world, draw, any_age=True) if world.process.is_up else None
    if order is None or not order.executions.trades:
        return ""
    exec_id = draw.choice(list(order.executions.trades))
    command = inputs.DontKnow(by="ann", order=order.reference, exec_id=exec_id, dk_reason="A")
    return f"don't know {exec_id}: {said(world.ask(command))}"


def wait(world: World, draw: Random) -> str:
    """Nobody does anything for a while: whatever was asked for has its time for an answer."""
    seconds = draw.choice((1, 3, 3, 8))
    world.hold(seconds)
    return f"{seconds} s pass"


def set_limits(world: World, draw: Random) -> str:
    """Limits are changed while orders work."""
    put = tuple(drawn_limits(draw, "rough")[:2])
    if not put or not world.process.is_up:
        return ""
    put = tuple({**limit, "id": f"S{n}"} for n, limit in enumerate(put))
    held = list(world.engine.state.gate.limits.in_force())
    remove = (draw.choice(held),) if held and draw.random() < 0.3 else ()
    command = inputs.SetLimits(by="ann", reason="a new day", put=put, remove=remove)
    return said(world.ask(command))


def override(world: World, draw: Random) -> str:
    """A soft limit lets some orders pass."""
    if not world.process.is_up:
        return ""
    soft = [x.name for x in world.engine.state.gate.limits.in_force().values() if x.soft]
    if not soft:
        return ""
    command = inputs.Override(by="ann", limit=draw.choice(soft), reason="known", uses=2, for_s=5)
    return said(world.ask(command))


def open_positions(world: World, draw: Random) -> str:
    """The positions that the day starts with are stated."""
    row = inputs.Holding(
        account="DESK", symbol="AAA", quantity=draw.randint(-50, 50) * SCALE, px=PRICE
    )
    return said(world.ask(inputs.OpenPositions(by="ann", source="clearer", rows=(row,))))


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("halt", halt, 0.8),
    ("ask status", ask_status, 1.5),
    ("reference", reference, 2),
    ("rate", rate, 0.3),
    ("balance", balance, 1),
    ("position feed", tell_positions, 2),
    ("re-arm", rearm, 1),
    ("don't know", dont_know, 0.3),
    ("wait", wait, 0.7),
)
LOOSE: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("set limits", set_limits, 0.5),
    ("override", override, 0.7),
    ("opening positions", open_positions, 0.1),
)
