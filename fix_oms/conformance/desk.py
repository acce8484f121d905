"""The engine, one session to the broker whom the scenario plays, and virtual time.

What leaves is taken from the engine's outputs, as a session would take it, and comes back to it as
the record that it left. What comes in is whole FIX text, with BodyLength(9) and CheckSum(10),
MsgSeqNum(34) and SendingTime(52) made in the order of delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final

from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import FixVersion, OrdType
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Alert, Output, Refused, Send
from fix_oms.model.units import SCALE, Fixed, from_decimal
from fix_oms.model.views import FillView, OrderView
from fix_oms.scenarios.texts import SIDE, SYMBOL
from fix_oms.wire import utc_timestamp

SESSION: Final = "BROKER"
ACCOUNT: Final = "DESK"
SECOND: Final = 10**9
MINUTE: Final = 60 * SECOND
DAY: Final = 86_400 * SECOND
OPENING: Final = 1_772_461_800 * SECOND
"""The first moment: a Monday, 14:30 UTC."""
FAULT: Final = "fault"
"""The code of the alert that a step of the engine which failed leaves instead of its outputs."""
_FINEST: Final = "0.00000001"


def _settings(version: FixVersion) -> dict[str, Any]:
    return {
        "engine": {"default_account": ACCOUNT},
        "sessions": {
            SESSION: {
                "version": version.value,
                "sender_comp_id": "DESK",
                "target_comp_id": SESSION,
                "port": 1,
            }
        },
        "venues": {SESSION: {"session": SESSION}},
        "instruments": {SYMBOL: {"venues": [SESSION], "tick": _FINEST, "lot": _FINEST}},
        "accounts": {ACCOUNT: {}},
    }


class Desk:
    """One engine of one version. ``now`` moves by a little at each input, and by ``begin_day``."""

    def __init__(self, version: FixVersion) -> None:
        self.now = self._start = self._next = OPENING
        self._engine: Final = Engine()
        self._places: Final = 6 if version is FixVersion.FIX50SP2 else 3
        self._begin: Final = f"8={version.begin_string}\x019="
        self._heard = 0
        self._left = 0
        self.faults: list[str] = []
        self.take(inputs.Started(run=1, version="conformance", settings=_settings(version)))
        self.take(inputs.SessionUp(session=SESSION))
        self.take(inputs.SessionReady(session=SESSION))

    # -- inputs ---------------------------------------------------------------------------------

    def take(self, value: inputs.Input) -> list[Output]:
        """One input; what it sends leaves at once."""
        self.now += 10**6
        out = self._engine.step(self.now, value)
        for message in out:
            if type(message) is Send:
                self._leaves(message)
            elif type(message) is Alert and message.code == FAULT:
                self.faults.append(message.text)
        return out

    def _leaves(self, message: Send) -> None:
        self._left += 1
        now = self.now
        self._engine.step(
            now,
            inputs.Sent(
                session=SESSION,
                epoch=1,
                seq=self._left,
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                received_ns=now,
                stepped_ns=now,
                durable_ns=0,
                sent_ns=now,
            ),
        )

    def begin_run(self, days: int) -> int:
        """Another run of so many days begins, on a day of its own: its first moment."""
        self._start, self._next = self._next, self._next + days * DAY
        self.now = max(self.now, self._start)
        return self._start

    def begin_day(self, day: int) -> None:
        """A trading day of the run begins; a day that has begun already stays."""
        self.now = max(self.now, self._start + (day - 1) * DAY)

    def ask(self, command: inputs.Command) -> tuple[Accepted | Refused, str]:
        """Give a command: its answer, and the text of the message that left for it."""
        out = self.take(command)
        nothing = Refused(control=FAULT, text="; ".join(self.faults))
        answer = next((o for o in out if isinstance(o, Accepted | Refused)), nothing)
        return answer, next((o.text for o in out if type(o) is Send), "")

    def new(
        self, qty: Decimal | None, cash: Decimal | None, price: Decimal, time_in_force: str
    ) -> tuple[Accepted | Refused, str]:
        """Send a limit order to buy, for a quantity or for an amount of money."""
        terms = Terms(
            symbol=SYMBOL,
            side=SIDE,
            order_qty=0 if qty is None else from_decimal(qty),
            cash_order_qty=None if cash is None else from_decimal(cash),
            ord_type=OrdType.LIMIT.value,
            price=from_decimal(price),
            time_in_force=time_in_force,
        )
        return self.ask(inputs.NewOrder(by=ACCOUNT, terms=terms))

    def cancel(self, order: str) -> tuple[Accepted | Refused, str]:
        return self.ask(inputs.CancelOrder(by=ACCOUNT, order=order))

    def replace(
        self, order: str, qty: Decimal | None, price: Decimal | None
    ) -> tuple[Accepted | Refused, str]:
        return self.ask(
            inputs.ReplaceOrder(
                by=ACCOUNT,
                order=order,
                order_qty=None if qty is None else from_decimal(qty),
                price=None if price is None else from_decimal(price),
            )
        )

    def status(self, order: str) -> tuple[Accepted | Refused, str]:
        return self.ask(inputs.AskStatus(by=ACCOUNT, order=order))

    # -- the broker -----------------------------------------------------------------------------

    @property
    def heard(self) -> int:
        """The MsgSeqNum(34) of the broker's last message."""
        return self._heard

    def hear(self, kind: str, body: str, *, again: int = 0, resent: bool = False) -> list[Output]:
        """A message of the broker's arrives. ``again`` is the number that it had when it came
        first, for a retransmission with PossDupFlag(43); ``resent`` says PossResend(97)."""
        expected = self._heard + 1
        if not again:
            self._heard = expected
        sent = utc_timestamp(self.now, self._places)
        flags = f"43=Y\x01122={sent}\x01" if again else "97=Y\x01" if resent else ""
        content = (
            f"35={kind}\x0134={again or expected}\x0149={SESSION}\x0152={sent}\x0156={ACCOUNT}\x01"
            f"{flags}{body}"
        )
        framed = f"{self._begin}{len(content)}\x01{content}"
        text = f"{framed}10={sum(framed.encode()) & 255:03d}\x01"
        return self.take(inputs.FixIn(session=SESSION, text=text, expected=expected))

    def told_at(self, ns: int) -> str:
        """TransactTime(60) of a moment, as a field."""
        return f"60={utc_timestamp(ns, self._places)}\x01"

    # -- looking --------------------------------------------------------------------------------

    def view(self, name: str) -> OrderView | None:
        """The order, by any name it has."""
        return self._engine.shown(self.now).order_view(name)

    def fills(self, name: str) -> list[FillView]:
        """Its executions, those that do not count included."""
        return self._engine.shown(self.now).fill_views(name, 10_000, 0)

    def position(self) -> Fixed:
        """The position over all accounts."""
        ledger = self._engine.state.ledger
        return sum(p.quantity for p in ledger.positions.values())


@cache
def units(value: Decimal | Fraction | int) -> Fixed:
    """A number in units of 10^-8, rounded half to even."""
    return round(value * SCALE)


def counted(fills: Sequence[FillView]) -> list[FillView]:
    """Those that count."""
    return [fill for fill in fills if fill.state == "effective"]
