"""What the router is told of venues, and the laws of their scorecards."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fix_oms.engine import Engine
from fix_oms.engine.leg import COMPILED, leg
from fix_oms.journal.freeze import WHOLE_JOURNAL, freeze, thaw
from fix_oms.model.inputs import NewParent
from fix_oms.model.messages import MarketDataIncremental, MDEntry
from fix_oms.model.outputs import Decided, Output
from fix_oms.model.routing import MILLION
from fix_oms.model.units import SCALE, fixed
from fix_oms.routing.dark import KNOWN, DarkBelief
from fix_oms.routing.score import PRIOR_ORDERS, blended
from tests.engine.desk import SECOND, plain_settings
from tests.engine.venue_stories import (
    CASES,
    HOUR,
    Slow,
    Story,
    never_left,
    nothing,
    part,
    posted_and_cancelled,
    rejected,
    shares,
    whole,
)


@pytest.fixture
def desk() -> Slow:
    return Slow()


# -- what the router is told ---------------------------------------------------------------------


def test_of_a_venue_that_nobody_knows_the_best_is_believed(desk: Slow) -> None:
    assert desk.score() == (MILLION, MILLION // 2, 0, 0, ())


def test_what_is_believed_weighs_as_much_as_so_many_orders(desk: Slow) -> None:
    for _ in range(PRIOR_ORDERS):
        nothing(desk)
        posted_and_cancelled(desk)
    fill, post, *_ = desk.score()
    assert (fill, post) == (MILLION // 2, (400_000 + 500_000) // 2)


def test_rejects_in_one_symbol_are_feared_less_in_another(desk: Slow) -> None:
    for _ in range(PRIOR_ORDERS):
        rejected(desk)
    assert (desk.score()[2], desk.score("MSFT")[2]) == (750_000, 500_000)


def test_evidence_fades_back_to_what_was_believed(desk: Slow) -> None:
    for _ in range(PRIOR_ORDERS):
        nothing(desk)
    desk.now += HOUR
    assert desk.score()[0] == (MILLION * 2) // 3
    desk.now += 20 * HOUR
    assert desk.score()[0] > 999_990


def test_asking_changes_nothing(desk: Slow) -> None:
    whole(desk)
    before = desk.shown.hash()
    desk.now += 5 * HOUR
    desk.score()
    desk.alpha  # noqa: B018 - what it looks at is the test
    assert desk.shown.hash() == before


def test_the_outflow_is_what_traded_there(desk: Slow) -> None:
    desk.now = desk.now // (30 * SECOND) * 30 * SECOND
    desk.book(("bid", "9.9", 50))
    entry = MDEntry(entry_type="2", action="0", symbol="AAPL", price=fixed("10"), size=14 * SCALE)
    for _ in range(2):
        desk.now += 30 * SECOND
        desk.hear("ALPHA", MarketDataIncremental(entries=(entry,)))
    desk.now += 30 * SECOND
    assert desk.score()[4] == (7 * SCALE, 7 * SCALE)


def test_a_venue_says_why_it_is_shut(desk: Slow) -> None:
    desk.down("ALPHA")
    assert desk.alpha.shut == "session ALPHA is down: cut"


# -- laws ----------------------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.integers(0, MILLION), st.integers(0, MILLION))
def test_a_blended_rate_lies_between_what_was_shown_and_believed(
    orders: int, rate: int, prior: int
) -> None:
    assert min(rate, prior) <= blended(orders, rate, prior) <= max(rate, prior)


def test_half_of_it_is_left_after_a_half_life(desk: Slow) -> None:
    for _ in range(4):
        whole(desk)
        posted_and_cancelled(desk)
        rejected(desk)
    before = desk.alpha
    desk.now += HOUR
    after = desk.alpha
    assert (after.orders, after.rejected) == (before.orders // 2, before.rejected // 2)
    assert shares(after) == (200, 200, 80, 200)
    assert after.ack_p50_ns == before.ack_p50_ns


STORIES = st.lists(
    st.tuples(st.sampled_from([c[0] for c in CASES if c[0] is not never_left]), st.integers(0, 90)),
    max_size=25,
)


def day(stories: list[tuple[Story, int]], *, twice: bool = False) -> Slow:
    """The stories, one after the other; each report ``twice`` as a broker may send it."""

    class Told(Slow):
        def hear_text(self, session: str, body: str) -> list[Output]:
            out = super().hear_text(session, body)
            if twice and body.startswith("35=8\x01"):
                super().hear_text(session, body)
            return out

    desk = Told()
    for story, minutes in stories:
        desk.now += minutes * 60 * SECOND
        story(desk)
    return desk


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_a_report_that_comes_twice_counts_once(
    stories: list[tuple[Story, int]],
) -> None:
    once, twice = day(stories), day(stories, twice=True)
    assert twice.engine.state.scores.facts() == once.engine.state.scores.facts()


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_a_replay_comes_to_the_same_scorecards(
    stories: list[tuple[Story, int]],
) -> None:
    desk, again = day(stories), Engine()
    for now, value in desk.log:
        again.step(now, value)
    assert again.state.scores.facts() == desk.engine.state.scores.facts()
    assert again.shown(desk.now).hash() == desk.shown.hash()


@pytest.mark.skipif(leg() == COMPILED, reason=WHOLE_JOURNAL)
@settings(max_examples=20, deadline=None)
@given(STORIES, st.integers(0, 100))
def test_an_engine_goes_on_from_a_snapshot_as_if_it_had_not_stopped(
    stories: list[tuple[Story, int]], percent: int
) -> None:
    desk, again = day(stories), Engine()
    cut = max(1, len(desk.log) * percent // 100)
    for now, value in desk.log[:cut]:
        again.step(now, value)
    state, kept = thaw(*freeze(again.state)), again.state.book.orders
    state.book.orders.shelf, state.book.orders.marks = kept.shelf, kept.marks
    state.restored()
    again = Engine.resumed(state)
    for now, value in desk.log[cut:]:
        again.step(now, value)
    assert again.state.scores.facts() == desk.engine.state.scores.facts()


@settings(max_examples=25, deadline=None)
@given(STORIES, st.integers(0, 3))
def test_packing_what_has_closed_changes_nothing(
    stories: list[tuple[Story, int]], every: int
) -> None:
    desk, again = day(stories), Engine()
    for n, (now, value) in enumerate(desk.log):
        again.step(now, value)
        if n % (every + 1) == 0:
            again.pack(now, after_ns=0)
    assert again.state.scores.facts() == desk.engine.state.scores.facts()


@settings(max_examples=25, deadline=None)
@given(STORIES)
def test_who_asks_often_is_told_the_same(stories: list[tuple[Story, int]]) -> None:
    desk, again = day(stories), Engine()
    for now, value in desk.log:
        again.step(now, value)
        again.state.scores.score_of("ALPHA", "AAPL", now)
    assert again.state.scores.score_of("ALPHA", "AAPL", desk.now) == desk.score()
    assert again.state.scores.facts() == desk.engine.state.scores.facts()


def test_without_a_half_life_stated_nothing_counts() -> None:
    plain = plain_settings(engine={"default_account": "DESK"})
    desk = Slow(plain)
    whole(desk)
    assert (desk.alpha.orders, desk.engine.state.scores.facts()) == (0, (False,))


def test_the_first_start_that_states_one_begins_with_nothing() -> None:
    desk = Slow(plain_settings(engine={"default_account": "DESK"}))
    whole(desk)
    desk.settings = plain_settings()
    desk.start(2)
    fresh = Slow(plain_settings())
    fresh.now = desk.now
    assert desk.alpha.orders == 0
    assert desk.engine.state.scores.age_at(desk.now) == 0


def test_a_start_that_states_none_forgets_all() -> None:
    desk = Slow(plain_settings())
    whole(desk)
    desk.settings = plain_settings(engine={"default_account": "DESK"})
    desk.start(2)
    assert desk.engine.state.scores.facts() == (False,)


# -- dark venues -----------------------------------------------------------------------------------

UNIT = 10 * SCALE


def dark_desk() -> Slow:
    """ALPHA shows nothing, and a policy counts in tens."""
    plain = plain_settings(policies={"hidden": {"kind": "dark", "dark_unit": "10"}})
    plain["venues"]["ALPHA"]["dark"] = True
    return Slow(plain)


def believed(*orders: tuple[int, int]) -> tuple[int, ...]:
    belief = DarkBelief()
    for sent, filled in orders:
        belief.observed(sent, filled)
    return belief.tail()


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (whole, [(10, 10)]),
        (part, [(10, 4)]),
        (nothing, [(10, 0)]),
        (rejected, []),
        (posted_and_cancelled, []),
    ],
)
def test_a_dark_venue_is_believed_by_what_took_there(
    story: Story, expected: list[tuple[int, int]]
) -> None:
    desk = dark_desk()
    for _ in range(KNOWN):
        story(desk)
    told = desk.engine.state.scores.dark_of("ALPHA", "AAPL", True, UNIT)
    assert told == believed(*expected * KNOWN)


def test_each_side_of_a_dark_venue_is_its_own() -> None:
    desk = dark_desk()
    for _ in range(KNOWN):
        nothing(desk)
    scores = desk.engine.state.scores
    assert scores.dark_of("ALPHA", "AAPL", False, UNIT) == believed()
    assert scores.dark_of("ALPHA", "AAPL", True, UNIT) != believed()


def test_a_unit_that_no_policy_counts_in_is_not_counted() -> None:
    desk = dark_desk()
    whole(desk)
    assert desk.engine.state.scores.dark_of("ALPHA", "AAPL", True, 7 * SCALE) == believed()


def test_a_venue_that_shows_its_book_is_not_believed(desk: Slow) -> None:
    whole(desk)
    assert desk.engine.state.scores.dark_of("ALPHA", "AAPL", True, 100 * SCALE) == believed()


def test_what_is_believed_of_a_dark_venue_fades_by_halves() -> None:
    desk = dark_desk()
    for _ in range(2 * KNOWN):
        part(desk)
    desk.now += HOUR
    part(desk)
    expected = DarkBelief()
    for _ in range(2 * KNOWN):
        expected.observed(10, 4)
    expected.faded()
    expected.observed(10, 4)
    assert desk.engine.state.scores.dark_of("ALPHA", "AAPL", True, UNIT) == expected.tail()


def test_a_decision_sees_the_scorecards(desk: Slow) -> None:
    for _ in range(PRIOR_ORDERS):
        nothing(desk)
        rejected(desk)
    desk.book(("bid", "9.9", 50), ("offer", "10", 50))
    parent = NewParent(
        by="tom",
        ref="P",
        symbol="AAPL",
        side="1",
        order_qty=50 * SCALE,
        account="DESK",
        policy="sweep",
        price=10 * SCALE,
        routed=True,
    )
    (decided,) = [o for o in desk.give(parent) if isinstance(o, Decided)]
    seen = decided.decision.view.venues[0]
    assert (seen.fill_rate, seen.post_rate, seen.reject_rate, seen.ack_ns) == desk.score()[:4]
    assert seen.fill_rate < MILLION
