"""Hedges: each execution is covered at once, in whole lots, once; what is not covered is told."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.journal.verify import broken_laws
from fix_oms.model import inputs
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE
from tests.engine.hedge_desk import HedgeDesk, hedge_settings, started


@pytest.fixture
def desk() -> HedgeDesk:
    return HedgeDesk()


# -- whole lots, and what is left ------------------------------------------------------------------


def test_an_execution_is_hedged_in_the_same_step_and_the_rest_carried(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(37)
    assert desk.went() == ["BETA sell 30 @ 49.95"]
    assert desk.adds() == ("37", "0", "30", "7", "0")


def test_what_is_carried_goes_with_the_next_execution(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(37)
    desk.executes(41)
    assert desk.went()[1:] == ["BETA sell 40 @ 49.95"]
    assert desk.adds() == ("78", "0", "70", "8", "0")


def test_two_hedges_share_what_is_carried_for_one_account_venue_symbol_and_side(
    desk: HedgeDesk,
) -> None:
    started(desk)
    started(desk, ref="H2")
    desk.executes(7)
    desk.executes(6, ref="H2")
    assert (desk.went(), desk.went(ref="H2")) == ([], ["BETA sell 10 @ 49.95"])
    assert (desk.adds(), desk.adds("H2")) == (
        ("7", "0", "0", "7", "0"),
        ("6", "0", "10", "-4", "0"),
    )
    assert desk.view().progress["balance"] == "3"


def test_a_flush_below_a_lot_says_so_and_one_that_rounds_up_sends_a_lot(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(7)
    answer = desk.flush()
    assert isinstance(answer, Refused)
    said = "7 is carried: below the lot of 10, nothing can leave (round up, or wait)"
    assert answer.text == f"algo H1: {said}"
    assert isinstance(desk.flush(round="up"), Accepted)
    assert desk.adds() == ("7", "0", "10", "-3", "0")


@pytest.mark.parametrize(
    ("etf", "params", "filled", "went", "carried"),
    [
        ({}, {"ratio": "0.5"}, 50, ["BETA sell 20 @ 49.95"], "5"),
        ({}, {"ratio": "1/3"}, 100, ["BETA sell 30 @ 49.95"], "3.33333333"),
        ({}, {"hedge_side": "same"}, 20, ["BETA buy 20 @ 50.06"], "0"),
        ({}, {"maker_side": "2"}, 20, ["BETA buy 20 @ 50.06"], "0"),
        ({"multiplier": "5"}, {}, 100, ["BETA sell 20 @ 49.95"], "0"),
        ({"multiplier": "5"}, {"by": "quantity"}, 100, ["BETA sell 100 @ 49.95"], "0"),
        ({"min_qty": "50"}, {}, 45, [], "45"),
        ({"min_qty": "50"}, {}, 65, ["BETA sell 60 @ 49.95"], "5"),
        ({"max_qty": "40"}, {}, 95, ["BETA sell 40 @ 49.95"] * 2 + ["BETA sell 10 @ 49.95"], "5"),
        ({"min_qty": "30", "max_qty": "40"}, {}, 65, ["BETA sell 40 @ 49.95"], "25"),
        ({"min_notional": "2000"}, {}, 35, [], "35"),
        ({"min_notional": "1998"}, {}, 45, ["BETA sell 40 @ 49.95"], "5"),
        ({}, {"hedge_type": "market"}, 10, ["BETA sell 10 market"], "0"),
        ({}, {"hedge_type": "limit", "hedge_limit": "55"}, 10, ["BETA sell 10 @ 55"], "0"),
        ({}, {"slippage_bps": "0", "slippage_ticks": 2}, 10, ["BETA sell 10 @ 49.97"], "0"),
        ({}, {"slippage_from": "reference"}, 10, ["BETA sell 10 @ 49.95"], "0"),
        ({}, {"hedge_limit": "49.98"}, 10, ["BETA sell 10 @ 49.98"], "0"),
    ],
)
def test_how_much_is_hedged_and_at_which_price(
    etf: dict[str, Any], params: dict[str, Any], filled: int, went: list[str], carried: str
) -> None:
    desk = started(HedgeDesk(hedge_settings(**etf)), **params)
    desk.executes(filled)
    assert (desk.went(), desk.view().progress["carried"]) == (went, carried)


def test_thirds_of_many_executions_do_not_drift(desk: HedgeDesk) -> None:
    started(desk, ratio="1/3")
    for _ in range(300):
        desk.executes(1)
    assert sum(order.order_qty for order in desk.leg()) == 100 * SCALE
    assert desk.view().progress["carried"] == "0"


# -- what is taken back ----------------------------------------------------------------------------


def test_a_bust_of_the_maker_is_unwound_and_what_is_below_a_lot_carried(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(37, exec_id="X1")
    desk.executes(30, "hedge")
    desk.busts("X1", 37)
    assert desk.went("unwind") == ["BETA buy 30 @ 50.06"]
    assert desk.adds() == ("0", "30", "-30", "0", "0")
    desk.executes(30, "unwind")
    assert desk.adds() == ("0", "0", "0", "0", "0")


def test_a_bust_of_less_than_a_lot_leaves_a_balance_below_nothing(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(4, exec_id="X1")
    desk.executes(36)
    desk.executes(40, "hedge")
    desk.busts("X1", 4)
    assert (desk.went("unwind"), desk.adds()) == ([], ("36", "40", "0", "-4", "0"))


def test_what_rests_is_reduced_before_anything_is_unwound(desk: HedgeDesk) -> None:
    started(desk, hedge_type="limit", hedge_limit="55")
    desk.executes(50, exec_id="X1")
    desk.executes(10, "hedge")
    desk.busts("X1", 50)
    [resting] = desk.leg()
    assert [r.kind for r in resting.requests] == ["new", "cancel"]
    assert desk.went("unwind") == ["BETA buy 10 @ 50.06"]
    assert desk.told() == [
        ("severe", "algo H1: 40 of ETF too much is hedged: what is open is being reduced")
    ]


def test_a_correction_to_less_is_unwound(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(50, exec_id="X1")
    desk.executes(50, "hedge")
    maker = desk.leg("maker")[0]
    desk.tells(maker, "G", "1", cum=20, leaves=280, last=20, px="10", exec_ref_id="X1")
    assert desk.went("unwind") == ["BETA buy 30 @ 50.06"]


def test_a_bust_of_the_hedge_is_hedged_again(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(30)
    desk.executes(30, "hedge", exec_id="X9")
    desk.busts("X9", 30, "hedge")
    assert desk.went() == ["BETA sell 30 @ 49.95"] * 2
    assert desk.adds() == ("30", "0", "30", "0", "0")


# -- what is told and not proven -------------------------------------------------------------------


def told_of(desk: HedgeDesk, cum: int) -> None:
    maker = desk.leg("maker")[0]
    desk.tells(maker, "I", "1", cum=cum, leaves=300 - cum)


def test_a_provisional_execution_is_uncovered_until_it_is_proven(desk: HedgeDesk) -> None:
    started(desk)
    told_of(desk, 30)
    assert (desk.went(), desk.view().progress["uncovered"]) == ([], "30")
    said = "30 of ETF is not hedged: 30 of the maker is told, and not proven"
    assert desk.told() == [("severe", f"algo H1: {said}")]
    maker = desk.leg("maker")[0]
    desk.tells(maker, "F", "1", cum=30, leaves=270, last=30)
    assert (desk.went(), desk.view().progress["uncovered"]) == (["BETA sell 30 @ 49.95"], "0")
    assert desk.told()[1:] == [("info", "algo H1: nothing is uncovered any more")]


def test_a_provisional_execution_is_hedged_where_that_is_asked_for(desk: HedgeDesk) -> None:
    started(desk, provisional=True)
    told_of(desk, 30)
    assert desk.went() == ["BETA sell 30 @ 49.95"]


# -- paused, held, stopped, ended ------------------------------------------------------------------


def test_while_it_is_paused_the_maker_is_out_and_what_it_missed_is_covered_after(
    desk: HedgeDesk,
) -> None:
    started(desk)
    desk.answer(inputs.PauseAlgo(by="ann", ref="H1"))
    desk.executes(30)
    assert (desk.went(), desk.told()) == (
        [],
        [("severe", "algo H1: 30 of ETF is not hedged: it is paused")],
    )
    maker = desk.leg("maker")[0]
    desk.tells(maker, "4", "4", cum=30)
    desk.answer(inputs.ResumeAlgo(by="ann", ref="H1"))
    assert desk.went() == ["BETA sell 30 @ 49.95"]
    assert desk.went("maker")[1:] == ["ALPHA buy 270 @ 10"]


def test_while_it_is_held_what_is_uncovered_is_told_and_covered_after(desk: HedgeDesk) -> None:
    started(desk)
    desk.answer(inputs.Kill(by="ann", reason="a look", symbol="AAPL"))
    desk.executes(30)
    assert (desk.went(), desk.told()[0][0]) == ([], "severe")
    desk.answer(inputs.ResumeAlgo(by="ann", ref="H1"))
    assert desk.went() == ["BETA sell 30 @ 49.95"]


def test_stopped_it_covers_what_it_owes_and_ends(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(30)
    desk.answer(inputs.StopAlgo(by="ann", ref="H1"))
    desk.tells(desk.leg("maker")[0], "4", "4", cum=30)
    desk.finishes(status="8")
    desk.wait(1)
    assert (desk.view().state, len(desk.leg())) == ("ending", 2)
    desk.executes(30, "hedge")
    assert desk.view().state == "ended"


def test_it_ends_when_all_is_executed_and_covered(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(300)
    desk.executes(300, "hedge")
    view = desk.view()
    assert (view.state, view.why) == ("ended", "300 executed, 300 hedged")


def test_an_execution_after_it_has_ended_is_hedged_all_the_same(desk: HedgeDesk) -> None:
    started(desk)
    desk.answer(inputs.StopAlgo(by="ann", ref="H1"))
    maker = desk.leg("maker")[0]
    desk.tells(maker, "4", "4")
    assert desk.view().state == "ended"
    desk.tells(maker, "F", "4", cum=30, last=30)
    assert (desk.went(), desk.view().state) == (["BETA sell 30 @ 49.95"], "running")
    desk.finishes(status="8")
    desk.wait(1)
    desk.executes(30, "hedge")
    assert (len(desk.leg()), desk.view().state) == (2, "ended")


# -- what verify says ------------------------------------------------------------------------------


def test_verify_finds_a_leg_or_a_balance_that_is_not_what_it_is_made_of(desk: HedgeDesk) -> None:
    started(desk)
    desk.executes(37)
    algos = desk.engine.state.algos
    sound = broken_laws(desk.engine.state)
    algos.algos["H1"].legs["maker"] = (38 * SCALE, 0)
    key = next(iter(algos.carried.totals))
    algos.carried.totals[key] += SCALE
    assert (sound, broken_laws(desk.engine.state)) == (
        [],
        [
            "the balance of HEDGE BETA ETF 2 is 8, and is made of 7",
            "the leg maker of algo H1 has executed 38, its orders 37",
        ],
    )
