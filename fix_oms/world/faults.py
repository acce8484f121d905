"""What breaks: networks, processes, disks, sessions, venues. Each scaled by the world's mix."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import attrs

from fix_oms.model import inputs
from fix_oms.simulator import acts
from fix_oms.world.broker import Broker
from fix_oms.world.disk import POINTS
from fix_oms.world.plan import Doing
from fix_oms.world.traders import said

if TYPE_CHECKING:
    from fix_oms.world.world import World


def _some(world: World, draw: Random) -> Broker:
    return draw.choice(list(world.brokers.values()))


def cut(world: World, draw: Random) -> str:
    """The connection breaks; it may be made again at once."""
    broker = _some(world, draw)
    if not broker.road.joined:
        return ""
    noticed = draw.choice((1.0, 50.0, 2000.0))
    lost = broker.road.cut(noticed)
    world.counts["fault: cut"] += 1
    world.counts["fault: lost on the wire"] += lost
    return f"the connection to {broker.name} breaks, {lost} messages are lost on it"


def outage(world: World, draw: Random) -> str:
    """The connection breaks, and none can be made for a while."""
    broker = _some(world, draw)
    if not broker.road.joined:
        return ""
    lost, down_ms = broker.road.cut(draw.choice((10.0, 500.0))), draw.choice((200.0, 4000.0))
    broker.road.is_open = False

    def back() -> None:
        broker.road.is_open = True

    world.clock.after_ms(down_ms, back)
    world.counts["fault: outage"] += 1
    world.counts["fault: lost on the wire"] += lost
    return f"{broker.name} cannot be reached for {down_ms:.0f} ms, {lost} messages are lost"


def slow(world: World, draw: Random) -> str:
    """The network is slow for a while."""
    broker = _some(world, draw)
    usual = world.mix.delay_ms
    broker.road.delay((50.0, 400.0))
    world.clock.after_ms(draw.choice((300.0, 2500.0)), lambda: broker.road.delay(usual))
    world.counts["fault: slow"] += 1
    return f"the network to {broker.name} is slow"


def kill(world: World, draw: Random) -> str:
    """The process is killed, at once or at some write to come."""
    if not world.process.alive or world.fuse.point:
        return ""
    power = world.mix.is_power and draw.random() < 0.5
    if draw.random() < 0.15:
        world.fuse.power = power
        world.kill()
        return "the process is killed" + (" by a power failure" if power else "")
    point, count = draw.choice(POINTS), draw.choice((1, 1, 1, 2, 3, 7))
    world.fuse.set(point, count, power=power)
    return f"the process will die {point} (pass {count})" + (", with the power" if power else "")


def restart(world: World, draw: Random) -> str:
    """The engine stops cleanly and starts again."""
    if not world.process.is_up:
        return ""
    for link in world.process.links.values():
        link.act("logout", None, None)
    world.clock.after_ms(draw.choice((5.0, 50.0)), lambda: _stop(world))
    return "the engine is asked to stop"


def _stop(world: World) -> None:
    if not world.process.is_up:
        return
    runner, links = world.process.runner, world.process.links
    runner.record_left()
    next_out = {name: link.initiator.next_out for name, link in links.items()}
    runner.submit(inputs.Stopped(reason="asked to", next_out=next_out))
    world.counts["fault: clean stop"] += 1
    world.kill()


def venue_dies(world: World, draw: Random) -> str:
    """A venue's process dies and comes back; now and then its session's store is lost."""
    broker = _some(world, draw)
    if not broker.road.is_open:
        return ""
    loses = draw.random() < 0.2
    broker.die(loses_numbers=loses)
    world.counts["fault: venue died"] += 1
    if loses:
        world.counts["fault: venue lost its numbers"] += 1
    world.clock.after_ms(draw.choice((50.0, 3000.0)), broker.open)
    return f"{broker.name} dies" + (" and loses its session's store" if loses else "")


def busy(world: World, draw: Random) -> str:
    """A venue refuses everything for a while."""
    broker = _some(world, draw)
    broker.perform(acts.Set(key="busy", value="true"))
    wait_ms = draw.choice((100.0, 1500.0))
    world.clock.after_ms(wait_ms, lambda: broker.perform(acts.Set(key="busy", value="false")))
    world.counts["fault: venue busy"] += 1
    return f"{broker.name} is busy for {wait_ms:.0f} ms"


def quiet(world: World, draw: Random) -> str:
    """A venue holds everything back for a while, and forgets what tells no execution."""
    broker = _some(world, draw)
    usual = world.mix.mouths[broker.name]
    broker.mouth = attrs.evolve(usual, holds=0.5, forgets=0.5, held_ms=2500.0)

    def speak() -> None:
        broker.mouth = usual

    world.clock.after_ms(draw.choice((100.0, 1500.0)), speak)
    world.counts["fault: venue silent"] += 1
    return f"{broker.name} is silent"


def slow_venue(world: World, draw: Random) -> str:
    """A venue looks at requests later than usual for a while."""
    broker = _some(world, draw)
    wait_ms = draw.choice((20, 500))
    usual = str(broker.station.venue.floor.behaviour.ack_delay_ms)
    broker.perform(acts.Set(key="ack_delay_ms", value=str(wait_ms)))
    back = acts.Set(key="ack_delay_ms", value=usual)
    world.clock.after_ms(draw.choice((200.0, 1500.0)), lambda: broker.perform(back))
    world.counts["fault: venue slow"] += 1
    return f"{broker.name} takes {wait_ms} ms to look"


def reset(world: World, draw: Random) -> str:
    """The support desk resets a session's numbers, or logs it out and in."""
    broker = _some(world, draw)
    action = draw.choice(("reset", "logout", "disable", "set-next"))
    more = {}
    if action == "set-next":
        if not world.process.is_up or world.engine.state.links[broker.name].reset_asked:
            return ""  # whoever has asked for a reset waits for its answer: numbers would undo it
        more = {"next_out": world.process.links[broker.name].initiator.next_out + 3}
    command = inputs.SessionCommand(
        by="ann", session=broker.name, action=action, reason="the desk asks", **more
    )
    answer = world.ask(command)
    world.counts[f"fault: session {action}"] += 1
    if action in ("logout", "disable"):
        back = "logon" if action == "logout" else "enable"
        undo = inputs.SessionCommand(by="ann", session=broker.name, action=back, reason="go on")
        world.clock.after_ms(draw.choice((100.0, 1500.0)), lambda: world.ask(undo))
    return f"{action} of {broker.name}: {said(answer)}"


DEEDS: Final[tuple[tuple[str, Doing, float], ...]] = (
    ("cut", cut, 1.5),
    ("outage", outage, 0.5),
    ("slow network", slow, 0.7),
    ("kill", kill, 0.8),
    ("restart", restart, 0.2),
    ("venue dies", venue_dies, 0.5),
    ("venue busy", busy, 0.5),
    ("venue silent", quiet, 0.5),
    ("venue slow", slow_venue, 0.7),
    ("session act", reset, 0.5),
)
