"""The short way through the gate passes nothing that a check refuses, and is taken."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.gate import desk as bench_desk
from bench.gate import settings as bench_settings
from fix_oms.engine.judging import Judge
from fix_oms.model import inputs
from fix_oms.model.controls import LIMITED
from fix_oms.model.messages import MarketDataSnapshot, MDEntry, Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.units import SCALE, fixed
from fix_oms.risk.pace import same_terms
from tests.engine.desk import SECOND, Desk, plain_settings

CHOICES: dict[str, list[dict[str, Any]]] = {
    "max_order_qty": [{"limit": 50}, {"limit": 20, "account": "DESK"}],
    "max_order_value": [{"limit": 500}, {"limit": 300, "currency": "USD"}],
    "price_collar": [
        {"limit": "5"},
        {"limit": "3", "against": "reference"},
        {"limit": "4", "against": "last"},
    ],
    "market_data": [{"limit": 30}],
    "restricted": [{"symbol": "MSFT"}],
    "permission": [{"ord_types": ["limit"]}, {"sides": ["buy"]}, {"venues": ["ALPHA"]}],
    "position_limit": [{"limit": 80}, {"limit": 60, "per": ["account", "symbol"]}],
    "short_sale_locate": [{"limit": 10}],
    "reduce_only": [{"account": "HEDGE"}],
    "gross_notional": [{"limit": 700}, {"limit": 500, "currency": "USD"}],
    "net_notional": [{"limit": 600}],
    "unexecuted_value": [{"limit": 500}],
    "buying_power": [{"limit": 10}],
    "self_match": [{}, {"action": "cancel_resting"}],
    "message_rate": [
        {"limit": 3, "window_s": 5},
        {"limit": 3, "window_s": 5, "reserve_hedge_pct": "40"},
    ],
    "duplicate_order": [{"limit": 1, "window_s": 5}],
    "flip_flop": [{"limit": 1}],
    "round_trip_loss": [{"limit": 2}],
    "order_rate": [{"limit": 6}],
    "cancel_rate": [{"limit": 2}],
    "order_to_trade": [{"limit": 300}],
    "repeated_execution": [{"limit": 2}],
    "loss_limit": [{"limit": 20}],
    "beyond_terms": [{"limit": 0}],
    "unconfirmed_fills": [{"limit": 2}, {"limit": 2, "against": "certain"}],
    "position_break": [{"limit": 5}],
    "position_feed": [{"limit": 60}],
}


def test_every_control_that_a_limit_names_is_drawn() -> None:
    assert CHOICES.keys() == set(LIMITED)


def drawn_desk(chance: Random) -> Desk:
    names = chance.sample(sorted(CHOICES), chance.randint(1, 5))
    limits = [{"control": name, **chance.choice(CHOICES[name])} for name in names]
    plain = plain_settings(limits=limits, rates={"GBX": "0.0125"})
    plain["instruments"]["AAPL"] |= {
        "reference": "10",
        "currency": chance.choice(["USD", "GBX"]),
        "multiplier": chance.choice(["1", "0.5", "3"]),
    }
    return Desk(plain)


def live(desk: Desk, chance: Random) -> None:
    """Something happens, of all that screens depend on."""
    act = chance.randrange(9)
    price = fixed(f"{chance.randint(95, 105) / 10}")
    if act < 3:
        answer = desk.ask_new(chance.choice("12"), chance.randint(1, 6) * 5, f"{price / SCALE}")
        if not isinstance(answer, Refused) and chance.random() < 0.6:
            order = desk.order(answer.order)
            qty = order.order_qty // SCALE
            desk.report(answer.order, "F", "2", last=qty, cum=qty, side=order.side)
    elif act == 3:
        entries = (
            MDEntry(entry_type="0", price=price - SCALE // 100, size=SCALE),
            MDEntry(entry_type="1", price=price, size=SCALE),
            MDEntry(entry_type="2", price=price, size=SCALE),
        )
        desk.hear("ALPHA", MarketDataSnapshot(symbol="AAPL", entries=entries))
    elif act == 4:
        rate = fixed(f"{chance.randint(5, 20) / 1000}")
        desk.answer(inputs.SetRate(by="t", currency="GBX", rate=rate))
    elif act == 5:
        available = chance.randint(1, 500) * SCALE
        desk.answer(inputs.SetBalance(by="t", account="DESK", currency="USD", available=available))
    elif act == 6:
        told = desk.position() + chance.choice((0, 0, 3, 9))
        row = inputs.Holding(account="DESK", symbol="AAPL", quantity=told * SCALE)
        desk.answer(inputs.TellPositions(by="t", source="t", rows=(row,)))
    elif act == 7:
        name = chance.choice(sorted(CHOICES))
        put = {"control": name, **chance.choice(CHOICES[name])}
        desk.answer(inputs.SetLimits(by="t", reason="r", put=(put,)))
    else:
        desk.passes(chance.randint(1, 20) * SECOND)


def disagreement(desk: Desk, terms: Terms) -> str:
    """What the checks refuse of an order that the screen passes; empty if nothing."""
    state = desk.engine.state
    judge, venue = Judge(state), state.settings.venues["ALPHA"]
    instrument = state.settings.instruments["AAPL"]
    lane = state.lane("DESK", "", "AAPL", venue)
    buys = terms.side == "1"
    reference = state.prices.near("ALPHA", "AAPL", buys, desk.now)
    px = judge.worst_price(terms, reference) or 0
    same = same_terms(terms)
    reserve = max(px, lane.line.position.valuation.mark) or terms.price or 0
    if not state.gate.passes(terms, lane, buys, px, reserve, reference, desk.now, same):
        return ""
    candidate = judge.candidate(desk.now, terms, instrument, lane, reference)
    refused = state.gate.check(candidate, lane)
    return refused.text if refused is not None else ""


@settings(max_examples=3 * settings().max_examples)
@given(st.integers(0, 2**32 - 1))
def test_it_never_passes_what_a_check_refuses(seed: int) -> None:
    chance = Random(seed)
    desk = drawn_desk(chance)
    for _ in range(12):
        live(desk, chance)
        price = f"{chance.randint(94, 106) / 10}"
        kind = {"ord_type": "1"} if chance.random() < 0.1 else {}
        terms = desk.terms(
            chance.choice("125"),
            chance.randint(1, 12) * 5,
            None if kind else price,
            account="DESK",
            **kind,
        )
        assert disagreement(desk, terms) == ""


@pytest.mark.parametrize("control", LIMITED)
def test_an_order_within_every_limit_takes_it(control: str) -> None:
    engine = bench_desk(bench_settings(control))
    state = engine.state
    terms = Terms(
        symbol="AAPL",
        side="1",
        order_qty=100 * SCALE,
        ord_type="2",
        price=150 * SCALE,
        account="DESK",
    )
    lane = state.lane("DESK", "", "AAPL", state.settings.venues["BROKER"])
    now = 1_767_000_000_000_000_000
    same, px = same_terms(terms), 150 * SCALE
    assert state.gate.passes(terms, lane, True, px, px, px, now, same)
