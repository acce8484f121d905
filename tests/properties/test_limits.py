"""No fills within accepted terms take a position past its limit; what goes beyond is seen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.model.inputs import SetLimits
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.outputs import Accepted, Refused
from fix_oms.model.units import SCALE, fixed
from fix_oms.orders.order import Order
from fix_oms.orders.requests import CANCEL, REPLACE, Request
from fix_oms.positions.position import Position
from tests.properties.floor import LIMIT, Floor, shares

SEEDS = st.integers(0, 2**32 - 1)
DAY = 120


def held(floor: Floor) -> Position:
    return floor.desk.engine.state.ledger.position("DESK", "AAPL")


@settings(max_examples=2 * settings().max_examples)
@given(seed=SEEDS)
def test_no_fills_within_accepted_terms_take_the_true_position_past_its_limit(seed: int) -> None:
    floor = Floor(seed)
    furthest = 0
    for _ in range(DAY):
        floor.acts(beyond=False)
        furthest = max(furthest, abs(floor.position))
    assert shares(furthest) <= LIMIT


@given(seed=SEEDS)
def test_the_worst_case_covers_the_truth_whatever_has_not_been_heard(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(DAY):
        floor.acts(beyond=False)
        assert held(floor).shortest <= floor.position <= held(floor).longest


@given(seed=SEEDS)
def test_when_all_is_heard_the_position_is_the_truth(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(DAY):
        floor.acts(beyond=True)
    floor.quiesce()
    assert held(floor).quantity == floor.position


@given(seed=SEEDS)
def test_every_sum_is_the_sum_of_its_orders_after_each_step(seed: int) -> None:
    money = [{"control": "gross_notional", "limit": "100000"}]
    floor = Floor(seed, limits=[*money, {"control": "self_match"}])
    for _ in range(DAY):
        floor.acts(beyond=True)
        state = floor.desk.engine.state
        state.ledger._check()
        orders = [o for o in state.book.orders if o.symbol == "AAPL"]
        assert held(floor).open_buy == sum(o.open_qty for o in orders if o.buys)
        assert held(floor).bought == sum(o.executions.qty for o in orders if o.buys)


@given(seed=SEEDS)
def test_what_is_past_the_limit_is_told_in_the_same_step(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(DAY):
        before = len(floor.desk.alerts)
        was_past = max(held(floor).longest, -held(floor).shortest) > LIMIT * SCALE
        floor.acts(beyond=True)
        is_past = max(held(floor).longest, -held(floor).shortest) > LIMIT * SCALE
        codes = [a.code for a in floor.desk.alerts[before:] if a.severity == "severe"]
        assert not is_past or was_past or "limit_breach" in codes


@given(seed=SEEDS)
def test_past_the_limit_no_more_risk_leaves_and_reducing_orders_do(seed: int) -> None:
    floor = Floor(seed)
    for _ in range(DAY):
        floor.acts(beyond=True)
        position = held(floor)
        if position.longest > LIMIT * SCALE:
            more, room, less = "1", shares(position.shortest), "2"
        elif position.shortest < -LIMIT * SCALE:
            more, room, less = "2", -shares(position.longest), "1"
        else:
            continue
        assert isinstance(floor.order(more, 1), Refused)
        if room >= 10:
            assert isinstance(floor.order(less, 1), Accepted)


# -- the bound is the maximum, not only above it ---------------------------------------------------


def reachable(order: Order) -> set[int]:
    """What the order may have executed in the end: by trying everything that its broker may do.

    It may fill a lot, or answer the next request of ours, which it has in the order in which they
    were sent; a cancel that it accepts is the end.
    """
    lot = 10 * SCALE
    asked = [r for r in order.later if not r.answered]
    start = (order.executions.qty, order.terms.order_qty, 0, not order.ended)
    seen, left = {start}, [start]
    while left:
        done, qty, at, alive = left.pop()
        for step in _steps(done, qty, at, alive, asked, lot):
            if step not in seen:
                seen.add(step)
                left.append(step)
    return {done for done, *_ in seen}


def _steps(
    done: int, qty: int, at: int, alive: bool, asked: list[Request], lot: int
) -> Iterator[tuple[int, int, int, bool]]:
    if alive and done < qty:
        yield done + lot, qty, at, alive
    if at < len(asked):
        yield done, qty, at + 1, alive  # refused
        request = asked[at]
        if alive and request.kind == CANCEL:
            yield done, qty, at + 1, False
        elif alive and request.kind == REPLACE:
            yield done, request.terms.order_qty, at + 1, True


@given(seed=SEEDS)
def test_the_bound_is_the_most_over_every_subset_of_possible_fills(seed: int) -> None:
    """On small books: every combination of what each order may yet come to is tried."""
    floor = Floor(seed, limits=[{"control": "position_limit", "limit": 90}])
    for _ in range(40):
        floor.acts(beyond=False)
        floor.quiesce()
    orders = [o for o in floor.desk.engine.state.book.open.values() if o.symbol == "AAPL"][:6]
    others = [o for o in floor.desk.engine.state.book.orders if o not in orders]
    settled = sum(o.executions.qty * (1 if o.buys else -1) for o in others)
    ends = [
        [done * (1 if order.buys else -1) for done in (min(r), max(r))]
        for order in orders
        for r in [reachable(order)]
    ]
    could = [settled + sum(choice) for choice in itertools.product(*ends)]
    position = held(floor)
    open_others = sum(o.open_qty for o in others)
    assert open_others == 0 or len(orders) == 6
    if not open_others:
        assert (position.shortest, position.longest) == (min(could), max(could))


# -- what brokers do beyond the terms, kind by kind ------------------------------------------------


def report(**told: object) -> ExecutionReport:
    base: dict[str, object] = {
        "cl_ord_id": "1-1",
        "order_id": "B-1",
        "exec_id": "Z1",
        "exec_type": "F",
        "ord_status": "1",
        "symbol": "AAPL",
        "side": "1",
        "avg_px": fixed("10"),
        "leaves_qty": 0,
    }
    return ExecutionReport(**(base | told))  # type: ignore[arg-type]  # a table of fields


def _all_but_one_lot(floor: Floor) -> None:
    """Long 90 of 100, by an order that is filled."""
    assert isinstance(floor.order("1", 9), Accepted)
    full = {"last_qty": fixed("90"), "last_px": fixed("10"), "cum_qty": fixed("90")}
    floor.told(report(exec_id="F1", ord_status="2", leaves_qty=0, **full))


KINDS: dict[str, ExecutionReport] = {
    "an overfill": report(
        last_qty=fixed("20"), last_px=fixed("10"), cum_qty=fixed("110"), leaves_qty=0
    ),
    "a correction upwards": report(
        exec_type="G",
        exec_ref_id="F1",
        last_qty=fixed("120"),
        last_px=fixed("10"),
        cum_qty=fixed("120"),
        leaves_qty=0,
    ),
    "an increase that nobody asked for": report(
        exec_type="D",
        order_qty=fixed("120"),
        cum_qty=fixed("90"),
        leaves_qty=fixed("30"),
        exec_restatement_reason="99",
    ),
    "an order by telephone": report(
        cl_ord_id="PHONE",
        order_id="P-1",
        last_qty=fixed("20"),
        last_px=fixed("10"),
        order_qty=fixed("20"),
        cum_qty=fixed("20"),
        leaves_qty=0,
    ),
    "a split": report(
        exec_type="D",
        order_qty=fixed("180"),
        cum_qty=fixed("180"),
        leaves_qty=0,
        avg_px=fixed("5"),
        exec_restatement_reason="0",
        ord_status="2",
    ),
}
FIRM = [{"control": "position_limit", "limit": LIMIT}]


def _after(kind: str) -> Floor:
    floor = Floor(1, limits=FIRM)
    _all_but_one_lot(floor)
    floor.desk.alerts.clear()
    floor.told(KINDS[kind])
    return floor


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_told_in_the_same_step(kind: str) -> None:
    codes = {a.code for a in _after(kind).desk.alerts if a.severity == "severe"}
    assert "limit_breach" in codes


@pytest.mark.parametrize("kind", KINDS)
def test_it_refuses_more_risk(kind: str) -> None:
    refused = _after(kind).order("1", 1)
    assert isinstance(refused, Refused)
    assert refused.control == "position_limit"


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_reducing_orders_open(kind: str) -> None:
    assert isinstance(_after(kind).order("2", 5), Accepted)


def test_a_bust_of_a_sale_takes_the_position_past_the_limit_and_is_told() -> None:
    floor = Floor(1, limits=FIRM)
    _all_but_one_lot(floor)
    assert isinstance(floor.order("2", 8), Accepted)
    sold = {"cl_ord_id": "1-2", "order_id": "B-2", "side": "2", "last_px": fixed("10")}
    done = {"last_qty": fixed("80"), "cum_qty": fixed("80"), "leaves_qty": 0}
    floor.told(report(exec_id="S1", ord_status="2", **sold, **done))
    assert isinstance(floor.order("1", 9), Accepted)
    undone = {"exec_type": "H", "exec_ref_id": "S1", "cum_qty": 0, "leaves_qty": fixed("80")}
    floor.told(report(exec_id="S2", ord_status="0", **sold, **undone))
    assert "limit_breach" in {a.code for a in floor.desk.alerts}


def test_a_limit_that_is_lowered_below_the_position_is_told_in_the_same_step() -> None:
    floor = Floor(1, limits=FIRM)
    _all_but_one_lot(floor)
    lower = {"control": "position_limit", "limit": "50"}
    floor.desk.answer(SetLimits(by="ann", reason="less", put=(lower,)))
    assert "limit_breach" in {a.code for a in floor.desk.alerts}
