"""The engine: one ordered stream of inputs in, outputs out, nothing else.

``step`` does no I/O, reads no clock, draws no random number and starts no thread. Time is an
argument and identifiers are counters in the state, so the same inputs always give the same outputs:
a journal replays to the same state hash, a crash is a replay, and a day can be simulated in virtual
time.

A step does not raise for anything that a broker or a client can say. Should it raise all the same,
by a defect of ours, the input stands in the journal already, so the error is part of the story: it
is turned into a severe alert, in the same way at each replay, and the process lives. A process that
died of it would die again at every start, with orders in the market.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from fix_oms.engine.acts import Acts
from fix_oms.engine.alerts import clock_jumped
from fix_oms.engine.algo_acts import AlgoActs
from fix_oms.engine.algo_host import AlgoHost
from fix_oms.engine.client_desk import ClientDesk
from fix_oms.engine.days import Days
from fix_oms.engine.decisions import Decisions
from fix_oms.engine.desk_acts import DeskActs
from fix_oms.engine.doubt import Doubt
from fix_oms.engine.entry import Entry
from fix_oms.engine.evidence import Evidence
from fix_oms.engine.inquiries import Inquiries
from fix_oms.engine.kills import Kills
from fix_oms.engine.measure import measure
from fix_oms.engine.parent_acts import ParentActs
from fix_oms.engine.policies import Policies
from fix_oms.engine.router import Router
from fix_oms.engine.session_talk import SessionTalk
from fix_oms.engine.shown import Shown
from fix_oms.engine.shown_risk import ShownRisk
from fix_oms.engine.standing_acts import StandingActs
from fix_oms.engine.state import State
from fix_oms.engine.statements import Statements
from fix_oms.model import inputs
from fix_oms.model.errors import FixOmsError
from fix_oms.model.outputs import Alert, Output, Refused, Send
from fix_oms.model.session_reasons import BY_OURSELVES
from fix_oms.model.settings_past import present
from fix_oms.model.settings_text import from_plain
from fix_oms.routing.links import Link

Handler = Callable[[int, Any, list[Output]], None]
PACKED_AFTER_NS: Final = 60_000_000_000
"""How long a closed order stays an object: most late fills and busts come within it."""
JOURNAL: Final = "journal"
"""What a settings error of a Started input names as its file."""


class Engine:
    """All state of one engine. The first input must be a Started, which brings the settings."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._handlers: dict[type, Handler] = {inputs.Started: self._started}

    @classmethod
    def resumed(cls, state: State) -> Self:
        """An engine that goes on from a state, as the one went on that came to it."""
        engine = cls()
        engine._state = state
        engine._wire_up(state)
        return engine

    @property
    def state(self) -> State:
        """The state. Raises FixOmsError before the first Started."""
        if self._state is None:
            raise FixOmsError("the engine has not started: its first input must be Started")
        return self._state

    def shown(self, now: int) -> Shown:
        """Views of the state at ``now``, for people and programs, and its hash."""
        state = self.state
        return Shown(state, ShownRisk(state, self._kills, now), now)

    def is_due(self, now: int) -> bool:
        """Whether a Tick at ``now`` would change anything."""
        return self._state is not None and (
            now >= self._state.day_ends_ns
            or self._doubt.is_due(now)
            or self._inquiries.is_due(now)
            or self._drop_copy.is_due(now)
            or self._statements.market.is_due(now)
            or self._state.forgotten.is_due
            or self._kills.is_due(now)
            or self._router.is_due(now)
            or self._algos.is_due(now)
            or self._clients.is_due(now)
            or self._state.gate.is_due(now)
        )

    def pack(self, now: int, after_ns: int = PACKED_AFTER_NS, most: int = 1 << 62) -> int:
        """Keep closed orders that have been left alone for ``after_ns`` as bytes, ``most`` of them.

        Returns how many. Nothing that anybody can ask tells the difference, so this is no input,
        and may be called between any two steps or never.
        """
        state = self._state
        if state is None:
            return 0
        state.scores.settle()
        return state.book.pack(now, after_ns, most, state.is_held)

    @property
    def run(self) -> int:
        """The number of this process's start; 0 before the first."""
        return self._state.run if self._state is not None else 0

    def step(self, now: int, value: inputs.Input) -> list[Output]:
        """Take one input at time ``now`` (ns UTC) and say what is to be done and told."""
        handler = self._handlers.get(type(value))
        if handler is None:
            if self._state is None:
                raise FixOmsError("the engine has not started: its first input must be Started")
            raise FixOmsError(f"no such input: {type(value).__name__}")
        out: list[Output] = []
        try:
            if self._state is not None and now >= self._state.day_ends_ns:
                self._state.new_day(now)
                self._drop_copy.new_day(out)
            handler(now, value, out)
            if self._state is not None and self._state.routed.parents:
                self._router.run(now, value, out)
            if self._state is not None and self._state.algos.used:
                self._algos.run(now, value, out)
            if self._state is not None and self._state.clients.due:
                self._clients.tell(now, out)
        except Exception as error:  # every one: see the module's docstring
            if self._state is None:
                raise  # nothing stands yet that a start with bad settings could leave alive
            text = f"step failed on {type(value).__name__}: {type(error).__name__}: {error}"
            out = [o for o in out if not isinstance(o, Send)]  # half a step sends nothing
            out.append(Alert(severity="severe", code="fault", text=text))
        return out

    def check(self, now: int, commands: Sequence[inputs.Command]) -> list[Refused | None]:
        """For each command what would refuse it, were they given now (or None). Changes nothing."""
        return Entry(self.state).check(now, commands)

    # -- starts, stops, time ------------------------------------------------------------------

    def _started(self, now: int, value: inputs.Started, out: list[Output]) -> None:
        settings = from_plain(present(value.settings), JOURNAL)
        if self._state is None:
            self._state = State(settings, value.dialects, now)
            self._wire_up(self._state)
        else:
            self._state.configure(settings, value.dialects, now)
            self._state.gate.lanes.renumber_feeds()
        state = self._state
        cut = [link.name for link in state.links.values() if link.up]
        if cut:  # a run that stops takes them down first
            text = f"run {state.run} was killed or has crashed: {', '.join(cut)} went down with it"
            out.append(Alert(severity="severe", code="crashed", text=text))
        out.extend(Alert(severity="warning", code="limits", text=t) for t in state.dropped)
        state.open_venues.clear()
        state.quotes.forget_all()
        state.run = value.run
        state.ids = 0
        self._clients.started(now)
        state.scores.started("score_half_life_s" in value.settings.get("engine", {}), now)
        for link in state.links.values():
            self._doubt.session_down(now, link, out)
            link.restarted()
            link.since_ns = now
            self._statements.session_down(link)
            self._inquiries.session_down(link)

    def _wire_up(self, state: State) -> None:
        entry, statements = Entry(state), Statements(state)
        inquiries = Inquiries(state, statements)
        doubt, kills = Doubt(state, entry, inquiries), Kills(state, entry)
        acts, desk = Acts(state), DeskActs(state, statements)
        decisions = Decisions(state, entry, inquiries)
        parents = ParentActs(state, entry)
        self._clients = ClientDesk(state, entry, parents)
        self._router, self._algos = Router(state, entry), AlgoHost(state, entry, parents)
        self._entry, self._doubt, self._kills, self._statements = entry, doubt, kills, statements
        self._inquiries, self._days = inquiries, Days(state, inquiries)
        self._session_talk = SessionTalk(inquiries)
        self._evidence = Evidence(state, doubt, inquiries, statements)
        self._drop_copy = self._evidence.drop_copy
        self._handlers.update(self._events(state))
        self._handlers.update(AlgoActs(state).handlers())
        self._handlers.update(self._clients.handlers)
        self._handlers.update(
            {
                inputs.NewOrder: entry.new,
                inputs.CancelOrder: parents.cancel,
                inputs.ReplaceOrder: parents.replace,
                inputs.AskStatus: decisions.ask_status,
                inputs.AskPositions: StandingActs(state).ask_positions,
                inputs.MassCancel: kills.mass_cancel,
                inputs.Halt: kills.halt,
                inputs.Kill: kills.kill,
                inputs.Resume: kills.resume,
                inputs.Rearm: desk.rearm,
                inputs.SetLimits: desk.set_limits,
                inputs.Override: desk.override,
                inputs.NewParent: parents.new,
                inputs.ResumeParent: parents.resume,
                inputs.OpenPositions: desk.open_positions,
                inputs.TellPositions: desk.tell_positions,
                inputs.SetBalance: desk.set_balance,
                inputs.SetBalances: desk.set_balances,
                inputs.SetRate: desk.set_rate,
                inputs.SetReference: acts.set_reference,
                inputs.Resolve: decisions.resolve,
                inputs.DontKnow: decisions.dont_know,
                inputs.SettleBreak: self._drop_copy.settle,
                inputs.SessionCommand: acts.session,
            }
        )

    def _events(self, state: State) -> dict[type, Handler]:
        """What is no command: time, what sessions tell, what left."""
        return {
            inputs.Stopped: self._stopped,
            inputs.Tick: self._tick,
            inputs.TradingDay: self._days.trading_day,
            inputs.VenueHours: self._venue_hours,
            inputs.ClockJumped: self._clock_jumped,
            inputs.DayClosed: Policies(state).day_closed,
            inputs.FixIn: self._evidence.fix_in,
            inputs.BookUpdate: self._statements.market.update,
            inputs.AdminIn: self._admin_in,
            inputs.AdminOut: self._admin_out,
            inputs.Sent: self._sent,
            inputs.NotSent: self._not_sent,
            inputs.SessionUp: self._session_up,
            inputs.SessionReady: self._session_ready,
            inputs.SessionDown: self._session_down,
            inputs.SessionEpoch: self._session_epoch,
            inputs.SeqReserved: self._seq_reserved,
            inputs.PeerResend: self._peer_resend,
            inputs.Decided: self._router.decided,
            inputs.Acted: self._algos.acted,
            inputs.Fault: self._fault,
        }

    def _tick(self, now: int, value: inputs.Tick, out: list[Output]) -> None:
        self._doubt.tick(now, out)
        self._inquiries.tick(now, out)
        self._drop_copy.tick(now, out)
        self._statements.market.tick(now, out)
        self._kills.tick(now, out)
        self._days.tick()
        self._router.tick(now)
        self._algos.tick(now)
        self._clients.tick(now, out)
        self.state.gate.tell_breaches(now, out)

    def _venue_hours(self, now: int, value: inputs.VenueHours, out: list[Output]) -> None:
        if value.is_open:
            self.state.open_venues.add(value.venue)
        else:
            self.state.open_venues.discard(value.venue)

    def _clock_jumped(self, now: int, value: inputs.ClockJumped, out: list[Output]) -> None:
        out.append(clock_jumped(value))

    def _stopped(self, now: int, value: inputs.Stopped, out: list[Output]) -> None:
        for name, link in self.state.links.items():
            exact = value.next_out.get(name)
            if exact is not None:
                link.next_out = link.reserved = exact
            link.up = link.ready = False

    # -- sessions -----------------------------------------------------------------------------

    def _link(self, name: str) -> Link:
        """The session's link; a session that was taken out of the configuration keeps its own."""
        return self.state.links[name]

    def _admin_in(self, now: int, value: inputs.AdminIn, out: list[Output]) -> None:
        self._link(value.session).heard(value.text, value.expected, now)

    def _admin_out(self, now: int, value: inputs.AdminOut, out: list[Output]) -> None:
        self._session_talk.said(now, self._link(value.session), value.text, out)

    def _sent(self, now: int, value: inputs.Sent, out: list[Output]) -> None:
        if self._clients.sent(now, value, out):
            return
        state, link = self.state, self._link(value.session)
        if value.cl_ord_id in state.withdrawn:
            self._kills.left(now, value.cl_ord_id, out)
        kind = value.text[3 : value.text.find("\x01")]
        if kind == "D":
            state.scores.sent(value.cl_ord_id, value.sent_ns, now)
        if value.epoch != link.epoch:
            return
        if kind == "H":
            state.questions[value.cl_ord_id] = (value.epoch, value.seq)
            link.sent(value.seq, "")
            return
        entry = state.waiting.get(value.cl_ord_id)
        waits = entry is not None or value.cl_ord_id in state.mass_cancels
        link.sent(value.seq, value.cl_ord_id if waits else "")
        if entry is not None:
            entry.request.seq = value.seq
            entry.request.epoch = value.epoch
        early = link.early_rejects.pop(value.seq, None)
        if early is not None and value.cl_ord_id:
            self._evidence.refused(now, link, value.cl_ord_id, early, out)

    def _not_sent(self, now: int, value: inputs.NotSent, out: list[Output]) -> None:
        if self._clients.not_sent(value):
            return
        state = self.state
        if value.cl_ord_id in state.mass_cancels:
            self._doubt.cancel_each(now, value.cl_ord_id, value.reason, out)
            return
        order = state.book.by_cl_ord_id(value.cl_ord_id)
        request = order.request(value.cl_ord_id) if order is not None else None
        if order is None or request is None or value.text.startswith("35=H\x01"):
            return
        state.withdrawn.discard(value.cl_ord_id)
        before = measure(order)
        order.never_left(request, value.reason)
        state.learned(order, before, now, out)
        text = f"{request.kind} {request.cl_ord_id} did not leave: {value.reason}"
        out.append(
            Alert(
                severity="warning",
                code="not_sent",
                text=text,
                session=value.session,
                order=order.reference,
            )
        )

    def _session_up(self, now: int, value: inputs.SessionUp, out: list[Output]) -> None:
        link = self._link(value.session)
        link.up, link.ready = True, False
        link.reason, link.since_ns = "logged on, waiting for a round trip", now

    def _session_ready(self, now: int, value: inputs.SessionReady, out: list[Output]) -> None:
        link = self._link(value.session)
        link.up = link.ready = True
        link.reason, link.since_ns = "ready", now
        out.append(_session_alert("info", link, "is ready"))
        self._doubt.session_ready(now, link, out)
        self._kills.session_ready(now, link, out)
        self._statements.session_ready(now, link, out)

    def _session_down(self, now: int, value: inputs.SessionDown, out: list[Output]) -> None:
        link = self._link(value.session)
        was_up = link.up
        link.up = link.ready = False
        link.reason, link.since_ns = value.reason, now
        self.state.quotes.forget(link.name)
        self.state.scores.session_down(link.name)
        self._statements.session_down(link)
        self._inquiries.session_down(link)
        if was_up:
            severity = "info" if value.reason in BY_OURSELVES else "warning"
            out.append(_session_alert(severity, link, f"is down: {value.reason}"))
        self._doubt.session_down(now, link, out)

    def _session_epoch(self, now: int, value: inputs.SessionEpoch, out: list[Output]) -> None:
        link = self._link(value.session)
        link.reset(value.epoch, value.next_in, value.next_out, now, asked=value.asked)
        out.append(_session_alert("info", link, f"began epoch {value.epoch}: {value.reason}"))

    def _seq_reserved(self, now: int, value: inputs.SeqReserved, out: list[Output]) -> None:
        link = self._link(value.session)
        if value.epoch == link.epoch:
            link.reserved = max(link.reserved, value.through)

    def _peer_resend(self, now: int, value: inputs.PeerResend, out: list[Output]) -> None:
        link = self._link(value.session)
        self._doubt.not_received(now, link, value.begin, value.end, out)

    def _fault(self, now: int, value: inputs.Fault, out: list[Output]) -> None:
        out.append(Alert(severity="severe", code="fault", text=f"{value.where}: {value.error}"))


def _session_alert(severity: str, link: Link, text: str) -> Alert:
    return Alert(severity=severity, code="session", text=f"{link.name} {text}", session=link.name)
