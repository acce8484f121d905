"""How a world comes to rest: no more faults, everything heard, everybody asked, nothing unknown.

What a person would do at the end of a bad day is done: sessions that cannot find their numbers are
reset, the venues say how each order stands and send the executions again that went down with a
store, and whoever still has a request in doubt telephones. Then what we know must be what is so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from fix_oms.model import inputs
from fix_oms.model.fix import ExecType
from fix_oms.simulator import acts
from fix_oms.world.hedges import cover_all

if TYPE_CHECKING:
    from fix_oms.orders.requests import Request
    from fix_oms.world.broker import Broker
    from fix_oms.world.world import World

_CALM: Final = (("busy", "false"), ("rate_limit_per_s", "0"), ("ack_delay_ms", "0"))
REST_S: Final = 6.0
MOST_RESETS: Final = 4


def settle(world: World) -> None:
    """Bring it to rest, and let the laws judge what is left."""
    world.fuse.point, world.fuse.power = "", False
    _heal(world)
    world.rest(REST_S)
    _log_on(world)
    if world.seed % 2:
        _end_parents(world)
    for broker in world.brokers.values():
        world.do(partial(_say_all, world, broker))
    world.rest(REST_S)
    for name in world.brokers:
        world.do(partial(world.ask, inputs.AskStatus(by="ann", session=name)))
    world.rest(2 * REST_S)
    _telephone(world)
    world.do(partial(cover_all, world))
    world.rest(REST_S)
    _telephone(world)
    world.rest(1.0)
    world.laws.settled()
    world.kill()
    world.rest(REST_S)
    world.laws.finished()


def _heal(world: World) -> None:
    if not world.process.alive:
        world.rest(3.0)
    for broker in world.brokers.values():
        broker.road.delay((0.2, 1.0))
        broker.mouth = type(broker.mouth)()
        broker.release_all()
        for key, value in _CALM:
            broker.perform(acts.Set(key=key, value=value))
        if not broker.road.is_open:
            broker.open()
        if broker.station.venue.is_closed:
            broker.perform(acts.OpenMarket())
    for name in world.brokers:
        for action in ("enable", "logon"):
            command = inputs.SessionCommand(by="ann", session=name, action=action, reason="go on")
            world.ask(command)


def _log_on(world: World) -> None:
    """Each session is ready, or is reset until it is."""
    for _ in range(MOST_RESETS):
        links = world.engine.state.links
        waiting = [name for name in world.brokers if not links[name].ready]
        if not waiting:
            return
        for name in waiting:
            command = inputs.SessionCommand(by="ann", session=name, action="reset", reason="stuck")
            world.ask(command)
            world.counts["reset at the end"] += 1
        world.rest(2 * REST_S)
    names = ", ".join(name for name in world.brokers if not world.engine.state.links[name].ready)
    if names:
        world.laws.wrong("liveness", f"after all faults have ended, {names} is not ready")


def _end_parents(world: World) -> None:
    """In every other world the desk goes home with no parent at work: each must come to its end."""
    for ref, parent in list(world.engine.state.routed.live.items()):
        if not parent.ending:
            world.do(partial(world.ask, inputs.CancelOrder(by="ann", order=ref)))


def _say_all(world: World, broker: Broker) -> None:
    """What was lost is sent again, and how each order stands is said."""
    broker.release_all()
    skipped = broker.send_again(world.laws.heard)
    if skipped:
        text = f"{broker.name} sent {', '.join(skipped[:3])}, and it was never taken in"
        world.laws.wrong("delivery", text)
    now = world.clock.now
    broker.also(*(order.report(ExecType.ORDER_STATUS, None, now) for order in broker.orders()))


def _telephone(world: World) -> None:
    """A person asks what became of the requests that are still in doubt, and says so."""
    for order in list(world.engine.state.book.open.values()):
        for request in order.outstanding():
            world.counts["in doubt at the end"] += 1
            broker, cl_ord_id = world.brokers[order.session], request.cl_ord_id
            was_lost = cl_ord_id in broker.forgotten
            if broker.arrived.get(cl_ord_id) == broker.acceptor.epoch and not was_lost:
                world.laws.unanswered(order, request)
            _resolve(world, order.reference, request)


def _resolve(world: World, reference: str, request: Request) -> None:
    command = inputs.Resolve(
        by="ann",
        order=reference,
        request=request.cl_ord_id,
        outcome="refused",
        reason="it never came, they say",
    )
    world.ask(command)
