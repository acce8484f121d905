"""A routed desk on which algos run, and small algos that tests read like their own text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fix_oms.algos.algo import Algo, Desk, Filled, Mine, Refusal
from fix_oms.algos.kinds import KINDS
from fix_oms.model import inputs
from fix_oms.model.algos import Acts, AnyAct, Place
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.talk_algos import AlgoView
from fix_oms.model.units import Fixed
from tests.engine.routed import RoutedDesk, routed_settings


class Echo(Algo, kw_only=True):
    """Buys ``qty`` at its start, and as much again as each execution; remembers what it heard."""

    qty: Fixed
    px: Fixed = 1_000_000_000
    breaks: bool = False
    heard: tuple[str, ...] = ()
    sent: int = 0

    REMEMBERS = frozenset({"heard", "sent"})
    AMENDABLE = frozenset({"qty"})

    def watches(self) -> frozenset[str]:
        return frozenset({"AAPL"})

    def on_start(self, desk: Desk) -> Iterator[AnyAct]:
        yield from self._buy(self.qty)

    def on_fill(self, desk: Desk, fill: Filled) -> Iterator[AnyAct]:
        self.heard += (f"fill {fill.qty // 10**8}",)
        if self.breaks:
            raise RuntimeError("as asked")
        if fill.qty > 0:
            yield from self._buy(fill.qty)

    def on_order(self, desk: Desk, mine: Mine) -> tuple[AnyAct, ...]:
        self.heard += (f"order {mine.name} {mine.status}",)
        return ()

    def on_refused(self, desk: Desk, refusal: Refusal) -> tuple[AnyAct, ...]:
        self.heard += (f"refused {refusal.act} {refusal.control}",)
        return ()

    def on_tell(self, desk: Desk, word: str, params: Any) -> Iterator[AnyAct]:
        if word != "again":
            raise ValueError(f"{word!r} is not understood")
        return self._buy(self.qty)

    def _buy(self, qty: Fixed) -> Iterator[AnyAct]:
        self.sent += 1
        yield Place(
            name=f"b{self.sent}", symbol="AAPL", side="1", qty=qty, price=self.px, venue="ALPHA"
        )


class Restless(Algo, kw_only=True):
    """Sends anew whatever has ended, at once."""

    sent: int = 0

    REMEMBERS = frozenset({"sent"})

    def on_start(self, desk: Desk) -> Iterator[AnyAct]:
        self.sent += 1
        yield Place(
            name=f"b{self.sent}",
            symbol="AAPL",
            side="1",
            qty=100_000_000,
            price=1_000_000_000,
            policy="sweep",
            time_in_force="3",
        )

    def on_order(self, desk: Desk, mine: Mine) -> Iterator[AnyAct]:
        if not mine.is_open:
            yield from self.on_start(desk)


KINDS["echo"], KINDS["restless"] = Echo, Restless
OWN = {
    "echo": {"code": "tests.engine.algo_desk:Echo"},
    "restless": {"code": "tests.engine.algo_desk:Restless"},
}


class AlgoDesk(RoutedDesk):
    """``acts`` are the records of what algos did, in order."""

    def __init__(self, settings: dict[str, Any] | None = None, *, ready: bool = True) -> None:
        self.acts: list[Acts] = []
        super().__init__(settings or routed_settings(algos=OWN), ready=ready)

    def step(self, value: inputs.Input) -> list[Any]:
        if isinstance(value, inputs.Acted):
            self.acts.append(value.acts)
        return super().step(value)

    def algo(self, kind: str, ref: str = "A1", **params: Any) -> Accepted | Refused:
        """Start one."""
        return self.answer(inputs.NewAlgo(by="ann", ref=ref, kind=kind, params=params))

    def view(self, ref: str = "A1") -> AlgoView:
        found = self.shown.algos.algo(ref).algo
        assert found is not None, ref
        return found

    def of_algo(self, name: str, ref: str = "A1") -> str:
        """The reference of the order, or ref of the parent, that it calls so."""
        return self.view(ref).orders[name]
