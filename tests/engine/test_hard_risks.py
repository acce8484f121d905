"""Stories that a review of the gate told: each once let a limit or a kill be led around.

What an order is worth stands in ``tests/risk/test_hard_money.py``, what becomes of limits that
change in ``test_hard_changes.py`` beside it, days in ``test_hard_days.py``; here are kills and
venues, what is held, and what must be told in time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, SecurityStatus, Terms
from fix_oms.model.outputs import Accepted, Alert, Refused, Send
from fix_oms.model.units import SCALE, fixed
from fix_oms.risk.self_match import Levels
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.engine.hard import IBM, desk_with, leaves, one, opened, working
from tests.risk.acts import balance, filled, put


def cash(desk: Desk) -> str:
    """The ClOrdID of an acknowledged order of 1,000 in money."""
    money = fixed("1000")
    terms = Terms(symbol="AAPL", side="1", order_qty=0, ord_type="1", cash_order_qty=money)
    answer = desk.answer(inputs.NewOrder(by="tom", terms=terms, venue="ALPHA"))
    assert isinstance(answer, Accepted)
    desk.report(answer.order, "0", "0")
    return answer.order


def kinds(desk: Desk) -> set[str]:
    return {message.text[3 : message.text.index("\x01")] for message in desk.sent}


def kill(desk: Desk) -> None:
    """One that no mass cancel can say, and time for what follows it."""
    desk.answer(inputs.Kill(by="ann", reason="wild", account="DESK"))
    desk.wait(60)


def phoned(desk: Desk, exec_type: str = "0", qty: int = 10) -> None:
    """The broker tells an order of 10 at 10 that nobody here sent."""
    more: dict[str, Any] = {"order_qty": 10 * SCALE, "price": fixed("10")}
    desk.report("PHONE", exec_type, exec_type, leaves=qty, order_id="X1", **more)


# -- kills -----------------------------------------------------------------------------------------


def test_a_kill_takes_out_an_order_of_money() -> None:
    desk = desk_with()
    cash(desk)
    kill(desk)
    assert "F" in kinds(desk)


def test_a_mass_cancel_takes_out_an_order_of_money() -> None:
    desk = desk_with()
    cash(desk)
    desk.answer(inputs.MassCancel(by="ann"))
    assert "q" in kinds(desk)


def test_a_kill_takes_out_what_is_reported_working_after_its_end() -> None:
    desk = desk_with()
    name = working(desk)
    desk.report(name, "4", "4")
    desk.passes(SECOND)
    desk.report(name, "F", "1", last=10, cum=10, leaves=90)
    kill(desk)
    assert "F" in kinds(desk)


def test_a_kill_follows_a_filled_order_that_is_being_replaced_to_more() -> None:
    desk = desk_with()
    name = working(desk)
    desk.report(name, "F", "2", last=100, cum=100)
    assert isinstance(desk.replace(name, order_qty=200 * SCALE), Accepted)
    kill(desk)
    assert "F" in kinds(desk)


@pytest.mark.parametrize("told_first", [False, True])
def test_a_mass_cancel_takes_out_what_was_leaving(told_first: bool) -> None:
    plain = plain_settings()
    plain["sessions"]["ALPHA"]["supports"] = {"mass_cancel": False}
    desk = Desk(plain)
    command = inputs.NewOrder(by="tom", terms=desk.terms("1", 10, "10"), venue="ALPHA")
    (order,) = (o for o in desk.engine.step(desk.now + 1, command) if isinstance(o, Send))
    desk.passes(SECOND)
    desk.answer(inputs.MassCancel(by="ann"))
    if told_first:
        desk.report(order.cl_ord_id, "0", "0", leaves=10)
    desk.leaves(order)
    assert kinds(desk) == {"F"}


@pytest.mark.parametrize(
    ("scope", "gone"),
    [({"strategy": "algo"}, "strategies"), ({"symbol": "AAPL"}, "instruments")],
    ids=["strategy", "symbol"],
)
def test_a_kill_reaches_what_the_configuration_names_no_more(
    scope: dict[str, str], gone: str
) -> None:
    desk = desk_with()
    desk.buy(10, strategy="algo")
    desk.settings = desk.settings | {gone: {"other": {}} if gone == "strategies" else IBM}
    desk.start(2)
    desk.ready("ALPHA")
    assert isinstance(desk.answer(inputs.Kill(by="ann", reason="wild", **scope)), Accepted)


def test_an_order_that_names_another_place_than_its_venues_is_refused() -> None:
    answer = desk_with().ask_new(ex_destination="DARK")
    assert isinstance(answer, Refused)
    assert answer.field == "ExDestination(100)"


def test_a_halt_that_the_venue_cannot_be_asked_about_outlives_its_session() -> None:
    desk = desk_with()
    desk.hear("ALPHA", SecurityStatus(symbol="AAPL", security_trading_status="2"))
    desk.down("ALPHA")
    desk.ready("ALPHA")
    assert not leaves(desk)


# -- what is held ----------------------------------------------------------------------------------


def test_a_replace_counts_what_is_not_explained() -> None:
    desk = desk_with(one("position_limit", "130"))
    name = working(desk)
    for last in (30, 20):
        desk.report(name, "F", "1", last=last, cum=30, leaves=70)
    desk.replace(name, order_qty=120 * SCALE)
    assert desk.engine.state.ledger.position("DESK", "AAPL").longest <= 130 * SCALE


def test_reduce_only_of_a_strategy_looks_at_the_strategy() -> None:
    desk = desk_with()
    filled("1", 100, strategy="other")(desk)
    put("reduce_only", strategy="algo")(desk)
    assert not leaves(desk, "2", 100, strategy="algo")


def test_self_match_never_mixes_symbols() -> None:
    desk = desk_with(one("self_match", per=["venue"]))
    desk.ask_new("1", 10, "400", symbol="IBM")
    assert leaves(desk, "2", 5)


def test_a_stop_limit_that_has_executed_rests_in_the_book() -> None:
    desk = desk_with(one("self_match"))
    name = desk.buy(10, ord_type="4", stop_px=fixed("9"))
    desk.report(name, "0", "0", leaves=10)
    before = leaves(desk, "2")
    desk.report(name, "F", "1", last=5, cum=5, leaves=5)
    assert (before, leaves(desk, "2")) == (True, False)


def test_a_price_that_was_replaced_meets_nothing() -> None:
    desk = desk_with(one("self_match"))
    name = working(desk, 10)
    asked = desk.replace(name, price=fixed("9"))
    assert isinstance(asked, Accepted)
    more: dict[str, Any] = {"price": fixed("9"), "order_qty": 10 * SCALE}
    desk.report(asked.cl_ord_id, "5", "0", leaves=10, orig_cl_ord_id=name, **more)
    assert leaves(desk, "2", 5, "9.5")


def test_cancel_resting_does_not_pass_for_an_order_that_is_not_ours_to_cancel() -> None:
    desk = desk_with(one("self_match", action="cancel_resting"))
    phoned(desk)
    assert not leaves(desk, "2", 5)


def test_an_order_of_somebody_elses_is_counted_once_in_the_levels() -> None:
    desk = desk_with(one("self_match"))
    phoned(desk)
    phoned(desk, "4", 0)
    assert desk.shown.limit_views()[0].found == {"symbol AAPL, venue ALPHA": ""}


def test_levels_forget_the_prices_below_the_best() -> None:
    levels = Levels(buys=True)
    levels.add(100)
    for n in range(1000):
        levels.add(5 + n % 3)
        levels.remove(5 + n % 3)
    assert len(levels._heap) < 100


# -- what is told ----------------------------------------------------------------------------------


def located_and_busted(desk: Desk) -> None:
    filled("1", 100, exec_id="F1")(desk)
    filled("2", 100)(desk)
    desk.report("1-1", "H", "0", cum=0, leaves=100, last=100, exec_id="F2", exec_ref_id="F1")


def increased(desk: Desk) -> None:
    balance("1000")(desk)
    more: dict[str, Any] = {"order_qty": 1000 * SCALE, "price": fixed("10")}
    desk.report(desk.buy(100), "D", "0", leaves=1000, exec_restatement_reason="3", **more)


BREACHES: dict[str, tuple[dict[str, Any], Callable[[Desk], Any]]] = {
    "a locate, by a bust": (one("short_sale_locate", "0"), located_and_busted),
    "buying power, by an increase that nobody asked for": (one("buying_power"), increased),
    "a position, by its opening, before any order": (
        one("position_limit", "100"),
        lambda desk: opened(desk, 1000),
    ),
}


@pytest.mark.parametrize(("held", "acts"), BREACHES.values(), ids=BREACHES.keys())
def test_a_limit_that_is_broken_is_told_within_five_seconds(
    held: dict[str, Any], acts: Callable[[Desk], Any]
) -> None:
    desk = desk_with(held)
    acts(desk)
    desk.wait(5)
    assert "limit_breach" in {alert.code for alert in desk.alerts}


def test_a_price_that_nobody_asked_for_is_told_in_its_step() -> None:
    desk = desk_with(one("gross_notional", "1500"))
    more: dict[str, Any] = {"order_qty": 100 * SCALE, "price": fixed("20")}
    out = desk.report(working(desk), "D", "0", leaves=100, exec_restatement_reason="3", **more)
    assert [o.code for o in out if isinstance(o, Alert)] == ["limit_breach"]


def test_a_correction_of_the_price_alone_is_beyond_the_terms() -> None:
    desk = desk_with(one("beyond_terms", "0"))
    name = desk.buy(10)
    desk.report(name, "F", "2", last=10, cum=10, exec_id="F1")
    desk.report(name, "G", "2", last=10, px="99", cum=10, exec_id="F2", exec_ref_id="F1")
    assert not leaves(desk)


def test_the_running_numbers_of_a_feed_may_begin_anew_with_the_process() -> None:
    desk = desk_with(one("position_break", "0"))
    for quantity, seq in ((0, 500), (999, 1)):
        row = inputs.Holding(account="DESK", symbol="AAPL", quantity=quantity * SCALE, seq=seq)
        desk.answer(inputs.TellPositions(by="ann", source="clearer", rows=(row,)))
        desk.start(2)
        desk.ready("ALPHA")
    assert not leaves(desk)


def test_a_reference_that_the_configuration_corrects_is_the_mark() -> None:
    desk = desk_with(one("gross_notional", "5000"))
    filled("1", 100)(desk)
    desk.settings["instruments"]["AAPL"]["reference"] = "100"
    desk.start(2)
    desk.ready("ALPHA")
    assert not leaves(desk)


def test_the_hash_covers_the_quotes() -> None:
    found = set()
    for px in ("10", "100"):
        desk = desk_with()
        sides = tuple(MDEntry(entry_type=t, price=fixed(px), size=SCALE) for t in "01")
        desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=sides))
        found.add(desk.shown.hash())
    assert len(found) == 2


def test_a_parent_without_a_name_is_no_parent_that_was_left_out() -> None:
    desk = desk_with()
    asked = inputs.NewOrder(by="tom", terms=desk.terms("1", 1, "10"), venue="ALPHA", parent="")
    assert isinstance(desk.answer(asked), Refused)
