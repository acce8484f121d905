"""Law 6, the second half: a replay of a snapshot and the tail is a replay of all.

At the end of some worlds: the state in the middle of the journal is frozen and thawed again, and an
engine that goes on from there must say the same and come to the same state.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.engine.state import State
from fix_oms.journal.freeze import freeze, thaw
from fix_oms.model.inputs import decode
from fix_oms.orders.shelf import Shelf

if TYPE_CHECKING:
    from fix_oms.world.laws import Laws
    from fix_oms.world.world import World

EACH: Final = 3
"""Of so many worlds one: it costs a replay more."""


def look(laws: Laws, world: World) -> None:
    """Freeze, thaw, go on, compare."""
    if leg() == COMPILED or world.seed % EACH:
        return
    records, middle = world.disk.records, len(world.disk.records) // 2
    engine = Engine()
    for now, payload in records[:middle]:
        engine.step(now, decode(payload))
    again = Engine.resumed(_thawed(engine.state))
    for index, (now, payload) in enumerate(records[middle:], middle):
        if again.step(now, decode(payload)) != world.disk.outputs[index]:
            laws.wrong("replay", f"from a snapshot, record {index} says something else")
    now = world.clock.now
    if again.shown(now).hash() != world.engine.shown(now).hash():
        laws.wrong("replay", f"a snapshot at {middle} and the tail come to another state")
    laws.count("laws: snapshots compared")


def _thawed(state: State) -> State:
    """The state as bytes and back. Nothing of it is packed: no step does that by itself."""
    layouts, live = freeze(state)
    made = thaw(layouts, live)
    made.book.orders.shelf, made.book.orders.marks = Shelf(), array("q", state.book.orders.marks)
    made.restored()
    return made
