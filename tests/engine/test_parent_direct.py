"""A direct parent that has had more than one child: what a bust took back is with a second."""

from __future__ import annotations

from fix_oms.model.messages import OrderCancelReject
from fix_oms.model.units import SCALE
from tests.engine.routed import RoutedDesk, two_books


def direct_again() -> RoutedDesk:
    """A direct parent of 300 whose first child had 100; what a bust gave back is with a second."""
    desk = two_books()
    desk.route(300, "10.00", policy="direct", venue="GAMMA")
    desk.of(desk.child(0), "F", "1", cum=100, leaves=200, last=100, exec_id="X1")
    desk.of(desk.child(0), "F", "2", cum=300, last=200, exec_id="X2")
    desk.of(desk.child(0), "H", "4", cum=100, exec_ref_id="X2", last=200)
    desk.resume()
    desk.acks(1)
    return desk


def test_a_direct_parents_second_child_is_replaced_to_what_the_first_has_left_it() -> None:
    desk = direct_again()
    desk.replace("P1", order_qty=400 * SCALE)
    desk.replaced(1, 300)
    desk.check()
    assert (desk.parent().order_qty, desk.sums()) == (400 * SCALE, ("1", 100, 300, 300, 0))


def test_a_direct_parent_that_cannot_be_more_is_what_its_children_are() -> None:
    desk = direct_again()
    desk.replace("P1", order_qty=400 * SCALE)
    child = desk.child(1)
    rejected = OrderCancelReject(
        cl_ord_id=child.requests[-1].cl_ord_id,
        orig_cl_ord_id=child.reference,
        order_id=child.order_id,
        ord_status="0",
        cxl_rej_response_to="2",
    )
    desk.hear("GAMMA", rejected)
    assert (desk.parent().order_qty, desk.sums()) == (300 * SCALE, ("1", 100, 200, 200, 0))


def test_a_direct_parent_whose_child_is_rejected_while_it_is_replaced_sends_no_other() -> None:
    desk = two_books()
    desk.route(300, "10.00", policy="direct", venue="GAMMA")
    desk.replace("P1", order_qty=200 * SCALE)
    desk.ends(0, "8")
    assert (desk.sums()[0], len(desk.children())) == ("8", 1)
