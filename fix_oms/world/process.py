"""One life of the engine's process: the real runner and outboxes, over a simulated disk and roads.

What is done here is what ``server.process`` does around them: replay, Started, the hours, the
sessions from what the journal says of their numbers, the timer. A process that has died leaves
things planned in the clock; none of them is done (``guard``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.counterparty import Session
from fix_oms.model.errors import JournalError
from fix_oms.model.outputs import Alert, Output, Send, SessionAct
from fix_oms.model.settings import Settings
from fix_oms.server.closes import Closes
from fix_oms.server.days import Days
from fix_oms.server.hours import Hours
from fix_oms.server.outbox import Outbox
from fix_oms.server.runner import Runner
from fix_oms.sessions import SessionState
from fix_oms.world.clock import Clock, Moments
from fix_oms.world.disk import Disk, Fuse, kind_of
from fix_oms.world.link import Link
from fix_oms.world.road import Road

TICK_MS: Final = 250.0
RECORD_MS: Final = 5.0
WAKE_MS: Final = (0.02, 0.4)
"""How long a sender thread takes to look."""


class Watcher(Protocol):
    """Who looks at everything that the process does: the laws."""

    def replayed(self, now: int, value: inputs.Input, out: list[Output]) -> None: ...
    def recovered(self, engine: Engine, records: int) -> None: ...
    def stepped(self, now: int, value: inputs.Input, out: list[Output]) -> None: ...
    def alerted(self, alert: Alert) -> None: ...
    def wrong(self, law: str, text: str) -> None: ...


class _Watched(Engine):
    """The engine, with everything that it does put beside the record that made it do so."""

    def __init__(self, disk: Disk, fuse: Fuse, watcher: Watcher) -> None:
        super().__init__()
        self.is_live = False
        self._disk: Final = disk
        self._fuse: Final = fuse
        self._watcher: Final = watcher

    def step(self, now: int, value: inputs.Input) -> list[Output]:
        """As the engine's, told to the watcher."""
        out = super().step(now, value)
        if self.is_live:
            self._disk.outputs[-1] = out
            self._watcher.stepped(now, value, out)
            self._fuse.passes("after step", type(value).__name__)
        return out


class _Sender(Outbox):
    """An outbox whose thread is the clock. ``pace_ms`` is the interval that it keeps, or 0."""

    def __init__(
        self, clock: Clock, draw: Moments, guard: Any, pace_ms: float, **more: Any
    ) -> None:
        super().__init__(min_interval_ms=0, **more)
        self._pace_ms: Final = pace_ms
        self._clock: Final = clock
        self._draw: Final = draw
        self._guard: Final = guard

    def wake(self) -> None:
        """The sender thread will look, some time from now."""
        if not self._is_woken:
            self._is_woken = True
            self._clock.after_ms(self._draw.uniform(*WAKE_MS), self._guard(self._turn))

    def flush(self) -> None:
        """As the outbox's, which leaves a session with an interval to its sender thread."""
        if self._pace_ms:
            self.wake()
        else:
            super().flush()

    def _turn(self) -> None:
        if not self._pace_ms:
            self.drain()
            return
        with self._sending:
            if self._lanes:
                self._drain_first()
        if self._lanes:
            self._clock.after_ms(self._pace_ms, self._guard(self._turn))
        else:
            self._is_woken = False


class Process:
    """From the start to the death. ``engine`` is the live one."""

    def __init__(
        self,
        disk: Disk,
        fuse: Fuse,
        settings: Settings,
        plain: Mapping[str, Any],
        *,
        clock: Clock,
        draw: Moments,
        roads: Mapping[str, Road],
        watcher: Watcher,
        paces_ms: Mapping[str, float],
        packed_after_ns: int | None,
    ) -> None:
        """``paces_ms`` is each session's interval between messages; closed orders are packed once
        they are ``packed_after_ns`` old, or never."""
        self.alive = True
        self.is_up = False
        self.links: dict[str, Link] = {}
        self._disk: Final = disk
        self._fuse: Final = fuse
        self._settings: Final = settings
        self._plain: Final = dict(plain)
        self._clock: Final = clock
        self._draw: Final = draw
        self._roads: Final = roads
        self._watcher: Final = watcher
        self._paces_ms: Final = paces_ms
        self._packed_after_ns: Final = packed_after_ns
        self._notes = False
        self.engine: Final = _Watched(disk, fuse, watcher)

    # -- start --------------------------------------------------------------------------------

    def start(self) -> None:
        """Recover and go up, as ``server.process`` does. Killed may come out of it."""
        last_ns = self._replay()
        self.engine.is_live = True
        engine = self.engine
        self.runner = Runner(
            engine,
            self._disk,  # type: ignore[arg-type]  # it stands for the writer
            clock_ns=self._now,
            last_ns=last_ns,
            alert=self._watcher.alerted,
            failed=self._failed,
        )
        self.run = engine.run + 1
        self.runner.submit(inputs.Started(run=self.run, version="world", settings=self._plain))
        self._remember()
        self._go_up()

    def _remember(self) -> None:
        """The trading days and the venues' hours, told at once."""
        settings, submit = self._settings, self.runner.submit
        venues = settings.venues.values()
        self._days = Days(settings.engine, venues, submit, self.runner.roll, clock_ns=self._now)
        self._hours = Hours(venues, submit, clock_ns=self._now)
        self._days.tick()
        self._hours.tick()

    def _go_up(self) -> None:
        """The sessions, with the numbers that the journal says; the timer."""
        sessions, links = self._settings.sessions, self.engine.state.links
        self.links = {name: self._link(sessions[name]) for name in sessions}
        outboxes: dict[str, Outbox] = {name: self._outbox(name) for name in sessions}
        self.runner.attach(outboxes, self._act)
        self._closes = Closes(sessions.values(), self.runner, clock_ns=self._now)
        for name, link in self.links.items():
            if links[name].disabled:
                link.act("disable", None, None)
            link.tend()
        self.is_up = True
        self._clock.after_ms(TICK_MS, self.guard(self._tick))

    def _now(self) -> int:
        return self._clock.now

    def _link(self, session: Session) -> Link:
        known = self.engine.state.links[session.name]
        state = SessionState(
            epoch=known.epoch,
            next_in=known.next_in,
            next_out=known.next_out,
            last_seen_ns=known.seen_ns,
            reset_asked=known.reset_asked,
        )
        return Link(
            session,
            state,
            self.runner,
            self._roads[session.name],
            clock=self._clock,
            draw=self._draw,
            fuse=self._fuse,
            guard=self.guard,
        )

    def _outbox(self, name: str) -> Outbox:
        return _Sender(
            self._clock,
            self._draw,
            self.guard,
            self._paces_ms[name],
            session=name,
            wire=self,
            wait_durable=self._disk.wait_durable,
            tell=self.runner.submit,
            left=self._left,
            clock_ns=self._now,
        )

    def _replay(self) -> int:
        """Every record through the engine; what it says must be what it said. Returns the time of
        the last one."""
        asked: dict[tuple[str, str, str], int] = {}
        now = 0
        disk, watcher = self._disk, self._watcher
        for index, (now, payload) in enumerate(disk.records):
            value = inputs.decode(payload)
            if isinstance(value, inputs.Started):
                asked.clear()
            elif isinstance(value, inputs.Sent):
                key = (value.session, value.cl_ord_id, value.text)
                asked[key] = asked.get(key, 0) - 1
                if asked[key] < 0:
                    watcher.wrong("replay", f"record {index}: the engine did not ask for what left")
            out = self.engine.step(now, value)
            said = disk.outputs[index]
            if said is None:
                disk.outputs[index] = out
            elif said != out:
                what = kind_of(payload)
                watcher.wrong("replay", f"record {index} ({what}) says something else in a replay")
            for output in out:
                if type(output) is Send:
                    key = (output.session, output.cl_ord_id, output.text)
                    asked[key] = asked.get(key, 0) + 1
            watcher.replayed(now, value, out)
        if disk.records:
            watcher.recovered(self.engine, len(disk.records))
        return now

    # -- life ---------------------------------------------------------------------------------

    def guard(self, act: Callable[[], object]) -> Callable[[], None]:
        """An act of this process: not done once it is dead."""

        def guarded() -> None:
            if self.alive:
                act()

        return guarded

    def send(self, name: str, text: str) -> tuple[int, int] | None:
        """A message leaves: what the outboxes call."""
        return self.links[name].send(text)

    def _left(self, value: inputs.Sent) -> None:
        self.runner.left(value)
        if not self._notes:
            self._notes = True
            self._clock.after_ms(RECORD_MS, self.guard(self._record))

    def _record(self) -> None:
        self._notes = False
        self.runner.record_left()

    def _act(self, act: SessionAct) -> None:
        self.links[act.session].act(act.action, act.next_in, act.next_out)

    def _tick(self) -> None:
        if self._packed_after_ns is not None:
            self.engine.pack(self._clock.now, self._packed_after_ns)
        self.runner.tick(inputs.Tick())
        self._days.tick()
        self._hours.tick()
        self._closes.tick()
        self._clock.after_ms(TICK_MS, self.guard(self._tick))

    def _failed(self, error: JournalError) -> None:
        raise error

    # -- death --------------------------------------------------------------------------------

    def die(self) -> None:
        """Nothing of it is done any more; its sockets close."""
        self.alive = self.is_up = False
        for name in self._roads:
            self._roads[name].close()
