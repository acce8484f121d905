"""What holds for every policy and every view, however strange."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.model.routing import BUILT_IN, DIRECT, REST_STOP, RESTS, Policy, VenueView, View
from fix_oms.model.units import SCALE
from fix_oms.routing.plan import _KINDS, plan
from tests.routing.views import views

KINDS = sorted(_KINDS)
CHOOSING = [kind for kind in KINDS if kind != DIRECT]


def policies(kind: str) -> st.SearchStrategy[Policy]:
    """A policy of the kind, with any rest and any weights."""
    return st.builds(
        Policy,
        name=st.just(kind),
        kind=st.just(kind),
        rest=st.sampled_from(RESTS),
        under_bps=st.integers(0, 200).map(lambda n: n * SCALE),
        over_bps=st.integers(0, 200).map(lambda n: n * SCALE),
        dark_unit=st.sampled_from([SCALE, 10 * SCALE, 7]),
    )


def named(view: View) -> dict[str, VenueView]:
    """The view's venues by name."""
    return {venue.venue: venue for venue in view.venues}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_what_is_sent_and_what_is_left_is_the_whole(
    kind: str, data: st.DataObject, view: View
) -> None:
    found = plan(data.draw(policies(kind)), view)
    assert sum(leg.qty for leg in found.legs) + found.left == view.qty


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_no_leg_is_empty_and_nothing_is_owed(kind: str, data: st.DataObject, view: View) -> None:
    found = plan(data.draw(policies(kind)), view)
    assert found.left >= 0
    assert all(leg.qty > 0 for leg in found.legs)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_a_venue_that_is_shut_gets_nothing(kind: str, data: st.DataObject, view: View) -> None:
    found = plan(data.draw(policies(kind)), view)
    assert not [leg for leg in found.legs if named(view)[leg.venue].shut]


@pytest.mark.parametrize("kind", CHOOSING)
@given(data=st.data(), view=views(wild=True))
def test_each_leg_keeps_its_venues_rules(kind: str, data: st.DataObject, view: View) -> None:
    for leg in plan(data.draw(policies(kind)), view).legs:
        venue = named(view)[leg.venue]
        assert leg.price is not None
        assert leg.qty % venue.lot == 0
        assert leg.qty >= venue.min_qty
        assert not venue.max_qty or leg.qty <= venue.max_qty
        assert leg.price % venue.tick == 0
        notional = abs(leg.price) * leg.qty * view.multiplier
        assert notional >= venue.min_notional * SCALE * SCALE


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_no_leg_is_beyond_the_limit(kind: str, data: st.DataObject, view: View) -> None:
    for leg in plan(data.draw(policies(kind)), view).legs:
        if view.limit is not None:
            assert leg.price is not None
            assert leg.price <= view.limit if view.buys else leg.price >= view.limit


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_a_venue_gets_one_leg_of_each_kind(kind: str, data: st.DataObject, view: View) -> None:
    legs = [(leg.venue, leg.takes) for leg in plan(data.draw(policies(kind)), view).legs]
    assert len(legs) == len(set(legs))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_what_is_left_has_its_reason(kind: str, data: st.DataObject, view: View) -> None:
    found = plan(data.draw(policies(kind)), view)
    assert bool(found.why) == (found.left > 0 or view.qty == 0)


@pytest.mark.parametrize("kind", CHOOSING)
@given(data=st.data(), view=views(wild=True))
def test_nothing_waits_where_the_parent_or_the_policy_does_not(
    kind: str, data: st.DataObject, view: View
) -> None:
    policy = data.draw(policies(kind))
    waiting = [leg for leg in plan(policy, view).legs if not leg.takes]
    assert not waiting or (view.posts and policy.rest != REST_STOP) or kind in {"post", "split"}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_the_same_view_gives_the_same_plan(kind: str, data: st.DataObject, view: View) -> None:
    policy = data.draw(policies(kind))
    again = msgspec.json.decode(msgspec.json.encode(view), type=View)
    assert plan(policy, view) == plan(policy, again)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), view=views(wild=True))
def test_no_float_is_in_a_plan(kind: str, data: st.DataObject, view: View) -> None:
    assert not list(floats(msgspec.to_builtins(plan(data.draw(policies(kind)), view))))


def floats(value: Any) -> list[float]:
    """All floats in plain data."""
    if isinstance(value, dict):
        return floats(list(value.values()))
    if isinstance(value, list | tuple):
        return [found for item in value for found in floats(item)]
    return [value] if isinstance(value, float) else []


def test_every_kind_of_policy_has_its_function() -> None:
    assert set(KINDS) <= set(BUILT_IN)
