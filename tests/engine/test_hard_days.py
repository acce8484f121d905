"""Stories of days, and of much to do, that reviews of the gate told."""

from __future__ import annotations

import cProfile
from typing import Any

import pytest

from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.scope import Key, Scope, matches
from fix_oms.model.units import SCALE, fixed
from fix_oms.risk import self_match
from tests.engine.desk import SECOND, Desk, plain_settings
from tests.engine.hard import DAY, desk_with, leaves, marked, next_day, one, opened, working
from tests.risk.acts import filled, put

# -- days ------------------------------------------------------------------------------------------


def test_yesterdays_profit_is_no_licence_for_a_loss_today() -> None:
    desk = desk_with(one("loss_limit", "100"))
    filled("1", 100)(desk)
    filled("2", 100, "20")(desk)
    next_day(desk)
    filled("1", 100)(desk)
    filled("2", 100, "5")(desk)
    assert not leaves(desk)


def test_yesterdays_loss_does_not_hold_up_today() -> None:
    desk = desk_with(one("loss_limit", "100"))
    filled("1", 100)(desk)
    filled("2", 100, "5")(desk)
    yesterday = leaves(desk)
    next_day(desk)
    assert (yesterday, leaves(desk)) == (False, True)


def opened_yesterday(px: str) -> Desk:
    """100 stood at that price, at a mark of 10; an account and a strategy had dealt."""
    desk = desk_with()
    filled("1", 1)(desk)
    filled("1", 1, strategy="algo")(desk)
    opened(desk, 100, px)
    next_day(desk)
    return desk


def test_an_opening_loss_of_yesterday_does_not_hold_up_a_limit_of_today() -> None:
    desk = opened_yesterday("20")
    put("loss_limit", limit="100", per=["symbol"])(desk)
    assert leaves(desk)


def test_an_opening_gain_of_yesterday_is_no_licence() -> None:
    desk = opened_yesterday("5")
    put("loss_limit", limit="100", per=["symbol"])(desk)
    marked(desk, "8")
    assert not leaves(desk, px="8")


@pytest.mark.parametrize("px", ["5", "20"])
def test_yesterday_of_the_accounts_opening_position_is_no_strategys(px: str) -> None:
    desk = opened_yesterday(px)
    (strategy,) = (view for view in desk.shown.exposure_views() if view.name == "algo")
    assert strategy.profit == 0


def test_the_hash_covers_what_the_day_began_with() -> None:
    found = set()
    for first in (True, False):
        desk = desk_with()
        filled("1", 100)(desk)
        if first:
            marked(desk, "5")
        desk.now = desk.engine.state.day_ends_ns
        desk.wait(0)
        if not first:
            marked(desk, "5")
        desk.now = 1_700_100_000 * SECOND
        found.add(desk.shown.hash())
    assert len(found) == 2


def test_the_day_begins_when_a_new_configuration_says() -> None:
    desk = desk_with()
    desk.settings = desk.settings | {"engine": {"default_account": "DESK", "day_starts": "23:00"}}
    desk.start(2)
    assert desk.engine.state.day_ends_ns // SECOND % DAY == 23 * 3600


@pytest.mark.parametrize(("told", "answer"), [(100, Accepted), (101, Refused)])
def test_the_opening_positions_of_the_next_day_change_nothing_that_is_known(
    told: int, answer: type
) -> None:
    desk = desk_with()
    filled("1", 100)(desk)
    next_day(desk)
    assert (type(opened(desk, told)), desk.position()) == (answer, 100)


# -- how much there is to do -----------------------------------------------------------------------


def test_a_change_of_limits_looks_at_each_open_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = plain_settings(limits=[one("self_match")])
    symbols = [f"S{n}" for n in range(20)]
    plain["instruments"] = {symbol: {"venues": ["ALPHA"]} for symbol in symbols}
    desk = Desk(plain)
    for _ in range(5):
        for symbol in symbols:
            assert isinstance(desk.ask_new(symbol=symbol), Accepted)
    looked: list[Scope] = []

    def counted(key: Key, scope: Scope) -> bool:
        looked.append(scope)
        return matches(key, scope)

    monkeypatch.setattr(self_match, "matches", counted)
    put("max_order_qty", limit="5")(desk)
    assert len(looked) == 100


def test_what_a_report_costs_grows_no_faster_than_the_replaces_of_its_order() -> None:
    desk = desk_with()
    name = last = working(desk, 10)
    calls = []
    for n in range(100):
        px = fixed(str(9 + n % 2))
        asked = desk.replace(name, price=px)
        assert isinstance(asked, Accepted)
        more: dict[str, Any] = {"price": px, "order_qty": 10 * SCALE, "orig_cl_ord_id": last}
        profile = cProfile.Profile()
        profile.enable()
        desk.report(asked.cl_ord_id, "5", "0", leaves=10, **more)
        profile.disable()
        calls.append(sum(entry.callcount for entry in profile.getstats()))
        last = asked.cl_ord_id
    assert calls[99] < 3 * calls[49]
