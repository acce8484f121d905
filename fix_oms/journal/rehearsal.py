"""An algo tried out: its class in a real engine, in virtual time, against a broker on paper.

    with a market of one's own                  with the market of a journal

    stage = Rehearsal.alone("AAPL")             found = rehearse(directory, Quoter, {"qty": "10"})
    stage.book("AAPL", [("9.99", 100)],         found.acts, found.fills, found.position("AAPL")
               [("10.01", 100)])
    stage.start(Quoter, symbol="AAPL", qty="10")
    stage.acts[-1].acts

Of a journal it takes the configuration, the market, the sessions and the hours; what anybody did
then is left out, and what brokers answered. So it shows what the algo would have done: the same
each time, since nothing here reads a clock. How orders fill is :mod:`.paper_broker`'s model.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from fix_oms.algos.algo import Algo
from fix_oms.algos.kinds import made, register
from fix_oms.algos.written import wrong_class
from fix_oms.engine import Engine
from fix_oms.journal.follower import records
from fix_oms.journal.paper_broker import PaperBroker, PaperFill
from fix_oms.model import inputs
from fix_oms.model.algos import Acts
from fix_oms.model.errors import FixOmsError
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, Message
from fix_oms.model.outputs import Accepted, Acted, Alert, Decided, Output, Refused, Send
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.units import Fixed, from_decimal, text_of

SECOND: Final = 1_000_000_000
KIND: Final = "rehearsed"
BEGAN: Final = 1_767_264_000 * SECOND
"""Thursday 1 January 2026, noon, UTC: when a stage of one's own begins."""
_MARKET: Final = re.compile(r"\x0135=[WXf]\x01")
_TAKEN: Final = (
    inputs.Started,
    inputs.Stopped,
    inputs.Tick,
    inputs.TradingDay,
    inputs.VenueHours,
    inputs.SessionUp,
    inputs.SessionReady,
    inputs.SessionDown,
    inputs.SessionEpoch,
    inputs.BookUpdate,
    inputs.SetReference,
    inputs.SetRate,
)
Levels = Sequence[tuple[str, int]]
"""Price and quantity of each."""


class NotRehearsed(FixOmsError):
    """It could not be tried out; ``str()`` says why."""


class Rehearsal:
    """One engine, one algo, virtual time (``now``, ns UTC). ``acts`` is what the algo did, record
    by record; ``fills`` what of it executed; ``refused`` what the gate said no to."""

    def __init__(self) -> None:
        self.engine: Final = Engine()
        self.now = BEGAN
        self.acts: list[Acts] = []
        self.refused: list[Refused] = []
        self.alerts: list[Alert] = []
        self._brokers: dict[str, PaperBroker] = {}
        self._on_its_way: deque[Send] = deque()

    @classmethod
    def alone(cls, *symbols: str, tick: str = "0.01", lot: str = "1", **more: Any) -> Self:
        """A stage with one venue, SIM, where these symbols trade. ``more`` are further tables of
        the configuration: limits, rates …"""
        stage = cls()
        table = {"venues": ["SIM"], "tick": tick, "lot": lot}
        session = {"version": "FIX.4.4", "sender_comp_id": "US", "target_comp_id": "SIM"}
        settings: dict[str, Any] = {
            "engine": {"default_account": "DESK"},
            "sessions": {"SIM": session | {"port": 1, "supports": {"market_data": True}}},
            "venues": {"SIM": {"session": "SIM"}},
            "instruments": dict.fromkeys(symbols, table),
            "accounts": {"DESK": {}},
        }
        stage.give(inputs.Started(run=1, version="rehearsal", settings=settings | more))
        stage.give(inputs.SessionUp(session="SIM"))
        stage.give(inputs.SessionReady(session="SIM"))
        return stage

    # -- the market ---------------------------------------------------------------------------

    def book(self, symbol: str, bids: Levels, offers: Levels, *, session: str = "SIM") -> None:
        """A venue tells its whole book, a millisecond later."""
        entries = [_entry("0", *level) for level in bids] + [
            _entry("1", *level) for level in offers
        ]
        self.pass_to(self.now + SECOND // 1000)
        told = MarketDataSnapshot(symbol=symbol, entries=tuple(entries))
        self._moves(self._of_broker(session, told))

    def wait(self, seconds: float) -> None:
        """Time passes; an algo that wanted to be woken is."""
        self.pass_to(self.now + int(seconds * SECOND))

    def pass_to(self, now: int) -> None:
        """It is that time."""
        while self.engine.run and 0 < self.engine.state.algos.wake_ns <= now:
            self.now = max(self.now, self.engine.state.algos.wake_ns)
            self.give(inputs.Tick())
        self.now = max(self.now, now)

    # -- the algo -----------------------------------------------------------------------------

    def start(self, kind: type[Algo], **params: Any) -> None:
        """Start it as ``A1``. Raises NotRehearsed for a class or parameters that are no good."""
        wrong = wrong_class(kind)
        if wrong:
            raise NotRehearsed(f"{kind.__name__}: {wrong}")
        register(KIND, kind)
        said = self.give(inputs.NewAlgo(by="rehearsal", ref="A1", kind=KIND, params=params))
        for output in said:
            if isinstance(output, Refused):
                raise NotRehearsed(output.text)

    def do(self, command: inputs.Command) -> Accepted | Refused:
        """Give a command: a pause, an amendment, a word."""
        said = [o for o in self.give(command) if isinstance(o, Accepted | Refused)]
        return said[0]

    @property
    def algo(self) -> AlgoView:
        """The algo as it stands."""
        found = self.engine.shown(self.now).algos.algo("A1").algo
        if found is None:
            raise NotRehearsed("it has not been started")
        return found

    @property
    def fills(self) -> list[PaperFill]:
        found = [fill for broker in self._brokers.values() for fill in broker.fills]
        return sorted(found, key=lambda fill: fill.time_ns)

    def working(self) -> list[str]:
        """What works, in words: ``b1 buy 100 AAPL @ 9.99``."""
        desk = self.engine.shown(self.now).order_views(True, 10_000, "")
        found = []
        for order in desk:
            side = "buy" if order.side == "1" else "sell"
            at = "" if order.price is None else f" @ {text_of(order.price)}"
            name = order.client_ref.partition(".")[2] or order.cl_ord_id
            found.append(f"{name} {side} {text_of(order.leaves_qty)} {order.symbol}{at}")
        return found

    def position(self, symbol: str) -> Fixed:
        """What all accounts hold of it."""
        views = self.engine.shown(self.now).position_views()
        return sum([view.quantity for view in views if view.symbol == symbol])

    # -- inside -------------------------------------------------------------------------------

    def give(self, value: inputs.Input) -> list[Output]:
        """One input now, and all that comes of it."""
        said = self.step(value)
        self.arrive()
        return said

    def step(self, value: inputs.Input) -> list[Output]:
        """One input now, and the records that come of it; what leaves is on its way."""
        said = out = self.engine.step(self.now, value)
        own = type(value) is inputs.Acted
        self.refused += [o for o in out if isinstance(o, Refused) and own]
        self.alerts += [o for o in out if isinstance(o, Alert)]
        self._on_its_way.extend([o for o in out if isinstance(o, Send)])
        for output in out:
            if isinstance(output, Acted):
                self.acts.append(output.acts)
                said = said + self.step(inputs.Acted(acts=output.acts))
            elif isinstance(output, Decided):
                said = said + self.step(inputs.Decided(decision=output.decision))
        return said

    def _moves(self, value: inputs.Input) -> None:
        """The market moves: what rested may fill before what it brings about arrives."""
        self.step(value)
        for session, broker in list(self._brokers.items()):
            for symbol in self.engine.state.settings.instruments:
                for answer in broker.moved(self.now, symbol):
                    self.step(self._of_broker(session, answer))
        self.arrive()

    def arrive(self) -> None:
        """What has left arrives, and is answered."""
        while self._on_its_way:
            send = self._on_its_way.popleft()
            state = self.engine.state
            message = state.codecs[send.session].decode(_framed(send.text))
            order = state.book.by_cl_ord_id(send.cl_ord_id)
            venue = order.venue if order is not None else ""
            for answer in self._broker(send.session).answers(self.now, message, venue):
                self.step(self._of_broker(send.session, answer))

    def take(self, value: inputs.Input) -> None:
        """An input of a journal, if it is of the market."""
        is_market = isinstance(value, inputs.FixIn) and _MARKET.search(value.text)
        if isinstance(value, _TAKEN) or is_market:
            self._moves(value)

    def _broker(self, session: str) -> PaperBroker:
        if session not in self._brokers:
            self._brokers[session] = PaperBroker(self.engine.state.quotes)
        return self._brokers[session]

    def _of_broker(self, session: str, message: Message) -> inputs.FixIn:
        text = _framed(self.engine.state.codecs[session].encode(message))
        return inputs.FixIn(session=session, text=text, expected=1)


def rehearse(directory: Path, kind: type[Algo], params: Mapping[str, Any]) -> Rehearsal:
    """Try an algo with the market of a journal: it is started as soon as there are books of all
    that it watches. Raises NotRehearsed, BadParams, and JournalError for a damaged journal."""
    watched, stage = made(kind, params).watches(), Rehearsal()
    is_started = False
    for record in records(directory):
        stage.pass_to(record.time_ns)
        stage.take(inputs.decode(record.payload))
        if not is_started and stage.engine.run and _is_open(stage, watched):
            stage.start(kind, **params)
            is_started = True
    if not is_started:
        names = ", ".join(sorted(watched)) or "nothing"
        raise NotRehearsed(f"{directory}: it never has books of all that it watches ({names})")
    return stage


def _is_open(stage: Rehearsal, symbols: frozenset[str]) -> bool:
    prices = stage.engine.state.prices
    return all(prices.middle(symbol, stage.now) is not None for symbol in symbols)


def _framed(body: str) -> str:
    return f"8=FIX\x019=0\x01{body}34=1\x0110=000\x01"


def _entry(kind: str, price: str, size: int) -> MDEntry:
    return MDEntry(entry_type=kind, price=from_decimal(price), size=from_decimal(size))
