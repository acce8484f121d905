"""A desk for tests: an engine in virtual time and a broker that says what the test tells it to.

The broker's messages go through the wire codec as FIX text, so a test reads like the wire and
covers it too.
"""

from __future__ import annotations

from typing import Any

from fix_oms.engine import Engine
from fix_oms.engine.shown import Shown
from fix_oms.model import inputs
from fix_oms.model.fix import FixVersion
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    Message,
    OrderCancelReject,
    Terms,
)
from fix_oms.model.outputs import Accepted, Acted, Alert, Decided, Output, Refused, Send
from fix_oms.model.units import SCALE, fixed
from fix_oms.model.views import OrderView
from fix_oms.wire import Codec, fields

SECOND = 1_000_000_000


def plain_settings(**changes: Any) -> dict[str, Any]:
    """One session ALPHA (4.4), venues ALPHA and, over session BETA (4.2), BETA; no limits."""
    settings: dict[str, Any] = {
        "engine": {"default_account": "DESK", "score_half_life_s": 3600},
        "sessions": {
            "ALPHA": {
                "version": "FIX.4.4",
                "sender_comp_id": "US",
                "target_comp_id": "ALPHA",
                "port": 20001,
            },
            "BETA": {
                "version": "FIX.4.2",
                "sender_comp_id": "US",
                "target_comp_id": "BETA",
                "port": 20002,
            },
        },
        "venues": {"ALPHA": {"session": "ALPHA"}, "BETA": {"session": "BETA"}},
        "instruments": {
            "AAPL": {"venues": ["ALPHA", "BETA"], "tick": "0.01", "lot": "1"},
            "MSFT": {"venues": ["BETA"], "tick": "0.01", "lot": "10", "reference": "400"},
        },
        "accounts": {"DESK": {}, "HEDGE": {"broker_account": "H-77"}},
    }
    return settings | changes


class Desk:
    """Feeds one engine. ``now`` moves only when a test says so."""

    def __init__(self, settings: dict[str, Any] | None = None, *, ready: bool = True) -> None:
        self.engine = Engine()
        self.now = 1_700_000_000 * SECOND
        self.log: list[tuple[int, inputs.Input]] = []
        self.outs: list[list[Output]] = []
        self.settings = settings or plain_settings()
        self.sent: list[Send] = []
        self.alerts: list[Alert] = []
        self.said: list[Accepted | Refused] = []
        self._seq: dict[str, int] = {}
        self._heard: dict[str, int] = {}
        self._execs = 0
        self.start(1)
        if ready:
            for name in self.settings["sessions"]:
                self.ready(name)

    def start(self, run: int) -> list[Output]:
        return self.give(inputs.Started(run=run, version="test", settings=self.settings))

    def give(self, value: inputs.Input) -> list[Output]:
        """One input; what it sends leaves at once."""
        self.now += 1000
        return self.step(value)

    def step(self, value: inputs.Input) -> list[Output]:
        """The same, at this moment. A decision is given back as the runner does."""
        self.log.append((self.now, value))
        own = out = self.engine.step(self.now, value)
        self.outs.append(own)
        self.alerts += [o for o in out if isinstance(o, Alert)]
        self.said += [o for o in out if isinstance(o, Accepted | Refused)]
        for decided in [o for o in out if isinstance(o, Decided)]:
            out = out + self.step(inputs.Decided(decision=decided.decision))
        for acted in [o for o in own if isinstance(o, Acted)]:
            out = out + self.step(inputs.Acted(acts=acted.acts))
        for message in [o for o in own if isinstance(o, Send)]:
            self.sent.append(message)
            self.leaves(message)
        return out

    def leaves(self, message: Send) -> None:
        seq = self._seq[message.session] = self._seq.get(message.session, 0) + 1
        self.give(
            inputs.Sent(
                session=message.session,
                epoch=self.engine.state.links[message.session].epoch,
                seq=seq,
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                received_ns=self.now,
                stepped_ns=self.now,
                durable_ns=0,
                sent_ns=self.now,
            )
        )

    def wait(self, seconds: float) -> list[Output]:
        """Time passes, and the timer says so."""
        self.now += int(seconds * SECOND)
        return self.give(inputs.Tick())

    # -- sessions -----------------------------------------------------------------------------

    def ready(self, session: str) -> list[Output]:
        self.give(inputs.SessionUp(session=session))
        return self.give(inputs.SessionReady(session=session))

    def down(self, session: str) -> list[Output]:
        return self.give(inputs.SessionDown(session=session, reason="cut"))

    # -- commands -----------------------------------------------------------------------------

    def buy(self, qty: int, price: str | None = "10", **more: Any) -> str:
        """Send a buy of AAPL on ALPHA; returns its ClOrdID, or fails the test with the refusal."""
        answer = self.ask_new("1", qty, price, **more)
        assert isinstance(answer, Accepted), answer
        return answer.order

    def passes(self, ns: int) -> None:
        """Time passes, and nobody says so."""
        self.now += ns

    def terms(self, side: str, qty: int, price: str | None, **more: Any) -> Terms:
        """Terms of AAPL."""
        more.setdefault("ord_type", "1" if price is None else "2")
        px = None if price is None else fixed(price)
        return Terms(symbol="AAPL", side=side, order_qty=qty * SCALE, price=px, **more)

    def ask_new(
        self,
        side: str = "1",
        qty: int = 100,
        price: str | None = "10",
        *,
        symbol: str = "AAPL",
        venue: str | None = "ALPHA",
        client_ref: str | None = None,
        strategy: str | None = None,
        **terms: Any,
    ) -> Accepted | Refused:
        terms.setdefault("ord_type", "1" if price is None else "2")
        asked = Terms(
            symbol=symbol,
            side=side,
            order_qty=qty * SCALE,
            price=None if price is None else fixed(price),
            **terms,
        )
        return self.answer(
            inputs.NewOrder(
                by="tom", terms=asked, venue=venue, client_ref=client_ref, strategy=strategy
            )
        )

    def cancel(self, order: str) -> Accepted | Refused:
        return self.answer(inputs.CancelOrder(by="tom", order=order))

    def replace(self, order: str, **changes: Any) -> Accepted | Refused:
        return self.answer(inputs.ReplaceOrder(by="tom", order=order, **changes))

    def answer(self, command: inputs.Command) -> Accepted | Refused:
        said = [o for o in self.give(command) if isinstance(o, Accepted | Refused)]
        assert len(said) == 1
        return said[0]

    # -- the broker ---------------------------------------------------------------------------

    def hear(self, session: str, message: Message) -> list[Output]:
        """A message of the broker's arrives."""
        version = FixVersion(self.settings["sessions"][session]["version"])
        return self.hear_text(session, Codec(version).encode(message))

    def hear_text(self, session: str, body: str) -> list[Output]:
        seq = self._heard[session] = self._heard.get(session, 0) + 1
        text = f"8=FIX\x019=0\x01{body}34={seq}\x0110=000\x01"
        return self.give(inputs.FixIn(session=session, text=text, expected=seq))

    def report(
        self,
        cl_ord_id: str,
        exec_type: str,
        status: str,
        *,
        cum: int = 0,
        leaves: int = 0,
        last: int | None = None,
        px: str = "10",
        exec_id: str | None = None,
        session: str = "ALPHA",
        side: str = "1",
        symbol: str = "AAPL",
        order_id: str | None = None,
        no_time: bool = False,
        **more: Any,
    ) -> list[Output]:
        """An ExecutionReport about the request ``cl_ord_id``, at the desk's time or without one."""
        self._execs += 1
        return self.hear(
            session,
            ExecutionReport(
                cl_ord_id=cl_ord_id,
                order_id=order_id or f"O-{cl_ord_id}",
                exec_id=exec_id or f"E{self._execs}",
                exec_type=exec_type,
                ord_status=status,
                symbol=symbol,
                side=side,
                cum_qty=cum * SCALE,
                leaves_qty=leaves * SCALE,
                avg_px=fixed(px) if cum else 0,
                last_qty=None if last is None else last * SCALE,
                last_px=None if last is None else fixed(px),
                transact_time=None if no_time else self.now,
                **more,
            ),
        )

    def cancel_reject(self, cl_ord_id: str, orig: str, status: str, **more: Any) -> list[Output]:
        return self.hear(
            "ALPHA",
            OrderCancelReject(
                cl_ord_id=cl_ord_id,
                orig_cl_ord_id=orig,
                order_id="O-1",
                ord_status=status,
                cxl_rej_response_to="1",
                **more,
            ),
        )

    def business_reject(self, cl_ord_id: str, reason: str, text: str) -> list[Output]:
        return self.hear(
            "ALPHA",
            BusinessMessageReject(
                ref_msg_type="D",
                business_reject_reason=reason,
                business_reject_ref_id=cl_ord_id,
                text=text,
            ),
        )

    # -- looking ------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown:
        return self.engine.shown(self.now)

    def order(self, name: str) -> OrderView:
        found = self.shown.order_view(name)
        assert found is not None, name
        return found

    def state_of(self, name: str) -> tuple[str, int, int]:
        """OrdStatus, CumQty and LeavesQty."""
        view = self.order(name)
        return (str(view.ord_status), view.cum_qty // SCALE, view.leaves_qty // SCALE)

    def position(self, symbol: str = "AAPL", account: str = "DESK") -> int:
        return sum(
            p.quantity // SCALE
            for p in self.shown.position_views()
            if (p.symbol, p.account) == (symbol, account)
        )

    def last_fields(self) -> dict[int, str]:
        """The fields of the message that left last."""
        return dict(fields(self.sent[-1].text))

    def check(self) -> None:
        self.engine.state.book._check()
