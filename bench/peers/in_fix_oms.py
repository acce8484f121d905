"""fix_oms, as its own process drives it: one ``Engine``, one session, FIX text in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bench.peers.exchange import SOH, Outcome, Peer, serve
from fix_oms.engine import Engine
from fix_oms.model import inputs
from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Output, Send
from fix_oms.model.units import SCALE
from fix_oms.model.views import OrderView

SECOND: Final = 1_000_000_000
BEGAN: Final = 1_767_364_200 * SECOND
"""2026-01-02 14:30:00 UTC, when the cases begin."""

SETTINGS: Final[dict[str, Any]] = {
    "engine": {"default_account": "DESK"},
    "sessions": {
        "BROKER": {
            "version": "FIX.4.4",
            "sender_comp_id": "US",
            "target_comp_id": "BROKER",
            "port": 20_001,
        }
    },
    "venues": {"BROKER": {"session": "BROKER"}},
    "instruments": {"AAPL": {"venues": ["BROKER"], "tick": "0.01", "lot": "1"}},
    "accounts": {"DESK": {}},
}
BUY: Final = inputs.NewOrder(
    by="bench",
    venue="BROKER",
    terms=Terms(symbol="AAPL", side="1", order_qty=100 * SCALE, ord_type="2", price=10 * SCALE),
)


class FixOms(Peer):
    """One engine. An order is named by the ClOrdID(11) of its NewOrderSingle."""

    def __init__(self, settings: Mapping[str, Any] = SETTINGS) -> None:
        self.engine = Engine()
        self._now = BEGAN
        self._heard = self._left = 0
        self._cancels: dict[str, str] = {}
        self.give(inputs.Started(run=1, version="bench", settings=dict(settings)))
        self.give(inputs.SessionUp(session="BROKER"))
        self.give(inputs.SessionReady(session="BROKER"))

    def order(self) -> str:
        """A limit buy of 100 AAPL at 10; it leaves."""
        return self._ask(BUY).order

    def prepare(self, order: str, body: str) -> inputs.FixIn:
        """The message as the session hands it over: text, nothing decoded."""
        return self.arriving(
            body.replace("{order}", order).replace("{cancel}", self._cancels.get(order, ""))
        )

    def arriving(self, body: str) -> inputs.FixIn:
        """A body (35 first) under the session's next number."""
        self._heard += 1
        kind, _, rest = body.partition(SOH)
        head = f"8=FIX.4.4{SOH}9=200{SOH}{kind}{SOH}34={self._heard}{SOH}49=BROKER{SOH}56=US{SOH}"
        text = f"{head}{rest}10=000{SOH}"
        return inputs.FixIn(session="BROKER", text=text, expected=self._heard)

    def hear(self, order: str, report: inputs.FixIn) -> None:
        """One step of the engine."""
        self._now += SECOND
        self.engine.step(self._now, report)

    def request_cancel(self, order: str) -> None:
        """The cancel leaves."""
        self._cancels[order] = self._ask(inputs.CancelOrder(by="bench", order=order)).cl_ord_id

    def outcome(self, order: str) -> Outcome:
        """The order's view, and the account's position."""
        view = self.view(order)
        shown = self.engine.shown(self._now)
        positions = [p for p in shown.position_views() if p.account == "DESK"]
        return Outcome(
            word(OrdStatus, view.ord_status),
            view.cum_qty // SCALE,
            view.leaves_qty // SCALE,
            sum(p.quantity for p in positions) // SCALE,
            tuple(f"break: {text}" for text in view.breaks),
        )

    def view(self, order: str) -> OrderView:
        """What it shows of an order."""
        view = self.engine.shown(self._now).order_view(order)
        assert view is not None, order
        return view

    def _ask(self, command: inputs.Command) -> Accepted:
        out = self.give(command)
        found = [o for o in out if isinstance(o, Accepted)]
        assert found, out
        return found[0]

    def give(self, value: inputs.Input) -> list[Output]:
        """One step; what it sends leaves at once."""
        self._now += 1
        out = self.engine.step(self._now, value)
        for message in [o for o in out if isinstance(o, Send)]:
            self._left += 1
            self.give(self._sent(message))
        return out

    def _sent(self, message: Send) -> inputs.Sent:
        return inputs.Sent(
            session=message.session,
            epoch=self.engine.state.links[message.session].epoch,
            seq=self._left,
            cl_ord_id=message.cl_ord_id,
            text=message.text,
            received_ns=self._now,
            stepped_ns=self._now,
            durable_ns=0,
            sent_ns=self._now,
        )


if __name__ == "__main__":
    serve("fix_oms", {"fix_oms": FixOms})
