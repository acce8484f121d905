"""Many orders at once under one position limit, each with a broker of its own, and the truth.

A *floor* is a desk whose gate has one position limit, the model brokers of its orders, and two
wires: what was sent and has not arrived, and what was said and has not been heard. Requests arrive
in their order, as on one session; reports are heard in any order at all, which is worse than any
network. The true position is what the brokers have executed, heard or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, Final

from fix_oms.model import inputs
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import Desk, plain_settings
from tests.properties.lives import hear
from tests.properties.model_broker import LOT, ModelBroker, Report

LIMIT: Final = 100
WITHIN: Final[tuple[Callable[[ModelBroker, int], None], ...]] = (
    ModelBroker.accept,
    ModelBroker.fill,
    ModelBroker.fill,
    ModelBroker.fill,
    ModelBroker.grant_replace,
    ModelBroker.grant_replace,
    ModelBroker.pend,
    ModelBroker.refuse,
    ModelBroker.grant_cancel,
    ModelBroker.status,
    ModelBroker.cancel_unsolicited,
    ModelBroker.expire,
    ModelBroker.reject,
)
"""What a broker may do within the accepted terms."""
BEYOND: Final[tuple[Callable[[ModelBroker, int], None], ...]] = (
    ModelBroker.bust,
    ModelBroker.correct,
    ModelBroker.late_fill,
)
"""What it may do beyond them."""
OURS: Final = ("buy", "sell", "buy", "sell", "replace", "replace", "cancel", "ask", "restart")


class Floor:
    """One seed lives one day of it."""

    def __init__(self, seed: int, *, limits: list[dict[str, Any]] | None = None) -> None:
        self._chance: Final = Random(seed)
        position = {"control": "position_limit", "limit": LIMIT, "per": ["account", "symbol"]}
        plain = plain_settings(limits=limits or [position])
        plain["instruments"]["AAPL"]["reference"] = "10"
        self.desk: Final = Desk(plain)
        self.brokers: Final[dict[str, ModelBroker]] = {}
        self._sent = 0
        self._run = 1
        self._wire: Final[deque[tuple[str, str]]] = deque()
        self._said: Final[dict[str, int]] = {}
        self._unheard: list[Report] = []

    # -- the truth ----------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """What the brokers have executed by now."""
        return sum(b.cum_qty if b.side == "1" else -b.cum_qty for b in self.brokers.values())

    # -- acts ---------------------------------------------------------------------------------

    def acts(self, *, beyond: bool) -> None:
        """One act of somebody's, drawn."""
        chance = self._chance.random()
        if chance < 0.3:
            self._we(self._chance.choice(OURS))
        elif chance < 0.5:
            self.arrives()
        elif chance < 0.75 and self.brokers:
            known = (*WITHIN, *BEYOND) if beyond else WITHIN
            broker = self._chance.choice(list(self.brokers.values()))
            if broker.symbol:
                self._chance.choice(known)(broker, self._chance.randrange(21))
        else:
            self.heard()
        self._collect()

    def _we(self, act: str) -> None:
        name = self._chance.choice(list(self.brokers)) if self.brokers else ""
        lots = self._chance.randint(1, 7)
        if act in ("buy", "sell"):
            self.order("1" if act == "buy" else "2", lots)
        elif act == "ask":
            terms = self.desk.terms("1", 10 * lots, "10")
            order = inputs.NewOrder(by="tom", terms=terms, venue="ALPHA")
            self.desk.engine.check(self.desk.now, [order] * 3)
        elif act == "restart":
            self._run += 1
            self.desk.start(self._run)
            for session in ("ALPHA", "BETA"):
                self.desk.ready(session)
        elif name and act == "cancel":
            self.desk.cancel(name)
        elif name:
            price = fixed("10") + fixed("0.01") * self._chance.randint(0, 9)
            self.desk.replace(name, order_qty=lots * 2 * LOT, price=price)

    def order(self, side: str, lots: int) -> Accepted | Refused:
        """A new order; it is under way."""
        answer = self.desk.ask_new(side, 10 * lots)
        self._collect()
        return answer

    def arrives(self) -> None:
        """The next of what was sent reaches its broker."""
        if self._wire:
            chain, text = self._wire.popleft()
            self.brokers[chain].receive(text)

    def heard(self) -> None:
        """One of the reports under way, any of them, is heard."""
        if self._unheard:
            at = self._chance.randrange(len(self._unheard))
            hear(self.desk, self._unheard.pop(at))
            self._collect()

    def quiesce(self) -> None:
        """Everything arrives and is heard."""
        while self._wire:
            self.arrives()
        self._collect()
        while self._unheard:
            self.heard()

    def _collect(self) -> None:
        for message in self.desk.sent[self._sent :]:
            if message.chain and not message.text.startswith("35=H"):
                if message.chain not in self.brokers:
                    made = ModelBroker(order_id=f"B-{message.chain}")
                    self.brokers[message.chain] = made
                self._wire.append((message.chain, message.text))
        self._sent = len(self.desk.sent)
        for chain, broker in self.brokers.items():
            told = self._said.get(chain, 0)
            self._unheard += broker.said[told:]
            self._said[chain] = len(broker.said)

    def told(self, report: ExecutionReport) -> None:
        """Something that no broker of an order of ours says."""
        hear(self.desk, report)
        self._collect()


def shares(value: int) -> int:
    """Whole shares."""
    return value // SCALE
