"""The life of a routed parent: what its children do to it, and what is asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE, fixed, text_of
from tests.engine.routed import RoutedDesk, control_of, routed_settings, swept, two_books

# -- to market -------------------------------------------------------------------------------------


def test_a_sweep_takes_at_all_venues_at_once() -> None:
    desk = two_books()
    desk.route(300, "10.01")
    assert sorted(desk.seen()) == ["ALPHA 100 @ 10 ioc", "BETA 200 @ 10.01 ioc"]


def test_a_parent_is_filled_when_its_children_are() -> None:
    desk = swept()
    desk.fills(0, 100)
    desk.fills(1, 100)
    assert desk.sums() == ("2", 200, 0, 0, 0)


def test_its_average_price_is_that_of_its_children() -> None:
    desk = swept()
    desk.fills(0, 100, "9.98")
    desk.fills(1, 100, "10.00")
    assert desk.parent().avg_px == fixed("9.99")


def test_what_an_ioc_child_did_not_get_is_routed_again() -> None:
    desk = swept()
    desk.fills(0, 100)
    desk.fills(1, 40)
    before = len(desk.children())
    desk.ends(1)
    assert (before, sum(c.order_qty for c in desk.children()[2:])) == (2, 60 * SCALE)


def test_nothing_is_routed_again_before_the_child_is_out() -> None:
    desk = swept()
    desk.fills(1, 40)
    assert desk.sums() == ("1", 40, 160, 160, 0)


def test_what_our_own_orders_will_have_taken_is_not_seen_again() -> None:
    desk = swept()
    desk.route(100, ref="P2")
    assert "ioc" not in "".join(desk.seen("P2"))


def test_a_book_told_anew_is_seen_as_it_is() -> None:
    desk = swept()
    desk.book("BETA", [], [("10.00", 70)])
    desk.route(100, ref="P2")
    assert "BETA 70 @ 10 ioc" in desk.seen("P2")


def test_an_ioc_parent_ends_with_what_could_be_had() -> None:
    desk = two_books()
    desk.route(500, "10.00", time_in_force="3")
    desk.fills(0, 100)
    desk.fills(1, 100)
    assert desk.sums() == ("4", 200, 0, 0, 0)


def test_a_stopping_policy_posts_nothing() -> None:
    policies = {"take": {"kind": "sweep", "rest": "stop"}}
    desk = RoutedDesk(routed_settings(policies=policies))
    desk.book("ALPHA", [], [("10.00", 100)])
    desk.route(300, policy="take")
    desk.fills(0, 100)
    assert desk.sums() == ("4", 100, 0, 0, 0)


def test_a_parent_waits_where_no_venue_can_be_used() -> None:
    desk = RoutedDesk(ready=False)
    desk.route()
    assert (desk.seen(), desk.sums()) == ([], ("0", 0, 300, 0, 300))


def test_it_goes_on_when_a_session_is_ready() -> None:
    desk = RoutedDesk(ready=False)
    desk.route(policy="post")
    desk.ready("BETA")
    assert [child.venue for child in desk.children()] == ["BETA"]


def test_a_market_parent_takes_as_the_market_moves() -> None:
    desk = RoutedDesk()
    desk.route(100, None)
    before = len(desk.children())
    desk.book("GAMMA", [("9.90", 10)], [("10.20", 100)])
    taken = [child for child in desk.children() if child.venue == "GAMMA"]
    assert (before, [c.order_qty for c in taken]) == (0, [100 * SCALE])


# -- venues that turn it away ----------------------------------------------------------------------


def test_a_venue_that_rejects_a_child_is_left_out_of_what_comes_next() -> None:
    desk = swept()
    turned_away = desk.child(0).venue
    desk.ends(0, "8", text="not today")
    later = [child.venue for child in desk.children()[2:]]
    assert len(later) == 1
    assert turned_away not in later


def test_it_is_used_again_after_a_while() -> None:
    desk = RoutedDesk(routed_settings(instruments={"AAPL": {"venues": ["ALPHA"], "lot": "1"}}))
    desk.route(policy="post")
    desk.ends(0, "8")
    before = len(desk.children())
    desk.wait(31)
    assert (before, len(desk.children())) == (1, 2)


def test_a_venue_that_lets_an_order_wait_is_left_alone() -> None:
    desk = swept()
    desk.acks(1)
    desk.wait(2.1)
    slow = desk.child(0).venue
    desk.route(100, "9.99", ref="P2", policy="post")
    assert slow not in [child.venue for child in desk.children("P2")]


def test_a_halted_venue_is_not_sent_to() -> None:
    desk = swept()
    desk.engine.state.halted["ALPHA", "AAPL"] = "news"
    desk.route(100, "9.99", ref="P2", policy="post")
    assert "ALPHA" not in [child.venue for child in desk.children("P2")]


def test_a_child_that_is_in_doubt_keeps_its_quantity() -> None:
    desk = swept()
    dead = desk.child(0).session
    desk.down(dead)
    assert desk.sums()[3:] == (200, 0)


def test_a_venue_dies_in_a_sweep_and_its_child_had_filled() -> None:
    desk = swept()
    desk.down("ALPHA")
    n = [child.venue for child in desk.children()].index("ALPHA")
    desk.fills(1 - n, 100)
    desk.ready("ALPHA")
    desk.fills(n, 100)
    assert (desk.sums(), len(desk.children())) == (("2", 200, 0, 0, 0), 2)


def test_a_parent_routed_again_and_again_without_a_fill_is_suspended() -> None:
    policies = {"loop": {"kind": "post", "max_reroutes": 3, "skip_s": 0}}
    desk = RoutedDesk(routed_settings(policies=policies))
    desk.route(policy="loop")
    for _ in range(10):
        if desk.child(-1).ord_status == "A":
            desk.ends(-1, "8")
    assert (desk.sums(), len(desk.children())) == (("9", 0, 300, 0, 300), 3)


def test_a_person_lets_a_suspended_parent_go_on() -> None:
    policies = {"loop": {"kind": "post", "max_reroutes": 1, "skip_s": 0}}
    desk = RoutedDesk(routed_settings(policies=policies))
    desk.route(policy="loop")
    desk.ends(0, "8")
    suspended = desk.sums()[0]
    assert (suspended, type(desk.resume()), len(desk.children())) == ("9", Accepted, 2)


# -- the gate --------------------------------------------------------------------------------------


def limited(*limits: dict[str, Any]) -> RoutedDesk:
    desk = RoutedDesk(routed_settings(limits=list(limits)))
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.book("BETA", [("9.97", 500)], [("10.00", 300)])
    return desk


def test_the_whole_parent_is_reserved_before_it_is_sent() -> None:
    desk = limited({"control": "position_limit", "limit": 500})
    desk.route(400, "9.00")
    refused = desk.route(200, "9.00", ref="P2")
    assert control_of(refused) == "position_limit"


def test_children_do_not_count_beside_the_parent_that_they_are_of() -> None:
    desk = limited({"control": "position_limit", "limit": 400})
    desk.route(400)
    assert sum(child.order_qty for child in desk.children()) == 400 * SCALE


def test_a_parent_may_be_larger_than_any_order() -> None:
    desk = limited({"control": "max_order_qty", "limit": 350})
    desk.route(400)
    assert all(child.order_qty <= 350 * SCALE for child in desk.children())


def test_a_child_that_a_limit_refuses_suspends_the_parent() -> None:
    desk = limited({"control": "max_order_qty", "limit": 50})
    desk.route(400)
    assert desk.sums() == ("9", 0, 400, 0, 400)


def test_a_limit_of_one_venue_sends_the_quantity_to_another() -> None:
    desk = limited({"control": "restricted", "venue": "ALPHA"})
    desk.route(300)
    assert {child.venue for child in desk.children()} == {"BETA"}


def test_a_parent_sent_too_fast_waits_a_moment() -> None:
    desk = limited({"control": "message_rate", "limit": 1, "window_s": 1})
    desk.route(400)
    before = len(desk.children())
    desk.wait(2)
    assert (before, len(desk.children())) == (1, 2)


def test_nobody_else_sends_a_routed_parents_children() -> None:
    desk = swept()
    desk.route(500, "9.00", ref="P2")
    command = desk.terms("1", 10, "9.00")
    refused = desk.answer(inputs.NewOrder(by="tom", terms=command, venue="ALPHA", parent="P2"))
    assert control_of(refused) == "conservation"


def test_more_that_was_asked_for_is_reserved_from_then_on() -> None:
    desk = limited({"control": "position_limit", "limit": 500})
    desk.route(300, "9.99", policy="post")
    desk.replace("P1", order_qty=400 * SCALE, price=fixed("9.98"))
    refused = desk.ask_new(qty=150, price="9.99")
    assert control_of(refused) == "position_limit"


def test_what_has_ended_is_reserved_no_more() -> None:
    desk = limited({"control": "position_limit", "limit": 500})
    desk.route(400, "9.00")
    desk.cancel("P1")
    for child in desk.children():
        desk.of(child, "4", "4", named=child.requests[-1].cl_ord_id)
    assert isinstance(desk.route(500, "9.00", ref="P2"), Accepted)


# -- decisions -------------------------------------------------------------------------------------


def test_every_child_stands_in_a_decision_with_the_view_that_it_came_of() -> None:
    desk = swept()
    (decision,) = desk.decisions
    legs = {(leg.venue, leg.qty) for leg in decision.plan.legs}
    assert legs == {(c.venue, c.order_qty) for c in desk.children()}


def test_a_market_that_changes_nothing_is_no_decision() -> None:
    desk = RoutedDesk()
    desk.route(100, None)
    for _ in range(5):
        desk.book("ALPHA", [], [])
    assert len(desk.decisions) == 1


# -- what is posted --------------------------------------------------------------------------------


def reworking(seconds: int = 5) -> RoutedDesk:
    """A parent that rests at ALPHA, by a policy that looks for better."""
    policies = {"work": {"kind": "sweep", "rework_s": seconds}}
    desk = RoutedDesk(routed_settings(policies=policies))
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 100)])
    desk.route(300, "10.00", policy="work")
    desk.acks(0)
    return desk


def test_what_rests_is_taken_back_once_something_can_be_taken() -> None:
    desk = reworking()
    desk.wait(6)
    desk.book("BETA", [], [("9.99", 120)])
    asked = desk.last_fields()[35]
    desk.ends(0)
    assert (asked, desk.seen()[1]) == ("F", "BETA 120 @ 9.99 ioc")


def test_it_is_not_taken_back_before_its_time() -> None:
    desk = reworking()
    desk.book("BETA", [], [("9.99", 120)])
    assert desk.last_fields()[35] == "D"


def test_it_stays_where_nothing_can_be_taken() -> None:
    desk = reworking()
    desk.wait(6)
    desk.book("BETA", [], [("10.01", 120)])
    assert desk.last_fields()[35] == "D"


def test_what_rests_by_other_policies_stays() -> None:
    desk = reworking(0)
    desk.wait(6)
    desk.book("BETA", [], [("9.99", 120)])
    assert desk.last_fields()[35] == "D"


# -- dark venues -----------------------------------------------------------------------------------


def test_a_dark_venue_that_had_no_more_is_not_asked_again_at_once() -> None:
    settings = routed_settings(policies={"dim": {"kind": "dark", "rest": "sweep"}})
    settings["venues"]["GAMMA"]["dark"] = True
    desk = RoutedDesk(settings)
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 300)])
    desk.route(300, "10.00", policy="dim")
    asked = desk.child(0).order_qty // SCALE
    desk.fills(0, 50)
    desk.ends(0)
    later = [child.venue for child in desk.children()[1:]]
    assert (desk.child(0).venue, asked > 50, set(later)) == ("GAMMA", True, {"ALPHA"})


# -- what of our own a book shows ------------------------------------------------------------------


def joined(desk: RoutedDesk, venue: str) -> list[tuple[str, int]]:
    """The levels to wait among at a venue, as the last decision saw them."""
    (seen,) = [v for v in desk.decisions[-1].view.venues if v.venue == venue]
    return [(text_of(price), size // SCALE) for price, size in seen.join]


def test_what_rests_of_the_parent_is_not_ahead_of_it() -> None:
    desk = reworking()
    desk.book("ALPHA", [("10.00", 350), ("9.98", 500)], [("10.05", 100)])
    desk.replace("P1", order_qty=400 * SCALE)
    assert joined(desk, "ALPHA") == [("10", 50), ("9.98", 500)]


def test_nor_is_what_was_taken_back_and_is_shown_still() -> None:
    desk = reworking()
    desk.book("ALPHA", [("10.00", 300), ("9.98", 500)], [("10.05", 100)])
    desk.wait(6)
    desk.book("BETA", [], [("9.99", 120)])
    desk.ends(0)
    assert joined(desk, "ALPHA") == [("9.98", 500)]


def test_a_decision_says_what_rested_was_taken_back_for() -> None:
    desk = reworking()
    desk.wait(6)
    desk.book("BETA", [], [("9.99", 120)])
    desk.ends(0)
    assert desk.decisions[-1].cause == "what rested was taken back: something can be taken"


@pytest.mark.parametrize(
    ("book", "state"),
    [(([("10.02", 5)], [("10.01", 5)]), "crossed"), (([], [("10.00", 100)]), "")],
)
def test_a_view_says_why_a_book_is_not_traded_with(book: Any, state: str) -> None:
    desk = RoutedDesk()
    desk.book("ALPHA", *book)
    desk.route(100)
    (seen,) = [v for v in desk.decisions[-1].view.venues if v.venue == "ALPHA"]
    assert seen.book == state


def test_what_is_taken_back_for_something_better_is_no_try() -> None:
    policies = {"work": {"kind": "sweep", "rework_s": 1, "max_reroutes": 2}}
    desk = RoutedDesk(routed_settings(policies=policies))
    desk.book("ALPHA", [("9.98", 500)], [("10.05", 100)])
    desk.route(300, "10.00", policy="work")
    for _ in range(4):
        desk.acks(-1)
        desk.wait(2)
        desk.book("BETA", [], [("9.99", 120)])
        desk.book("BETA", [], [])  # and is gone when what rested is out
        desk.ends(len(desk.children()) - 1)
    assert (desk.sums()[0], len(desk.children())) == ("0", 5)
