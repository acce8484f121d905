"""What each policy sends, case by case."""

from __future__ import annotations

import pytest
from msgspec import structs

from fix_oms.model.routing import BUILT_IN, REST_STOP, REST_SWEEP, Plan, Policy, VenueView, View
from fix_oms.model.units import SCALE, fixed, notional_text, text_of
from fix_oms.routing.plan import plan
from fix_oms.routing.pools import allocated
from tests.routing.seen import venue, view

STOPPING = Policy(name="stopping", kind="sweep", rest=REST_STOP)
NEAR = (("9.99", "100"),)


def sent(kind: str | Policy, seen: View) -> list[str]:
    """The legs as texts: ``VENUE quantity@price`` with ``ioc`` or ``rests``."""
    return told(plan(BUILT_IN[kind] if isinstance(kind, str) else kind, seen))


def told(found: Plan) -> list[str]:
    """A plan's legs as texts."""
    return [
        f"{leg.venue} {text_of(leg.qty)}@{'market' if leg.price is None else text_of(leg.price)} "
        f"{'ioc' if leg.takes else 'rests'}"
        for leg in found.legs
    ]


def shut(name: str, why: str) -> VenueView:
    """A venue that shows much, and is left out."""
    return structs.replace(venue(name, ("9.00", "1000")), shut=why)


def dark_venue(name: str, *chances: int, lot: str = "1") -> VenueView:
    """A dark venue of which is known what chances its 1st, 2nd … unit has, in percent."""
    shows_nothing = structs.replace(venue(name, lot=lot), is_dark=True)
    return structs.replace(shows_nothing, dark=tuple(c * 10_000 for c in chances))


# -- direct ----------------------------------------------------------------------------------------


def test_direct_sends_the_parents_own_terms_unrounded() -> None:
    odd = view("123.45", venue("A", lot="100"), limit="10.001")
    assert sent("direct", odd) == ["A 123.45@10.001 rests"]


def test_direct_without_a_limit_is_a_market_order() -> None:
    assert sent("direct", view("100", venue("A"))) == ["A 100@market rests"]


def test_direct_to_a_venue_that_is_left_out_sends_nothing_and_says_why() -> None:
    assert plan(BUILT_IN["direct"], view("100", shut("A", "halted"))).why == (
        "A is left out: halted"
    )


# -- best ------------------------------------------------------------------------------------------


def test_best_counts_the_fee() -> None:
    dear = venue("DEAR", ("10.00", "100"), taker="0.03")
    seen = view("100", dear, venue("FREE", ("10.02", "100")))
    assert sent("best", seen) == ["FREE 100@10.02 ioc"]


def test_best_counts_the_fee_of_a_sale() -> None:
    dear = venue("DEAR", ("10.02", "100"), taker="0.03")
    seen = view("100", dear, venue("FREE", ("10.00", "100")), buys=False)
    assert sent("best", seen) == ["FREE 100@10 ioc"]


def test_best_is_best_for_the_whole_and_not_for_a_little_of_it() -> None:
    little = venue("LITTLE", ("10.00", "10"))
    seen = view("100", little, venue("MUCH", ("10.01", "100")), limit="10.05")
    assert sent("best", seen) == ["MUCH 100@10.01 ioc"]


def test_best_takes_less_where_the_larger_offer_is_far_dearer() -> None:
    seen = view("100", venue("A", ("10", "60")), venue("B", ("12", "61")), limit="12.50")
    assert sent("best", seen) == ["A 60@10 ioc"]


def test_best_posts_where_nothing_is_shown() -> None:
    assert sent("best", view("100", venue("A"), limit="10.00")) == ["A 100@10 rests"]


def test_best_counts_what_a_bid_does_not_take_of_a_sale_at_the_limit() -> None:
    few = venue("FEW", ("10", "50"))
    seen = view("100", few, venue("MANY", ("8", "100")), buys=False, limit="7")
    assert sent("best", seen) == ["FEW 50@10 ioc"]


# -- sweep -----------------------------------------------------------------------------------------


def test_sweep_takes_all_venues_at_once_and_posts_what_none_shows() -> None:
    a, b = venue("A", ("10.00", "100")), venue("B", ("10.01", "50"))
    seen = view("200", a, b, limit="10.01")
    assert sent("sweep", seen) == ["A 100@10 ioc", "B 50@10.01 ioc", "A 50@10.01 rests"]


def test_sweep_takes_nothing_beyond_the_limit() -> None:
    seen = view("100", venue("A", ("10.00", "50"), ("10.02", "50")), limit="10.01")
    assert sent(STOPPING, seen) == ["A 50@10 ioc"]


def test_sweep_says_what_it_costs_with_fees() -> None:
    seen = view("100", venue("A", ("10.00", "100"), taker="0.003", taker_bps="1"))
    assert notional_text(plan(BUILT_IN["sweep"], seen).cost) == "1,000.40"


def test_a_sale_costs_the_negative_of_what_it_fetches() -> None:
    seen = view("100", venue("A", ("10.00", "100"), taker="0.003"), buys=False)
    assert notional_text(plan(BUILT_IN["sweep"], seen).cost) == "-999.70"


def test_sweep_that_stops_says_why() -> None:
    seen = view("100", venue("A", ("10.02", "100")), limit="10.01")
    assert plan(STOPPING, seen).why == (
        "nothing within the limit is shown; the policy posts nothing"
    )


def test_a_rest_below_the_lot_says_so() -> None:
    seen = view("137", venue("A", ("10.00", "1000"), lot="100"), limit="10.01")
    assert plan(STOPPING, seen).why == ("37 is less than a lot of 100; the policy posts nothing")


def test_a_rest_below_the_lot_waits_where_the_lot_is_finer() -> None:
    lots = venue("LOTS", ("10.00", "1000"), lot="100")
    seen = view("137", lots, venue("ODD", join=NEAR), limit="10.01")
    assert sent("sweep", seen) == ["LOTS 100@10 ioc", "ODD 37@9.99 rests"]


def test_what_a_maximum_keeps_back_is_taken_by_the_next_plan() -> None:
    seen = view("100", venue("A", ("10.00", "100"), max_qty="60"), limit="10.00")
    assert sent("sweep", seen) == ["A 60@10 ioc"]


def test_a_parent_that_may_not_wait_posts_nothing() -> None:
    seen = view("100", venue("A", ("10.00", "60")), limit="10.00", posts=False)
    assert sent("sweep", seen) == ["A 60@10 ioc"]


def test_every_venue_left_out_is_named_with_its_reason() -> None:
    seen = view("100", shut("A", "halted"), shut("B", "no session"))
    assert plan(STOPPING, seen).why.startswith("every venue is left out (A: halted, B: no session)")


# -- post ------------------------------------------------------------------------------------------


def test_post_waits_at_the_limit() -> None:
    assert sent("post", view("100", venue("A", join=NEAR), limit="9.98")) == ["A 100@9.98 rests"]


def test_post_waits_a_tick_short_of_what_its_limit_reaches() -> None:
    seen = view("100", venue("A", join=NEAR), venue("B", ("10.02", "5")), limit="10.05")
    assert sent("post", seen) == ["A 100@10.01 rests"]


def test_a_sale_waits_a_tick_short_of_the_bid() -> None:
    seen = view("100", venue("A", ("10.02", "5")), limit="10.00", buys=False)
    assert sent("post", seen) == ["A 100@10.03 rests"]


def test_without_a_limit_post_joins_the_near_touch() -> None:
    seen = view("100", venue("A", ("10.02", "5"), join=NEAR))
    assert sent("post", seen) == ["A 100@9.99 rests"]


def test_without_a_limit_or_a_book_there_is_no_price() -> None:
    assert plan(BUILT_IN["post"], view("100", venue("A"))).why == (
        "without a limit or a book there is no price to wait at"
    )


def test_post_prefers_the_shorter_queue() -> None:
    flow = tuple(n * SCALE for n in (100, 200, 300))
    long = structs.replace(venue("LONG", join=(("10", "250"),)), outflow=flow)
    short = structs.replace(venue("SHORT", join=(("10", "50"),)), outflow=flow)
    assert sent("post", view("100", long, short, limit="10")) == ["SHORT 100@10 rests"]


def test_post_prefers_the_busier_venue() -> None:
    calm = structs.replace(venue("CALM", join=(("10", "50"),)), outflow=(60 * SCALE,))
    busy = structs.replace(venue("BUSY", join=(("10", "50"),)), outflow=(90 * SCALE,))
    assert sent("post", view("100", calm, busy, limit="10")) == ["BUSY 100@10 rests"]


def test_post_prefers_the_rebate_where_the_chance_is_the_same() -> None:
    fee, rebate = venue("FEE", maker="0.001"), venue("REBATE", maker="-0.002")
    assert sent("post", view("100", fee, rebate, limit="10")) == ["REBATE 100@10 rests"]


def test_a_rebate_does_not_outweigh_a_venue_that_never_fills() -> None:
    never = venue("NEVER", maker="-0.002", post_rate="10000")
    seen = view("100", never, venue("OFTEN", post_rate="900000"), limit="10")
    assert sent("post", seen) == ["OFTEN 100@10 rests"]


def test_a_venue_that_rejects_is_less_likely_to_fill() -> None:
    seen = view("100", venue("A", reject_rate="500000"), venue("B"), limit="10")
    assert sent("post", seen) == ["B 100@10 rests"]


def test_post_counts_what_the_venue_cannot_hold() -> None:
    seen = view("150", venue("LOTS", lot="100"), venue("ODD"), limit="10")
    assert sent("post", seen) == ["ODD 150@10 rests"]


def test_nothing_waits_at_a_dark_venue() -> None:
    assert sent("post", view("100", dark_venue("D"), venue("A"), limit="10")) == ["A 100@10 rests"]


def test_post_waits_whatever_the_policy_says_of_a_rest() -> None:
    policy = Policy(name="p", kind="post", rest=REST_STOP)
    assert sent(policy, view("100", venue("A"), limit="10")) == ["A 100@10 rests"]


# -- pro rata --------------------------------------------------------------------------------------


def test_pro_rata_shares_by_displayed_size() -> None:
    seen = view("100", venue("A", ("10", "300")), venue("B", ("10.5", "100")))
    assert sent("pro_rata", seen) == ["A 75@10 ioc", "B 25@10.5 ioc"]


@pytest.mark.parametrize(
    ("sizes", "shares"), [("359", "235"), ("278", "145"), ("728", "415"), ("236", "235")]
)
def test_pro_rata_gives_odd_lots_to_the_largest_remainders(sizes: str, shares: str) -> None:
    seen = view("10", *(venue(n, ("10", size)) for n, size in zip("ABC", sizes, strict=True)))
    expected = [f"{n} {share}@10 ioc" for n, share in zip("ABC", shares, strict=True)]
    assert sent("pro_rata", seen) == expected


def test_pro_rata_drops_a_share_below_its_venues_least() -> None:
    small = venue("SMALL", ("10", "100"), min_qty="50")
    seen = view("100", small, venue("LARGE", ("10", "300")))
    assert sent("pro_rata", seen) == ["LARGE 100@10 ioc"]


def test_pro_rata_shares_only_what_is_within_the_limit() -> None:
    seen = view(
        "100", venue("A", ("10", "50"), ("11", "950")), venue("B", ("10", "50")), limit="10"
    )
    assert sent("pro_rata", seen) == ["A 50@10 ioc", "B 50@10 ioc"]


# -- dark ------------------------------------------------------------------------------------------


def test_dark_sends_each_unit_where_the_next_is_likeliest_to_fill() -> None:
    seen = view("400", dark_venue("D", 90, 50, 10), dark_venue("E", 80, 20), limit="10")
    assert sent("dark", seen) == ["D 200@10 ioc", "E 200@10 ioc"]


def test_dark_sends_the_part_of_a_unit_too() -> None:
    seen = view("150", dark_venue("D", 90, 50), dark_venue("E", 80), limit="10")
    assert sent("dark", seen) == ["D 100@10 ioc", "E 50@10 ioc"]


def test_dark_goes_no_further_than_the_middle() -> None:
    lit = venue("LIT", ("10.04", "100"), join=(("10.00", "100"),))
    assert sent("dark", view("100", dark_venue("D", 90), lit, limit="11")) == ["D 100@10.02 ioc"]


def test_dark_without_a_limit_goes_to_the_middle() -> None:
    lit = venue("LIT", ("10.04", "100"), join=(("10.01", "100"),))
    assert sent("dark", view("100", dark_venue("D", 90), lit)) == ["D 100@10.02 ioc"]


def test_what_does_not_go_dark_waits_for_what_comes_back() -> None:
    seen = view("300", dark_venue("D", 90), venue("LIT", ("10", "500")), limit="10")
    assert plan(BUILT_IN["dark"], seen).why == "200 waits for what dark venues fill"


def test_without_a_chance_in_the_dark_the_rest_is_swept() -> None:
    policy = Policy(name="d", kind="dark", rest=REST_SWEEP)
    seen = view("100", dark_venue("D"), venue("LIT", ("10", "60")), limit="10")
    assert sent(policy, seen) == ["LIT 60@10 ioc", "LIT 40@10 rests"]


def test_without_a_chance_in_the_dark_the_rest_is_posted() -> None:
    seen = view("100", dark_venue("D"), venue("LIT", ("10.01", "60")), limit="10")
    assert sent("dark", seen) == ["LIT 100@10 rests"]


def test_a_chance_never_counts_for_more_than_that_of_the_unit_before() -> None:
    assert allocated(1, 1, [(10, 90), (50,)]) == [0, 1]


# -- split -----------------------------------------------------------------------------------------


def test_split_takes_some_and_lets_some_wait() -> None:
    flow = tuple(n * SCALE for n in (150, 200, 250, 300))
    a = venue("A", ("10.00", "500"), join=(("9.99", "100"),), taker="0.001")
    seen = view("200", structs.replace(a, outflow=flow))
    assert sent(Policy(name="s", kind="split", under_bps=20 * SCALE), seen) == [
        "A 100@10 ioc",
        "A 100@9.99 rests",
    ]


def test_split_sweeps_where_the_parent_may_not_wait() -> None:
    seen = view("100", venue("A", ("10", "60"), join=NEAR), posts=False)
    assert sent("split", seen) == ["A 60@10 ioc"]


def test_split_rounds_to_lots_and_leaves_nothing_where_a_fine_lot_takes_it() -> None:
    flow = tuple(n * SCALE for n in (37, 145))
    lots = structs.replace(venue("LOTS", join=NEAR, lot="100"), outflow=(500 * SCALE,))
    odd = structs.replace(venue("ODD", join=(("9.99", "10"),)), outflow=flow)
    found = plan(BUILT_IN["split"], view("437", lots, odd, limit=text_of(fixed("9.99"))))
    assert (sum(leg.qty for leg in found.legs), found.left) == (437 * SCALE, 0)


def half_and_half(**rest: str) -> VenueView:
    """A venue with a spread of a cent where half of what waits behind nobody fills."""
    plain = venue("A", ("10.00", "500"), join=(("9.99", "0"),), post_rate="500000", **rest)
    return structs.replace(plain, outflow=())


@pytest.mark.parametrize(
    ("under", "rest", "chosen"),
    [
        # Taking is worth the shortfall less half a cent and the fee; waiting half of the shortfall
        # and half a cent: even at a shortfall of 1.5 cents, about 15 basis points.
        (14, {}, "A 100@9.99 rests"),
        (16, {}, "A 100@10 ioc"),
        (16, {"taker": "0.0008"}, "A 100@9.99 rests"),
        (14, {"reject_rate": "500000"}, "A 100@10 ioc"),
    ],
)
def test_split_weighs_the_shortfall_against_spread_and_fees(
    under: int, rest: dict[str, str], chosen: str
) -> None:
    policy = Policy(name="s", kind="split", under_bps=under * SCALE)
    assert sent(policy, view("100", half_and_half(**rest), limit="10.00")) == [chosen]


def test_what_split_lets_wait_joins_the_near_touch_however_high_the_limit() -> None:
    wide = venue("A", ("10.05", "500"), join=(("9.99", "10"),), post_rate="900000")
    assert sent("split", view("100", wide, limit="10.05")) == ["A 100@9.99 rests"]
