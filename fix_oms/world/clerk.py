"""What the people of a venue do by hand, and what they say beside what the venue's code says.

``HONEST`` is within the accepted terms. ``BEYOND`` is not: an execution is undone, corrected, told
after the end, larger than the order; the terms grow unasked; somebody telephones. ``LIES`` are
reports that no legal life of an order brings: the quantities in them are true, the states are not.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.model.fix import ExecType, FixVersion, OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.messages import (
    NewOrderSingle,
    OrderCancelReject,
    SecurityStatus,
)
from fix_oms.model.units import SCALE
from fix_oms.simulator import acts
from fix_oms.simulator.order import Order
from fix_oms.wire import Codec
from fix_oms.world.broker import CLIENT, Broker
from fix_oms.world.drill import KINDS, OF_EXECUTIONS, PAIRS, say, say_execution
from fix_oms.world.mixes import PRICE, TICK
from fix_oms.world.plan import Doing
from fix_oms.world.protocol import whole
from fix_oms.world.traders import terms_of

if TYPE_CHECKING:
    from fix_oms.world.world import World

_ENCODERS: Final = {version: Codec(version) for version in FixVersion}
_PASSING: Final = ("7", "9", "3", "B")


def _pick(world: World, draw: Random, *, ended: bool = False) -> tuple[Broker, Order] | None:
    """An order at a venue: a live one, or one that has ended."""
    broker = draw.choice(list(world.brokers.values()))
    orders = [o for o in broker.orders() if (o.ended is not None if ended else o.is_live)]
    return (broker, draw.choice(orders[-15:])) if orders else None


def _name(broker: Broker, order: Order) -> str:
    return f"{order.ids[0]} at {broker.name}"


# -- within the terms ----------------------------------------------------------------------------


def fill(world: World, draw: Random) -> str:
    found = _pick(world, draw)
    if found is None:
        return ""
    broker, order = found
    lot = broker.station.venue.floor.listing(order.terms.symbol)
    step = lot.lot if lot is not None else SCALE
    lots = order.leaves_qty // step
    qty = step * draw.randint(1, max(1, lots)) if lots else order.leaves_qty
    price = order.price or PRICE
    if not broker.perform(acts.Fill(order=order.order_id, quantity=qty, price=price)):
        return ""
    return f"{_name(broker, order)} fills {qty // SCALE}"


def trade_against(world: World, draw: Random) -> str:
    """Somebody else takes what rests in a book."""
    broker = draw.choice(list(world.brokers.values()))
    world.refs += 1
    buys = draw.random() < 0.5
    terms = terms_of(
        draw,
        draw.choice(("AAA", "BBB")),
        side=Side.BUY if buys else Side.SELL,
        ord_type=OrdType.LIMIT,
        price=PRICE + (25 if buys else -25) * TICK,
        stop_px=None,
        time_in_force=TimeInForce.IOC,
        account=None,
    )
    order = NewOrderSingle(cl_ord_id=f"T{world.refs}", terms=terms, transact_time=world.clock.now)
    text = _ENCODERS[broker.version].encode(order)
    broker.take_from(whole(text, world.refs))
    return f"somebody trades {terms.symbol} at {broker.name}"


def end(world: World, draw: Random) -> str:
    """Canceled, expired, done for the day, without a request."""
    found = _pick(world, draw)
    if found is None:
        return ""
    broker, order = found
    kinds: list[Any] = [acts.Cancel, acts.Expire, acts.Done]
    if not order.executions:
        kinds.append(acts.Refuse)
    made = draw.choice(kinds)
    if not broker.perform(made(order=order.order_id)):
        return ""
    if made is acts.Refuse and order.cum_qty:
        broker.bent.add(order.order_id)
    return f"{_name(broker, order)}: {made.__name__.lower()} by the desk"


def _state(broker: Broker, order: Order, world: World, kind: str) -> None:
    """A statement of a passing state: nothing of the order changes by it."""
    report = order.report(kind, broker.station.venue.floor.new_id("E"), world.clock.now)
    report.ord_status = kind
    if kind == ExecType.STOPPED:
        report.last_qty, report.last_px = order.leaves_qty, order.price or PRICE
    broker.also(report)


def pause(world: World, draw: Random) -> str:
    """An order is suspended or stopped, and works again some time later."""
    found = _pick(world, draw)
    if found is None or found[1].pending or found[1].slices_left:
        return ""
    broker, order = found
    kind = draw.choice((ExecType.SUSPENDED, ExecType.STOPPED))
    _state(broker, order, world, kind)
    return f"{_name(broker, order)} is {kind.name.lower()}"


def halt_symbol(world: World, draw: Random) -> str:
    """A venue halts a symbol, and trades it again."""
    broker = world.brokers[draw.choice(("ALPHA", "GAMMA"))]
    for status, wait_ms in (("2", 0.0), ("3", draw.choice((50.0, 1500.0)))):
        said = SecurityStatus(symbol="AAA", security_trading_status=status)
        world.clock.after_ms(wait_ms, partial(broker.also, said))
    return f"{broker.name} halts AAA"


HONEST: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("desk fill", fill, 12),
    ("trade against", trade_against, 4),
    ("desk end", end, 2),
    ("suspended or stopped", pause, 1),
    ("symbol halted", halt_symbol, 0.3),
)

# -- beyond the terms ----------------------------------------------------------------------------


def _traded(world: World, draw: Random) -> tuple[Broker, Order, str] | None:
    broker = draw.choice(list(world.brokers.values()))
    standing = [
        (order, done.exec_id)
        for order in broker.orders()[-40:]
        for done in order.executions
        if not done.busted
    ]
    return (broker, *draw.choice(standing)) if standing else None


def _bend(broker: Broker, order: Order) -> None:
    broker.bent.add(order.order_id)
    for done in order.executions:
        if done.other is not None:
            broker.bent.add(done.other[0].order_id)


def bust(world: World, draw: Random) -> str:
    found = _traded(world, draw)
    if found is None:
        return ""
    broker, order, exec_id = found
    if not broker.perform(acts.Bust(exec_id=exec_id)):
        return ""
    _bend(broker, order)
    world.counts["beyond: bust"] += 1
    return f"{exec_id} of {_name(broker, order)} is busted"


def correct(world: World, draw: Random) -> str:
    found = _traded(world, draw)
    if found is None:
        return ""
    broker, order, exec_id = found
    qty, price = draw.randint(1, 40) * SCALE, PRICE + draw.randint(-9, 9) * TICK
    if not broker.perform(acts.Correct(exec_id=exec_id, quantity=qty, price=price)):
        return ""
    _bend(broker, order)
    world.counts["beyond: correction"] += 1
    return f"{exec_id} of {_name(broker, order)} is corrected to {qty // SCALE}"


def late_fill(world: World, draw: Random) -> str:
    found = _pick(world, draw, ended=True)
    if found is None:
        return ""
    broker, order = found
    room = order.order_qty - order.cum_qty
    qty = min(room, draw.randint(1, 30) * SCALE)
    price = order.price or PRICE
    if not broker.perform(acts.Fill(order=order.order_id, quantity=qty, price=price)):
        return ""
    _bend(broker, order)
    world.counts["beyond: late fill"] += 1
    return f"{_name(broker, order)} fills {qty // SCALE} after its end"


def overfill(world: World, draw: Random) -> str:
    """More executes than the order was for."""
    broker = draw.choice(list(world.brokers.values()))
    orders = [o for o in broker.orders()[-20:] if o.accepted and o.ended is None]
    if not orders:
        return ""
    order, floor = draw.choice(orders), broker.station.venue.floor
    qty = order.leaves_qty + draw.randint(1, 9) * SCALE
    order.cum_qty += qty
    floor.book(order).refresh(order)
    floor._execute(world.clock.now, order, qty, order.price or PRICE)
    broker.also()
    _bend(broker, order)
    world.counts["beyond: overfill"] += 1
    return f"{_name(broker, order)} is overfilled"


def restate(world: World, draw: Random) -> str:
    """OrderQty(38) changes without a request."""
    found = _pick(world, draw)
    if found is None:
        return ""
    broker, order = found
    floor = broker.station.venue.floor
    qty = max(order.cum_qty + SCALE, order.order_qty + draw.randint(-20, 20) * SCALE)
    if qty == order.order_qty or order.slices_left:
        return ""
    reason = "2" if qty > order.order_qty else "5"
    order.order_qty = qty
    floor.book(order).refresh(order)
    floor.say(world.clock.now, order, ExecType.RESTATED, exec_restatement_reason=reason)
    broker.also()
    _bend(broker, order)
    world.counts["beyond: unasked restatement"] += 1
    return f"{_name(broker, order)} is restated to {qty // SCALE}"


def phone(world: World, draw: Random) -> str:
    """An order that we did not send is given in our name."""
    broker = draw.choice(list(world.brokers.values()))
    world.refs += 1
    now = world.clock.now
    order = NewOrderSingle(
        cl_ord_id=f"PHONE{world.refs}", terms=terms_of(draw, "AAA", account=None), transact_time=now
    )
    station = broker.station
    station.put(station.venue.handle(now, CLIENT, order))
    broker.also()
    world.counts["beyond: phoned order"] += 1
    return f"somebody telephones an order to {broker.name}"


BEYOND: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("bust", bust, 2),
    ("correction", correct, 2),
    ("late fill", late_fill, 1.5),
    ("overfill", overfill, 0.4),
    ("restated unasked", restate, 1),
    ("phoned order", phone, 0.4),
)

# -- lies ----------------------------------------------------------------------------------------


def lie(world: World, draw: Random) -> str:
    """A report of any kind that the legality table knows, for an order in any state: often one that
    was brought into a passing state just before."""
    broker = draw.choice(list(world.brokers.values()))
    orders, hushed = broker.orders()[-25:], broker.hushed
    if not orders:
        return ""
    order = draw.choice(orders)
    if hushed and draw.random() < 0.4:
        order = broker.station.venue.floor.orders[draw.choice(hushed)]
    elif draw.random() < 0.5:
        passing = draw.choice(_PASSING)
        say(world, broker, order, passing, passing)
    kind, status = draw.choice(PAIRS[draw.choice(KINDS)])
    if kind in OF_EXECUTIONS:
        exec_id = say_execution(broker, order, kind, status, draw.randrange(9))
        what = f"{exec_id} is told again, with 39={status}" if exec_id else ""
    else:
        what = f"150={kind} 39={status}" if say(world, broker, order, kind, status) else ""
    return what and f"of {_name(broker, order)} is said: {what}"


def refuse_cancel(world: World, draw: Random) -> str:
    """A cancel reject out of nowhere, for any request of any order."""
    broker = draw.choice(list(world.brokers.values()))
    orders = [o for o in broker.orders()[-25:] if len(o.ids) > 1] or broker.orders()[-5:]
    if not orders:
        return ""
    order = draw.choice(orders)
    reject = OrderCancelReject(
        cl_ord_id=order.ids[-1],
        orig_cl_ord_id=order.cl_ord_id,
        order_id=order.order_id,
        ord_status=draw.choice(list(OrdStatus)),
        cxl_rej_response_to="1",
        cxl_rej_reason=draw.choice(("0", "1", "2", "3")),
        transact_time=world.clock.now,
    )
    broker.lie(reject)
    broker.lied.add(order.order_id)
    return f"a cancel reject for {_name(broker, order)} out of nowhere"


LIES: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("lie", lie, 15),
    ("false cancel reject", refuse_cancel, 2),
    ("desk fill", fill, 10),
    ("bust", bust, 6),
    ("correction", correct, 6),
)
