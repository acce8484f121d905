"""Hedges: what is refused by name, and what their words and parameters do."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.model import inputs
from fix_oms.model.outputs import Refused
from fix_oms.model.units import SCALE
from tests.engine.hedge_desk import HedgeDesk, started


@pytest.fixture
def desk() -> HedgeDesk:
    return HedgeDesk()


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"maker_side": "9"}, "maker_side: '9' is none of 1 (buy), 2 (sell), 5 (sell short)"),
        ({"maker_symbol": "X"}, "maker_symbol: no instrument 'X' is configured"),
        ({"hedge_venue": "ALPHA"}, "hedge_venue: ETF does not trade at 'ALPHA'"),
        (
            {"hedge_venue": ""},
            "hedge_venue: name either a venue or a routing policy (hedge_policy)",
        ),
        ({"hedge_policy": "no"}, "hedge_policy: no policy 'no' is configured"),
        ({"hedge_account": "X"}, "hedge_account: no account 'X' is configured"),
        ({"ratio": "0"}, "ratio: a ratio is greater than 0"),
        ({"ratio": "1/0"}, "ratio: '1/0' divides by 0"),
        ({"ratio": "-1"}, 'ratio: \'-1\' is no ratio: write "1", "0.5" or "1/3"'),
        ({"ratio": "1e9"}, 'ratio: \'1e9\' is no ratio: write "1", "0.5" or "1/3"'),
        ({"maker_qty": "0"}, "maker_qty: 0 is not so many lots of 1"),
        ({"hedge_limit": "49.999"}, "hedge_limit: 49.999 is no price of the tick 0.01"),
        ({"hedge_type": "limit"}, "hedge_limit: a hedge_type of limit rests there: it needs one"),
        ({"hedge_type": "stop"}, "hedge_type: Invalid enum value 'stop'"),
        ({"slippage_bps": "10000"}, "slippage_bps: is 0 or more, and less than 10000"),
        ({"slippage_ticks": -1}, "slippage_ticks: is 0 to 1000000"),
        ({"maker_tif": "Z"}, "maker_tif: 'Z' is no TimeInForce(59)"),
        ({"on_trouble": "venue"}, "other_venues: on_trouble is venue, so name at least one"),
        ({"other_venues": ["BETA"]}, "other_venues: BETA is the hedge_venue"),
        ({"retries": 9}, "retries: is 0 to 8"),
        ({"retry_ms": 0}, "retry_ms: is 1 to 3600000"),
        ({"timeout_ms": -1}, "timeout_ms: is 0 (for ever) to 3600000"),
        ({"provisional": "yes"}, "provisional: Expected `bool`, got `str`"),
        ({"made": 7}, "made: no such parameter"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    desk: HedgeDesk, params: dict[str, Any], said: str
) -> None:
    answer = desk.hedge(**params)
    assert isinstance(answer, Refused)
    assert answer.text.startswith(f"algo kind hedge: {said}")
    assert not [send for send in desk.sent if send.text.startswith("35=D")]


@pytest.mark.parametrize(
    ("word", "params", "said"),
    [
        ("sell", {}, "a hedge understands flush, and not 'sell'"),
        ("flush", {"round": "half"}, 'flush takes round, which is "down" or "up"'),
        ("flush", {"lots": 1}, 'flush takes round, which is "down" or "up"'),
        ("flush", {}, "nothing is carried"),
    ],
)
def test_words_that_it_does_not_understand_are_refused(
    desk: HedgeDesk, word: str, params: dict[str, Any], said: str
) -> None:
    started(desk)
    answer = desk.answer(inputs.TellAlgo(by="ann", ref="H1", word=word, params=params))
    assert isinstance(answer, Refused)
    assert answer.text == f"algo H1: {said}"


def test_a_maker_that_the_gate_refuses_ends_it(desk: HedgeDesk) -> None:
    started(desk, maker_price="10.01")
    desk.down("ALPHA")
    started(desk, ref="H2")
    assert desk.view("H2").state == "ended"


def test_other_terms_reach_the_maker(desk: HedgeDesk) -> None:
    started(desk)
    desk.answer(inputs.AmendAlgo(by="ann", ref="H1", params={"maker_price": "10.02"}))
    assert desk.leg("maker")[0].pending == ("new", "replace")


def test_legs_through_the_router_are_hedged_too(desk: HedgeDesk) -> None:
    desk.book("ALPHA", [("9.99", 500)], [("10.00", 500)])
    started(desk, maker_venue="", maker_policy="sweep", hedge_venue="", hedge_policy="sweep")
    [child] = desk.shown.routing.parent("H1.maker1").children
    desk.tells(child, "F", "1", cum=37, leaves=263, last=37)
    [cover] = desk.shown.routing.parent("H1.hedge2").children
    assert (cover.side, cover.order_qty // SCALE) == ("2", 30)
    assert desk.adds() == ("37", "0", "30", "7", "0")
