"""fix_oms, as its own process drives it: commands, and the broker's words as FIX text.

The limits of a case are ``[[limits]]`` of the settings and nothing else; a market is the broker's
MarketDataSnapshot(35=W). An order has left when the engine hands its NewOrderSingle to the session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from bench import gate
from bench.peers.exchange import SOH
from bench.peers.in_fix_oms import SETTINGS, FixOms
from bench.peers.risk_exchange import (
    CANCELING,
    PASSED,
    REFUSED,
    WORKING,
    Outcome,
    Peer,
    lacking,
    serve,
)
from fix_oms.model import inputs
from fix_oms.model.controls import LIMITED
from fix_oms.model.fix import OrdStatus, word
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Accepted, Output, Refused, Send
from fix_oms.model.units import SCALE, fixed

BY: Final = "bench"
SIDES: Final = {"buy": "1", "sell": "2"}


class RiskFixOms(Peer):
    """One engine with one session."""

    def __init__(self, limits: Mapping[str, Any]) -> None:
        self._lacks = lacking(limits, LIMITED)
        self._desk = FixOms(settings(limits))
        self._orders: dict[str, str] = {}
        self._terms: dict[str, Terms] = {}
        self._left: dict[str, list[str]] = defaultdict(list)
        self._executed: dict[str, int] = {}

    def market(self, bid: str, ask: str) -> None:
        """A snapshot of both sides' best level."""
        entries = f"268=2|269=0|270={bid}|271=1000|269=1|270={ask}|271=1000|"
        self._hear(f"35=W|262=q|55=AAPL|{entries}")

    def order(
        self,
        name: str,
        side: str,
        qty: int,
        price: str | None = None,
        reduce_only: bool = False,
        parent: str | None = None,
    ) -> Outcome:
        """The command of whoever wants it."""
        terms = Terms(
            symbol="AAPL",
            side=SIDES[side],
            order_qty=qty * SCALE,
            ord_type="1" if price is None else "2",
            price=None if price is None else fixed(price),
        )
        out = self._give(
            inputs.NewOrder(
                by=BY, venue="BROKER", terms=terms, reduce_only=reduce_only, parent=parent
            )
        )
        outcome = self._outcome(out)
        if outcome.answer == PASSED:
            self._terms[name] = terms
            self._orders[name] = next(o.order for o in out if isinstance(o, Accepted))
        return outcome

    def ack(self, name: str) -> None:
        """ExecType(150) New."""
        self._report(name, "150=0|39=0|")

    def fill(self, name: str, qty: int, price: str) -> None:
        """ExecType(150) Trade."""
        self._executed[name] = self._executed.get(name, 0) + qty
        all_of_it = self._executed[name] * SCALE == self._terms[name].order_qty
        self._report(name, f"150=F|39={2 if all_of_it else 1}|32={qty}|31={price}|")

    def replace(self, name: str, qty: int) -> Outcome:
        """The command of whoever wants it."""
        order = self._orders[name]
        return self._outcome(
            self._give(inputs.ReplaceOrder(by=BY, order=order, order_qty=qty * SCALE))
        )

    def halt(self) -> None:
        """Of the whole firm."""
        self._give(inputs.Halt(by=BY, reason="a case"))

    def kill(self) -> None:
        """Of the whole firm."""
        self._give(inputs.Kill(by=BY, reason="a case"))

    def parent(self, name: str, side: str, qty: int, price: str) -> None:
        """Registered: its children are the case's own orders."""
        self._give(
            inputs.NewParent(
                by=BY, ref=name, symbol="AAPL", side=SIDES[side], order_qty=qty * SCALE
            )
        )

    def look(self, name: str) -> Outcome:
        """Whether a cancel of it has left: by a request of its own, or by one for all orders."""
        order = self._orders[name]
        view = self._desk.view(order)
        if any(f"{SOH}41={order}{SOH}" in text for text in self._left["35=F"]):
            return Outcome(CANCELING, ("OrderCancelRequest(35=F)",))
        if any(f"{SOH}530=7{SOH}" in text for text in self._left["35=q"]):
            return Outcome(CANCELING, ("OrderMassCancelRequest(35=q)",))
        return Outcome(WORKING if view.leaves_qty else word(OrdStatus, view.ord_status))

    def us_per_order(self, everything: bool, orders: int) -> float:
        """The one place where the figure of fix_oms comes from: ``bench.gate``, which times an
        order through the gate, its record and its exposure, in rounds of its own size."""
        names = () if everything else ("max_order_qty", "max_order_value")
        return gate.gate_us(gate.settings(*names))

    def _hear(self, body: str) -> None:
        self._give(self._desk.arriving(body.replace("|", SOH)))

    def _report(self, name: str, what: str) -> None:
        order, terms, cum = self._orders[name], self._terms[name], self._executed.get(name, 0)
        qty = terms.order_qty // SCALE
        self._hear(
            f"35=8|37=O-{order}|11={order}|17={order}-{what[4]}-{cum}|{what}1=DESK|55=AAPL|"
            f"54={terms.side}|38={qty}|40={terms.ord_type}|151={qty - cum}|14={cum}|6=10|"
            f"60=20260102-14:30:01.000|"
        )

    def _give(self, value: inputs.Input) -> list[Output]:
        out = self._desk.give(value)
        for text in (o.text for o in out if isinstance(o, Send)):
            self._left[text.partition(SOH)[0]].append(text)
        return out

    def _outcome(self, out: list[Output]) -> Outcome:
        refused = [o for o in out if isinstance(o, Refused)]
        if refused:
            return Outcome(REFUSED, tuple(f"{o.control}: {o.text}" for o in refused))
        assert any(isinstance(o, Send) for o in out), out
        return Outcome(PASSED, lacks=self._lacks)


def settings(limits: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a case, as plain data."""
    session = {**SETTINGS["sessions"]["BROKER"], "supports": {"market_data": True}}
    return {
        **SETTINGS,
        "sessions": {"BROKER": session},
        "limits": [_limit(name, value) for name, value in limits.items()],
    }


def _limit(control: str, value: Any) -> dict[str, Any]:
    if control == "self_match":
        return {"control": control, "action": value}
    more = {"window_s": 1} if control == "duplicate_order" else {}
    return {"control": control, "limit": str(value), **more}


if __name__ == "__main__":
    serve("fix_oms", {"fix_oms": RiskFixOms})
