"""The driver without a network: ``engine.step`` directly, in virtual time.

It does what the server and the session would do around the engine: what the engine sends "leaves"
at once, with the next number, and is told back as Sent; what the venue says comes in as a whole
message.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from acceptance.scn.driver import Silent
from fix_oms.engine import Engine
from fix_oms.model.commands import AnyCommand
from fix_oms.model.counterparty import Session
from fix_oms.model.fix import FixVersion
from fix_oms.model.inputs import (
    FixIn,
    Input,
    Sent,
    SessionReady,
    SessionUp,
    Started,
    Tick,
)
from fix_oms.model.outputs import Accepted, Output, Refused, Send
from fix_oms.model.settings import Account, Instrument, Settings, Venue
from fix_oms.model.settings_text import to_plain
from fix_oms.model.units import Fixed, fixed
from fix_oms.model.views import OrderView

SESSION: Final = "VENUE"
SYMBOLS: Final = ("AAPL", "MSFT")
START_NS: Final = 1_798_817_400_000_000_000
"""2027-01-01 14:30:00 UTC: virtual time begins here."""
STEP_NS: Final = 1_000_000
"""Time between two things that happen."""
TICK_NS: Final = 250_000_000


def settings(version: FixVersion, port: int = 1, host: str = "127.0.0.1") -> Settings:
    """One venue on one session, two instruments, no limits: scripts are about orders."""
    price = fixed("10")
    session = Session(
        name=SESSION,
        version=version,
        sender_comp_id="FIXOMS",
        target_comp_id=SESSION,
        host=host,
        port=port,
        reconnect_s=1,
        answer_timeout_s=4,
    )
    return Settings(
        sessions={SESSION: session},
        venues={SESSION: Venue(name=SESSION, session=SESSION)},
        instruments={s: Instrument(symbol=s, venues=(SESSION,), reference=price) for s in SYMBOLS},
        accounts={"DESK": Account(name="DESK")},
    )


class InProcess:
    """An engine, its session and its clock."""

    def __init__(self, version: FixVersion) -> None:
        self._version: Final = version
        self._engine: Final = Engine()
        self._now = START_NS
        self._next_in = self._next_out = 2
        self._left: Final[deque[tuple[str, int]]] = deque()
        plain = to_plain(settings(version))
        self._do(Started(run=1, version="script", settings=plain))
        self._do(SessionUp(session=SESSION))
        self._do(SessionReady(session=SESSION))
        self._left.clear()

    def submit(self, command: AnyCommand) -> Accepted | Refused:
        return next(out for out in self._do(command) if isinstance(out, Accepted | Refused))

    def sent(self) -> tuple[str, int]:
        if not self._left:
            raise Silent("the engine sent no message")
        return self._left.popleft()

    def unheard(self) -> list[str]:
        return [text for text, _ in self._left]

    def deliver(self, text: str) -> None:
        number, self._next_in = self._next_in, self._next_in + 1
        whole = whole_message(text, self._version, number)
        self._do(FixIn(session=SESSION, text=whole, expected=number))

    def wait(self, ns: int) -> None:
        until = self._now + ns
        while self._now < until:
            self._now = min(until, self._now + TICK_NS)
            self._do(Tick())

    def now_ns(self) -> int:
        return self._now

    def order(self, cl_ord_id: str) -> OrderView | None:
        return self._engine.shown(self._now).order_view(cl_ord_id)

    def position(self, symbol: str) -> Fixed:
        views = self._engine.shown(self._now).position_views()
        return sum(view.quantity for view in views if view.symbol == symbol)

    def _do(self, value: Input) -> list[Output]:
        self._now += STEP_NS
        outputs = self._engine.step(self._now, value)
        for out in outputs:
            if isinstance(out, Send):
                self._leave(out)
        return outputs

    def _leave(self, out: Send) -> None:
        number, self._next_out = self._next_out, self._next_out + 1
        self._left.append((out.text, number))
        self._do(
            Sent(
                session=out.session,
                epoch=self._engine.shown(self._now).session_views()[0].epoch,
                seq=number,
                cl_ord_id=out.cl_ord_id,
                text=out.text,
                received_ns=self._now,
                stepped_ns=self._now,
                durable_ns=0,
                sent_ns=self._now,
            )
        )


def whole_message(text: str, version: FixVersion, number: int) -> str:
    """A message with the header and trailer that a venue would give it."""
    msg_type, _, body = text.partition("\x01")
    header = [msg_type, f"34={number}", f"49={SESSION}", "52=20270101-14:30:00.000", "56=FIXOMS"]
    inner = "\x01".join(header) + "\x01" + body
    whole = f"8={version.begin_string}\x019={len(inner.encode())}\x01{inner}"
    return f"{whole}10={sum(whole.encode()) % 256:03d}\x01"
