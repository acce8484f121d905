"""The laws of the world (DESIGN section 4), each in a file of its own, and who asks them when.

Cheap ones look at what a step has touched, after each; the others at every :data:`EVERY` steps, at
each death and at the end. None of them asks the product for its opinion: what an order has executed
is known from the venue's own record and from what was handed over, and added up here anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from fix_oms.engine import Engine
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Alert, Changed, Output, Send
from fix_oms.orders.order import Order
from fix_oms.orders.requests import Request
from fix_oms.routing.parents import ParentOrder
from fix_oms.world.laws import decisions, snapshots
from fix_oms.world.laws.asking import Asking
from fix_oms.world.laws.cells import Cells
from fix_oms.world.laws.executions import Executions
from fix_oms.world.laws.exposure import Exposure
from fix_oms.world.laws.family import Families
from fix_oms.world.laws.hedges import HedgeLaws
from fix_oms.world.laws.parents import ParentLaws
from fix_oms.world.laws.routing import RoutingLaws
from fix_oms.world.laws.sums import Sums
from fix_oms.world.laws.truth import Truth
from fix_oms.world.mixes import CALM

if TYPE_CHECKING:
    from fix_oms.world.world import World

EVERY: Final = 40


class Laws:
    """All of them. ``heard`` are the ExecIDs that have been journaled."""

    def __init__(self, world: World) -> None:
        self._world: Final = world
        self.sums: Final = Sums(self)
        self.executions: Final = Executions(self, world)
        self.exposure: Final = Exposure(self, world)
        self.truths: Final = Truth(self, world)
        self.asking: Final = Asking(self)
        self.cells: Final = Cells(world)
        self.families: Final = Families(world)
        self.parents: Final = ParentLaws(self, self.families)
        self.routing: Final = RoutingLaws(self, self.families, self.parents)
        self.hedges: Final = HedgeLaws(self)
        self._acked: Final[dict[str, str]] = {}
        self._by_ref: Final[dict[str, str]] = {}
        self._acked_parents: Final[set[str]] = set()
        self._at_death: tuple[int, str] | None = None
        self._touched: list[str] = []
        self._parents_touched: set[str] = set()

    @property
    def is_calm(self) -> bool:
        """Whether nobody goes beyond what was accepted."""
        return self._world.mix.profile == CALM

    @property
    def heard(self) -> set[str]:
        """The ExecIDs of every execution that is in the journal."""
        return self.executions.heard

    # -- finding ------------------------------------------------------------------------------

    def wrong(self, law: str, text: str) -> None:
        """A law does not hold: the world ends here."""
        from fix_oms.world.world import Broken, Stop

        world = self._world
        world.broken.append(Broken(law, world.clock.done, world.clock.now, text))
        raise Stop

    def count(self, what: str) -> None:
        """Something has happened."""
        self._world.counts[what] += 1

    # -- what the process does ------------------------------------------------------------------

    def stepped(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """The live engine has taken an input."""
        touched = [o.order for o in out if type(o) is Changed]
        made = [o.order for o in out if type(o) is Accepted and o.order]
        if type(value) is inputs.FixIn:
            self.executions.hear(value)
            self.cells.met(value, touched)
        spoken = [o.chain for o in out if type(o) is Send and o.chain]
        self._touched += touched + made + spoken
        state = self._world.engine.state
        self.asking.stepped(state, now, value, out)
        self.parents.told(value)
        self.routing.told(value)
        if state.algos.algos:
            self.hedges.stepped(state, value, out, [*touched, *spoken])
        if (out or type(value) is inputs.Acted) and state.routed.parents:
            self._routed(state, now, value, out, dict.fromkeys([*touched, *spoken]))

    def _routed(
        self,
        state: State,
        now: int,
        value: inputs.Input,
        out: list[Output],
        names: Collection[str],
    ) -> None:
        """The same, of what the router has done in it; ``names`` are the orders that it changed."""
        changed: list[tuple[Order, ParentOrder]] = []
        for name in names:
            order = state.book.by_cl_ord_id(name)
            held = state.gate.parents.of(order) if order is not None else None
            parent = state.routed.parents.get(held.ref) if held is not None else None
            if order is not None and parent is not None:
                changed.append((order, parent))
                self.families.note(parent.held.ref, order)
                self._parents_touched.add(parent.held.ref)
        self.parents.began(state, value)
        newest = self.executions.newest
        if changed and type(value) is inputs.FixIn and newest and newest.kind == "H":
            self.parents.busted(changed[0][1].held.ref)
        self.routing.stepped(state, now, value, out)
        self.routing.changed(now, changed)
        taken = any(type(o) is Accepted for o in out)
        self.parents.stepped(state, now, value, taken=taken)

    def replayed(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """A starting process has read an input again."""
        if type(value) is inputs.FixIn:
            self.executions.hear(value)
        self.parents.told(value)

    def recovered(self, engine: Engine, records: int) -> None:
        """A starting process has read all of its journal."""
        book = engine.state.book
        for reference, by in self._acked.items():
            if book.by_cl_ord_id(reference) is None:
                self.wrong("durability", f"order {reference} was acknowledged to {by} and is lost")
        for ref in self._acked_parents:
            if ref not in engine.state.gate.parents.parents:
                self.wrong("durability", f"parent {ref} was acknowledged and is lost")
        if self._at_death is not None and self._at_death[0] == records:
            found = engine.shown(self._world.clock.now).hash()
            if found != self._at_death[1]:
                self.wrong("replay", f"a replay of {records} records comes to another state")
        self.sums.begin(engine.state)
        self.cells.begin(engine.state)
        self.families.begin(engine.state)
        self.parents.begin(engine.state)
        self.hedges.begin(engine.state)
        self.routing.begin(engine.state)
        self.count("laws: replays compared")

    def alerted(self, alert: Alert) -> None:
        """The engine tells a person something."""
        self.count(f"alert: {alert.code}")
        if alert.code == "fault":
            self.wrong("no step fails", alert.text)

    # -- what the world does --------------------------------------------------------------------

    def after_step(self) -> None:
        """Something has happened."""
        world = self._world
        if self._touched and world.process.alive:
            self._check_touched()
        if world.clock.done % EVERY == 0 and world.process.is_up:
            self.exposure.look(world.engine.state)
            self.asking.look(world.engine.state, world.clock.now)
            self.parents.look_at_venues()

    def _check_touched(self) -> None:
        touched, self._touched = self._touched, []
        state = self._world.engine.state
        book = state.book
        found = [book.by_cl_ord_id(name) or book.find(name) for name in dict.fromkeys(touched)]
        orders = [order for order in found if order is not None]
        self.sums.look(state, orders)
        self.executions.look(state)
        if self._parents_touched:
            refs, self._parents_touched = self._parents_touched, set()
            self.parents.look(state, refs)

    def acknowledged(self, command: inputs.Command, said: Accepted) -> None:
        """Somebody has been told that a command was taken."""
        if isinstance(command, inputs.NewOrder):
            self._acked[said.order] = command.by
            if command.client_ref is not None:
                held = self._by_ref.setdefault(command.client_ref, said.order)
                if held != said.order:
                    text = f"{command.client_ref} was taken as {held} and as {said.order}"
                    self.wrong("delivery", text)
        elif isinstance(command, inputs.NewParent):
            if command.ref in self._acked_parents:
                self.wrong("delivery", f"parent {command.ref} was taken twice")
            self._acked_parents.add(command.ref)

    def dies(self) -> None:
        """The process is about to be dead."""
        world = self._world
        disk, self._at_death = world.disk, None
        self.parents.dies()
        self._touched, self._parents_touched = [], set()
        self.executions.begin()
        self.asking.begin()
        if world.process.is_up and disk.outputs and disk.outputs[-1] is not None:
            found = world.engine.shown(world.clock.now).hash()
            self._at_death = (len(disk.records), found)

    def lost(self, records: int) -> None:
        """So many records went with the power."""
        if records:
            self._at_death = None

    def truth(self, symbol: str, account: str) -> int:
        """What the venues have executed for an account."""
        return self.truths.position(account, symbol)

    # -- the end --------------------------------------------------------------------------------

    def unanswered(self, order: Order, request: Request) -> None:
        """A request that has arrived is in doubt at the end, when everybody has been asked."""
        self.truths.unanswered(order, request)

    def settled(self) -> None:
        """Everything has been heard and asked."""
        self._check_touched()
        state = self._world.engine.state
        state.book._check()
        state.ledger._check()
        self.exposure.look(state)
        self.asking.look(state, self._world.clock.now)
        self.truths.look(state)
        self.parents.settled(state)
        self.hedges.settled(state)

    def finished(self) -> None:
        """The last process has started from the whole journal."""
        if not self._world.process.is_up:
            self.wrong("liveness", "the process does not come up again")
        self.truths.look(self._world.engine.state)
        decisions.look(self, self._world)
        snapshots.look(self, self._world)
