"""What is taken is the optimum, each time: beside an integer program, and beside trying all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.model.routing import View
from fix_oms.model.units import SCALE, fixed
from fix_oms.routing import taking as taking_module
from fix_oms.routing.taking import Taking, take
from tests.routing.optimum import FINE, Program, by_trying, is_allowed
from tests.routing.seen import venue, view
from tests.routing.views import ODD_LOTS, views

MANY_NODES = 100_000


def outcome(taking: Taking) -> tuple[int, int]:
    """The total, and the cost in 10^-36 of money."""
    return taking.total, taking.cost * FINE // taking.scale


def greedy(seen: View) -> Taking | None:
    """What greedy takes, if it passes its own test."""
    every = range(len(seen.venues))
    return taking_module._greedy(seen, seen.qty, every, taking_module.rates(seen))


def taken(seen: View) -> list[int]:
    """Whole units taken per venue."""
    return [qty // SCALE for qty in take(seen, seen.qty).qtys]


@given(views())
@settings(max_examples=150)
def test_total_and_cost_are_those_of_the_integer_program(seen: View) -> None:
    assert outcome(take(seen, seen.qty, nodes=MANY_NODES)) == Program(seen).optimum()


@given(views(lots=ODD_LOTS))
@settings(max_examples=75)
def test_lots_that_fit_no_chain_are_searched_to_the_optimum(seen: View) -> None:
    assert outcome(take(seen, seen.qty, nodes=MANY_NODES)) == Program(seen).optimum()


@given(views(most=2, lots=ODD_LOTS))
def test_trying_everything_finds_nothing_better(seen: View) -> None:
    assert outcome(take(seen, seen.qty, nodes=MANY_NODES)) == by_trying(seen)


@given(views(most=2, lots=ODD_LOTS))
def test_the_integer_program_is_what_trying_everything_finds(seen: View) -> None:
    assert Program(seen).optimum() == by_trying(seen)


@given(views(), st.integers(0, 3))
def test_a_search_cut_short_still_keeps_every_rule(seen: View, nodes: int) -> None:
    found = take(seen, seen.qty, nodes=nodes)
    assert all(map(is_allowed, [seen] * len(found.qtys), seen.venues, found.qtys))


@given(views(minima=False, lots=st.just(1)))
def test_greedy_passes_its_own_test_where_lots_agree_and_nothing_binds(seen: View) -> None:
    assert greedy(seen) is not None


def test_greedy_passes_its_own_test_where_only_the_quantity_is_no_whole_lot() -> None:
    a = venue("A", ("10.00", "300"), lot="100")
    assert greedy(view("437", a, venue("B", ("10.01", "300"), lot="100"))) is not None


def test_a_purchase_too_small_for_the_least_notional_may_reach_it_at_the_next_level() -> None:
    dearer = venue("A", ("10", "10"), ("100", "10"), min_notional="500")
    assert [taken(view(qty, dearer)) for qty in ("10", "11")] == [[0], [11]]


def test_a_lot_that_spans_two_levels_costs_what_both_cost_together() -> None:
    spanning = venue("A", ("10.00", "5"), ("10.03", "5"), lot="10")
    assert taken(view("10", spanning, venue("B", ("10.02", "10"), lot="10"))) == [10, 0]


def test_a_rebate_makes_the_worse_price_the_cheaper() -> None:
    paid = venue("PAID", ("10.01", "100"), taker="-0.02")
    assert taken(view("100", venue("FREE", ("10.00", "100")), paid)) == [0, 100]


def test_a_fee_in_basis_points_makes_a_sale_go_elsewhere() -> None:
    dear = venue("DEAR", ("10.05", "100"), taker_bps="60")
    assert taken(view("100", dear, venue("FREE", ("10.00", "100")), buys=False)) == [0, 100]


def test_more_quantity_goes_before_less_cost() -> None:
    lots = venue("LOTS", ("10.00", "100"), lot="100")
    assert taken(view("120", lots, venue("ODD", ("99.00", "20")))) == [100, 20]


def test_a_coarse_lot_leaves_the_odd_rest_to_the_fine_one() -> None:
    lots = venue("LOTS", ("10.00", "500"), lot="100")
    assert taken(view("437", lots, venue("ODD", ("11.00", "137")))) == [400, 37]


def test_a_minimum_is_met_by_taking_less_of_the_cheaper_venue() -> None:
    least = venue("LEAST", ("10.01", "80"), min_qty="60")
    assert taken(view("100", venue("FREE", ("10.00", "70")), least)) == [40, 60]


def test_the_order_bears_the_price_of_the_worst_level_that_it_needs() -> None:
    seen = view("150", venue("A", ("10.00", "100"), ("10.02", "100"), ("10.03", "100")))
    assert take(seen, seen.qty).prices == [fixed("10.02")]


def test_a_level_off_the_tick_is_reached_by_the_next_price_on_it() -> None:
    seen = view("100", venue("A", ("10.013", "100")))
    assert take(seen, seen.qty).prices == [fixed("10.02")]


def test_a_level_that_only_a_price_beyond_the_limit_reaches_is_left() -> None:
    assert taken(view("100", venue("A", ("10.013", "100")), limit="10.015")) == [0]


def test_a_venue_whose_fee_is_all_of_the_notional_is_refused() -> None:
    seen = view("100", venue("A", ("10.00", "100"), taker_bps="-10000"))
    assert taken(seen) == [0]


def test_a_sale_of_more_at_a_lower_price_may_fall_below_the_least_notional() -> None:
    seen = view("110", venue("A", ("10", "100"), ("1", "100"), min_notional="500"), buys=False)
    assert taken(seen) == [100]


def test_what_a_maximum_keeps_back_is_told_apart() -> None:
    seen = view("100", venue("A", ("10.00", "100"), max_qty="60"))
    assert take(seen, seen.qty).capped is True


def test_what_lots_keep_back_is_no_cap() -> None:
    seen = view("137", venue("A", ("10.00", "200"), lot="100"))
    assert take(seen, seen.qty).capped is False
