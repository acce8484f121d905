"""A parent that waits goes on by itself when it can, and what a defect or a new configuration does.

Nothing else happens in these tests than what lets the parent go on: a parent that only the next
change of the market would have looked at stays where it is in a quiet one.
"""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.engine import dispatch
from fix_oms.engine.sight import Sight
from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, SecurityStatus
from fix_oms.model.outputs import Accepted
from fix_oms.model.routing import Plan, Policy, View
from fix_oms.model.units import SCALE, fixed
from fix_oms.routing.plan import plan
from tests.engine.routed import VENUES, RoutedDesk, field_of, posted, routed_settings, two_books

# -- what wakes it ---------------------------------------------------------------------------------


def test_a_halt_that_the_venue_lifts_lets_it_go_on() -> None:
    desk = RoutedDesk()
    for venue in VENUES:
        desk.hear(venue, SecurityStatus(symbol="AAPL", security_trading_status="2"))
    desk.route(policy="post")
    before = desk.seen()
    desk.hear("BETA", SecurityStatus(symbol="AAPL", security_trading_status="17"))
    assert (before, desk.seen()) == ([], ["BETA 300 @ 10"])


def test_it_goes_on_when_a_session_that_was_busy_may_be_sent_to_again() -> None:
    desk = RoutedDesk()
    for venue in VENUES:
        desk.engine.state.links[venue].busy(desk.now)
    desk.route(policy="post")
    before = desk.seen()
    desk.wait(1.1)
    assert (before, desk.seen()) == ([], ["ALPHA 300 @ 10"])


def one_waits() -> RoutedDesk:
    """A parent of 300 of which 100 are on their way to ALPHA, and 200 wait for that."""
    desk = RoutedDesk()
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.route(300, policy="best")
    return desk


def test_a_venue_that_says_nothing_at_all_is_found_to_be_slow() -> None:
    desk = one_waits()
    desk.wait(2.1)
    assert "ALPHA" in desk.engine.state.routed.slow


def test_it_is_found_to_be_slow_also_while_the_market_moves() -> None:
    desk = one_waits()
    desk.book("BETA", [], [("10.01", 100)])
    desk.wait(2.1)
    assert "ALPHA" in desk.engine.state.routed.slow


def test_it_is_found_to_be_slow_also_when_the_market_moves_first() -> None:
    desk = one_waits()
    desk.passes(2_100_000_000)
    desk.book("BETA", [], [("10.01", 100)])
    assert "ALPHA" in desk.engine.state.routed.slow


def test_a_venue_that_the_gate_shuts_is_tried_again_also_without_a_pause_of_the_policy() -> None:
    limits = [{"control": "position_limit", "limit": 100, "venue": venue} for venue in VENUES]
    policies = {"eager": {"kind": "post", "skip_s": 0}}
    desk = RoutedDesk(routed_settings(limits=limits, policies=policies))
    desk.route(policy="eager")
    before = desk.decisions[-1].number
    desk.wait(1.1)
    assert (desk.seen(), desk.decisions[-1].number > before) == ([], True)


def paced() -> RoutedDesk:
    """A parent of 400, of which the pace has let 100 leave, and for a minute nothing more."""
    pace = {"control": "message_rate", "limit": 1, "window_s": 60}
    desk = RoutedDesk(routed_settings(limits=[pace]))
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.book("BETA", [("9.97", 500)], [("10.00", 300)])
    desk.route(400)
    return desk


def test_what_the_pace_holds_back_waits_as_long_as_it_takes() -> None:
    desk = paced()
    for _ in range(61):
        desk.wait(1)
    assert (desk.sums()[0], len(desk.children())) == ("0", 2)


def test_a_halt_of_a_person_is_waited_out() -> None:
    desk = posted()
    desk.give(inputs.Halt(by="ann", reason="news"))
    desk.ends(0, "8")
    for _ in range(20):
        desk.wait(31)
    desk.give(inputs.Resume(by="ann", reason="over"))
    assert desk.sums() == ("0", 0, 300, 300, 0)


# -- what is journaled -----------------------------------------------------------------------------


def waits_at_a_moving_market() -> RoutedDesk:
    """A parent of less than a lot, at a market that shows something and nothing by turns."""
    large = {venue: {"lot": "100"} for venue in VENUES}
    table = {"venues": list(VENUES), "tick": "0.01", "lot": "1", "at": large}
    desk = RoutedDesk(routed_settings(instruments={"AAPL": table}))
    desk.route(50)
    for n in range(100):
        desk.book("ALPHA", [], [("10.00" if n % 2 else "10.01", 100)])
    return desk


def test_a_market_that_goes_to_and_fro_does_not_fill_the_journal() -> None:
    assert len(waits_at_a_moving_market().decisions) == 1


def test_a_reason_that_is_new_is_told_a_second_later() -> None:
    desk = waits_at_a_moving_market()
    desk.passes(1_000_000_000)
    desk.book("ALPHA", [], [("10.00", 200)])
    assert [d.plan.why.partition(";")[0] for d in desk.decisions[1:]] == [
        "50 is less than a lot of 100"
    ]


def test_a_parent_that_is_worth_more_than_a_record_holds_is_routed() -> None:
    desk = RoutedDesk()
    desk.book("ALPHA", [], [("10000000.00", 80_000)])
    desk.route(80_000, "10000000.00")
    assert (desk.sums()[3], desk.decisions[0].plan.cost) == (80_000, 0)


def test_levels_that_are_more_than_a_record_holds_are_looked_at() -> None:
    desk = RoutedDesk()
    desk.route(100, None)
    size = 89 * 10**9 * SCALE
    entries = [
        MDEntry(entry_type="1", price=fixed("9"), size=size, entry_id=f"{n}") for n in "1234"
    ]
    desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=tuple(entries)))
    assert desk.sums()[3] == 100


def test_what_goes_to_a_venue_that_tells_no_book_is_not_kept_for_its_next_book() -> None:
    settings = routed_settings()
    settings["venues"]["GAMMA"]["dark"] = True
    desk = RoutedDesk(settings)
    desk.route(300, "9.99", policy="dark")
    desk.ends(0)
    desk.ends(1)
    routed = desk.engine.state.routed
    assert (desk.child(0).venue, routed.hits, routed.out) == ("GAMMA", {}, {})


def test_a_parent_named_as_the_next_order_would_be_keeps_its_name() -> None:
    desk = RoutedDesk()
    state = desk.engine.state
    name = state.peek_id(state.settings.sessions["ALPHA"], 1)
    desk.route(ref=name, policy="post")
    assert [child.reference != name for child in desk.children(name)] == [True]


# -- a defect --------------------------------------------------------------------------------------


def breaks_for_sales(policy: Policy, view: View) -> Plan:
    if not view.buys:
        raise ArithmeticError("as a test wants it")
    return plan(policy, view)


@pytest.fixture
def defect(monkeypatch: pytest.MonkeyPatch) -> RoutedDesk:
    """A parent that sells and cannot be planned, and one that buys, both as the sessions come."""
    monkeypatch.setattr(dispatch, "plan", breaks_for_sales)
    desk = RoutedDesk(ready=False)
    desk.route(side="2", policy="post", ref="BAD")
    desk.route(policy="post", ref="GOOD")
    desk.ready("ALPHA")
    return desk


def test_a_defect_in_the_routing_of_one_parent_is_an_alert(defect: RoutedDesk) -> None:
    assert "routing of BAD failed: ArithmeticError: as a test wants it" in [
        alert.text for alert in defect.alerts if alert.code == "fault"
    ]


def test_a_defect_holds_its_parent_for_a_person(defect: RoutedDesk) -> None:
    assert defect.sums("BAD")[0] == "9"


def test_a_defect_does_not_stop_the_other_parents(defect: RoutedDesk) -> None:
    assert defect.seen("GOOD") == ["ALPHA 300 @ 10"]


# -- another configuration -------------------------------------------------------------------------


def restarted(desk: RoutedDesk, settings: dict[str, Any]) -> RoutedDesk:
    desk.settings = settings
    desk.start(2)
    for venue in VENUES:
        desk.ready(venue)
    return desk


def without_the_instrument() -> RoutedDesk:
    table = {"venues": list(VENUES), "tick": "0.01", "lot": "1"}
    desk = restarted(posted(), routed_settings(instruments={"MSFT": table}))
    desk.ends(0)
    return desk


def test_a_parent_whose_instrument_is_not_configured_any_more_is_held() -> None:
    assert without_the_instrument().parent().held == "no instrument 'AAPL' is configured"


def test_its_terms_cannot_be_replaced() -> None:
    refused = without_the_instrument().replace("P1", order_qty=400 * SCALE)
    assert field_of(refused) == "Symbol(55)"


def test_it_can_be_canceled() -> None:
    desk = without_the_instrument()
    desk.cancel("P1")
    assert desk.sums()[0] == "4"


def test_a_direct_parent_whose_venue_is_not_configured_any_more_is_held() -> None:
    desk = two_books()
    desk.down("GAMMA")
    desk.route(policy="direct", venue="GAMMA")
    settings = routed_settings()
    del settings["venues"]["GAMMA"]
    settings["instruments"]["AAPL"]["venues"] = ["ALPHA", "BETA"]
    restarted(desk, settings)
    assert desk.parent().held == "no venue 'GAMMA' is configured"


def test_a_parent_whose_policy_is_not_configured_any_more_is_held_and_not_ended() -> None:
    desk = RoutedDesk(routed_settings(policies={"mine": {"kind": "post"}}))
    desk.route(policy="mine")
    restarted(desk, routed_settings())
    desk.ends(0)
    assert (desk.sums()[0], desk.parent().held) == ("9", "no routing policy 'mine' is configured")


def test_a_direct_parent_is_not_taken_back_for_a_better_price_elsewhere() -> None:
    desk = RoutedDesk(routed_settings(policies={"named": {"kind": "direct", "rework_s": 1}}))
    answer = desk.route(policy="named", venue="ALPHA")
    desk.acks(0)
    desk.wait(5)
    desk.book("ALPHA", [], [("10.00", 100)])
    assert (type(answer), desk.last_fields()[35]) == (Accepted, "D")


def test_a_defect_that_decides_without_end_holds_the_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Sight, "_shut", lambda *_: "")  # a venue that refuses is asked again
    desk = RoutedDesk()
    desk.book("ALPHA", [("9.98", 500)], [("10.00", 100)])
    desk.answer(inputs.Halt(by="ann", reason="not there", venue="ALPHA"))
    desk.route()
    assert (desk.parent().ord_status, "from one moment" in desk.parent().held) == ("9", True)
