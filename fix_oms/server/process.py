"""The process: ``fix-oms run CONFIG``. Recover, connect, serve, and stop without losing anything.

Start: take the journal's lock, replay it, write a Started record with the effective configuration
(synced: the run number in every ClOrdID must never come twice), tell the trading days and which
venues are open, then open the sessions with the numbers that the journal says, then the control
socket, and last the door for FIX clients. Stop: refuse new commands, log the clients out, log the
sessions out and learn their exact numbers, let the senders finish, write Stopped, sync, release the
lock.

Two settings are for the interpreter: a short switch interval, because callbacks of QuickFIX's
threads compete for the GIL with every other thread, and a quiet garbage collector (``memory``).
"""

from __future__ import annotations

import contextlib
import functools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

import fix_oms
from fix_oms.engine import Engine
from fix_oms.journal.writer import JournalWriter
from fix_oms.model.errors import FixOmsError, JournalError
from fix_oms.model.inputs import ClockJumped, Halt, Started, Stopped, Tick
from fix_oms.model.outputs import Alert, SessionAct
from fix_oms.model.session_reasons import WE_GO
from fix_oms.model.settings_text import to_plain
from fix_oms.model.views import SessionView
from fix_oms.server import anchors, memory
from fix_oms.server.alerting import LOOK_S, alerting
from fix_oms.server.answers import Process
from fix_oms.server.clients import Clients
from fix_oms.server.clock import Clock, Jump
from fix_oms.server.closes import Closes
from fix_oms.server.conditions import Look, looks
from fix_oms.server.config_file import LoadedConfig
from fix_oms.server.control import ControlServer
from fix_oms.server.days import Days, firm_day
from fix_oms.server.feeds import Feeds
from fix_oms.server.hours import Hours
from fix_oms.server.mirror import MirrorProcess
from fix_oms.server.outbox import Outbox
from fix_oms.server.outlets import Outlets
from fix_oms.server.recovered import client_states, recovered, session_states
from fix_oms.server.runner import Runner
from fix_oms.server.scribe import Scribe
from fix_oms.sessions import Initiators

TICK_S: Final = 0.25
RECORD_S: Final = 0.005
"""How long the record of what left may wait, where no other input takes it along."""
STOP_S: Final = 10.0
ALERTS_S: Final = 5.0
"""How long a stop waits for alerts to be delivered."""
_steady_ns: Final = functools.partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
_log = structlog.get_logger("engine")


class Server:
    """One running engine. Made by :func:`run`; tests and the demo make their own."""

    def __init__(
        self,
        loaded: LoadedConfig,
        *,
        before_start: Callable[[Server], None] | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        at_any_time: bool = False,
    ) -> None:
        """``before_start`` sees the recovered engine before the first session opens; ``wall_ns``
        is the machine's clock, which anybody may set. ``at_any_time`` starts although the clock
        is far behind the journal.
        """
        self._at_any_time: Final = at_any_time
        self.loaded: Final = loaded
        self._clock: Final = Clock(wall_ns, _steady_ns)
        self._before_start: Final = before_start
        self.failure: JournalError | None = None
        self._stopping: Final = threading.Event()
        self.alerting: Final = alerting(loaded, self._clock.now_ns)
        self._outboxes: dict[str, Outbox] = {}
        self._sessions: list[SessionView] = []
        self._timer: Final = threading.Thread(target=self._tick, name="timer", daemon=True)
        snapshots = loaded.settings.engine.snapshots
        self.scribe: Final = Scribe(loaded.path) if snapshots is not None else None
        self._mirror: Final = MirrorProcess(loaded.path, loaded.socket)

    # -- start --------------------------------------------------------------------------------

    def start(self) -> None:
        """Recover and go up. Raises JournalError, SessionError, SocketError with all undone."""
        loaded = self.loaded
        with _naming(loaded.journal):
            loaded.journal.mkdir(parents=True, exist_ok=True)
        now = self._clock.now_ns()
        self._writer = JournalWriter.open(
            loaded.journal,
            durability=loaded.settings.engine.durability,
            now_ns=now,
            day=firm_day(loaded.settings.engine, now)[0],
        )
        self._writer.clock_ns = self._clock.now_ns
        try:
            self._recover()
            self._days.tick()
            self._hours.tick()
            if self._before_start is not None:
                self._before_start(self)
            with _naming(loaded.journal):
                self._go_up()
        except BaseException:
            self._writer.close()
            raise

    def _recover(self) -> None:
        cut = self._writer.cut
        if cut is not None:
            _log.warning("the journal ended within a record, which is set aside", cut=str(cut))
        engine, found = recovered(self.loaded)
        settings = self.loaded.settings
        jump = self._begin_time(found.last_ns)
        memory.quieten()
        sys.setswitchinterval(1e-4)
        self.runner = Runner(
            engine,
            self._writer,
            clock_ns=self._clock.now_ns,
            last_ns=found.last_ns,
            alert=self.alerting.put,
            failed=self._journal_failed,
        )
        kept = anchors.kept(self.loaded.anchors, self.loaded.journal, self._writer.next_index)
        self.run_number = max(engine.run, kept.run) + 1
        self.runner.submit(
            Started(
                run=self.run_number,
                version=fix_oms.__version__,
                settings=to_plain(settings),
                dialects={name: dict(d) for name, d in self.loaded.dialects.items()},
            )
        )
        if engine.run != self.run_number:
            raise FixOmsError("the engine could not take this configuration: see its alerts")
        if jump is not None:
            self._tell_jump(jump)
        if found.mismatches:
            reason = f"the replay differs from what left ({len(found.mismatches)} messages)"
            self.runner.submit(Halt(by="fix-oms", reason=reason))
        self._take_anchors(kept)
        self._remember(engine)

    def _begin_time(self, last_ns: int) -> Jump | None:
        """Go on from the journal's last time. Raises FixOmsError where that is too far ahead."""
        jump, refused = self._clock.begin(last_ns, self.loaded.settings.engine.clock_tolerance_s)
        if refused and not self._at_any_time:
            raise FixOmsError(f"{self.loaded.journal}: {refused}")
        return jump

    def _take_anchors(self, kept: anchors.Kept) -> None:
        """Tell what is wrong with them, and go on with them. A journal that is not the one that
        was anchored may hold less than the brokers do: nothing new leaves until a person says so.
        """
        loaded = self.loaded
        if kept.unread:
            self.alerting.put(Alert(severity="warning", code="anchor", text=kept.unread))
        if kept.astray:
            text = f"the journal is not as it was anchored: {kept.astray}"
            self.alerting.put(Alert(severity="severe", code="anchor", text=text))
            self.runner.submit(Halt(by="fix-oms", reason=text))
        settings = loaded.settings.engine.anchors
        self._anchors = anchors.Anchors(
            loaded.anchors,
            self._writer,
            command=settings.command,
            every_s=settings.every_s,
            journal=kept.journal,
            run=self.run_number,
            stand=self.runner.stand,
            alert=self.alerting.put,
            failed=self._journal_failed,
        )

    def _remember(self, engine: Engine) -> None:
        """What the journal knows of venues and sessions, for those that are still configured."""
        settings = self.loaded.settings
        venues, now_ns = settings.venues.values(), self._clock.now_ns
        self._days = Days(
            settings.engine, venues, self.runner.submit, self.runner.roll, clock_ns=now_ns
        )
        self._hours = Hours(venues, self.runner.submit, clock_ns=now_ns)
        self._states = session_states(engine, settings)
        self._client_states = client_states(engine)
        self._disabled = [
            name
            for name, link in engine.state.links.items()
            if link.disabled and name in settings.sessions
        ]

    def _go_up(self) -> None:
        loaded = self.loaded
        sessions = list(loaded.settings.sessions.values())
        self._feeds = Feeds(
            loaded.settings, self.runner, clock_ns=self._clock.now_ns, alert=self.alerting.put
        )
        self._outlets = Outlets(sessions, self.alerting, hidden=loaded.secret_variables())
        self._initiators = Initiators(
            sessions,
            self._states,
            self.runner,
            work_dir=loaded.journal / "sessions",
            secrets=loaded.secrets,
            clock_ns=self._clock.now_ns,
            outlets=self._outlets.of,
        )
        self._outboxes = {
            s.name: Outbox(
                s.name,
                self._initiators,
                min_interval_ms=s.min_interval_ms,
                wait_durable=self._writer.wait_durable,
                tell=self.runner.submit,
                left=self.runner.left,
                clock_ns=self._clock.now_ns,
            )
            for s in sessions
        }
        self._clients = Clients(
            loaded, self._client_states, self.runner, self._writer, self.alerting, self._clock
        )
        self.runner.attach({**self._outboxes, **self._clients.outboxes}, self._act)
        self._closes = Closes(sessions, self.runner, clock_ns=self._clock.now_ns)
        self._control = ControlServer(loaded.socket, self.runner, self._described())
        self._clients.start()
        self._control.start()
        self.alerting.start(self._looks())
        self._timer.start()
        for outbox in self._outboxes.values():
            outbox.start()
        for name in self._disabled:
            self._initiators.act(name, "disable", None, None)
        self._outlets.start()
        self._initiators.start()
        self._anchors.start()
        self._feeds.start()
        self._clients.open()

    def _described(self) -> Process:
        return Process(
            run=self.run_number,
            config=str(self.loaded.path),
            journal=str(self.loaded.journal),
            durability=self.loaded.settings.engine.durability,
            open_alerts=self.alerting.open_now,
            stream=self._mirror.where,
        )

    def _looks(self) -> list[Look]:
        """What is looked for around the engine, beside what its state says."""
        return looks(
            self.loaded.settings,
            self.loaded.journal,
            clock_ns=self._clock.now_ns,
            sessions=lambda: self._sessions,
            outboxes=self._outboxes,
            slowest_ns=lambda: (self.runner.slowest_append_ns(), self._writer.slowest_sync_ns()),
            snapshots=lambda: self.scribe.trouble if self.scribe is not None else "",
        )

    # -- running ------------------------------------------------------------------------------

    def wait(self) -> None:
        """Until somebody asks for the stop, or the journal fails."""
        self._stopping.wait()

    def ask_to_stop(self) -> None:
        """Let :meth:`wait` return. Safe in a signal handler."""
        self._stopping.set()

    def _act(self, act: SessionAct) -> None:
        self._initiators.act(act.session, act.action, act.next_in, act.next_out)

    def _journal_failed(self, error: JournalError) -> None:
        if self.failure is None:
            self.failure = error
            text = f"the journal failed, nothing more is taken: {error}"
            self.alerting.put(Alert(severity="severe", code="journal", text=text))
        self._stopping.set()

    def _tick(self) -> None:
        ticked = looked = time.monotonic()
        while not self._stopping.wait(RECORD_S):
            try:
                self.runner.record_left()
                self.runner.pack()
                if time.monotonic() - ticked < TICK_S:
                    continue
                ticked = time.monotonic()
                memory.settle()
                self.runner.require_untouched()
                if self.scribe is not None:
                    self.scribe.tick()
                if (jump := self._clock.look()) is not None:
                    self._tell_jump(jump)
                self._anchors.watch()
                self.runner.tick(Tick())
                self._days.tick()
                self._hours.tick()
                self._closes.tick()
                if ticked - looked >= LOOK_S:
                    looked = ticked
                    self._look()
            except JournalError as error:
                self._journal_failed(error)

    def _tell_jump(self, jump: Jump) -> None:
        self.runner.submit(ClockJumped(**jump._asdict()))

    def _look(self) -> None:
        """What is wrong by the engine's state, for whoever tells people."""
        found, self._sessions = self.runner.read(lambda x: (x.open_alerts(), x.session_views()))
        self.alerting.looked(found)

    # -- stop ---------------------------------------------------------------------------------

    def stop(self, reason: str) -> None:
        """Go down cleanly. What cannot be written any more is left as it is: a crash's state."""
        self._stopping.set()
        self.alerting.closing()
        self._control.stop()
        self._clients.log_out(f"{WE_GO}: {reason}", STOP_S)
        self._feeds.stop(STOP_S)
        for outbox in self._outboxes.values():
            outbox.stop(STOP_S)
        next_out = self._initiators.stop(STOP_S)
        self._outlets.stop()
        self._clients.stop(STOP_S)
        self._timer.join(STOP_S)
        if self.failure is None:
            try:
                self.runner.record_left()
                self.runner.submit(Stopped(reason=reason, next_out=next_out))
            except JournalError as error:
                self._journal_failed(error)
        self._anchors.stop(STOP_S)
        self.alerting.stop(ALERTS_S)
        self._writer.close()
        self._mirror.stop(STOP_S)
        if self.scribe is not None:
            self.scribe.stop(STOP_S)


def run(loaded: LoadedConfig) -> int:
    """``fix-oms run``: serve until SIGINT or SIGTERM. Returns the exit code.

    Raises SettingsError for a secret that cannot be had, and what :meth:`Server.start` raises.
    """
    loaded.webhook()
    server = Server(loaded)
    server.start()
    received: list[str] = []

    def on_signal(number: int, _: FrameType | None) -> None:
        received.append(signal.Signals(number).name)
        server.ask_to_stop()

    # Importing quickfix sets SIGINT back to its default, so the handlers come after the start.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    _log.info(
        "running",
        run=server.run_number,
        journal=str(loaded.journal),
        socket=str(loaded.socket),
        durability=loaded.settings.engine.durability,
    )
    server.wait()
    reason = received[0] if received else "the journal failed"
    _log.info("stopping", reason=reason)
    server.stop(reason)
    return 0 if server.failure is None else 1


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What the file system refuses, as an error that names the file (else ``path``) and why."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise FixOmsError(f"{where}: {error.strerror or error}") from error
