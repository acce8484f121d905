"""What is asked of a routed parent while its children work, and what a bust does to it."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Send
from fix_oms.model.units import SCALE, fixed
from fix_oms.wire import fields
from tests.engine.routed import (
    RoutedDesk,
    control_of,
    field_of,
    posted,
    routed_settings,
    swept,
    two_books,
)


def fields_of(message: Send) -> dict[int, str]:
    return dict(fields(message.text))


# -- cancel ----------------------------------------------------------------------------------------


def test_a_cancel_asks_every_child_out() -> None:
    desk = posted()
    desk.cancel("P1")
    assert (desk.last_fields()[35], desk.sums()[0]) == ("F", "6")


def test_a_canceled_parent_ends_when_its_children_have() -> None:
    desk = posted()
    desk.fills(0, 100)
    desk.cancel("P1")
    desk.ends(0)
    assert desk.sums() == ("4", 100, 0, 0, 0)


def test_a_late_fill_of_all_that_was_left_fills_a_canceled_parent() -> None:
    desk = posted()
    desk.cancel("P1")
    desk.ends(0)
    desk.fills(0, 300)
    assert desk.sums() == ("2", 300, 0, 0, 0)


def test_a_bust_of_such_a_fill_makes_it_canceled_again() -> None:
    desk = posted(100)
    desk.cancel("P1")
    desk.ends(0)
    desk.of(desk.child(0), "F", "4", cum=100, last=100, exec_id="X1")
    bust(desk, 0, "X1", 0)
    assert desk.sums() == ("4", 0, 0, 0, 0)


def test_a_child_that_fills_before_its_cancel_fills_the_parent() -> None:
    desk = posted()
    desk.cancel("P1")
    desk.fills(0, 300)
    assert desk.sums() == ("2", 300, 0, 0, 0)


def test_a_cancel_that_was_lost_is_asked_for_again() -> None:
    desk = posted()
    desk.cancel("P1")
    desk.cancel_reject(desk.child(0).requests[-1].cl_ord_id, desk.child(0).reference, "0")
    before = len(desk.child(0).requests)
    desk.wait(60)
    assert len(desk.child(0).requests) == before + 1


def test_a_late_fill_of_a_canceled_parent_counts() -> None:
    desk = posted()
    desk.cancel("P1")
    desk.ends(0)
    desk.fills(0, 50)
    assert desk.sums() == ("4", 50, 0, 0, 0)


def test_a_kill_ends_the_parents_of_its_scope() -> None:
    desk = posted()
    desk.give(inputs.Kill(by="ann", reason="enough", symbol="AAPL"))
    desk.ends(0)
    assert desk.sums() == ("4", 0, 0, 0, 0)


def test_a_mass_cancel_ends_the_parents_of_its_scope() -> None:
    desk = posted()
    desk.give(inputs.MassCancel(by="ann", symbol="AAPL"))
    desk.ends(0)
    assert (desk.sums(), len(desk.children())) == (("4", 0, 0, 0, 0), 1)


def test_children_that_a_mass_cancel_asks_out_are_not_asked_one_by_one() -> None:
    settings = routed_settings()
    settings["sessions"]["ALPHA"]["supports"]["mass_cancel"] = True
    desk = posted(settings=settings)
    before = len(desk.sent)
    desk.give(inputs.MassCancel(by="ann"))
    assert [fields_of(message)[35] for message in desk.sent[before:]] == ["q"]


def test_they_are_asked_one_by_one_when_it_is_not_answered() -> None:
    settings = routed_settings()
    settings["sessions"]["ALPHA"]["supports"]["mass_cancel"] = True
    desk = posted(settings=settings)
    desk.give(inputs.MassCancel(by="ann"))
    desk.wait(11)
    assert [request.kind for request in desk.child(0).requests] == ["new", "cancel"]


def test_a_mass_cancel_of_a_venue_leaves_what_is_next_to_a_person() -> None:
    desk = posted()
    desk.give(inputs.MassCancel(by="ann", venue="ALPHA"))
    desk.ends(0)
    assert (desk.sums(), len(desk.children())) == (("9", 0, 300, 0, 300), 1)


def test_a_child_canceled_by_hand_is_not_sent_again_by_itself() -> None:
    desk = posted()
    desk.cancel(desk.child(0).reference)
    desk.ends(0)
    assert (desk.sums(), len(desk.children())) == (("9", 0, 300, 0, 300), 1)


def test_a_killed_venue_gives_the_quantity_to_others() -> None:
    desk = posted()
    desk.give(inputs.Kill(by="ann", reason="odd fills", venue="ALPHA"))
    desk.ends(0)
    assert [child.venue for child in desk.children()[1:]] == ["BETA"]


def test_a_day_parent_expires_with_the_day() -> None:
    desk = posted()
    desk.wait(86_400)
    desk.ends(0, "C")
    assert desk.sums()[0] == "C"


# -- replace ---------------------------------------------------------------------------------------


def test_a_parent_that_is_to_be_more_sends_more() -> None:
    desk = posted(300)
    desk.replace("P1", order_qty=400 * SCALE)
    assert sum(child.order_qty for child in desk.children()) == 400 * SCALE


def test_one_that_is_to_be_less_waits_for_its_children() -> None:
    desk = posted(300)
    desk.replace("P1", order_qty=200 * SCALE)
    assert (desk.last_fields()[35], desk.sums()[0]) == ("G", "E")


def test_a_decrease_holds_when_the_child_has_confirmed_it() -> None:
    desk = posted(300)
    desk.replace("P1", order_qty=200 * SCALE)
    desk.replaced(0, 200)
    assert (desk.parent().order_qty, desk.sums()) == (200 * SCALE, ("0", 0, 200, 200, 0))


def test_a_decrease_that_comes_too_late_holds_as_far_as_it_can() -> None:
    desk = posted(300)
    desk.replace("P1", order_qty=200 * SCALE)
    desk.fills(0, 300)
    assert (desk.parent().order_qty, desk.sums()) == (300 * SCALE, ("2", 300, 0, 0, 0))


def test_what_a_child_was_cut_down_by_twice_may_be_sent_again() -> None:
    desk = posted(300)
    for qty in (200, 100):
        desk.replace("P1", order_qty=qty * SCALE)
        desk.replaced(0, qty)
    desk.replace("P1", order_qty=300 * SCALE)
    assert desk.seen() == ["ALPHA 100 @ 9.99", "ALPHA 200 @ 9.99"]


def test_more_that_waits_for_the_children_is_reserved() -> None:
    limits = [{"control": "position_limit", "limit": 500}]
    desk = posted(300, routed_settings(limits=limits))
    desk.replace("P1", order_qty=500 * SCALE, price=fixed("9.50"))
    refused = desk.route(200, "9.00", ref="P2")
    assert control_of(refused) == "position_limit"


def test_it_is_reserved_once() -> None:
    limits = [{"control": "position_limit", "limit": 500}]
    desk = posted(300, routed_settings(limits=limits))
    desk.replace("P1", order_qty=500 * SCALE, price=fixed("9.50"))
    desk.ends(0)
    assert desk.seen()[1:] == ["ALPHA 500 @ 9.5"]


def test_another_price_holds_when_no_child_works_at_the_old_one() -> None:
    desk = posted(300)
    desk.replace("P1", price=fixed("9.50"))
    before = desk.seen()
    desk.ends(0)
    assert (before, desk.seen()[1:]) == (["ALPHA 300 @ 9.99"], ["ALPHA 300 @ 9.5"])


def test_a_late_fill_of_a_child_replaced_by_another_is_never_sent_twice() -> None:
    desk = posted(300)
    desk.replace("P1", price=fixed("9.50"))
    desk.ends(0)  # says CumQty 0
    desk.acks(1)
    desk.fills(0, 100)  # and a fill of before comes late
    desk.check()
    assert desk.sums()[1] == 100


def test_a_child_that_somebody_makes_larger_takes_it_out_of_the_reserve() -> None:
    desk = RoutedDesk()
    desk.book("ALPHA", [], [("10.00", 100)])
    desk.route(300, None)
    before = desk.sums()[4]
    child = desk.child(0)
    asked = desk.answer(inputs.ReplaceOrder(by="tom", order=child.reference, order_qty=150 * SCALE))
    desk.check()
    assert (before, type(asked), desk.sums()[4]) == (200, Accepted, 150)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order_qty": 0}, "OrderQty(38)"),
        ({"order_qty": SCALE // 2}, "OrderQty(38)"),
        ({"price": fixed("9.995")}, "Price(44)"),
        ({"price": -1}, "Price(44)"),
    ],
)
def test_terms_that_make_no_sense_are_refused(changes: dict[str, int], field: str) -> None:
    desk = posted(300)
    refused = desk.replace("P1", **changes)
    assert field_of(refused) == field


# -- busts -----------------------------------------------------------------------------------------


def bust(desk: RoutedDesk, n: int, exec_id: str, cum: int) -> None:
    child = desk.child(n)
    desk.of(child, "H", child.ord_status, cum=cum, leaves=0, exec_ref_id=exec_id, last=100)


def filled() -> RoutedDesk:
    desk = swept()
    desk.of(desk.child(0), "F", "2", cum=100, last=100, exec_id="X1")
    desk.of(desk.child(1), "F", "2", cum=100, last=100, exec_id="X2")
    return desk


def test_a_bust_of_a_filled_parent_is_left_to_a_person() -> None:
    desk = filled()
    bust(desk, 0, "X1", 0)
    desk.ends(0)
    assert (desk.sums(), len(desk.children())) == (("9", 100, 100, 0, 100), 2)


def test_a_busted_child_may_fill_again() -> None:
    desk = filled()
    bust(desk, 0, "X1", 0)
    desk.fills(0, 100)
    assert desk.sums() == ("2", 200, 0, 0, 0)


def test_a_person_has_it_routed_again() -> None:
    desk = filled()
    bust(desk, 0, "X1", 0)
    desk.ends(0)
    desk.resume()
    assert sum(child.order_qty for child in desk.children()[2:]) == 100 * SCALE


def test_a_bust_of_a_canceled_parent_is_never_routed_again() -> None:
    desk = posted()
    desk.of(desk.child(0), "F", "1", cum=100, leaves=200, last=100, exec_id="X1")
    desk.cancel("P1")
    desk.ends(0)
    bust(desk, 0, "X1", 0)
    assert (desk.sums(), len(desk.children())) == (("4", 0, 0, 0, 0), 1)


def test_a_child_cut_down_by_its_broker_keeps_the_difference_until_it_ends() -> None:
    desk = posted(300)
    child = desk.child(0)
    desk.of(child, "D", "0", leaves=200, order_qty=200 * SCALE, exec_restatement_reason="5")
    held = desk.sums()[4]
    desk.ends(0)
    assert (held, len(desk.children())) == (0, 2)


def test_what_still_works_of_a_parent_that_has_filled_is_asked_out() -> None:
    desk = swept()
    desk.of(desk.child(0), "F", "2", cum=200, last=200)
    assert (desk.last_fields()[35], desk.sums()) == ("F", ("1", 200, 0, 100, 0))


# -- direct ----------------------------------------------------------------------------------------


def direct() -> RoutedDesk:
    desk = two_books()
    desk.route(300, "10.00", policy="direct", venue="GAMMA")
    return desk


def test_a_direct_parent_goes_whole_to_the_venue_that_is_named() -> None:
    assert direct().seen() == ["GAMMA 300 @ 10"]


@pytest.mark.parametrize("status", ["4", "8", "C"])
def test_a_direct_parent_ends_as_its_child_does(status: str) -> None:
    desk = direct()
    desk.ends(0, status)
    assert (desk.sums()[0], len(desk.children())) == (status, 1)


def test_a_direct_parents_terms_are_replaced_at_its_venue() -> None:
    desk = direct()
    desk.acks(0)
    desk.replace("P1", order_qty=500 * SCALE)
    desk.replaced(0, 500)
    assert (desk.parent().order_qty, desk.sums()) == (500 * SCALE, ("0", 0, 500, 500, 0))


# -- what cannot be asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ref": " "}, "parent"),
        ({"side": "9"}, "Side(54)"),
        ({"qty": 0}, "OrderQty(38)"),
        ({"price": "9.995"}, "Price(44)"),
        ({"policy": "magic"}, "policy"),
        ({"venue": "ALPHA"}, "venue"),
        ({"policy": "direct"}, "venue"),
        ({"policy": "direct", "venue": "OMEGA"}, "venue"),
        ({"time_in_force": "4"}, "TimeInForce(59)"),
        ({"account": "NOBODY"}, "Account(1)"),
        ({"strategy": "none"}, "strategy"),
    ],
)
def test_a_parent_that_makes_no_sense_is_refused(changes: dict[str, Any], field: str) -> None:
    refused = two_books().route(**changes)
    assert field_of(refused) == field


def test_a_name_is_given_once() -> None:
    desk = swept()
    refused = desk.route()
    assert field_of(refused) == "parent"
