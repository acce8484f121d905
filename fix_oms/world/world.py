"""One world: its clock, venues, process and people, and what happens to them from one seed.

:meth:`World.run` lets so many steps happen; :meth:`World.settle` then lets all faults end, asks
everybody everything, and leaves a state in which nothing may be unknown any more. The laws look on
all the while; what they find is in ``broken``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from random import Random
from typing import Final, NamedTuple

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Output, Refused
from fix_oms.simulator.acts import CloseMarket, OpenMarket
from fix_oms.world.broker import Broker
from fix_oms.world.clock import SECOND, Clock, Moments
from fix_oms.world.disk import Disk, Fuse, Killed
from fix_oms.world.laws import Laws
from fix_oms.world.mixes import CLOSE, Mix, mix_of
from fix_oms.world.plan import Deed, Plan
from fix_oms.world.process import Process
from fix_oms.world.road import Road
from fix_oms.world.settling import settle

MIDNIGHT: Final = 1_798_761_600 * SECOND
"""2027-01-01 00:00 UTC: the day that the world begins in."""
REOPENS_NS: Final = 4 * SECOND


class Broken(NamedTuple):
    """A law that does not hold: which, at which step and time, and how."""

    law: str
    step: int
    at_ns: int
    text: str


class Stop(Exception):
    """A law is broken: nothing after it means anything."""


class World:
    """``only`` and ``without`` restrict the acts by number, for a shorter story."""

    def __init__(
        self,
        seed: int,
        *,
        mix: Mix | None = None,
        only: Collection[int] | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.seed: Final = seed
        self.mix: Final = mix or mix_of(seed)
        self.clock: Final = Clock(_at(self.mix.starts))
        self.began_ns: Final = self.clock.now
        self.counts: Final[Counter[str]] = Counter()
        self.broken: Final[list[Broken]] = []
        self.story: Final[list[tuple[int, int, str, str]]] = []
        """(number, time, act, what came of it) of each act that did something."""
        self.fuse: Final = Fuse()
        self.disk: Final = Disk(self.fuse, power=self.mix.is_power)
        self.clerk_memory: Final[dict[str, str]] = {}
        self.refs = 0
        self.unanswered: Final[list[inputs.Command]] = []
        self.deaths: Final = Moments(self.clock, seed, "deaths")
        self._threads: Final = Moments(self.clock, seed, "threads")
        self._held_ms = 0.0
        self.is_settling = False
        self.laws: Final = Laws(self)
        self.roads: Final = {
            name: Road(self.clock, Moments(self.clock, seed, f"wire of {name}"), self.mix.delay_ms)
            for name in self.mix.venues
        }
        self.brokers: Final = {
            name: Broker(
                name,
                settings,
                self.mix.mouths[name],
                seed=seed,
                clock=self.clock,
                road=self.roads[name],
                judge=self.laws,
            )
            for name, settings in self.mix.venues.items()
        }
        self.plan: Final = Plan(self.mix, only, without)
        for name in sorted(self.mix.closing):
            self._plan_close(self.brokers[name])
        self._start()

    def _plan_close(self, broker: Broker) -> None:
        closes = _at(CLOSE)
        if closes > self.clock.now:
            self.clock.at(closes, lambda: broker.perform(CloseMarket()))
            self.clock.at(closes + REOPENS_NS, lambda: broker.perform(OpenMarket()))

    @property
    def engine(self) -> Engine:
        """The engine of the process that lives."""
        return self.process.engine

    # -- running ------------------------------------------------------------------------------

    def run(self, steps: int) -> World:
        """Let so many things happen, and then everything come to rest; stops at a broken law."""
        try:
            self._next_deed()
            self._let(lambda: self.clock.done < steps, 1 << 62)
            self.settle()
        except Stop:
            pass
        for where, times in self.fuse.burnt.items():
            self.counts[f"kill: {where}"] += times
        return self

    def _let(self, goes_on: Callable[[], bool], until: int) -> None:
        clock, laws = self.clock, self.laws
        while goes_on() and (act := clock.next(until)) is not None:
            self.do(act)
            laws.after_step()

    def do(self, act: Callable[[], object]) -> None:
        """Something happens; the process may die of it."""
        try:
            act()
        except Killed:
            self.died()

    def hold(self, seconds: float) -> None:
        """Nobody acts for so long."""
        self._held_ms = 1000 * seconds

    def _next_deed(self) -> None:
        deed = self.plan.next()
        wait_ms, self._held_ms = deed.wait_ms + self._held_ms, 0.0
        self.clock.after_ms(wait_ms, lambda: self._perform(deed))

    def _perform(self, deed: Deed) -> None:
        if not self.is_settling:
            if not deed.is_left_out:
                self._do_deed(deed)
            self._next_deed()

    def _do_deed(self, deed: Deed) -> None:
        words = ""
        try:
            words = deed.act(self, Random(deed.number)) or ""
        except Killed:
            words = "the process dies of it"
            self.died()
        if words:
            self.counts[f"act: {deed.name}"] += 1
            self.story.append((deed.place, self.clock.now, deed.name, words))

    # -- the process --------------------------------------------------------------------------

    def _start(self) -> None:
        self.process = Process(
            self.disk,
            self.fuse,
            self.mix.settings,
            self.mix.plain,
            clock=self.clock,
            draw=self._threads,
            roads=self.roads,
            watcher=self.laws,
            paces_ms=self.mix.paces_ms,
            packed_after_ns=self.mix.packed_after_ns,
        )
        self.do(self.process.start)

    def died(self) -> None:
        """The process is dead; it starts again some time later."""
        if not self.process.alive:
            return
        self.counts["fault: killed"] += 1
        self.laws.dies()
        self.process.die()
        if self.fuse.power and self.disk.is_power:
            lost = self.disk.lose(self.deaths.random())
            self.counts["fault: power failed"] += 1
            self.counts["fault: records lost with the power"] += lost
            self.laws.lost(lost)
        self.fuse.power = False
        self.clock.after_ms(self.deaths.choice((5, 100, 2500)), self._start)

    def kill(self) -> None:
        """Kill it at once, between two things that it does."""
        self.fuse.burnt["between steps"] += 1
        self.died()

    def ask(self, command: inputs.Command) -> Accepted | Refused | None:
        """Ask the engine for something, as its control socket would. None: nobody is there."""
        if not self.process.is_up:
            return None
        self.unanswered.append(command)
        out = self.process.runner.submit(inputs.decode(inputs.encode(command)))
        self.unanswered.pop()
        return self.answered(command, out)

    def answered(self, command: inputs.Command, out: list[Output]) -> Accepted | Refused | None:
        """Who asked has been told."""
        said = next((o for o in out if isinstance(o, Accepted | Refused)), None)
        if isinstance(said, Refused):
            self.counts[f"control: {said.control}"] += 1
        elif said is not None:
            self.laws.acknowledged(command, said)
        return said

    # -- the end ------------------------------------------------------------------------------

    def settle(self) -> None:
        """All faults end; what is on the way arrives; everybody is asked everything."""
        self.is_settling = True
        settle(self)

    def rest(self, seconds: float) -> None:
        """Let time pass, with nobody acting."""
        self._let(lambda: True, self.clock.now + int(seconds * SECOND))

    def digest(self) -> str:
        """Of everything that was journaled and told: two runs of a seed have the same."""
        made = hashlib.sha256()
        for now, payload in self.disk.records:
            made.update(b"%d " % now + payload)
        made.update(repr((self.story, sorted(self.counts.items()), self.broken)).encode())
        return made.hexdigest()


def _at(time_of_day: str) -> int:
    hours, minutes, seconds = map(int, time_of_day.split(":"))
    return MIDNIGHT + (hours * 3600 + minutes * 60 + seconds) * SECOND
