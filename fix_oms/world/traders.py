"""What strategies ask for: orders of every kind, replaces, cancels, and again what nobody answered.

They know no more than a strategy would, and mind nothing: what may leave is the gate's business.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.model import inputs
from fix_oms.model.fix import OrdType, Side, TimeInForce
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, text_of
from fix_oms.world.mixes import LOTS, PRICE, SYMBOLS, TICK
from fix_oms.world.plan import Doing

if TYPE_CHECKING:
    from fix_oms.orders.order import Order
    from fix_oms.world.world import World

_TIMES: Final = (
    TimeInForce.DAY,
    TimeInForce.DAY,
    TimeInForce.DAY,
    TimeInForce.GTC,
    TimeInForce.IOC,
    TimeInForce.FOK,
)
_KINDS: Final = (
    OrdType.LIMIT,
    OrdType.LIMIT,
    OrdType.LIMIT,
    OrdType.LIMIT,
    OrdType.MARKET,
    OrdType.STOP,
    OrdType.STOP_LIMIT,
)
_SIDES: Final = (Side.BUY, Side.BUY, Side.BUY, Side.SELL, Side.SELL, Side.SELL, Side.SELL_SHORT)


def said(answer: Accepted | Refused | None) -> str:
    """What came of asking."""
    if answer is None:
        return "nobody is there"
    if isinstance(answer, Refused):
        return f"refused ({answer.control}): {answer.text}"
    return answer.text


def terms_of(draw: Random, symbol: str, **more: Any) -> Terms:
    """What somebody may want of a symbol."""
    kind = draw.choice(_KINDS)
    lots = draw.randint(1, 12)
    qty = lots * 5 * LOTS[symbol] * SCALE // (5 if symbol != "AAA" else 1)
    odd = draw.random()
    if odd < 0.01:
        qty += SCALE // 2
    price = PRICE + draw.randint(-20, 20) * TICK + (TICK // 2 if 0.01 < odd < 0.02 else 0)
    if odd > 0.97:
        qty *= 20
    stop = PRICE + draw.randint(-10, 10) * TICK
    wanted: dict[str, Any] = {
        "symbol": symbol,
        "side": draw.choice(_SIDES),
        "order_qty": qty,
        "ord_type": kind,
        "price": price if kind in (OrdType.LIMIT, OrdType.STOP_LIMIT) else None,
        "stop_px": stop if kind in (OrdType.STOP, OrdType.STOP_LIMIT) else None,
        "time_in_force": draw.choice(_TIMES),
        "account": draw.choice((None, None, "DESK", "HEDGE")),
    }
    return Terms(**wanted | more)


def order_of(world: World, draw: Random, **more: Any) -> inputs.NewOrder:
    """A new order, with a name of its own."""
    symbol = draw.choice(("AAA", "AAA", "AAA", "BBB", "CCC"))
    world.refs += 1
    venue = draw.choice((None, *SYMBOLS[symbol]))
    terms = more.pop("terms", None) or terms_of(draw, symbol)
    strategy = draw.choice((None, None, "s1", "s2"))
    wanted: dict[str, Any] = {
        "by": "bot",
        "terms": terms,
        "venue": venue,
        "strategy": strategy,
        "client_ref": f"r{world.refs}" if draw.random() < 0.5 else None,
    }
    return inputs.NewOrder(**wanted | more)


def words_of(order: inputs.NewOrder) -> str:
    """An order in words."""
    terms = order.terms
    side, kind = Side(terms.side).name.lower(), OrdType(terms.ord_type).name.lower()
    price = "" if terms.price is None else f" @ {text_of(terms.price)}"
    cash = terms.cash_order_qty
    qty = text_of(terms.order_qty) if cash is None else f"{text_of(cash)} worth of"
    return f"{side} {qty} {terms.symbol}{price} {kind} on {order.venue or 'any venue'}"


def new_order(world: World, draw: Random) -> str:
    order = order_of(world, draw)
    return f"{words_of(order)}: {said(world.ask(order))}"


def same_order(world: World, draw: Random) -> str:
    """The same order once or twice more, as by a finger that is too heavy."""
    order = order_of(world, draw, client_ref=None)
    answers = [said(world.ask(order)) for _ in range(draw.choice((2, 3)))]
    return f"{words_of(order)}, {len(answers)} times: {answers[-1]}"


def cash_order(world: World, draw: Random) -> str:
    symbol = draw.choice(("AAA", "BBB", "CCC"))
    terms = terms_of(draw, symbol, order_qty=0, cash_order_qty=draw.randint(500, 5000) * SCALE)
    order = order_of(world, draw, terms=terms, venue=SYMBOLS[symbol][0])
    return f"{words_of(order)}: {said(world.ask(order))}"


def reduce_order(world: World, draw: Random) -> str:
    order = order_of(world, draw, reduce_only=True)
    return f"reduce only, {words_of(order)}: {said(world.ask(order))}"


def batch(world: World, draw: Random) -> str:
    """Several at once, checked before any of them leaves."""
    if not world.process.is_up:
        return ""
    orders = [order_of(world, draw) for _ in range(draw.randint(2, 5))]
    runner = world.process.runner
    world.unanswered.extend(orders)
    wrong = [x for x in runner.check(orders) if x is not None]
    told = [] if wrong and draw.random() < 0.5 else runner.taken_all(orders)[1]
    del world.unanswered[-len(orders) :]
    answers = [world.answered(order, out) for order, out in zip(orders, told, strict=False)]
    taken = sum(isinstance(answer, Accepted) for answer in answers)
    return f"{len(orders)} orders at once: {taken} taken"


def parent(world: World, draw: Random) -> str:
    world.refs += 1
    symbol = draw.choice(("AAA", "BBB"))
    command = inputs.NewParent(
        by="bot",
        ref=f"P{world.refs}",
        symbol=symbol,
        side=draw.choice((Side.BUY, Side.SELL)),
        order_qty=draw.randint(2, 10) * 10 * SCALE,
        strategy=draw.choice((None, "s1")),
    )
    return f"a parent {command.ref} of {symbol}: {said(world.ask(command))}"


def child(world: World, draw: Random) -> str:
    parents = list(world.engine.state.gate.parents.parents.values())
    if not parents:
        return parent(world, draw)
    of = draw.choice(parents)
    terms = terms_of(draw, of.symbol, side=of.side, account=of.account)
    order = order_of(
        world,
        draw,
        terms=terms,
        parent=of.ref,
        strategy=of.strategy or None,
        venue=draw.choice(SYMBOLS[of.symbol]),
    )
    return f"a child of {of.ref}, {words_of(order)}: {said(world.ask(order))}"


def some_order(world: World, draw: Random, *, any_age: bool = False) -> Order | None:
    """An order of the engine's to act on: an open one, or now and then any."""
    book = world.engine.state.book
    if any_age or draw.random() < 0.1:
        return draw.choice(book.orders) if book.orders else None
    open_ones = list(book.open.values())
    return draw.choice(open_ones[-12:]) if open_ones else None


def cancel(world: World, draw: Random) -> str:
    order = some_order(world, draw) if world.process.is_up else None
    if order is None:
        return ""
    answer = world.ask(inputs.CancelOrder(by="bot", order=order.reference))
    return f"cancel {order.reference}: {said(answer)}"


def replace(world: World, draw: Random) -> str:
    order = some_order(world, draw) if world.process.is_up else None
    if order is None:
        return ""
    lot = LOTS.get(order.symbol, 1) * SCALE
    more = draw.randint(-4, 8) * lot * (5 if order.symbol == "AAA" else 1)
    qty = max(lot, order.terms.order_qty + more)
    changes: dict[str, Any] = {}
    if draw.random() < 0.7:
        changes["order_qty"] = qty
    if order.terms.price is not None and draw.random() < 0.6:
        changes["price"] = order.terms.price + draw.randint(-9, 9) * TICK
    if draw.random() < 0.05:
        changes["time_in_force"] = TimeInForce.GTC
    answer = world.ask(inputs.ReplaceOrder(by="bot", order=order.reference, **changes))
    asked = ", ".join(
        f"{name} {text_of(value) if isinstance(value, int) else value}"
        for name, value in changes.items()
    )
    return f"replace {order.reference} ({asked or 'nothing'}): {said(answer)}"


def again(world: World, draw: Random) -> str:
    """What was not answered, because the process died, is asked for again under its own name."""
    if not world.unanswered or not world.process.is_up:
        return ""
    command = world.unanswered.pop(0)
    if isinstance(command, inputs.NewParent):
        world.counts["asked again after a death"] += 1
        return f"again, parent {command.ref}: {said(world.ask(command))}"
    if not isinstance(command, inputs.NewOrder) or command.client_ref is None:
        return ""
    world.counts["asked again after a death"] += 1
    return f"again, {words_of(command)}: {said(world.ask(command))}"


def mass_cancel(world: World, draw: Random) -> str:
    scope: dict[str, Any] = draw.choice(
        ({}, {"venue": "ALPHA"}, {"symbol": "AAA"}, {"account": "HEDGE"}, {"strategy": "s1"})
    )
    return f"mass cancel {scope}: {said(world.ask(inputs.MassCancel(by='bot', **scope)))}"


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("new order", new_order, 40),
    ("same order", same_order, 1.5),
    ("cash order", cash_order, 2),
    ("reduce-only order", reduce_order, 3),
    ("batch", batch, 2),
    ("parent", parent, 0.5),
    ("child", child, 3),
    ("cancel", cancel, 12),
    ("replace", replace, 14),
    ("ask again", again, 2),
    ("mass cancel", mass_cancel, 0.7),
)
