"""One venue of the simulated world: the simulator's own, with a mouth that is not always in order.

What the venue decides is the truth; what it says of it leaves by the mouth, which may hold a report
back until others have left, say one again under a new number (PossResend(97)), or, of reports that
tell no execution, forget one. Executions are never forgotten for good: what a lost store took with
it, the back office sends again (:meth:`Broker.send_again`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

from fix_oms.model.errors import FixOmsError
from fix_oms.model.fix import ExecType, FixVersion
from fix_oms.model.messages import ExecutionReport, OrderCancelReject, Report
from fix_oms.sessions.text import field
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.order import Order
from fix_oms.simulator.settings import VenueSettings
from fix_oms.simulator.station import Did, Gone, Input, Opened, Outgoing, Received, Station, Tick
from fix_oms.simulator.venue import Action
from fix_oms.world.clock import Clock, Moments
from fix_oms.world.mixes import Mouth
from fix_oms.world.protocol import Acceptor
from fix_oms.world.road import Road

CLIENT: Final = "US"
TAKER: Final = "TAKER"
_EXECUTIONS: Final = (ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT)
_NAMED: Final = ("35=D\x01", "35=F\x01", "35=G\x01", "35=q\x01")


class Judge(Protocol):
    """Who is told of what must not be, and of what has happened."""

    def wrong(self, law: str, text: str) -> None: ...
    def count(self, what: str) -> None: ...


class Told(NamedTuple):
    """A report of an execution, as the venue made it: of which order, and what it does.

    ``kind`` is ExecType(150) F, G or H; ``ref`` the ExecID(17) that a bust or correction names.
    """

    order: Order
    kind: str
    ref: str
    quantity: int
    text: str


class _Spoken(Station):
    """The station, with each text beside the report that it tells."""

    def __init__(self, name: str, version: FixVersion) -> None:
        super().__init__(name, version)
        self._pairs: list[tuple[str, Report]] = []

    def _say(self, actions: list[Action]) -> list[Outgoing]:
        for action in actions:
            if action.session == CLIENT:
                said = super()._say([action])
                self._pairs += [(out.text, action.message) for out in said]
        return []

    def put(self, actions: list[Action]) -> None:
        """What else is to be said."""
        self._say(actions)

    def take(self) -> list[tuple[str, Report]]:
        """What has been said since the last time."""
        pairs, self._pairs = self._pairs, []
        return pairs


class Broker:
    """The venue, its end of the session, and its record of what it has done."""

    def __init__(
        self,
        name: str,
        settings: VenueSettings,
        mouth: Mouth,
        *,
        seed: int,
        clock: Clock,
        road: Road,
        judge: Judge,
    ) -> None:
        self.name: Final = name
        self.version: Final = settings.version
        self.road: Final = road
        self.station: Final = _Spoken(name, settings.version)
        self.acceptor: Final = Acceptor(road.carry_in, self._hears, self._refuses)
        road.theirs = self.acceptor
        self.told: Final[dict[str, Told]] = {}
        """Every report of an execution, by its ExecID(17)."""
        self.place: Final[dict[str, int]] = {}
        """In which epoch of the store it was said first."""
        self.mouth = mouth
        self.hides_expired = False
        self.lied: Final[set[str]] = set()
        """OrderIDs of which something was said that is not true."""
        self.bent: Final[set[str]] = set()
        """OrderIDs that went beyond their accepted terms."""
        self.arrived: Final[dict[str, int]] = {}
        """Every ClOrdID(11) that has arrived, and in which epoch of the store."""
        self.forgotten: Final[set[str]] = set()
        """Every ClOrdID(11) of which a report was forgotten."""
        self._named_early: Final[set[str]] = set()
        self._settings: Final = settings
        self._clock: Final = clock
        self._draw: Final = Moments(clock, seed, f"mouth of {name}")
        self._judge: Final = judge
        self._restated: Final[list[tuple[int, str]]] = []
        """New terms that nobody asked for, and in which epoch of the store they were told."""
        self._known: Final[set[str]] = set()
        self._hushed: Final[dict[str, list[tuple[str, Report]]]] = {}
        """By OrderID(37): what was to be said of it, while nothing is."""
        self._held: Final[list[tuple[str, Report]]] = []
        self._runs = 0
        self._due_at = 0
        self.open()

    # -- the process --------------------------------------------------------------------------

    def open(self) -> None:
        """The venue's process starts."""
        self._runs += 1
        self._do(Opened(run=f"{self.name}{self._runs}", settings=self._settings))
        self.road.is_open = True

    def die(self, *, loses_numbers: bool) -> None:
        """The venue's process dies. Its journal is whole; the session's store may be lost."""
        self.road.is_open = False
        self.road.close_theirs()
        self._do(Gone(session=CLIENT))
        if loses_numbers:
            self.acceptor.forget_numbers()

    # -- hearing ------------------------------------------------------------------------------

    def _hears(self, text: str) -> None:
        if text[text.index("35=") :].startswith(_NAMED):
            self._check_arrival(field(text, 11) or "", field(text, 41) or "")
        self._do(Received(session=CLIENT, text=text))

    def _check_arrival(self, cl_ord_id: str, orig: str) -> None:
        """Nothing arrives twice, and nothing of an order before what was sent of it before."""
        if cl_ord_id in self.arrived:
            self._judge.wrong("delivery", f"{self.name} is sent {cl_ord_id} twice")
        if cl_ord_id in self._named_early:
            self._judge.wrong("delivery", f"{self.name} is sent what names {cl_ord_id} before it")
        self.arrived[cl_ord_id] = self.acceptor.epoch
        if orig and orig not in self.arrived:
            self._named_early.add(orig)

    def _refuses(self, why: str) -> None:
        self._judge.wrong("delivery", f"{self.name} refuses our session: {why}")

    # -- doing --------------------------------------------------------------------------------

    def perform(self, act: AnyAct) -> bool:
        """The desk acts. Returns whether it made sense."""
        try:
            self._do(Did(act=act))
        except FixOmsError:
            return False
        return True

    def take_from(self, text: str) -> None:
        """Somebody else trades."""
        self._do(Received(session=TAKER, text=text))

    def also(self, *reports: Report) -> None:
        """The clerk says something; and what came of what was done on the floor is told."""
        now = self._clock.now
        self.station.put([Action(now, CLIENT, report) for report in reports])
        self.station.put(self.station.venue.due(now))
        self._speak()

    def _do(self, value: Input) -> None:
        self.station.step(self._clock.now, value)
        self._speak()

    def _speak(self) -> None:
        for text, report in self.station.take():
            self._mouth(text, report)
        due = self.station.next_due()
        if due is not None and (due < self._due_at or self._due_at <= self._clock.now):
            self._due_at = due
            self._clock.at(due, lambda: self._do(Tick()))

    # -- saying -------------------------------------------------------------------------------

    def _mouth(self, text: str, report: Report) -> None:
        tells = isinstance(report, ExecutionReport) and report.exec_type in _EXECUTIONS
        if isinstance(report, ExecutionReport) and tells:
            order = self.station.venue.floor.orders[report.order_id or ""]
            qty = report.last_qty or 0
            found = Told(order, report.exec_type, report.exec_ref_id or "", qty, text)
            self.told.setdefault(report.exec_id or "", found)
        mouth, draw = self.mouth, self._draw.random()
        # New terms that nobody asked for are told by no other report.
        restates = isinstance(report, ExecutionReport) and report.exec_type == ExecType.RESTATED
        if self.hides_expired and isinstance(report, ExecutionReport) and report.exec_type == "C":
            return
        if not isinstance(report, ExecutionReport | OrderCancelReject):
            self._say(text, report)
        elif self._is_hushed(report.order_id or ""):
            self._hushed[report.order_id or ""].append((text, report))
        elif draw < mouth.holds:
            self._judge.count("fault: report held back")
            self._held.append((text, report))
            self._clock.after_ms(self._draw.uniform(2, mouth.held_ms), self._release)
        elif draw < mouth.holds + mouth.forgets and not (tells or restates):
            self._judge.count("fault: report forgotten")
            self.forgotten.add(report.cl_ord_id or "")
        else:
            self._say(text, report)
            if draw > 1 - mouth.repeats:
                self._judge.count("fault: report repeated")
                late = self._draw.uniform(0, mouth.held_ms)
                self._clock.after_ms(late, lambda: self._say(f"{text}97=Y\x01", report))

    def _is_hushed(self, order_id: str) -> bool:
        """Whether nothing is said of the order now; decided when it is spoken of first."""
        is_one = order_id in self.station.venue.floor.orders
        if order_id in self._known or not (is_one and self.mouth.hushes):
            return order_id in self._hushed
        self._known.add(order_id)
        if self._draw.random() >= self.mouth.hushes:
            return False
        self.hush(order_id, self._draw.uniform(100, 2500))
        return True

    def hush(self, order_id: str, ms: float) -> None:
        """Say nothing of the order for so long; then all that is held back of it."""
        self._judge.count("fault: order hushed")
        self._hushed.setdefault(order_id, [])
        self._clock.after_ms(ms, lambda: self._speak_up(order_id))

    def _speak_up(self, order_id: str) -> None:
        for text, report in self._hushed.pop(order_id, ()):
            self._say(text, report)

    @property
    def hushed(self) -> list[str]:
        """The OrderIDs of which nothing is said now."""
        return list(self._hushed)

    def lie(self, report: Report) -> None:
        """Say that at once, whatever else is held back."""
        self.station.put([Action(self._clock.now, CLIENT, report)])
        for text, said in self.station.take():
            self._say(text, said)

    def _release(self) -> None:
        if self._held:
            at = self._draw.choice(range(len(self._held)))
            self._say(*self._held.pop(at))

    def release_all(self) -> None:
        """Whatever was held back is said."""
        for order_id in self.hushed:
            self._speak_up(order_id)
        while self._held:
            self._release()

    def _say(self, text: str, report: Report) -> None:
        self.acceptor.say(text)
        if isinstance(report, ExecutionReport) and report.exec_id in self.told:
            self.place.setdefault(report.exec_id, self.acceptor.epoch)
        if isinstance(report, ExecutionReport) and report.exec_type == ExecType.RESTATED:
            self._restated.append((self.acceptor.epoch, text))

    def say_again(self, text: str) -> None:
        """Say that, as it was said before or bent a little."""
        self.acceptor.say(text)

    def send_again(self, known: Iterable[str]) -> list[str]:
        """The back office sends again what was lost with the store: executions, and new terms that
        no other report tells. Returns the ExecIDs that cannot have been lost and are not known."""
        skipped = []
        held = set(known)
        for exec_id, told in self.told.items():
            if exec_id in held:
                continue
            if self.place[exec_id] == self.acceptor.epoch and not self.acceptor.has_lost_numbers:
                skipped.append(exec_id)
            self.acceptor.say(f"{told.text}97=Y\x01")
        for epoch, text in self._restated:
            if epoch != self.acceptor.epoch or self.acceptor.has_lost_numbers:
                self.acceptor.say(f"{text}97=Y\x01")
        return skipped

    # -- the truth ----------------------------------------------------------------------------

    def orders(self) -> list[Order]:
        """Our orders, and those that somebody gave in our name."""
        return [o for o in self.station.venue.floor.orders.values() if o.session == CLIENT]
