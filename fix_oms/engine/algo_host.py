"""Algos at work: each is told what concerns it, and what it asks for is carried out.

As with routing decisions, there are two steps with a record of the journal between them. An event
is told to the algo, which answers with acts (``algo_telling``); they leave the engine as an output
that comes back at once as an input, and are carried out from there, through the whole gate like
everybody's orders. What was answered and not journaled, because the process died, is told anew by
the next start, before the algo is told anything else: so what a fill brings about is done exactly
once. In a replay by other code than wrote the journal, acts may come up that no record follows:
they were never done, and are given up with the next input.

What goes wrong with one algo holds that one: an error in it, acts that are refused again and again,
a kill or mass cancel that takes its orders out. A person resumes or stops it.
"""

from __future__ import annotations

from typing import Any, Final

from fix_oms.algos import running as algos
from fix_oms.algos.running import Event, RunningAlgo
from fix_oms.engine.algo_deeds import AlgoDeeds
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.algo_telling import Telling
from fix_oms.engine.entry import Entry
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.state import State
from fix_oms.engine.waiting import SECOND
from fix_oms.model import inputs
from fix_oms.model.algos import Place, Wake
from fix_oms.model.outputs import Acted, Alert, Decided, Output

RETRY_NS: Final = 5 * SECOND
"""So long after, an algo that is ending is asked once more to take out what works yet."""


class AlgoHost:
    """Looks after all algos of one state."""

    def __init__(self, state: State, entry: Entry, parents: ParentActs) -> None:
        self._state: Final = state
        self._deeds: Final = AlgoDeeds(state, entry, parents)
        self._telling: Final = Telling(state)

    def run(self, now: int, value: inputs.Input, out: list[Output]) -> None:
        """Tell those that are due, until one acts: that is carried out before anybody goes on. So
        is what the router has decided in this step."""
        kind = type(value)
        if kind is not inputs.Acted:
            self._give_up(kind)
        if kind in _TAKES_OUT:
            self._taken_out(value, out)
        elif kind is inputs.Started:
            self._restarted()
        elif type(value) is inputs.SessionReady:
            self._ready(value.session)
        elif type(value) is inputs.VenueHours and value.is_open:
            self._ready(value.venue)
        elif kind is inputs.Resume:
            self._ready("")
        if not (out and type(out[-1]) is Decided):
            self._tell_all(now, kind, out)

    def acted(self, now: int, value: inputs.Acted, out: list[Output]) -> None:
        """Carry out what an algo does: from the record, not from what it would do now."""
        held, acts = self._state.algos, value.acts
        held.acting = ""
        running = held.algos.get(acts.algo) or held.adopt(acts.algo)
        if running is None:
            return
        running.pending = running.asked = None
        running.at_once = running.at_once + 1 if running.updated_ns == now else 0
        running.number, running.updated_ns, running.said = acts.number, now, acts.mind
        running.newest = [*running.newest[1 - algos.REMEMBERED :], acts]
        if running.mind != acts.mind or running.algo is None:  # other code has done this
            running.mind = acts.mind
            running.remember()
        if acts.most is not None:
            running.most = {(symbol, buys): qty for symbol, buys, qty in acts.most}
        if running.state == algos.ENDED and any(type(act) in _GOES_ON for act in acts.acts):
            held.goes_on(running)
        for act in acts.acts:
            self._deeds.do(now, running, act, out)
        if running.at_once >= algos.MOST_AT_ONCE:
            text = f"{running.at_once} records followed from one moment: it answers itself"
            self._deeds.hold(running, text, out)
        if acts.watches is not None and running.state != algos.ENDED:
            held.watch(running, frozenset(acts.watches))
        held.due[running.ref] = None

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tick` would do anything, or a step that failed has left any due."""
        held = self._state.algos
        return bool(held.due) or 0 < held.wake_ns <= now

    def tick(self, now: int) -> None:
        """Time has passed."""
        if 0 < self._state.algos.wake_ns <= now:
            self._state.algos.time_has_come(now)

    # -- telling ------------------------------------------------------------------------------

    def _tell_all(self, now: int, kind: type, out: list[Output]) -> None:
        held = self._state.algos
        if held.proposed is not None and kind in _PROPOSES:
            self._telling.tell(now, held.proposed, Event(algos.START), out)
            if self._acts(held.proposed, out):
                return
        while held.due:
            running = held.algos.get(next(iter(held.due)))
            if running is None:
                del held.due[next(iter(held.due))]
            elif running.events:
                self._telling.tell(now, running, running.events.popleft(), out)
                if self._acts(running, out):
                    return
            else:
                del held.due[running.ref]
                self._exposed(now, running, out)
                self._is_out(now, running)

    def _acts(self, running: RunningAlgo, out: list[Output]) -> bool:
        if running.pending is None:
            return False
        self._state.algos.acting = running.ref
        out.append(Acted(acts=running.pending))
        return True

    def _give_up(self, kind: type) -> None:
        """What was awaited has not come: it has not been done. A start tells the event anew."""
        held = self._state.algos
        running, held.acting = held.algos.get(held.acting, held.proposed), ""
        if running is not None and running.asked is not None:
            event, running.mind = running.asked
            running.pending = running.asked = None
            running.remember()
            if kind is inputs.Started and running is not held.proposed:
                running.events.appendleft(event)
                held.due[running.ref] = None
        if held.proposed is not None and kind not in _PROPOSES:
            held.proposed = None

    # -- what ends or stops it ----------------------------------------------------------------

    def _is_out(self, now: int, running: RunningAlgo) -> None:
        """It has been told everything: one that is ending has ended once nothing of it works, and
        is asked again while something does that nobody has asked out."""
        if running.state != algos.ENDING:
            return
        desk = AlgoDesk(self._state, running, now)
        working = desk.working()
        if not working and not running.waits:
            running.working.clear()
            self._state.algos.ended(running, running.why)
        elif working and not running.wake_ns and any(mine.pending != "cancel" for mine in working):
            self._state.algos.wake(running, now + RETRY_NS)

    def _exposed(self, now: int, running: RunningAlgo, out: list[Output]) -> None:
        """It has been told everything: what it has not covered by now a person is told."""
        if running.algo is None:
            return
        try:
            qty, text = running.algo.uncovered(AlgoDesk(self._state, running, now))
        except Exception as error:  # noqa: BLE001 - it may be anybody's; the others go on
            text = f"algo {running.ref} cannot tell what is uncovered: {error!r}"
            out.append(Alert(severity="severe", code="fault", text=text, subject=running.ref))
            return
        was, running.uncovered = running.uncovered, qty
        if not qty and was:
            severity, text = "info", "nothing is uncovered any more"
        elif abs(qty) > abs(was) or qty * was < 0:
            severity = "severe"
        else:
            return
        text = f"algo {running.ref}: {text}"
        out.append(Alert(severity=severity, code="uncovered", text=text, subject=running.ref))

    def _restarted(self) -> None:
        """A process began: kinds may be known that were not, or not any more."""
        for running in self._state.algos.live.values():
            running.remember()
            self._state.algos.tell(running, Event(algos.RESTART))

    def _ready(self, place: str) -> None:
        """A session is ready, a venue open, or a halt lifted: orders may leave that could not, and
        cancels."""
        for running in self._state.algos.live.values():
            is_ending = running.state == algos.ENDING
            event = Event(algos.STOP) if is_ending else Event(algos.READY, place)
            self._state.algos.tell(running, event)

    def _taken_out(self, value: Any, out: list[Output]) -> None:
        """A person takes out what works: what algos of that scope have there must not come back."""
        what = "a kill" if type(value) is inputs.Kill else "a mass cancel"
        for running in list(self._state.algos.live.values()):
            if running.state == algos.RUNNING and self._is_meant(running, value):
                self._deeds.hold(running, f"{what} by {value.by} took its orders out", out)

    def _is_meant(self, running: RunningAlgo, scope: inputs.Scoped) -> bool:
        """Whether an order of it is of that scope, or could be by what it watches."""
        if scope.strategy not in (None, running.strategy):
            return False
        working = AlgoDesk(self._state, running, 0).working()
        if scope.account not in {None, running.account, *[mine.account for mine in working]}:
            return False
        if scope.symbol is None and scope.venue is None:
            return True
        symbols = running.watches | {mine.symbol for mine in working}
        if scope.symbol is not None and scope.symbol not in symbols:
            return False
        venues = {mine.venue for mine in working}
        return scope.venue is None or not venues or bool({scope.venue, ""} & venues)


_TAKES_OUT: Final = frozenset({inputs.Kill, inputs.MassCancel})
_GOES_ON: Final = frozenset({Place, Wake})
"""What one does that has ended and goes on."""
_PROPOSES: Final = frozenset({inputs.NewAlgo, inputs.Started})
"""After these, one that is proposed is told that it was started."""
