"""One session to a broker: its own thread, which decides when it is logged on.

QuickFIX's initiator only connects a session that is enabled, and never by itself: the session is
disabled when it is made and at each logout, and this thread enables it for one attempt at a time.
So everything that must be true before a Logon leaves is done in one place, ``_open``: a reset that
is due is told, numbers are reserved, what must be received again is expected again, credentials
are fetched. Each session has an initiator of its own, because QuickFIX shares the reconnect
interval between all sessions of one, and so that a stuck broker cannot hold up the others.

The thread takes what QuickFIX's threads post to it, in order, and looks at the clock five times a
second: at ``clock_ns`` for the schedule, at the monotonic one for everything that takes a while. It
is the only one that may block on the session's mutex, so a peer that stops reading blocks no more
than its own session.
"""

from __future__ import annotations

import enum
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fix_oms.model.counterparty import Session
from fix_oms.model.errors import SessionError
from fix_oms.model.inputs import SessionDown
from fix_oms.model.session_reasons import (
    DISABLED,
    FOR_RESET,
    LOGGED_OUT,
    NOBODY_THERE,
    OUTSIDE_HOURS,
    STOPPED,
)
from fix_oms.sessions import config, schedule, sockets
from fix_oms.sessions import text as fixtext
from fix_oms.sessions.acts import check
from fix_oms.sessions.binding import fix
from fix_oms.sessions.callbacks import Callbacks
from fix_oms.sessions.dictionaries import derived
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.numbers import SessionState
from fix_oms.sessions.silence import Silence
from fix_oms.sessions.traffic import HELD, BrokerTraffic
from fix_oms.sessions.way import Outlet, Way

SECOND_NS: Final = 1_000_000_000
DAY_NS: Final = 86_400 * SECOND_NS
LOOK_S: Final = 0.2
"""How often the clock is looked at."""
PROBE_NS: Final = SECOND_NS
"""A TestRequest unanswered for so long is followed by another."""
CONNECT_NS: Final = 2 * SECOND_NS
"""Longer than the reconnect interval by this without a Logon: nobody listens there."""
LEAVE_NS: Final = (config.LOGOUT_TIMEOUT_S + 3) * SECOND_NS
"""A logout takes no longer; then the connection is closed."""
UNHEARD_NS: Final = 2 * SECOND_NS
"""How much longer than QuickFIX this thread waits for a word of the peer."""
DROP_S: Final = 5.0
"""How long the sender may take to come back from QuickFIX at a stop."""

Secrets = Callable[[Session], tuple[str | None, str | None]]


class Phase(enum.Enum):
    """Where the session is, as its own thread sees it."""

    OUT = "out"
    TRYING = "trying"
    UP = "up"
    LEAVING = "leaving"


class Link:
    """One broker session: see the module. ``start`` once, ``stop`` once, the rest in between."""

    def __init__(
        self,
        session: Session,
        state: SessionState,
        listener: Listener,
        *,
        work_dir: Path,
        secrets: Secrets,
        clock_ns: Callable[[], int],
        outlet: Outlet | None = None,
    ) -> None:
        schedule.zone(session.schedule)
        self.session: Final = session
        self.identity: Final = config.identity(
            session.version, session.sender_comp_id, session.target_comp_id
        )
        self._secrets: Final = secrets
        self._clock_ns: Final = clock_ns
        self._dictionaries: Final = derived(session.version, session.dictionary, work_dir)
        self.traffic: Final = BrokerTraffic(
            session.name,
            state,
            listener,
            self,
            build=fixtext.builder(self._dictionaries),
            heartbeat_s=session.heartbeat_s,
            clock_ns=clock_ns,
        )
        self._posted: Final[queue.SimpleQueue[Callable[[], None]]] = queue.SimpleQueue()
        self._way: Final = Way(session, outlet, post=self.post, tell=self._barred)
        self._thread: Final = threading.Thread(
            target=self._run, name=f"session {session.name}", daemon=True
        )
        self._engine: Any = None
        self._kept: tuple[Any, ...] = ()
        self._phase = Phase.OUT
        self._silence: Final = Silence(2 * int(LOOK_S * SECOND_NS))
        self._since_ns = self._probed_ns = self._look_again_ns = 0
        self._told_down: str | None = None
        self._leaving_for = ""
        self._disabled = self._held = self._open_now = False
        self._override: bool | None = None
        self._reset_asked, self._attempt_resets = state.reset_asked, False
        self._next_reset_ns = schedule.next_reset(
            session.schedule, state.last_seen_ns or clock_ns()
        )
        self._stop_by: float | None = None
        self._done: Final = threading.Event()
        self.next_out: int | None = None
        """The exact next outgoing number, once stopped."""

    # -- any thread

    def start(self) -> None:
        """Make QuickFIX's side and start the thread. Raises SessionError."""
        self._secrets(self.session)
        store, callbacks = fix.MemoryStoreFactory(), Callbacks(self.traffic)
        settings = config.session_settings(
            {
                self.identity: config.initiator(
                    self._dictionaries,
                    host=self._way.host,
                    port=self._way.port,
                    heartbeat_s=self.session.heartbeat_s,
                    reconnect_s=self._way.reconnect_s,
                )
            },
            {"ReconnectInterval": str(self._way.reconnect_s)},
        )
        self._kept = (callbacks, store, settings)
        try:
            self._engine = fix.ThreadedSocketInitiator(callbacks, store, settings)
        except (fix.ConfigError, fix.RuntimeError) as error:
            raise SessionError(f"sessions.{self.session.name}: {error}") from error
        self._thread.start()

    def post(self, act: Callable[[], None]) -> None:
        """Have ``act`` done by the session's thread, after what was posted before."""
        self._posted.put(act)

    def act(self, action: str, next_in: int | None, next_out: int | None) -> None:
        """The support desk's act; done by the session's thread. Raises SessionError."""
        check(action, next_in, next_out)
        self.post(lambda: self._act(action, next_in, next_out))

    def stop(self, timeout_s: float) -> None:
        """Begin to log out and stop; ``wait`` for the end."""
        by = time.monotonic() + timeout_s
        self.post(lambda: self._begin_stop(by))

    def wait(self, timeout_s: float) -> bool:
        """Whether the session has stopped by then and QuickFIX's side of it is gone."""
        return self._thread.ident is None or self._done.wait(timeout_s)

    # -- posted by QuickFIX's threads

    def connected(self) -> None:
        """A Logon left, so there is a connection."""
        sockets.limit_connected(self._way.port, self.session.heartbeat_s)

    def came_up(self) -> None:
        if self._phase in (Phase.TRYING, Phase.UP):
            self._enter(Phase.UP)
            if self._attempt_resets:  # done: the next one that is asked for is another
                self._reset_asked = self._attempt_resets = False
            self._told_down = None
            self._probed_ns = time.monotonic_ns()

    def went_down(self, reason: str) -> None:
        self._enter(Phase.OUT)
        self._tell_down(self._leaving_for or self._way.trouble or reason)
        self._leaving_for = ""

    def faulted(self) -> None:
        self._held = True

    def _barred(self, why: str) -> None:
        """The outlet has no broker: told, where one is wanted."""
        if self._phase in (Phase.OUT, Phase.TRYING) and self._stop_by is None:
            self._tell_down(self._reason_to_be_out(self._clock_ns()) or why)

    # -- the session's thread

    def _run(self) -> None:
        while not self._posted.empty():
            self._safely(self._posted.get())
        self._safely(self._tend)
        self._safely(self._engine.start)
        while not self._done.is_set():
            try:
                act = self._posted.get(timeout=LOOK_S)
            except queue.Empty:
                pass
            else:
                self._safely(act)
            self._safely(self._tend)

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - recorded; the thread must live to log out
            self.traffic.fault("session thread", error)

    def _tend(self) -> None:
        """Bring the session nearer to where it should be."""
        now = self._clock_ns()
        if self._stop_by is not None:
            self._tend_stop()
            return
        reason = self._reason_to_be_out(now)
        if self._phase is Phase.OUT:
            if reason is None and self._way.is_open():
                self._open(now)
        elif self._phase is Phase.LEAVING:
            self._close_if_overdue()
        elif reason is not None:
            self._leave(reason)
        elif self._reset_is_due(now) or (self._reset_asked and not self._attempt_resets):
            self._leave(FOR_RESET)
        elif self._phase is Phase.UP:
            self._tend_up()
        elif self.traffic.logon_sent:
            self._cut_if_unheard(config.LOGON_TIMEOUT_S * SECOND_NS)
        elif self._in_phase_ns() > self._connect_ns():
            self._tell_down(f"{NOBODY_THERE} {self._way.where}")

    def _tend_up(self) -> None:
        self.traffic.reserve()
        self._cut_if_unheard(int(2.4 * self.session.heartbeat_s * SECOND_NS))
        now = time.monotonic_ns()
        if not self.traffic.is_ready and now - self._probed_ns >= PROBE_NS:
            self._probed_ns = now
            self.traffic.probe()

    def _cut_if_unheard(self, patience_ns: int) -> None:
        """End the connection of a peer that has not been understood for so long.

        Not by way of QuickFIX, whose mutex may be held by a send to that very peer.
        """
        now = time.monotonic_ns()
        if self._silence.look(self.traffic.heard, now) > patience_ns + UNHEARD_NS:
            self._silence.begin(now)
            sockets.cut_connected(self._way.port)

    def _reason_to_be_out(self, now: int) -> str | None:
        if self._held:
            return HELD
        if self._disabled:
            return DISABLED
        if now >= self._look_again_ns:
            self._look_at_schedule(now)
        if self._override is not None:
            return None if self._override else LOGGED_OUT
        return None if self._open_now else OUTSIDE_HOURS

    def _look_at_schedule(self, now: int) -> None:
        is_open = schedule.is_open(self.session.schedule, now)
        if is_open != self._open_now and self._look_again_ns:
            self._override = None
        self._open_now = is_open
        change = schedule.next_change(self.session.schedule, now)
        self._look_again_ns = change if change is not None else now + DAY_NS

    def _reset_is_due(self, now: int) -> bool:
        return self._next_reset_ns is not None and now >= self._next_reset_ns

    def _open(self, now: int) -> None:
        """Make everything true that must be before a Logon leaves, then let one leave."""
        traffic, session = self.traffic, self.session
        traffic.begin_attempt()
        traffic.credentials = self._secrets(session)
        if traffic.redo_from is not None:
            traffic.session.setNextTargetMsgSeqNum(traffic.redo_from)
            traffic.redo_from = None
        self._attempt_resets = self._reset_asked
        traffic.send_reset = self._reset_asked or session.reset_on_logon
        if traffic.send_reset or self._reset_is_due(now):
            traffic.numbers.begin(1, 1, self._why_reset(), asked=traffic.send_reset)
            traffic.set_numbers(1, 1)
            self._next_reset_ns = schedule.next_reset(session.schedule, now)
        traffic.reserve()
        self._enter(Phase.TRYING)
        traffic.session.logon()

    def _why_reset(self) -> str:
        if self._reset_asked:
            return "reset by an operator"
        return "reset at each logon" if self.session.reset_on_logon else "scheduled reset"

    def _leave(self, reason: str) -> None:
        traffic = self.traffic
        traffic.end_term()
        self._leaving_for = reason
        self._enter(Phase.LEAVING)
        traffic.session.logout()
        if not traffic.session.isLoggedOn():
            traffic.session.disconnect()
            if not traffic.logon_sent:  # else QuickFIX says that it is logged out
                self._leaving_for = ""
                self._enter(Phase.OUT)

    def _close_if_overdue(self) -> None:
        if self._in_phase_ns() > LEAVE_NS:
            sockets.cut_connected(self._way.port)  # frees the mutex, if a send holds it
            self.traffic.session.disconnect()
        if self._in_phase_ns() > 2 * LEAVE_NS:
            self._enter(Phase.OUT)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._since_ns = time.monotonic_ns()
        self._silence.begin(self._since_ns)

    def _in_phase_ns(self) -> int:
        return time.monotonic_ns() - self._since_ns

    def _connect_ns(self) -> int:
        return self.session.reconnect_s * SECOND_NS + CONNECT_NS

    def _tell_down(self, reason: str) -> None:
        reason = self.traffic.scrubbed(reason)
        if reason != self._told_down:
            self._told_down = reason
            self.traffic.tell(SessionDown(session=self.session.name, reason=reason))

    def _act(self, action: str, next_in: int | None, next_out: int | None) -> None:
        if action in ("logon", "enable"):
            self._held = False
        if action in ("disable", "enable"):
            self._disabled = action == "disable"
            self._override = None
        elif action in ("logon", "logout"):
            self._override = action == "logon"
        elif action == "reset":
            self._reset_asked = True
        elif action == "set-next":
            self._set_next(next_in, next_out)

    def _set_next(self, next_in: int | None, next_out: int | None) -> None:
        traffic = self.traffic
        traffic.end_term()
        if next_in is not None:
            traffic.redo_from = None
        traffic.numbers.begin(
            next_in or traffic.session.getExpectedTargetNum(),
            next_out or traffic.session.getExpectedSenderNum(),
            "set by an operator",
        )
        traffic.set_numbers(next_in, next_out)  # the other one may have moved on by now
        self._probed_ns = 0

    # -- the end

    def _begin_stop(self, by: float) -> None:
        if self._stop_by is None:
            self._stop_by = by
            if self._phase in (Phase.TRYING, Phase.UP):
                self._leave(STOPPED)

    def _tend_stop(self) -> None:
        if self._phase is not Phase.OUT and time.monotonic() < (self._stop_by or 0.0):
            self._close_if_overdue()
            return
        if self._phase is not Phase.OUT:
            sockets.cut_connected(self._way.port)
        if not self.traffic.close(DROP_S):
            # The sender is inside QuickFIX: end its connection, and try again.
            sockets.cut_connected(self._way.port)
            return
        self._engine.stop(True)
        while not self._posted.empty():
            self._safely(self._posted.get())
        self.next_out = self.traffic.session.getExpectedSenderNum()
        self.traffic.session = None
        self._engine = None  # the engine before what it was made of
        self._kept = ()
        self._done.set()
