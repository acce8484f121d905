"""Cells of the legality table, one by one: an order is brought into a state, and meets a report.

Chance alone meets most pairs of a state and a kind of report too seldom. Here somebody telephones
an order to a venue that says nothing of it; what it does with it (two fills, one corrected, one
busted) is told later. Meanwhile it says what the cell asks for. States that only a request of ours
can bring (Pending Cancel, Pending Replace) are drilled on an order of ours, hushed in the same way.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from fix_oms.model import inputs
from fix_oms.model.fix import ExecType, FixVersion, OrdType, Side, TimeInForce
from fix_oms.model.messages import OrderCancelReject, Terms
from fix_oms.model.units import SCALE
from fix_oms.orders.legality import CANCEL_REJECT, UNKNOWN
from fix_oms.orders.legality_table import WHEN
from fix_oms.simulator import acts
from fix_oms.simulator.order import Order
from fix_oms.world.broker import CLIENT, Broker
from fix_oms.world.mixes import PRICE, TICK
from fix_oms.world.plan import Doing

if TYPE_CHECKING:
    from fix_oms.world.world import World

PAIRS: Final[dict[str, list[tuple[str, str]]]] = {}
"""Of each kind of report the ExecType(150) and OrdStatus(39) that make it one."""
for _exec_types, _statuses, _kind in WHEN:
    _pairs = [(t, s) for t in _exec_types.split() for s in _statuses.split()]
    PAIRS.setdefault(_kind, []).extend(_pairs)
KINDS: Final = tuple(PAIRS)
OF_EXECUTIONS: Final = frozenset("FGH")
_STATES: Final = (UNKNOWN, UNKNOWN, *"A0127B9348CA70")
_RARER: Final = ("F.end", "F.end", "8.request", "L", "G", "G.end", "H", "H.end", "!", "C", "D", "E")
"""Kinds that come out less often than they are chosen."""
_FILLS: Final = {"1": 1, "2": 2}
"""Of the two fills, how many are told to bring an order there."""
_LOT: Final = 10 * SCALE
_AT_ONCE: Final = 3


def say(world: World, broker: Broker, order: Order, kind: str, status: str, **more: Any) -> bool:
    """Say that the order is there; its quantities are true. False where the version cannot."""
    if kind == ExecType.TRIGGERED and broker.version is not FixVersion.FIX50SP2:
        return False
    broker.lied.add(order.order_id)
    exec_id = None if kind == ExecType.ORDER_STATUS else broker.station.venue.floor.new_id("E")
    report = order.report(kind, exec_id, world.clock.now, **more)
    report.ord_status = status
    broker.lie(report)
    return True


def say_execution(broker: Broker, order: Order, kind: str, status: str, n: int) -> str:
    """An execution is told, or told again, with this state. Its ExecID; empty if there is none."""
    told = [(e, t) for e, t in broker.told.items() if t.order is order and t.kind == kind]
    if not told:
        return ""
    exec_id, found = told[n % len(told)]
    start = found.text.index("\x0139=") + 4
    broker.lied.add(order.order_id)
    broker.say_again(f"{found.text[:start]}{status}{found.text[start + 1 :]}")
    return exec_id


def _meet(world: World, broker: Broker, order: Order, kind: str, draw: Random) -> None:
    exec_type, status = draw.choice(PAIRS[kind])
    if exec_type in OF_EXECUTIONS:
        say_execution(broker, order, exec_type, status, draw.randrange(2))
    else:
        say(world, broker, order, exec_type, status)


def _phoned(world: World, broker: Broker, draw: Random, lots: int) -> Order:
    """An order that nobody of ours sent, and of which nothing is told."""
    world.refs += 1
    venue, name = broker.station.venue, f"PHONE{world.refs}"
    terms = Terms(
        symbol=next(iter(venue.floor.books)),
        side=draw.choice((Side.BUY, Side.SELL)),
        order_qty=lots * _LOT,
        ord_type=OrdType.LIMIT,
        price=PRICE,
        time_in_force=TimeInForce.GTC,
    )
    order = venue.ids[CLIENT, name] = venue.floor.add(CLIENT, name, terms)
    order.accepted = True
    broker.hush(order.order_id, draw.choice((400.0, 2500.0)))
    return order


def _trade(broker: Broker, order: Order) -> None:
    """Two fills, of which one is corrected and one busted; all untold."""
    before, part = len(order.executions), min(_LOT, order.leaves_qty // 2)
    for ticks in (0, 1):
        price = PRICE - ticks * TICK
        broker.perform(acts.Fill(order=order.order_id, quantity=part, price=price))
    made = [done.exec_id for done in order.executions[before:]]
    if len(made) == 2:
        broker.perform(acts.Correct(exec_id=made[0], quantity=part // 2, price=PRICE))
        broker.perform(acts.Bust(exec_id=made[1]))


def drill(world: World, draw: Random) -> str:
    """Telephoned orders are brought into states, and each meets a report."""
    return "; ".join(_drill(world, draw) for _ in range(_AT_ONCE))


def _drill(world: World, draw: Random) -> str:
    broker = draw.choice(list(world.brokers.values()))
    state, kind = draw.choice(_STATES), draw.choice((*KINDS, *_RARER))
    if kind == ExecType.TRIGGERED:
        broker = world.brokers["GAMMA"]  # the only one whose version has it
    order = _phoned(world, broker, draw, 2 if state == "2" else 6)
    if state != UNKNOWN and state not in _FILLS:
        say(world, broker, order, state, state)  # while nothing has executed, or it would show
    _trade(broker, order)
    for n in range(_FILLS.get(state, 0)):
        say_execution(broker, order, ExecType.TRADE, state, n)
    _meet(world, broker, order, kind, draw)
    return f"{order.ids[0]} at {broker.name}, in state {state}, meets {kind}"


def drill_request(world: World, draw: Random) -> str:
    """A request of ours is said to be pending, and its order meets a report; or a passing state is
    told of the order, and it meets the reject of the request."""
    if not world.process.is_up:
        return ""
    state = world.engine.state
    mine = [o for o in state.book.open.values() if not o.external and state.links[o.session].ready]
    if not mine:
        return ""
    ours = draw.choice(mine[-12:])
    broker = world.brokers[ours.session]
    order = broker.station.venue.ids.get((CLIENT, ours.reference))
    if order is None:
        return ""
    broker.hush(order.order_id, 1500.0)
    command: inputs.Command = inputs.CancelOrder(by="bot", order=ours.reference)
    if draw.random() < 0.65:
        qty = ours.terms.order_qty + _LOT
        command = inputs.ReplaceOrder(by="bot", order=ours.reference, order_qty=qty)
    world.ask(command)
    status = "6" if isinstance(command, inputs.CancelOrder) else "E"
    kind, number = (
        draw.choice((*KINDS, *_RARER, "F.end", "G.end", *(4 * [CANCEL_REJECT]))),
        draw.getrandbits(32),
    )
    if kind == CANCEL_REJECT:
        status = draw.choice((status, *"793B"))
    world.clock.after_ms(150.0, lambda: _meet_of_ours(world, broker, order, status, kind, number))
    return f"{ours.reference} at {broker.name} is to meet {kind} in state {status}"


def _meet_of_ours(
    world: World, broker: Broker, order: Order, status: str, kind: str, number: int
) -> None:
    request: dict[str, Any] = {"cl_ord_id": order.ids[-1], "orig_cl_ord_id": order.cl_ord_id}
    say(world, broker, order, status, status, **(request if status in "6E" else {}))
    if kind != CANCEL_REJECT:
        if kind[0] in "GH":
            _trade(broker, order)
        _meet(world, broker, order, kind, Random(number))
        return
    reject = OrderCancelReject(
        **request,
        order_id=order.order_id,
        ord_status=status,
        cxl_rej_response_to="1",
        cxl_rej_reason="2",
        transact_time=world.clock.now,
    )
    broker.lie(reject)


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("drill", drill, 90),
    ("drill of a request", drill_request, 90),
)
