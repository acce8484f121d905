"""Transaction cost analysis, worked out by hand beside what is told."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.journal.costs import (
    Asked,
    Done,
    ParentCost,
    parent_cost,
    total_cost,
    venue_costs,
)
from fix_oms.model.units import SCALE, fixed

SECOND = 10**9
T0 = 1_767_000_000 * SECOND


def asked(**changes: Any) -> Asked:
    """A buy of 1000 that came at 100 and ended at 101."""
    held: dict[str, Any] = {
        "ref": "P",
        "account": "DESK",
        "strategy": "",
        "symbol": "AAPL",
        "currency": "USD",
        "multiplier": SCALE,
        "rate": SCALE,
        "side": "1",
        "policy": "sweep",
        "ord_status": "4",
        "order_qty": 1000 * SCALE,
        "arrival_px": fixed("100"),
        "last_px": fixed("101"),
        "created_ns": T0,
        "ended_ns": T0 + 60 * SECOND,
        "children": 2,
        "decisions": 1,
    }
    return Asked(**(held | changes))


def done(qty: int, px: str, **changes: Any) -> Done:
    """An execution at NORTH that took, at a fee of 0.003 a share."""
    held: dict[str, Any] = {
        "time_ns": T0 + SECOND,
        "venue": "NORTH",
        "child": "1-1",
        "qty": qty * SCALE,
        "px": fixed(px),
        "takes": True,
        "middle": fixed("100"),
        "touch": fixed("100.08"),
        "fee": qty * SCALE * fixed("0.003"),
    }
    return Done(**(held | changes))


def posted(qty: int, px: str, **changes: Any) -> Done:
    """One at SOUTH that waited, at a rebate of 0.002."""
    fee = -qty * SCALE * fixed("0.002")
    held: dict[str, Any] = {"middle": fixed("100.05"), "touch": fixed("100.1")}
    held |= {"venue": "SOUTH", "child": "1-2", "takes": False, "fee": fee}
    return done(qty, px, **(held | changes))


TAKEN = done(400, "100.1")
WAITED = posted(300, "99.95")

CASES: list[tuple[str, dict[str, Any], list[Done], tuple[str, str, str, str]]] = [
    # what, the parent, what was done; price, missed, fees and all, in money
    ("nothing filled", {}, [], ("0", "1000", "0", "1000")),
    ("all at the arrival price", {}, [done(1000, "100", fee=0)], ("0", "0", "0", "0")),
    ("all a cent worse", {}, [done(1000, "100.01", fee=0)], ("10", "0", "0", "10")),
    ("all a cent better", {}, [done(1000, "99.99", fee=0)], ("-10", "0", "0", "-10")),
    # 400 x 0.10 - 300 x 0.05; 300 x 1; 400 x 0.003 - 300 x 0.002
    ("some took, some waited", {}, [TAKEN, WAITED], ("25", "300", "0.6", "325.6")),
    ("a sale of the same", {"side": "2"}, [TAKEN, WAITED], ("-25", "-300", "0.6", "-324.4")),
    ("the price came back", {"last_px": fixed("99")}, [TAKEN], ("40", "-600", "1.2", "-558.8")),
    ("a contract of ten", {"multiplier": 10 * SCALE}, [TAKEN], ("400", "6000", "1.2", "6401.2")),
    ("more than was asked", {"order_qty": 300 * SCALE}, [TAKEN], ("40", "0", "1.2", "41.2")),
]


def money(cost: ParentCost) -> tuple[int | None, ...]:
    held = (cost.price_cost, cost.opportunity_cost, cost.fees, cost.shortfall)
    return tuple(None if one is None else one // SCALE for one in held)


@pytest.mark.parametrize(("what", "parent", "fills", "expected"), CASES, ids=[c[0] for c in CASES])
def test_the_shortfall_is_against_the_paper_portfolio(
    what: str, parent: dict[str, Any], fills: list[Done], expected: tuple[str, ...]
) -> None:
    assert money(parent_cost(asked(**parent), fills)) == tuple(fixed(text) for text in expected)


def test_the_parts_are_told_in_basis_points_of_the_papers_value() -> None:
    """Of 1000 x 100: 25, 300, 0.60 and 325.60."""
    cost = parent_cost(asked(), [TAKEN, WAITED])
    told = (cost.price_bps, cost.opportunity_bps, cost.fees_bps, cost.shortfall_bps)
    assert told == tuple(fixed(text) for text in ("2.5", "30", "0.06", "32.56"))


def test_the_effective_spread_is_twice_the_distance_from_the_middle() -> None:
    """2 x (400 x 0.10 - 300 x 0.10) = 20, of 400 x 100 + 300 x 100.05 = 70015."""
    cost = parent_cost(asked(), [TAKEN, WAITED])
    assert cost.effective_spread_bps == fixed("2.85653074")


def test_the_touch_is_what_could_be_had_at_once() -> None:
    """400 x 0.02 - 300 x 0.15 = -37, of 400 x 100.08 + 300 x 100.10 = 70062."""
    assert parent_cost(asked(), [TAKEN, WAITED]).touch_bps == fixed("-5.2810368")


def test_an_execution_without_a_middle_says_nothing_of_the_spread() -> None:
    blind = done(500, "150", middle=0, touch=0)
    seen, both = parent_cost(asked(), [TAKEN]), parent_cost(asked(), [TAKEN, blind])
    assert both.effective_spread_bps == seen.effective_spread_bps
    assert both.touch_bps == seen.touch_bps


def test_how_much_filled_and_where_and_how_long_it_took() -> None:
    cost = parent_cost(asked(), [TAKEN, WAITED, done(100, "100", venue="NORTH")])
    assert (cost.fill_rate, cost.took_qty, cost.fills) == (fixed("0.8"), 500 * SCALE, 3)
    assert (cost.venues, cost.lasted_ns) == (("NORTH", "SOUTH"), 60 * SECOND)
    assert cost.avg_px == fixed("100.03125")


UNKNOWN: list[tuple[dict[str, Any], list[Done], str]] = [
    ({"arrival_px": 0}, [TAKEN], "no bid and offer when it came: no arrival price"),
    ({"last_px": 0}, [TAKEN], "no bid and offer at its end: the rest cannot be priced"),
]


@pytest.mark.parametrize(("parent", "fills", "note"), UNKNOWN)
def test_what_cannot_be_known_is_not_made_up(
    parent: dict[str, Any], fills: list[Done], note: str
) -> None:
    cost = parent_cost(asked(**parent), fills)
    assert (cost.shortfall, cost.shortfall_bps, cost.note) == (None, None, note)


def test_what_is_filled_whole_needs_no_last_price() -> None:
    cost = parent_cost(asked(last_px=0, order_qty=400 * SCALE), [TAKEN])
    assert (cost.opportunity_cost, cost.note) == (0, "")


def test_one_that_works_is_priced_so_far() -> None:
    cost = parent_cost(asked(ended_ns=0), [TAKEN])
    assert (cost.note, cost.lasted_ns) == ("it still works", SECOND)


def test_each_venue_has_what_was_done_there() -> None:
    north, south = venue_costs([(asked(), [TAKEN, WAITED, done(100, "100", child="1-3")])])
    assert (north.venue, north.children, north.fills) == ("NORTH", 2, 2)
    assert (north.took, north.posted) == (50_040 * SCALE * SCALE, 0)
    assert (south.took, south.posted) == (0, 29_985 * SCALE * SCALE)
    assert (north.fees, south.fees) == (15 * SCALE * SCALE // 10, -6 * SCALE * SCALE // 10)
    # 300 x -0.002 of 29985; 2 x -0.10 of 100.05; -0.15 of 100.10
    told = (south.fees_bps, south.effective_spread_bps, south.touch_bps)
    assert told == tuple(map(fixed, ("-0.20010005", "-19.99000500", "-14.98501499")))


def test_all_of_them_are_summed_in_the_base_currency() -> None:
    """USD 325.60 of 100000 and EUR 10 of 100000 at 1.25: 338.10 of 225000."""
    euro = asked(ref="Q", currency="EUR", rate=fixed("1.25"))
    parents = [(asked(), [TAKEN, WAITED]), (euro, [done(1000, "100.01", fee=0)])]
    total = total_cost([(a, d, parent_cost(a, d)) for a, d in parents], "USD")
    assert (total.parents, total.shortfall, total.paper) == (
        2,
        fixed("338.1") * SCALE,
        225_000 * SCALE * SCALE,
    )
    assert total.shortfall_bps == fixed("15.02666667")
    assert total.fill_rate == fixed("0.86666667")  # 70000 and 125000 of 225000


def test_what_has_no_shortfall_or_no_rate_is_in_no_total() -> None:
    parents = [(asked(arrival_px=0), [TAKEN]), (asked(rate=0), [TAKEN])]
    total = total_cost([(a, d, parent_cost(a, d)) for a, d in parents], "USD")
    assert (total.parents, total.paper, total.shortfall_bps) == (0, 0, None)
