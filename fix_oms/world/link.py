"""When one session of a simulated process is logged on: the thread of ``sessions.link``, modelled.

The rules are that module's, and everything that has a rule of its own (numbers, readiness, what
counts as received) is the real ``BrokerTraffic``. What is left here is when to try, to leave and to
ask again, in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fix_oms.model.counterparty import Session
from fix_oms.model.inputs import SessionDown
from fix_oms.sessions.listener import Listener
from fix_oms.sessions.numbers import SessionState
from fix_oms.sessions.traffic import HELD, BrokerTraffic
from fix_oms.world.clock import SECOND, Clock, Moments
from fix_oms.world.disk import Fuse
from fix_oms.world.protocol import Initiator, Message, Packet
from fix_oms.world.road import Road

LOOK_MS: Final = 200.0
POST_MS: Final = 0.05
OVERDUE_NS: Final = 5 * SECOND
OUT, TRYING, UP, LEAVING = "out", "trying", "up", "leaving"


class Link:
    """One session of one process. ``guard`` makes of an act one that a dead process does not do."""

    def __init__(
        self,
        session: Session,
        state: SessionState,
        listener: Listener,
        road: Road,
        *,
        clock: Clock,
        draw: Moments,
        fuse: Fuse,
        guard: Callable[[Callable[[], object]], Callable[[], None]],
    ) -> None:
        self.name: Final = session.name
        self.is_stuck = False
        """The venue's numbers cannot be made sense of: only a reset can help."""
        self._session: Final = session
        self._clock: Final = clock
        self._draw: Final = draw
        self._fuse: Final = fuse
        self._guard: Final = guard
        self._road: Final = road
        self.initiator: Final = Initiator(self._put, self._connect)
        self.traffic: Final = BrokerTraffic(
            session.name,
            state,
            listener,
            self,
            build=Message,
            heartbeat_s=session.heartbeat_s,
            clock_ns=lambda: clock.now,
        )
        self.initiator.traffic = self.traffic
        self.traffic.session = self.initiator
        self.traffic.set_numbers(state.next_in, state.next_out)
        self._phase = OUT
        self._since = 0
        self._probed = 0
        self._told_down: str | None = None
        self._leaving_for = ""
        self._disabled = self._held = False
        self._logged_out = False
        self._reset_asked, self._attempt_resets = state.reset_asked, False
        self._looks = False
        self._failed = 0

    # -- leaving ------------------------------------------------------------------------------

    def send(self, text: str) -> tuple[int, int] | None:
        """As ``Initiators.send``."""
        self._fuse.passes("before send", text[:4])
        left = self.traffic.send(text)
        self._fuse.passes("after send", text[:4])
        return left

    def _put(self, packet: Packet) -> None:
        self._road.carry_out(packet)

    # -- posted by QuickFIX's side --------------------------------------------------------------

    def post(self, act: Callable[[], None]) -> None:
        """Have it done by the session's thread."""

        def done() -> None:
            act()
            self.tend()

        self._clock.after_ms(POST_MS, self._guard(done))

    def connected(self) -> None:
        """A Logon left."""

    def came_up(self) -> None:
        """The venue has answered our Logon."""
        if self._phase in (TRYING, UP):
            self._enter(UP)
            if self._attempt_resets:  # done: the next one that is asked for is another
                self._reset_asked = self._attempt_resets = False
            self._told_down = None
            self._probed = self._failed = 0
            self.is_stuck = False

    def went_down(self, reason: str) -> None:
        """Logged out, or cut off."""
        if self._phase is TRYING:
            self._failed += 1
            self.is_stuck = self._failed >= 2
        self._enter(OUT)
        self._tell_down(self._leaving_for or reason)
        self._leaving_for = ""

    def faulted(self) -> None:
        """An error of ours on this session."""
        self._held = True

    # -- the session's thread -------------------------------------------------------------------

    def tend(self) -> None:
        """Bring the session nearer to where it should be, and look again where that takes time."""
        reason = self._reason_to_be_out()
        if self._phase is OUT:
            if reason is None:
                self._open()
        elif self._phase is LEAVING:
            if self._clock.now - self._since > OVERDUE_NS:
                self._hang_up()
        elif reason is not None:
            self._leave(reason)
        elif self._reset_asked and not self._attempt_resets:
            self._leave("for a reset of the sequence numbers")
        elif self._phase is UP:
            self._tend_up()
        elif self._clock.now - self._since > OVERDUE_NS:
            self._hang_up()
        settled = self._phase is OUT or (self._phase is UP and self.traffic.is_ready)
        if not settled and not self._looks:
            self._looks = True
            self._clock.after_ms(LOOK_MS, self._guard(self._look))

    def _look(self) -> None:
        self._looks = False
        self.tend()

    def _tend_up(self) -> None:
        self.traffic.reserve()
        if not self.traffic.is_ready and self._clock.now - self._probed >= SECOND:
            self._probed = self._clock.now
            self.traffic.probe()

    def _reason_to_be_out(self) -> str | None:
        if self._held:
            return HELD
        if self._disabled:
            return "disabled by an operator"
        return "logged out by an operator" if self._logged_out else None

    def _open(self) -> None:
        traffic = self.traffic
        traffic.begin_attempt()
        if traffic.redo_from is not None:
            self.initiator.next_in = traffic.redo_from
            traffic.redo_from = None
        self._attempt_resets = self._reset_asked
        traffic.send_reset = self._reset_asked or self._session.reset_on_logon
        if traffic.send_reset:
            why = "reset by an operator" if self._reset_asked else "reset at each logon"
            traffic.numbers.begin(1, 1, why, asked=traffic.send_reset)
            traffic.set_numbers(1, 1)
        traffic.reserve()
        self._enter(TRYING)
        self.initiator.logon()

    def _connect(self) -> None:
        wait_ms = self._draw.uniform(1, 150 * self._session.reconnect_s)
        attempt = self._since

        def connect() -> None:
            if self._phase is not TRYING or self._since != attempt:
                return
            if not self._road.connect(self.initiator):
                self._tell_down("no connection")
                self._connect()

        self._clock.after_ms(wait_ms, self._guard(connect))

    def _leave(self, reason: str) -> None:
        self.traffic.end_term()
        self._leaving_for = reason
        self._enter(LEAVING)
        self.initiator.logout()
        if not self.initiator.is_on:
            self._hang_up()

    def _hang_up(self) -> None:
        """Close the connection."""
        was_on = self.initiator.is_on
        self._road.close()
        if was_on:
            self.initiator.disconnected()
        else:
            self.went_down("no answer")
            self.post(lambda: None)

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._since = self._clock.now

    def _tell_down(self, reason: str) -> None:
        if reason != self._told_down:
            self._told_down = reason
            self.traffic.tell(SessionDown(session=self.name, reason=reason))

    # -- what an operator asks for --------------------------------------------------------------

    def act(self, action: str, next_in: int | None, next_out: int | None) -> None:
        """As ``Initiators.act``; done by the session's thread."""
        self.post(lambda: self._act(action, next_in, next_out))

    def _act(self, action: str, next_in: int | None, next_out: int | None) -> None:
        if action in ("logon", "enable"):
            self._held = False
        if action in ("disable", "enable"):
            self._disabled = action == "disable"
            self._logged_out = False
        elif action in ("logon", "logout"):
            self._logged_out = action == "logout"
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
            next_in or self.initiator.next_in,
            next_out or self.initiator.next_out,
            "set by an operator",
        )
        traffic.set_numbers(next_in, next_out)
        self._probed = 0
