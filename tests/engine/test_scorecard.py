"""The venues' scorecards, from the messages that make them: what is counted, times, money."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model.inputs import Sent
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND, plain_settings
from tests.engine.routed import RoutedDesk
from tests.engine.venue_stories import (
    CASES,
    HOUR,
    IOC,
    MILLISECOND,
    Slow,
    Story,
    busted,
    part,
    posted_and_cancelled,
    rejected,
    shares,
    whole,
)


@pytest.fixture
def desk() -> Slow:
    return Slow()


@pytest.mark.parametrize(("story", "dealt", "orders"), CASES, ids=[c[0].__name__ for c in CASES])
def test_what_a_story_counts(
    desk: Slow,
    story: Story,
    dealt: tuple[int, int, int, int],
    orders: tuple[int, int],
) -> None:
    story(desk)
    assert (shares(desk.alpha), (desk.alpha.orders, desk.alpha.rejected)) == (dealt, orders)


@pytest.mark.parametrize("story", [c[0] for c in CASES], ids=[c[0].__name__ for c in CASES])
def test_nothing_is_left_under_way_of_an_order_that_is_over(desk: Slow, story: Story) -> None:
    story(desk)
    assert desk.engine.state.scores.under_way() == []


def test_an_order_by_telephone_counts_nowhere(desk: Slow) -> None:
    desk.report("PHONED", "F", "2", last=100, cum=100)
    assert (shares(desk.alpha), desk.alpha.orders) == ((0, 0, 0, 0), 0)


def test_the_symbols_of_a_venue_add_up(desk: Slow) -> None:
    desk.fills(
        desk.ioc(symbol="MSFT", venue="BETA", qty=50), 50, of=50, session="BETA", symbol="MSFT"
    )
    desk.fills(desk.ioc(venue="BETA"), 100, session="BETA")
    assert shares(desk.shown.routing.venues()[1]) == (150, 150, 0, 0)


# -- times ---------------------------------------------------------------------------------------


def is_near(told: int, exact: int) -> bool:
    return abs(told - exact) <= exact // 256 + 512


def test_the_acknowledgement_is_timed_from_the_leaving(desk: Slow) -> None:
    name = desk.buy(100)
    desk.passes(5 * MILLISECOND)
    desk.report(name, "0", "0", leaves=100)
    assert is_near(desk.alpha.ack_p50_ns, 5 * MILLISECOND)
    assert desk.score()[3] == desk.alpha.ack_p50_ns


def test_only_the_first_answer_is_the_acknowledgement(desk: Slow) -> None:
    name = desk.buy(100)
    desk.passes(5 * MILLISECOND)
    desk.report(name, "A", "A", leaves=100)
    desk.passes(SECOND)
    desk.report(name, "0", "0", leaves=100)
    assert is_near(desk.alpha.ack_p99_ns, 5 * MILLISECOND)


@pytest.mark.parametrize("qty", [100, 40])
def test_what_left_may_be_told_after_its_answer(desk: Slow, qty: int) -> None:
    desk.holds = True
    name = desk.ioc()
    left = desk.now
    desk.passes(5 * MILLISECOND)
    desk.fills(name, qty)
    if qty < 100:
        desk.ends(name, cum=qty)
    now, desk.now = desk.now, left
    desk.tell_left()
    desk.now = now
    assert is_near(desk.alpha.ack_p50_ns, 5 * MILLISECOND)
    assert is_near(desk.alpha.fill_p50_ns, 5 * MILLISECOND)
    assert desk.engine.state.scores.under_way() == []


def test_an_order_that_takes_is_timed_to_its_first_execution(desk: Slow) -> None:
    name = desk.ioc()
    desk.report(name, "0", "0", leaves=100)
    for ms, cum in ((3, 40), (7, 100)):
        desk.passes(ms * MILLISECOND)
        desk.report(name, "F", "1", last=40 if cum == 40 else 60, cum=cum, leaves=100 - cum)
    assert is_near(desk.alpha.fill_p99_ns, 3 * MILLISECOND)


def test_how_long_a_posted_order_waited_is_told_apart(desk: Slow) -> None:
    name = desk.buy(100)
    desk.report(name, "0", "0", leaves=100)
    desk.passes(90 * SECOND)
    desk.fills(name, 100)
    assert desk.alpha.fill_p50_ns == 0
    assert is_near(desk.alpha.wait_p50_ns, 90 * SECOND)


@pytest.mark.parametrize("happens", ["down", "restart"])
def test_an_order_that_was_under_way_when_all_went_down_is_not_timed(
    desk: Slow, happens: str
) -> None:
    name = desk.buy(100)
    if happens == "down":
        desk.down("ALPHA")
    else:
        desk.start(2)
    desk.ready("ALPHA")
    desk.passes(HOUR // 2)
    desk.report(name, "0", "0", leaves=100)
    assert desk.alpha.ack_p50_ns == 0
    assert desk.engine.state.scores.under_way() == []


def test_a_reject_is_an_answer(desk: Slow) -> None:
    name = desk.buy(100)
    desk.passes(5 * MILLISECOND)
    desk.report(name, "8", "8")
    assert is_near(desk.alpha.ack_p50_ns, 5 * MILLISECOND)


def test_a_message_that_left_twice_is_timed_once(desk: Slow) -> None:
    """Two records of one number: the second says nothing new."""
    name = desk.buy(100)
    sent = next(v for _, v in desk.log if isinstance(v, Sent) and v.cl_ord_id == name)
    desk.passes(5 * MILLISECOND)
    desk.give(sent)
    desk.report(name, "0", "0", leaves=100)
    assert is_near(desk.alpha.ack_p50_ns, 5 * MILLISECOND)


# -- money ---------------------------------------------------------------------------------------

BOOK = (("bid", "9.9", 50), ("offer", "10", 50), ("offer", "10.1", 50), ("offer", "10.2", 50))
BETTER: list[tuple[str, str | None, list[tuple[int, str]], str]] = [
    # side, limit, fills, improvement
    ("1", "10.2", [(50, "10")], "0"),
    ("1", "10.2", [(50, "9.98")], "1"),
    ("1", "10.2", [(50, "10"), (50, "10.1")], "0"),
    ("1", "10.2", [(50, "10.1"), (50, "10")], "0"),
    ("1", "10.2", [(100, "10.1")], "-5"),
    ("1", "10.1", [(100, "10"), (20, "10.1")], "5"),
    ("1", None, [(200, "10.2")], "-15"),
    ("1", "9.9", [(50, "9.8")], "0"),
    ("2", "9.8", [(50, "9.92")], "1"),
    ("2", "9.8", [(50, "9.8")], "-5"),
]


@pytest.mark.parametrize(("side", "limit", "fills", "expected"), BETTER)
def test_improvement_is_against_what_the_book_showed(
    desk: Slow, side: str, limit: str | None, fills: list[tuple[int, str]], expected: str
) -> None:
    desk.book(*BOOK)
    desk.ask_new(side, 200, limit, time_in_force=IOC)
    name, cum = desk.sent[-1].cl_ord_id, 0
    for qty, px in fills:
        cum += qty
        desk.report(name, "F", "1", last=qty, cum=cum, leaves=200 - cum, px=px, side=side)
    assert desk.alpha.improvement == fixed(expected)


def test_a_correction_of_the_price_corrects_the_improvement(desk: Slow) -> None:
    desk.book(*BOOK)
    name = desk.ioc(200, "10.2")
    desk.report(name, "F", "1", last=50, cum=50, leaves=150, px="10", exec_id="X")
    desk.report(
        name, "G", "1", last=50, cum=50, leaves=150, px="9.98", exec_id="Y", exec_ref_id="X"
    )
    assert desk.alpha.improvement == fixed("1")


def tariff(**changes: Any) -> dict[str, Any]:
    plain = plain_settings(venues={"ALPHA": {"session": "ALPHA", "fees": changes}})
    plain["instruments"] = {"AAPL": {"venues": ["ALPHA"], "tick": "0.01", "lot": "1"}}
    return plain


FEES: list[tuple[dict[str, str], Story, str]] = [
    ({"taker": "0.003", "maker": "-0.002"}, whole, "0.3"),
    ({"taker": "0.003", "maker": "-0.002"}, part, "0.12"),
    ({"taker": "0.003", "maker": "-0.002"}, posted_and_cancelled, "-0.08"),
    ({"taker_bps": "2.5"}, whole, "0.25"),
    ({"taker_bps": "2.5", "taker": "0.001"}, whole, "0.35"),
    ({"maker_bps": "-0.5"}, posted_and_cancelled, "-0.02"),
    ({"taker": "0.003"}, busted, "0"),
    ({"taker": "0.003"}, rejected, "0"),
]


@pytest.mark.parametrize(("fees", "story", "expected"), FEES)
def test_fees_are_the_tariffs(fees: dict[str, str], story: Story, expected: str) -> None:
    desk = Slow(tariff(**fees))
    story(desk)
    assert desk.alpha.fees == fixed(expected)


def test_an_instruments_own_tariff_at_a_venue_goes_before_the_venues() -> None:
    plain = tariff(taker="9")
    plain["instruments"]["AAPL"]["at"] = {"ALPHA": {"fees": {"taker": "0.003"}}}
    desk = Slow(plain)
    whole(desk)
    assert desk.alpha.fees == fixed("0.3")


def test_money_is_in_the_base_currency_and_by_the_contract() -> None:
    plain = tariff(taker_bps="10")
    plain["rates"] = {"EUR": "1.25"}
    plain["instruments"]["AAPL"] |= {"currency": "EUR", "multiplier": "10"}
    desk = Slow(plain)
    desk.book(*BOOK)
    desk.fills(desk.ioc(50, "10.2"), 50, of=50, px="9.98")
    assert (desk.alpha.improvement, desk.alpha.fees) == (fixed("12.5"), fixed("6.2375"))


def test_a_rest_that_is_posted_beside_what_takes_is_no_take() -> None:
    desk = RoutedDesk()
    desk.book("ALPHA", [], [("10.00", 100)])
    desk.route(300, "10.00")
    desk.fills(0, 100)
    desk.wait(31)
    desk.ends(1)
    (alpha,) = [v for v in desk.shown.routing.venues() if v.venue == "ALPHA"]
    sent = (alpha.take_sent, alpha.took, alpha.post_sent, alpha.posted)
    assert [qty // SCALE for qty in sent] == [100, 100, 200, 0]
