"""Throttles and duplicates at the edges of their windows, in batches, and through changes."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.desk import SECOND, Desk, plain_settings


def limited(**limit: Any) -> Desk:
    plain = plain_settings(limits=[limit])
    plain["instruments"]["AAPL"]["reference"] = "10"
    return Desk(plain)


def test_a_window_that_has_passed_lets_the_next_order_out() -> None:
    desk = limited(control="message_rate", limit="1", window_s=2)
    desk.buy(1)
    desk.passes(2 * SECOND - 1000)
    assert isinstance(desk.ask_new(qty=1), Accepted)


def test_a_window_that_has_not_quite_passed_holds_it() -> None:
    desk = limited(control="message_rate", limit="1", window_s=2)
    desk.buy(1)
    desk.passes(2 * SECOND - 2001)
    assert isinstance(desk.ask_new(qty=1), Refused)


def test_replaces_are_counted_apart_from_new_orders() -> None:
    desk = limited(control="message_rate", limit="1", window_s=9)
    name = desk.buy(10)
    assert isinstance(desk.replace(name, order_qty=11 * SCALE), Accepted)


@pytest.mark.parametrize("per", [[], ["account"]])
def test_what_is_counted_apart_does_not_share_a_throttle(per: list[str]) -> None:
    desk = limited(control="message_rate", limit="1", window_s=9, per=per)
    desk.buy(1)
    other = desk.ask_new(qty=1, account="HEDGE")
    assert isinstance(other, Accepted) is bool(per)


def test_cancels_leave_whatever_the_throttle_has_counted() -> None:
    desk = limited(control="message_rate", limit="1", window_s=9)
    name = desk.buy(10)
    assert isinstance(desk.cancel(name), Accepted)


@pytest.mark.parametrize("control", ["message_rate", "duplicate_order"])
def test_an_order_that_can_only_reduce_never_waits(control: str) -> None:
    desk = limited(control=control, limit="1", window_s=9)
    name = desk.buy(100)
    desk.report(name, "F", "2", last=100, cum=100)
    desk.passes(9 * SECOND)
    desk.ask_new("2", 10, "10")
    assert isinstance(desk.ask_new("2", 10, "10"), Accepted)


def test_other_terms_are_no_duplicate() -> None:
    desk = limited(control="duplicate_order", limit="1", window_s=9)
    desk.buy(1, "10")
    assert isinstance(desk.ask_new(qty=1, price="10.01"), Accepted)


def test_a_duplicate_whose_window_has_passed_leaves() -> None:
    desk = limited(control="duplicate_order", limit="1", window_s=2)
    desk.buy(1)
    desk.passes(2 * SECOND)
    assert isinstance(desk.ask_new(qty=1), Accepted)


def test_several_of_the_same_terms_at_the_same_instant_are_forgotten_together() -> None:
    desk = limited(control="duplicate_order", limit="2", window_s=1)
    order = inputs.NewOrder(by="t", terms=desk.terms("1", 1, "10"), venue="ALPHA")
    for _ in range(2):
        desk.engine.step(desk.now, order)
    desk.passes(SECOND)
    assert isinstance(desk.ask_new(qty=1), Accepted)


def test_children_of_one_parent_are_no_duplicates() -> None:
    desk = limited(control="duplicate_order", limit="1", window_s=9)
    desk.answer(inputs.NewParent(by="ann", ref="P", symbol="AAPL", side="1", order_qty=50 * SCALE))
    slices = inputs.NewOrder(by="t", terms=desk.terms("1", 10, "10"), venue="ALPHA", parent="P")
    assert [type(desk.answer(slices)) for _ in range(3)] == [Accepted] * 3


@pytest.mark.parametrize(("control", "room"), [("message_rate", 2), ("duplicate_order", 2)])
def test_a_batch_is_judged_as_if_each_had_left(control: str, room: int) -> None:
    desk = limited(control=control, limit="2", window_s=9)
    order = inputs.NewOrder(by="t", terms=desk.terms("1", 1, "10"), venue="ALPHA")
    refused = desk.engine.check(desk.now, [order] * 4)
    assert [r is None for r in refused] == [n < room for n in range(4)]


def test_a_changed_throttle_remembers_what_has_left() -> None:
    desk = limited(control="message_rate", limit="5", window_s=9)
    desk.buy(1)
    desk.buy(2)
    put = {"control": "message_rate", "limit": "2", "window_s": 9}
    desk.answer(inputs.SetLimits(by="ann", reason="less", put=(put,)))
    assert isinstance(desk.ask_new(qty=3), Refused)


def test_a_restart_does_not_open_the_throttle() -> None:
    desk = limited(control="message_rate", limit="1", window_s=60)
    desk.buy(1)
    desk.start(2)
    desk.ready("ALPHA")
    assert isinstance(desk.ask_new(qty=2), Refused)
