"""The laws that ``verify`` recomputes hold for any day, and each finds a sum that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.engine.state import State
from fix_oms.journal.verify import broken_laws
from fix_oms.model import inputs
from fix_oms.model.units import SCALE
from tests.engine.desk import Desk
from tests.properties.floor import Floor


@given(st.integers(0, 2**32 - 1))
def test_no_law_is_broken_on_any_day(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(60):
        floor.acts(beyond=True)
    assert broken_laws(floor.desk.engine.state) == []


def a_day() -> State:
    desk = Desk()
    desk.answer(inputs.NewParent(by="t", ref="P", symbol="AAPL", side="1", order_qty=99 * SCALE))
    child = inputs.NewOrder(by="t", terms=desk.terms("1", 9, "10"), venue="ALPHA", parent="P")
    desk.answer(child)
    desk.report("1-1", "F", "1", last=4, cum=4, leaves=5)
    return desk.engine.state


def _bought(state: State) -> None:
    state.ledger.position("DESK", "AAPL").bought += 1


def _open(state: State) -> None:
    state.ledger.position("DESK", "AAPL").open_buy -= 1


def _cum(state: State) -> None:
    state.book.orders[0].cum_qty += 1


def _committed(state: State) -> None:
    state.gate.parents.parents["P"].committed += 1


WRONG: dict[str, tuple[Callable[[State], None], str]] = {
    "what was bought": (_bought, "position DESK AAPL: bought"),
    "what is open": (_open, "position DESK AAPL: open to buy"),
    "what an order has executed": (_cum, "order 1-1: CumQty(14)"),
    "what a parent has committed": (_committed, "parent P:"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_sum_is_named(change: Callable[[State], None], says: str) -> None:
    state = a_day()
    change(state)
    assert [text[: len(says)] for text in broken_laws(state)] == [says]
