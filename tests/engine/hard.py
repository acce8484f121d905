"""The words of the stories that reviews of the gate told."""

from __future__ import annotations

from typing import Any

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.risk.acts import limit

DAY = 86_400
IBM = {"IBM": {"venues": ["ALPHA"]}}


def desk_with(*limits: dict[str, Any]) -> Desk:
    plain = plain_settings(limits=list(limits), strategies={"algo": {}, "other": {}})
    plain["instruments"]["AAPL"]["reference"] = "10"
    plain["instruments"] |= IBM
    return Desk(plain)


def one(control: str, value: str = "", **more: Any) -> dict[str, Any]:
    return limit(control, value, **more)[0]


def leaves(desk: Desk, side: str = "1", qty: int = 1, px: str = "10", **more: Any) -> bool:
    return isinstance(desk.ask_new(side, qty, px, **more), Accepted)


def working(desk: Desk, qty: int = 100) -> str:
    name = desk.buy(qty)
    desk.report(name, "0", "0", leaves=qty)
    return name


def opened(desk: Desk, qty: int, px: str = "10") -> Accepted | Refused:
    row = inputs.Holding(account="DESK", symbol="AAPL", quantity=qty * SCALE, px=fixed(px))
    return desk.answer(inputs.OpenPositions(by="ann", source="clearer", rows=(row,)))


def next_day(desk: Desk) -> None:
    desk.now += DAY * SECOND
    desk.start(2)
    desk.ready("ALPHA")


def marked(desk: Desk, price: str) -> None:
    desk.answer(inputs.SetReference(by="ann", symbol="AAPL", price=fixed(price)))
