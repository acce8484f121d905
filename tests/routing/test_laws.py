"""What holds for every policy and every view, however strange."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.routing import (
    DIRECT,
    KINDS,
    POST,
    REST_STOP,
    RESTS,
    SPLIT,
    Leg,
    Plan,
    Policy,
    VenueView,
    View,
)
from fix_oms.model.units import SCALE
from fix_oms.routing.plan import plan
from tests.routing.views import views

CHOOSING: Final = tuple(kind for kind in KINDS if kind != DIRECT)
WEIGHTS: Final = st.integers(0, 200).map(lambda n: n * SCALE)


@st.composite
def decisions(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> list[tuple[Policy, View, Plan]]:
    """One view, and what a policy of each kind makes of it."""
    view = draw(views(wild=True))
    rest, unit = draw(st.sampled_from(RESTS)), draw(st.sampled_from([SCALE, 10 * SCALE, 7]))
    under, over = draw(WEIGHTS), draw(WEIGHTS)
    policies = [
        Policy(name=kind, kind=kind, rest=rest, under_bps=under, over_bps=over, dark_unit=unit)
        for kind in kinds
    ]
    return [(policy, view, plan(policy, view)) for policy in policies]


def legs(made: list[tuple[Policy, View, Plan]]) -> Iterator[tuple[VenueView, View, Leg]]:
    """All legs of all policies, with their venues."""
    for _, view, found in made:
        venues = {venue.venue: venue for venue in view.venues}
        for leg in found.legs:
            yield venues[leg.venue], view, leg


@given(decisions())
def test_what_is_sent_and_what_is_left_is_the_whole(made: list[tuple[Policy, View, Plan]]) -> None:
    for _, view, found in made:
        assert sum(leg.qty for leg in found.legs) + found.left == view.qty


@given(decisions())
def test_no_leg_is_empty_and_nothing_is_owed(made: list[tuple[Policy, View, Plan]]) -> None:
    assert all(leg.qty > 0 for _, _, leg in legs(made))
    assert all(found.left >= 0 for _, _, found in made)


@given(decisions())
def test_a_venue_that_is_shut_gets_nothing(made: list[tuple[Policy, View, Plan]]) -> None:
    assert not [leg for venue, _, leg in legs(made) if venue.shut]


@given(decisions(CHOOSING))
def test_quantities_are_whole_lots_within_the_venues_bounds(
    made: list[tuple[Policy, View, Plan]],
) -> None:
    for venue, _, leg in legs(made):
        assert leg.qty % venue.lot == 0
        assert leg.qty >= venue.min_qty
        assert not venue.max_qty or leg.qty <= venue.max_qty


@given(decisions(CHOOSING))
def test_prices_are_on_the_tick(made: list[tuple[Policy, View, Plan]]) -> None:
    for venue, _, leg in legs(made):
        assert leg.price is not None
        assert leg.price % venue.tick == 0


@given(decisions(CHOOSING))
def test_an_orders_notional_is_what_the_venue_asks(made: list[tuple[Policy, View, Plan]]) -> None:
    for venue, view, leg in legs(made):
        assert leg.price is not None
        notional = abs(leg.price) * leg.qty * view.multiplier
        assert notional >= venue.min_notional * SCALE * SCALE


@given(decisions())
def test_no_leg_is_beyond_the_limit(made: list[tuple[Policy, View, Plan]]) -> None:
    for _, view, leg in legs(made):
        if view.limit is not None:
            assert leg.price is not None
            assert leg.price <= view.limit if view.buys else leg.price >= view.limit


@given(decisions(CHOOSING))
def test_what_waits_locks_and_crosses_nothing_but_what_is_taken(
    made: list[tuple[Policy, View, Plan]],
) -> None:
    for _, view, found in made:
        taken = {leg.venue: leg.qty for leg in found.legs if leg.takes}
        for leg in found.legs:
            if not leg.takes:
                assert leg.price is not None
                for price in remaining(view, taken):
                    assert leg.price < price if view.buys else leg.price > price


def remaining(view: View, taken: dict[str, int]) -> Iterator[int]:
    """The prices that open venues still show on the far side."""
    for venue in view.venues:
        left = taken.get(venue.venue, 0)
        for price, shown in venue.take:
            if shown > left and not venue.shut:
                yield price
            left = max(0, left - shown)


@given(decisions())
def test_a_venue_gets_one_leg_of_each_kind(made: list[tuple[Policy, View, Plan]]) -> None:
    for _, _, found in made:
        sent = [(leg.venue, leg.takes) for leg in found.legs]
        assert len(sent) == len(set(sent))


@given(decisions())
def test_what_is_left_has_its_reason_and_nothing_else_has(
    made: list[tuple[Policy, View, Plan]],
) -> None:
    for _, view, found in made:
        assert bool(found.why) == (found.left > 0 or view.qty == 0)


@given(decisions(CHOOSING))
def test_nothing_waits_where_the_parent_may_not(made: list[tuple[Policy, View, Plan]]) -> None:
    assert not [leg for _, view, leg in legs(made) if not leg.takes and not view.posts]


@given(decisions(tuple(kind for kind in CHOOSING if kind not in {POST, SPLIT})))
def test_nothing_waits_where_the_policy_stops(made: list[tuple[Policy, View, Plan]]) -> None:
    for policy, _, found in made:
        assert policy.rest != REST_STOP or all(leg.takes for leg in found.legs)


@given(decisions())
def test_the_same_view_gives_the_same_plan(made: list[tuple[Policy, View, Plan]]) -> None:
    for policy, view, found in made:
        again = msgspec.json.decode(msgspec.json.encode(view), type=View)
        assert plan(policy, again) == found


@given(decisions())
def test_no_float_is_in_a_plan(made: list[tuple[Policy, View, Plan]]) -> None:
    assert not [f for _, _, found in made for f in floats(msgspec.to_builtins(found))]


def floats(value: Any) -> list[float]:
    """All floats in plain data."""
    if isinstance(value, dict):
        return floats(list(value.values()))
    if isinstance(value, list | tuple):
        return [found for item in value for found in floats(item)]
    return [value] if isinstance(value, float) else []
