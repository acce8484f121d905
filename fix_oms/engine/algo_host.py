"""Algos at work: each is told what concerns it, and what it asks for is carried out.

As with routing decisions, there are two steps with a record of the journal between them. An event
is told to the algo, which answers with acts; they leave the engine as an output that comes back at
once as an input, and are carried out from there, through the whole gate like everybody's orders. An
event that is answered by nothing leaves no record: what it did to the algo's memory a replay works
out again. What was answered and not journaled, because the process died, is told anew by the next
start, before the algo is told anything else: so what a fill brings about is done exactly once.

What goes wrong with one algo holds that one: an error in it, acts that are refused again and again,
a kill or mass cancel that takes its orders out. A person resumes or stops it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fix_oms.algos import running as algos
from fix_oms.algos.algo import Algo, Answer, Filled, Refusal
from fix_oms.algos.kinds import encoded
from fix_oms.algos.running import Event, RunningAlgo
from fix_oms.engine.algo_deeds import AlgoDeeds
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.entry import Entry
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.algos import Acts
from fix_oms.model.outputs import Acted, Alert, Output
from fix_oms.model.units import average


class AlgoHost:
    """Looks after all algos of one state."""

    def __init__(self, state: State, entry: Entry, parents: ParentActs) -> None:
        self._state: Final = state
        self._deeds: Final = AlgoDeeds(state, entry, parents)

    def run(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """Tell those that are due, until one acts: that is carried out before anybody goes on."""
        held = self._state.algos
        if type(value) in _TAKES_OUT:
            self._taken_out(value, out)
        elif type(value) is inputs.Started:
            self._restarted()
        while held.due:
            ref = next(iter(held.due))
            running = held.algos.get(ref)
            if running is None:
                del held.due[ref]
                continue
            if running.pending is not None:
                out.append(Acted(acts=running.pending))
                return
            if not running.events:
                del held.due[ref]
                self._is_out(running)
                continue
            self._next(now, running, out)
            if running.pending is not None:
                out.append(Acted(acts=running.pending))
                return

    def acted(self, now: int, value: inputs.Acted, out: list[Output]) -> None:
        """Carry out what an algo does: from the record, not from what it would do now."""
        running = self._state.algos.algos.get(value.acts.algo)
        if running is None:
            return
        acts, running.pending = value.acts, None
        running.number, running.updated_ns = acts.number, now
        running.newest = [*running.newest[1 - algos.REMEMBERED :], acts]
        if running.mind != acts.mind:  # another version has done this, or it cannot be had here
            running.mind = acts.mind
            self._remember(running, out)
        for act in acts.acts:
            self._deeds.do(now, running, act, out)
        self._state.algos.due[running.ref] = None

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tick` would do anything, or a step that failed has left any due."""
        held = self._state.algos
        return bool(held.due) or 0 < held.wake_ns <= now

    def tick(self, now: int) -> None:
        """Time has passed."""
        if 0 < self._state.algos.wake_ns <= now:
            self._state.algos.time_has_come(now)

    # -- telling ------------------------------------------------------------------------------

    def _next(self, now: int, running: RunningAlgo, out: list[Output]) -> None:
        """Tell it the first of what waits. Acts that come of it are left in ``pending``."""
        event, algo = running.events.popleft(), running.algo
        if algo is None or not self._is_told(running, event):
            return
        desk = AlgoDesk(self._state, running, now)
        try:
            answer = self._tell(desk, algo, running, event)
            acts = tuple(answer)
            if len(acts) > algos.MOST_ACTS:
                raise ValueError(f"{len(acts)} acts at once: more than {algos.MOST_ACTS}")
            watches = algo.watches() if running.state != algos.ENDED else frozenset()
            mind = encoded(algo)
        except Exception as error:  # noqa: BLE001 - it may be anybody's; the others go on
            running.remember()  # as it was: half an answer is none
            text = f"algo {running.ref} failed as {event.kind}: {type(error).__name__}: {error}"
            out.append(Alert(severity="severe", code="fault", text=text, subject=running.ref))
            self._deeds.hold(running, text, out)
            return
        unknown = sorted(watches - self._state.settings.instruments.keys())
        if unknown:
            self._deeds.hold(running, f"no instrument {unknown[0]!r} is configured", out)
            return
        self._state.algos.watch(running, watches)
        if acts:
            running.pending = Acts(
                algo=running.ref,
                number=running.number + 1,
                cause=f"{event.kind}: {event.subject}" if event.subject else event.kind,
                acts=acts,
                mind=mind,
            )
        running.mind = mind

    def _is_told(self, running: RunningAlgo, event: Event) -> bool:
        """Whether it is to be told that at all, as it stands."""
        if running.state in (algos.ENDED, algos.HELD) and event.kind not in _ALWAYS:
            return event.kind == algos.FILL and running.state == algos.ENDED
        if event.kind in algos.OF_THE_MARKET:
            return running.state == algos.RUNNING
        return True

    def _tell(self, desk: AlgoDesk, algo: Algo, running: RunningAlgo, event: Event) -> Answer:
        if event.kind == algos.ORDER:
            mine = desk.mine(event.subject)
            if mine is None:
                return ()
            if mine.is_open:
                running.working[mine.name] = None
            else:
                running.working.pop(mine.name, None)
            facts = (mine.status, mine.is_open, mine.pending, mine.in_doubt, mine.qty, mine.price)
            if running.told.get(mine.name) == facts:
                return ()
            running.told[mine.name] = facts
            return algo.on_order(desk, mine)
        if event.kind == algos.FILL:
            qty, notional, exec_id = event.what
            px = average(notional, qty) if qty else 0
            return algo.on_fill(desk, Filled(event.subject, qty, px, notional, exec_id))
        if event.kind == algos.REFUSED:
            return algo.on_refused(desk, Refusal(event.subject, *event.what))
        if event.kind == algos.BOOK:
            return algo.on_book(desk, event.subject)
        if event.kind == algos.TOLD:
            return algo.on_tell(desk, event.subject, event.what)
        return _PLAIN[event.kind](algo, desk)

    def _remember(self, running: RunningAlgo, out: list[Output]) -> None:
        try:
            running.remember()
        except Exception as error:  # noqa: BLE001 - a class that has changed since it was written
            running.algo = None
            text = f"what algo {running.ref} remembers is not of this {running.kind}: {error}"
            self._deeds.hold(running, text, out)

    # -- what ends or stops it ----------------------------------------------------------------

    def _is_out(self, running: RunningAlgo) -> None:
        """It has been told everything: one that is ending has ended once nothing of it works."""
        if running.state != algos.ENDING:
            return
        desk = AlgoDesk(self._state, running, running.updated_ns)
        for name in list(running.working):
            mine = desk.mine(name)
            if mine is None or not mine.is_open:
                running.working.pop(name)
        if not running.working:
            self._state.algos.ended(running, running.why)

    def _restarted(self) -> None:
        """A process began: kinds may be known that were not, or not any more."""
        for running in self._state.algos.live.values():
            self._remember(running, [])
            self._state.algos.tell(running, Event(algos.RESTART))

    def _taken_out(self, value: Any, out: list[Output]) -> None:
        """A person takes out what works: what algos of that scope have there must not come back."""
        what = "a kill" if type(value) is inputs.Kill else "a mass cancel"
        for running in list(self._state.algos.live.values()):
            if running.state == algos.RUNNING and self._is_meant(running, value):
                self._deeds.hold(running, f"{what} by {value.by} took its orders out", out)

    def _is_meant(self, running: RunningAlgo, scope: inputs.Scoped) -> bool:
        if scope.account not in (None, running.account):
            return False
        if scope.strategy not in (None, running.strategy):
            return False
        if scope.symbol is None and scope.venue is None:
            return True
        desk = AlgoDesk(self._state, running, 0)
        working = desk.working()
        symbols = running.watches | {mine.symbol for mine in working}
        if scope.symbol is not None and scope.symbol not in symbols:
            return False
        venues = {mine.venue for mine in working}
        return scope.venue is None or bool({scope.venue, ""} & venues)


_TAKES_OUT: Final = frozenset({inputs.Kill, inputs.MassCancel})
_ALWAYS: Final = frozenset({algos.RESUME, algos.STOP, algos.ORDER})
"""What an algo is told that is held."""
_PLAIN: Final[dict[str, Callable[[Algo, AlgoDesk], Answer]]] = {
    algos.START: lambda algo, desk: algo.on_start(desk),
    algos.RESTART: lambda algo, desk: algo.on_restart(desk),
    algos.TIME: lambda algo, desk: algo.on_time(desk),
    algos.AMEND: lambda algo, desk: algo.on_amend(desk),
    algos.PAUSE: lambda algo, desk: algo.on_pause(desk),
    algos.RESUME: lambda algo, desk: algo.on_resume(desk),
    algos.STOP: lambda algo, desk: algo.on_stop(desk),
}
