"""What people and programs ask of algos: start, amend, pause, resume, stop, say something to one.

As for orders, each command ends in one Accepted or Refused, and a refused one has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fix_oms.algos import running as algos
from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import KINDS, BadParams, amended, encoded, made
from fix_oms.algos.running import Event, RunningAlgo
from fix_oms.engine.algo_desk import AlgoDesk
from fix_oms.engine.judging import rule
from fix_oms.engine.state import State
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Output, Refused

Handler = Callable[[int, Any, list[Output]], None]


class AlgoActs:
    """The commands, one method each: ``(now, command, out)``."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def handlers(self) -> dict[type, Handler]:
        """By command."""
        return {
            inputs.NewAlgo: self.new,
            inputs.AmendAlgo: self.amend,
            inputs.PauseAlgo: self.pause,
            inputs.ResumeAlgo: self.resume,
            inputs.StopAlgo: self.stop,
            inputs.TellAlgo: self.say,
        }

    def new(self, now: int, command: inputs.NewAlgo, out: list[Output]) -> None:
        """Start one."""
        state = self._state
        account = command.account or state.settings.engine.default_account
        ref, kind, strategy = command.ref, command.kind, command.strategy or ""
        running = RunningAlgo(ref, kind, command.by, account, strategy, b"", now)
        # Whatever is said of it here: where a record follows, the version that wrote it took it.
        state.algos.propose(running)
        refused = self._wrong(command, account)
        if refused is not None:
            out.append(refused)
            return
        wrong = self._take(now, running, command.params)
        if wrong:
            running.algo, running.mind = None, b""
            out.append(rule("algo", f"algo kind {kind}: {wrong}", "params"))
            return
        out.append(Accepted(order=command.ref, text=f"algo {command.ref} is started"))

    def amend(self, now: int, command: inputs.AmendAlgo, out: list[Output]) -> None:
        """Give it other parameters."""
        found = self._live(command.ref)
        if isinstance(found, Refused):
            out.append(found)
            return
        if found.algo is None:
            out.append(rule("algo", f"algo {found.ref}: {found.trouble}", "kind"))
            return
        algo = found.algo
        try:
            algo = amended(algo, command.params)
            wrong = self._wrong_params(now, found, algo)
        except BadParams as error:
            wrong = str(error)
        if wrong:
            out.append(rule("algo", f"algo {found.ref}: {wrong}", "params"))
            return
        found.algo, found.mind = algo, encoded(algo)
        self._tell(found, Event(algos.AMEND), f"algo {found.ref} is amended", out)

    def pause(self, now: int, command: inputs.PauseAlgo, out: list[Output]) -> None:
        """Let it send nothing new."""
        found = self._live(command.ref)
        if isinstance(found, RunningAlgo) and found.state != algos.RUNNING:
            found = rule("order_state", f"algo {found.ref} is {found.state}: {found.why}")
        if isinstance(found, Refused):
            out.append(found)
            return
        found.state, found.why = algos.PAUSED, _who("paused", command.by, command.reason)
        self._tell(found, Event(algos.PAUSE), f"algo {found.ref} is paused", out)

    def resume(self, now: int, command: inputs.ResumeAlgo, out: list[Output]) -> None:
        """Let it go on."""
        found = self._live(command.ref)
        if isinstance(found, RunningAlgo) and found.state not in (algos.PAUSED, algos.HELD):
            found = rule("order_state", f"algo {found.ref} is {found.state}")
        if isinstance(found, Refused):
            out.append(found)
            return
        found.state, found.why, found.refused = algos.RUNNING, "", 0
        self._state.algos.wake(found, found.wake_ns)
        self._tell(found, Event(algos.RESUME), f"algo {found.ref} goes on", out)
        self._state.algos.look(found, found.watches)

    def stop(self, now: int, command: inputs.StopAlgo, out: list[Output]) -> None:
        """End it."""
        found = self._live(command.ref)
        if isinstance(found, RunningAlgo) and found.state == algos.ENDING:
            found = rule("order_state", f"algo {found.ref} is ending already: {found.why}")
        if isinstance(found, Refused):
            out.append(found)
            return
        found.state, found.why = algos.ENDING, _who("stopped", command.by, command.reason)
        found.wake_ns = 0
        said = f"algo {found.ref} is stopped: what works of it is taken out"
        self._tell(found, Event(algos.STOP), said, out)

    def say(self, now: int, command: inputs.TellAlgo, out: list[Output]) -> None:
        """Say something to it; what it answers with is done as of any event."""
        found = self._live(command.ref)
        if isinstance(found, Refused):
            out.append(found)
        elif found.algo is None:
            out.append(rule("algo", f"algo {found.ref}: {found.trouble}", "kind"))
        else:
            self._say(now, found, found.algo, command, out)

    # -- parts --------------------------------------------------------------------------------

    def _say(
        self, now: int, found: RunningAlgo, algo: Algo, command: inputs.TellAlgo, out: list[Output]
    ) -> None:
        """Whether it understands is tried here; then it is told, as of any event."""
        word, wrong = command.word, ""
        try:
            tuple(algo.on_tell(AlgoDesk(self._state, found, now), word, command.params))
        except ValueError as error:
            wrong = str(error)
        except Exception as error:  # noqa: BLE001 - it may be anybody's; its sender has an answer
            wrong = f"{type(error).__name__}: {error}"
        found.remember()  # as it was
        if wrong:
            out.append(rule("algo", f"algo {found.ref}: {wrong}", "word"))
        else:
            event = Event(algos.TOLD, word, command.params)
            self._tell(found, event, f"algo {found.ref} was told: {word}", out)

    def _tell(self, found: RunningAlgo, event: Event, said: str, out: list[Output]) -> None:
        self._state.algos.tell(found, event)
        out.append(Accepted(order=found.ref, text=said))

    def _live(self, ref: str) -> RunningAlgo | Refused:
        found = self._state.algos.algos.get(ref)
        if found is None:
            return rule("algo", f"no algo is known as {ref!r}", "ref")
        if found.state == algos.ENDED:
            return rule("order_state", f"algo {ref} has ended: {found.why}")
        return found

    def _wrong(self, command: inputs.NewAlgo, account: str) -> Refused | None:
        state, settings = self._state, self._state.settings
        ref = command.ref
        if not ref.strip() or "." in ref:
            return rule("algo", f"{ref!r} is no name for an algo: it is not empty, and has no dot")
        if ref in state.algos.algos:
            return rule("algo", f"there is an algo {ref!r} already", "ref")
        if ref in state.gate.parents.parents or state.book.is_taken(ref):
            return rule("algo", f"there is an order {ref!r} already", "ref")
        kinds = KINDS.keys() | settings.algos.keys()
        if command.kind not in kinds:
            known = ", ".join(sorted(kinds)) or "none"
            return rule("algo", f"no algo kind {command.kind!r} (there are {known})", "kind")
        if account not in settings.accounts:
            return rule("algo", f"no account {account!r} is configured", "Account(1)")
        if command.strategy and command.strategy not in settings.strategies:
            return rule("algo", f"no strategy {command.strategy!r} is configured", "strategy")
        return None

    def _take(self, now: int, running: RunningAlgo, params: Mapping[str, Any]) -> str:
        """Take its parameters; what is wrong with them, in words."""
        kind = KINDS.get(running.kind)
        if kind is None:
            return "its code is not known here"
        try:
            running.algo = made(kind, params)
        except BadParams as error:
            return str(error)
        running.mind = encoded(running.algo)
        return self._wrong_params(now, running, running.algo)

    def _wrong_params(self, now: int, running: RunningAlgo, algo: Algo) -> str:
        try:
            unknown = sorted(algo.watches() - self._state.settings.instruments.keys())
            if unknown:
                return f"no instrument {unknown[0]!r} is configured"
            return algo.wrong(AlgoDesk(self._state, running, now))
        except Exception as error:  # noqa: BLE001 - it may be anybody's; its sender has an answer
            return f"{type(error).__name__}: {error}"


def _who(did: str, by: str, reason: str) -> str:
    return f"{did} by {by}: {reason}" if reason else f"{did} by {by}"
