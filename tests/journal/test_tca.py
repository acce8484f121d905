"""The analysis of a journal: what was noted on the way, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fix_oms.journal.costs import ParentCost
from fix_oms.journal.tca import MOST_POINTS, Analysis, PricePath, analysis
from fix_oms.model.outputs import Accepted
from fix_oms.model.units import SCALE, fixed
from tests.engine.desk import SECOND
from tests.engine.routed import RoutedDesk, routed_settings
from tests.journal.days import journaled

Analysed = Callable[..., Analysis]


@pytest.fixture
def analysed(tmp_path: Path) -> Analysed:
    def run(desk: RoutedDesk, *refs: str, **more: Any) -> Analysis:
        journaled(tmp_path, desk.log)
        found = analysis(tmp_path, refs, **more)
        assert found is not None
        return found

    return run


def tariffs() -> dict[str, Any]:
    """Takers pay 0.003 at ALPHA and are paid 0.001 at BETA."""
    plain = routed_settings()
    plain["venues"]["ALPHA"]["fees"] = {"taker": "0.003", "maker": "-0.002"}
    plain["venues"]["BETA"]["fees"] = {"taker": "-0.001"}
    return plain


def books(desk: RoutedDesk, up: str = "") -> None:
    """ALPHA 9.98 / 10.00, BETA 9.97 / 10.02; or a tenth ``up``."""
    alpha = ("10.08", "10.10") if up else ("9.98", "10.00")
    beta = ("10.07", "10.12") if up else ("9.97", "10.02")
    for venue, (bid, offer) in (("ALPHA", alpha), ("BETA", beta)):
        desk.book(venue, [(bid, 500)], [(offer, 100)])


def swept(settings: dict[str, Any] | None = None) -> RoutedDesk:
    """A parent of 300 at 10.02 that takes and stops. It arrived at 9.99 and had 100 at 10.00, then
    100 at 10.02 when the middle was 10.09, which was its end."""
    desk = RoutedDesk(settings or tariffs())
    books(desk)
    answer = desk.route(300, "10.02", policy="stop")
    assert isinstance(answer, Accepted)
    prices = ["10.00" if child.venue == "ALPHA" else "10.02" for child in desk.children()]
    desk.fills(0, 100, prices[0])
    desk.passes(30 * SECOND)
    books(desk, up="a tenth")
    desk.fills(1, 100, prices[1])
    return desk


@pytest.fixture
def stopped() -> dict[str, Any]:
    return tariffs() | {"policies": {"stop": {"kind": "sweep", "rest": "stop"}}}


def the(found: Analysis) -> ParentCost:
    (cost,) = found.parents
    return cost


def test_a_sweep_is_worked_out_from_the_journal(
    analysed: Analysed, stopped: dict[str, Any]
) -> None:
    """100 x 0.01 + 100 x 0.03 = 4; 100 x 0.10 = 10; 100 x 0.003 - 100 x 0.001 = 0.20."""
    cost = the(analysed(swept(stopped)))
    told = (cost.price_cost, cost.opportunity_cost, cost.fees, cost.shortfall)
    assert told == tuple(fixed(text) * SCALE for text in ("4", "10", "0.2", "14.2"))
    assert (cost.arrival_px, cost.last_px, cost.avg_px) == (
        fixed("9.99"),
        fixed("10.09"),
        fixed("10.01"),
    )


def test_each_child_is_measured_by_what_stood_when_it_was_sent(
    analysed: Analysed, stopped: dict[str, Any]
) -> None:
    """Twice 4 of 200 x 9.99; 100 x 0.02 of 200 x 10.00: though the books have moved since."""
    cost = the(analysed(swept(stopped)))
    assert cost.effective_spread_bps == fixed("40.04004004")
    assert cost.touch_bps == fixed("10")


def test_venues_and_total_are_of_the_same_executions(
    analysed: Analysed, stopped: dict[str, Any]
) -> None:
    found = analysed(swept(stopped))
    assert [(v.venue, v.value, v.fees) for v in found.venues] == [
        ("BETA", 1002 * SCALE * SCALE, -SCALE * SCALE // 10),
        ("ALPHA", 1000 * SCALE * SCALE, 3 * SCALE * SCALE // 10),
    ]
    assert found.total.shortfall == the(found).shortfall
    assert found.left_out == {}


def test_what_waited_pays_the_makers_fee(analysed: Analysed) -> None:
    desk = RoutedDesk(tariffs())
    books(desk)
    desk.route(100, "9.98", policy="post")
    desk.acks(0)
    desk.passes(40 * SECOND)
    desk.fills(0, 100)
    cost = the(analysed(desk))
    assert (desk.child(0).venue, cost.fees, cost.took_qty) == ("ALPHA", -SCALE * SCALE // 5, 0)
    assert cost.effective_spread_bps == fixed("-20.02002002")  # 2 x -0.01 of 9.99


def test_a_bust_after_the_end_is_taken_off(analysed: Analysed, stopped: dict[str, Any]) -> None:
    desk = swept(stopped)
    child = next(c for c in desk.children() if c.venue == "BETA")
    fill = desk.shown.fill_views(child.reference, 9, 0)[0].exec_id
    desk.of(child, "H", "4", cum=0, exec_ref_id=fill)
    cost = the(analysed(desk))
    assert (cost.cum_qty, cost.venues) == (100 * SCALE, ("ALPHA",))
    assert cost.opportunity_cost == 20 * SCALE * SCALE


def test_one_that_works_is_priced_at_the_journals_end(analysed: Analysed) -> None:
    desk = RoutedDesk(tariffs())
    books(desk)
    desk.route(100, "9.98", policy="post")
    desk.acks(0)
    books(desk, up="a tenth")
    cost = the(analysed(desk))
    assert (cost.last_px, cost.ended_ns, cost.note) == (fixed("10.09"), 0, "it still works")
    assert cost.opportunity_cost == 10 * SCALE * SCALE


def test_one_that_came_and_ended_in_one_step_has_its_end(analysed: Analysed) -> None:
    desk = RoutedDesk(tariffs())
    books(desk)
    desk.route(100, "9.50", policy="sweep", time_in_force="3")
    cost = the(analysed(desk))
    assert (cost.cum_qty, cost.children, cost.ended_ns) == (0, 0, cost.created_ns)


def test_without_books_there_is_no_shortfall(analysed: Analysed) -> None:
    desk = RoutedDesk(tariffs())
    desk.route(100, "9.98", policy="direct", venue="ALPHA")
    desk.fills(0, 100)
    found = analysed(desk)
    assert (the(found).shortfall, found.total.parents) == (None, 0)
    assert found.left_out == {"P1": "no bid and offer when it came: no arrival price"}


def test_only_the_parents_that_were_asked_for_are_told(analysed: Analysed) -> None:
    desk = RoutedDesk(tariffs())
    books(desk)
    for ref in ("A", "B", "C"):
        desk.route(10, "9.98", policy="post", ref=ref)
    found = analysed(desk, "C", "A")
    assert [cost.ref for cost in found.parents] == ["A", "C"]


def test_a_registered_parent_is_none_of_the_routers(analysed: Analysed) -> None:
    from fix_oms.model.inputs import NewParent

    desk = RoutedDesk(tariffs())
    desk.give(NewParent(by="tom", ref="B", symbol="AAPL", side="1", order_qty=SCALE))
    assert analysed(desk).parents == ()


def test_an_empty_journal_has_no_analysis(tmp_path: Path) -> None:
    journaled(tmp_path, [])
    assert analysis(tmp_path) is None


def test_the_prices_path_is_the_middle_while_the_parent_worked(
    analysed: Analysed, stopped: dict[str, Any]
) -> None:
    found = analysed(swept(stopped), with_paths=True)
    assert found.paths["P1"].prices[0] == fixed("9.99")
    assert fixed("10.09") in found.paths["P1"].prices


def test_a_long_path_is_thinned_out_and_keeps_its_ends() -> None:
    path = PricePath()
    for n in range(5 * MOST_POINTS):
        path.add(n, n + 1)
    assert MOST_POINTS // 2 <= len(path.times) <= MOST_POINTS + 1
    assert path.times[0] == 0
    assert path.times == sorted(path.times)
    gaps = {b - a for a, b in zip(path.times[-100:], path.times[-99:], strict=False)}
    assert len(gaps) == 1
